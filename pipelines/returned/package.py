"""The zip of an .xlsx: parts by name, their relations and content types. A part that is not changed keeps its bytes.

The file has passed the bounds of intake (bounds.py) before it comes here, so a part can be inflated whole.
"""

from __future__ import annotations

import io
import zipfile
from posixpath import basename, dirname, join, normpath, relpath
from typing import NamedTuple

from pipelines.returned import tags
from pipelines.returned.unfit import Unfit

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument."
WORKBOOK = "xl/workbook.xml"
ROOT = ""  # what the relations of the package itself start from
_TYPES = "[Content_Types].xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EMPTY_RELATIONS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_RELATIONS}"/>'.encode()
)


class Relation(NamedTuple):
    """A relation of a part: its kind (the end of the type's address) and the part it leads to."""

    kind: str
    part: str


class Package:
    """The parts of one file under change."""

    def __init__(self, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                self._entries = package.infolist()
                self._parts = {entry.filename: package.read(entry) for entry in self._entries}
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, NotImplementedError):
            raise Unfit("zip") from None
        self._by_case = {name.lower(): name for name in self._parts}
        if len(self._by_case) != len(self._entries):
            raise Unfit("two parts of one name")

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises Unfit where it is not there."""
        try:
            return self._parts[self._by_case[name.lower()]]
        except KeyError:
            raise Unfit(f"no part {name}") from None

    def has(self, name: str) -> bool:
        return name.lower() in self._by_case

    def write(self, name: str, part: bytes) -> None:
        self._parts[self._by_case.setdefault(name.lower(), name)] = part

    def free(self, pattern: str) -> str:
        """The first name of this pattern (with one `{}` for a number) that no part has."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def add(self, name: str, part: bytes, content_type: str) -> None:
        """A new part with its content type."""
        self.write(name, part)
        types = self.read(_TYPES)
        root = tags.parse(types)
        entry = f"<{root.prefix}Override PartName={tags.quoted('/' + name)} ContentType={tags.quoted(content_type)}/>"
        self.write(_TYPES, tags.apply(types, [tags.appended(root, entry.encode())]))

    def cut(self, source: str, key: str) -> None:
        """Take away a relation and the part it leads to, with that part's relations and content type."""
        name = self.relations(source)[key].part
        relations = self.read(_relations_of(source))
        gone = [
            entry for entry in tags.parse(relations).all("Relationship") if entry.attributes.get("Id") == key
        ]
        self.write(_relations_of(source), tags.apply(relations, [tags.removed(entry) for entry in gone]))
        types = self.read(_TYPES)
        entries = (
            entry
            for entry in tags.parse(types).all("Override")
            if entry.attributes.get("PartName", "").lower() == f"/{name}".lower()
        )
        self.write(_TYPES, tags.apply(types, [tags.removed(entry) for entry in entries]))
        for lost in (name, _relations_of(name)):
            if self.has(lost):
                del self._parts[self._by_case.pop(lost.lower())]

    def relations(self, name: str) -> dict[str, Relation]:
        """A part's relations inside the package, by id."""
        source = _relations_of(name)
        if not self.has(source):
            return {}
        found = (entry.attributes for entry in tags.parse(self.read(source)).all("Relationship"))
        return {
            entry.get("Id", ""): Relation(
                entry.get("Type", "").rpartition("/")[2], _resolved(name, entry.get("Target", ""))
            )
            for entry in found
            if entry.get("TargetMode") != "External" and entry.get("Type", "").startswith("http://schemas.")
        }

    def related(self, name: str, kind: str) -> tuple[str, str] | None:
        """The first relation of this kind: its id and its part."""
        return next(
            ((key, found.part) for key, found in self.relations(name).items() if found.kind == kind), None
        )

    def relate(self, name: str, kind: str, part: str) -> str:
        """Add a relation from a part to another; its id."""
        source = _relations_of(name)
        relations = self.read(source) if self.has(source) else _EMPTY_RELATIONS
        root = tags.parse(relations)
        taken = {entry.attributes.get("Id") for entry in root.children}
        key = next(f"rId{number}" for number in range(1, len(taken) + 2) if f"rId{number}" not in taken)
        target = tags.quoted(relpath(part, dirname(name)))
        entry = f'<{root.prefix}Relationship Id="{key}" Type="{OFFICE}/{kind}" Target={target}/>'
        self.write(source, tags.apply(relations, [tags.appended(root, entry.encode())]))
        return key

    def to_bytes(self) -> bytes:
        """The file: old parts in their order with their dates, new ones behind."""
        entries = {entry.filename: entry for entry in self._entries}
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for name in sorted(self._parts, key=lambda name: name not in entries):
                entry = entries.get(name)
                fresh = zipfile.ZipInfo(name, entry.date_time if entry else (1980, 1, 1, 0, 0, 0))
                fresh.compress_type = entry.compress_type if entry else zipfile.ZIP_DEFLATED
                package.writestr(fresh, self._parts[name])
        return target.getvalue()


def _relations_of(name: str) -> str:
    return join(dirname(name), "_rels", f"{basename(name)}.rels")


def _resolved(source: str, target: str) -> str:
    return normpath(join("/", dirname(source), target.replace("\\", "/"))).lstrip("/")
