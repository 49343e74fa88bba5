"""A batch of tests and what is told of those that are raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

# What double precision cannot tell from 0 is told as this: nothing that is possible has the probability 0.
LEAST_P = 1e-300
# One row a test. p is null where it cannot be judged; scope_code is a branch, a unit or a city.
SCHEMA: dict[str, Any] = {
    "scope_kind": pl.String, "scope_code": pl.String, "unit_code": pl.String, "branch_code": pl.String, "city_code": pl.String,
    "n": pl.Int64, "statistic": pl.Float64, "p": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Of a raised sign: the facts in one sentence without its end, where they stand, the other row of a copy, and what the test saw."""

    facts: str
    place: str
    seen: dict[str, Any]
    other_unit_code: str | None = None
    other_branch_code: str | None = None


@dataclass(frozen=True)
class Batch:
    """The tests of one declaration in one period, by SCHEMA; `tell` says of one row what is told where it is raised.

    by_unit: the rows of a unit are one test, by the least of their p; else each row is one.
    """

    sign: str
    test: str
    question: str | None
    rows: pl.DataFrame
    tell: Callable[[int], Told]
    by_unit: bool = False


def rows(columns: dict[str, Any]) -> pl.DataFrame:
    """The tests as a frame of SCHEMA; NaN is «not judged», and p is never 0."""
    return pl.DataFrame(columns, schema_overrides=SCHEMA, strict=False).select(
        *(pl.col(name).cast(kind) for name, kind in SCHEMA.items() if name != "p"),
        pl.col("p").cast(pl.Float64).fill_nan(None).clip(lower_bound=LEAST_P),
    )
