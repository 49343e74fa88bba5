"""Flags: those that stand open at the end of a period; and of one unit and its branches the open ones, those closed in it, and before it."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun

RUN = ("unit_code", "kind", "indicator", "run_since")
_GRAVITY = {"red": 0, "amber": 1, "watch": 2}


def standing(run: PublishedRun, period: str, units: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """What stood open at the end of the period: the newest row of each run up to it; only of `units` (unit_code) where they are given."""
    closings = run.scan("flag_runs").rename({"since": "run_since"}).select(*RUN, "closed_in")
    flags = run.scan("flags").filter(pl.col("period") <= period)
    if units is not None:
        flags = flags.join(units, on="unit_code", how="semi")
    return (
        flags.filter(pl.col("period") == pl.col("period").max().over(RUN))
        .join(closings, on=RUN, how="left", nulls_equal=True)
        .filter(pl.col("closed_in").is_null() | (pl.col("closed_in") > period))
    )


def shown(flags: pl.LazyFrame, review: bool) -> pl.LazyFrame:
    """What signs of form-filling raise is for reviewers only."""
    return flags if review else flags.filter(pl.col("kind") != "pattern")


def gravity() -> pl.Expr:
    """Sort key over `level`: the gravest first."""
    return pl.col("level").replace_strict(_GRAVITY, default=len(_GRAVITY))


def open_flags(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """What stood open at the end of the period, the gravest first: the newest row of each run up to it, with the branch's `name`.

    `period` is the quarter in which it was last judged, which may be an earlier one; what its own quarter must mend stands there until it is.
    """
    newest = standing(run, period, _and_branches(run, code))
    return _of_unit(run, newest, code, review).sort(*_gravest_first(code)).collect()


def closed_flags(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """What was closed in the period, the gravest first: the columns of flag_runs, with the branch's `name`."""
    closed = run.scan("flag_runs").filter(pl.col("closed_in") == period)
    return _of_unit(run, closed, code, review).sort(*_gravest_first(code)).collect()


def past_flags(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """What was closed before the period, the newest first: the columns of flag_runs, with the branch's `name`."""
    past = run.scan("flag_runs").filter(pl.col("closed_in") < period)
    order = ("closed_in", pl.col("unit_code") != code, "unit_code", "kind", "indicator", "since")
    return (
        _of_unit(run, past, code, review)
        .sort(*order, descending=[True, *[False] * 5], nulls_last=True)
        .collect()
    )


def _of_unit(run: PublishedRun, flags: pl.LazyFrame, code: str, review: bool) -> pl.LazyFrame:
    """Those of the unit and its branches, with names."""
    known = _and_branches(run, code).select("unit_code", "name")
    return shown(flags, review).join(known, on="unit_code")


def _and_branches(run: PublishedRun, code: str) -> pl.LazyFrame:
    """The registry's rows of the unit and its branches."""
    return run.scan("dim_unit").filter(
        (pl.col("unit_code") == code) | ((pl.col("parent_code") == code) & (pl.col("kind") == "branch"))
    )


def _gravest_first(code: str) -> tuple[pl.Expr | str, ...]:
    return (gravity(), pl.col("unit_code") != code, "unit_code", "kind", "clause", "indicator")
