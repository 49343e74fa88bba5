"""How likely a whole row of figures agrees with another one by chance, estimated from how often figures agree where rows do not.

Rows are whole numbers, a column for each figure, none missing. What is estimated is a chain: how often the first figure agrees,
the second where the first does, and so on, each as far as enough rows agree to tell. Rows that agree in everything may be the copies that
are looked for, so they count in no estimate.

Weak points: beyond the figures that a link looks back at, figures are taken as independent, so that rows which are alike for a reason that
no figure shows have p too small; and where little is known, the estimate leans to the rate of all rows and upwards, so that
p is rather too large and a copy of a plain row is passed over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.statistics.counts import BoolArray, FloatArray

IntArray = NDArray[np.int64]
_ENOUGH = 100  # agreeing rows (or pairs of rows) that a link may look back at
_WEIGHT = 50  # rows that the rate of all stands for beside a row's own like
NONE = -1


class Twins(NamedTuple):
    """twin: the first of the earlier rows of other groups that is the same, or NONE. chance: that there is such a row by chance."""

    twin: IntArray
    chance: FloatArray


class Repeats(NamedTuple):
    """same: whether a row is its former self in every figure. chance: that it is so by chance."""

    same: BoolArray
    chance: FloatArray


def twins(rows: ArrayLike, group: ArrayLike, order: ArrayLike) -> Twins:
    """Rows that are the same as an earlier one of another group; earlier is a lower `order`, which is one a group.

    rows: of shape (rows, figures); group, order: one a row. The chance is of any twin among all earlier rows of other groups; 0 where there
    is no such row, which then proves nothing.
    """
    figures = np.asarray(rows, dtype=np.int64)
    own, when = np.asarray(group, dtype=np.int64), np.asarray(order, dtype=np.int64)
    count, width = figures.shape
    prefixes = _prefixes(figures)
    identical = _others(prefixes[width], own)
    looked_back = _depth([(_others(p, own) - identical).sum() / 2 for p in prefixes], width)
    log_chance = np.zeros(count)
    for j in range(width):
        given = prefixes[min(j, looked_back[j])]
        alike = _others(given, own) - identical
        agree = _others(_joined(given, figures[:, j]), own) - identical
        log_chance += np.log(_rate(agree, alike, agree.sum() / 2, alike.sum() / 2))
    earlier = np.searchsorted(np.sort(when), when, side="left")
    chance = -np.expm1(earlier * np.log1p(-np.minimum(np.exp(log_chance), 1 - 1e-12)))
    return Twins(_first_twin(prefixes[width], own, when), chance)


def repeats(now: ArrayLike, before: ArrayLike) -> Repeats:
    """Rows that repeat their former selves. now, before: of shape (rows, figures), row by row the same branch.

    What a figure was before decides how often it stays: small numbers often do.
    """
    present, past = np.asarray(now, dtype=np.int64), np.asarray(before, dtype=np.int64)
    agree = present == past
    count, width = agree.shape
    same = agree.all(axis=1)
    other = ~same
    upto = np.column_stack([np.ones(count, dtype=np.bool_), np.logical_and.accumulate(agree, axis=1)])
    looked_back = _depth([float((upto[:, p] & other).sum()) for p in range(width + 1)], width)
    log_chance = np.zeros(count)
    for j in range(width):
        known = upto[:, min(j, looked_back[j])] & other
        _, was = np.unique(past[:, j], return_inverse=True)
        alike = np.bincount(was, weights=known)[was]
        stayed = np.bincount(was, weights=known & agree[:, j])[was]
        log_chance += np.log(_rate(stayed, alike, float((known & agree[:, j]).sum()), float(known.sum())))
    return Repeats(same, np.exp(log_chance))


def _rate(agree: FloatArray, alike: FloatArray, of_all: float, all_alike: float) -> FloatArray:
    """Of rows that are alike so far, the share that agrees once more: each row's own like, leaning to all, never 0."""
    rate = (of_all + 1) / (all_alike + 1)
    return np.asarray((agree + 1 + _WEIGHT * rate) / (alike + 1 + _WEIGHT))


def _depth(agreeing: list[float], width: int) -> list[int]:
    """For each figure, how many of the first figures its link looks back at.

    As many as leave _ENOUGH; the figure before the last ones is left out there, since to agree in all figures but the last means to differ in it.
    """
    deepest = max(p for p in range(width + 1) if p == 0 or agreeing[p] >= _ENOUGH)
    return [min(j, deepest, max(width - 2, 0)) for j in range(width)]


def _prefixes(figures: IntArray) -> list[IntArray]:
    """For each number of first figures, from none to all: an id of what they are."""
    ids = [np.zeros(len(figures), dtype=np.int64)]
    for j in range(figures.shape[1]):
        ids.append(_joined(ids[-1], figures[:, j]))
    return ids


def _joined(ids: IntArray, figures: IntArray) -> IntArray:
    """Ids of pairs of an id and a figure."""
    _, codes = np.unique(figures, return_inverse=True)
    _, joined = np.unique(ids * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
    return joined.astype(np.int64)


def _others(ids: IntArray, group: IntArray) -> FloatArray:
    """For each row, how many rows of other groups have its id."""
    own = _joined(ids, group)
    return (np.bincount(ids)[ids] - np.bincount(own)[own]).astype(np.float64)


def _first_twin(ids: IntArray, group: IntArray, order: IntArray) -> IntArray:
    """For each row, the row of the same id that is first in order, where that is of another group and a lower order."""
    by_order = np.lexsort((np.arange(len(ids)), order))
    first = np.full(int(ids.max(initial=-1)) + 1, NONE, dtype=np.int64)
    first[ids[by_order[::-1]]] = by_order[::-1]
    twin = first[ids]
    return np.where((group[twin] != group) & (order[twin] < order), twin, NONE)
