"""The contact points of a year, and a trial of other rules for its list."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from pipelines.exports.shortlist import KIND_ORDER, shortlist_rows
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import declared_rules, foresee, try_out
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

    words: what was changed; none where nothing was. both: who is on either list: unit_code, name, kind, city, selected, selected_before,
    rank, rank_before, score, score_before, reason.
    """

    words: tuple[str, ...]
    both: pl.DataFrame


def tried(run: PublishedRun, year: int, changes: str) -> Tried:
    """changes: `key=value`, one a line; without any, the official list stands for the trial, which would be the same. Raises WhatIfMistake."""
    official = shortlist_rows(run, year)
    now = ["unit_code", "selected", "rank", "score", "reason"]
    words, listed = foresee(run, year, _read(changes)) if changes else ((), official.select(now))
    kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
    both = (
        official.select("unit_code", "name", "kind", "city", selected_before="selected", rank_before="rank", score_before="score")
        .join(listed, on="unit_code")
        .filter(pl.col("selected") | pl.col("selected_before"))
        .sort(kind, "rank", "unit_code", nulls_last=True)
    )  # fmt: skip
    return Tried(words, both)


def trial_run(run: PublishedRun, year: int, changes: str) -> PublishedRun:
    """The run with the whole list of the trial, from which its files are made. changes: as in `tried`."""
    return try_out(run, year, _read(changes)).run


def _read(changes: str) -> dict[str, str]:
    return parse_changes(tuple(changes.splitlines()))
