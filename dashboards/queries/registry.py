"""Who and when: periods, units, and the indicators in the version that a period was judged by."""

from __future__ import annotations

import polars as pl

from expectations.period import Period
from pipelines.marts.behind import in_force
from pipelines.marts.published import PublishedRun

DIMENSIONS = ("learning", "service", "innovation", "leadership", "total")
GOOD = ("met", "on_pace")
JUDGED = (*GOOD, "not_met", "behind")


def periods(run: PublishedRun) -> pl.DataFrame:
    """All periods, newest first: period, year, label_zh, due_at, is_due."""
    return run.read("dim_period").sort("period", descending=True)


def previous(run: PublishedRun, period: str) -> str | None:
    """The period before, where the run holds it."""
    before = str(Period.parse(period).previous())
    return before if before in run.read("dim_period")["period"] else None


def units(run: PublishedRun) -> pl.DataFrame:
    """Units that submit (no branches), by code: all columns of dim_unit."""
    return run.scan("dim_unit").filter(pl.col("kind") != "branch").sort("unit_code").collect()


def cities(run: PublishedRun) -> pl.DataFrame:
    """All cities, by code: all columns of dim_city."""
    return run.read("dim_city").sort("city_code")


def entry(run: PublishedRun, code: str) -> dict[str, object]:
    """One unit or branch: its row of dim_unit, with the name of the unit above (`parent`) and the note on its peer group (`note_zh`).

    Raises KeyError where the registry does not know the code.
    """
    registry = run.scan("dim_unit")
    above = registry.select(parent_code="unit_code", parent="name")
    groups = run.scan("dim_peer_group").select("peer_group", "note_zh")
    found = (
        registry.filter(pl.col("unit_code") == code)
        .join(above, on="parent_code", how="left")
        .join(groups, on="peer_group", how="left")
        .collect()
    )
    if found.is_empty():
        raise KeyError(code)
    return found.row(0, named=True)


def policy_order() -> list[pl.Expr]:
    """Sort keys over `dimension` and `clause`: the order in which the policy speaks."""
    order = {name: place for place, name in enumerate(DIMENSIONS)}
    return [pl.col("dimension").replace_strict(order, default=len(order)), pl.col("clause")]


def indicators(run: PublishedRun, period: str) -> pl.LazyFrame:
    """One row an indicator.

    Its columns in the version in force at the end of the period (its first version where none was in
    force yet), and `place`, its place in the order of the policy.
    """
    return in_force(run, period).sort(*policy_order(), "indicator").with_row_index("place")


def shown_flags(run: PublishedRun, period: str, review: bool) -> pl.LazyFrame:
    """The flags of a period; those that signs of form-filling raise only where the pages are shown for review."""
    flags = run.scan("flags").filter(pl.col("period") == period)
    return flags if review else flags.filter(pl.col("kind") != "pattern")


def judged_share() -> list[pl.Expr]:
    """`good` and `judged`.

    How many of a group's statuses are on the good side, of those that could be judged.
    """
    return [
        pl.col("status").is_in(GOOD).sum().alias("good"),
        pl.col("status").is_in(JUDGED).sum().alias("judged"),
    ]
