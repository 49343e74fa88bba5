"""What a run knows of the files that a unit has sent for a period."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun


def versions(run: PublishedRun, unit: str, period: str) -> pl.DataFrame:
    """The unit's submissions for the period in the order of receipt, those too that could not be read: the mart's columns."""
    return (
        run.scan("submissions")
        .filter(pl.col("unit_code") == unit, pl.col("period") == period)
        .sort("received_at", "submission_id")
        .collect()
    )
