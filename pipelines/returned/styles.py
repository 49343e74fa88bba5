"""The styles part: cell formats with another fill, a fill as a short word and back, and formats for the list.

Formats are only ever added: a cell format that a mark has replaced is still there when the mark is taken away.
"""

from __future__ import annotations

import re

from pipelines.returned import tags
from pipelines.returned.tags import Element
from pipelines.returned.unfit import Unfit

NO_FILL = "无"
# A fill that no short word tells (a gradient): such a cell is not coloured, it only gets its comment.
UNKNOWN_FILL = "未改"
_RGB = re.compile(r"(?:[0-9A-F]{2})?([0-9A-F]{6})")
_COLOUR = re.compile(r"a|[0-9A-F]{8}|[it]\d{1,3}(?:[+-]\d(?:\.\d+)?(?:E-\d+)?)?|")
_PATTERN = re.compile(r"[A-Za-z0-9]{1,20}")


class Styles:
    """The styles part under change."""

    def __init__(self, part: bytes) -> None:
        self._part = part
        self._root = tags.parse(part)
        if self._root.local != "styleSheet" or self._root.prefix:
            raise Unfit("styles with a prefix")
        self._groups = {
            name: self._bytes_of(name) for name in ("numFmts", "fonts", "fills", "borders", "cellXfs")
        }
        self._sizes = {name: len(entries) for name, entries in self._groups.items()}
        if not self._groups["fills"] or not self._groups["cellXfs"]:
            raise Unfit("styles without fills or formats")
        self._fills = [fill_word(entry) for entry in self._groups["fills"]]
        self._formats: list[tuple[str, dict[str, str], bytes]] = []
        self._made: dict[tuple[int, str], int] = {}
        for entry in self._groups["cellXfs"]:
            self._learn(entry)

    def _bytes_of(self, group: str) -> list[bytes]:
        element = self._root.child(group)
        children = element.children if element is not None else []
        return [self._part[child.start : child.end] for child in children]

    def _learn(self, entry: bytes) -> None:
        """Keep what a format says beside its fill, so that it can be found again."""
        element = tags.parse(entry)
        facts = {
            key: value
            for key, value in sorted(element.attributes.items())
            if key not in ("fillId", "applyFill") and value not in ("0", "false")
        }
        fill = tags.whole(element.attributes.get("fillId", "0"))
        word = self._fills[fill] if fill < len(self._fills) else NO_FILL
        self._formats.append((word, facts, entry[element.inner : element.close]))

    def fill_of(self, style: int) -> str:
        """The fill of a cell format as a word."""
        return self._formats[style][0] if style < len(self._formats) else NO_FILL

    def with_fill(self, style: int, word: str) -> int:
        """The cell format that is like `style` and has this fill."""
        style = style if style < len(self._formats) else 0
        if (style, word) not in self._made:
            self._made[style, word] = self._make(style, word)
        return self._made[style, word]

    def _make(self, style: int, word: str) -> int:
        _, facts, inside = self._formats[style]
        if (word, facts, inside) in self._formats:
            return self._formats.index((word, facts, inside))
        entry = self._groups["cellXfs"][style]
        start, end, opening = tags.changed(
            tags.parse(entry), fillId=str(self._fill(word)), applyFill=None if word == NO_FILL else "1"
        )
        return self._add_format(entry[:start] + opening + entry[end:])

    def _fill(self, word: str) -> int:
        if word not in self._fills:
            self._groups["fills"].append(fill_of_word(word))
            self._fills.append(word)
        return self._fills.index(word)

    def _add_format(self, entry: bytes) -> int:
        self._groups["cellXfs"].append(entry)
        self._learn(entry)
        return len(self._formats) - 1

    def format(self, font: str, fill: str, border: str, alignment: str) -> int:
        """A cell format of the list (text, not locked), made of these entries."""
        ids = [self._entry("fonts", font), self._fill(fill), self._entry("borders", border)]
        entry = (
            f'<xf numFmtId="49" fontId="{ids[0]}" fillId="{ids[1]}" borderId="{ids[2]}" xfId="0" applyNumberFormat="1" applyFont="1" '
            f'applyFill="1" applyBorder="1" applyAlignment="1"><alignment {alignment}/></xf>'
        ).encode()
        if entry in self._groups["cellXfs"]:
            return self._groups["cellXfs"].index(entry)
        return self._add_format(entry)

    def _entry(self, group: str, entry: str) -> int:
        entries = self._groups[group]
        if entry.encode() not in entries:
            entries.append(entry.encode())
        return entries.index(entry.encode())

    def to_bytes(self) -> bytes:
        edits = []
        for name, entries in self._groups.items():
            new = b"".join(entries[self._sizes[name] :])
            if not new:
                continue
            element = self._root.child(name)
            if element is None:
                raise Unfit(f"styles without {name}")
            edits.append(_counted(element, len(entries)))
            edits.append(tags.appended(element, new))
        return tags.apply(self._part, edits)


def _counted(element: Element, count: int) -> tags.Edit:
    if element.is_empty:
        raise Unfit("an empty group of styles")
    return tags.changed(element, count=str(count))


def fill_word(entry: bytes) -> str:
    """A fill as a word: 无, FFF8DC for a plain colour, `pattern/foreground/background` for the rest."""
    pattern = tags.parse(entry).child("patternFill")
    if pattern is None:
        return UNKNOWN_FILL
    kind = pattern.attributes.get("patternType", "none")
    if kind == "none":
        return NO_FILL
    front, back = (_colour_word(pattern.child(name)) for name in ("fgColor", "bgColor"))
    if kind == "solid":
        plain = _RGB.fullmatch(front)
        return plain[1] if plain and front.startswith(("FF", "00")) else f"solid/{front}/"
    return f"{kind}/{front}/{back}"


def fill_of_word(word: str) -> bytes:
    """The fill that a word tells. Raises ValueError for what is no such word."""
    if word == NO_FILL:
        return b'<fill><patternFill patternType="none"/></fill>'
    if _RGB.fullmatch(word) and len(word) == 6:
        word = f"solid/FF{word}/"
    kind, front, back = [*word.split("/"), "", ""][:3]
    if word.count("/") != 2 or not _PATTERN.fullmatch(kind):
        raise ValueError(f"no fill: {word}")
    colours = _colour_tag("fgColor", front) + _colour_tag("bgColor", back)
    return f'<fill><patternFill patternType="{kind}">{colours}</patternFill></fill>'.encode()


def _colour_word(colour: Element | None) -> str:
    given = colour.attributes if colour is not None else {}
    if "rgb" in given:
        return given["rgb"].upper().rjust(8, "F")
    if given.get("auto"):
        return "a"
    for key in ("indexed", "theme"):
        if key in given:
            tint = tags.real(given.get("tint", "0"))
            return f"{key[0]}{tags.whole(given[key])}" + (f"{tint:+}" if tint else "")
    return ""


def _colour_tag(name: str, word: str) -> str:
    if not _COLOUR.fullmatch(word):
        raise ValueError(f"no fill: {word}")
    if not word:
        return ""
    if word == "a":
        return f'<{name} auto="1"/>'
    if word[0] not in "it":
        return f'<{name} rgb="{word}"/>'
    number = re.match(r"\d+", word[1:])
    assert number is not None
    key, tint = ("indexed" if word[0] == "i" else "theme"), word[1 + number.end() :]
    return f'<{name} {key}="{number[0]}"' + (f' tint="{tint}"' if tint else "") + "/>"
