"""Expectations that differ in their columns alone, put on top of each other: one expectation on one long column. Pure.

Great Expectations works some 8 ms on one expectation before it looks at a value, and a quarter has some 640. Those that judge each row by
itself and say the same of different columns are one and the same expectation on all of these columns' values; which column a value
came from stands beside it. What judges a column as a whole (uniqueness, order) is never stacked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expectations.suites import Suite

# The one column that names a value: its expectation's place in the suite and its row's place in the frame, see `Stack.broken`.
AT = "at"
_COLUMN_KEYS = ("column", "column_A", "column_B")
# Each row by itself, whatever the other rows say; with these arguments and no others.
_BY_ROW: dict[str, frozenset[str]] = {
    "expect_column_values_to_not_be_null": frozenset(),
    "expect_column_values_to_be_in_set": frozenset({"value_set"}),
    "expect_column_values_to_be_between": frozenset({"min_value", "max_value"}),
    "expect_column_pair_values_to_be_equal": frozenset({"ignore_row_if"}),
    "expect_column_pair_values_a_to_be_greater_than_b": frozenset({"or_equal", "ignore_row_if"}),
}


class Stack(NamedTuple):
    """An expectation as the library takes it, the columns that it stands for, and its frame: AT and the values.

    height: rows of the frame that was stacked.
    """

    expectation: dict[str, Any]
    columns: list[str]
    frame: pd.DataFrame
    height: int

    def broken(self, at: int) -> tuple[int, int]:
        """A value's place: of the expectation in the suite, and of the row in the frame that was stacked."""
        return divmod(at, self.height)


def stacks(suite: Suite, frame: pd.DataFrame) -> Iterator[Stack]:
    """All expectations of a suite, stacked where that changes nothing. frame: the columns that the suite names."""
    together: dict[str, list[int]] = {}
    for place, expectation in enumerate(suite["expectations"]):
        together.setdefault(_likeness(expectation, place, frame), []).append(place)
    for likeness, places in together.items():
        members = [suite["expectations"][place] for place in places]
        stack = _alone if likeness == str(places[0]) else _on_top
        yield stack(places, members, frame)


def _likeness(expectation: dict[str, Any], place: int, frame: pd.DataFrame) -> str:
    """The same for expectations that may be stacked; its own place for one that stands alone."""
    kind, kwargs = expectation["type"], expectation["kwargs"]
    rest = {key: value for key, value in kwargs.items() if key not in _COLUMN_KEYS}
    known = set(_columns(expectation)) <= set(frame.columns)
    if not known or kind not in _BY_ROW or not rest.keys() <= _BY_ROW[kind]:
        return str(place)
    return json.dumps([kind, rest], sort_keys=True, ensure_ascii=False)


def _columns(expectation: dict[str, Any]) -> list[str]:
    named: list[str] = []
    for key, value in expectation["kwargs"].items():
        if key.startswith("column"):
            named += value if isinstance(value, list) else [value]
    return named


def _alone(places: list[int], members: list[dict[str, Any]], frame: pd.DataFrame) -> Stack:
    """One expectation as it is, on its own columns; one that is not there is the library's to miss."""
    columns = _columns(members[0])
    own = frame[[column for column in dict.fromkeys(columns) if column in frame.columns]].copy()
    own[AT] = places[0] * len(frame) + np.arange(len(frame))
    expectation = {"type": members[0]["type"], "kwargs": members[0]["kwargs"]}
    return Stack(expectation, columns, own, len(frame))


def _on_top(places: list[int], members: list[dict[str, Any]], frame: pd.DataFrame) -> Stack:
    """Columns are named by what they are to the expectation; labels and severity stay with the suite."""
    kwargs = {key: key if key in _COLUMN_KEYS else value for key, value in members[0]["kwargs"].items()}
    keys = [key for key in _COLUMN_KEYS if key in kwargs]
    values = {
        key: pd.concat([frame[member["kwargs"][key]] for member in members], ignore_index=True)
        for key in keys
    }
    at = (np.array(places)[:, None] * len(frame) + np.arange(len(frame))).ravel()
    columns = [column for member in members for column in _columns(member)]
    expectation = {"type": members[0]["type"], "kwargs": kwargs}
    return Stack(expectation, columns, pd.DataFrame({AT: at, **values}, copy=False), len(frame))
