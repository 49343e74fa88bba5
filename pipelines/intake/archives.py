"""Zips of submissions, and zips inside them: each file as a candidate, in memory and within bounds; nothing is unpacked to disk.

What is a zip is told by its bytes: a workbook is a zip too, and a clerk's zip may be called anything.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipelines.intake.bounds import COMPRESSIONS, LARGEST_FILE
from pipelines.intake.candidate import (
    RECEIPTS_FILE,
    REGISTRY_FILE,
    Candidate,
    can_be_submission,
    is_system_file,
)
from pipelines.visible import visible

MOST_FILES = 20_000
LARGEST_ZIP = 2 * 1024 * 1024 * 1024
LARGEST_INNER_ZIP = 200 * 1024 * 1024
MOST_LEVELS = 2
_LARGEST_DIRECTORY = 16 * 1024 * 1024
_MB = 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What every package of an office program has; mostly it stands first, and then there is no need to list the others.
_OFFICE_ENTRIES = {"[Content_Types].xml", "mimetype"}
_OUTSIDE = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    ValueError,
    NotImplementedError,
    EOFError,
    RuntimeError,
)


@dataclass
class Room:
    """What a zip with all that is in it may still cost."""

    files: int = MOST_FILES
    inflated: int = LARGEST_ZIP


def is_archive(file: Path, content: bytes | None = None) -> bool:
    """Whether a file is a zip of files, and not a document that is stored as one. A broken zip counts by its ending.

    content: the file's bytes, where they have been read.
    """
    if content is not None:
        return _is_archive(content[:64], file.name, io.BytesIO(content))
    with file.open("rb") as stream:
        head = stream.read(64)
    return _is_archive(head, file.name, file)


def unpack(file: Path, name: str, inside: str) -> Iterator[Candidate]:
    """The files of a zip in the order of their names, those of inner zips in their place.

    name: the zip's own, for what is wrong with it as a whole; inside: what stands before the names of its files.
    """
    if file.stat().st_size > LARGEST_ZIP:
        yield Candidate(name, None, f"压缩包大于{LARGEST_ZIP // _MB // 1024}GB，未接收；请分批报送")
        return
    with file.open("rb") as stream:
        yield from _unpacked(stream, name, inside, Room(), 0)


def _is_archive(head: bytes, name: str, source: Path | io.BytesIO) -> bool:
    is_called_zip = PurePosixPath(name).suffix.lower() == ".zip"
    if not head.startswith(_ZIP):
        return is_called_zip
    if head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("latin-1") in _OFFICE_ENTRIES:
        return False
    try:
        with zipfile.ZipFile(source) as package:
            return not _OFFICE_ENTRIES & set(package.namelist())
    except _BROKEN:
        return is_called_zip


def _unpacked(
    stream: io.BufferedReader | io.BytesIO, name: str, inside: str, room: Room, level: int
) -> Iterator[Candidate]:
    try:
        too_many = directory_size(stream) > _LARGEST_DIRECTORY
        with zipfile.ZipFile(stream) as package:
            entries = [] if too_many else [entry for entry in package.infolist() if not entry.is_dir()]
            room.files -= len(entries)
            if too_many or room.files < 0 or sum(entry.file_size for entry in entries) > room.inflated:
                yield Candidate(name, None, "压缩包内文件过多或过大，未接收；请分批报送")
                return
            is_empty = True
            for entry in sorted(entries, key=_entry_name):
                for candidate in _entry(package, entry, inside, room, level):
                    is_empty &= candidate.skipped
                    yield candidate
            if is_empty:
                yield Candidate(name, None, "压缩包里没有可收的文件")
    except _BROKEN:
        yield Candidate(name, None, "压缩包已损坏，未接收；请重新打包后报送")


def _entry(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, inside: str, room: Room, level: int
) -> Iterator[Candidate]:
    own = _entry_name(entry)
    name = inside + own
    if _OUTSIDE.search(own):
        yield Candidate(name, None, "压缩包内的文件名指向压缩包之外，未接收；请重新打包后报送")
    elif stat.S_ISLNK(entry.external_attr >> 16):
        yield Candidate(name, None, "压缩包内是链接而不是文件，未接收；请把文件本身打包")
    elif own in (REGISTRY_FILE, RECEIPTS_FILE):
        yield Candidate(name, None, "压缩包内的名册和收件时间表不采用；请解压后接收整个文件夹")
    elif is_system_file(own):
        return
    elif not can_be_submission(own):
        yield Candidate(name, None, skipped=True)
    else:
        content, problem = _read(package, entry, room)
        if content is None:
            yield Candidate(name, None, problem)
        elif not _is_archive(content[:64], own, io.BytesIO(content)):
            yield _bounded(name, content)
        elif level == MOST_LEVELS:
            yield Candidate(name, None, f"压缩包套得过深（超过{MOST_LEVELS}层），未接收；请解压后报送")
        else:
            yield from _unpacked(io.BytesIO(content), name, f"{name}/", room, level + 1)


def _bounded(name: str, content: bytes) -> Candidate:
    if len(content) > LARGEST_FILE:
        return Candidate(name, None, f"文件大于{LARGEST_FILE // _MB}MB，未接收")
    return Candidate(name, content)


def _read(package: zipfile.ZipFile, entry: zipfile.ZipInfo, room: Room) -> tuple[bytes | None, str | None]:
    """The bytes of an entry, or why they were not taken."""
    if entry.flag_bits & 1:
        return None, "压缩包设有密码，未接收；请取消密码后重新打包"
    if entry.compress_type not in COMPRESSIONS:
        return None, "压缩包的压缩方式不受支持，未接收；请用普通的.zip格式重新打包"
    largest = min(LARGEST_INNER_ZIP, room.inflated)
    try:
        with package.open(entry) as part:
            content = part.read(largest + 1)
    except _BROKEN:
        return None, "压缩包内的这个文件已损坏，未接收"
    room.inflated -= len(content)
    if len(content) > largest:
        return None, f"文件大于{largest // _MB}MB，未接收"
    return content, None


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The entry's name with plain slashes; Windows writes GBK where the zip does not say UTF-8."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = entry.filename
    return visible(name.replace("\\", "/"))


def directory_size(stream: io.BufferedReader | io.BytesIO) -> int:
    """How long the zip's list of entries is by its own end record, before the library takes it all into memory."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 22 - 65535))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    stream.seek(0)
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile
    length: int = struct.unpack_from("<L", tail, end + 12)[0]
    # the long form of the record: the library believes it wherever it finds one
    far = tail.rfind(b"PK\x06\x06")
    if 0 <= far <= len(tail) - 48:
        length = max(length, struct.unpack_from("<Q", tail, far + 40)[0])
    return length
