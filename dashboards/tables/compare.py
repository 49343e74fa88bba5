"""Units side by side in tables, and what is drawn of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Judged, Link, Table, Term
from dashboards.scope import Scope
from dashboards.tables.differences import by_indicator, certainty, comparable, mark
from dashboards.tables.unit import clause_cell, value_text

Row = dict[str, Any]
NOTE = (
    "点数值看它来自哪些单元格。优于同类60%：同类组中60%的单位数值不如它，数值相同的算一半。"
    "差异是否可靠：两个单位的95%区间重叠时，样本小，差异可能出于偶然；平均数没有区间，不作判断。"
)
YEAR_NOTE = "年度标准按全年画出：进度正常的，年底前还没有到标准，不算未达标。"


def members_table(frame: pl.DataFrame, scope: Scope, dimension: str) -> Table:
    """The units with their signs: who is like whom, and how each stands in the dimension."""
    rows: list[list[Cell]] = [
        [
            f"{mark(row['seat'])} ",
            scope.unit_link(row["name"], row["unit_code"]),
            row["unit_code"],
            scope.labels("peer_group", row["peer_group"]),
            row["city"],
            format.number(row["members"]),
            f"{row['good']}/{row['judged']}" if row["judged"] else format.NOTHING,
            format.score(row["score"]),
            format.rank(row["rank"], row["rank_low"], row["rank_high"], row["peers"]),
            "可以比较" if row["can_speak"] else "数据质量未达要求，不作比较",
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("标记", narrow=True),
        Column("单位"),
        Column("代码", narrow=True),
        Column("同类组"),
        Column("地区", narrow=True),
    ]
    columns += [Column(name, figures=True) for name in ("党员数", "达标或进度正常", "得分", "同类组名次")]
    name = scope.labels("dimension", dimension)
    return Table(f"{scope.period_zh}所选单位（{name}）", [*columns, Column("数据")], rows, "没有选择单位。")


def groups_reading(frame: pl.DataFrame, scope: Scope) -> str:
    """Where the units are of more than one peer group, that they are, and what this means; else empty."""
    groups = frame["peer_group"].unique(maintain_order=True).to_list()
    if len(groups) < 2:
        return ""
    named = (
        f"{scope.labels('peer_group', group)}（{'、'.join(frame.filter(pl.col('peer_group') == group)['name'])}）"
        for group in groups
    )
    return f"所选单位不在同一同类组，只供参考：{'；'.join(named)}。中位数和“优于同类”都按各自的同类组计算。"


def nothing(waiting: list[str], scope: Scope, dimension: str) -> str:
    """Why there is no table. waiting: the indicators whose turn is yet to come."""
    name = scope.labels("dimension", dimension)
    if waiting:
        return f"{name}的指标本期都不填报，到期再评价：{'、'.join(waiting)}。请选择其他维度或报告期。"
    return f"所选单位本期没有{name}的指标：本期不需报送，或都不填报相关指标项。请选择其他维度、单位或报告期。"


def asked_now(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows of indicators that this period has something to say about, and the names of the others, whose turn is yet to come."""
    waits = (
        ((pl.col("status") == "not_due").fill_null(value=False) & pl.col("value").is_null())
        .all()
        .over("indicator")
    )
    marked = frame.with_columns(waits=waits)
    waiting = marked.filter("waits")["label_zh"].unique(maintain_order=True).to_list()
    return marked.filter(~pl.col("waits")).drop("waits"), waiting


def values_table(frame: pl.DataFrame, units: pl.DataFrame, scope: Scope, least: int, dimension: str) -> Table:
    """A row an indicator, a column a unit: value with its status and place among peers, each leading to its source. least: the fewest
    peers among whom a place is judged."""
    rows: list[list[Cell]] = []
    several = units.height > 1
    for part in by_indicator(frame):
        first, by_seat = part[0], {row["seat"]: row for row in part}
        line: list[Cell] = [clause_cell(first["clause"], scope), first["label_zh"]]
        line.append(format.standard(first["standard"], first["unit"], first["compare"]))
        line += [_figure(by_seat.get(seat), scope, least) for seat in units["seat"]]
        line.append(
            certainty([row for row in part if row["value"] is not None and row["can_speak"]])
            if several
            else median_text(first)
        )
        rows.append(line)
    columns = [Column("条款", narrow=True), Column("指标", headed=True), Column("标准", figures=True)]
    columns += [Column(f"{mark(row['seat'])} {row['name']}", headed=True) for row in units.to_dicts()]
    columns.append(Column("差异是否可靠", phrases=True) if several else Column("同类中位数", figures=True))
    caption = f"{scope.period_zh}{scope.labels('dimension', dimension)}指标对比"
    return Table(caption, columns, rows, nothing([], scope, dimension), wide=True)


def median_text(row: Row) -> str:
    """The peers' median in the indicator's unit."""
    return (
        format.NOTHING if row["peer_median"] is None else format.measure(row["peer_median"], 1, row["unit"])
    )


def place_text(row: Row, least: int) -> str:
    """Where a value stands among its peers, or why that is not said."""
    if not row["can_speak"]:
        return "质量未达要求，不作比较"
    if row["peer_percentile"] is not None:
        return f"优于同类{format.rate(row['peer_percentile'])}"
    return f"同类不足{least}个，不排位次" if row["n_peers"] < least else ""


def _figure(row: Row | None, scope: Scope, least: int) -> Cell:
    if row is None:
        return Term("不填报", "这类单位不填报这项指标，或本期不在册")
    status = scope.labels("status", row["status"])
    if row["value"] is None:
        shown = _source(status, row, scope) if row["status"] == "not_calculable" else None
        return Judged(shown, None, row["reason"] or "") if shown else Term(status, row["reason"] or status)
    badge = Badge(row["status"], status) if row["standard"] is not None and row["status"] else None
    return Judged(_source(value_text(row), row, scope), badge, place_text(row, least))


def _source(text: str, row: Row, scope: Scope) -> Link:
    return scope.unit_link(text, row["unit_code"], indicator=row["indicator"])


def interval_text(row: Row) -> str:
    """The 95% interval in the indicator's unit; a dash where there is none."""
    if row["ci_low"] is None:
        return format.NOTHING
    if row["unit"] == "%":
        return format.interval(row["ci_low"], row["ci_high"])
    ends = (format.rounded(Fraction(repr(end))) for end in (row["ci_low"], row["ci_high"]))
    return "～".join(map(str, ends)) + str(row["unit"])


def dots(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is drawn: percentages, which share one axis, and the other measures, each for itself.

    Columns: line (the indicator's clause and name), unit, seat, name, value, low, high, standard, median (percentages from 0 to 100)
    and text.
    """
    rows = comparable(frame).to_dicts()
    drawn = [
        {
            "line": f"{row['clause']}　{row['label_zh']}",
            "unit": row["unit"],
            "seat": row["seat"],
            "name": row["name"],
            **{
                name: None if row[source] is None else float(row[source]) * (100 if row["unit"] == "%" else 1)
                for name, source in (
                    ("value", "value"),
                    ("low", "ci_low"),
                    ("high", "ci_high"),
                    ("standard", "standard"),
                    ("median", "peer_median"),
                )
            },
            "text": _hover(row),
        }
        for row in rows
    ]
    figures = dict.fromkeys(("value", "low", "high", "standard", "median"), pl.Float64)
    made = pl.DataFrame(
        drawn,
        {
            "line": pl.String,
            "unit": pl.String,
            "seat": pl.Int64,
            "name": pl.String,
            **figures,
            "text": pl.String,
        },
    )
    return made.filter(pl.col("unit") == "%"), made.filter(pl.col("unit") != "%")


def _hover(row: Row) -> str:
    parts = [f"{row['name']}　{row['label_zh']}", value_text(row)]
    parts += [f"95%区间{interval_text(row)}"] if row["ci_low"] is not None else []
    parts += (
        [f"标准{format.standard(row['standard'], row['unit'], row['compare'])}"]
        if row["standard"] is not None
        else []
    )
    parts += [f"同类中位数{median_text(row)}"] if row["peer_median"] is not None else []
    return "　".join(parts)
