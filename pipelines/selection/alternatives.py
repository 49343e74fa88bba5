"""The declared ways to score that would be as right as the official one, and what each makes of every unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expectations.models.selection import Scoring
from pipelines.selection.pool import DIMENSIONS, Bools, Floats, Pool, dimension_weights
from pipelines.statistics.composite import draw_alternatives

CHUNK = 64  # alternatives at once: what a processor keeps near


class Ways(NamedTuple):
    """One alternative a row: weights of dimensions, weights of indicators inside them (0: left out), and whether the mean is geometric."""

    dimensions: Floats
    indicators: Floats
    geometric: Bools
    floor: float


class Totals(NamedTuple):
    """alternatives × units, 0 to 1. low and high: were all indicators that could not be calculated at 0, or at 1."""

    score: Floats
    low: Floats
    high: Floats


def draw_ways(indicators: int, scoring: Scoring) -> Ways:
    """The alternatives for so many indicators; the same seed draws the same ones, whoever the units are.

    Each weight is multiplied by a uniform of 1 -/+ weight_share. Source: Saisana, Saltelli and Tarantola 2005, JRSS A 168:307-323.
    """
    declared = scoring.alternatives
    share, draws = float(declared.weight_share), declared.draws
    inside = draw_alternatives(
        np.ones(indicators),
        share=share,
        methods=declared.methods,
        leave_out=declared.leave_out,
        draws=draws,
        seed=declared.seed,
    )
    between = draw_alternatives(
        dimension_weights(scoring.weights), share=share, leave_out=False, draws=draws, seed=declared.seed + 1
    )
    return Ways(between.weights, inside.weights, inside.methods == "geometric", float(declared.floor))


def official_way(indicators: int, scoring: Scoring) -> Ways:
    """The declared weights themselves."""
    weights = dimension_weights(scoring.weights)[None]
    return Ways(weights, np.ones((1, indicators)), np.zeros(1, dtype=bool), float(scoring.alternatives.floor))


def totals(pool: Pool, ways: Ways) -> Totals:
    """What each alternative gives each unit; NaN in `score` where it leaves nothing to score a unit by."""
    score = _means(np.where(pool.calculated, pool.attainment, 0.0), pool.calculated, pool, ways)
    if (pool.calculated == pool.due).all():
        return Totals(score, score, score)
    low = _means(np.where(pool.calculated, pool.attainment, 0.0), pool.due, pool, ways)
    high = _means(np.where(pool.calculated, pool.attainment, 1.0) * pool.due, pool.due, pool, ways)
    return Totals(score, low, high)


def _means(values: Floats, counted: Bools, pool: Pool, ways: Ways) -> Floats:
    """alternatives × units: the mean over dimensions of the means inside them, over what is counted."""
    result = np.empty((len(ways.geometric), len(values)))
    present = counted.astype(np.float64)
    for start in range(0, len(result), CHUNK):
        rows = slice(start, start + CHUNK)
        result[rows] = _chunk(values, present, pool, ways, rows)
    return result


def _chunk(values: Floats, present: Floats, pool: Pool, ways: Ways, rows: slice) -> Floats:
    shape = (len(ways.geometric[rows]), len(values))
    plain, weight, logs = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    geometric = ways.geometric[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        for place in range(len(DIMENSIONS)):
            inside = pool.dimension == place
            shares = ways.indicators[rows][:, inside]
            counted = shares @ present[:, inside].T
            there = counted > 0
            mean = np.where(there, (shares @ values[:, inside].T) / counted, 0.0)
            share = np.where(there, ways.dimensions[rows][:, place, None], 0.0)
            weight += share
            plain += share * mean
            logs[geometric] += share[geometric] * np.log(np.maximum(mean[geometric], ways.floor))
        return np.where(geometric[:, None], np.exp(logs / weight), plain / weight)
