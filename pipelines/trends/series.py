"""Rows of points as rectangular arrays: a row for each unit, branch or group, a column for each point in time, in whole years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.statistics.counts import FloatArray

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Series:
    """One indicator at one grain.

    frame: code, point, numerator, denominator, value, one row where there is a value, in the order of code and point. points: all
    columns, oldest first, `seasons` of them a year; what is missing has its column and is NaN.
    """

    frame: pl.DataFrame
    points: tuple[str, ...]
    seasons: int

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Series:
        """The series of a frame of at least one row."""
        points = frame["point"].unique().sort().to_list()
        seasons = sorted({point[4:] for point in points})
        years = range(int(points[0][:4]), int(points[-1][:4]) + 1)
        return cls(frame, tuple(f"{year}{season}" for year in years for season in seasons), len(seasons))

    @property
    def points_a_year(self) -> int:
        """How many points make a whole year, whether or not so many are there yet."""
        return {"-": 12, "Q": 4, "": 1}[self.points[0][4:5]]

    @cached_property
    def codes(self) -> list[str]:
        """The code of each row."""
        return self.frame["code"].unique(maintain_order=True).to_list()

    @cached_property
    def row(self) -> Places:
        """The row of each line of the frame."""
        return self.frame["code"].rle_id().to_numpy().astype(np.intp)

    @cached_property
    def column(self) -> Places:
        """The column of each line of the frame."""
        place = {point: index for index, point in enumerate(self.points)}
        return self.frame["point"].replace_strict(place, return_dtype=pl.Int64).to_numpy().astype(np.intp)

    @cached_property
    def season_of(self) -> list[int]:
        """The season of each column, from 0."""
        return [index % self.seasons for index in range(len(self.points))]

    def array(self, column: str) -> FloatArray:
        """A column of the frame as rows × points."""
        cells = np.full((len(self.codes), len(self.points)), np.nan)
        cells[self.row, self.column] = self.frame[column].to_numpy()
        return cells

    def lines(self, cells: NDArray[Any]) -> NDArray[Any]:
        """An array of rows × points, in the order of the frame's lines."""
        return np.asarray(cells[self.row, self.column])
