"""What is known before a unit starts to fill: last answers beside the cells, and stocks that seldom change inside them (clause S1.4)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from expectations.catalogue import Catalogue
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from expectations.period import Period
from pipelines.registry.model import RegistryEntry
from pipelines.workbook.form import Slot, UnitForm, Value

# The one question that the registry can answer too, by its English name.
REGISTRY_QUESTION = "members"


def prefilled_form(
    unit: RegistryEntry,
    period: Period,
    branches: Sequence[RegistryEntry],
    catalogue: Catalogue,
    previous_answers: pl.DataFrame | None,
) -> UnitForm:
    """The form of a unit that has not filled anything yet.

    previous_answers: rows of the `answers` mart, the unit's last accepted answer to each question; None before the first.
    """
    questions = {question.code: question for question in unit_questions(catalogue, unit.kind, period)}
    ledger = {
        column.question.code: column.question for column in ledger_columns(catalogue, unit.kind, period)
    }
    asked = questions | ledger
    previous: dict[Slot, Value] = {}
    current = _from_registry(ledger, unit, branches)
    if previous_answers is not None:
        previous = _previous(previous_answers, asked, unit, branches)
        current |= {slot: value for slot, value in previous.items() if asked[slot.question].prefill}
        current |= _from_last_year(previous_answers, questions, period)
    return UnitForm(unit, period, tuple(branches), current, previous)


def _previous(
    answers: pl.DataFrame, asked: dict[str, Question], unit: RegistryEntry, branches: Sequence[RegistryEntry]
) -> dict[Slot, Value]:
    """Earlier answers to the questions asked now, except monthly ones, of the unit and the branches it still has."""
    categories = {branch.unit_code: branch.category for branch in branches}
    previous: dict[Slot, Value] = {}
    for code, branch_code, number, text in answers.select(
        "question", "branch_code", "value", "text"
    ).iter_rows():
        question = asked.get(code)
        if question is None or question.monthly or question.is_for_branch != (branch_code is not None):
            continue
        if question.is_for_branch:
            category = categories.get(branch_code)
            if category is None or not question.applies_to(unit.kind, category):
                continue
        value = _usable(question, number, text)
        if value is not None:
            previous[Slot(code, branch_code)] = value
    return previous


def _from_last_year(answers: pl.DataFrame, asked: dict[str, Question], period: Period) -> dict[Slot, Value]:
    """Last year's answers, for the questions that ask for them again."""
    last_year = answers.filter(pl.col("period").str.starts_with(str(period.year - 1)))
    given = dict(last_year.filter(pl.col("branch_code").is_null()).select("question", "value").iter_rows())
    values = {
        Slot(question.code): _usable(question, given.get(question.last_year_of), None)
        for question in asked.values()
        if question.last_year_of is not None
    }
    return {slot: value for slot, value in values.items() if value is not None}


def _from_registry(
    ledger: dict[str, Question], unit: RegistryEntry, branches: Sequence[RegistryEntry]
) -> dict[Slot, Value]:
    """The registry's count of members, for branches without an earlier answer."""
    return {
        Slot(question.code, branch.unit_code): branch.members
        for question in ledger.values()
        if question.name == REGISTRY_QUESTION and question.prefill
        for branch in branches
        if question.applies_to(unit.kind, branch.category)
        and _usable(question, Decimal(branch.members), None) is not None
    }


def _usable(question: Question, number: Decimal | None, text: str | None) -> Value | None:
    """The answer as a cell takes it, or None where the question as it now stands would not accept it."""
    if question.is_number:
        if (
            number is None
            or question.min is None
            or question.max is None
            or not question.min <= number <= question.max
        ):
            return None
        return int(number) if number == number.to_integral_value() else number.normalize()
    if question.choices:
        return text if text in {option.code for option in question.choices} else None
    return text or None
