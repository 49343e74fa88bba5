"""What the warehouse holds of a question, as arrays: all that counts or is judged, up to the last period judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations import Catalogue, Period
from expectations.models.question import Question
from pipelines.outliers.question import Answers, IntArray
from pipelines.registry.model import Registry
from pipelines.statistics.counts import BoolArray, FloatArray
from pipelines.warehouse import Warehouse

_VERSIONS = """
select f.submission_id, f.unit_code, f.period, f.submission_id in (select submission_id from counting) as counts,
       f.submission_id in (from judged) as judged
from files f
where not f.refused and f.period <= ? and (counts or judged)
order by f.period, f.unit_code, f.received_at, f.submission_id
"""
_NUMBERS = """
select h.place as holder, v.version, coalesce((a.month - 1) % 3, 0) as month, a.number
from usable_numbers a
join outlier_versions v using (submission_id)
join outlier_holders h on h.holder = a.holder
where a.question = ?
"""
# Of the whole ledger, where none of its rows lacks a number that can be used.
_SUMS = """
select h.place as holder, v.version, 0 as month, sum(u.number) as number
from answers_read a
join outlier_versions v using (submission_id)
join outlier_holders h on h.holder = a.unit_code
left join usable_numbers u on u.submission_id = a.submission_id and u.question = a.question and u.branch_code = a.branch_code
where a.question = ?
group by h.place, v.version
having count(*) = count(u.number)
"""
# A cell that another rule asks about is not asked about twice.
_ASKED = """
select distinct h.place as holder, v.version, coalesce((g.month - 1) % 3, 0) as month
from findings_found g
join outlier_versions v using (submission_id)
join outlier_holders h on h.holder = coalesce(g.branch_code, v.unit_code)
where g.question = ? and g.severity in ('block', 'explain') and v.judged
"""


@dataclass(frozen=True)
class Axes:
    """What the arrays' places mean.

    holders: codes of units and branches; units: the place of each holder's unit; peer_groups, groups: the groups, and the place of
    each holder's own; submissions: the versions that count or are judged; period, counts, judged: of each version.
    """

    holders: list[str]
    units: IntArray
    peer_groups: list[str]
    groups: IntArray
    submissions: list[str]
    period: list[str]
    counts: BoolArray
    judged: BoolArray

    def cells(self, version: IntArray, holder: IntArray, month: IntArray) -> IntArray:
        """Cells of one question as numbers."""
        return (version * len(self.holders) + holder) * 3 + month


@dataclass(frozen=True)
class Calendar:
    """asked: the periods in which a question is asked, up to the last that is judged; months: of each; a_year: periods a year."""

    asked: list[Period]
    months: int
    a_year: int


def calendar_of(question: Question, catalogue: Catalogue, last: Period) -> Calendar:
    """From the calendar's first period on, whatever has been reported: a place means the same in every run."""
    quarters = catalogue.calendar.asked[question.asked]
    periods = catalogue.calendar.first_period.to(last)
    asked = [period for period in periods if period.quarter in quarters]
    return Calendar(asked, 3 if question.monthly else 1, len(quarters))


def axes(warehouse: Warehouse, registry: Registry, last: Sequence[Period]) -> Axes:
    """Units, branches and versions in the order of their codes. Leaves their places behind as temporary tables."""
    entries = sorted(registry.entries, key=lambda entry: entry.unit_code)
    place = {entry.unit_code: index for index, entry in enumerate(entries)}
    known = dict(warehouse.run("dim_unit", "select unit_code, peer_group from dim_unit"))
    own = [known[entry.unit_code] for entry in entries]
    peer_groups = sorted(set(own))
    index = {group: number for number, group in enumerate(peer_groups)}
    units = [
        place[entry.parent_code or entry.unit_code if entry.is_branch else entry.unit_code]
        for entry in entries
    ]
    versions = warehouse.frame("files", _VERSIONS, [str(max(last, default=""))])
    warehouse.replace("outlier_versions", versions.with_row_index("version"))
    warehouse.replace("outlier_holders", pl.DataFrame({"holder": list(place)}).with_row_index("place"))
    return Axes(
        list(place),
        np.array(units, dtype=np.int64),
        peer_groups,
        np.array([index[group] for group in own], dtype=np.int64),
        versions["submission_id"].to_list(),
        versions["period"].to_list(),
        versions["counts"].to_numpy(),
        versions["judged"].to_numpy(),
    )


class Numbers(NamedTuple):
    """The usable answers to a question by cell (`Axes.cells`), in the order of the cells."""

    cells: IntArray
    holder: IntArray
    version: IntArray
    month: IntArray
    number: FloatArray


class Reader:
    """Reads one question after another; what others are divided by is read once."""

    def __init__(self, warehouse: Warehouse, axes: Axes) -> None:
        self._warehouse, self._axes = warehouse, axes
        self._divisors: dict[tuple[str, bool], Numbers] = {}

    def answers_to(self, question: Question, per: Question | None, calendar: Calendar) -> Answers:
        """All usable answers to a question in these periods, each with what it is divided by.

        Without a divisor above 0 there is nothing to compare; a unit's answer is divided by the sum of its ledger.
        """
        axes, found = self._axes, self._numbers(question.code, _NUMBERS)
        # In the order of their cells answers are in that of versions, and versions in that of periods.
        place = {str(period): number for number, period in enumerate(calendar.asked)}
        period_of = np.array([place.get(period, -1) for period in axes.period], dtype=np.int64)
        period = period_of[found.version]
        divisor = np.ones(len(found.number)) if per is None else self._divisor(found, question, per)
        kept = np.flatnonzero((period >= 0) & (divisor > 0))
        asked = self._warehouse.frame(question.code, _ASKED, [question.code])
        version = found.version[kept]
        return Answers(
            holder=found.holder[kept],
            version=version,
            period=period[kept],
            month=found.month[kept],
            number=found.number[kept],
            per=divisor[kept],
            counts=axes.counts[version],
            judged=axes.judged[version],
            asked=np.isin(found.cells[kept], self._cells(asked)),
            aside=np.zeros(len(kept), dtype=np.bool_),
        )

    def _divisor(self, found: Numbers, question: Question, per: Question) -> FloatArray:
        """What each number is divided by; NaN where that cannot be used."""
        summed = per.is_for_branch and not question.is_for_branch
        if (per.code, summed) not in self._divisors:
            self._divisors[per.code, summed] = self._numbers(per.code, _SUMS if summed else _NUMBERS)
        divisors = self._divisors[per.code, summed]
        cells = found.cells if per.monthly else found.cells - found.month
        at = np.minimum(np.searchsorted(divisors.cells, cells), max(len(divisors.cells) - 1, 0))
        if not len(divisors.cells):
            return np.full(len(cells), np.nan)
        return np.where(divisors.cells[at] == cells, divisors.number[at], np.nan)

    def _numbers(self, code: str, query: str) -> Numbers:
        frame = self._warehouse.frame(code, query, [code])
        cells = self._cells(frame)
        order = np.argsort(cells, kind="stable")
        holder, version, month = (_ints(frame, name)[order] for name in ("holder", "version", "month"))
        return Numbers(cells[order], holder, version, month, frame["number"].to_numpy()[order])

    def _cells(self, frame: pl.DataFrame) -> IntArray:
        return self._axes.cells(_ints(frame, "version"), _ints(frame, "holder"), _ints(frame, "month"))


def _ints(frame: pl.DataFrame, name: str) -> IntArray:
    return frame[name].cast(pl.Int64).to_numpy()
