"""`sanxing docs`: Great Expectations' Data Docs of the periods, built where they are not current."""

from __future__ import annotations

import click

from expectations import Period, load_catalogue
from pipelines.cli.terminal import PERIOD, fail, say, stages
from pipelines.settings import Settings


@click.command(
    name="docs", help="生成各报告期的校验文档（Great Expectations Data Docs）；已是最新的不再生成。"
)
@click.option("--period", type=PERIOD, metavar="报告期", help="只生成这一个报告期的，例如 2025Q3")
def docs(period: Period | None) -> int:
    """Build the documents of one period or all, and say where they are."""
    from pipelines.data_docs.build import build_docs, documented_periods
    from pipelines.marts.published import PublishedRun, from_published

    settings, catalogue = Settings(), load_catalogue()
    known = from_published(settings.marts, documented_periods)
    if period is not None and str(period) not in known:
        return fail(f"{period}没有可用于计算的报送，没有可以生成的校验文档。")
    wanted = known if period is None else [str(period)]

    def build(run: PublishedRun) -> list[str]:
        with stages("校验文档") as report:
            return build_docs(run, catalogue, settings.data_docs, wanted, report)

    built = from_published(settings.marts, build)
    say(f"已生成{'、'.join(built)}的校验文档。" if built else "校验文档已是最新的，没有重新生成。")
    say(f"文档在 {settings.data_docs}，也可在看板的“数据质量”页打开。")
    return 0


COMMANDS = (docs,)
