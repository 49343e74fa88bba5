"""The contact points of a year, and a trial of other rules for its list."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from pipelines.exports.shortlist import KIND_ORDER, shortlist_rows
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import declared_rules, try_out
from pipelines.selection.what_if import KEYS, declared_text, parse_changes


def contact_points(run: PublishedRun, year: int) -> pl.DataFrame:
    """All candidates of the year with name and city: the chosen first, then by kind and place."""
    kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
    return (
        run.scan("contact_points")
        .filter(pl.col("year") == year)
        .join(run.scan("dim_unit").select("unit_code", "name", "city"), on="unit_code", how="left")
        .sort(pl.col("selected").not_(), kind, "place", "unit_code", nulls_last=True)
        .collect()
    )


def declared(run: PublishedRun, year: int) -> dict[str, str]:
    """The declared value of every key that a trial may change."""
    rules = declared_rules(run, year)
    return {key: declared_text(rules, key) for key in KEYS}


class Tried(NamedTuple):
    """A trial as the page shows it.

    words: what was changed. both: who is on either list: unit_code, name, kind, city, selected, selected_before, rank, rank_before, score,
    score_before, reason. run: what the trial's files are made from; the official one where nothing was changed.
    """

    words: tuple[str, ...]
    both: pl.DataFrame
    run: PublishedRun


def tried(run: PublishedRun, year: int, changes: str) -> Tried:
    """changes: `key=value`, one a line; without any, the official list stands for the trial, which would be the same. Raises WhatIfMistake."""
    official = shortlist_rows(run, year)
    trial = try_out(run, year, parse_changes(tuple(changes.splitlines()))) if changes else None
    listed = shortlist_rows(trial.run, year) if trial else official
    before = official.select(
        "unit_code", selected_before="selected", rank_before="rank", score_before="score"
    )
    kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
    both = (
        listed.join(before, on="unit_code")
        .filter(pl.col("selected") | pl.col("selected_before"))
        .sort(kind, "rank", "unit_code", nulls_last=True)
    )
    return Tried(trial.words if trial else (), both, trial.run if trial else run)
