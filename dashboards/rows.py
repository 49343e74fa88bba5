"""Rows of a long table, made when somebody reads them: a page shows fifty of what may be tens of thousands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import polars as pl

from dashboards.markup import Cell

Row = dict[str, Any]


class Rows(Sequence[Sequence[Cell]]):
    """A row of cells for each row of a frame. made: the cells of a row, by the frame's columns."""

    def __init__(self, frame: pl.DataFrame, made: Callable[[Row], Sequence[Cell]]) -> None:
        self._frame = frame
        self._made = made

    def __len__(self) -> int:
        return self._frame.height

    @overload
    def __getitem__(self, place: int) -> Sequence[Cell]: ...
    @overload
    def __getitem__(self, place: slice) -> list[Sequence[Cell]]: ...
    def __getitem__(self, place: int | slice) -> Sequence[Cell] | list[Sequence[Cell]]:
        if isinstance(place, slice):
            return [self._made(row) for row in self._frame[place].iter_rows(named=True)]
        return self._made(self._frame.row(place, named=True))

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        return (self._made(row) for row in self._frame.iter_rows(named=True))
