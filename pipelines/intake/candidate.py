"""One file on its way in: its name relative to what was given, its bytes, and whether a name can be a submission's at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

REGISTRY_FILE = "registry/units.csv"
RECEIPTS_FILE = "receipts.csv"
_NOT_SUBMISSIONS = {".txt", ".md", ".json", ".db", ".ini", ".lnk"}
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Candidate:
    """A file: its name, and its bytes (None where it was not taken, with the reason in Chinese).

    skipped: it is nobody's submission by its kind, and only told.
    """

    name: str
    content: bytes | None
    problem: str | None = None
    skipped: bool = False

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


def is_system_file(name: str) -> bool:
    """What systems and office programs leave about, hidden files and lock files, and our own tables: nobody asks after it."""
    path = PurePosixPath(name)
    hidden = any(
        part.startswith((".", "~$", "__MACOSX")) and not part.startswith("..") for part in path.parts
    )
    return hidden or path.name.lower() in _SYSTEM_FILES or name in (REGISTRY_FILE, RECEIPTS_FILE)


def can_be_submission(name: str) -> bool:
    """Notes, data of programs and shortcuts are no submissions."""
    return PurePosixPath(name).suffix.lower() not in _NOT_SUBMISSIONS
