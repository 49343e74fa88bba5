"""A worksheet part: cells found by address, given another format; and where things stand on it, for a comment's box."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from pipelines.intake.grid import address
from pipelines.returned import tags
from pipelines.returned.package import OFFICE
from pipelines.returned.tags import Edit
from pipelines.returned.unfit import Unfit

_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ROW = re.compile(rb"""<(?:[\w.-]+:)?row((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
_C = re.compile(rb"""<((?:[\w.-]+:)?c)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
# What stands behind <legacyDrawing> in a worksheet, by the order of ECMA-376 part 1, 18.3.1.99.
_BEHIND_LEGACY_DRAWING = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "AlternateContent"}
)  # fmt: skip
_WIDTH, _HEIGHT = 64, 20  # pixels of a column and a row without a size of their own


def place(cell: str) -> tuple[int, int]:
    """Row and column, both from 0, of `D7`. Raises Unfit for what is no address."""
    match = _CELL.fullmatch(cell)
    if match is None:
        raise Unfit(f"no cell {cell}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class _Row(NamedTuple):
    """A row: its opening tag, and where the next one begins."""

    tag: re.Match[bytes]
    end: int

    @property
    def attributes(self) -> dict[str, str]:
        return tags.attributes(self.tag[1])


class SheetPart:
    """One worksheet part, read once; its changes are gathered and applied at the end."""

    def __init__(self, part: bytes) -> None:
        self._part = part
        self.root = tags.parse(part, opaque="sheetData")
        data = self.root.child("sheetData")
        if self.root.local != "worksheet" or data is None:
            raise Unfit("no worksheet")
        self._data = data
        self._edits: list[Edit] = []

    @cached_property
    def _rows(self) -> dict[int, _Row]:
        """The rows by their number from 0."""
        matches = list(_ROW.finditer(self._part, self._data.inner, self._data.close))
        ends = [*(match.start() for match in matches[1:]), self._data.close]
        rows = [_Row(match, end) for match, end in zip(matches, ends, strict=True)]
        numbers = [tags.whole(row.attributes.get("r", "")) - 1 for row in rows]
        if any(a >= b for a, b in pairwise([-1, *numbers])):
            raise Unfit("rows out of order")
        return dict(zip(numbers, rows, strict=True))

    def _cells(self, row: int) -> dict[int, re.Match[bytes]]:
        """The opening tag of each cell of a row, by its column from 0."""
        here = self._rows[row]
        cells = {}
        for cell in _C.finditer(self._part, here.tag.end(), here.end):
            reference = tags.attributes(cell[2]).get("r")
            if reference is None:
                raise Unfit("cells without references")
            cells[place(reference)[1]] = cell
        return cells

    def formats(self, cells: list[str]) -> dict[str, int]:
        """The format of each of these cells; one that is not written has its row's or column's."""
        found: dict[str, int] = {}
        written: dict[int, dict[int, re.Match[bytes]]] = {}
        for cell in cells:
            row, column = place(cell)
            if row in self._rows and row not in written:
                written[row] = self._cells(row)
            match = written.get(row, {}).get(column)
            given = tags.attributes(match[2]).get("s", "0") if match else self._inherited(row, column)
            found[cell] = tags.whole(given)
        return found

    def _inherited(self, row: int, column: int) -> str:
        if row in self._rows:
            own = self._rows[row].attributes
            if own.get("customFormat") in ("1", "true"):
                return own.get("s", "0")
        return next((a.get("style", "0") for a in self._columns if self._covers(a, column)), "0")

    @cached_property
    def _columns(self) -> list[dict[str, str]]:
        columns = self.root.child("cols")
        return [entry.attributes for entry in columns.children] if columns is not None else []

    @staticmethod
    def _covers(entry: dict[str, str], column: int) -> bool:
        return tags.whole(entry.get("min", "0")) <= column + 1 <= tags.whole(entry.get("max", "0"))

    def set_formats(self, formats: Mapping[str, int]) -> None:
        """Give cells another format; a cell or row that is not written is added, empty."""
        rows: dict[int, dict[int, int]] = {}
        for cell, style in formats.items():
            row, column = place(cell)
            rows.setdefault(row, {})[column] = style
        new_rows: dict[int, bytes] = {}
        for row, styles in sorted(rows.items()):
            if row in self._rows:
                self._set_in_row(row, styles)
            else:
                tag = f"{self.root.prefix}row".encode()
                cells = b"".join(
                    self._new_cell(row, column, style) for column, style in sorted(styles.items())
                )
                new_rows[row] = b'<%b r="%d">%b</%b>' % (tag, row + 1, cells, tag)
        self._add_rows(new_rows)

    def _set_in_row(self, row: int, styles: dict[int, int]) -> None:
        cells = self._cells(row)
        missing = []
        for column, style in sorted(styles.items()):
            cell = cells.get(column)
            if cell is None:
                missing.append(column)
                continue
            raw = tags.with_attributes(cell[2], s=str(style))
            self._edits.append(
                (cell.start(), cell.end(), b"<" + cell[1] + raw + (b"/>" if cell[3] else b">"))
            )
        if not missing:
            return
        tag, row_end = self._rows[row]
        if tag[2]:  # <row r="7"/>
            new = b"".join(self._new_cell(row, column, styles[column]) for column in missing)
            opened = tag[0][:-2].rstrip() + b">"
            self._edits.append((tag.start(), tag.end(), opened + new + f"</{self.root.prefix}row>".encode()))
            return
        end = self._part.rindex(b"</", tag.end(), row_end)
        for column in missing:
            behind = next((cells[other].start() for other in sorted(cells) if other > column), end)
            self._edits.append((behind, behind, self._new_cell(row, column, styles[column])))

    def _new_cell(self, row: int, column: int, style: int) -> bytes:
        return f'<{self.root.prefix}c r="{address(row, column)}" s="{style}"/>'.encode()

    def _add_rows(self, new: dict[int, bytes]) -> None:
        if not new:
            return
        if self._data.is_empty:
            self._edits.append(tags.appended(self._data, b"".join(new.values())))
            return
        for row, content in new.items():
            behind = next(
                (r.tag.start() for number, r in self._rows.items() if number > row), self._data.close
            )
            self._edits.append((behind, behind, content))

    def legacy_drawing(self) -> str | None:
        """The id of the relation to the drawing that holds the comments' boxes."""
        element = self.root.child("legacyDrawing")
        if element is None:
            return None
        return next((value for key, value in element.attributes.items() if key.endswith(":id")), None)

    def add_legacy_drawing(self, key: str) -> None:
        after = next((child for child in self.root.children if child.local in _BEHIND_LEGACY_DRAWING), None)
        where = after.start if after is not None else self.root.close
        entry = f'<{self.root.prefix}legacyDrawing xmlns:r="{OFFICE}" r:id="{key}"/>'
        self._edits.append((where, where, entry.encode()))

    def drop_legacy_drawing(self) -> None:
        self._edits += [tags.removed(element) for element in self.root.all("legacyDrawing")]

    def box(self, cell: str, width: int, height: int) -> tuple[int, ...]:
        """Where a comment's box stands: column, offset, row and offset of its two corners, right of the cell."""
        row, column = place(cell)
        right, right_rest = _walk(column + 1, width + 15, self._column_width)
        top = max(0, row - 1)
        bottom, bottom_rest = _walk(top, height + 10, self._row_height)
        return column + 1, 15, top, 10, right, right_rest, bottom, bottom_rest

    def _column_width(self, column: int) -> int:
        entry = next((a for a in self._columns if self._covers(a, column)), {})
        if entry.get("hidden") in ("1", "true"):
            return 0
        return int(tags.real(entry["width"]) * 7) if "width" in entry else _WIDTH

    def _row_height(self, row: int) -> int:
        own = self._rows[row].attributes if row in self._rows else {}
        if own.get("hidden") in ("1", "true"):
            return 0
        return int(tags.real(own["ht"]) * 4 / 3) if "ht" in own else _HEIGHT

    def to_bytes(self) -> bytes:
        return tags.apply(self._part, self._edits)


def _walk(first: int, pixels: int, size: Callable[[int], int]) -> tuple[int, int]:
    """The column or row that lies so many pixels behind the beginning of the first, and the offset in it."""
    at = first
    while pixels > size(at) and at < first + 200:
        pixels -= size(at)
        at += 1
    return at, min(pixels, size(at))
