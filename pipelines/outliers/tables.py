"""What is kept of a search beside its findings: the peers' medians, which later periods need, and how much could be judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from pipelines.outliers.answers import Axes, Calendar
from pipelines.outliers.question import IntArray, Judged, Norms
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


class Coverage:
    """How many series there were to judge in the versions that count, and how many could be, summed over questions."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], IntArray] = {}

    def count(self, judged: Judged, axes: Axes, calendar: Calendar) -> None:
        """Add one question in one period. Its months are one series, which can be judged where one of them can."""
        answers = judged.answers
        if not len(answers.period):
            return
        period = str(calendar.asked[answers.period[0]])
        for against, held, could in (
            ("own_history", judged.own_held, judged.own),
            ("peers", judged.peers_held, judged.peers),
        ):
            for row, chosen in enumerate((held, could)):
                units = axes.units[np.unique(answers.holder[chosen & answers.counts])]
                counts = self._counts.setdefault(
                    (period, against), np.zeros((2, len(axes.holders)), dtype=np.int64)
                )
                counts[row] += np.bincount(units, minlength=len(axes.holders))

    def rows(self, axes: Axes) -> pl.DataFrame:
        """By unit, period and what its answers are held against (COVERAGE)."""
        frames = [pl.DataFrame(schema=COVERAGE)]
        for (period, against), (series, judged) in self._counts.items():
            units = np.flatnonzero(series)
            columns = {
                "unit_code": [axes.holders[unit] for unit in units.tolist()],
                "series": series[units],
                "judged": judged[units],
                "too_short": (series - judged)[units],
            }
            labels = {"period": pl.lit(period), "against": pl.lit(against)}
            frames.append(
                pl.DataFrame(columns)
                .with_columns(**labels)
                .select(pl.col(name).cast(kind) for name, kind in COVERAGE.items())
            )
        return pl.concat(frames).sort("unit_code", "period", "against")
