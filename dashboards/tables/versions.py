"""Versions of a submission and their differences, in tables."""

from __future__ import annotations

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.rows import Row, Rows
from dashboards.scope import Scope
from pipelines.exports.versions import CHANGES_ZH, REMARK, answer_zh, explanation_zh, in_order, place
from pipelines.marts.versions import Comparison


def resubmitted_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Who has sent more than one version."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.versions_link(row["name"], row["unit_code"]),
            row["unit_code"],
            format.number(row["versions"]),
            Badge(row["state"], scope.labels("state", row["state"])),
            scope.labels.local_time(row["received_at"]),
            format.number(row["accepted_changed"]),
        ]

    columns = [Column("单位"), Column("代码", narrow=True), Column("版本数", figures=True)]
    columns += [Column("最新一版的状态", narrow=True), Column("收到时间", narrow=True)]
    columns += [Column("改动已采用的答案（格）", figures=True)]
    return Table(
        f"{scope.period_zh}多次报送的单位",
        columns,
        Rows(frame, made),
        "本期各单位都只报送了一次，没有可以比较的版本。",
    )


def versions_table(comparison: Comparison, scope: Scope) -> Table:
    """What the unit has sent for the period, in the order of receipt; last, what could not be read."""
    received = [*comparison.versions.to_dicts(), *comparison.refused.to_dicts()]
    rows: list[list[Cell]] = [
        [
            format.number(row["version"]),
            Badge(row["state"], scope.labels("state", row["state"])),
            "是" if row["counts"] else "否",
            scope.labels.local_time(row["received_at"]),
            *(format.number(row[key]) for key in ("n_block", "n_explain", "n_inform")),
            format.file_name(row["file"]),
        ]
        for row in received
    ]
    columns = [Column("版本", figures=True), Column("状态", narrow=True), Column("用于计算")]
    columns += [Column("收到时间", narrow=True)]
    columns += [Column(name, figures=True) for name in ("强制", "待说明", "提示")] + [Column("文件名")]
    return Table(f"{scope.period_zh}收到的版本", columns, rows, "本期没有收到该单位的报送。")


def differences_table(comparison: Comparison) -> Table:
    """Every difference of the two versions, those of answers first."""
    rows: list[list[Cell]] = [
        [
            CHANGES_ZH[row["change"]],
            row["question"] or format.NOTHING,
            row["label_zh"] or "情况说明",
            row["branch"] or row["branch_code"] or "本级",
            f"{row['month']}月" if row["month"] else format.NOTHING,
            answer_zh(row, "before"),
            answer_zh(row, "after"),
            place(row, "before"),
            place(row, "after"),
            explanation_zh(row),
            REMARK if row["was_accepted"] else "",
        ]
        for row in in_order(comparison)
    ]
    columns = [Column("变化", narrow=True), Column("代码", narrow=True), Column("指标项"), Column("支部")]
    columns += [Column("月份", narrow=True), Column("原答案"), Column("新答案")]
    columns += [Column("原单元格", narrow=True), Column("新单元格", narrow=True)]
    columns += [Column("情况说明"), Column("提示", meaning="")]
    return Table("两版报送的差别", columns, rows, "所选的两版没有差别。")
