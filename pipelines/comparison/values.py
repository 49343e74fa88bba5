"""Exact figures of one or more quarters, with their intervals, their evidence and their place among peers beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

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
    """The rows of indicator_facts with the columns of ADDED. least: the fewest peers with a value among whom a place is judged.

    Every row of a period and peer group must be there. Nothing of the facts is changed: statistics never turn a status.
    """
    facts = facts.sort(*_GROUP, "unit_code")
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
    for start, end in _runs(facts):
        group = slice(start, end)
        known = ~unknown[group]
        peers[group] = known.sum()
        if not known.any():
            continue
        medians[group] = np.median(value[group][known])
        places[group] = percentiles(value[group], lower_is_better=bool(lower[start]))
        measure: Measure = "share" if is_share[start] else "count" if is_count[start] else "amount"
        where[group] = positions(measure, k[group], n[group], asked[group], least)
    added = {
        "ci_low": low, "ci_high": high, "peer_median": medians, "peer_percentile": np.round(places, _DIGITS),
        "peer_position": where.tolist(), "n_peers": peers, "p_below": p,
    }  # fmt: skip
    columns = [pl.Series(name, column, dtype=ADDED[name], strict=False) for name, column in added.items()]
    return facts.with_columns(c.fill_nan(None) if c.dtype == pl.Float64 else c for c in columns)


def _floats(facts: pl.DataFrame, column: str) -> FloatArray:
    return np.asarray(facts[column].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _runs(facts: pl.DataFrame) -> list[tuple[int, int]]:
    """The rows of each group, as first and past the last."""
    if facts.is_empty():
        return []
    starts = facts.select(pl.struct(*_GROUP).rle_id()).to_series().to_numpy()
    edges = np.flatnonzero(np.diff(starts)) + 1
    return list(pairwise([0, *edges.tolist(), facts.height]))
