"""`sanxing template`, `check` and `receive`: a workbook out, a workbook looked at, workbooks in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from expectations import Period, load_catalogue
from pipelines.cli.terminal import PERIOD, fail, say, stages
from pipelines.settings import Settings


@click.command(name="template", help="生成一个单位某报告期的报表，已知内容均已预填。")
@click.option("--unit", required=True, metavar="代码", help="单位代码")
@click.option("--period", required=True, type=PERIOD, metavar="报告期", help="例如 2025Q4")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="文件",
    help="保存为哪个.xlsx文件",
)
def template(unit: str, period: Period, output: Path) -> int:
    """Write the workbook; refuse a unit that does not report in the period."""
    from pipelines.marts.accepted import last_accepted_answers
    from pipelines.store.registry import RegistryStore
    from pipelines.workbook.prefill import prefilled_form
    from pipelines.workbook.write import write_workbook

    settings, catalogue = Settings(), load_catalogue()
    registry = RegistryStore(settings.raw).current(catalogue)
    entry = registry.unit(unit)
    if entry is None:
        return fail(f"名册中没有代码为“{unit}”的单位。请核对单位代码。")
    if not entry.holds_in(period) or period not in catalogue.calendar.periods:
        return fail(f"{entry.name}在{period.label_zh}不需报送。请核对报告期。")
    branches = tuple(registry.branches_of(unit, period))
    previous = last_accepted_answers(settings.marts, unit, period)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(prefilled_form(entry, period, branches, catalogue, previous), catalogue, output)
    say(f"已生成{entry.name}{period.label_zh}的报表：{output}")
    return 0


@click.command(name="receive", help="接收报表：文件、文件夹或.zip压缩包。同一文件只收一次，原件永不改动。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="路径...")
def receive(paths: tuple[Path, ...]) -> int:
    """Put files into data/raw; exit 1 where something was not taken."""
    from pipelines.intake.receive import ReceiptSummary
    from pipelines.intake.receive import receive as receive_path

    settings, catalogue = Settings(), load_catalogue()
    total = ReceiptSummary()
    with stages("接收") as report:
        for path in paths:
            summary = receive_path(path, settings.raw, catalogue, datetime.now(UTC), report)
            total.counts += summary.counts
            total.registry_taken |= summary.registry_taken
            total.problems += summary.problems
            total.unidentified += summary.unidentified
            total.withheld += summary.withheld
            total.late += summary.late
    counts = total.counts
    say(
        f"新收到{counts['received'] + counts['unidentified']}个文件，已有{counts['already']}个，未接收{counts['not_taken'] + counts['withheld']}个。"
        + ("名册已更新。" if total.registry_taken else "")
    )
    for name in total.unidentified:
        say(f"  {name}：看不出单位或报告期，已留存，原因见运行后的“数据质量”页。")
    for name, reason in (*total.late, *total.problems, *total.withheld):
        say(f"  {name}：{reason}。")
    return 1 if total.problems or total.withheld else 0


@click.command(name="check", help="检查报表，给出与系统相同的问题清单，不保存任何内容。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@click.option("--json", "as_json", is_flag=True, help="以JSON输出")
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Exit 0 clean, 1 findings that block, 2 not readable as a submission."""
    from pipelines.check import check_file

    settings, catalogue = Settings(), load_catalogue()
    checked = [check_file(file, settings, catalogue) for file in files]
    if as_json:
        click.echo(json.dumps([result.as_json() for result in checked], ensure_ascii=False, indent=1))
    else:
        for result in checked:
            for line in result.lines_zh():
                say(line)
    return max(result.status for result in checked)


COMMANDS = (template, check, receive)
