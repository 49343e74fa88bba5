"""What a path holds: a file, the files of a folder, or those of a zip, one after another, each within its bounds."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from pipelines.intake.bounds import COMPRESSIONS, LARGEST_FILE

REGISTRY_FILE = "registry/units.csv"
RECEIPTS_FILE = "receipts.csv"
_NOT_SUBMISSIONS = {".txt", ".md", ".json", ".db", ".ini", ".lnk"}
MOST_FILES_IN_ZIP = 20_000
LARGEST_ZIP = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A candidate: its name relative to what was given, and its bytes (None where it was not taken, with the reason)."""

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


def expand(path: Path) -> Iterator[Source]:
    """All candidates in a file, folder or zip, in the order of their names. A missing path is a candidate with a problem."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            name = _readable(file.relative_to(path).as_posix())
            if file.is_file() and not file.is_symlink() and _is_candidate(name):
                yield _read_file(file, name)
    elif not path.is_file():
        yield Source(path.name or str(path), None, "没有这个文件或文件夹")
    elif path.suffix.lower() == ".zip":
        yield from _expand_zip(path)
    else:
        yield _read_file(path, _readable(path.name))


def _readable(name: str) -> str:
    """A file name as text; one that is not UTF-8 was most likely written as GBK."""
    return name.encode("utf-8", "surrogateescape").decode(
        "utf-8" if name.isprintable() else "gb18030", "replace"
    )


def _is_candidate(name: str) -> bool:
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


def _read_file(file: Path, name: str) -> Source:
    try:
        if file.stat().st_size > LARGEST_FILE:
            return Source(name, None, f"文件大于{LARGEST_FILE // 1024 // 1024}MB，未接收")
        return Source(name, file.read_bytes())
    except OSError as error:
        return Source(name, None, f"文件无法读取（{error.strerror}）")


def _expand_zip(path: Path) -> Iterator[Source]:
    """The files of a zip; nothing is written to disk, so a path inside it cannot lead anywhere."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = [
                entry
                for entry in package.infolist()
                if not entry.is_dir() and _is_candidate(_entry_name(entry))
            ]
            if len(entries) > MOST_FILES_IN_ZIP or sum(entry.file_size for entry in entries) > LARGEST_ZIP:
                yield Source(path.name, None, "压缩包内文件过多或过大，未接收；请分批报送")
                return
            for entry in sorted(entries, key=_entry_name):
                yield _read_entry(package, entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        yield Source(path.name, None, "压缩包已损坏，未接收；请重新打包后报送")


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; Windows writes GBK where the zip does not say UTF-8."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _read_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Source:
    name = _entry_name(entry)
    if entry.compress_type not in COMPRESSIONS:
        return Source(name, None, "压缩包的压缩方式不受支持，未接收；请用普通的.zip格式重新打包")
    try:
        with package.open(entry) as part:
            content = io.BytesIO(part.read(LARGEST_FILE + 1)).getvalue()
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        return Source(name, None, "压缩包内的这个文件已损坏或已加密，未接收")
    if len(content) > LARGEST_FILE:
        return Source(name, None, f"文件大于{LARGEST_FILE // 1024 // 1024}MB，未接收")
    return Source(name, content)
