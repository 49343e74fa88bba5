"""The yearly list of model units: who is chosen, how firmly, and every number that the choice rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.selection import Scoring, Selection, Shortlist
from pipelines.selection.changes import barred_changes, eligible_changes
from pipelines.selection.gates import Gate, gate_rows, judge_all, obstacles
from pipelines.selection.pool import DIMENSIONS, Floats, Pool, dimension_weights
from pipelines.selection.schemas import SHORTLIST, SHORTLIST_DIMENSIONS, SHORTLIST_GATES, SHORTLIST_SCORES
from pipelines.selection.standing import Chosen, Standing, chosen, near_misses, standing
from pipelines.selection.words import Names, by_clause, gaps, named_clauses, strengths


class Lists(NamedTuple):
    """The marts shortlist, shortlist_scores, shortlist_dimensions and shortlist_gates."""

    shortlist: pl.DataFrame
    scores: pl.DataFrame
    dimensions: pl.DataFrame
    gates: pl.DataFrame


def make_lists(candidates: pl.DataFrame, terms: pl.DataFrame, names: Names, selection: Selection) -> Lists:
    """The lists of every year.

    candidates: the table of that name. terms: shortlist_scores without `weight`, at least for every candidate that has some.
    """
    parts = [
        year_lists(
            candidates.filter(pl.col("year") == year), terms.filter(pl.col("year") == year), names,
            selection.as_of(Period(year, 4)),
        )
        for year in candidates["year"].unique().sort()
    ]  # fmt: skip
    schemas = (SHORTLIST, SHORTLIST_SCORES, SHORTLIST_DIMENSIONS, SHORTLIST_GATES)
    return Lists(
        *(
            pl.concat([pl.DataFrame(schema=schema), *(part[place] for part in parts)])
            for place, schema in enumerate(schemas)
        )
    )


def year_lists(candidates: pl.DataFrame, terms: pl.DataFrame, names: Names, rules: Selection) -> Lists:
    """The lists of one year, by the version of the rules that holds in it."""
    candidates = candidates.sort("unit_code")
    pool = Pool.of(terms, tuple(candidates["unit_code"]))
    gates = judge_all(candidates, pool.totals(rules.scoring.weights), rules.shortlist.gates)
    missed = obstacles(gates)
    stand = standing(candidates, pool, missed, rules)
    return Lists(
        _shortlist(candidates, stand, terms, missed, rules, names),
        _scores(terms, pool),
        _dimensions(candidates, pool, rules.scoring),
        gate_rows(candidates, gates),
    )


def outcome(candidates: pl.DataFrame, terms: pl.DataFrame, rules: Selection) -> pl.DataFrame:
    """Whom `year_lists` would choose and why: unit_code, score, selected, rank, reason. Not how firmly, nor what would change it."""
    candidates = candidates.sort("unit_code")
    pool = Pool.of(terms, tuple(candidates["unit_code"]))
    missed = obstacles(judge_all(candidates, pool.totals(rules.scoring.weights), rules.shortlist.gates))
    now = chosen(candidates, pool, missed, rules)
    judged = pl.concat([_eligible(now, rules.shortlist), _barred(missed)], how="diagonal")
    return (
        candidates.select("unit_code", score=_known(now.score))
        .join(judged, on="unit_code", how="left")
        .with_columns(pl.col("selected").fill_null(value=False))
    )


def _scores(terms: pl.DataFrame, pool: Pool) -> pl.DataFrame:
    """Each indicator of each candidate, with its share of its dimension among those that could be calculated."""
    share = (
        pl.when(pl.col("attainment").is_not_null())
        .then(1 / pl.col("attainment").count().over("unit_code", "dimension"))
        .otherwise(0.0)
    )
    listed = terms.filter(pl.col("unit_code").is_in(list(pool.units)))
    return (
        listed.with_columns(weight=share)
        .select(SHORTLIST_SCORES.names())
        .cast(SHORTLIST_SCORES)
        .sort("unit_code", "indicator")
    )


def _dimensions(candidates: pl.DataFrame, pool: Pool, scoring: Scoring) -> pl.DataFrame:
    """Each dimension of each candidate that has a score, with its share of the total."""
    weights = np.where(np.isnan(pool.scores), 0.0, dimension_weights(scoring.weights))
    with np.errstate(invalid="ignore"):
        shares = weights / weights.sum(1, keepdims=True)
    return pl.concat(
        [pl.DataFrame(schema=SHORTLIST_DIMENSIONS)]
        + [
            candidates.select("year", "unit_code")
            .with_columns(
                dimension=pl.lit(name), score=pl.Series(pool.scores[:, place], dtype=pl.Float64),
                weight=pl.Series(shares[:, place], dtype=pl.Float64),
            )
            .filter(pl.col("score").is_not_nan())
            .cast(SHORTLIST_DIMENSIONS)
            for place, name in enumerate(DIMENSIONS)
        ]
    ).sort("unit_code", "dimension")  # fmt: skip


def _shortlist(
    candidates: pl.DataFrame,
    stand: Standing,
    terms: pl.DataFrame,
    missed: dict[str, list[Gate]],
    rules: Selection,
    names: Names,
) -> pl.DataFrame:
    """One row a candidate."""
    shares = stand.pool.shares(dimension_weights(rules.scoring.weights))
    most = rules.shortlist.clauses_named
    better = by_clause(strengths(stand.pool, shares, candidates["kind"]), stand.pool, names)
    lacking = by_clause(gaps(stand.pool, shares), stand.pool, names)
    all_of_them = candidates.with_columns(
        score=_known(stand.score),
        strengths=pl.Series(named_clauses(better, names, most, "高于同类平均{points}分"), dtype=pl.String),
        gaps=pl.Series(named_clauses(lacking, names, most, "失{points}分"), dtype=pl.String),
    )
    changes = barred_changes(stand, candidates, missed, rules.shortlist)
    judged = pl.concat(
        [
            _eligible(stand, rules.shortlist).with_columns(
                rank_low=stand.low, rank_high=stand.high, probability=stand.probability,
                near_miss=near_misses(stand, rules.shortlist.near_misses),
                what_would_change=pl.Series(eligible_changes(stand, candidates, terms, names, rules), dtype=pl.String),
            ),
            _barred(missed).with_columns(
                what_would_change=pl.Series([changes[code] for code in missed], dtype=pl.String)
            ),
        ],
        how="diagonal",
    )  # fmt: skip
    return (
        all_of_them.join(judged, on="unit_code", how="left")
        .with_columns(
            pl.col("selected", "near_miss").fill_null(value=False), eligible=pl.col("rank").is_not_null()
        )
        .select(SHORTLIST.names())
        .cast(SHORTLIST)
        .sort("year", "unit_code")
    )


def _known(score: Floats) -> pl.Series:
    """Scores, null where there is none."""
    return pl.Series(score, dtype=pl.Float64).fill_nan(None)


def _eligible(now: Chosen, rules: Shortlist) -> pl.DataFrame:
    """Where each eligible unit stands: unit_code, rank, selected, reason."""
    return pl.DataFrame(
        {
            "unit_code": pl.Series(now.field.codes, dtype=pl.String), "rank": now.rank, "selected": now.choice.chosen,
            "reason": pl.Series(_reasons(now, rules), dtype=pl.String),
        }
    )  # fmt: skip


def _barred(missed: Mapping[str, list[Gate]]) -> pl.DataFrame:
    """Why each unit that misses a gate is not chosen: unit_code, reason."""
    rows = [
        (code, f"未入选：{'；'.join(gate.obstacle for gate in gates)}。") for code, gates in missed.items()
    ]
    return pl.DataFrame(rows, schema={"unit_code": pl.String, "reason": pl.String}, orient="row")


def _reasons(stand: Chosen, rules: Shortlist) -> list[str]:
    """Why each eligible unit is chosen or passed over."""
    place, texts = stand.place, []
    for unit, kind in enumerate(stand.field.kind):
        among = f"同类符合条件的单位中得分第{stand.rank[unit]}名"
        if stand.choice.chosen[unit]:
            texts.append(f"入选：{among}，本类名额{stand.field.quotas[kind]}个，各项条件均已满足。")
        elif stand.field.quotas[kind] == 0:
            texts.append(f"未入选：{among}，本类单位不设名额。")
        elif stand.choice.kind_full[kind] <= place[unit]:
            texts.append(f"未入选：{among}，本类单位名额已满。")
        else:
            texts.append(f"未入选：{among}，本市已有{rules.most_per_city}个单位入选。")
    return texts
