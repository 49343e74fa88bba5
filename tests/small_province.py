"""A warehouse of a few units, filled file by file and taken through the real SQL from receipts to figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from pipelines.warehouse import Warehouse, open_warehouse

NUMBER = pl.Decimal(18, 4)
START = date(2020, 1, 1)
PERIOD = "2025Q3"
DUE = {
    "2025Q3": "2025-10-20T15:59:59",
    "2025Q2": "2025-07-20T15:59:59",
    "2024Q4": "2025-01-20T15:59:59",
    "2025Q4": "2026-01-20T15:59:59",
}
LAST_DAY = {
    "2025Q3": date(2025, 9, 30),
    "2025Q2": date(2025, 6, 30),
    "2024Q4": date(2024, 12, 31),
    "2025Q4": date(2025, 12, 31),
}
TABLES = (
    "submissions",
    "cells",
    "unit_reporting",
    "reporting",
    "question_reporting",
    "answer_counts",
    "load",
)
WHOLE = ("submissions",)
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question of the form: on the own form, or in each branch's row."""

    code: str
    branch: bool = False
    required: bool = True
    kinds: tuple[str, ...] = ("school", "university", "city")


@dataclass(frozen=True)
class Found:
    """A finding at a place of a file."""

    severity: str
    question: str | None = None
    sheet: str | None = "学习型"
    cell: str | None = "D6"
    explained: bool | None = None
    branch: str | None = None


@dataclass(frozen=True)
class File:
    """A file as received: answers are (question, branch) → number, text, or None for a blank cell."""

    unit: str
    at: str
    period: str = PERIOD
    answers: dict[tuple[str, str | None], Decimal | int | str | None] = field(default_factory=dict)
    findings: Sequence[Found] = ()
    refused: bool = False


@dataclass(frozen=True)
class Unit:
    """A unit with the members of its branches by code."""

    code: str
    kind: str = "school"
    city: str = "320100"
    branches: dict[str, int] = field(default_factory=dict)


def computed(
    units: Sequence[Unit],
    files: Sequence[File],
    asked: Sequence[Asked],
    prefill: Sequence[Row] = (),
    periods: Sequence[str] = (PERIOD,),
    *,
    is_due: bool = True,
    queries: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, list[Row]]:
    """The rows of every table in TABLES, all periods due, and of further queries over them."""
    with open_warehouse(None) as warehouse:
        _declare(warehouse, units, asked, prefill, periods, is_due=is_due)
        _receive(warehouse, files)
        warehouse.set_due(list(periods))
        for name in TABLES:
            (warehouse.make if name in WHOLE else warehouse.remake_periods)(name)
        return {
            name: warehouse.frame(name, f"from ({query}) order by all").to_dicts()
            for name, query in {**{table: f"select * from {table}" for table in TABLES}, **queries}.items()
        }


def by_unit(rows: Iterable[Row], period: str = PERIOD) -> dict[str, Row]:
    return {row["unit_code"]: row for row in rows if row["period"] == period}


def _declare(
    warehouse: Warehouse,
    units: Sequence[Unit],
    asked: Sequence[Asked],
    prefill: Sequence[Row],
    periods: Sequence[str],
    *,
    is_due: bool,
) -> None:
    registry = [
        {"unit_code": unit.code, "kind": unit.kind, "category": "primary", "city_code": unit.city, "parent_code": None, "members": 0}
        for unit in units
    ] + [
        {"unit_code": code, "kind": "branch", "category": "staff", "city_code": unit.city, "parent_code": unit.code, "members": members}
        for unit in units
        for code, members in unit.branches.items()
    ]  # fmt: skip
    frame = pl.DataFrame(registry, schema_overrides={"parent_code": pl.String, "members": pl.Int32})
    warehouse.replace(
        "dim_unit", frame.with_columns(valid_from=pl.lit(START), valid_to=pl.lit(None, dtype=pl.Date))
    )
    calendar = [
        {"period": p, "quarter": int(p[-1]), "due_at": datetime.fromisoformat(DUE[p]), "is_due": is_due, "last_day": LAST_DAY[p], "time_zone": "Asia/Shanghai"}
        for p in periods
    ]  # fmt: skip
    warehouse.replace("dim_period", pl.DataFrame(calendar))
    cells = [
        {"period": p, "unit_kind": kind, "branch_category": "staff" if q.branch else None, "question": q.code, "month": None, "required": q.required}
        for p in periods
        for q in asked
        for kind in q.kinds
    ]  # fmt: skip
    kinds = {"branch_category": pl.String, "month": pl.Int32}
    warehouse.replace("question_asked", pl.DataFrame(cells, schema_overrides=kinds))
    schema: dict[str, Any] = {
        "period": pl.String, "question": pl.String, "source_question": pl.String, "source_year": pl.Int32, "from_registry": pl.Boolean,
        "is_number": pl.Boolean, "lowest": NUMBER, "highest": NUMBER, "choices": pl.List(pl.String),
    }  # fmt: skip
    warehouse.replace("question_prefill", pl.DataFrame(list(prefill), schema=schema))


def _receive(warehouse: Warehouse, files: Sequence[File]) -> None:
    kinds = {row[0]: row[1] for row in warehouse.run("dim_unit", "select unit_code, kind from dim_unit")}
    received, answers, findings = [], [], []
    for place, file in enumerate(files):
        submission = f"s{place:03d}"
        received.append(
            (
                submission,
                file.unit,
                file.period,
                f"{submission}.xlsx",
                submission,
                submission,
                datetime.fromisoformat(file.at),
                file.refused,
                "",
            )
        )
        for (question, branch), answer in file.answers.items():
            is_text = isinstance(answer, str)
            number = None if answer is None or is_text else Decimal(answer)
            answers.append((submission, file.unit, kinds[file.unit], file.period, branch, None, question, number, answer if is_text else None,
                            None if answer is None else str(answer), None, "学习型", "D6"))  # fmt: skip
        for n, found in enumerate(file.findings):
            findings.append(("answers", f"{submission}-{n}", submission, "rule", found.severity, found.branch, found.question, None, found.sheet, found.cell,
                             None, None, "问题", None, None, found.explained))  # fmt: skip
    for table, rows in (("files", received), ("answers_read", answers), ("findings_found", findings)):
        for row in rows:
            marks = ", ".join("?" * len(row))
            warehouse.run(table, f"insert into {table} values ({marks})", row)
