"""Files that a command was asked for: whole or not at all, also on a full disk."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipelines.failures import UserMistake
from pipelines.system_errors import reason_zh


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
