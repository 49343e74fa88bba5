"""Example units and forms for tests of the workbook; nothing here is a real organisation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from pipelines.registry.model import RegistryEntry
from pipelines.workbook.form import Slot, UnitForm, Value
from pipelines.workbook.write import write_workbook

CATEGORY = {"city": "bureau", "university": "undergraduate", "school": "primary"}
MIXED = ("staff", "student", "staff", "retired", "staff")


def entry(
    code: str,
    kind: str,
    category: str,
    *,
    name: str | None = None,
    parent: str | None = None,
    members: int = 12,
    is_synthetic: bool = True,
) -> RegistryEntry:
    """A registry entry, valid since 2020."""
    since = date(2020, 1, 1)
    return RegistryEntry(
        code,
        name or f"示例{code}",
        kind,
        category,
        False,
        "320100",
        parent,
        members,
        since,
        None,
        is_synthetic,
    )


def branches_of(unit: RegistryEntry, categories: Sequence[str] = MIXED) -> tuple[RegistryEntry, ...]:
    """One branch of each category, with 11, 12 … members."""
    return tuple(
        entry(f"{unit.unit_code}-{i:02d}", "branch", category, parent=unit.unit_code, members=10 + i)
        for i, category in enumerate(categories, 1)
    )


def blank_form(
    kind: str, period: str, categories: Sequence[str] = MIXED, *, is_synthetic: bool = True
) -> UnitForm:
    """A form of which nothing is known."""
    unit = entry(f"320100{kind[0].upper()}1", kind, CATEGORY[kind], is_synthetic=is_synthetic)
    return UnitForm(unit, Period.parse(period), branches_of(unit, categories))


def asked_slots(form: UnitForm, catalogue: Catalogue) -> list[tuple[Slot, Question]]:
    """Every answer that the form asks for."""
    own = [(Slot(q.code), q) for q in unit_questions(catalogue, form.unit.kind, form.period)]
    ledger = [
        (Slot(column.question.code, branch.unit_code, column.month), column.question)
        for branch in form.branches
        for column in ledger_columns(catalogue, form.unit.kind, form.period)
        if column.question.applies_to(form.unit.kind, branch.category)
    ]
    return own + ledger


def example_answer(question: Question, number: int) -> Value:
    """An allowed answer; different numbers give different answers where the question has room for them."""
    if question.choices:
        return question.choices[number % len(question.choices)].code
    if question.type == "text":
        return f"苏教工〔2025〕{number}号"
    assert question.min is not None
    assert question.max is not None
    span = int(question.max - question.min) + 1
    whole = question.min + number % span
    return whole + Decimal("0.5") if question.type == "decimal" and whole < question.max else int(whole)


def filled_form(kind: str, period: str, catalogue: Catalogue, categories: Sequence[str] = MIXED) -> UnitForm:
    """A form with an answer in every cell, and an explanation on the own form and in the ledger."""
    form = blank_form(kind, period, categories)
    slots = asked_slots(form, catalogue)
    current = {slot: example_answer(question, number) for number, (slot, question) in enumerate(slots, 1)}
    previous = {slot: value for slot, value in current.items() if slot.branch_code is None}
    explanations = {Slot("L3.1a"): "本季度集中学习一次，因暑期调整。"}
    explanations |= {Slot("", branch.unit_code): "有党员转入。" for branch in form.branches[:1]}
    return UnitForm(form.unit, form.period, form.branches, current, previous, explanations)


def workbook_bytes(form: UnitForm, catalogue: Catalogue) -> bytes:
    target = io.BytesIO()
    write_workbook(form, catalogue, target)
    return target.getvalue()
