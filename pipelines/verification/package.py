"""A packed file, part by part, within bounds: how large it may be and become, and how one part points to another."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename, dirname, join, normpath
from types import TracebackType
from typing import NamedTuple, Self

from pipelines.intake.archives import directory_size
from pipelines.intake.bounds import HIGHEST_RATIO, RATIO_FROM, check_entries
from pipelines.intake.refusal import Refusal
from pipelines.verification.markup import NotOurs, Parser

LARGEST_FILE = 100 * 1024 * 1024
LARGEST_DIRECTORY = 256 * 1024
LARGEST_SMALL = 2 * 1024 * 1024
PIECE = 1024 * 1024
# A file that was saved anew says the same in other words: so many times what ours weighs, and so much besides.
MORE_TIMES, MORE_BYTES = 3, 8 * 1024 * 1024
MORE_TIMES_MARKED, MORE_MARKS = 2, 1_000_000
DAMAGED = "文件已损坏或不完整"
TOO_LARGE = "文件展开后过大，与这份名单不相称"


class Weight(NamedTuple):
    """What reading a package costs: bytes when inflated, and marks (`<`) in them."""

    inflated: int
    marks: int


class Relation(NamedTuple):
    """A part that another points to. kind: the last word of its type; target: a name in the package, None for something outside it."""

    kind: str
    target: str | None


class Package:
    """A packed file that is open; a context manager. Raises NotOurs where it is none, or beyond the bounds."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > LARGEST_FILE:
            raise NotOurs(f"文件大于{LARGEST_FILE // 1024 // 1024}MB")
        try:
            _check_frame(path)
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError):
            raise NotOurs("文件已损坏，或不是.xlsx、.docx文件") from None
        try:
            entries = self._zip.infolist()
            check_entries(entries)
        except Refusal as refusal:
            self._zip.close()
            raise NotOurs(refusal.found) from None
        if not entries or min(entry.header_offset for entry in entries):
            self._zip.close()  # something stands before the first part
            raise NotOurs(DAMAGED)
        self.names = {entry.filename for entry in entries}
        if any(name.lower().endswith("vbaproject.bin") for name in self.names):
            self._zip.close()
            raise NotOurs("文件含有宏")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def weight(self, most: Weight | None = None) -> Weight:
        """What all parts weigh. Raises NotOurs as soon as that is more than `most`, or where a part is packed as no office program does."""
        inflated = marks = 0
        for entry in self._zip.infolist():
            size = 0
            for piece in self.pieces(entry.filename):
                size += len(piece)
                inflated += len(piece)
                marks += piece.count(b"<")
                if size > RATIO_FROM and size > HIGHEST_RATIO * max(entry.compress_size, 1):
                    raise NotOurs(f"文件内有部件压缩到不足{HIGHEST_RATIO}分之一，不是办公软件保存的")
                if most and (inflated > most.inflated or marks > most.marks):
                    raise NotOurs(TOO_LARGE)
        return Weight(inflated, marks)

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part bit by bit, as far as it really inflates, whatever the package says of its size."""
        try:
            with self._zip.open(name) as part:
                while piece := part.read(PIECE):
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
        ):
            raise NotOurs(DAMAGED) from None

    def parse(self, name: str, parser: Parser, largest: int | None = LARGEST_SMALL) -> None:
        """Let the parser read a part; nothing is read where there is none. largest: in bytes; None where the weight was looked at before."""
        if name not in self.names:
            return
        size = 0
        for piece in self.pieces(name):
            size += len(piece)
            if largest is not None and size > largest:
                raise NotOurs(TOO_LARGE)
            parser.feed(piece)
        parser.feed(b"", is_last=True)

    def relations(self, part: str) -> list[tuple[str, Relation]]:
        """What a part points to, with the keys that it points with. part: empty for the package itself."""
        folder = dirname(part)
        found = _Relations()
        self.parse(join(folder, "_rels", f"{basename(part)}.rels"), found)
        return [
            (key, Relation(kind, None if is_outside else normpath(join("/", folder, target)).lstrip("/")))
            for key, kind, target, is_outside in found.found
        ]

    def main(self) -> str:
        """The part that an office program opens. Raises NotOurs where there is not exactly one."""
        mains = [relation.target for _, relation in self.relations("") if relation.kind == "officeDocument"]
        if len(mains) != 1 or mains[0] not in self.names:
            raise NotOurs("文件不是.xlsx或.docx文件")
        return str(mains[0])


def allowed(ours: Weight) -> Weight:
    """What a file may weigh that an office program made of ours."""
    return Weight(MORE_TIMES * ours.inflated + MORE_BYTES, MORE_TIMES_MARKED * ours.marks + MORE_MARKS)


def _check_frame(path: Path) -> None:
    """Nothing before the first part, nothing after the list of parts: what is read here is what any program reads. Raises BadZipFile."""
    with path.open("rb") as stream:
        if directory_size(stream) > LARGEST_DIRECTORY:
            raise NotOurs("文件内含的部件过多")
        head = stream.read(4)
        stream.seek(-22, 2)
        tail = stream.read()
    if head != b"PK\x03\x04" or not tail.startswith(b"PK\x05\x06") or not tail.endswith(b"\0\0"):
        raise zipfile.BadZipFile


class _Relations(Parser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str, bool]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            is_outside = attributes.get("TargetMode") == "External"
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", ""), is_outside))
