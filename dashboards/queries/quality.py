"""The quality of a period's data: findings by rule, severity and kind of unit, and files that were refused.

Findings of superseded versions are history, not today's quality: they are left out.
"""

from __future__ import annotations

import polars as pl

from pipelines.marts.published import PublishedRun


def _current(run: PublishedRun, period: str) -> pl.LazyFrame:
    """Findings of the period in versions that have not been superseded: the mart's columns."""
    live = run.scan("submissions").filter(
        pl.col("period") == period, pl.col("state").is_in(["superseded", "refused"]).not_()
    )
    found = run.scan("findings").filter(pl.col("period") == period)
    return found.join(live.select("submission_id"), on="submission_id", how="semi")


def _rules(run: PublishedRun) -> pl.LazyFrame:
    return run.scan("dim_rule").select("rule", rule_zh="label_zh")


def by_rule(run: PublishedRun, period: str) -> pl.DataFrame:
    """rule, rule_zh, severity, count, units (units concerned): most findings first."""
    return (
        _current(run, period)
        .group_by("rule", "severity")
        .agg(count=pl.len(), units=pl.col("unit_code").n_unique())
        .join(_rules(run), on="rule", how="left")
        .select("rule", "rule_zh", "severity", "count", "units")
        .sort("count", "rule", descending=[True, False])
        .collect()
    )


def by_kind(run: PublishedRun, period: str) -> pl.DataFrame:
    """Each kind of unit.

    Unit_kind, expected, block, explain, inform (findings) and units with a finding that blocks.
    """
    owed = (
        run.scan("reporting")
        .filter(pl.col("period") == period, pl.col("group_kind") == "kind")
        .select("expected", "received", "completeness", unit_kind="group_code")
    )
    severities = [(pl.col("severity") == name).sum().alias(name) for name in ("block", "explain", "inform")]
    blocked = pl.col("unit_code").filter(pl.col("severity") == "block").n_unique().alias("units_blocked")
    kinds = run.scan("dim_unit").select("unit_code", unit_kind="kind")
    counted = (
        _current(run, period)
        .join(kinds, on="unit_code", how="left")
        .group_by("unit_kind")
        .agg(*severities, blocked)
    )
    return (
        owed.join(counted, on="unit_kind", how="left")
        .with_columns(pl.col("block", "explain", "inform", "units_blocked").fill_null(0))
        .sort(pl.col("unit_kind").replace_strict({"city": 0, "university": 1, "school": 2}, default=3))
        .collect()
    )


def findings(run: PublishedRun, period: str) -> pl.DataFrame:
    """All findings of the period, gravest first.

    finding_id, severity, rule, rule_zh, unit_code, unit_name, branch_code, branch, question, sheet, cell, message, explanation.
    """
    gravity = pl.col("severity").replace_strict({"block": 0, "explain": 1, "inform": 2}, default=3)
    registry = run.scan("dim_unit").select("unit_code", unit_name="name")
    branches = run.scan("dim_unit").select(branch_code="unit_code", branch="name")
    return (
        _current(run, period)
        .join(registry, on="unit_code", how="left")
        .join(branches, on="branch_code", how="left")
        .join(_rules(run), on="rule", how="left")
        .select(
            "finding_id", "severity", "rule", "rule_zh", "unit_code", "unit_name", "branch_code", "branch", "question", "sheet", "cell",
            "message", "explanation",
        )
        .sort(gravity, "unit_code", "sheet", "cell", "finding_id")
        .collect()
    )  # fmt: skip


def narrowed(
    frame: pl.DataFrame, severity: str | None, rule: str | None, text: str, found: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The findings of one severity and rule whose unit (code or name), question or message holds the text.

    found: unit_code of the units and branches that a search by initials finds; theirs too.
    """
    if severity:
        frame = frame.filter(pl.col("severity") == severity)
    if rule:
        frame = frame.filter(pl.col("rule") == rule)
    if wanted := text.strip().lower():
        held = [
            pl.col(name).fill_null("").str.to_lowercase().str.contains(wanted, literal=True)
            for name in ("unit_code", "unit_name", "branch", "question", "message")
        ]
        if found is not None:
            held += [
                pl.col(name).is_in(found["unit_code"].implode()).fill_null(value=False)
                for name in ("unit_code", "branch_code")
            ]
        frame = frame.filter(pl.any_horizontal(held))
    return frame


def refused(run: PublishedRun, period: str) -> pl.DataFrame:
    """Files that could not be read, of this period or of none known.

    The mart's columns and why (`message`), newest first.
    """
    why = (
        run.scan("findings")
        .filter(pl.col("severity") == "block")
        .group_by("submission_id")
        .agg(pl.col("message").sort_by("finding_id").first())
    )
    known = run.scan("dim_unit").select("unit_code", "name")
    return (
        run.scan("submissions")
        .filter(pl.col("state") == "refused", pl.col("period").is_null() | (pl.col("period") == period))
        .join(why, on="submission_id", how="left")
        .join(known, on="unit_code", how="left")
        .sort("received_at", "submission_id", descending=[True, False])
        .collect()
    )
