"""Files that a command was asked for: whole or not at all, also on a full disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from pipelines.failures import UserMistake
from pipelines.system_errors import reason_zh

F = TypeVar("F", bound=Callable[..., Any])


def output_option(text: str, required: bool = True) -> Callable[[F], F]:
    """`-o FILE`, of a command that writes one file; text: what may be said of it in `--help`."""
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("-o", "--output", required=required, type=kind, metavar="文件", help=text)


def write_output(path: Path, content: bytes) -> None:
    """Write the file, and make its folder. Raises OSError where the system refuses, UserMistake where no file can be there at all."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        error.filename = str(path)
        if reason_zh(error) is None:
            raise UserMistake(f"无法写入 {path}（该位置不能保存文件）。请换一个位置后重试。") from error
        raise
