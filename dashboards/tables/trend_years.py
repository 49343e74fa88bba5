"""Years in words: whether they rise or fall and how sure that is, and the first whole year against the newest."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import polars as pl

from dashboards import format
from dashboards.tables.trends import own_value
from pipelines.exports.figures import exact

Row = dict[str, Any]
SIGNIFICANT = Fraction(5)  # percent
LEAST_CHANCE = Fraction(1, 10)  # percent
YEARS = 5
SAYS = {True: "达到标准", False: "未达到标准"}


def yearly(choice: Row | None) -> str:
    """Sen's slope with the exact chance of such a course without any trend. choice: the indicator's row of the grain year, None without one."""
    if choice is None:
        return "没有全年数值"
    if not choice["judged"]:
        return f"只有{choice['points']}年，不足{YEARS}年，暂不判断"
    slope = exact(choice["slope"])
    change = (
        "持平" if slope == 0 else f"{'上升' if slope > 0 else '下降'}{amount(abs(slope), choice['unit'])}"
    )
    return f"每年约{change}，出于偶然的可能{chance(choice['p'])}"


def yearly_note(known: pl.DataFrame, choice: Row) -> str:
    """Whether the years' course is more than chance: what two years alone cannot say."""
    years = known.filter(pl.col("indicator") == choice["indicator"], pl.col("grain") == "year").to_dicts()
    return f"两年之差本身分不清偶然和变化。各年升降：{yearly(years[0] if years else None)}。"


def chance(p: float) -> str:
    """A probability as a percentage, on its side of 5%: 4.96%, not 5.0%."""
    percent = exact(p) * 100
    if percent < LEAST_CHANCE:
        return "不到0.1%"
    return f"{format.rounded(percent, (SIGNIFICANT,))}%"


def amount(change: Fraction, unit: str) -> str:
    """A change from 0 on in the indicator's unit, in percentage points for shares; something is never 0.0."""
    scale, name = (100, "个百分点") if unit == "%" else (1, unit)
    return f"{format.rounded(change * scale, (Fraction(0),))}{name}"


def before_and_after(years: pl.DataFrame, choice: Row) -> str:
    """The first whole year against the newest, and for a unit on which side of its standard each of them is."""
    rows = years.drop_nulls("value").sort("point").to_dicts()
    if not rows:
        return "没有完整一年的数值，不能对比前后。"
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return f"只有{first['point']}年一个完整年的数值（{own_value(first, choice)}），还不能对比前后。"
    before, after, change = _told(first, last, choice)
    sentence = f"{first['point']}年为{before}，{last['point']}年为{after}，{change}"
    return f"{sentence}{_standing(first, last, choice)}。"


def _told(first: Row, last: Row, choice: Row) -> tuple[str, str, str]:
    """Both values and their difference in words, to as many decimals (four at most) as make them agree with each other and with the standard."""
    is_share = choice["unit"] == "%"
    scale = 100 if is_share else 1
    values = [exact(row["value"]) * scale for row in (first, last)]
    change = values[1] - values[0]
    if not change:
        return own_value(first, choice), own_value(last, choice), "两年持平"
    limits = [
        [exact(row["standard"]) * scale]
        if row["standard"] is not None
        else [*format.WHOLE_OR_NONE] * is_share
        for row in (first, last)
    ]
    start = 0 if all(value.denominator == 1 for value in values) else 1
    for decimals in range(start, format.MOST_DECIMALS + 1):
        shown = [_rounded(value, decimals) for value in values]
        size = _rounded(abs(change), decimals)
        sides_kept = all(
            format.side(Fraction(seen), limit) == format.side(value, limit)
            for seen, value, of_row in zip(shown, values, limits, strict=True)
            for limit in of_row
        )
        if size and abs(shown[1] - shown[0]) == size and sides_kept:
            break
    unit = "个百分点" if is_share else choice["unit"]
    turn = "变好" if (change > 0) == (choice["direction"] == "higher") else "变差"
    said = f"{'上升' if change > 0 else '下降'}{size or '不到0.0001'}{unit}（{turn}）"
    return f"{shown[0]}{choice['unit']}", f"{shown[1]}{choice['unit']}", said


def _rounded(value: Fraction, decimals: int) -> Decimal:
    """To so many decimals; halves go up."""
    return Decimal(floor(value * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def _standing(first: Row, last: Row, choice: Row) -> str:
    if choice["is_group"] or first["standard"] is None or last["standard"] is None:
        return ""
    before, after = (_meets(row, choice["compare"]) for row in (first, last))
    asked = format.standard(Decimal(str(last["standard"])), choice["unit"], choice["compare"])
    if before == after and first["standard"] == last["standard"]:
        return f"；两年都{SAYS[after]}（{asked}）"
    return f"；{first['point']}年{SAYS[before]}，{last['point']}年{SAYS[after]}（{asked}）"


def _meets(row: Row, compare: str | None) -> bool:
    value, standard = exact(row["value"]), exact(row["standard"])
    return {"above": value > standard, "at_most": value <= standard}.get(compare or "", value >= standard)
