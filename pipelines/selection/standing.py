"""How the candidates of a year stand: ranks, their ranges, the choice, and how firm it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from expectations.models.selection import Selection, Shortlist
from pipelines.selection.alternatives import Steps, Totals, draw_ways, totals
from pipelines.selection.choose import Choice, Field, choose, in_turn
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Ints, Pool
from pipelines.selection.rank_ranges import rank_range


@dataclass(frozen=True)
class Standing:
    """All candidates in the order of their codes; the eligible ones in the order that decides between equals.

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

    @property
    def place(self) -> Ints:
        """Of each eligible unit, how many of all kinds have their turn before it."""
        place = np.empty(len(self.choice.order), dtype=np.int64)
        place[self.choice.order] = np.arange(len(place))
        return place


def standing(candidates: pl.DataFrame, pool: Pool, barred: frozenset[str], rules: Selection) -> Standing:
    """candidates: sorted by code, as the pool. barred: those who miss a gate."""
    score = pool.totals(rules.scoring.weights)
    may = _decided_order(candidates, pool, barred, rules.shortlist)
    among = candidates[may]
    field = Field.of(
        tuple(among["unit_code"]), among["kind"].to_list(), among["city_code"].to_list(), rules.shortlist.quotas, rules.shortlist.most_per_city
    )  # fmt: skip
    choice = choose(field, in_turn(field, score[may]))
    rank = _ranks_by_kind(choice.order, field)
    ways = draw_ways(len(pool.indicators), rules.scoring)
    drawn = totals(pool.at(may), ways, score[may])
    low, high = _ranges(drawn, field, rank, float(rules.scoring.alternatives.coverage))
    return Standing(pool, score, may, field, choice, rank, low, high, _probability(field, drawn.score))


def near_misses(stand: Standing, places: int) -> Bools:
    """Of the eligible: the first so many of each kind that were not chosen."""
    near = np.zeros(len(stand.field.codes), dtype=bool)
    order = stand.choice.order
    for kind in range(len(stand.field.kinds)):
        out = order[(stand.field.kind[order] == kind) & ~stand.choice.chosen[order]]
        near[out[:places]] = True
    return near


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
        low[mine], high[mine] = rank_range(drawn.of(mine), rank[mine], coverage)
    return low, high


def _probability(field: Field, scores: Steps) -> Floats:
    """The share of alternatives in which each is chosen, quotas and limits of cities applied in each."""
    times = np.zeros(len(field.codes))
    for order in in_turn(field, scores):
        times += choose(field, order).chosen
    return np.asarray(times / len(scores))
