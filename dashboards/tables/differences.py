"""Which differences between units can be relied on and which may be chance, in words."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import polars as pl

from dashboards import format
from dashboards.queries.registry import JUDGED
from dashboards.scope import Scope
from dashboards.theme import SERIES

Row = dict[str, Any]
Pair = tuple[Row, Row]
CHANCE = "样本小，差异可能出于偶然"
NAMED = 3  # so many pairs or indicators are named; of more it is said how many
WEAK = ("not_met", "behind")


def mark(seat: int) -> str:
    """The sign by which a unit is known on this page, in charts and tables."""
    return SERIES[seat][2]


def comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that can be drawn and held against each other: with a value, of data that are reliable enough."""
    return frame.filter(pl.col("value").is_not_null(), pl.col("can_speak"))


def pairs(rows: list[Row]) -> tuple[list[Pair], list[Pair]]:
    """The pairs of units that differ in an indicator: those whose intervals stand apart, and those whose intervals overlap."""
    apart: list[Pair] = []
    overlapping: list[Pair] = []
    for one, other in combinations(rows, 2):
        if one["value"] != other["value"]:
            overlap = one["ci_low"] <= other["ci_high"] and other["ci_low"] <= one["ci_high"]
            (overlapping if overlap else apart).append((one, other))
    return apart, overlapping


def certainty(rows: list[Row]) -> str:
    """Whether the differences of one indicator can be relied on, and of which units they cannot. rows: the comparable ones of it."""
    if len(rows) < 2:
        return format.NOTHING
    if len({row["value"] for row in rows}) == 1:
        return "数值相同"
    if any(row["ci_low"] is None for row in rows):
        return "没有区间，不作判断"
    apart, overlapping = pairs(rows)
    if not overlapping:
        return "区间互不重叠，差异较可靠"
    if not apart and len(rows) > 2:
        return f"各单位之间：{CHANCE}"
    if len(apart) < len(overlapping) and len(overlapping) > NAMED:
        return f"{_named(apart)}差异较可靠；其余：{CHANCE}"
    return f"{_named(overlapping)}：{CHANCE}"


def _named(found: list[Pair]) -> str:
    named = "、".join(f"{mark(one['seat'])}与{mark(other['seat'])}" for one, other in found[:NAMED])
    return named + (f"等{len(found)}对" if len(found) > NAMED else "")


def by_indicator(frame: pl.DataFrame) -> list[list[Row]]:
    """The rows of each indicator, in the order of the frame."""
    return [part.to_dicts() for part in frame.partition_by("indicator", maintain_order=True)]


def reading(frame: pl.DataFrame, units: pl.DataFrame, scope: Scope, dimension: str) -> str:
    """The dimension in a sentence or two: what can be relied on, what may be chance, and who misses standards."""
    name = scope.labels("dimension", dimension)
    known = comparable(frame)
    if known.is_empty():
        return f"{name}本期没有可以比较的数值，原因见下表。"
    return (_alone(known, units, scope) if units.height == 1 else _together(known, name)) + _missed(
        frame, units
    )


def _together(known: pl.DataFrame, name: str) -> str:
    indicators = [rows for rows in by_indicator(known) if len(rows) > 1]
    if not indicators:
        return f"{name}没有两个单位都有数值的指标。"
    differing = [
        rows
        for rows in indicators
        if len({row["value"] for row in rows}) > 1 and all(row["ci_low"] is not None for row in rows)
    ]
    sure = [rows for rows in differing if not pairs(rows)[1]]
    unsure = len(differing) - len(sure)
    words = f"{name}{len(indicators)}项指标可以比较"
    if not differing:
        return f"{words}，各单位数值相同，或没有区间可以判断。"
    parts = []
    if sure:
        listed = "、".join(rows[0]["label_zh"] for rows in sure[:NAMED]) + (
            f"等{len(sure)}项" if len(sure) > NAMED else ""
        )
        parts.append(f"{listed}的差异较可靠")
    if unsure:
        parts.append(f"{unsure}项有单位的区间重叠，{CHANCE}（是哪些单位见表中“差异是否可靠”栏）")
    return f"{words}：{'；'.join(parts)}。"


def _alone(known: pl.DataFrame, units: pl.DataFrame, scope: Scope) -> str:
    unit = units.row(0, named=True)
    placed = known.drop_nulls("peer_percentile")
    group = scope.labels("peer_group", unit["peer_group"])
    if placed.is_empty():
        return f"{unit['name']}与同类组“{group}”比较：同类组可比的单位太少，不排位次。"
    better = placed.filter(pl.col("peer_percentile") > 1 / 2).height
    apart = placed.filter(pl.col("peer_position").fill_null("inside") != "inside").to_dicts()
    words = f"{unit['name']}与同类组“{group}”比较：{placed.height}项指标有位次，其中{better}项优于半数以上的同类。"
    if not apart:
        return f"{words}没有指标超出同类的正常范围。"
    listed = "、".join(
        f"{row['label_zh']}（{scope.labels('peer_position', row['peer_position'])}）" for row in apart[:NAMED]
    )
    more = f"等{len(apart)}项" if len(apart) > NAMED else ""
    return f"{words}{listed}{more}超出同类的正常范围。"


def _missed(frame: pl.DataFrame, units: pl.DataFrame) -> str:
    judged = frame.filter(pl.col("status").is_in(JUDGED))
    if judged.is_empty():
        return ""
    counts = dict(judged.filter(pl.col("status").is_in(WEAK)).group_by("seat").len().rows())
    named = "、".join(
        f"{row['name']}{counts[row['seat']]}项" for row in units.to_dicts() if counts.get(row["seat"])
    )
    return f"未达标或进度滞后：{named}。" if named else "可判定的标准全部达标或进度正常。"
