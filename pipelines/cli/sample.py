"""`sanxing sample`: a synthetic province."""

from __future__ import annotations

from pathlib import Path

import click

from expectations import Period, load_catalogue
from pipelines.cli.terminal import counting, fail, say
from pipelines.system_errors import about


@click.command(name="sample", help="生成示例省：名册、填好的报表和预设的问题清单（示例数据，均为虚构）。")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="文件夹")
@click.option("--units", default=120, show_default=True, help="报送单位数")
@click.option("--periods", default="2024Q1:2025Q4", show_default=True, help="报告期范围，首:末")
@click.option("--seed", default=1, show_default=True, help="随机种子；相同的参数生成相同的文件")
@click.option("--without-faults", is_flag=True, help="不设差错和疑点（薄弱支部、变化中的单位和示范单位照常）")
def sample(folder: Path, units: int, periods: str, seed: int, without_faults: bool) -> int:
    """Make the sample and say what is in it."""
    first, _, last = periods.partition(":")
    try:
        return make(
            folder,
            units,
            Period.parse(first),
            Period.parse(last or first),
            seed,
            with_faults=not without_faults,
        )
    except ValueError as error:
        return fail(str(error))


def make(
    folder: Path, units: int, first: Period, last: Period, seed: int, *, with_faults: bool = True
) -> int:
    """Make the sample with a bar, and print its summary. Raises ValueError, in Chinese, for arguments that cannot be used."""
    from pipelines.sample.make import make_sample

    with about(folder), counting("生成示例数据") as progress:
        summary = make_sample(
            folder, units, first, last, seed, load_catalogue(), progress, with_faults=with_faults
        )
    for line in summary.lines_zh():
        say(line)
    return 0


COMMANDS = (sample,)
