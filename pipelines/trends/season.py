"""The season's factors, learnt from all units of a kind together: a unit's own few years could not tell a season from a fall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.statistics.counts import FloatArray
from pipelines.statistics.seasonal import amount_factors, by_point, odds_factors
from pipelines.trends.measure import Measure
from pipelines.trends.series import Series


@dataclass(frozen=True)
class Seasons:
    """Factors for each season: of each group that has enough whole years, and of all together for the others."""

    of_group: Mapping[str, FloatArray | None]
    of_all: FloatArray | None

    @classmethod
    def learnt(cls, series: Series, measure: Measure, groups: Sequence[str]) -> Seasons:
        """From the series' whole years; `groups` names each row's. A yearly point has no season, a difference has no factor."""
        if series.seasons == 1 or measure.nature == "difference":
            return cls({}, None)
        learn = odds_factors if measure.nature == "share" else amount_factors
        values, names = series.array("value"), np.asarray(groups)
        return cls(
            {name: learn(values[names == name], series.seasons) for name in sorted(set(groups))},
            learn(values, series.seasons),
        )

    def factors(self, series: Series, groups: Sequence[str]) -> FloatArray:
        """The factor at each of the series' points; 1 where nothing is known."""
        unknown = by_point(self._fitting(self.of_all, series), series.season_of)
        known = {
            name: by_point(self._fitting(factors, series), series.season_of)
            for name, factors in self.of_group.items()
            if factors is not None
        }
        return np.stack([known.get(group, unknown) for group in groups])

    @staticmethod
    def _fitting(factors: FloatArray | None, series: Series) -> FloatArray | None:
        return factors if factors is not None and len(factors) == series.seasons else None
