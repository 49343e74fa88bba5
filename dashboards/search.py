"""Finding units and branches as an office types them: by name, by code, or by the first letters of the name in pinyin. No Streamlit."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import polars as pl

from pipelines.marts.published import PublishedRun
from pipelines.unit_search import PARTED, plain

LONGEST = 100  # characters of a search that count
LISTED = 300  # units that a list offers at once; a browser takes a quarter of a second over the thousands of a province


def words(query: str) -> list[str]:
    """The words of a search, of which each must be found."""
    return plain(query[:LONGEST]).split()


def found(run: PublishedRun, query: str) -> pl.DataFrame:
    """The unit_code of the units and branches that every word of the query is found in, in order."""
    held = [pl.col("sought_as").str.contains(word, literal=True) for word in words(query)]
    return run.scan("unit_search").filter(*held).select("unit_code").sort("unit_code").collect()


def named(names: Mapping[str, str], query: str) -> list[str]:
    """The codes of those whose name or code every word of the query stands in. names: code → name."""
    wanted = words(query)
    held = {code: PARTED.join((plain(name), plain(code))) for code, name in names.items()}
    return [code for code, text in held.items() if all(word in text for word in wanted)]


def offered(codes: Sequence[str], found: Container[str] | None, chosen: str) -> tuple[list[str], str]:
    """The units that a list offers, LISTED at most, and which they are, in words: those found, else those about the one chosen.

    codes: of all units, in order. found: None where nothing is searched for.
    """
    hits = [] if found is None else [code for code in codes if code in found]
    if not hits:
        is_whole = len(codes) <= LISTED
        if found is None:
            which = "可输入名称或代码查找" if is_whole else f"列出代码相近的{LISTED}个，其他单位请先查找"
        else:
            which = "没有找到，列出" + ("全部单位" if is_whole else f"代码相近的{LISTED}个")
        return _about(codes, chosen), which
    if len(hits) > LISTED:
        return hits[:LISTED], f"找到{len(hits):,}个，列出前{LISTED}个，请再写具体些"
    return hits, f"找到{len(hits)}个"


def _about(codes: Sequence[str], one: str) -> list[str]:
    """The LISTED that stand about one of them; the first where it is none of them."""
    place = codes.index(one) if one in codes else 0
    start = max(0, min(place - LISTED // 2, len(codes) - LISTED))
    return list(codes[start : start + LISTED])
