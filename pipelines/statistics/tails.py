"""The number of successes of independent trials that differ in their chances (Poisson-binomial): its upper tail, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import fftconvolve

from pipelines.statistics.counts import FloatArray, share

_PLAIN = 256  # up to so many trials one by one; beyond, by halves (errors under 1e-15, far below any p that is asked by)


def at_least(chances: ArrayLike) -> FloatArray:
    """P(at least 0, 1, 2, ... successes) of independent trials with these chances; of length trials + 1."""
    mass = _mass(share(chances, "chances").reshape(-1))
    return np.clip(np.cumsum(mass[::-1])[::-1], 0.0, 1.0)


def _mass(chances: FloatArray) -> FloatArray:
    if len(chances) > _PLAIN:
        half = len(chances) // 2
        return np.asarray(np.maximum(fftconvolve(_mass(chances[:half]), _mass(chances[half:])), 0.0))
    mass = np.ones(1)
    for chance in chances:
        mass = np.convolve(mass, [1 - chance, chance])
    return mass
