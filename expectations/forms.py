"""Which cells a unit is asked to fill in a period: its own form and its ledger. The template, the reader's expectations,
the load and the SQL all take the answer from here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from expectations.catalogue import Catalogue
from expectations.models.policy import Dimension
from expectations.models.question import Question
from expectations.period import Period


@dataclass(frozen=True)
class LedgerColumn:
    """One column of the ledger: a question, and the month of the year where it is asked by month."""

    question: Question
    month: int | None

    @property
    def code(self) -> str:
        """What stands in the ledger's code row: `L3.7a` or, for July, `L3.7a_07`."""
        return self.question.code if self.month is None else f"{self.question.code}_{self.month:02d}"


def unit_questions(catalogue: Catalogue, unit_kind: str, period: Period) -> tuple[Question, ...]:
    """The questions of the unit's own form in this period."""
    return tuple(question for question in catalogue.asked_in(period) if question.applies_to(unit_kind))


@lru_cache(maxsize=256)
def unit_sheets(
    catalogue: Catalogue, unit_kind: str, period: Period
) -> tuple[tuple[Dimension, tuple[Question, ...]], ...]:
    """The own form by dimension, leaving out dimensions with nothing to ask in this period."""
    asked = unit_questions(catalogue, unit_kind, period)
    sheets = (
        (dimension, tuple(q for q in asked if catalogue.dimension_of(q.clause) == dimension))
        for dimension in catalogue.kinds.dimensions
    )
    return tuple((dimension, questions) for dimension, questions in sheets if questions)


@lru_cache(maxsize=256)
def ledger_columns(catalogue: Catalogue, unit_kind: str, period: Period) -> tuple[LedgerColumn, ...]:
    """The columns of the ledger of a unit of this kind; stock columns first, then by catalogue order."""
    questions = [q for q in catalogue.asked_in(period) if q.is_for_branch and unit_kind in q.unit_kinds]
    questions.sort(key=lambda question: not question.is_known_before)
    return tuple(
        LedgerColumn(question, month)
        for question in questions
        for month in (period.months if question.monthly else (None,))
    )


def load(catalogue: Catalogue) -> list[dict[str, str | int]]:
    """Cells to fill by respondent and quarter: rows of respondent, quarter, cells.

    A branch's row is counted for the branch category and unit kind that are asked most. Source: clause S1.4 (lighten the load).
    """
    rows: list[dict[str, str | int]] = []
    for quarter in (1, 2, 3, 4):
        period = Period(catalogue.calendar.last_period.year, quarter)
        for kind in catalogue.kinds.units:
            rows.append(
                {
                    "respondent": kind.code,
                    "quarter": quarter,
                    "cells": len(unit_questions(catalogue, kind.code, period)),
                }
            )
        cells = max(
            sum(
                column.question.applies_to(kind.code, branch.code)
                for column in ledger_columns(catalogue, kind.code, period)
            )
            for kind in catalogue.kinds.units
            for branch in catalogue.kinds.branches
        )
        rows.append({"respondent": "branch", "quarter": quarter, "cells": cells})
    return rows
