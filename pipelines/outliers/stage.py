"""The outliers of some periods, from the warehouse: what is found, the peers' medians, and how much could be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from expectations import Catalogue, Period
from expectations.models.outliers import Far, OutlierSeries
from expectations.models.question import Question as Asked
from pipelines.intake.answers import Finding
from pipelines.outliers.answers import Axes, Calendar, Reader, axes, calendar_of
from pipelines.outliers.question import Answers, IntArray, Judged, Method, Question
from pipelines.outliers.ranges import Limits
from pipelines.outliers.tables import NORMS, Coverage, known_norms, norm_rows
from pipelines.outliers.words import expected_zh
from pipelines.reading_frames import Sent, sent, shortcoming
from pipelines.registry.model import Registry
from pipelines.statistics.counts import BoolArray
from pipelines.warehouse import Warehouse

OWN_HISTORY, PEERS = "outlier_own_history", "outlier_peers"
_FAR: dict[str, Any] = {
    "submission_id": pl.String, "rule": pl.String, "branch_code": pl.String, "question": pl.String, "month": pl.Int32, "expected": pl.String,
}  # fmt: skip
_ADDRESSES = """
select f.submission_id, f.rule, a.sheet, a.cell, f.branch_code, f.question, a.month, a.raw as found, f.expected, a.explanation
from outlier_far f
join answers_read a
  on a.submission_id = f.submission_id and a.question = f.question
 and a.branch_code is not distinct from f.branch_code and a.month is not distinct from f.month
order by f.submission_id, f.question, f.branch_code nulls first, a.month
"""
_EXPLANATIONS = """
select submission_id, unit_code, branch_code, question, explanation
from answers_read
where explanation is not null and submission_id in (from judged)
"""


@dataclass(frozen=True)
class Outliers:
    """found: findings by submission; norms and coverage: rows of the tables norms_found and coverage_found."""

    found: list[tuple[str, Finding]]
    norms: pl.DataFrame
    coverage: pl.DataFrame


def find_outliers(
    warehouse: Warehouse, catalogue: Catalogue, registry: Registry, periods: Sequence[str]
) -> Outliers:
    """The outliers in the submissions of the temporary table `judged`, which are of these periods.

    All other findings of these submissions, and all findings and medians of the periods before, must be in the warehouse.
    """
    due = sorted(Period.parse(period) for period in periods)
    search = _Search(warehouse, catalogue, registry, due)
    for entries in _divisors_first(catalogue.outliers) if due else ():
        search.question(entries)
    return search.outliers()


def _divisors_first(series: Sequence[OutlierSeries]) -> Iterator[list[OutlierSeries]]:
    """The entries of each question, after those of the question by which it is divided."""
    waiting: dict[str, list[OutlierSeries]] = {}
    for entry in series:
        waiting.setdefault(entry.question, []).append(entry)
    while waiting:
        ready = [question for question, entries in waiting.items() if entries[0].per not in waiting]
        for question in ready:
            yield waiting.pop(question)


@dataclass
class _Search:
    """What is known and found while one question is judged after another."""

    warehouse: Warehouse
    catalogue: Catalogue
    registry: Registry
    due: list[Period]
    _far: list[tuple[Any, ...]] = field(default_factory=list)
    _norms: list[pl.DataFrame] = field(default_factory=list)
    _coverage: Coverage = field(default_factory=Coverage)
    # By question: cells (see `_cells`) that still have to be explained, and divide nothing meanwhile.
    _still_open: dict[str, IntArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._axes: Axes = axes(self.warehouse, self.registry, self.due[-1:])
        self._reader = Reader(self.warehouse, self._axes)
        explained = self.warehouse.frame("answers_read", _EXPLANATIONS)
        self._told = sent(explained, self.registry)
        self._texts = {(row[0], row[2], row[3]): row[4] for row in explained.iter_rows()}

    def question(self, entries: Sequence[OutlierSeries]) -> None:
        """Judge one question in all periods that are due. entries: how it is compared, one at a time."""
        first, question = entries[0], self.catalogue.question[entries[0].question]
        per = self.catalogue.question[first.per] if first.per else None
        calendar = calendar_of(question, self.catalogue, self.due[-1])
        places = [place for place, period in enumerate(calendar.asked) if period in self.due]
        if not places:
            return
        answers = self._reader.answers_to(question, per, calendar)
        if per is not None and per.code in self._still_open:
            divided_by = self._cells(answers, monthly=per.monthly)
            doubtful = np.isin(divided_by, self._still_open[per.code])
            answers = answers._replace(aside=doubtful)
        groups, due = self._axes.peer_groups, [str(period) for period in self.due]
        norms = known_norms(self.warehouse, question.code, groups, calendar, due)
        worked = Question(first.scale, calendar.months, calendar.a_year, self._axes.groups, answers, norms)
        still_open = [np.array([], dtype=np.int64)]
        for judged in worked.judge(places, _methods(entries, calendar), self._explained(question)):
            self._note(judged, question, per, entries, calendar)
            self._coverage.count(judged, self._axes, calendar)
            still_open.append(self._cells(judged.answers.of(judged.still_open), monthly=question.monthly))
        self._still_open[question.code] = np.concatenate(still_open)
        self._norms.append(norm_rows(norms, question.code, groups, calendar, places))

    def outliers(self) -> Outliers:
        """All that was found, each finding with its cell."""
        self.warehouse.replace("outlier_far", pl.DataFrame(self._far, schema=_FAR, orient="row"))
        rows = self.warehouse.frame("answers_read", _ADDRESSES)
        found = [(row.pop("submission_id"), Finding(**row)) for row in rows.iter_rows(named=True)]
        return Outliers(
            found, pl.concat([pl.DataFrame(schema=NORMS), *self._norms]), self._coverage.rows(self._axes)
        )

    def _cells(self, answers: Answers, *, monthly: bool) -> IntArray:
        """Cells of a question as numbers."""
        month = answers.month if monthly else np.zeros_like(answers.month)
        return self._axes.cells(answers.version, answers.holder, month)

    def _place(self, question: Asked, answers: Answers, at: int) -> tuple[str, str | None]:
        """Submission and branch of an answer."""
        branch = self._axes.holders[answers.holder[at]] if question.is_for_branch else None
        return self._axes.submissions[answers.version[at]], branch

    def _explained(self, question: Asked) -> Callable[[Answers, BoolArray], BoolArray]:
        """Which of the far answers have an explanation that counts."""

        def explained(answers: Answers, far: BoolArray) -> BoolArray:
            counts = np.zeros(len(far), dtype=np.bool_)
            for at in np.flatnonzero(far).tolist():
                submission, branch = self._place(question, answers, at)
                text = self._texts.get((submission, branch, question.code))
                finding = Finding(OWN_HISTORY, branch_code=branch, question=question.code, explanation=text)
                told = self._told.get(submission, Sent())
                fault = shortcoming(finding, self.catalogue, self.registry, told)
                counts[at] = text is not None and fault is None
            return counts

        return explained

    def _note(
        self,
        judged: Judged,
        question: Asked,
        per: Asked | None,
        entries: Sequence[OutlierSeries],
        calendar: Calendar,
    ) -> None:
        """Keep what is far in the submissions of one period."""
        answers = judged.answers
        for at in np.flatnonzero(judged.own_far | judged.peers_far).tolist():
            period = calendar.asked[answers.period[at]]
            rule, within = (
                (PEERS, judged.peers_range) if judged.peers_far[at] else (OWN_HISTORY, judged.own_range)
            )
            season = _entry_in(entries, period).season if rule == OWN_HISTORY else None
            low, high = float(within.low[at]), float(within.high[at])
            submission, branch = self._place(question, answers, at)
            month = period.months[answers.month[at]] if question.monthly else None
            expected = expected_zh(low, high, question, per, season)
            self._far.append((submission, rule, branch, question.code, month, expected))


def _entry_in(entries: Sequence[OutlierSeries], period: Period) -> OutlierSeries:
    return next(entry for entry in entries if entry.holds_in(period))


def _methods(entries: Sequence[OutlierSeries], calendar: Calendar) -> Callable[[int], Method | None]:
    """How the question is compared in a period, by the entry that holds then."""

    def method(place: int) -> Method | None:
        entry = next((entry for entry in entries if entry.holds_in(calendar.asked[place])), None)
        return Method(entry.season, _limits(entry.own_history), _limits(entry.peers)) if entry else None

    return method


def _limits(far: Far | None) -> Limits | None:
    return Limits(float(far.threshold), far.points, float(far.times), float(far.difference)) if far else None
