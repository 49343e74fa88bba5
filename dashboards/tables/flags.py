"""Flags of a unit in tables and words: open, closed in the period, and before."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Link, Table, Term
from dashboards.scope import Scope

Row = dict[str, Any]


def lasting(times: int) -> str:
    """How many judged periods running: 连续3期; the first time, that it is the first."""
    return f"连续{times}期" if times > 1 else "首次"


def reading(open_: pl.DataFrame, closed: pl.DataFrame) -> str:
    """How many stand open and how many have closed."""
    if open_.is_empty() and closed.is_empty():
        return "没有未解除的预警。"
    red = open_.filter(pl.col("level") == "red").height
    said = (
        f"未解除的预警{open_.height}条" + (f"，其中红色{red}条" if red else "")
        if open_.height
        else "没有未解除的预警"
    )
    longest = max(open_["times"], default=0)
    said += f"，最长的已连续{longest}期" if longest > 1 else ""
    return said + (f"；本期解除{closed.height}条。" if closed.height else "。")


def open_table(frame: pl.DataFrame, scope: Scope, unit: str, code: str) -> Table:
    """What stands open, with reason, evidence and how long."""
    rows: list[list[Cell]] = [
        [*_told(row, scope, unit, code), row["since"], lasting(row["times"]), row["period"]]
        for row in frame.to_dicts()
    ]
    columns = [*_COLUMNS, *(Column(name, narrow=True) for name in ("自何期起", "持续", "最近评价期"))]
    return Table(f"{scope.period_zh}预警", columns, rows, "没有未解除的预警。")


def closed_table(frame: pl.DataFrame, scope: Scope, unit: str, code: str) -> Table:
    """What closed in the period, and why."""
    return Table(
        f"{scope.period_zh}解除的预警", _CLOSED, _closed(frame, scope, unit, code), "本期没有解除的预警。"
    )


def past_table(frame: pl.DataFrame, scope: Scope, unit: str, code: str) -> Table:
    """What closed before the period, newest first."""
    return Table(
        f"{scope.period_zh}以前解除的预警", _CLOSED, _closed(frame, scope, unit, code), "以前没有解除过预警。"
    )


_COLUMNS = [
    *(Column(name, narrow=True) for name in ("级别", "种类")),
    Column("对象", headed=True),
    Column("条款", narrow=True),
    Column("原因"),
    Column("依据"),
]
_CLOSED = [*_COLUMNS, *(Column(name, narrow=True) for name in ("自何期起", "持续", "解除于", "解除原因"))]


def _told(row: Row, scope: Scope, unit: str, code: str) -> list[Cell]:
    clause = row["clause"]
    return [
        Badge(row["level"], scope.labels("level", row["level"])),
        scope.labels("flag_kind", row["kind"]),
        "本级" if row["unit_code"] == code else row["name"],
        Term(clause, scope.labels("clause", clause)) if clause else format.NOTHING,
        row["reason"],
        source_link(row, scope, unit, None if row["unit_code"] == unit else row["unit_code"]),
    ]


def source_link(row: Row, scope: Scope, unit: str, branch: str | None) -> Link:
    """A flag's evidence, leading to the cells of its indicator, the course of its trend, or what the unit has sent, in the period judged last."""
    text = row["evidence"] or "查看"
    period = row.get("period") or row["last_period"]
    if not row["indicator"]:
        return scope.unit_link(text, unit, branch, period=period, tab="returns")
    if row["kind"] == "trend":
        return scope.unit_link(text, unit, branch, period=period, trend=row["indicator"])
    return scope.unit_link(text, unit, branch, row["indicator"], period=period)


def _closed(frame: pl.DataFrame, scope: Scope, unit: str, code: str) -> list[list[Cell]]:
    return [
        [
            *_told(row, scope, unit, code),
            row["since"],
            lasting(row["times"]),
            row["closed_in"],
            scope.labels("closing", row["closing"]),
        ]
        for row in frame.to_dicts()
    ]
