"""Trend points made by hand, and the marts of trends that come of them; nothing here is a real organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from expectations import Catalogue
from pipelines.trends.make import TREND_TABLES, make_trends
from pipelines.warehouse import open_warehouse

AMOUNT, SHARE, COUNT = "leading_group_training_hours", "centre_group_attendance", "centre_group_sessions"
POINTS = [f"{year}Q{quarter}" for year in range(2021, 2030) for quarter in (1, 2, 3, 4)]


class Marts(NamedTuple):
    """The tables."""

    trends: pl.DataFrame
    trend_tests: pl.DataFrame
    group_trends: pl.DataFrame
    group_trend_tests: pl.DataFrame

    def signals(self, code: str) -> list[tuple[str, str | None]]:
        """Signal and side of each point of a unit, oldest first."""
        return self.trends.filter(pl.col("unit_code") == code).sort("point").select("signal", "side").rows()

    def test(self, code: str) -> dict[str, object]:
        return self.trend_tests.filter(pl.col("unit_code") == code).row(0, named=True)


def made(
    catalogue: Catalogue,
    units: Mapping[str, Sequence[float | tuple[int, int] | None]],
    indicator: str = AMOUNT,
    grain: str = "quarter",
    points: Sequence[str] = POINTS,
) -> Marts:
    """Each unit's values (or k of n) at the points in turn, None where there is none. Units are schools of one group."""
    rows = [
        (code, indicator, grain, point, *_parts(value))
        for code, values in units.items()
        for point, value in zip(points, values, strict=False)
        if value is not None
    ]
    names = {"unit_code": pl.String, "indicator": pl.String, "grain": pl.String, "point": pl.String}
    exact = pl.Decimal(18, 4)
    schema = {**names, "numerator": exact, "denominator": exact, "value": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(period=pl.lit("2025Q4"))
    registry = pl.DataFrame(
        [(code, "school", "school", "school:small", "320100", None) for code in units],
        schema=["unit_code", "kind", "category", "peer_group", "city_code", "parent_code"],
        orient="row",
    ).with_columns(pl.col("parent_code").cast(pl.String))
    with open_warehouse(None) as warehouse:
        warehouse.replace("trend_points", frame)
        warehouse.replace("dim_unit", registry)
        make_trends(warehouse, catalogue)
        return Marts(*(warehouse.frame(name, f"select * from {name}") for name in TREND_TABLES))


def _parts(value: float | tuple[int, int]) -> tuple[Decimal, Decimal, float]:
    k, n = value if isinstance(value, tuple) else (value, 1)
    return round(Decimal(k), 4), Decimal(n), k / n
