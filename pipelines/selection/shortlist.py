"""The yearly list of model units: who is chosen, how firmly, and every number that the choice rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.selection import Scoring, Selection, Shortlist
from pipelines.selection.alternatives import Steps, Totals, draw_ways, totals
from pipelines.selection.choose import Choice, Field, choose, in_order
from pipelines.selection.gates import gate_rows
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool, dimension_weights
from pipelines.selection.rank_ranges import rank_range
from pipelines.selection.schemas import SHORTLIST, SHORTLIST_DIMENSIONS, SHORTLIST_GATES, SHORTLIST_SCORES
from pipelines.selection.words import by_clause, gaps, named_clauses, strengths


class Lists(NamedTuple):
    """The marts shortlist, shortlist_scores, shortlist_dimensions and shortlist_gates."""

    shortlist: pl.DataFrame
    scores: pl.DataFrame
    dimensions: pl.DataFrame
    gates: pl.DataFrame


def make_lists(
    candidates: pl.DataFrame, terms: pl.DataFrame, names: pl.DataFrame, selection: Selection
) -> Lists:
    """The lists of every year.

    candidates: the table of that name. terms: shortlist_scores without `weight`, at least for every candidate that has some.
    names: indicator, label_zh, unit, compare, clause, clause_zh.
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


@dataclass(frozen=True)
class Standing:
    """How the candidates of a year stand: all in the order of their codes, `eligible` ones in the order that decides between equals.

    may: the places of the eligible ones among all. score: of all; NaN where there is none. rank, low, high, probability: of the eligible.
    """

    pool: Pool
    score: Floats
    may: Ints
    field: Field
    choice: Choice
    rank: Ints
    low: Ints
    high: Ints
    probability: Floats


def year_lists(candidates: pl.DataFrame, terms: pl.DataFrame, names: pl.DataFrame, rules: Selection) -> Lists:
    """The lists of one year, by the version of the rules that holds in it."""
    candidates = candidates.sort("unit_code")
    pool = Pool.of(terms, tuple(candidates["unit_code"]))
    gates, obstacles = gate_rows(candidates, rules.shortlist.gates)
    stand = standing(candidates, pool, frozenset(obstacles), rules)
    return Lists(
        _shortlist(candidates, stand, obstacles, rules, names),
        _scores(terms, pool),
        _dimensions(candidates, pool, rules.scoring),
        gates,
    )


def standing(candidates: pl.DataFrame, pool: Pool, barred: frozenset[str], rules: Selection) -> Standing:
    """Ranks, ranges, the choice, and in which share of the alternatives each is chosen. candidates: sorted by code, as the pool."""
    score = pool.totals(rules.scoring.weights)
    may = _decided_order(candidates, pool, barred, rules.shortlist)
    among = candidates[may]
    field = Field.of(
        tuple(among["unit_code"]), among["kind"].to_list(), among["city_code"].to_list(), rules.shortlist.quotas, rules.shortlist.most_per_city
    )  # fmt: skip
    choice = choose(field, in_order(score[may]))
    rank = _ranks_by_kind(choice.order, field)
    ways = draw_ways(len(pool.indicators), rules.scoring)
    drawn = totals(pool.at(may), ways, score[may])
    low, high = _ranges(drawn, field, rank, float(rules.scoring.alternatives.coverage))
    return Standing(pool, score, may, field, choice, rank, low, high, _probability(field, drawn.score))


def _decided_order(candidates: pl.DataFrame, pool: Pool, barred: frozenset[str], rules: Shortlist) -> Ints:
    """The places of those who may be chosen, in the order that decides between equals."""
    by: dict[str, Floats] = {
        "coverage": -pool.coverage,
        "unit_code": np.arange(len(pool.units), dtype=np.float64),
    }
    for place, name in enumerate(DIMENSIONS):
        by[name] = -np.nan_to_num(pool.scores[:, place], nan=-1.0)
    order = np.lexsort([by[name] for name in reversed(rules.ties)])
    is_barred = candidates["unit_code"].is_in(list(barred)).to_numpy()
    return np.asarray(order[~is_barred[order]])


def _ranks_by_kind(order: Ints, field: Field) -> Ints:
    rank = np.zeros(len(order), dtype=np.int64)
    for kind in range(len(field.kinds)):
        mine = order[field.kind[order] == kind]
        rank[mine] = np.arange(1, len(mine) + 1)
    return rank


def _ranges(drawn: Totals, field: Field, rank: Ints, coverage: float) -> tuple[Ints, Ints]:
    low, high = rank.copy(), rank.copy()
    for kind in range(len(field.kinds)):
        mine = np.flatnonzero(field.kind == kind)
        part = drawn.of(mine)
        low[mine], high[mine] = rank_range(part, rank[mine], coverage)
    return low, high


def _probability(field: Field, scores: Steps) -> Floats:
    """The share of alternatives in which each is chosen, quotas and limits of cities applied in each."""
    times = np.zeros(len(field.codes))
    for order in in_order(scores):
        times += choose(field, order).chosen
    return times / len(scores)


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
    obstacles: dict[str, list[str]],
    rules: Selection,
    names: pl.DataFrame,
) -> pl.DataFrame:
    """One row a candidate."""
    shares = stand.pool.shares(dimension_weights(rules.scoring.weights))
    most = rules.shortlist.clauses_named
    better = by_clause(strengths(stand.pool, shares, candidates["kind"]), stand.pool, names)
    lacking = by_clause(gaps(stand.pool, shares), stand.pool, names)
    near = near_misses(stand, rules.shortlist.near_misses)
    eligible = pl.DataFrame(
        {
            "unit_code": pl.Series(stand.field.codes, dtype=pl.String), "rank": stand.rank, "rank_low": stand.low, "rank_high": stand.high,
            "selected": stand.choice.chosen, "probability": stand.probability, "near_miss": near,
            "reason": pl.Series(_reasons(stand, rules.shortlist), dtype=pl.String),
        }
    )  # fmt: skip
    barred = pl.DataFrame(
        [(code, "未入选：" + "；".join(missed) + "。") for code, missed in obstacles.items()],
        schema={"unit_code": pl.String, "obstacle": pl.String}, orient="row",
    )  # fmt: skip
    return (
        candidates.with_columns(score=pl.Series(stand.score, dtype=pl.Float64).fill_nan(None))
        .join(eligible, on="unit_code", how="left")
        .join(barred, on="unit_code", how="left")
        .with_columns(
            pl.col("selected", "near_miss").fill_null(value=False), pl.coalesce("reason", "obstacle").alias("reason"),
            eligible=pl.col("rank").is_not_null(), strengths=pl.Series(named_clauses(better, names, most, "高于同类平均{points}分"), dtype=pl.String),
            gaps=pl.Series(named_clauses(lacking, names, most, "失{points}分"), dtype=pl.String),
            what_would_change=pl.lit(None, dtype=pl.String),
        )
        .select(SHORTLIST.names())
        .cast(SHORTLIST)
        .sort("year", "unit_code")
    )  # fmt: skip


def near_misses(stand: Standing, places: int) -> Bools:
    """Of the eligible: the first so many of each kind that were not chosen."""
    near = np.zeros(len(stand.field.codes), dtype=bool)
    for kind in range(len(stand.field.kinds)):
        out = [
            unit
            for unit in stand.choice.order
            if stand.field.kind[unit] == kind and not stand.choice.chosen[unit]
        ]
        near[out[:places]] = True
    return near


def _reasons(stand: Standing, rules: Shortlist) -> list[str]:
    """Why each eligible unit is chosen or passed over."""
    place = np.empty(len(stand.choice.order), dtype=np.int64)
    place[stand.choice.order] = np.arange(len(place))
    texts = []
    for unit, kind in enumerate(stand.field.kind):
        among = f"同类符合条件的单位中得分第{stand.rank[unit]}名"
        if stand.choice.chosen[unit]:
            texts.append(f"入选：{among}，本类名额{stand.field.quotas[kind]}个，各项条件均已满足。")
        elif stand.choice.kind_full[kind] <= place[unit]:
            texts.append(f"未入选：{among}，本类单位名额已满。")
        else:
            texts.append(f"未入选：{among}，本市已有{rules.most_per_city}个单位入选。")
    return texts
