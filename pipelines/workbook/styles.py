"""The look of the workbook: fonts, colours and cell formats, made once for each workbook. No positions and no words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

BODY_FONT = "宋体"
HEAD_FONT = "黑体"

INPUT_FILL = "#FFF8DC"
PREFILLED_FILL = "#DDEBF7"
HEAD_FILL = "#EDEDED"
LOCKED_FILL = "#D9D9D9"
LINE = "#808080"
WARNING = "#C00000"

_PLAIN: dict[str, Any] = {"font_name": BODY_FONT, "font_size": 10, "valign": "vcenter"}
_GRID = _PLAIN | {"border": 1, "border_color": LINE}
_CENTRE = {"align": "center", "text_wrap": True}
_LEFT = {"align": "left", "text_wrap": True, "indent": 1}
# The number format of text cells keeps «=1+1» and «001» text, also when a clerk edits the cell.
_TEXT = {"num_format": "@"}
_OPEN = {"locked": False}
_INDENT = 2  # characters that an indented cell loses


@dataclass(frozen=True)
class Styles:
    """One workbook's formats."""

    title: Format
    title_left: Format
    issuer: Format
    mark: Format
    line: Format
    line_centre: Format
    line_right: Format
    paragraph: Format
    section: Format
    head: Format
    head_small: Format
    code: Format
    label: Format
    fact: Format
    previous: Format
    previous_text: Format
    hint: Format
    value: Format
    not_asked: Format
    input: Format
    input_text: Format
    prefilled: Format
    prefilled_text: Format
    key_input: Format
    key_prefilled: Format

    def input_for(self, *, is_text: bool, is_prefilled: bool) -> Format:
        """The format of an input cell."""
        if is_prefilled:
            return self.prefilled_text if is_text else self.prefilled
        return self.input_text if is_text else self.input


def make_styles(book: Workbook) -> Styles:
    """Add every format to the workbook, in a fixed order."""
    return Styles(
        title=book.add_format(_PLAIN | _CENTRE | {"font_name": HEAD_FONT, "font_size": 16}),
        title_left=book.add_format(_PLAIN | {"font_name": HEAD_FONT, "font_size": 16}),
        issuer=book.add_format(_PLAIN | _CENTRE | {"font_size": 12}),
        mark=book.add_format(_PLAIN | {"bold": True, "font_color": WARNING}),
        line=book.add_format(_PLAIN),
        line_centre=book.add_format(_PLAIN | {"align": "center"}),
        line_right=book.add_format(_PLAIN | {"align": "right"}),
        paragraph=book.add_format(_PLAIN | _LEFT | {"indent": 0}),
        section=book.add_format(_PLAIN | {"font_name": HEAD_FONT, "font_size": 11}),
        head=book.add_format(_GRID | _CENTRE | {"font_name": HEAD_FONT, "bg_color": HEAD_FILL}),
        head_small=book.add_format(_GRID | _CENTRE | {"font_size": 8, "bg_color": HEAD_FILL}),
        code=book.add_format(_GRID | _TEXT | {"align": "center"}),
        label=book.add_format(_GRID | _TEXT | _LEFT),
        fact=book.add_format(_GRID | _TEXT | _CENTRE),
        previous=book.add_format(_GRID | {"align": "center", "font_color": "#595959", "bg_color": "#F7F7F7"}),
        previous_text=book.add_format(
            _GRID | _TEXT | _CENTRE | {"font_color": "#595959", "bg_color": "#F7F7F7"}
        ),
        hint=book.add_format(_GRID | _LEFT | {"font_size": 9, "font_color": "#404040"}),
        value=book.add_format(_GRID | _TEXT | _LEFT | {"bold": True}),
        not_asked=book.add_format(_GRID | {"align": "center", "font_color": LINE, "bg_color": LOCKED_FILL}),
        input=book.add_format(_GRID | _OPEN | {"align": "center", "bg_color": INPUT_FILL}),
        input_text=book.add_format(_GRID | _OPEN | _TEXT | _LEFT | {"bg_color": INPUT_FILL}),
        prefilled=book.add_format(_GRID | _OPEN | {"align": "center", "bg_color": PREFILLED_FILL}),
        prefilled_text=book.add_format(_GRID | _OPEN | _TEXT | _LEFT | {"bg_color": PREFILLED_FILL}),
        key_input=book.add_format(_GRID | {"align": "center", "bg_color": INPUT_FILL}),
        key_prefilled=book.add_format(_GRID | {"align": "center", "bg_color": PREFILLED_FILL}),
    )


@lru_cache(maxsize=4096)
def lines_needed(text: str, width: int) -> int:
    """Lines that the text takes in a column of `width` characters; a Chinese character takes two."""
    lines = 0
    for paragraph in text.split("\n"):
        cells = sum(2 if east_asian_width(character) in "WFA" else 1 for character in paragraph)
        lines += max(1, -(-cells // max(1, width - 1)))
    return lines


def row_height(cells: list[tuple[str, int]], least: float = 26.0) -> float:
    """Points that a row of (text, column width) needs, so that wrapped text shows in full in every program."""
    return max(least, *(13.5 * lines_needed(text, width - _INDENT) + 4 for text, width in cells))
