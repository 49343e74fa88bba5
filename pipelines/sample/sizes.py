"""How large things are, and how slowly they change: branches, leading groups, and any stock that drifts by a few per cent a year."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from expectations import Catalogue, Period
from pipelines.registry.model import RegistryEntry
from pipelines.sample.streams import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_BRANCH, LARGEST_BRANCH = 3, 120
_SPREAD = 0.62
# Median members of a branch, by kind of unit and category of branch; anything else takes the last.
_MEDIANS: Final = {
    ("university", "staff"): 18,
    ("university", "student"): 24,
    ("university", "retired"): 21,
    ("school", "staff"): 13,
    ("city", "staff"): 11,
}
_OTHER_MEDIAN: Final = 12
_LEADERS: Final = {"city": (7, 11), "university": (9, 13), "school": (5, 8)}
# A drift of 2% a quarter that never leaves 11% around its centre, so that no two periods differ by 30%.
_STEP, _REACH = 0.02, 0.11


def quarters_since(catalogue: Catalogue, period: Period) -> int:
    """Place of the period on the drifts below, which begin a year before the calendar does."""
    start = catalogue.calendar.first_period.shift(-4)
    return (period.year - start.year) * 4 + period.quarter - start.quarter


def drift(rng: np.random.Generator, catalogue: Catalogue, rows: int) -> Floats:
    """A bounded random walk for each row over all quarters of the calendar; shape (rows, quarters), centred at 0."""
    quarters = quarters_since(catalogue, catalogue.calendar.last_period) + 1
    walk = np.cumsum(rng.normal(0.0, _STEP, (rows, quarters)), axis=1) + rng.normal(
        0.0, _REACH / 2, (rows, 1)
    )
    return np.asarray(_REACH * np.tanh(walk / _REACH), dtype=np.float64)


def steady(base: Floats, drifted: Floats) -> Ints:
    """Whole numbers near `base` that follow the drift: small ones stay, and no two values ever differ by 30%."""
    lowest = np.ceil(0.9 * base)
    highest = np.maximum(lowest, np.floor(np.minimum(1.12 * base, 1.28 * lowest)))
    return np.asarray(np.clip(np.rint(base * (1 + drifted)), lowest, highest), dtype=np.int64)


def draw_branch_size(rng: np.random.Generator, unit_kind: str, category: str) -> int:
    """Members of a new branch: log-normal, within 3 and 120."""
    median = _MEDIANS.get((unit_kind, category), _OTHER_MEDIAN)
    return int(np.clip(np.rint(rng.lognormal(np.log(median), _SPREAD)), SMALLEST_BRANCH, LARGEST_BRANCH))


def branch_members(seed: int, catalogue: Catalogue, unit_kind: str, branch: RegistryEntry) -> Ints:
    """Members of a branch in every quarter of the calendar."""
    rng = stream(seed, branch.unit_code, "members")
    base = np.array([[draw_branch_size(rng, unit_kind, branch.category)]], dtype=np.float64)
    path = np.clip(steady(base, drift(rng, catalogue, 1))[0], SMALLEST_BRANCH, LARGEST_BRANCH)
    return np.asarray(path, dtype=np.int64)


def draw_leaders(seed: int, unit: RegistryEntry) -> int:
    """Members of the unit's leading group."""
    low, high = _LEADERS.get(unit.kind, (5, 9))
    return int(stream(seed, unit.unit_code, "leaders").integers(low, high + 1))
