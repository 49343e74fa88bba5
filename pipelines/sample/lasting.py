"""What stays the same for one question of one unit over all periods: habits, drifts, and how early an item is put in place."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from expectations import Catalogue
from pipelines.sample.sizes import Floats, drift
from pipelines.sample.streams import stream


class Lasting:
    """Random numbers drawn once for a question of a unit, with a row for each branch (one for the unit)."""

    def __init__(self, seed: int, catalogue: Catalogue, unit_code: str, question: str, rows: int) -> None:
        self._key = (seed, unit_code, question)
        self._catalogue, self._rows = catalogue, rows

    @cached_property
    def habit(self) -> Floats:
        """Column of standard normal numbers, cut at two deviations."""
        return np.clip(stream(*self._key, "habit").standard_normal((self._rows, 1)), -2, 2)

    @cached_property
    def place(self) -> Floats:
        """Column of uniform numbers: what has a chance above it is in place, and stays so."""
        return stream(*self._key, "place").random((self._rows, 1))

    @cached_property
    def number(self) -> int:
        """A number of a document, 1 to 59."""
        return int(stream(*self._key, "number").integers(1, 60))

    @cached_property
    def drift(self) -> Floats:
        """A slow bounded drift for each row; a column for each quarter of the calendar."""
        return drift(stream(*self._key, "drift"), self._catalogue, self._rows)

    def yearly(self, years: int) -> Floats:
        """A uniform number for each year, the same ones however many are asked for."""
        return stream(*self._key, "yearly").random(max(years, 0))
