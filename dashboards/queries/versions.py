"""Units that have sent more than one version for a period. What two versions say differently: pipelines/marts/versions.py."""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun


def resubmitted(run: PublishedRun, period: str) -> pl.DataFrame:
    """Units with two readable versions or more in the period, those first that changed most accepted answers.

    unit_code, name, versions (the number of the last one), and of the last version: state, received_at, and accepted_changed, the
    answers in which it differs from the last accepted version before it.
    """
    changed = (
        run.scan("findings")
        .filter(pl.col("rule") == "accepted_answer_changed")
        .group_by("submission_id")
        .agg(accepted_changed=pl.len())
    )
    return (
        run.scan("submissions")
        .filter(pl.col("period") == period, pl.col("version").is_not_null())
        .sort("version")
        .unique("unit_code", keep="last", maintain_order=True)
        .filter(pl.col("version") > 1)
        .join(run.scan("dim_unit").select("unit_code", "name"), on="unit_code")
        .join(changed, on="submission_id", how="left")
        .with_columns(pl.col("accepted_changed").fill_null(0))
        .select("unit_code", "name", "state", "received_at", "accepted_changed", versions="version")
        .sort("accepted_changed", "unit_code", descending=[True, False])
        .collect()
    )
