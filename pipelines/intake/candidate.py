"""One file on its way in: its name relative to what was given, its bytes, and whether a name can be a submission's at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from pipelines.intake.person_text import person_in

REGISTRY_FILE = "registry/units.csv"
RECEIPTS_FILE = "receipts.csv"
_NOT_REPEATED = "（{}名含个人信息，未保留）"
_LONGEST_ENDING = 6
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
    def shown(self) -> str:
        """The name as it may be said and kept."""
        return shown_name(self.name)

    @property
    def suffix(self) -> str:
        """The file's ending in lower case, safe to stand in a name."""
        suffix = PurePosixPath(self.name).suffix.lower()
        return (
            suffix
            if suffix[1:].isascii()
            and suffix[1:].isalnum()
            and len(suffix) <= _LONGEST_ENDING
            and suffix != ".part"
            else ".bin"
        )


def shown_name(name: str) -> str:
    """A file's name with its folders; any of them that holds a person's number, or names somebody, is replaced."""
    path = PurePosixPath(name)
    if not any(map(person_in, (*path.parts, path.stem))):
        return name
    folders = (_NOT_REPEATED.format("文件夹") if person_in(part) else part for part in path.parts[:-1])
    is_own = person_in(path.name) or person_in(path.stem)
    ending = path.suffix if len(path.suffix) <= _LONGEST_ENDING else ""
    own = _NOT_REPEATED.format("文件") + ending if is_own else path.name
    return PurePosixPath(*folders, own).as_posix()


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
