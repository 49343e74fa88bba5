"""Rows of the ledger that are another unit's row, or the branch's own row of the last quarter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from expectations import Period
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch, Told, rows
from pipelines.statistics.agreement import NONE, repeats, twins

_SCALE = 10_000  # answers have four decimals at most
_EMPTY = np.zeros((0, 0), dtype=np.int64)


def copy_tests(figures: Figures, period: Period) -> Iterator[Batch]:
    """Two tests for each branch whose row is whole: against earlier rows of other units, and against its own last quarter's.

    Units that are asked about their whole ledger by a finding are left out on both sides.
    """
    columns = _columns(figures, period)
    branches, table = _table(figures, period, columns)
    yield _twins(figures, period, columns, branches, table)
    if (before := period.previous()) in figures.periods:
        yield _repeats(figures, period, before, columns, branches, table)


Columns = list[tuple[str, int | None]]  # question, and which month of the quarter


def _columns(figures: Figures, period: Period) -> Columns:
    return [
        (code, place)
        for code in figures.catalogue.signs.copied_rows.questions
        if (question := figures.catalogue.question[code]).holds_in(period)
        for place in (range(3) if question.monthly else (None,))
    ]


def _table(figures: Figures, period: Period, columns: Columns) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """unit_code, branch_code of whole rows with enough figures above 0, in order of arrival; and the figures, in ten-thousandths."""
    signs = figures.catalogue.signs.copied_rows
    names = [f"{code}:{place}" for code, place in columns]
    cells = (
        figures.cells(period)
        .filter(pl.col("branch_code").is_not_null(), pl.col("question").is_in(signs.questions))
        .filter(pl.col("unit_code").is_in(figures.asked_already(period)).not_())
        .with_columns(place=((pl.col("month") - 1) % 3).cast(pl.String).fill_null("None"))
        .with_columns(name=pl.col("question") + ":" + pl.col("place"))
    )
    if cells.is_empty():
        return pl.DataFrame(
            schema={"unit_code": pl.String, "branch_code": pl.String, "place": pl.Int64}
        ), _EMPTY
    wide = cells.pivot("name", index=["unit_code", "branch_code"], values="value")
    wide = wide.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in names if name not in wide.columns
    )
    whole = (
        wide.drop_nulls(names)
        .filter(pl.sum_horizontal(pl.col(name) > 0 for name in names) >= signs.fewest)
        .join(figures.arrivals(period), on="unit_code")
        .sort("place", "branch_code")
    )
    table = (whole.select(names).to_numpy() * _SCALE).round().astype(np.int64)
    return whole.select("unit_code", "branch_code", "place"), table


def _frame(
    figures: Figures, branches: pl.DataFrame, width: int, agree: Any, p: Any, least: Any
) -> pl.DataFrame:
    city = dict(figures.units.select("unit_code", "city_code").rows())
    judged = np.asarray(least) <= float(figures.catalogue.signs.attainable)
    return rows({
        "scope_kind": ["branch"] * branches.height, "scope_code": branches["branch_code"], "unit_code": branches["unit_code"],
        "branch_code": branches["branch_code"], "city_code": [city.get(code) for code in branches["unit_code"]],
        "n": [width] * branches.height, "statistic": agree, "p": np.where(judged, p, np.nan),
    })  # fmt: skip


def _groups(branches: pl.DataFrame) -> NDArray[np.int64]:
    """A number for the unit of each branch."""
    return branches["unit_code"].rank("dense").cast(pl.Int64).to_numpy() - 1


def _twins(
    figures: Figures, period: Period, columns: Columns, branches: pl.DataFrame, table: NDArray[np.int64]
) -> Batch:
    found = twins(table, _groups(branches), branches["place"].to_numpy()) if len(table) else None
    agree: Any = np.where(found.twin != NONE, float(len(columns)), np.nan) if found else []
    frame = _frame(figures, branches, len(columns), agree, found.p if found else [], found.least_p if found else [])  # fmt: skip

    def tell(row: int) -> Told:
        assert found is not None
        twin, shared = int(found.twin[row]), int(found.together[row])
        other = branches.row(twin, named=True)
        names = dict(figures.units.select("unit_code", "name").rows())
        more = f"（两个单位共有{shared}行相同）" if shared > 1 else ""
        facts = (
            f"本期台账的{len(columns)}项数字与{names.get(other['unit_code'], other['unit_code'])}"
            f"“{names.get(other['branch_code'], other['branch_code'])}”完全相同{more}"
        )
        here, there = branches.row(row, named=True), other
        place = f"{_row(figures, period, here, columns)}；{_row(figures, period, there, columns)}"
        seen = _seen(columns, table[row], table[twin], figures, period, period)
        return Told(facts, place, seen, other["unit_code"], other["branch_code"])

    return Batch("copied_rows", "other_unit", None, frame, tell, by_unit=True)


def _repeats(
    figures: Figures, period: Period, before: Period, columns: Columns, branches: pl.DataFrame, table: NDArray[np.int64]
) -> Batch:  # fmt: skip
    past_branches, past = _table(figures, before, columns)
    both = (
        branches.with_row_index("now").join(past_branches.with_row_index("past").drop("place"), on=["unit_code", "branch_code"])
        .sort("now")
    )  # fmt: skip
    now_rows, past_rows = table[both["now"].to_numpy()], past[both["past"].to_numpy()]
    found = repeats(now_rows, past_rows, _groups(both)) if both.height else None
    agree: Any = (now_rows == past_rows).sum(-1).astype(float) if found else []
    frame = _frame(figures, both, len(columns), agree, found.p if found else [], found.least_p if found else [])  # fmt: skip

    def tell(row: int) -> Told:
        here = both.row(row, named=True)
        place = f"{_row(figures, period, here, columns)}；{_row(figures, before, here, columns)}"
        seen = _seen(columns, now_rows[row], past_rows[row], figures, period, before)
        return Told(
            f"本期台账的{len(columns)}项数字与上期（{before.label_zh}）完全相同",
            place,
            seen,
            here["unit_code"],
            here["branch_code"],
        )

    return Batch("copied_rows", "last_period", None, frame, tell, by_unit=True)


def _row(figures: Figures, period: Period, branch: dict[str, Any], columns: Columns) -> str:
    """2025年第三季度支部台账E12起: where the row's first figure stands."""
    code, place = columns[0]
    month = None if place is None else period.months[place]
    at = figures.places(period, branch["unit_code"]).get((code, branch["branch_code"], month))
    return f"{period.label_zh}{at[0]}{at[1]}起" if at else period.label_zh


def _seen(
    columns: Columns, here: NDArray[np.int64], there: NDArray[np.int64], figures: Figures, period: Period, other: Period
) -> dict[str, Any]:  # fmt: skip
    def name(code: str, place: int | None, of: Period) -> str:
        label = figures.catalogue.question[code].label_zh
        return label if place is None else f"{label}（{of.months[place]}月）"

    return {
        "names": [name(code, place, period) for code, place in columns],
        "here": (here / _SCALE).tolist(), "there": (there / _SCALE).tolist(),
        "period": str(period), "other_period": str(other),
    }  # fmt: skip
