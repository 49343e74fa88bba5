"""How the candidates of a year stand: ranks, their ranges, the choice, and how firm it is."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import polars as pl

from expectations.models.selection import Selection, Shortlist
from pipelines.selection.alternatives import Steps, Totals, draw_ways, totals
from pipelines.selection.choose import Choice, Field, choose, in_turn
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool
from pipelines.selection.rank_ranges import rank_range


@dataclass(frozen=True)
class Chosen:
    """All candidates in the order of their codes; the eligible ones in the order that decides between equals.

    may: the places of the eligible ones among all. score: of all; NaN where there is none. rank: of the eligible.
    """

    pool: Pool
    score: Floats
    may: Ints
    field: Field
    choice: Choice
    rank: Ints

    @property
    def place(self) -> Ints:
        """Of each eligible unit, how many of all kinds have their turn before it."""
        place = np.empty(len(self.choice.order), dtype=np.int64)
        place[self.choice.order] = np.arange(len(place))
        return place


@dataclass(frozen=True)
class Standing(Chosen):
    """Who is chosen, and how firmly: of the eligible, the range of their ranks and how often they are chosen by other weights."""

    low: Ints
    high: Ints
    probability: Floats


def chosen(candidates: pl.DataFrame, pool: Pool, barred: Container[str], rules: Selection) -> Chosen:
    """candidates: sorted by code, as the pool. barred: those who miss a gate."""
    score = pool.totals(rules.scoring.weights)
    may = _decided_order(pool, barred, rules.shortlist)
    among = candidates[may]
    field = Field.of(
        tuple(among["unit_code"]), among["kind"].to_list(), among["city_code"].to_list(), rules.shortlist.quotas, rules.shortlist.most_per_city
    )  # fmt: skip
    choice = choose(field, in_turn(field, score[may]))
    return Chosen(pool, score, may, field, choice, _ranks_by_kind(choice.order, field))


def standing(candidates: pl.DataFrame, pool: Pool, barred: Container[str], rules: Selection) -> Standing:
    """As `chosen`, and how firm the choice is."""
    now = chosen(candidates, pool, barred, rules)
    ways = draw_ways(len(pool.indicators), rules.scoring)
    drawn = totals(pool.at(now.may), ways, now.score[now.may])
    low, high = _ranges(drawn, now.field, now.rank, float(rules.scoring.alternatives.coverage))
    return Standing(**vars(now), low=low, high=high, probability=_probability(now.field, drawn.score))


def near_misses(stand: Standing, places: int) -> Bools:
    """Of the eligible: the first so many of each kind that were not chosen."""
    near = np.zeros(len(stand.field.codes), dtype=bool)
    order = stand.choice.order
    for kind in range(len(stand.field.kinds)):
        out = order[(stand.field.kind[order] == kind) & ~stand.choice.chosen[order]]
        near[out[:places]] = True
    return near


def _decided_order(pool: Pool, barred: Container[str], rules: Shortlist) -> Ints:
    """The places of those who may be chosen, in the order that decides between equals."""
    by: dict[str, Floats] = {
        "coverage": -pool.coverage,
        "unit_code": np.arange(len(pool.units), dtype=np.float64),
    }
    for place, name in enumerate(DIMENSIONS):
        by[name] = -np.nan_to_num(pool.scores[:, place], nan=-1.0)
    order = np.lexsort([by[name] for name in reversed(rules.ties)])
    is_barred = np.array([unit in barred for unit in pool.units], dtype=bool)
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
        low[mine], high[mine] = rank_range(drawn.of(mine), rank[mine], coverage)
    return low, high


def _probability(field: Field, scores: Steps) -> Floats:
    """The share of alternatives in which each is chosen, quotas and limits of cities applied in each."""
    times = np.zeros(len(field.codes))
    for order in in_turn(field, scores):
        times += choose(field, order).chosen
    return np.asarray(times / len(scores))
