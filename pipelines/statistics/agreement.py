"""How likely a whole row of figures agrees with another one by chance, estimated from how often figures agree where rows do not.

Rows are whole numbers, a column for each figure, none missing. What is estimated is a chain: how often the first figure agrees,
the second where the first does, and so on, each as far as enough rows agree to tell. A row's own copy, if it is one, must not make copies
look likely: one twin of each row is left out, and against former selves all rows of its group. Further ones count, for where many rows agree in
everything, to do so is plain.
Where too few rows agree to look back at all, nothing can be judged: figures of one branch go together, and taken as independent they agree too seldom.

Weak points: beyond the figures that a link looks back at, figures are taken as independent, so that rows which are alike for a reason that
no figure shows have p too small; and where little is known, the estimate leans to the rate of all rows and upwards, so that
p is rather too large and a copy of a plain row is passed over.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from pipelines.statistics.counts import BoolArray, FloatArray

IntArray = NDArray[np.int64]
_PAIRS = 100  # agreeing pairs of rows that a link may look back at: a row is in many of them
_ROWS = 30  # and rows that agree with their former selves
_WEIGHT = 50  # rows that the rate of all stands for beside a row's own like
NONE = -1


class Twins(NamedTuple):
    """twin: the earlier row of another group that is the same, or NONE. together: how many rows of the two groups are the same.

    p: that a row as rare, or so many, of its group agree by chance; 1 where there is no twin. least_p: the least that it could have been;
    NaN where nothing can be judged.
    """

    twin: IntArray
    together: IntArray
    p: FloatArray
    least_p: FloatArray


class Repeats(NamedTuple):
    """same: whether a row is its former self in every figure. p: that a row as unlikely, or so many, of its group are so by chance; 1 where it is not. least_p: of a row alone, as if it were;
    NaN where nothing can be judged.
    """

    same: BoolArray
    p: FloatArray
    least_p: FloatArray


def twins(rows: ArrayLike, group: ArrayLike, order: ArrayLike) -> Twins:
    """Rows that are the same as an earlier one of another group; earlier is a lower `order`, which is one a group.

    rows: of shape (rows, figures); group, order: one a row. p is one of the whole group: that of all its rows one as rare has a twin among
    all earlier rows, or that as many rows are shared with one earlier group, whichever is less, twice, since either would have been taken.
    The latter is never below the chance of that one row in that one group, since rows of a pair of groups may go together.
    """
    figures = np.asarray(rows, dtype=np.int64)
    own, when = np.asarray(group, dtype=np.int64), np.asarray(order, dtype=np.int64)
    log_one, same, judged = _chance_of_one(figures, own)
    earlier = np.searchsorted(np.sort(when), when, side="left").astype(np.float64)
    alone = -np.expm1(earlier * np.log1p(-np.exp(log_one)))
    twin, together = _pairs(same, own, when)
    sizes = np.bincount(own)
    first = np.full(len(sizes), np.iinfo(np.int64).max)
    np.minimum.at(first, own, when)
    any_as_rare = _any_as_rare(alone, own)
    p = np.where(twin == NONE, 1.0, np.minimum(2 * any_as_rare, 1.0))
    shared: dict[tuple[int, int], float] = {}
    for r in np.flatnonzero(together > 1).tolist():
        g, many = int(own[r]), int(together[r])
        if (g, many) not in shared:
            before = np.log(sizes[first < when[r]])
            shared[g, many] = _log_choices(log_one[own == g], many) + float(logsumexp(many * before))
        block = max(shared[g, many], _of_further(float(log_one[r] + np.log(sizes[own[twin[r]]])), many))
        p[r] = min(p[r], 2 * float(np.exp(block)))
    least_alone = np.where(sizes[own] > 1, np.exp(log_one), alone)
    least = np.where((earlier > 0) & judged, 2 * np.minimum(alone, least_alone), np.nan)
    return Twins(twin, together, p, least)


def _chance_of_one(figures: IntArray, own: IntArray) -> tuple[FloatArray, IntArray, bool]:
    """For each row, the logarithm of the chance that one row of another group is the same; an id of all its figures; whether that can be judged."""
    count, width = figures.shape
    prefixes = _prefixes(figures)
    twin = np.minimum(_others(prefixes[width], own), 1.0)
    agreeing = [float((_others(p, own) - twin).sum()) / 2 for p in prefixes]
    looked_back = _depth(agreeing, width, _PAIRS)
    log_chance = np.zeros(count)
    for j in range(width):
        given = prefixes[looked_back[j]]
        alike = _others(given, own) - twin
        agree = _others(_joined(given, figures[:, j]), own) - twin
        log_chance += np.log(_rate(agree, alike, agree.sum() / 2, alike.sum() / 2))
    return np.minimum(log_chance, np.log1p(-1e-12)), prefixes[width], _judged(agreeing, width, _PAIRS)


def _pairs(same: IntArray, own: IntArray, when: IntArray) -> tuple[IntArray, IntArray]:
    """For each row its twin, in the earlier group that it shares most with (the earliest of these), and how many rows they share."""
    twin, together = np.full(len(same), NONE, dtype=np.int64), np.zeros(len(same), dtype=np.int64)
    repeated = np.flatnonzero((np.bincount(same) > 1)[same])
    by_id: dict[int, list[int]] = {}
    for r in repeated[np.lexsort((repeated, when[repeated], same[repeated]))].tolist():
        by_id.setdefault(int(same[r]), []).append(r)
    shared: Counter[tuple[int, int]] = Counter()
    for members in by_id.values():
        here = Counter(int(own[r]) for r in members)
        groups = sorted(here, key=lambda g: min(int(when[r]) for r in members if own[r] == g))
        shared.update(
            {(later, g): min(here[later], here[g]) for i, later in enumerate(groups) for g in groups[:i]}
        )
    for members in by_id.values():
        for r in members:
            before = [m for m in members if when[m] < when[r]]
            if before:
                twin[r] = max(before, key=lambda m: (shared[int(own[r]), int(own[m])], -int(when[m]), -m))
                together[r] = shared[int(own[r]), int(own[twin[r]])]
    return twin, together


def _any_as_rare(chances: FloatArray, group: IntArray) -> FloatArray:
    """For each row, at most what the chance is that any row of its group, of those at most as likely as it, is the same as another."""
    place = np.lexsort((chances, group))
    total, ordered = np.cumsum(chances[place]), group[place]
    starts = np.searchsorted(ordered, ordered, side="left")
    within = total - np.where(starts > 0, total[np.maximum(starts - 1, 0)], 0.0)
    # rows that are equally likely stand or fall together
    key = np.column_stack([ordered, chances[place]])
    last = np.flatnonzero(np.append((key[1:] != key[:-1]).any(axis=1), True)) if len(key) else starts
    result = np.empty(len(chances))
    result[place] = within[last[np.searchsorted(last, np.arange(len(place)))]]
    return np.maximum(result, chances)


def _of_further(log_chance: float, rows: int) -> float:
    """The least that so many rows of a group may be told to prove: rows of a group may go together, so each after the first counts for half."""
    return min(log_chance, 0.0) * (1 + rows) / 2


def _log_choices(log_chances: FloatArray, of: int) -> float:
    """The logarithm of the sum, over all choices of `of` rows, of the product of their chances: at least the chance that so many hold."""
    sums = np.full(of + 1, -np.inf)
    sums[0] = 0.0
    for chance in log_chances:
        sums[1:] = np.logaddexp(sums[1:], chance + sums[:-1])
    return float(sums[of])


def repeats(now: ArrayLike, before: ArrayLike, group: ArrayLike) -> Repeats:
    """Rows that repeat their former selves. now, before: of shape (rows, figures), row by row the same branch; group: one a row.

    What a figure was before decides how often it stays: small numbers often do. A group tells nothing of how likely its own rows are to stay:
    a copied ledger must not excuse itself. Rows that stay as they are also in other groups make it at least as likely as their share; the
    one group that has most of them is left out there, for it may have copied too. p is one of the whole group, as for `twins`.
    """
    present, past, own = (np.asarray(part, dtype=np.int64) for part in (now, before, group))
    agree = present == past
    count, width = agree.shape
    same = agree.all(axis=1)
    upto = np.column_stack([np.ones(count, dtype=np.bool_), np.logical_and.accumulate(agree, axis=1)])
    agreeing = [float(n) - 1 for n in upto.sum(axis=0)]
    looked_back = _depth(agreeing, width, _ROWS)
    log_chance = np.zeros(count)
    for j in range(width):
        known = upto[:, looked_back[j]]
        stayed = known & agree[:, j]
        of_alike, of_stayed = (_others(past[:, j], own, rows) for rows in (known, stayed))
        everything = np.zeros(count, dtype=np.int64)
        all_alike, all_stayed = (_others(everything, own, rows) for rows in (known, stayed))
        log_chance += np.log(_rate(of_stayed, of_alike, all_stayed, all_alike))
    log_least = np.log(np.maximum(np.exp(log_chance), _unforeseen(same, np.exp(log_chance), own)))
    least = np.exp(log_least)
    together = np.bincount(own, weights=same)[own].astype(np.int64) if count else own
    p = np.where(same, np.minimum(2 * _any_as_rare(least, own), 1.0), 1.0)
    shared: dict[int, float] = {}
    for r in np.flatnonzero(same & (together > 1)).tolist():
        g = int(own[r])
        if g not in shared:
            shared[g] = _log_choices(log_least[own == g], int(together[r]))
        block = max(shared[g], _of_further(float(log_least[r]), int(together[r])))
        p[r] = min(p[r], 2 * float(np.exp(block)))
    judged = _judged(agreeing, width, _ROWS)
    return Repeats(same, p, 2 * least if judged else np.full(count, np.nan))


def _unforeseen(same: BoolArray, chances: FloatArray, group: IntArray) -> FloatArray:
    """For each row, the share of rows that are the same in other groups, beyond what their chances foresee, and without one of these groups:
    that which has most of them.
    """
    if not len(group):
        return np.zeros(0)
    by_group, foreseen, sizes = (
        np.bincount(group, weights=part) for part in (same, chances, np.ones(len(same)))
    )
    most = int(by_group.argmax())
    second = float(np.delete(by_group, most).max(initial=0.0))
    largest = np.where(np.arange(len(by_group)) == most, second, by_group[most])
    beyond = by_group.sum() - by_group - largest - (foreseen.sum() - foreseen)
    return np.asarray((np.maximum(beyond, 0.0) / np.maximum(sizes.sum() - sizes, 1.0))[group])


def _rate(agree: FloatArray, alike: FloatArray, of_all: ArrayLike, all_alike: ArrayLike) -> FloatArray:
    """Of rows that are alike so far, the share that agrees once more: each row's own like, leaning to all, never 0."""
    rate = (np.asarray(of_all) + 1) / (np.asarray(all_alike) + 1)
    return np.asarray((agree + 1 + _WEIGHT * rate) / (alike + 1 + _WEIGHT))


def _depth(agreeing: list[float], width: int, enough: int) -> list[int]:
    """For each figure, how many of the first figures its link looks back at.

    As many as leave enough; the figure before the last ones is left out there, since a row without a twin that agrees in all
    figures but the last differs in it.
    """
    deepest = max(p for p in range(width + 1) if p == 0 or agreeing[p] >= enough)
    return [min(j, deepest, max(width - 2, 0)) for j in range(width)]


def _judged(agreeing: list[float], width: int, enough: int) -> bool:
    """Whether links look back at one figure at least, where there is one to look back at."""
    return agreeing[1 if width > 2 else 0] >= enough


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
    return np.asarray(joined, dtype=np.int64)


def _others(ids: IntArray, group: IntArray, counted: BoolArray | None = None) -> FloatArray:
    """For each row, how many rows of other groups have its id; of those that are `counted` where that is given."""
    _, codes = np.unique(ids, return_inverse=True)
    own = _joined(codes, group)
    return np.asarray(np.bincount(codes, counted)[codes] - np.bincount(own, counted)[own], dtype=np.float64)
