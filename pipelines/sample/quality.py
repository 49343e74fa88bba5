"""The latent quality of one unit and its branches: around 0 for an ordinary unit, slowly changing, with the planted drifts in it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from expectations import Period
from pipelines.registry.model import RegistryEntry
from pipelines.sample.sizes import Floats, Ints, branch_members, draw_leaders, drift, quarters_since, steady
from pipelines.sample.streams import stream
from pipelines.sample.world import World

_UNIT_SPREAD, _BRANCH_SPREAD, _SHARED = 0.45, 0.4, 0.6
# What a bounded drift (within 0.11) is multiplied by, to move an ordinary unit by up to about 0.4.
_DRIFT_SCALE = 3.5
_OWN_SHARE = 0.3  # of the ordinary quality, that is left in a unit with a planted part
_MODEL = 1.2
_WORSENING_FROM, _WORSENING_STEP, _WORSENING_TO = 0.3, -0.5, -3.5
_IMPROVING_FROM, _IMPROVING_STEP, _IMPROVING_TO = -2.4, 0.45, 1.2
_INVITED = (2, 5)  # to the centre group, beside the leading group
_CADRE_SHARE, _FEWEST_CADRES = 0.85, 5


class UnitTraits:
    """Sizes and quality of one unit, for every quarter of the calendar. Branches are all that the unit ever has, in file order."""

    def __init__(self, world: World, unit: RegistryEntry) -> None:
        self.world, self.unit = world, unit
        self.branches = world.branches.get(unit.unit_code, [])
        self.is_model = unit.unit_code in world.planted.model
        rng = stream(world.seed, unit.unit_code, "quality")
        self._base = float(np.clip(rng.normal(0.0, _UNIT_SPREAD), -0.9, 0.9))
        self._drift = drift(rng, world.catalogue, 1)[0] * _DRIFT_SCALE
        self._own = np.clip(rng.normal(0.0, _BRANCH_SPREAD, (len(self.branches), 1)), -0.8, 0.8)
        self._invited = int(rng.integers(_INVITED[0], _INVITED[1] + 1))
        base = np.array([[float(draw_leaders(world.seed, unit))]])
        self._leaders = steady(base, drift(rng, world.catalogue, 1))[0]

    def quality(self, period: Period) -> float:
        """The unit's own quality in the period."""
        planted, code = self.world.planted, self.unit.unit_code
        ordinary = self._base + float(self._drift[self._at(period)])
        if self.is_model:
            return _MODEL + _OWN_SHARE * ordinary
        if code in planted.worsening:
            moved = _WORSENING_FROM + _WORSENING_STEP * _quarters(planted.worsening[code], period)
            return max(_WORSENING_TO, moved) + _OWN_SHARE * ordinary
        if code in planted.improving:
            moved = _IMPROVING_FROM + _IMPROVING_STEP * _quarters(planted.improving[code], period)
            return min(_IMPROVING_TO, moved) + _OWN_SHARE * ordinary
        return ordinary

    def branch_quality(self, period: Period) -> Floats:
        """Column of the branches' quality: partly the unit's, partly their own."""
        return np.asarray(_SHARED * self.quality(period) + self._own, dtype=np.float64)

    def weak(self, period: Period) -> NDArray[np.bool_]:
        """Column that is true for branches that are planted as weak by then."""
        since = self.world.planted.weak
        return _column([b.unit_code in since and since[b.unit_code] <= period for b in self.branches])

    def members(self, period: Period) -> Floats:
        """Column of the branches' members at the end of the period."""
        return self._members[:, [self._at(period)]].astype(np.float64)

    def sizes(self, period: Period) -> dict[str, float]:
        """The sizes of the unit in the period; see model.Size."""
        present = _column([branch.holds_in(period) for branch in self.branches])
        return self._sizes(period, present)

    def fixed_sizes(self) -> dict[str, float]:
        """Sizes that are the same for all periods, over all branches that the unit ever has."""
        return self._sizes(self.world.catalogue.calendar.first_period, _column([True] * len(self.branches)))

    def _sizes(self, period: Period, present: NDArray[np.bool_]) -> dict[str, float]:
        members = int(self.members(period)[present].sum())
        branches, leaders = int(present.sum()), int(self._leaders[self._at(period)])
        return {
            "one": 1.0,
            "members": float(members),
            "branches": float(branches),
            "heads": float(branches + 1),
            "leaders": float(leaders),
            "centre_group": float(leaders + self._invited),
            "cadres": float(max(_FEWEST_CADRES, round(_CADRE_SHARE * members))),
        }

    @cached_property
    def _members(self) -> Ints:
        paths = [
            branch_members(self.world.seed, self.world.catalogue, self.unit.kind, b) for b in self.branches
        ]
        return np.array(paths, dtype=np.int64)

    def _at(self, period: Period) -> int:
        return max(0, quarters_since(self.world.catalogue, period))


def _column(values: list[bool]) -> NDArray[np.bool_]:
    return np.array(values, dtype=np.bool_).reshape(-1, 1)


def _quarters(since: Period, period: Period) -> int:
    """Quarters in which the drift has been at work, the first included; 0 before it."""
    return len(since.to(period))
