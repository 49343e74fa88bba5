"""What a unit last reported and had accepted, from the published marts: the source of what a template pre-fills."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from expectations import Period
from pipelines.marts.published import MartsUnavailable, PublishedRun


def last_accepted_answers(marts: Path, unit_code: str, before: Period) -> pl.DataFrame | None:
    """The answers (columns of the mart) of the unit's latest accepted submission of an earlier period; None where there is none."""
    try:
        run = PublishedRun.open(marts)
    except MartsUnavailable:
        return None
    accepted = run.scan("submissions").filter(
        (pl.col("unit_code") == unit_code)
        & (pl.col("state") == "accepted")
        & (pl.col("period") < str(before))
    )
    latest = accepted.sort("period", descending=True).head(1).select("submission_id").collect()
    if latest.is_empty():
        return None
    return run.scan("answers").filter(pl.col("submission_id") == latest.item()).collect()
