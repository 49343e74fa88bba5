"""Flags: those that stand open at the end of a period; and of one unit and its branches the open ones, those closed in it, and before it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.marts.published import PublishedRun

RUN = ("unit_code", "kind", "indicator", "run_since")
_GRAVITY = {"red": 0, "amber": 1, "watch": 2}


def standing(run: PublishedRun, period: str, codes: Sequence[str] | None = None) -> pl.LazyFrame:
    """What stood open at the end of the period: the newest row of each run up to it; only of these units and branches where they are given.

    The newest row of a run that was not judged after the period is known from the run; those of the others are looked for.
    """
    runs, flags = run.scan("flag_runs"), run.scan("flags").filter(pl.col("period") <= period)
    if codes is not None:
        runs, flags = (rows.filter(pl.col("unit_code").is_in(codes)) for rows in (runs, flags))
    open_ = runs.filter(
        pl.col("since") <= period, pl.col("closed_in").is_null() | (pl.col("closed_in") > period)
    ).select("unit_code", "kind", "indicator", "closed_in", "last_period", run_since="since")
    is_over = pl.col("last_period") <= period
    ended = open_.filter(is_over).rename({"last_period": "period"})
    going = open_.filter(~is_over).drop("last_period")
    return pl.concat(
        [
            flags.join(ended, on=(*RUN, "period"), nulls_equal=True),
            flags.join(going, on=RUN, nulls_equal=True).filter(
                pl.col("period") == pl.col("period").max().over(RUN)
            ),
        ],
        how="diagonal",
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
    known = _and_branches(run, code)
    newest = standing(run, period, known["unit_code"].to_list())
    return _named(newest, known, review).sort(*_gravest_first(code)).collect()


def closed_flags(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """What was closed in the period, the gravest first: the columns of flag_runs, with the branch's `name`."""
    known = _and_branches(run, code)
    closed = _runs_of(run, known).filter(pl.col("closed_in") == period)
    return _named(closed, known, review).sort(*_gravest_first(code)).collect()


def past_flags(run: PublishedRun, code: str, period: str, review: bool = False) -> pl.DataFrame:
    """What was closed before the period, the newest first: the columns of flag_runs, with the branch's `name`."""
    known = _and_branches(run, code)
    past = _runs_of(run, known).filter(pl.col("closed_in") < period)
    order = ("closed_in", pl.col("unit_code") != code, "unit_code", "kind", "indicator", "since")
    return (
        _named(past, known, review).sort(*order, descending=[True, *[False] * 5], nulls_last=True).collect()
    )


def _named(flags: pl.LazyFrame, known: pl.DataFrame, review: bool) -> pl.LazyFrame:
    """Those of the unit and its branches, with names."""
    return shown(flags, review).join(known.lazy(), on="unit_code")


def _runs_of(run: PublishedRun, known: pl.DataFrame) -> pl.LazyFrame:
    return run.scan("flag_runs").filter(pl.col("unit_code").is_in(known["unit_code"].to_list()))


def _and_branches(run: PublishedRun, code: str) -> pl.DataFrame:
    """unit_code and name of the unit and its branches."""
    is_branch = (pl.col("parent_code") == code) & (pl.col("kind") == "branch")
    registry = run.scan("dim_unit").filter((pl.col("unit_code") == code) | is_branch)
    return registry.select("unit_code", "name").collect()


def _gravest_first(code: str) -> tuple[pl.Expr | str, ...]:
    return (gravity(), pl.col("unit_code") != code, "unit_code", "kind", "clause", "indicator")
