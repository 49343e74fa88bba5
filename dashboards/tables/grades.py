"""Quality grades in tables and words."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.rows import Rows
from dashboards.scope import Scope

Row = dict[str, Any]
PARTS = ("completeness", "validity", "explained", "timeliness", "stability")


def reading(distribution: pl.DataFrame, formula: list[tuple[str, int]], scope: Scope) -> str:
    """How the grade is made, how many have which, and what it is not."""
    if distribution.is_empty():
        return "本期没有可以评定数据质量的报送。"
    by_grade = distribution.group_by("grade").agg(pl.col("count").sum()).sort("grade")
    counts = "、".join(f"{scope.labels('grade', grade)}{count}个" for grade, count in by_grade.rows())
    under = int(distribution["under"].sum())
    parts = "、".join(f"{label}{weight}分" for label, weight in formula)
    return (
        f"本期{counts}，其中{under}个未达到采信要求。满分100分，按{parts}扣减。"
        "等级只说明数据是否可靠，不评价工作好坏；未达到采信要求的，本期不作绩效预警，也不列入示范点。"
    )


def distribution_table(distribution: pl.DataFrame, scope: Scope) -> Table:
    """Submissions by kind of unit and grade."""
    grades = sorted(set(distribution["grade"]))
    kinds = sorted(set(distribution["unit_kind"]), key=("city", "university", "school").index)
    rows: list[list[Cell]] = []
    for kind in kinds:
        part = distribution.filter(pl.col("unit_kind") == kind)
        counts = dict(part.select("grade", "count").rows())
        rows.append(
            [
                scope.labels("kind", kind),
                *(format.number(counts.get(grade, 0)) for grade in grades),
                format.number(int(part["under"].sum())),
            ]
        )
    names = [*(scope.labels("grade", grade) for grade in grades), "未达到采信要求"]
    columns = [Column("单位类型"), *(Column(name, figures=True) for name in names)]
    return Table(
        f"{scope.period_zh}数据质量等级", columns, rows, "本期没有可以评定数据质量的报送。", snug=True
    )


def under_gate_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Units whose data do not pass, with what costs most."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.unit_link(row["name"], row["unit_code"]),
            row["city"],
            *_graded(row, scope),
            row["reason"],
        ]

    columns = [Column("单位"), Column("地区", narrow=True), *_GRADED, Column("主要原因", grow=True)]
    return Table(
        f"{scope.period_zh}未达到采信要求的单位", columns, Rows(frame, made), "本期没有未达到采信要求的单位。"
    )


def unit_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """A unit's grade in each period, with the counts behind it."""
    rows: list[list[Cell]] = [
        [
            row["period"],
            *_graded(row, scope),
            *(_share(row, part) for part in PARTS),
            row["reason"],
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("报告期", narrow=True), *_GRADED]
    columns += [Column(scope.labels("quality_part", part), figures=True) for part in PARTS]
    columns += [Column("主要原因", grow=True)]
    return Table("各期数据质量等级", columns, rows, "没有可以评定数据质量的报送。")


_GRADED = [Column("等级", narrow=True), Column("得分", figures=True), Column("采信线", figures=True)]


def _graded(row: Row, scope: Scope) -> list[Cell]:
    """Grade, points as they were judged, and the points that pass."""
    sign = "accepted" if row["passes"] else "returned"
    return [
        Badge(sign, scope.labels("grade", row["grade"])),
        f"{row['points'].normalize():f}",
        f"{row['gate_points'].normalize():f}",
    ]


def _share(row: Row, part: str) -> str:
    good, whole = row[f"{part}_good"], row[f"{part}_whole"]
    return f"{good} / {whole}" if whole else "不适用"
