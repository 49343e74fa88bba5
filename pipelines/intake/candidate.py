"""One file on its way in: its name relative to what was given, its bytes, and whether a name can be a submission's at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

REGISTRY_FILE = "registry/units.csv"
RECEIPTS_FILE = "receipts.csv"
_NOT_SUBMISSIONS = {".txt", ".md", ".json", ".db", ".ini", ".lnk"}


@dataclass(frozen=True)
class Candidate:
    """A file: its name, and its bytes (None where it was not taken, with the reason in Chinese)."""

    name: str
    content: bytes | None
    problem: str | None = None

    @cached_property
    def sha256(self) -> str:
        """The hash of the bytes, which is the submission's identity."""
        return hashlib.sha256(self.content or b"").hexdigest()

    @property
    def suffix(self) -> str:
        """The file's ending in lower case, safe to stand in a name."""
        suffix = PurePosixPath(self.name).suffix.lower()
        return (
            suffix
            if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 6 and suffix != ".part"
            else ".bin"
        )


def can_be_submission(name: str) -> bool:
    """Hidden files, lock files of office programs, notes and our own tables are no submissions."""
    path = PurePosixPath(name)
    hidden = any(
        part.startswith((".", "~$", "__MACOSX")) and not part.startswith("..") for part in path.parts
    )
    return (
        not hidden
        and path.suffix.lower() not in _NOT_SUBMISSIONS
        and name not in (REGISTRY_FILE, RECEIPTS_FILE)
    )
