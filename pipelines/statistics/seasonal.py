"""What returns each year at the same time (holidays, term ends), as factors learnt from many series. No charts belong here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pipelines.statistics.counts import FloatArray
from pipelines.statistics.present import mean, series

TRIMMED = 0.1  # of the ratios at either end: one unit's slip moves no factor
FEWEST = 8  # whole years of series behind a factor
_SHARE_LIMIT = 0.001  # a share of a season nearer to 0 or 1 than this is taken as this: odds stay finite


def amount_factors(values: ArrayLike, seasons: int) -> FloatArray | None:
    """For each season of the year the amount in it, as a multiple of the year's mean; the factors' mean is 1.

    values: series × points, the points in whole years of `seasons` points each, NaN where missing. Each year of a series in
    which nothing is missing is divided by its own mean, so that neither level nor change over the years enters; the factor is
    the trimmed mean of these ratios. None under FEWEST such years, and where a season has nothing.
    Source: ratio to the year's mean (classical decomposition), as in Kendall and Stuart 1966, Advanced Theory of Statistics 3.
    """
    years = _whole_years(series(values), seasons)
    levels = years.mean(-1, keepdims=True)
    years, levels = years[levels[:, 0] > 0], levels[levels[:, 0] > 0]
    if len(years) < FEWEST:
        return None
    factors = _trimmed(years / levels)
    return factors / factors.mean() if (factors > 0).all() else None


def odds_factors(shares: ArrayLike, seasons: int) -> FloatArray | None:
    """For each season of the year the odds in it, as a multiple of those of the usual share: never takes a share beyond 0 or 1.

    shares: as `values` above. The trimmed means of the differences from each year's own mean are put on the usual level of all.
    """
    years = _whole_years(series(shares), seasons)
    if len(years) < FEWEST:
        return None
    levels = years.mean(-1, keepdims=True)
    usual = float(_trimmed(levels)[0])
    within = _trimmed(years - levels)
    moved = np.clip(usual + within - within.mean(), _SHARE_LIMIT, 1 - _SHARE_LIMIT)
    usual = float(np.clip(usual, _SHARE_LIMIT, 1 - _SHARE_LIMIT))
    return np.asarray(moved / (1 - moved) / (usual / (1 - usual)))


def by_point(factors: FloatArray | None, season_of: Sequence[int]) -> FloatArray:
    """The factor of each point; 1 where there are none."""
    return np.ones(len(season_of)) if factors is None else factors[np.asarray(season_of, dtype=np.intp)]


def _whole_years(values: FloatArray, seasons: int) -> FloatArray:
    """One row for each year of a series in which nothing is missing."""
    years = values.reshape(-1, seasons)
    return np.asarray(years[~np.isnan(years).any(-1)])


def _trimmed(rows: FloatArray) -> FloatArray:
    """The mean of each column without its highest and lowest tenth."""
    cut = int(TRIMMED * len(rows))
    return mean(np.sort(rows, axis=0)[cut : len(rows) - cut].T)
