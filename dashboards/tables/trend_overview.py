"""All indicators of one holder at their newest points, and a group's units whose trend flags are new."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards.markup import Badge, Cell, Column, Table, Term
from dashboards.scope import Scope
from dashboards.tables.trend_years import yearly
from dashboards.tables.trends import GRAVITY, Holder, mark, telling_grain, value_text
from pipelines.exports.trend_signals import TOO_FEW, tone_of

Row = dict[str, Any]
# Bands of the table, in the order in which they ask for attention.
BANDS = {
    "worse": "变差的信号",
    "better": "变好的信号",
    "none": "正常波动",
    TOO_FEW: "点数不足，暂不判断",
}
NOTE = (
    "每项列出最能说明问题的一种时间：变差的信号出现在哪种就列哪种，否则按季。各年升降用曼-肯德尔法检验，括注的可能性是精确概率（满10年用正态近似）："
    "数值没有任何趋势时，各年出现这样或更明显的升降的可能。"
)
_STATUS = {"consistent_pass": "met", "consistent_fail": "not_met", "inconsistent": "behind"}


def newest(known: pl.DataFrame) -> list[Row]:
    """One row an indicator: its most telling grain, with `band` and `years` (its row of the grain year); in the order of the bands, the
    gravest signal first, then as the policy speaks.
    """
    rows = known.to_dicts()
    years = {row["indicator"]: row for row in rows if row["grain"] == "year"}
    chosen = {name: telling_grain(known, name) for name in known["indicator"].unique(maintain_order=True)}
    found = [
        {**row, "band": _band(row), "years": years.get(row["indicator"])}
        for row in rows
        if row["grain"] == chosen[row["indicator"]]
    ]
    bands = list(BANDS)
    return sorted(found, key=lambda row: (bands.index(row["band"]), _gravity(row)))


def _band(row: Row) -> str:
    if row["signal"] == TOO_FEW:
        return TOO_FEW
    return tone_of(row["side"], row["direction"]) or "none"


def _gravity(row: Row) -> int:
    return GRAVITY.index(row["signal"]) if row["signal"] in GRAVITY else len(GRAVITY)


def counts(rows: list[Row]) -> list[tuple[str, str, str]]:
    """The key figures: how many indicators stand in each band."""
    remarks = {
        "worse": "超出平常起伏，应了解原因",
        "better": "超出平常起伏，可总结做法",
        "none": "不必逐期追问原因",
        TOO_FEW: "按月、按季不足12个点，按年不足5年",
    }
    return [
        (name, str(sum(row["band"] == band for row in rows)), remarks[band]) for band, name in BANDS.items()
    ]


def overview_table(rows: list[Row], holder: Holder, scope: Scope, which: str = "") -> Table:
    """Rows of `newest` as they are read, each leading to its chart. which: what the table is called besides, where it holds a part of them."""
    columns = [
        Column("指标"),
        Column("最近一点", narrow=True),
        Column("数值", figures=True),
        Column("中心线", figures=True),
        Column("判断", narrow=True),
        Column("按这样的波动", narrow=True),
        Column("各年升降", prose=True),
    ]
    bands = [row["band"] for row in rows]
    groups = [
        (bands.index(band), f"{name}（{bands.count(band)}项）")
        for band, name in BANDS.items()
        if band in bands
    ]
    shown = [_overview_row(row, holder, scope) for row in rows]
    empty = "各项指标都还不足12个点，暂不判断；积累到12个月或12个季度后开始判断。"
    return Table(f"{holder.name}各项指标的趋势{which}", columns, shown, empty, groups)


def _overview_row(row: Row, holder: Holder, scope: Scope) -> list[Cell]:
    name = f"{row['clause']}　{row['label_zh']}"
    return [
        scope.trends_link(name, holder.address, row["indicator"], row["grain"]),
        row["last_point"],
        value_text(row["value"], row, row["standard"]),
        value_text(row["centre"], row),
        mark(row, row),
        _promise(row, scope),
        yearly(row["years"]),
    ]


def _promise(row: Row, scope: Scope) -> Cell:
    if row["full_standard"] is None:
        return Term("未设标准", "这项指标没有标准，只看升降")
    if row["is_group"] and row["rollup"] == "share_meeting":
        return Term("按单位判断", "这项标准要求每个单位都达到，合计或平均达到不能说明每个单位都达到")
    if row["assurance"] is None:
        return Term("暂不判断", "点数不够，或各点本身没有标准，控制限不能说明能否达标")
    return Badge(_STATUS[row["assurance"]], scope.labels("assurance", row["assurance"]))


def flagged_reading(flagged: pl.DataFrame, members: int, holder: Holder, scope: Scope) -> str:
    """How many of the group's units have a new trend flag, and how many branches."""
    if flagged.is_empty():
        return f"{scope.period_zh}{holder.name}{members}个单位中没有新出现的趋势预警。"
    units = flagged.filter(pl.col("branch_code").is_null())["unit_code"].n_unique()
    branches = flagged["branch_code"].drop_nulls().n_unique()
    said = f"{scope.period_zh}{holder.name}{members}个单位中，{units}个单位本级新出现趋势预警"
    return said + (f"；另有{branches}个支部新出现趋势预警。" if branches else "。")


def flagged_table(flagged: pl.DataFrame, holder: Holder, scope: Scope) -> Table:
    """Each new flag with its level and sentence; the name leads to the chart."""
    rows: list[list[Cell]] = [
        [
            Badge(row["level"], scope.labels("level", row["level"])),
            scope.trends_link(
                row["name"], unit_address(row["unit_code"], row["branch_code"]), row["indicator"]
            ),
            row["reason"],
        ]
        for row in flagged.to_dicts()
    ]
    columns = [Column("级别", narrow=True), Column("单位、支部"), Column("情况", prose=True, meaning="")]
    return Table(f"{holder.name}{scope.period_zh}新出现的趋势预警", columns, rows, "没有新出现的趋势预警。")


def unit_address(unit: str, branch: str | None) -> tuple[tuple[str, str], ...]:
    """The place of a unit's or a branch's trends in the address."""
    return (("scope", "unit"), ("unit", unit), *((("branch", branch),) if branch else ()))
