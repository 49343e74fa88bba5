"""Files that a command was asked for: whole or not at all, also on a full disk."""

from __future__ import annotations

from pathlib import Path


def write_output(path: Path, content: bytes) -> None:
    """Write the file, and make its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
