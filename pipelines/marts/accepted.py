"""What a unit last reported and had accepted, from the published marts: the source of what a template pre-fills."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from expectations import Period
from pipelines.marts.published import MartsUnavailable, PublishedRun, from_published


def last_accepted_answers(marts: Path, unit_code: str, before: Period) -> pl.DataFrame | None:
    """The unit's latest accepted answer to each question (columns of the mart), from whichever earlier period asked it last.

    None where nothing was accepted yet. A question that is asked once a year is answered in the last Q4, not in the last quarter.
    """
    try:
        answers = from_published(marts, lambda run: _last_accepted(run, unit_code, before))
    except MartsUnavailable:
        return None
    return None if answers.is_empty() else answers


def _last_accepted(run: PublishedRun, unit_code: str, before: Period) -> pl.DataFrame:
    accepted = run.scan("submissions").filter(
        (pl.col("unit_code") == unit_code)
        & (pl.col("state") == "accepted")
        & (pl.col("period") < str(before))
    )
    return (
        run.scan("answers")
        # Said of the answers too: what a join leaves over is not told to the Parquet reader.
        .filter(pl.col("unit_code") == unit_code, pl.col("period") < str(before))
        .join(accepted.select("submission_id"), on="submission_id", how="semi")
        .sort("period", "month", nulls_last=False)
        .unique(["question", "branch_code"], keep="last", maintain_order=True)
        .collect()
    )
