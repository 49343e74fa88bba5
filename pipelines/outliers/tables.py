"""What is kept of a search beside its findings: the peers' medians, which later periods need, and how much could be judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from pipelines.outliers.answers import Axes, Calendar
from pipelines.outliers.question import Judged, Norms
from pipelines.warehouse import Warehouse

NORMS: dict[str, Any] = {
    "period": pl.String, "question": pl.String, "month": pl.Int32, "peer_group": pl.String, "peers": pl.Int32, "median": pl.Float64,
}  # fmt: skip
COVERAGE: dict[str, Any] = {
    "unit_code": pl.String, "period": pl.String, "against": pl.String, "series": pl.Int32, "judged": pl.Int32, "too_short": pl.Int32,
}  # fmt: skip
ALL_GROUPS = "all"


def known_norms(
    warehouse: Warehouse, question: str, peer_groups: Sequence[str], calendar: Calendar, judged: Iterable[str]
) -> Norms:
    """The medians of the periods that are not judged now, with room for those that are."""
    groups = [*peer_groups, ALL_GROUPS]
    medians = np.full((len(groups), len(calendar.asked) * calendar.months), np.nan)
    row = {group: place for place, group in enumerate(groups)}
    column = {str(period): place * calendar.months for place, period in enumerate(calendar.asked)}
    known = warehouse.run(
        "norms_found",
        "select period, month, peer_group, median from norms_found where question = ? and period not in (select unnest(?::varchar[]))",
        [question, list(judged)],
    )
    for period, month, group, median in known:
        if period in column and group in row:
            medians[row[group], column[period] + max(month - 1, 0)] = median
    return Norms(medians, np.zeros(medians.shape, dtype=np.int64))


def norm_rows(
    norms: Norms, question: str, peer_groups: Sequence[str], calendar: Calendar, places: Sequence[int]
) -> pl.DataFrame:
    """The medians of these periods as rows (NORMS); month is 1 to 3 in the quarter, and 0 where the question has none."""
    groups, months = [*peer_groups, ALL_GROUPS], calendar.months
    rows = []
    for place in places:
        for month in range(months):
            column = place * months + month
            for group in np.flatnonzero(~np.isnan(norms.medians[:, column])).tolist():
                median, peers = float(norms.medians[group, column]), int(norms.counts[group, column])
                in_quarter = month + 1 if months > 1 else 0
                rows.append((str(calendar.asked[place]), question, in_quarter, groups[group], peers, median))
    return pl.DataFrame(rows, schema=NORMS, orient="row")


def coverage_rows(judged: Judged, axes: Axes, calendar: Calendar) -> pl.DataFrame:
    """How many series there were to judge in the versions that count, and how many could be (COVERAGE, a row a series).

    The months of one question are one series: it can be judged where one of them can.
    """
    answers = judged.answers
    frames = [pl.DataFrame(schema=COVERAGE)]
    for against, held, could in (
        ("own_history", judged.own_held, judged.own),
        ("peers", judged.peers_held, judged.peers),
    ):
        rows = held & answers.counts
        holders, first = np.unique(answers.holder[rows], return_index=True)
        is_judged = np.isin(holders, answers.holder[rows & could])
        units = [axes.holders[unit] for unit in axes.units[holders].tolist()]
        periods = [str(calendar.asked[place]) for place in answers.period[rows][first].tolist()]
        columns = {"unit_code": units, "period": periods, "against": [against] * len(units), "series": np.ones(len(units), dtype=np.int32),
                   "judged": is_judged.astype(np.int32), "too_short": (~is_judged).astype(np.int32)}  # fmt: skip
        frames.append(pl.DataFrame(columns, schema=COVERAGE))
    return pl.concat(frames)


def coverage(rows: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Series counted by unit, period and what they are held against (COVERAGE)."""
    counted = pl.concat([pl.DataFrame(schema=COVERAGE), *rows])
    sums = pl.col("series", "judged", "too_short").sum().cast(pl.Int32)
    return counted.group_by("unit_code", "period", "against").agg(sums).sort("unit_code", "period", "against")
