"""The overview in tables and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.queries.overview import LEVELS
from dashboards.queries.registry import GOOD, JUDGED
from dashboards.rows import Row, Rows
from dashboards.scope import Scope
from dashboards.tables.flags import lasting
from pipelines.exports.worklist import STANDINGS_ZH

MEASURES = {
    "received": ("报送率", "已报送单位数与应报送单位数之比"),
    "on_time": ("按时率", "截止前首次报送的单位数与应报送单位数之比"),
    "completeness": ("完整率", "可用答案数与应填答案数之比"),
    "met": ("达标率", "达标（含进度正常）项次与可判定项次之比，只计单位，不计支部"),
}
SHOWN_STATUSES = ("met", "on_pace", "behind", "not_met", "not_calculable")
NAMED = 3
NO_STANDARDS = "本期没有可判定的标准：尚无报送被采用，或本期不填报有标准的指标。"


def parts_of(row: dict[str, object], measure: str) -> tuple[int | float | None, int | float | None]:
    """Numerator and denominator of a city's measure."""
    if measure == "completeness":
        return row["completeness"], 1  # type: ignore[return-value]
    part, whole = ("good", "judged") if measure == "met" else (measure, "expected")
    return row[part], row[whole]  # type: ignore[return-value]


def key_figures(now: dict[str, object], before: dict[str, object] | None) -> list[tuple[str, str, str]]:
    """Owed, received, on time, accepted: figure, share, and change since the period before."""
    items = [("应报送单位", format.number(now["expected"]), "按本期名册")]  # type: ignore[arg-type]
    for key, name in (("received", "已报送"), ("on_time", "按时报送"), ("accepted", "已采用")):
        part, whole = parts_of(now, key)
        remark = f"占{format.rate(part, whole)}"
        if before and before["expected"] and whole:
            old_part, old_whole = parts_of(before, key)
            remark += f"，比上期{format.difference(part / whole, old_part / old_whole)}"  # type: ignore[operator]
        items.append((name, format.number(part), remark))
    return items


def tiles(cities: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The cities with share, text and detail of one measure, for the tile map."""
    pairs = [parts_of(row, measure) for row in cities.to_dicts()]
    shares = [part / whole if part is not None and whole else None for part, whole in pairs]
    details = [f"{part} / {whole}" if whole and measure != "completeness" else "" for part, whole in pairs]
    return cities.with_columns(
        pl.Series("share", shares, dtype=pl.Float64),
        pl.Series("text", [format.rate(part, whole) for part, whole in pairs], dtype=pl.String),
        pl.Series("detail", details, dtype=pl.String),
    )


def map_reading(shown: pl.DataFrame, measure: str) -> str:
    """Which cities stand highest and lowest."""
    name = MEASURES[measure][0]
    known = shown.drop_nulls("share").sort("share", "city_code")
    if known.is_empty():
        return f"本期没有可计算的{name}。"
    if known.height == 1:
        only = known.row(0, named=True)
        return f"只有{only['short']}有应报送的单位，{name}为{only['text']}。"
    whole = known.filter(pl.col("share") >= 1).height
    low = known.row(0, named=True)
    if whole == known.height:
        return f"各地区{name}均为100.0%。"
    sentence = f"{name}最低的是{low['short']}（{low['text']}）"
    high = known.row(-1, named=True)
    return sentence + (
        f"；{whole}个地区为100.0%。" if whole else f"，最高的是{high['short']}（{high['text']}）。"
    )


def cities_table(cities: pl.DataFrame, scope: Scope) -> Table:
    """Reporting and standards by city."""
    figures = (
        "应报送",
        "已报送",
        "按时",
        "已采用",
        "报送率",
        "按时率",
        "完整率",
        "达标项次",
        "可判定项次",
        "达标率",
    )
    rows: list[list[Cell]] = [
        [
            scope.reporting_link(row["name"], city=row["city_code"]),
            *(format.number(row[key]) for key in ("expected", "received", "on_time", "accepted")),
            *(format.rate(*parts_of(row, key)) for key in ("received", "on_time", "completeness")),
            format.number(row["good"]),
            format.number(row["judged"]),
            format.rate(*parts_of(row, "met")),
        ]
        for row in cities.to_dicts()
    ]
    return Table(
        f"{scope.period_zh}各地区报送与达标情况",
        [Column("地区", narrow=True), *(Column(name, figures=True) for name in figures)],
        rows,
        "没有地区数据。",
    )


def dimension_counts(frame: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """group (label), status, count of what is shown.

    Statuses that say something about a standard that is due.
    """
    names = {code: scope.labels("dimension", code) for code in frame["dimension"].unique()}
    shown = frame.filter(pl.col("status").is_in(SHOWN_STATUSES))
    return shown.with_columns(group=pl.col("dimension").replace(names))


def dimensions_reading(frame: pl.DataFrame, scope: Scope) -> str:
    """The share of standards met, and the dimension where it is lowest."""
    by = frame.group_by("dimension", maintain_order=True).agg(
        good=pl.col("count").filter(pl.col("status").is_in(GOOD)).sum(),
        judged=pl.col("count").filter(pl.col("status").is_in(JUDGED)).sum(),
    )
    good, judged = int(by["good"].sum()), int(by["judged"].sum())
    if not judged:
        return NO_STANDARDS
    low = by.filter(pl.col("judged") > 0).sort(pl.col("good") / pl.col("judged")).row(0, named=True)
    unknown = int(frame.filter(pl.col("status") == "not_calculable")["count"].sum())
    return (
        f"可判定的{judged}项次中，{good}项次达标或进度正常（{format.rate(good, judged)}）；"
        f"最低的是{scope.labels('dimension', low['dimension'])}"
        f"（{format.rate(low['good'], low['judged'])}）。"
        + (f"另有{unknown}项次因数据问题无法计算，不作未达标处理。" if unknown else "")
    )


def dimensions_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """How standards stand by dimension; one item is one indicator of one unit."""
    counts = {(row["dimension"], row["status"]): row["count"] for row in frame.to_dicts()}
    rows: list[list[Cell]] = []
    for dimension in frame["dimension"].unique(maintain_order=True):
        good, judged = (
            sum(counts.get((dimension, status), 0) for status in group) for group in (GOOD, JUDGED)
        )
        shown = [format.number(counts.get((dimension, status), 0)) for status in SHOWN_STATUSES]
        rows.append([scope.labels("dimension", dimension), *shown, format.rate(good, judged)])
    columns = [Column(scope.labels("status", status), figures=True) for status in SHOWN_STATUSES]
    return Table(
        f"{scope.period_zh}各维度达标情况（项次）",
        [Column("维度"), *columns, Column("达标率", figures=True)],
        rows,
        NO_STANDARDS,
    )


def missed_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The standards that the fewest units meet."""
    rows: list[list[Cell]] = [
        [
            scope.flags_link(row["clause"], about=row["clause"]),
            row["label_zh"],
            format.standard(row["standard"], row["unit"], row["compare"]),
            format.number(row["units_met"]),
            format.number(row["units"]),
            format.rate(row["units_met"], row["units"]),
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("条款", narrow=True), Column("指标"), Column("标准", figures=True)]
    columns += [Column(name, figures=True) for name in ("达标单位", "可计算单位", "占比")]
    return Table(
        f"{scope.period_zh}达标单位最少的标准", columns, rows, "本期各项标准均已达到，或尚无可计算的单位。"
    )


def flag_counts(frame: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """group (kind's label), part (level), count."""
    order = frame.group_by("kind").agg(total=pl.col("count").sum())
    names = {code: scope.labels("flag_kind", code) for code in frame["kind"].unique()}
    joined = frame.join(order, on="kind").sort("total", "kind", descending=[True, False])
    return joined.select("count", group=pl.col("kind").replace(names), part="level")


def flags_reading(frame: pl.DataFrame, scope: Scope) -> str:
    """How many flags, how many of them red, and of which kind most."""
    total = int(frame["count"].sum())
    if not total:
        return "本期没有预警。"
    red = int(frame.filter(pl.col("level") == "red")["count"].sum())
    by = (
        frame.group_by("kind")
        .agg(pl.col("count").sum())
        .sort("count", "kind", descending=[True, False])
        .row(0)
    )
    longer = int(frame["lasting"].sum())
    return (
        f"本期共{total}条预警，其中红色{red}条；最多的是{scope.labels('flag_kind', by[0])}预警（{by[1]}条）"
        + (f"；{longer}条已连续2期以上。" if longer else "。")
    )


def flags_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Flags by kind and level."""
    counts = {(row["kind"], row["level"]): row["count"] for row in frame.to_dicts()}
    rows: list[list[Cell]] = []
    for kind in frame["kind"].unique(maintain_order=True):
        by_level = [counts.get((kind, level), 0) for level in LEVELS]
        rows.append(
            [
                scope.flags_link(scope.labels("flag_kind", kind), flag=kind),
                *map(format.number, by_level),
                format.number(sum(by_level)),
            ]
        )
    names = [scope.labels("level", level) for level in LEVELS]
    columns = [Column("预警种类"), *(Column(name, figures=True) for name in (*names, "合计"))]
    return Table(f"{scope.period_zh}预警（条）", columns, rows, "本期没有预警。")


def flagged_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The units and branches to look at first."""
    rows: list[list[Cell]] = []
    for row in frame.to_dicts():
        name = row["name"] or row["unit_code"]
        link = (
            scope.unit_link(full_name(name, row["parent"]), row["parent_code"], row["unit_code"])
            if row["is_branch"]
            else scope.unit_link(name, row["unit_code"])
        )
        counts = [format.number(row[level]) for level in LEVELS]
        rows.append(
            [link, row["city"] or format.NOTHING, *counts, lasting(row["times"]), _flagged_for(row, scope)]
        )
    columns = [Column("单位或支部"), Column("地区", narrow=True)]
    columns += [Column(scope.labels("level", level), figures=True) for level in LEVELS]
    return Table(
        f"{scope.period_zh}重点预警单位和支部",
        [*columns, Column("持续", narrow=True), Column("预警事项")],
        rows,
        "本期没有预警。",
    )


def worklist_links(standings: Mapping[str, int], missing: int, scope: Scope) -> list[tuple[str, Cell]]:
    """The ways to those who have not reported, where there are any, and into the worklist: all that is open, and each part of it.

    standings: as queries.worklist.sums gives them; missing: how many units have not reported.
    """
    open_ = sum(count for name, count in standings.items() if name != "closed")
    links: list[tuple[str, Cell]] = []
    if missing:
        links.append(("报送", scope.reporting_link("查看未报送单位")))
    links.append(("未解除的预警", scope.flags_link(f"共{open_}条")))
    return links + [
        (STANDINGS_ZH[name], scope.flags_link(f"{count}条", standing=name))
        for name, count in standings.items()
    ]


def full_name(branch: str, unit: str | None) -> str:
    """The branch with its unit, which registries often repeat in the branch's own name."""
    return branch if unit is None or branch.startswith(unit) else f"{unit} {branch}"


def _flagged_for(row: dict[str, Any], scope: Scope) -> str:
    """What the flags of a unit are about: kinds first, then the gravest three indicators and how many more."""
    parts = [scope.labels("flag_kind", kind) for kind in row["kinds"]]
    names = row["indicators"]
    if names:
        more = f"等{len(names)}项指标" if len(names) > NAMED else ""
        parts.append("、".join(names[:NAMED]) + more)
    return "；".join(parts)


def outstanding_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Returned submissions that wait for a new version."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.unit_link(row["name"] or row["unit_code"], row["unit_code"], tab="returns"),
            row["city"] or format.NOTHING,
            format.number(row["version"]),
            Badge("block", format.number(row["n_block"])),
            Badge("explain", format.number(row["n_explain"])),
        ]

    columns = [Column("单位"), Column("地区", narrow=True), Column("版本", figures=True)]
    columns += [Column("强制问题", figures=True), Column("待说明问题", figures=True)]
    return Table(
        f"{scope.period_zh}被退回、等待改正的报送", columns, Rows(frame, made), "本期没有被退回的报送。"
    )
