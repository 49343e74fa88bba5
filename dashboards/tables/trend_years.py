"""Years in words: whether they rise or fall and how sure that is, and the first whole year against the newest."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
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
    change = exact(last["value"]) - exact(first["value"])
    said = (
        "两年持平"
        if change == 0
        else f"{'上升' if change > 0 else '下降'}{amount(abs(change), choice['unit'])}"
    )
    if change:
        said += f"（{'变好' if (change > 0) == (choice['direction'] == 'higher') else '变差'}）"
    sentence = f"{first['point']}年为{own_value(first, choice)}，{last['point']}年为{own_value(last, choice)}，{said}"
    return f"{sentence}{_standing(first, last, choice)}。"


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
