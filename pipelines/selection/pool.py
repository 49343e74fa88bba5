"""The units that are scored together, as arrays: units × indicators in the order of their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from expectations.models.selection import Dimension
from pipelines.statistics import composite

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
DIGITS = 6  # scores are published, added up and compared as rounded to these

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """What is known of each unit's indicators.

    attainment: units × indicators, 0 to 1; NaN where it is not due to the unit, does not apply, or could not be calculated.
    due: where it is due and applies, calculated or not. dimension: of each indicator, its place in DIMENSIONS.
    """

    units: tuple[str, ...]
    indicators: tuple[str, ...]
    dimension: Ints
    attainment: Floats
    due: Bools

    @classmethod
    def of(cls, terms: pl.DataFrame, units: tuple[str, ...] | None = None) -> Pool:
        """terms: unit_code, indicator, dimension, attainment. `units`: also those without any term, in this order."""
        codes = units if units is not None else tuple(terms["unit_code"].unique().sort())
        of = terms.select("indicator", "dimension").unique().sort("indicator")
        indicators = tuple(of["indicator"])
        rows, columns = _places(terms["unit_code"], codes), _places(terms["indicator"], indicators)
        attainment, due = (
            np.full((len(codes), len(indicators)), np.nan),
            np.zeros((len(codes), len(indicators)), dtype=bool),
        )
        attainment[rows, columns] = terms["attainment"].to_numpy()
        due[rows, columns] = True
        dimension = np.array([DIMENSIONS.index(name) for name in of["dimension"]], dtype=np.int64)
        return cls(codes, indicators, dimension, attainment, due)

    @cached_property
    def calculated(self) -> Bools:
        return ~np.isnan(self.attainment)

    @cached_property
    def scores(self) -> Floats:
        """units × dimensions, 0 to 100: the mean attainment of what could be calculated; NaN where nothing could."""
        means = [composite.aggregate(self.attainment[:, self.dimension == d]) for d in range(len(DIMENSIONS))]
        return np.round(100 * np.stack(means, axis=1), DIGITS)

    def totals(self, weights: Mapping[Dimension, Decimal]) -> Floats:
        """The weighted mean of each unit's dimensions, of the rounded scores: anyone gets the published total from them."""
        return np.round(composite.aggregate(self.scores, dimension_weights(weights)), DIGITS)

    def shares(self, weights: Floats) -> Floats:
        """units × indicators: the share of each in the unit's total, of what could be calculated; each unit's add up to 1.

        weights: of the dimensions. A dimension's weight is shared out equally among its calculated indicators, that of one without any
        among the other dimensions.
        """
        inside = np.zeros(self.attainment.shape)
        for place in range(len(DIMENSIONS)):
            mine = self.dimension == place
            known = self.calculated[:, mine]
            inside[:, mine] = known / np.maximum(known.sum(1, keepdims=True), 1) * weights[place]
        whole = inside.sum(1, keepdims=True)
        return np.asarray(inside / np.where(whole > 0, whole, 1.0))

    @cached_property
    def coverage(self) -> Floats:
        """Indicators calculated over indicators due, 0 where none is due."""
        return self.covered(np.ones(len(self.indicators), dtype=bool))

    def covered(self, asked: Bools) -> Floats:
        """As `coverage`, of some of the indicators."""
        calculated, due = self.calculated[:, asked].sum(1), self.due[:, asked].sum(1)
        return np.asarray(np.round(calculated / np.maximum(due, 1), DIGITS))

    def at(self, units: Bools | Ints) -> Pool:
        """Some of the units: those that are true, or those at these places in this order."""
        places = np.arange(len(self.units))[units]
        codes = tuple(self.units[place] for place in places)
        return Pool(codes, self.indicators, self.dimension, self.attainment[units], self.due[units])


def dimension_weights(weights: Mapping[Dimension, Decimal]) -> Floats:
    """The declared weights in the order of DIMENSIONS."""
    return np.array([float(weights[name]) for name in DIMENSIONS])


def _places(codes: pl.Series, among: tuple[str, ...]) -> Ints:
    where = {code: place for place, code in enumerate(among)}
    return (
        codes.replace_strict(where, return_dtype=pl.Int64).to_numpy()
        if len(codes)
        else np.zeros(0, dtype=np.int64)
    )
