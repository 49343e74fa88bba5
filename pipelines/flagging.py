"""What the SQL needs to know of flags: the rules in force in each period, and how a miss of each indicator is proved."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from expectations import Catalogue, Period
from expectations.models.indicator import Indicator
from pipelines.comparison.evidence import p_at_standard
from pipelines.windows import indicator_sources, is_proportion

Evidence = Literal["share", "per_head", "fact"]
_RULES: dict[str, Any] = {
    "period": pl.String, "reporting_clause": pl.String, "not_reported": pl.String, "late": pl.String, "quality_clause": pl.String,
    "under_gate": pl.String, "to_correct": pl.String, "to_explain": pl.String, "evidence_p": pl.Float64, "heads": pl.Int32, "misses": pl.Int32,
    "repeated_p": pl.Float64, "nearly_number": pl.Int32, "nearly_share": pl.Decimal(18, 4), "doubtful": pl.String, "behind": pl.String, "outside_998": pl.String, "outside_95": pl.String, "times_outside": pl.Int32,
    "pattern_clause": pl.String, "pattern_level": pl.String,
}  # fmt: skip


def evidence_of(indicator: Indicator, catalogue: Catalogue) -> Evidence:
    """How a miss is proved.

    share: counts of persons or events on both sides, which chance moves; per_head: an amount over heads, which one absence
    moves; fact: a count of the unit's own, a checklist, a difference: what is missing is missing.
    """
    heads = bool(indicator.denominator.sum) and not indicator.numerator.minus
    if heads and is_proportion(indicator, catalogue) and not indicator.numerator.in_place:
        return "share"
    return "per_head" if heads and not indicator.is_percentage else "fact"


def indicator_evidence(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """How each indicator is proved in each period in which it takes answers.

    period, indicator, evidence, window_start (the first quarter whose answers it takes) and is_new: whether answers of the period
    itself are among them. Judged again on the answers of an earlier quarter is not judged anew.
    """
    windows = indicator_sources(catalogue, periods).group_by("period", "indicator")
    kinds = [(i.indicator, evidence_of(i, catalogue)) for i in catalogue.indicators]
    return (
        windows.agg(window_start=pl.col("source_period").min(), window_end=pl.col("source_period").max())
        .join(pl.DataFrame(kinds, schema=["indicator", "evidence"], orient="row"), on="indicator")
        .select(
            "period", "indicator", "evidence", "window_start", is_new=pl.col("window_end") == pl.col("period")
        )
        .sort("period", "indicator")
    )


def flag_rules(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The rules that are one number or level in each period, one row a period; the names are kind_key of flags.yaml."""
    rows: list[dict[str, Any]] = []
    for period in periods:
        rules = catalogue.flags_in(period)
        performance, peer = rules.performance, rules.peer
        rows.append(
            {
                "period": str(period),
                "reporting_clause": rules.reporting.clause, "not_reported": rules.reporting.not_reported, "late": rules.reporting.late,
                "quality_clause": rules.quality.clause, "under_gate": rules.quality.under_gate,
                "to_correct": rules.quality.to_correct, "to_explain": rules.quality.to_explain,
                "evidence_p": float(performance.evidence), "heads": performance.heads, "misses": performance.periods,
                "repeated_p": float(performance.repeated),
                "nearly_number": performance.nearly_all.number, "nearly_share": performance.nearly_all.share,
                "doubtful": performance.doubtful, "behind": performance.behind,
                "outside_998": peer.outside_998, "outside_95": peer.outside_95, "times_outside": peer.periods,
                "pattern_clause": rules.pattern.clause, "pattern_level": rules.pattern.level,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=_RULES)


def miss_levels(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The levels of a plain miss and of a milder one: period, is_branch, stated, plain, milder."""
    rows = [
        (str(period), is_branch, stated, *(of.stated if stated else of.reference for of in (plain, milder)))
        for period in periods
        for rules in (catalogue.flags_in(period).performance,)
        for is_branch, plain, milder in (
            (False, rules.levels.unit, rules.milder.unit),
            (True, rules.levels.branch, rules.milder.branch),
        )
        for stated in (True, False)
    ]
    schema = {
        "period": pl.String, "is_branch": pl.Boolean, "stated": pl.Boolean, "plain": pl.String, "milder": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_chance(misses: pl.DataFrame) -> pl.DataFrame:
    """Misses running, added up, with `p`: the exact one-sided chance of the sum at the standard; null where it is no share of counts.

    misses: numerator, denominator, standard, compare, evidence, as repeated_misses.sql has them.
    """
    k, n, standard = (
        misses[column].cast(pl.Float64).to_numpy() for column in ("numerator", "denominator", "standard")
    )
    lower = (misses["compare"] == "at_most").to_numpy()
    p = p_at_standard(k, n, standard, lower, (misses["evidence"] == "share").to_numpy())
    return misses.with_columns(p=pl.Series(p, dtype=pl.Float64).fill_nan(None))


def trend_levels(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """What each signal weighs in each series that is looked at: period, grain, signal, level."""
    rows = [
        (str(period), grain, s.signal, s.level)
        for period in periods
        for rules in (catalogue.flags_in(period).trend,)
        for grain in rules.grains
        for s in rules.signals
    ]
    columns = ["period", "grain", "signal", "level"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
