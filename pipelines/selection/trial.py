"""A trial (试算): the list of a year under changed rules, made from the published marts by the function that made the official one.

The official list is read and never written; a trial says that it is one wherever it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from expectations import Period
from expectations.models.selection import Selection
from pipelines.exports.labels import Labels
from pipelines.exports.shortlist import shortlist_rows
from pipelines.marts.published import PublishedRun
from pipelines.selection.pool import DIMENSIONS
from pipelines.selection.shortlist import Lists, outcome, year_lists
from pipelines.selection.what_if import change
from pipelines.selection.words import Names

TABLES = ("shortlist", "shortlist_scores", "shortlist_dimensions", "shortlist_gates")


@dataclass(frozen=True)
class TrialRun(PublishedRun):
    """A published run as it would be with the lists of a trial: what writes and shows the official list shows this one.

    Its manifest has the changed `selection`, and under `trial` the year and the changes in words.
    """

    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def scan(self, table: str) -> pl.LazyFrame:
        return self.frames[table].lazy() if table in self.frames else super().scan(table)


class Trial(NamedTuple):
    """What was changed, in words; the run with the trial's list; who comes in and who goes out, with columns of `compare`."""

    words: tuple[str, ...]
    run: TrialRun
    moved: pl.DataFrame


def declared_rules(run: PublishedRun, year: int) -> Selection:
    """The rules by which the official list of the year was made."""
    return Selection.model_validate(run.manifest["selection"]).as_of(Period(year, 4))


def try_out(run: PublishedRun, year: int, changes: Mapping[str, str]) -> Trial:
    """The list of the year with these changes. Raises WhatIfMistake, ShortlistUnavailable."""
    official = shortlist_rows(run, year)
    changed = change(declared_rules(run, year), changes, Labels.of(run))
    lists = make_year(run, year, changed.rules)
    selection = changed.rules.model_dump(mode="json")
    manifest: dict[str, Any] = {
        **run.manifest,
        "selection": selection,
        "trial": {"year": year, "changes": list(changed.words)},
    }
    trial = TrialRun(run.folder, manifest, dict(zip(TABLES, lists, strict=True)))
    return Trial(changed.words, trial, compare(official, shortlist_rows(trial, year)))


def foresee(run: PublishedRun, year: int, changes: Mapping[str, str]) -> tuple[tuple[str, ...], pl.DataFrame]:
    """What `try_out` would choose, in a fraction of its time: the changes in words, and `outcome` of all candidates. Raises WhatIfMistake."""
    changed = change(declared_rules(run, year), changes, Labels.of(run))
    return changed.words, outcome(*_of_year(run, year), changed.rules)


def make_year(run: PublishedRun, year: int, rules: Selection) -> Lists:
    """The lists of a year from the published marts, by these rules; by the declared ones, the published lists again."""
    return year_lists(*_of_year(run, year), names(run), rules)


def _of_year(run: PublishedRun, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The candidates of a year, and their terms."""
    candidates, terms = (
        run.scan(table).filter(pl.col("year") == year).collect()
        for table in ("candidates", "shortlist_scores")
    )
    return candidates, terms


def names(run: PublishedRun) -> Names:
    """What the run calls indicators, clauses and dimensions."""
    clauses = run.scan("dim_clause").select("clause", clause_zh="label_zh")
    indicators = (
        run.scan("dim_indicator")
        .sort("indicator", "effective_from")
        .unique("indicator", keep="last", maintain_order=True)
        .join(clauses, on="clause")
        .select("indicator", "label_zh", "unit", "clause", "clause_zh")
        .collect()
    )
    labels = Labels.of(run)
    return Names(indicators, {code: labels("dimension", code) for code in DIMENSIONS})


def compare(official: pl.DataFrame, trial: pl.DataFrame) -> pl.DataFrame:
    """Who comes in and who goes out: unit_code, name, kind, comes_in, rank and rank_before, score and score_before, reason, what_would_change."""
    before = official.select(
        "unit_code", selected_before="selected", rank_before="rank", score_before="score"
    )
    return (
        trial.join(before, on="unit_code")
        .filter(pl.col("selected") != pl.col("selected_before"))
        .select(
            "unit_code", "name", "kind", "city", "rank", "rank_before", "score", "score_before", "reason", "what_would_change",
            comes_in="selected",
        )
        .sort(pl.col("comes_in").not_(), "kind", "rank", "unit_code", nulls_last=True)
    )  # fmt: skip


def moved_zh(row: Mapping[str, Any]) -> str:
    """Why a unit comes in or goes out, in one sentence: the trial's own reason, and where it stood before."""
    now, before = row["rank"], row["rank_before"]
    was = "原不符合条件" if before is None else f"原列同类第{before}名"
    return f"{was}。{row['reason']}" if now != before else str(row["reason"])
