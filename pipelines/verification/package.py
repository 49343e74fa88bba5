"""A packed file, part by part, within bounds: how large it may be and become, and which XML is not parsed at all."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.parsers import expat

from pipelines.intake.bounds import check_entries, scanned
from pipelines.intake.refusal import Refusal

LARGEST_FILE = 100 * 1024 * 1024
LARGEST_INFLATED = 1536 * 1024 * 1024
LARGEST_SMALL = 16 * 1024 * 1024
PIECE = 1024 * 1024


class NotOurs(Exception):
    """The file is no list of this system, or not to be read as one. The message is Chinese and says why."""


class Package:
    """A packed file that is open; a context manager. Raises NotOurs where it is none, or beyond the bounds."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > LARGEST_FILE:
            raise NotOurs(f"文件大于{LARGEST_FILE // 1024 // 1024}MB")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise NotOurs("文件已损坏，或不是.xlsx、.docx文件") from None
        try:
            entries = self._zip.infolist()
            check_entries(entries)
        except Refusal as refusal:
            self._zip.close()
            raise NotOurs(refusal.found) from None
        self.names = {entry.filename for entry in entries}
        if any(name.lower().endswith("vbaproject.bin") for name in self.names):
            self._zip.close()
            raise NotOurs("文件含有宏")
        self._room = LARGEST_INFLATED

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def small(self, name: str) -> bytes:
        """A part that is held as a whole; empty where there is none."""
        if name not in self.names:
            return b""
        part = b"".join(self.pieces(name, LARGEST_SMALL))
        try:
            return scanned(part)
        except Refusal as refusal:
            raise NotOurs(refusal.found) from None

    def pieces(self, name: str, most: int = LARGEST_INFLATED) -> Iterator[bytes]:
        """A part bit by bit. What is inflated of all parts together is bounded, whatever the package says of their sizes."""
        size = 0
        try:
            with self._zip.open(name) as part:
                while piece := part.read(PIECE):
                    size += len(piece)
                    self._room -= len(piece)
                    if size > most or self._room < 0:
                        raise NotOurs("文件展开后过大")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
            raise NotOurs("文件已损坏或不完整") from None


class Parser:
    """An XML parser for one part. A document type is refused before anything in it can be declared.

    Subclasses say what to do at the start and end of an element (by its local name) and with text.
    """

    def __init__(self) -> None:
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse
        self._expat.StartElementHandler = self._starts
        self._expat.EndElementHandler = self._ends
        self._expat.CharacterDataHandler = self.text

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Parse the next bit of the part. Raises NotOurs."""
        try:
            self._expat.Parse(piece, is_last)
        except expat.ExpatError:
            raise NotOurs("文件内容已损坏") from None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins. Attributes by local name."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text inside the element that is open."""

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        self.start(
            name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        )

    def _ends(self, name: str) -> None:
        self.end(name.rpartition(" ")[2])

    def _refuse(self, *_: object) -> None:
        raise NotOurs("文件含有办公软件不会写入的内容")
