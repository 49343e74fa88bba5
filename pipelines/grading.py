"""What the SQL needs to know of the quality grade: parts and grades of the formula that holds in each period."""

from __future__ import annotations

from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.windows import DECIMAL


def quality_parts(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The parts of the formula in each period: period, part, place (from 1), weight, label_zh, says."""
    rows = [
        (str(period), part.part, place, part.weight, part.label_zh, part.says)
        for period in periods
        for place, part in enumerate(catalogue.quality_in(period).parts, 1)
    ]
    schema: dict[str, Any] = {
        "period": pl.String, "part": pl.String, "place": pl.Int32, "weight": pl.Int32, "label_zh": pl.String, "says": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def quality_grades(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The grades in each period: period, grade, label_zh, from_points, gate_points (the lowest points that pass)."""
    rows = [
        (str(period), grade.grade, grade.label_zh, grade.from_points, formula.gate_points)
        for period in periods
        for formula in (catalogue.quality_in(period),)
        for grade in formula.grades
    ]
    schema: dict[str, Any] = {
        "period": pl.String, "grade": pl.String, "label_zh": pl.String, "from_points": DECIMAL, "gate_points": DECIMAL,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
