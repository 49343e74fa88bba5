"""`sanxing template`, `receive`, `check` and `return`: a workbook out, workbooks in, looked at, and back with their findings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expectations import Catalogue, Period, load_catalogue
from pipelines.cli.output import output_option, write_output
from pipelines.cli.terminal import PERIOD, say, say_json, stages
from pipelines.settings import Settings
from pipelines.system_errors import about
from pipelines.visible import file_name

if TYPE_CHECKING:
    from pipelines.intake.receive import ReceiptSummary
    from pipelines.intake.refusal import Refusal
    from pipelines.returned.give_back import GivenBack


_MOST_SKIPPED = 10


@click.command(name="template", help="生成一个单位某报告期的报表，已知内容均已预填。")
@click.option("--unit", required=True, metavar="代码", help="单位代码")
@click.option("--period", required=True, type=PERIOD, metavar="报告期", help="例如 2025Q4")
@output_option("保存为哪个.xlsx文件")
def template(unit: str, period: Period, output: Path) -> int:
    """Write the workbook; refuse a unit that does not report in the period."""
    from pipelines.desk.form import prefilled_workbook

    entry, content = prefilled_workbook(Settings(), load_catalogue(), unit, period)
    write_output(output, content)
    say(f"已生成{entry.name}{period.label_zh}的报表：{output}")
    return 0


@click.command(name="receive", help="接收报表：文件、文件夹或.zip压缩包。同一文件只收一次，原件永不改动。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="路径...")
def receive(paths: tuple[Path, ...]) -> int:
    """Put files into data/raw; exit 1 where a file was not taken, or was kept and cannot count."""
    from pipelines.handover import hand_over
    from pipelines.intake.receive import ReceiptSummary
    from pipelines.intake.receive import receive as receive_path

    settings, catalogue = Settings(), load_catalogue()
    # One delivery, whatever it is made of.
    total, now = ReceiptSummary(), datetime.now(UTC)
    try:
        with about(settings.data), stages("接收") as report:
            for path in paths:
                receive_path(
                    path,
                    settings.raw,
                    catalogue,
                    now,
                    report,
                    lambda registry: hand_over(settings.handover, catalogue, registry),
                    total,
                )
    except BaseException:
        if total.counts or total.registry_taken:
            say("接收没有完成，以下已经收到；其余请在排除原因后重新接收，已收到的不会重复。")
            _say_received(total, catalogue)
        raise
    _say_received(total, catalogue)
    return 1 if _told(total) or total.unidentified else 0


def _say_received(total: ReceiptSummary, catalogue: Catalogue) -> None:
    counts = total.counts
    say(
        f"新收到{counts['received'] + counts['unidentified']}个文件，已有{counts['already']}个，未接收{counts['not_taken'] + counts['withheld']}个。"
        + ("名册已更新。" if total.registry_taken else "")
    )
    for name, refusal in total.unidentified:
        say(f"  {name}：{_unidentified(refusal, catalogue)}")
    for name, reason in _told(total):
        say(f"  {name}：{reason}。")
    if total.skipped:
        more = "等" if len(total.skipped) > _MOST_SKIPPED else ""
        named = "、".join(total.skipped[:_MOST_SKIPPED])
        say(f"略过{len(total.skipped)}个文件（说明、快捷方式、链接等，不作为报表接收）：{named}{more}。")


def _told(total: ReceiptSummary) -> list[tuple[str, str]]:
    """Files and what their sender should know of them."""
    return [*total.together, *total.outdated, *total.late, *total.problems, *total.withheld]


def _unidentified(refusal: Refusal | None, catalogue: Catalogue) -> str:
    from pipelines.validation.sentences import message

    if refusal is None:
        return "看不出单位或报告期，已留存，不计入。请核对封面后重新报送。"
    rule = catalogue.rule[refusal.rule]
    return message(rule, None, None, None, refusal.sheet, refusal.cell, refusal.found, None)


@click.command(name="check", help="检查报表，给出与系统相同的问题清单，不保存任何内容。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@click.option("--json", "as_json", is_flag=True, help="以JSON输出")
@click.option(
    "--annotate",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="文件夹",
    help="把标明问题的报表写到这个文件夹，原文件不变",
)
def check(files: tuple[Path, ...], as_json: bool, annotate: Path | None) -> int:
    """Exit 0 clean, 1 findings that block, 2 not readable as a submission."""
    from pipelines.check import annotate as annotate_files
    from pipelines.check import check_file

    settings, catalogue = Settings(), load_catalogue()
    checked = [check_file(file, settings, catalogue) for file in files]
    given = annotate_files(checked, annotate, settings, catalogue) if annotate is not None else {}
    if as_json:
        shown = [result.as_json() for result in checked]
        for result, entry in zip(checked, shown, strict=True) if annotate is not None else ():
            back = given.get(result.file)
            entry["returned"] = file_name(str(back.path)) if back and back.path else None
            entry["not_returned"] = back.reason if back else None
        say_json(shown)
    else:
        for result in checked:
            for line in result.lines_zh():
                say(line)
            if result.file in given:
                say(f"  {_said(given[result.file])}")
    return max(result.status for result in checked)


@click.command(name="return", help="把一个报告期已收报表的问题退给报送单位：原表上标明每处问题，附问题清单。")
@click.argument("period", type=PERIOD, metavar="报告期")
@click.option("--unit", "units", multiple=True, metavar="代码", help="只退这些单位；可重复")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="文件夹",
    help="写到哪个文件夹",
)
def give_back(period: Period, units: tuple[str, ...], output: Path) -> int:
    """Exit 1 where something could not be given back."""
    from pipelines.marts.lookup import period_row
    from pipelines.marts.published import PublishedRun, from_published
    from pipelines.returned.fresh import Known
    from pipelines.returned.give_back import give_back as give_files_back
    from pipelines.returned.stored import Stored, of_no_unit, stored_cases
    from pipelines.store.registry import RegistryStore

    settings, catalogue = Settings(), load_catalogue()
    known = Known(catalogue, RegistryStore(settings.raw).current(catalogue), settings.marts)

    def asked(run: PublishedRun) -> tuple[Stored, list[tuple[str, str]]]:
        period_row(run, str(period))
        return stored_cases(run, settings.raw, str(period), units), of_no_unit(run, str(period), units)

    stored, strays = from_published(settings.marts, asked)
    done, failed = 0, len(stored.missing)
    for unit in stored.missing:
        say(f"  {unit}：{period}没有收到这个单位的报表。")
    for given in give_files_back(stored.cases, output, known):
        done += given.path is not None
        failed += given.path is None
        say(f"  {given.case.unit_code}：{_said(given)}")
    say(
        f"{period}：已生成{done}份问题清单，{failed}份未能生成。"
        if done or failed
        else f"{period}：没有需要退回的报表。"
    )
    if strays:
        say(f"另有{len(strays)}个文件未能受理，看不出属于哪个单位或报告期，不能退回，请与报送单位核对：")
    for file, reason in strays:
        say(f"  {file}：{reason}")
    return 1 if failed else 0


def _said(given: GivenBack) -> str:
    return f"{given.reason}。" if given.path is None else f"已标明问题：{file_name(str(given.path))}"


COMMANDS = (template, check, receive, give_back)
