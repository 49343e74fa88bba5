"""Exact figures of one or more quarters, with their intervals, their evidence and their place among peers beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.comparison.evidence import intervals, p_at_standard
from pipelines.comparison.positions import Measure, percentiles, positions
from pipelines.statistics.counts import FloatArray

ADDED: dict[str, Any] = {
    "ci_low": pl.Float64, "ci_high": pl.Float64, "peer_median": pl.Float64, "peer_percentile": pl.Float64, "peer_position": pl.String,
    "n_peers": pl.Int32, "p_below": pl.Float64,
}  # fmt: skip
# A part of a year is compared with the same part alone.
_GROUP = ("period", "indicator", "peer_group", "due_share")
_DIGITS = 12  # sums of floating-point numbers are rounded before anything hangs on them


def compared(facts: pl.DataFrame, least: int) -> pl.DataFrame:
    """The rows of indicator_facts, each with `can_speak` (false: of a unit in the table barred), with the columns of ADDED.

    Every row of a period and peer group must be there. Nothing of the facts is changed: statistics never turn a status. What cannot
    speak is nobody's peer: it has an interval, and no place. least: the fewest peers with a value among whom a place is judged.
    """
    k, n = _floats(facts, "numerator"), _floats(facts, "denominator")
    value, standard, asked = _floats(facts, "value"), _floats(facts, "standard"), _floats(facts, "due_share")
    is_share, is_count = facts["is_proportion"].to_numpy(), facts["denominator_is_one"].to_numpy()
    lower = (facts["direction"] == "lower").to_numpy()
    unknown = np.isnan(value)
    k, n = np.where(unknown, np.nan, k), np.where(unknown, np.nan, n)
    low, high = intervals(k, n, is_share, is_count)
    p = p_at_standard(k, n, standard, lower, is_share)
    medians, places = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    where, peers = np.full(value.shape, None, dtype=object), np.zeros(value.shape, dtype=np.int32)
    is_peer = ~unknown & facts["can_speak"].to_numpy()
    for group in _groups(facts):
        among = group[is_peer[group]]
        peers[group] = len(among)
        if not len(among):
            continue
        medians[group] = np.median(value[among])
        if len(among) < least:
            continue
        first = group[0]
        places[among] = percentiles(value[among], lower_is_better=bool(lower[first]))
        measure: Measure = "share" if is_share[first] else "count" if is_count[first] else "amount"
        where[among] = positions(measure, k[among], n[among], asked[among], least)
    added = {
        "ci_low": low, "ci_high": high, "peer_median": medians, "peer_percentile": np.round(places, _DIGITS),
        "peer_position": where.tolist(), "n_peers": peers, "p_below": p,
    }  # fmt: skip
    columns = [pl.Series(name, column, dtype=ADDED[name], strict=False) for name, column in added.items()]
    return facts.with_columns(c.fill_nan(None) if c.dtype == pl.Float64 else c for c in columns)


def _floats(facts: pl.DataFrame, column: str) -> FloatArray:
    return np.asarray(facts[column].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _groups(facts: pl.DataFrame) -> list[NDArray[np.intp]]:
    """The rows of each group, in the order of the units' codes: sums of what is no whole number hang on the order."""
    if facts.is_empty():
        return []
    group = np.zeros(facts.height, dtype=np.int64)
    for column in _GROUP:
        codes = _ranks(facts[column])
        group = group * (codes.max() + 1) + codes
    # ranks in place of names: sorting millions of names takes longer than all that is done with them
    units = _ranks(facts["unit_code"])
    order = np.argsort(group * (units.max() + 1) + units)
    edges = np.flatnonzero(np.diff(group[order])) + 1
    return [order[start:end] for start, end in pairwise([0, *edges.tolist(), facts.height])]


def _ranks(column: pl.Series) -> NDArray[np.int64]:
    """The place of each value among the distinct ones in their order."""
    distinct = column.unique().sort()
    return np.asarray(
        column.replace_strict(distinct, pl.Series(range(len(distinct)), dtype=pl.Int64)).to_numpy()
    )
