"""The comments of one worksheet: ours added behind the sender's words or taken away, and the boxes that show them.

The words stand in a comments part, the boxes in a drawing in VML that is not always well-formed XML: it is only ever cut
between whole shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from pipelines.returned import tags
from pipelines.returned.cells import SheetPart, place
from pipelines.returned.marks import AUTHOR, find_mark
from pipelines.returned.package import CONTENT, Package
from pipelines.returned.tags import Edit, Element
from pipelines.returned.unfit import Unfit
from pipelines.workbook.styles import BODY_FONT, lines_needed

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NEW_COMMENTS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors>'
    "<commentList></commentList></comments>"
).encode()
_NEW_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{data}"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_SHAPE = re.compile(rb"""<v:shape\b(?:[^>"']|"[^"]*"|'[^']*')*(?<!/)>.*?</v:shape>""", re.DOTALL)
_SHAPE_PLACE = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>.*?<x:Column>\s*(\d+)\s*</x:Column>", re.DOTALL)
_SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
_IDS_A_BLOCK, _BLOCKS_A_SHEET = 1024, 32
_BOX_WIDTH, _BOX_CHARACTERS, _LINE_HEIGHT = 300, 42, 17


class Mark(NamedTuple):
    """A mark of ours that was taken away: the fill that its cell had."""

    cell: str
    fill: str


class Comments:
    """The comments of one sheet. `number`: the sheet's place in the workbook, for ids of shapes that no other sheet has."""

    def __init__(self, package: Package, sheet_name: str, number: int) -> None:
        self._package, self._sheet_name, self._number = package, sheet_name, number
        found = package.related(sheet_name, "comments")
        self._key: str | None = found[0] if found else None
        self._name: str | None = found[1] if found else None

    @cached_property
    def _part(self) -> bytes:
        return self._package.read(self._name) if self._name else _NEW_COMMENTS

    def hold_marks(self) -> bool:
        """Whether any of our words may be in them: a cheap look, before anything is parsed."""
        return self._name is not None and AUTHOR.encode() in self._part

    def take_marks(self, sheet: SheetPart) -> list[Mark]:
        """Take our words out of all comments; a comment that was ours alone goes with its box, and so do empty parts."""
        if self._name is None:
            return []
        root = tags.parse(self._part)
        comments = _list_of(root).all("comment")
        marks: list[Mark] = []
        edits: list[Edit] = []
        gone: set[tuple[int, int]] = set()
        for comment in comments:
            found = _without_mark(self._part, comment)
            if found is None:
                continue
            fill, changes = found
            cell = comment.attributes.get("ref", "")
            marks.append(Mark(cell, fill))
            if changes:
                edits += changes
            else:
                edits.append(tags.removed(comment))
                gone.add(place(cell))
        if gone:
            self._drop_shapes(sheet, gone)
        if len(gone) == len(comments):
            self._drop_part()
        elif marks:
            self._package.write(self._name, tags.apply(self._part, edits))
        self.__dict__.pop("_part", None)
        return marks

    def _drop_part(self) -> None:
        assert self._name is not None
        assert self._key is not None
        self._package.drop(self._name)
        self._package.unrelate(self._sheet_name, self._key)
        self._key = self._name = None

    def _drop_shapes(self, sheet: SheetPart, gone: set[tuple[int, int]]) -> None:
        key = sheet.legacy_drawing()
        relation = self._package.relations(self._sheet_name).get(key) if key else None
        if key is None or relation is None:
            return
        drawing = self._package.read(relation.part)
        left = _SHAPE.sub(lambda match: b"" if _place_of(match[0]) in gone else match[0], drawing)
        if _SHAPE.search(left):
            self._package.write(relation.part, left)
            return
        sheet.drop_legacy_drawing()
        self._package.drop(relation.part)
        self._package.unrelate(self._sheet_name, key)

    def add(self, sheet: SheetPart, texts: Mapping[str, str]) -> None:
        """Put our words into the comments of these cells, behind what is there."""
        root = tags.parse(self._part)
        entries = _list_of(root)
        known = {comment.attributes.get("ref"): comment for comment in entries.all("comment")}
        author, edits = _author(self._part, root)
        new = []
        for cell, text in texts.items():
            comment = known.get(cell)
            if comment is not None:
                edits += _with_text(self._part, comment, text)
            else:
                p = root.prefix
                new.append(
                    f'<{p}comment ref="{cell}" authorId="{author}"><{p}text>{_run(p, text)}</{p}text></{p}comment>'
                )
        edits.append(tags.appended(entries, "".join(new).encode()))
        part = tags.apply(self._part, edits)
        if self._name is None:
            self._name = self._package.free("xl/comments{}.xml")
            self._package.add(self._name, part, f"{CONTENT}spreadsheetml.comments+xml")
            self._key = self._package.relate(self._sheet_name, "comments", self._name)
        else:
            self._package.write(self._name, part)
        self._add_shapes(sheet, {cell: text for cell, text in texts.items() if cell not in known})

    def _add_shapes(self, sheet: SheetPart, texts: Mapping[str, str]) -> None:
        key = sheet.legacy_drawing()
        relation = self._package.relations(self._sheet_name).get(key) if key else None
        if relation is None:
            name = self._package.free("xl/drawings/vmlDrawing{}.vml")
            first = self._number * _BLOCKS_A_SHEET
            blocks = range(first, first + len(texts) // _IDS_A_BLOCK + 1)
            drawing = _NEW_DRAWING.format(data=",".join(map(str, blocks))).encode()
            self._package.add(name, drawing, f"{CONTENT}vmlDrawing")
            sheet.drop_legacy_drawing()
            sheet.add_legacy_drawing(self._package.relate(self._sheet_name, "vmlDrawing", name))
            last = first * _IDS_A_BLOCK
        else:
            name, drawing = relation.part, self._package.read(relation.part)
            last = max((int(found) for found in _SHAPE_ID.findall(drawing)), default=self._number * 1024)
        end = drawing.rfind(b"</xml>")
        if end < 0:
            raise Unfit("a drawing without an end")
        shapes = "".join(
            _shape(sheet, cell, text, last + index) for index, (cell, text) in enumerate(texts.items(), 1)
        )
        self._package.write(name, drawing[:end] + shapes.encode() + drawing[end:])


def _list_of(root: Element) -> Element:
    found = root.child("commentList")
    if root.local != "comments" or found is None:
        raise Unfit("no list of comments")
    return found


def _texts(comment: Element) -> list[tuple[Element, Element]]:
    """What shows of a comment, in order: the plain text or run, and its `t`; phonetic hints are not part of it."""
    text = comment.child("text")
    children = text.children if text is not None else []
    return [
        (child, t) for child in children if child.local in ("t", "r") for t in child.walk() if t.local == "t"
    ]


def _without_mark(part: bytes, comment: Element) -> tuple[str, list[Edit]] | None:
    """The fill that our words remember, and the edits that take the words out; no edits where nothing else is said.

    An office program may have joined our run with the sender's or split it: the words are found in the text as a whole.
    """
    runs = [(run, t, tags.text_of(part, t)) for run, t in _texts(comment)]
    found = find_mark("".join(text for _, _, text in runs))
    if found is None:
        return None
    start, end, fill = found
    edits: list[Edit] = []
    at = 0
    rest = ""
    for run, t, text in runs:
        low, high = max(start - at, 0), max(end - at, 0)
        left = text[:low] + text[high:]
        if left != text:
            edits.append((t.start, t.end, _t(t.prefix, left)) if left else tags.removed(run))
        rest += left
        at += len(text)
    return fill, edits if rest.strip() else []


def _t(prefix: str, text: str) -> bytes:
    return f'<{prefix}t xml:space="preserve">{tags.escaped(text)}</{prefix}t>'.encode()


def _run(prefix: str, text: str) -> str:
    p = prefix
    look = f'<{p}rPr><{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="{BODY_FONT}"/><{p}family val="3"/><{p}charset val="134"/></{p}rPr>'
    return f"<{p}r>{look}{_t(p, text).decode()}</{p}r>"


def _with_text(part: bytes, comment: Element, text: str) -> list[Edit]:
    """Our words behind the sender's; a plain text becomes the first run of a rich one."""
    holder = comment.child("text")
    if holder is None:
        raise Unfit("a comment without a text")
    said = "".join(tags.text_of(part, t) for _, t in _texts(comment))
    run = _run(comment.prefix, f"\n{text}" if said else text).encode()
    plain, runs = holder.child("t"), holder.all("r")
    if runs:
        return [tags.appended(holder, run, runs[-1])]
    if plain is None:
        return [tags.appended(holder, run)]
    name = f"{comment.prefix}r".encode()
    whole = part[plain.start : plain.end]
    return [(plain.start, plain.end, b"<" + name + b">" + whole + b"</" + name + b">" + run)]


def _author(part: bytes, root: Element) -> tuple[int, list[Edit]]:
    """The number of our entry among the authors, and the edit that adds it where it is not there."""
    authors = root.child("authors")
    if authors is None:
        raise Unfit("comments without authors")
    names = [tags.text_of(part, author) for author in authors.children]
    if AUTHOR in names:
        return names.index(AUTHOR), []
    entry = f"<{root.prefix}author>{AUTHOR}</{root.prefix}author>"
    return len(names), [tags.appended(authors, entry.encode())]


def _place_of(shape: bytes) -> tuple[int, int] | None:
    match = _SHAPE_PLACE.search(shape)
    return (int(match[1]), int(match[2])) if match and b'ObjectType="Note"' in shape else None


def _shape(sheet: SheetPart, cell: str, text: str, number: int) -> str:
    """The box of a comment: hidden until the pointer is on the cell, wide enough and high enough for its text."""
    row, column = place(cell)
    height = lines_needed(text, _BOX_CHARACTERS) * _LINE_HEIGHT + 12
    anchor = ", ".join(map(str, sheet.box(cell, _BOX_WIDTH, height)))
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:0;margin-top:0;'
        f'width:{_BOX_WIDTH * 3 // 4}pt;height:{height * 3 // 4}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )
