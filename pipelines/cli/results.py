"""`sanxing run` and `shortlist`: everything that is due, and the list that comes of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expectations import Period, load_catalogue
from expectations.period import FIRST_YEAR, LAST_YEAR
from pipelines.cli.output import output_option, write_output
from pipelines.cli.terminal import PERIOD, fail, require_period, say, stages, table
from pipelines.labels import ENUMERATIONS
from pipelines.settings import Settings
from pipelines.system_errors import about

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from pipelines.marts.published import PublishedRun
    from pipelines.run import RunSummary
    from pipelines.selection.trial import Trial


@click.command(name="run", help="处理所有应处理的内容：读取、校验、计算、发布。没有新内容时什么也不做。")
@click.option("--period", type=PERIOD, metavar="报告期", help="从这个报告期起重新处理，例如 2025Q3")
def run(period: Period | None) -> int:
    """Run what is due and print the summary."""
    require_period(period, load_catalogue().calendar)
    run_and_report(Settings(), str(period) if period else None)
    return 0


def run_and_report(settings: Settings, only: str | None = None) -> RunSummary:
    """Run what is due with progress on screen, and say what came of it."""
    from pipelines.run import run_due

    with stages("处理") as report:
        summary = run_due(settings, load_catalogue(), report, only)
    if not summary.periods:
        say("没有需要处理的新内容，已发布的结果是最新的。")
    else:
        say(f"已处理{summary.periods[0]}至{summary.periods[-1]}，共{len(summary.periods)}个报告期。")
    rows = [
        ("报送文件", *_counts(summary.states, "state")),
        ("发现问题", *_counts(summary.severities, "severity")),
        ("预警", *_counts(summary.flags, "flag_kind")),
    ]
    table("结果", ["内容", "数量", "其中"], rows)
    if summary.docs_failure:
        say(f"结果已发布，但校验文档没有生成：{summary.docs_failure}。可稍后运行 sanxing docs 重新生成。")
    say(f"结果在 {settings.marts}，用 sanxing dashboard 打开页面查看。")
    return summary


def _counts(counts: dict[str, int], enumeration: str) -> tuple[int, str]:
    parts = [f"{zh}{counts[code]}" for code, zh, _ in ENUMERATIONS[enumeration] if counts.get(code)]
    return sum(counts.values()), "、".join(parts)


@click.command(
    name="shortlist",
    help="导出某年的示范点名单，附理由；用 --what-if 试算改动权重、名额、条件后的结果，正式名单不变。",
)
@click.option("--year", required=True, type=click.IntRange(FIRST_YEAR, LAST_YEAR), metavar="年份")
@click.option(
    "--what-if",
    "what_if",
    multiple=True,
    metavar="项目=数值",
    help="试算：weights.learning=0.4（或40%）、quotas.school=20、gates.coverage=0.8、gates.late_quarters=1、most_per_city=4 等，可写多次",
)
@output_option(".xlsx、.docx 或 .csv；试算时可以不写，写了则文件名以“试算_”开头", required=False)
def shortlist(year: int, what_if: tuple[str, ...], output: Path | None) -> int:
    """Write the list in the form that the file's ending names, or print what a trial changes."""
    from pipelines.exports.list_files import WRITERS, list_files
    from pipelines.marts.published import from_published

    if output is None and not what_if:
        return fail("请用 -o 写明名单保存为哪个文件，例如 -o 名单.xlsx；或用 --what-if 试算。")
    ending = output.suffix.lower() if output is not None else None
    if output is not None and ending not in WRITERS:
        return fail(f"不能导出为“{output.suffix or output.name}”。请用 .xlsx、.docx 或 .csv 结尾的文件名。")

    def written(run: PublishedRun) -> dict[str, bytes]:
        if output is None or ending is None:
            return {}
        with about(output):  # sheets are streamed through files of their own
            return list_files(run, year, ending)

    if what_if:
        return _trial(year, what_if, output, written)
    content = from_published(Settings().marts, written)
    if output is not None:
        _write_list(output, content)
        say(f"{year}年示范点名单已导出：{output}")
    return 0


def _write_list(output: Path, content: dict[str, bytes]) -> None:
    """Write the list, and beside it what has no room inside."""
    for added, part in content.items():
        write_output(output.with_name(output.name + added), part)


def _trial(
    year: int,
    what_if: tuple[str, ...],
    output: Path | None,
    written: Callable[[PublishedRun], dict[str, bytes]],
) -> int:
    """Print who comes in and goes out under changed rules, and why; write the trial's list where asked."""
    from pipelines.exports.labels import Labels
    from pipelines.marts.published import from_published
    from pipelines.selection.trial import moved_zh, try_out
    from pipelines.selection.what_if import parse_changes

    changes = parse_changes(what_if)

    def tried(run: PublishedRun) -> tuple[Trial, Labels, dict[str, bytes]]:
        trial = try_out(run, year, changes)
        return trial, Labels.of(run), written(trial.run)

    trial, labels, content = from_published(Settings().marts, tried)
    say(f"试算：{year}年度示范点名单，正式名单不变。")
    say("改动：" + ("；".join(trial.words) if trial.words else "与现行规定相同") + "。")
    rows = trial.moved.to_dicts()
    for title, comes_in in (("新入选", True), ("不再入选", False)):
        part = [
            (row["unit_code"], row["name"], labels("kind", row["kind"]), row["city"], moved_zh(row))
            for row in rows
            if row["comes_in"] == comes_in
        ]
        if part:
            table(f"{title}（{len(part)}个）", ["单位代码", "单位名称", "类型", "地区", "为什么"], part)
        else:
            say(f"{title}：没有。")
    if output is not None:
        target = output if output.name.startswith("试算") else output.with_name(f"试算_{output.name}")
        _write_list(target, content)
        say(f"试算名单已导出：{target}")
    return 0


@click.command(name="chase", help="导出某报告期的催报单：哪些单位欠什么、自何时起、该向哪个部门催办。")
@click.argument("period", type=PERIOD, metavar="报告期")
@click.option(
    "--office", metavar="代码", help="只列这个部门的：市委教育工委的单位代码，或 province（省委教育工委）"
)
@output_option("保存为哪个.xlsx文件")
def chase(period: Period, office: str | None, output: Path) -> int:
    """Write the chase list; exit 0 also where nobody owes anything, which the file then says."""
    from pipelines.exports.chase import chase_list, locked_zh, write_chase_list
    from pipelines.marts.published import from_published

    if output.suffix.lower() != ".xlsx":
        return fail(f"不能导出为“{output.suffix or output.name}”。请用 .xlsx 结尾的文件名。")

    def listed(run: PublishedRun) -> tuple[bytes, str, str]:
        content = io.BytesIO()
        write_chase_list(run, str(period), content, office)
        found = chase_list(run, str(period))
        reading = (found.of_office(office) if office is not None else found).reading
        return content.getvalue(), reading, locked_zh(found.period)

    content, reading, locked = from_published(Settings().marts, listed)
    write_output(output, content)
    say(reading)
    if locked:
        say(f"{locked}。")
    say(f"催报单已导出：{output}")
    return 0


@click.command(
    name="load",
    help="填报负担（减负）：实际应填、预填、手工填写和改动的格数，以及建议研究取消的指标项。按目录设计应填多少，见 catalogue load。",
)
@click.option("--period", type=PERIOD, metavar="报告期", help="只看这个报告期，例如 2025Q3；不写时列出各期")
def load(period: Period | None) -> int:
    """Print the load as it was, and the questions proposed for removal."""
    from pipelines.exports import load as words
    from pipelines.exports.labels import Labels
    from pipelines.marts.lookup import period_row
    from pipelines.marts.published import from_published

    def asked(run: PublishedRun) -> tuple[pl.DataFrame, pl.DataFrame, int, Labels]:
        if period is not None:
            period_row(run, str(period))
        rows = words.load_rows(run, str(period) if period else None)
        return rows, words.removal_rows(run), run.read("question_use").height, Labels.of(run)

    rows, removal, questions, labels = from_published(Settings().marts, asked)
    if rows.is_empty():
        say(f"{period.label_zh if period is not None else '各期'}没有收到可以采用的报表，没有填报数据。")
        return 0
    table(
        "填报负担（格）",
        list(words.LOAD_HEAD),
        [tuple(words.load_line(row, labels)) for row in rows.to_dicts()],
    )
    say(
        "预填：按现有名册和此前已采用的答案，报表发出时应已填好的格数；改动含改填和清空。每份：一张本级表，或台账中一个支部的一行。"
    )
    if removal.height:
        proposed = [tuple(words.removal_line(row, labels)) for row in removal.to_dicts()]
        table("建议研究取消的指标项", list(words.REMOVAL_HEAD), proposed)
    say(words.removal_reading(removal, questions))
    return 0


COMMANDS = (run, shortlist, chase, load)
