"""What a search for a unit or branch is held against: its name, its code, and the first letters of the name in pinyin.

The one place that knows pinyin. Characters with several readings are read by the longest word of pypinyin's dictionary that they
stand in (重庆 is cq, 长沙 cs); outside any word they have their commonest reading, which may be the wrong one for a place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from unicodedata import normalize

import polars as pl

PARTED = "\n"  # stands in no name and no search: nothing is found across two of them


def unit_search(units: Iterable[tuple[str, str, str | None]]) -> pl.DataFrame:
    """unit_code and `sought_as` of every unit and branch; a branch is found by its unit, too, a unit not by the one above it.

    units: code, name, and of a branch the code of its unit.
    """
    known = list(units)
    letters = {
        name: initials(name) for name in {name for _, name, _ in known}
    }  # many branches are called the same
    own = {code: PARTED.join((plain(name), plain(code), letters[name])) for code, name, _ in known}
    rows = [
        (code, PARTED.join((own[code], own[unit])) if unit in own else own[code]) for code, _, unit in known
    ]
    return pl.DataFrame(rows, schema={"unit_code": pl.String, "sought_as": pl.String}, orient="row")


def plain(text: str) -> str:
    """Capitals and full-width letters as small ones."""
    return normalize("NFKC", text).lower()


def initials(name: str) -> str:
    """The first letters of the name in pinyin, Latin letters and figures as they are, and nothing else: njsdyzx."""
    from pypinyin.contrib.mmseg import (
        seg,
    )  # the dictionary takes a third of a second, which only a run should cost

    return "".join(map(_letters, seg.cut(plain(name))))


@cache
def _letters(word: str) -> str:
    from pypinyin import Style, lazy_pinyin

    read = "".join(lazy_pinyin(word, style=Style.FIRST_LETTER))
    return "".join(letter for letter in read.lower() if letter.isalnum())
