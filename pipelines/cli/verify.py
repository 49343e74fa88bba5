"""`sanxing verify`: whether a list of model units still follows from the data."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.terminal import say
from pipelines.settings import Settings


@click.command(
    name="verify",
    help="核对导出的示范点名单（.xlsx、.docx、.csv，也包括试算名单）与现有数据是否一致。退出状态：0 名单成立，1 不同，2 不是本系统导出的名单，3 未能全部核对。",
)
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path), metavar="文件"
)
def verify(file: Path) -> int:
    """Print the verdict and what it rests on."""
    from pipelines.marts.published import from_published
    from pipelines.verification.verify import verify as judged

    verdict = from_published(Settings().marts, lambda run: judged(file, run))
    say(verdict.headline)
    for detail in verdict.details:
        say(f"  {detail}")
    return verdict.status


COMMANDS = (verify,)
