"""How sure a rank is where the figures themselves have errors: sets of ranks that hold the true one with known confidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq
from scipy.stats import rankdata

from pipelines.statistics.counts import BoolArray, FloatArray, strictly_between

_FARTHEST = 40.0  # standard errors
_NODES = np.linspace(-8, 8, 161)
_MASSES = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_CELLS = 400_000  # of differences held at once: what a processor keeps near


class RankSets(NamedTuple):
    """For each unit its rank (1 is the highest estimate, equals share the better rank) and the ranks that cannot be ruled out."""

    rank: FloatArray
    lower: FloatArray
    upper: FloatArray


def confidence_sets(
    estimates: ArrayLike,
    se: ArrayLike,
    alpha: float = 0.05,
    *,
    simultaneous: bool = True,
    draws: int = 20_000,
    seed: int = 0,
) -> RankSets:
    """Ranks that hold each unit's true rank with confidence 1 - alpha: all units at once, or each on its own if not simultaneous.

    lower = 1 + how many are significantly better, upper = units - how many are significantly worse, from studentised
    differences with the critical value of their maximum, stepwise. That value is an integral for one unit, seeded Monte Carlo
    for all at once: there a bound that lies on the edge may move with the seed.
    Estimates are independent, with normal errors; se = 0 is known exactly. Units without an estimate or an error are NaN and
    nobody's rival. Time grows as units^2: some 2 s for 100, half a minute for 300. ValueError for a negative se.
    Source: Mogstad, Romano, Shaikh and Wilhelm 2024, Rev Econ Stud 91:476-518; csranks.
    """
    x, error, known = _estimates(estimates, se)
    rivals = ~np.eye(x.size, dtype=bool)
    if simultaneous:
        noise = _noise(error, draws, seed)
        better = _significant(
            x, error, alpha, rivals, lambda spread, pairs: _of_all(noise, spread, pairs, alpha)
        )
        worse = better.T
    else:
        better, worse = np.zeros_like(rivals), np.zeros_like(rivals)
        for unit in range(x.size):
            mine = rivals & (np.eye(x.size, dtype=bool)[unit] | np.eye(x.size, dtype=bool)[unit][:, None])
            found = _significant(x, error, alpha, mine, partial(_of_one, error, unit, alpha))
            better[:, unit], worse[:, unit] = found[:, unit], found[unit]
    sets = np.full((3, known.size), np.nan)
    sets[:, known] = rankdata(-x, method="min"), 1 + better.sum(0), x.size - worse.sum(0)
    return RankSets(*sets)


def possibly_best(
    estimates: ArrayLike, se: ArrayLike, best: int, alpha: float = 0.05, *, draws: int = 20_000, seed: int = 0
) -> BoolArray:
    """Which units may truly be among the `best` highest: the set holds all that are with confidence 1 - alpha.

    Negated estimates give those that may be among the lowest. Source and limits as `confidence_sets`, one-sided.
    """
    x, error, known = _estimates(estimates, se)
    noise = _noise(error, draws, seed)
    rivals = ~np.eye(x.size, dtype=bool)
    better = _significant(x, error, alpha, rivals, lambda spread, pairs: _of_all(noise, spread, pairs, alpha))
    possible = np.zeros(known.size, dtype=bool)
    possible[known] = better.sum(0) < best
    return possible


def _significant(
    x: FloatArray,
    error: FloatArray,
    alpha: float,
    asked: BoolArray,
    critical: Callable[[FloatArray, BoolArray], float],
) -> BoolArray:
    """[i, j]: unit i is significantly better than unit j, among the ordered pairs that are asked about.

    «i is not better than j» and «j is not better than i» are two hypotheses, and rejecting one leaves the other in the family:
    so the steps keep the direction of every conclusion, which the steps of a two-sided test do not promise.
    """
    strictly_between(alpha, "alpha")
    spread = np.hypot(error[:, None], error[None, :])
    gap = x[:, None] - x[None, :]
    rejected: BoolArray = asked & (spread == 0) & (gap > 0)  # both are known exactly
    family = asked & (spread > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = gap / spread
    while True:
        open_ = family & ~rejected
        found = open_ & (t > critical(spread, open_)) if open_.any() else open_
        if not found.any():
            return rejected
        rejected = rejected | found


def _of_all(noise: FloatArray, spread: FloatArray, pairs: BoolArray, alpha: float) -> float:
    """The 1 - alpha quantile of the largest studentised difference among the ordered pairs, if no unit differed from another."""
    # a difference serves both orders of its pair: its size where both are open, else the one
    ways: list[tuple[Any, Callable[[FloatArray], FloatArray]]] = [
        (np.nonzero(np.triu(pairs & pairs.T)), np.abs),
        (np.nonzero(pairs & ~pairs.T), np.asarray),
    ]
    largest = np.full(noise.shape[1], -np.inf)
    chunk = max(1, _CELLS // noise.shape[1])
    for (first, second), size in ways:
        for start in range(0, first.size, chunk):
            i, j = first[start : start + chunk], second[start : start + chunk]
            differences = size((noise[i] - noise[j]) / spread[i, j][:, None])
            np.maximum(largest, differences.max(axis=0), out=largest)
    return float(np.quantile(largest, 1 - alpha))


def _of_one(error: FloatArray, unit: int, alpha: float, spread: FloatArray, pairs: BoolArray) -> float:
    """As `_of_all` where every pair has one unit in common: given that unit's error the others are independent, so the
    probability is one integral, done by the trapezoid rule; no draws."""
    own = error[unit] * _NODES[:, None]
    width, scale = spread[unit], np.maximum(error, np.finfo(float).tiny)

    def shortfall(critical: float) -> float:
        with np.errstate(over="ignore"):
            above = np.where(pairs[:, unit], special.ndtr((own + critical * width) / scale), 1.0)
            below = np.where(pairs[unit], special.ndtr((own - critical * width) / scale), 0.0)
        inside = np.clip(above - below, 0.0, 1.0).prod(axis=1)
        return float(inside @ _MASSES) - (1 - alpha)

    return float(brentq(shortfall, -_FARTHEST, _FARTHEST))


def _noise(error: FloatArray, draws: int, seed: int) -> FloatArray:
    """Errors of all units (units x draws)."""
    return np.random.default_rng(seed).standard_normal((draws, error.size)).T * error[:, None]


def _estimates(estimates: ArrayLike, se: ArrayLike) -> tuple[FloatArray, FloatArray, BoolArray]:
    x, error = np.broadcast_arrays(np.asarray(estimates, dtype=np.float64), np.asarray(se, dtype=np.float64))
    if x.ndim != 1 or (error < 0).any():
        raise ValueError("estimates are a list of numbers, and no standard error is negative")
    known = ~(np.isnan(x) | np.isnan(error))
    return x[known], error[known], known
