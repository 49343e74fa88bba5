"""Which version of the program this is: what was derived by another one is derived again."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_PROGRAM = Path(__file__).resolve().parent


@cache
def program_digest() -> str:
    """A hash of the code and SQL that derive the marts."""
    files = [
        *_PROGRAM.rglob("*.py"),
        *_PROGRAM.rglob("*.sql"),
        *(_PROGRAM.parent / "expectations").rglob("*.py"),
    ]
    lines = (
        f"{path.relative_to(_PROGRAM.parent).as_posix()}\x1f{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(files)
    )
    return hashlib.sha256("\x1e".join(lines).encode("utf-8")).hexdigest()
