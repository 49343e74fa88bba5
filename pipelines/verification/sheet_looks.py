"""How cells of a workbook are shown, as far as that can change or hide what stands in them: number format, colours, strokes, fonts of signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from pipelines.verification.markup import SHEETS, NotOurs, Parser
from pipelines.verification.theme import is_symbol

MOST_FORMATS = 20_000
BLACK = "FF000000"
_BUILTIN = {
    "0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "11": "0.00E+00", "49": "@",
}  # fmt: skip
_QUOTED = re.compile(r'\\(.)|"([^"]*)"')
# Turns and fillings of a cell that change what is read in it.
_TURNED = {
    "horizontal": ("fill",),
    "textRotation": None,
    "indent": None,
    "readingOrder": ("2",),
    "shrinkToFit": ("1", "true"),
}
SMALLEST_SIZE = 7.5


class Look(NamedTuple):
    """How a cell is shown: its number format, the colour of its letters, and its ground with strokes, signs and turns."""

    number: str
    letters: str
    ground: str


PLAIN = Look("General", BLACK, "none")


def colour(attributes: Mapping[str, str]) -> str:
    """A colour as one word; black by whatever name."""
    if value := attributes.get("rgb"):
        return f"FF{value[-6:].upper()}"
    if attributes.get("auto") or attributes.get("indexed") == "64":
        return BLACK
    if theme := attributes.get("theme"):
        tint = attributes.get("tint", "0")
        return BLACK if theme == "1" and float_or_none(tint) == 0 else f"theme {theme} {tint}"
    return f"indexed {attributes['indexed']}" if "indexed" in attributes else BLACK


def float_or_none(text: str) -> float | None:
    """The number that a text says, None for one that says none."""
    try:
        return float(text)
    except ValueError:
        return None


def is_off(value: str | None) -> bool:
    """Whether an attribute says no."""
    return value in (None, "", "0", "false", "none", "baseline")


def bad_font(name: str, attributes: Mapping[str, str]) -> str | None:
    """What in the properties of letters hides or changes them, in Chinese; None where nothing does."""
    value = attributes.get("val")
    if name == "strike" and not is_off(value or "1"):
        return "删除线"
    if name == "vertAlign" and not is_off(value):
        return "上标或下标"
    if name == "sz" and not (float_or_none(value or "") or 0) >= SMALLEST_SIZE:
        return "过小的文字"
    if name in ("name", "rFont") and is_symbol(value or ""):
        return "符号字体"
    return None


class Looks(Parser):
    """The part of styles: by the index of a cell's format, how it is shown."""

    spaces = SHEETS

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[Look] = []
        self._numbers = dict(_BUILTIN)
        self._fonts: list[tuple[str, str]] = []
        self._fills: list[str] = []
        self._open: list[str] = []
        self._said: list[str] = []
        self._look = PLAIN

    def of(self, index: int) -> Look:
        """How cells of this format are shown."""
        return self._cells[index] if index < len(self._cells) else PLAIN

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if max(len(self._fonts), len(self._fills), len(self._cells), len(self._numbers)) > MOST_FORMATS:
            raise NotOurs("文件中的格式过多")
        if name == "numFmt":
            self._numbers[attributes.get("numFmtId", "")] = plain(attributes.get("formatCode", ""))
        elif name in ("font", "fill"):
            self._said = [BLACK] if name == "font" else []
        elif parent == "font" and name == "color":
            self._said[0] = colour(attributes)
        elif parent == "font" and (what := bad_font(name, attributes)):
            self._said.append(what)
        elif name == "patternFill":
            self._said.append(attributes.get("patternType", "none"))
        elif name in ("gradientFill", "fgColor"):
            self._said.append(name if name == "gradientFill" else colour(attributes))
        elif name == "xf" and "cellXfs" in self._open:
            self._xf(attributes)
        elif name == "alignment" and parent == "xf":
            turned = "".join(
                f" {key}={attributes[key]}"
                for key, bad in _TURNED.items()
                if not is_off(attributes.get(key)) and (bad is None or attributes[key] in bad)
            )
            self._look = self._look._replace(ground=self._look.ground + turned)

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "font":
            self._fonts.append((self._said[0], " ".join(self._said[1:])))
        elif name == "fill":
            self._fills.append("none" if self._said[:1] in ([], ["none"]) else " ".join(self._said))
        elif name == "xf" and "cellXfs" in self._open:
            self._cells.append(self._look)

    def _xf(self, attributes: dict[str, str]) -> None:
        code = attributes.get("numFmtId", "0")
        font, fill = (_whole(attributes.get(key, "0")) for key in ("fontId", "fillId"))
        colour, strokes = self._fonts[font] if font is not None and font < len(self._fonts) else ("?", "")
        ground = self._fills[fill] if fill is not None and fill < len(self._fills) else "?"
        self._look = Look(self._numbers.get(code, f"内置格式{code}"), colour, f"{ground} {strokes}".strip())


def plain(code: str) -> str:
    """A number format without what writers put differently: quotes around signs that stand for themselves."""
    return (
        "General"
        if code.lower() == "general"
        else _QUOTED.sub(lambda found: found[1] or found[2] or "", code)
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
