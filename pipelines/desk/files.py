"""A file that came from a browser: its name is a word to be shown and kept in its receipt, never a path."""

from __future__ import annotations

from pathlib import PurePosixPath

from pipelines.intake.bounds import LARGEST_FILE
from pipelines.intake.candidate import Candidate
from pipelines.visible import file_name

_LONGEST_NAME = 120
MEGABYTES = LARGEST_FILE // 1024 // 1024


def client_name(name: str) -> str:
    """The last part of the name that a browser gives, visible and bounded; its ending is kept."""
    own = PurePosixPath(file_name(name).replace("\\", "/")).name.strip(" .") or "报表.xlsx"
    suffix = PurePosixPath(own).suffix[:8]
    return own if len(own) <= _LONGEST_NAME else own[: _LONGEST_NAME - len(suffix)] + suffix


def as_candidate(name: str, content: bytes) -> Candidate:
    """The file as intake takes it; without its bytes where it is larger than any submission."""
    if len(content) > LARGEST_FILE:
        return Candidate(name, None, f"文件大于{MEGABYTES}MB，未接收")
    return Candidate(name, content)
