"""The boxes that show the comments of one worksheet: a drawing in VML, which is not always well-formed XML.

So it is only ever cut between whole shapes; the sender's other shapes (buttons, pictures) keep their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pipelines.returned.cells import SheetPart, place
from pipelines.returned.package import CONTENT, Package, Relation
from pipelines.returned.unfit import Unfit
from pipelines.workbook.styles import lines_needed

_NEW_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{data}"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_SHAPE = re.compile(rb"""<v:shape\b(?:[^>"']|"[^"]*"|'[^']*')*(?<!/)>.*?</v:shape>""", re.DOTALL)
_SHAPE_PLACE = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>.*?<x:Column>\s*(\d+)\s*</x:Column>", re.DOTALL)
_SHAPE_ID = re.compile(rb"_x0000_s(\d{1,9})")
_NOTE = re.compile(rb"""<x:ClientData\s+ObjectType\s*=\s*["']Note["']\s*>""")
_ANCHOR = re.compile(rb"<x:Anchor>.*?</x:Anchor>\s*", re.DOTALL)
_IDS_A_BLOCK, _BLOCKS_A_SHEET = 1024, 32
_WIDTH, _CHARACTERS, _LINE_HEIGHT = 300, 42, 17


class Boxes:
    """The drawing of one sheet. `number`: the sheet's place in the workbook, for ids of shapes that no other sheet has."""

    def __init__(self, package: Package, sheet_name: str, sheet: SheetPart, number: int) -> None:
        self._package, self._sheet_name, self._sheet, self._number = package, sheet_name, sheet, number

    def _found(self) -> tuple[str, Relation] | None:
        key = self._sheet.legacy_drawing()
        relation = self._package.relations(self._sheet_name).get(key) if key else None
        return (key, relation) if key and relation else None

    def drop(self, cells: Iterable[str]) -> None:
        """Take away the boxes of these cells, and the drawing where it holds no other shape."""
        found = self._found()
        if found is None:
            return
        key, relation = found
        gone = set(map(place, cells))
        drawing = self._package.read(relation.part)
        left = _SHAPE.sub(lambda match: b"" if _place_of(match[0]) in gone else match[0], drawing)
        if _SHAPE.search(left):
            self._package.write(relation.part, left)
            return
        self._sheet.drop_legacy_drawing()
        self._package.cut(self._sheet_name, key)

    def fit(self, texts: Mapping[str, str]) -> None:
        """Make the boxes that are there large enough for these texts of their cells: a box does not grow by itself."""
        found = self._found()
        if found is None or not texts:
            return
        anchors = {place(cell): self._anchor(cell, text) for cell, text in texts.items()}
        drawing = self._package.read(found[1].part)
        fitted = _SHAPE.sub(lambda match: _fitted(match[0], anchors), drawing)
        self._package.write(found[1].part, fitted)

    def add(self, texts: Mapping[str, str]) -> None:
        """A box for each of these texts."""
        if not texts:
            return
        name, last = self._drawing(len(texts))
        drawing = self._package.read(name)
        end = drawing.rfind(b"</xml>")
        if end < 0:
            raise Unfit("a drawing without an end")
        shapes = "".join(
            self._shape(cell, text, last + index) for index, (cell, text) in enumerate(texts.items(), 1)
        )
        self._package.write(name, drawing[:end] + shapes.encode() + drawing[end:])

    def _drawing(self, size: int) -> tuple[str, int]:
        """The part of the drawing, made where there is none with room for `size` shapes, and the last id that is taken."""
        found = self._found()
        if found is not None:
            name = found[1].part
            ids = map(int, _SHAPE_ID.findall(self._package.read(name)))
            return name, max(ids, default=self._number * _IDS_A_BLOCK)
        name = self._package.free("xl/drawings/vmlDrawing{}.vml")
        first = self._number * _BLOCKS_A_SHEET
        blocks = range(first, first + size // _IDS_A_BLOCK + 1)
        drawing = _NEW_DRAWING.format(data=",".join(map(str, blocks)))
        self._package.add(name, drawing.encode(), f"{CONTENT}vmlDrawing")
        self._sheet.drop_legacy_drawing()
        self._sheet.add_legacy_drawing(self._package.relate(self._sheet_name, "vmlDrawing", name))
        return name, first * _IDS_A_BLOCK

    def _anchor(self, cell: str, text: str) -> str:
        corners = self._sheet.box(cell, _WIDTH, _height(text))
        return f"<x:Anchor>{', '.join(map(str, corners))}</x:Anchor>"

    def _shape(self, cell: str, text: str, number: int) -> str:
        """The box of a comment: hidden until the pointer is on the cell, wide enough and high enough for its text."""
        row, column = place(cell)
        return (
            f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:0;margin-top:0;'
            f'width:{_WIDTH * 3 // 4}pt;height:{_height(text) * 3 // 4}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
            '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
            '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
            f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>{self._anchor(cell, text)}'
            f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
        )


def _height(text: str) -> int:
    """Pixels."""
    return lines_needed(text, _CHARACTERS) * _LINE_HEIGHT + 12


def _place_of(shape: bytes) -> tuple[int, int] | None:
    """Row and column of the cell whose comment a shape shows; None for any other shape."""
    match = _SHAPE_PLACE.search(shape)
    return (int(match[1]), int(match[2])) if match and _NOTE.search(shape) else None


def _fitted(shape: bytes, anchors: Mapping[tuple[int, int], str]) -> bytes:
    where, rest = _place_of(shape), _ANCHOR.sub(b"", shape)
    anchor, note = anchors.get(where) if where else None, _NOTE.search(rest)
    if anchor is None or note is None:
        return shape
    return rest[: note.end()] + anchor.encode() + rest[note.end() :]
