"""Persons' data beside the cells: comments, text boxes, page headers, formulas, lists of choices, links and properties.

Of each only what it is, and where it stands; the text itself goes no further. An .xls or .xlsb has no parser for these here: its
bytes are looked through for numbers as they stand (in an .xlsb those of its comments), which names no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from posixpath import dirname, join, normpath
from typing import NamedTuple
from xml.etree import ElementTree as ET

from pipelines.intake.formats import Format
from pipelines.intake.marks import local_name, root_of, sheet_parts
from pipelines.intake.person_text import bare_number, is_telling, person_in

_COMMENTS = re.compile(r"(?:^|/)(?:threadedC|c)omments?[^/]*\.xml$")
_COMMENT_TAGS = {"comment", "threadedComment"}
_DRAWING = re.compile(r"(?:^|/)drawing[^/]*\.xml$")
_PLACING = {"col", "colOff", "row", "rowOff", "posOffset"}
_HEADER = re.compile(rb"headerFooter(?: [^>]*)?>(.*)</[^<]*headerFooter", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
# Each begins with plain bytes, which are found many times faster than a choice of them.
_FORMULAS = (re.compile(rb"<f(?:\s[^>]*)?>([^<]+)<"), re.compile(rb":f(?:\s[^>]*)?>([^<]+)<"))
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+\d+)"')
_LITERAL = re.compile(r'"([^"]*)"')
_LINK = re.compile(r"(?:tel|sms|callto|mailto):(.*)", re.IGNORECASE | re.DOTALL)
_OUTWARD = b"External"
# Every digit as 0: eleven in a row are found so in a tenth of the time that a pattern takes.
_ZEROS = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_PROPERTIES = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
_ODS_COMMENT = re.compile(rb"<office:annotation\b.*?</office:annotation>", re.DOTALL)
# When a comment was written, to the nanosecond: 13.812345678 seconds.
_ODS_DATE = re.compile(rb"<(dc:date|meta:date-string)>.*?</\1>", re.DOTALL)
_ODS_BLANK = re.compile(rb"</text:p>|<text:(?:s|tab|line-break)\b[^>]*>")
_ODS_VALUES = re.compile(rb'(?:table:formula|table:condition|xlink:href)="([^"]*)"')
_ODS_SHEET = re.compile(rb'<table:table [^>]*?table:name="([^"]*)"')
_MASTER = b"<office:master-styles"


class Note(NamedTuple):
    """A person's number or name beside the cells: what holds it, what it is, and its sheet and cell where these are known."""

    kind: str
    what: str
    sheet: str | None = None
    cell: str | None = None


def find_notes(form: Format, content: bytes, parts: dict[str, bytes]) -> list[Note]:
    """What of persons stands beside the cells of a workbook. parts: its XML parts, and an .xlsb's .bin parts. Raises Refusal (damaged_file)."""
    if form is Format.XLS:
        return list(_in_bytes(content))
    if form is Format.XLSB:
        records = (part for name, part in parts.items() if "omment" in name and name.endswith(".bin"))
        return [*_in_properties(parts), *(note for part in records for note in _in_bytes(part))]
    if form is Format.ODS:
        return [*_in_properties(parts), *_in_open_document(parts)]
    found = [*_in_parts(parts), *((None, note) for note in _in_properties(parts))]
    # The way from a part to its sheet is long, and hardly a file needs it.
    sheets = _sheets(parts) if found else {}
    return [note._replace(sheet=sheets.get(part)) if part else note for part, note in found]


def _in_parts(parts: dict[str, bytes]) -> Iterator[tuple[str | None, Note]]:
    """What is found, and the part that it stands in."""
    for name, part in parts.items():
        if "omment" in name and _COMMENTS.search(name):
            entries = (entry for entry in root_of(part).iter() if local_name(entry) in _COMMENT_TAGS)
            found = [("批注", person_in(_text(entry)), entry.get("ref")) for entry in entries]
        elif "drawing" in name and _DRAWING.search(name):
            # Only what is written: a drawing is full of other numbers.
            written = (entry for entry in root_of(part).iter() if local_name(entry) == "p")
            found = [("文本框", person_in(_text(entry)), None) for entry in written]
        elif b"worksheet" in part and not name.endswith(".rels"):
            found = [*_in_formulas(part), *_behind_cells(part)]
        elif name.endswith(".rels") and _OUTWARD in part:
            found = list(_in_links(parts, name))
        else:
            continue
        for kind, what, cell in found:
            if what is not None:
                yield _owner(name), Note(kind, what, cell=cell)


def _in_formulas(part: bytes) -> Iterator[tuple[str, str | None, str | None]]:
    """Texts and numbers that a formula holds; its result is a cell's value like any other."""
    for pattern in _FORMULAS:
        for found in pattern.finditer(part):
            if what := _in_formula(unescape(found[1].decode("utf-8", "replace"))):
                start = max(part.rfind(b"<c ", 0, found.start()), part.rfind(b":c ", 0, found.start()))
                # From a little before, where its tag has a prefix; the cell before it may begin there too.
                cells = _CELL.findall(part, max(start - 20, 0), found.start())
                yield "公式", what, cells[-1].decode() if cells else None


def _in_formula(formula: str) -> str | None:
    literals = (person_in(text) for text in _LITERAL.findall(formula))
    return next(filter(None, literals), None) or bare_number(formula)


def _behind_cells(part: bytes) -> Iterator[tuple[str, str | None, str | None]]:
    """The page's header and footer, and what else follows the cells: lists of choices, hints, links."""
    behind = part[max(part.rfind(b"sheetData"), 0) :]
    header = _HEADER.search(behind)
    if header is not None and is_telling(text := _written(header[1])):
        yield "页眉页脚", person_in(text), None
    if _has_long_number(behind):
        yield "下拉选项、输入提示或链接", bare_number(behind.decode("utf-8", "replace")), None


def _has_long_number(part: bytes) -> bool:
    return b"0" * 11 in part.translate(_ZEROS)


def _in_links(parts: dict[str, bytes], name: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Links that dial or write to somebody, with the cell that each stands at."""
    for relation in root_of(parts[name]):
        link = _LINK.match(relation.get("Target", ""))
        if link is not None and (what := person_in(link[1])):
            yield "链接", what, _linked_cell(parts.get(_owner(name), b"<none/>"), relation.get("Id"))


def _linked_cell(sheet: bytes, key: str | None) -> str | None:
    links = (entry for entry in root_of(sheet).iter() if local_name(entry) == "hyperlink")
    return next((entry.get("ref") for entry in links if key in entry.attrib.values()), None)


def _in_properties(parts: dict[str, bytes]) -> Iterator[Note]:
    """Numbers in the document's properties. The names there, whoever saved it, any office program writes."""
    for part in (parts[name] for name in _PROPERTIES if name in parts):
        if _has_long_number(part) and (what := bare_number(_written(part))):
            yield Note("文件属性", what)


def _in_open_document(parts: dict[str, bytes]) -> Iterator[Note]:
    content = parts.get("content.xml", b"")
    for found in _ODS_COMMENT.finditer(content):
        if what := person_in(_written(_ODS_BLANK.sub(b" ", _ODS_DATE.sub(b"", found[0])), b"")):
            before = _ODS_SHEET.findall(content[: found.start()])
            yield Note("批注", what, unescape(before[-1].decode("utf-8", "replace")) if before else None)
    for value in _ODS_VALUES.findall(content):
        if what := _in_formula(unescape(value.decode("utf-8", "replace"))):
            yield Note("公式、下拉选项或链接", what)
    styles = parts.get("styles.xml", b"")
    master = styles.find(_MASTER)
    if master >= 0 and (what := person_in(_written(styles[master:]))):
        yield Note("页眉页脚", what)


def _in_bytes(content: bytes) -> Iterator[Note]:
    """Numbers in binary records, where texts stand in one or two bytes a character."""
    texts = [content.decode("latin-1")] if _has_long_number(content) else []
    if b"0\0" * 11 in content.translate(_ZEROS):
        texts += [content[at:].decode("utf-16-le", "replace") for at in (0, 1)]
    for text in texts:
        if what := bare_number(text):
            yield Note("批注、文本框等内容", what)


def _sheets(parts: dict[str, bytes]) -> dict[str, str]:
    """The sheet of each part that a sheet has for itself, and of the sheet's own part."""
    sheets = {part: name for name, part in sheet_parts(parts).items()}
    for part, name in list(sheets.items()):
        relations = parts.get(f"{dirname(part)}/_rels/{part.rpartition('/')[2]}.rels", b"<none/>")
        for relation in root_of(relations):
            target = relation.get("Target", "")
            sheets.setdefault(normpath(join(f"/{dirname(part)}", target)).lstrip("/"), name)
    return sheets


def _owner(name: str) -> str:
    """The part that a part of relations belongs to; any other part itself."""
    return name.replace("_rels/", "").removesuffix(".rels") if name.endswith(".rels") else name


def _written(part: bytes, between: bytes = b"|") -> str:
    """A piece of XML without its tags."""
    return unescape(_TAG.sub(between, part).decode("utf-8", "replace"))


def _text(element: ET.Element) -> str:
    """What is written inside, without the numbers that only place it."""
    return "".join(entry.text or "" for entry in element.iter() if local_name(entry) not in _PLACING)
