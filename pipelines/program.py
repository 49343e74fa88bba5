"""Which version of the program this is: what was derived by another one is derived again."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from expectations import Catalogue
from pipelines.registry.model import Registry

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


def reader_key(catalogue: Catalogue, registry: Registry) -> str:
    """Changes where the same file could be read differently: a hash of program, catalogue and registry."""
    parts = (program_digest(), catalogue.sha256, registry.sha256)
    return hashlib.sha256("\x1e".join(parts).encode("utf-8")).hexdigest()
