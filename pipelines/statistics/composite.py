"""Scores from indicators: distance to a target, their mean, and how far a rank depends on the choices made on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from pipelines.statistics.counts import FloatArray, plain
from pipelines.statistics.direction import Direction, sign

Method = Literal["arithmetic", "geometric", "harmonic"]

METHODS: tuple[Method, ...] = ("arithmetic", "geometric", "harmonic")
DIGITS = (
    12  # scores are ranked as rounded to these: the last bits of a sum depend on its order, not on the unit
)


class Alternatives(NamedTuple):
    """Ways to score that would be as right as the official one, one a row: weights (alternatives x indicators) and method."""

    weights: FloatArray
    methods: NDArray[np.str_]


class RankIntervals(NamedTuple):
    """For each unit: its official rank (1 is best, equals share the better one) and where the alternatives put it.

    NaN for a unit without a score.
    """

    rank: FloatArray
    low: FloatArray
    median: FloatArray
    high: FloatArray


def attainment(
    x: ArrayLike, target: ArrayLike, direction: Direction, cap: bool = True, worst: ArrayLike | None = None
) -> FloatArray:
    """How much of the way from `worst` to the target each value has come: 0 at worst, 1 at the target; NaN stays NaN.

    `cap` keeps it within 0 and 1. Without a `worst`, the worst of the values given counts (COINr's distance to target): then a
    unit's score depends on who else is there, so an official score declares it (`worst=0` is value over target). Where the
    worst is already at the target or beyond, all who reach it have 1. ValueError for a declared worst that is not worse.
    Source: OECD/JRC 2008, Handbook on Constructing Composite Indicators, 1.5; COINr n_dist2targ and n_goalposts.
    """
    better = sign(direction)
    values, aim = better * np.asarray(x, dtype=np.float64), better * np.asarray(target, dtype=np.float64)
    start: FloatArray
    if worst is None:
        start = np.asarray(np.nanmin(values, initial=np.inf))
    else:
        start = better * np.asarray(worst, dtype=np.float64)
        if np.any(start >= aim):
            raise ValueError("the worst value must be worse than the target")
    with np.errstate(invalid="ignore", divide="ignore"):
        way = np.where(
            start >= aim, np.where(np.isnan(values), np.nan, 1.0), (values - start) / (aim - start)
        )
    return plain(np.clip(way, 0.0, 1.0) if cap else way)


def aggregate(
    values: ArrayLike, weights: ArrayLike | None = None, method: Method = "arithmetic"
) -> FloatArray:
    """The weighted mean over the last axis (the indicators); weights of what is missing are shared out among the rest.

    NaN where nothing with a weight is there. Equal weights without `weights`. ValueError for negative weights, and for values
    of 0 or less in a geometric or harmonic mean: these need a floor first, as `rank_intervals` gives one.
    Source: OECD/JRC 2008, 1.6; COINr a_amean, a_gmean, a_hmean.
    """
    numbers = np.asarray(values, dtype=np.float64)
    shares = _weights(weights, numbers.shape[-1])
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}")
    if method != "arithmetic" and (numbers <= 0).any():
        raise ValueError(f"a {method} mean needs values above 0")
    present = ~np.isnan(numbers)
    filled = np.where(present, numbers, 1.0)
    total = (present * shares).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        if method == "arithmetic":
            return plain((present * shares * filled).sum(-1) / total)
        if method == "geometric":
            return plain(np.exp((present * shares * np.log(filled)).sum(-1) / total))
        return plain(total / (present * shares / filled).sum(-1))


def draw_alternatives(
    weights: ArrayLike,
    *,
    share: float = 0.25,
    methods: Sequence[Method] = ("arithmetic", "geometric"),
    leave_out: bool = True,
    draws: int = 1000,
    seed: int = 0,
) -> Alternatives:
    """`draws` ways to score: each weight times a uniform of 1 -/+ `share`, a method, and none or one indicator left out.

    Methods are equally likely, and so are «none left out» and each indicator. The same seed gives the same alternatives, whoever
    the units are. Source: Saisana, Saltelli and Tarantola 2005, JRSS A 168:307-323; COINr get_noisy_weights.
    """
    if not 0 <= share < 1 or draws < 1 or not methods:
        raise ValueError("share must be at least 0 and under 1; draws and methods at least one")
    rng = np.random.default_rng(seed)
    official = _weights(weights, np.size(weights))
    drawn = official * rng.uniform(1 - share, 1 + share, (draws, official.size))
    chosen = np.array(methods)[rng.integers(len(methods), size=draws)]
    if leave_out and official.size > 1:
        out = rng.integers(-1, official.size, draws)
        drawn[np.flatnonzero(out >= 0), out[out >= 0]] = 0.0
    return Alternatives(drawn, chosen)


def alternative_ranks(
    values: ArrayLike, alternatives: Alternatives, floor: float = 0.01
) -> NDArray[np.float32]:
    """The rank of each unit in each alternative (alternatives x units), 1 is best; NaN where the unit has no score.

    values: units x indicators, higher is better, within 0 and 1 (attainments). In a geometric or harmonic mean, values under
    `floor` count as `floor`: one indicator at 0 would else put a unit last whatever the rest says. From these come the shares
    of alternatives in which a unit is chosen.
    """
    numbers = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if not floor > 0:
        raise ValueError("floor must be above 0")
    ranks = np.empty((len(alternatives.methods), len(numbers)), dtype=np.float32)
    present = ~np.isnan(numbers)
    filled = np.where(present, numbers, 1.0)
    raised = np.maximum(filled, floor)
    for method, scale in (("arithmetic", filled), ("geometric", np.log(raised)), ("harmonic", 1 / raised)):
        rows = alternatives.methods == method
        weights = alternatives.weights[rows]
        with np.errstate(invalid="ignore", divide="ignore"):
            means = (weights @ np.where(present, scale, 0.0).T) / (weights @ present.T.astype(np.float64))
        ranks[rows] = _ranks(-means if method == "harmonic" else means)
    return ranks


def rank_intervals(
    values: ArrayLike,
    weights: ArrayLike,
    *,
    method: Method = "arithmetic",
    share: float = 0.25,
    methods: Sequence[Method] = ("arithmetic", "geometric"),
    leave_out: bool = True,
    draws: int = 1000,
    seed: int = 0,
    coverage: float = 0.9,
    floor: float = 0.01,
) -> RankIntervals:
    """The official rank of each unit, and the middle `coverage` of its ranks over drawn alternatives.

    values: units x indicators as for `alternative_ranks`; the other parameters as for `draw_alternatives`. The official rank is
    one of the declared ways, so the interval always holds it. This is how a rank depends on choices; how it depends on
    chance in the figures is `ranking.confidence_sets`. Source: OECD/JRC 2008, 1.7.
    """
    if not 0 < coverage < 1:
        raise ValueError("coverage must lie between 0 and 1")
    official = Alternatives(np.atleast_2d(_weights(weights, np.size(weights))), np.array([method]))
    rank = alternative_ranks(values, official, floor)[0].astype(np.float64)
    alternatives = draw_alternatives(
        weights, share=share, methods=methods, leave_out=leave_out, draws=draws, seed=seed
    )
    ranks = np.sort(alternative_ranks(values, alternatives, floor), axis=0)  # missing ones come last
    last = (~np.isnan(ranks)).sum(0) - 1
    tail = (1 - coverage) / 2
    low, middle, high = (
        np.take_along_axis(ranks, np.clip(at, 0, None).astype(int)[None], 0)[0].astype(np.float64)
        for at in (np.floor(tail * last), last // 2, np.ceil((1 - tail) * last))
    )
    return RankIntervals(rank, np.fmin(low, rank), middle, np.fmax(high, rank))


def _ranks(scores: FloatArray) -> FloatArray:
    """Ranks along the last axis, highest first, equals sharing the better rank; NaN stays NaN."""
    missing = np.isnan(scores)
    last = np.where(missing, np.inf, -np.round(scores, DIGITS))
    return np.where(missing, np.nan, rankdata(last, method="min", axis=-1))


def _weights(weights: ArrayLike | None, indicators: int) -> FloatArray:
    shares = np.ones(indicators) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape[-1:] != (indicators,) or not (shares >= 0).all():
        raise ValueError("there must be one weight of 0 or more for each indicator")
    return shares
