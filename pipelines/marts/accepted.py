"""What a unit last reported and had accepted, from the published marts: the source of what a template pre-fills."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from expectations import Period
from pipelines.marts.published import MartsUnavailable, PublishedRun


def last_accepted_answers(marts: Path, unit_code: str, before: Period) -> pl.DataFrame | None:
    """The unit's latest accepted answer to each question (columns of the mart), from whichever earlier period asked it last.

    None where nothing was accepted yet. A question that is asked once a year is answered in the last Q4, not in the last quarter.
    """
    try:
        run = PublishedRun.open(marts)
    except MartsUnavailable:
        return None
    accepted = run.scan("submissions").filter(
        (pl.col("unit_code") == unit_code)
        & (pl.col("state") == "accepted")
        & (pl.col("period") < str(before))
    )
    answers = (
        run.scan("answers")
        .join(accepted.select("submission_id"), on="submission_id", how="semi")
        .sort("period", "month", nulls_last=False)
        .unique(["question", "branch_code"], keep="last", maintain_order=True)
        .collect()
    )
    return None if answers.is_empty() else answers
