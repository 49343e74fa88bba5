"""`sanxing trace` and `diff`: where a number comes from, and what a version changed."""

from __future__ import annotations

import click

from expectations import Period
from pipelines.cli.terminal import PERIOD, say, say_json
from pipelines.settings import Settings


@click.command(name="trace", help="一个指标的数值从哪些文件的哪些单元格来。单位可以是单位代码或支部代码。")
@click.argument("unit", metavar="单位")
@click.argument("period", type=PERIOD, metavar="报告期")
@click.argument("indicator", metavar="指标")
@click.option("--json", "as_json", is_flag=True, help="以JSON输出")
def trace(unit: str, period: Period, indicator: str, as_json: bool) -> int:
    """Print the number, how it is made and judged, and each answer with its address; why, where there is no number."""
    from pipelines.exports.labels import Labels
    from pipelines.exports.trace import trace_json, trace_lines
    from pipelines.marts.behind import trace as follow
    from pipelines.marts.published import from_published

    found, labels = from_published(
        Settings().marts, lambda run: (follow(run, unit, str(period), indicator), Labels.of(run))
    )
    if as_json:
        say_json(trace_json(found, labels))
        return 0
    for line in trace_lines(found, labels):
        say(line)
    return 0


@click.command(name="diff", help="一个单位某报告期的两版报送有哪些差别，逐格列出；不指定版本时比较最近两版。")
@click.argument("unit", metavar="单位")
@click.argument("period", type=PERIOD, metavar="报告期")
@click.option("--from", "first", type=int, metavar="版本", help="从第几版")
@click.option("--to", "last", type=int, metavar="版本", help="到第几版")
@click.option("--json", "as_json", is_flag=True, help="以JSON输出")
def diff(unit: str, period: Period, first: int | None, last: int | None, as_json: bool) -> int:
    """Print the versions and what differs between two of them."""
    from pipelines.exports import versions
    from pipelines.exports.labels import Labels
    from pipelines.marts.published import from_published
    from pipelines.marts.versions import compare

    comparison, labels = from_published(
        Settings().marts, lambda run: (compare(run, unit, str(period), first, last), Labels.of(run))
    )
    if as_json:
        say_json(versions.as_data(comparison))
        return 0
    for line in versions.lines(comparison, labels):
        say(line)
    return 0


COMMANDS = (trace, diff)
