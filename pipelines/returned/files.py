"""Names of returned workbooks, and writing them: whole or not at all, and never over a file that is there."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from pipelines.workbook.layout import RETURNED_LIST

_LONGEST_STEM = 60
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_EARLIER = re.compile(rf"（{RETURNED_LIST}\d*）$")


def write_returned(content: bytes, folder: Path, name: str, suffix: str, prefix: str = "") -> Path:
    """Write a returned workbook under the sender's name with （问题清单） behind it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = _stem(name, prefix)
    target, number = folder / _named(f"{stem}（{RETURNED_LIST}）{suffix}"), 2
    while target.exists():
        target, number = folder / _named(f"{stem}（{RETURNED_LIST}{number}）{suffix}"), number + 1
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return target


def returned_name(name: str, suffix: str) -> str:
    """What the returned workbook of a file of this name is called where nothing else stands beside it."""
    return f"{_stem(name)}（{RETURNED_LIST}）{suffix}"


def _stem(name: str, prefix: str = "") -> str:
    stem = _EARLIER.sub("", _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).stem))
    stem = stem[:_LONGEST_STEM].strip(" .") or "报表"
    return stem if prefix in stem else f"{prefix}_{stem}"


def _named(name: str) -> str:
    """The name as this system takes it: in UTF-8, also where the locale knows ASCII only."""
    return os.fsdecode(name.encode("utf-8"))
