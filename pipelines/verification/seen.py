"""What a reader of a file sees other than in ours, besides cells and paragraphs that say something else. Pure but for reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.exports.fingerprint import BLANK, RowDigest, row_digest, rows_digest
from pipelines.exports.list_manifest import SHEET
from pipelines.exports.paper_styles import ADDRESSEE, DAY, ORGAN
from pipelines.exports.shortlist_docx import TEXT
from pipelines.verification.found import Found

# What people may write where the draft leaves it to them.
_FILLED = {
    ADDRESSEE: re.compile(r"[^\d，,。；;：:]{0,20}(?:[，,、][^\d，,。；;：:]{1,20}){0,5}[：:]"),
    ORGAN: re.compile(r"[^\d，,。；;：:]{0,40}"),
    DAY: re.compile(
        r"\d{4}年[\s\d]{1,2}月[\s\d]{1,2}日|[〇一二三四五六七八九十]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
    ),
}
_SHOWN = 40
_FACTS = ("文件属性", "打印区域", "打印标题")


@dataclass
class Survey:
    """The rows of a part by their digests: all that say anything, and those that keep their place."""

    digests: list[RowDigest] = field(default_factory=list)
    first: list[tuple[int, RowDigest]] = field(default_factory=list)


def survey(found: Found) -> dict[str, Survey]:
    """Each part, read once."""
    surveys = {}
    for name, lines in found.parts.items():
        surveys[name] = part = Survey()
        for line, cells in lines():
            digest = row_digest(cells)
            if digest != BLANK:
                part.digests.append(digest)
                if line <= found.first_rows:
                    part.first.append((line, digest))
    return surveys


def content(surveys: dict[str, Survey]) -> dict[str, str]:
    """The digest of each part, as a manifest has it."""
    return {name: rows_digest(part.digests) for name, part in surveys.items()}


def moved_lines(
    found: Found, theirs: dict[str, Survey], expected: Found, ours: dict[str, Survey]
) -> Iterator[str]:
    """Lines that say the same and stand elsewhere, in Chinese: rows that keep their place, and the paragraphs and tables of a paper."""
    for name, part in theirs.items():
        if (
            name in ours
            and name not in (TEXT, SHEET)
            and Counter(part.digests) == Counter(ours[name].digests)
        ):
            shifted = next(
                (
                    line
                    for (line, one), (_, other) in zip(part.first, ours[name].first, strict=False)
                    if one != other
                ),
                None,
            )
            lines = [line for line, _ in part.first] == [line for line, _ in ours[name].first]
            if shifted is not None or not lines:
                yield f"{found.address(name, shifted or 1, 1)}：这一行的位置与导出时不同"
    yield from _out_of_order(found.sequence, expected.sequence)


def _out_of_order(found: Sequence[tuple[str, str]], expected: Sequence[tuple[str, str]]) -> Iterator[str]:
    shared = Counter(token for _, token in found) & Counter(token for _, token in expected)

    def common(sequence: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        room = shared.copy()
        kept = []
        for place, token in sequence:
            if room[token]:
                room[token] -= 1
                kept.append((place, token))
        return kept

    for (place, token), (_, ours) in zip(common(found), common(expected), strict=True):
        if token != ours:
            yield f"{place}“{_cut(token)}”的位置与导出时不同，此处应为“{_cut(ours)}”"
            return


def strange(found: Found, expected: Found, *, is_same_run: bool, is_same_layout: bool) -> list[str]:
    """What the file shows beside its parts that ours does not, or the other way round, in Chinese."""
    said = list(found.beside.foreign)
    for style, text in found.beside.filled.items():
        if text != expected.beside.filled.get(style) and not _FILLED[style].fullmatch(text):
            said.append(f"“{style}”处写了“{_cut(text)}”，超出了由人填写的范围")
    if not is_same_layout:
        return said
    theirs, ours = found.beside.shown, expected.beside.shown
    for place in sorted(theirs.keys() | ours.keys()):
        one, other = theirs.get(place, ""), ours.get(place, "")
        if one != other and (is_same_run or not any(fact in place for fact in _FACTS)):
            said.append(f"{place}：文件中为“{_cut(one)}”，应为“{_cut(other)}”")
    for place, looks in found.beside.looks.items():
        known = expected.beside.looks.get(place)
        for look, first in looks.items():
            if known is not None and look not in known:
                said.append(
                    f"{place}与导出时不同（{first}起）：文件中为“{_cut(look)}”，应为“{_cut('、'.join(known))}”"
                )
    return said


def filled(found: Found, expected: Found) -> str | None:
    """What people have filled in, which nobody vouches for; None where the draft is as it was."""
    said = [
        f"{style}“{_cut(text)}”"
        for style, text in found.beside.filled.items()
        if text != expected.beside.filled.get(style)
    ]
    return f"由人填写、不在核对范围内的内容：{'，'.join(said)}。" if said else None


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
