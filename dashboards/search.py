"""Finding units and branches as an office types them: by name, by code, or by the first letters of the name in pinyin.

The one place that knows pinyin. Characters with several readings are read by the longest word of pypinyin's dictionary that they
stand in (重庆 is cq, 长沙 cs); outside any word they have their commonest reading, which may be the wrong one for a place.
No Streamlit.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import normalize

import polars as pl

from pipelines.marts.published import PublishedRun

LONGEST = 100  # characters of a search that count
_PARTED = "\n"  # stands in no name and no search: nothing is found across two of them


@lru_cache(maxsize=100_000)
def initials(name: str) -> str:
    """The first letters of the name in pinyin, Latin letters and figures as they are, and nothing else: njsdyzx."""
    from pypinyin.contrib.mmseg import (
        seg,
    )  # the dictionary takes a third of a second, which only a search should cost

    return "".join(map(_letters, seg.cut(_plain(name))))


def matches(text: str, query: str) -> bool:
    """Whether every word of the query stands in the text or in its initials; capitals and full-width letters are as small ones."""
    key = searchable(text)
    return all(word in key for word in words(query))


def words(query: str) -> list[str]:
    """The words of a search, of which each must be found."""
    return _plain(query[:LONGEST]).split()


def searchable(name: str, code: str = "") -> str:
    """What a search is held against."""
    return _PARTED.join((_plain(name), _plain(code), initials(name)))


def keys(run: PublishedRun) -> pl.DataFrame:
    """unit_code and what a search for it is held against (`key`), for every unit and branch; a branch is found by its unit, too.

    To be asked once a run: 52,000 different names take a second or two, and branches of many units are called the same.
    """
    registry = (
        run.scan("dim_unit").select("unit_code", "name", "kind", "parent_code").sort("unit_code").collect()
    )
    own = {code: searchable(name, code) for code, name in registry.select("unit_code", "name").iter_rows()}
    keyed = [
        own[code] + (_PARTED + own[parent] if kind == "branch" and parent in own else "")
        for code, kind, parent in registry.select("unit_code", "kind", "parent_code").iter_rows()
    ]
    return registry.select("unit_code", key=pl.Series(keyed, dtype=pl.String))


def found(known: pl.DataFrame, query: str) -> pl.DataFrame:
    """The unit_code of those whose key holds every word of the query. known: as `keys` gives them."""
    held = [pl.col("key").str.contains(word, literal=True) for word in words(query)]
    return known.lazy().filter(*held).select("unit_code").collect()


@lru_cache(maxsize=100_000)
def _letters(word: str) -> str:
    from pypinyin import Style, lazy_pinyin

    read = "".join(lazy_pinyin(word, style=Style.FIRST_LETTER))
    return "".join(letter for letter in read.lower() if letter.isalnum())


def _plain(text: str) -> str:
    return normalize("NFKC", text).lower()
