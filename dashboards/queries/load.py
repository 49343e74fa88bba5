"""The load of filling in: cells asked, pre-filled, changed, typed and left blank, by quarter, kind of unit and form."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun

COUNTS = ("asked", "prefilled", "changed", "typed", "blank")


def by_quarter(run: PublishedRun, kind: str | None, form: str | None) -> pl.DataFrame:
    """period, fillers (who the means are taken over), and the sums of COUNTS, oldest first.

    Without a form the fillers are units, with both forms of each summed; with one they are its respondents (units, or branches).
    """
    rows = run.scan("load")
    if kind:
        rows = rows.filter(pl.col("unit_kind") == kind)
    if form:
        rows = rows.filter(pl.col("form") == form).with_columns(fillers="respondents")
    else:
        rows = rows.with_columns(fillers="units")
    each = rows.group_by("period", "unit_kind").agg(pl.col("fillers").max(), pl.col(*COUNTS).sum())
    return each.group_by("period").agg(pl.col("fillers", *COUNTS).sum()).sort("period").collect()
