"""Spoiling answers: one fault of a cell at a time, each where it breaks its own rule and no other cell's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from expectations.models.rule import Severity
from pipelines.sample.rules import Answers, Around, breaches, broken, comparisons, steady_cells
from pipelines.workbook.form import Slot

# What clerks write where a number belongs. None of these can be taken for one.
_TEXTS = ("约二十", "待统计", "正在核实", "详见附件", "二十余", "尚未汇总")
_HOW_FAR = (2, 3, 10)


@dataclass(frozen=True)
class Spoilt:
    """Answers after a fault, and the slot where the fault stands."""

    answers: Answers
    slot: Slot


def spoil(
    fault_class: str,
    answers: Answers,
    around: Around,
    untouched: set[Slot],
    rng: np.random.Generator,
) -> Spoilt | None:
    """Answers with one more fault of this class; None where there is no room for it.

    untouched: slots that earlier faults have to do with; it grows by those of this one.
    """
    options = {
        "missing": _missing,
        "text_in_number": _text_in_number,
        "out_of_range": _out_of_range,
        "attended_over_expected": _over_expected,
        "unexplained": _to_be_explained,
    }[fault_class](answers, around, rng)
    rows = comparisons(answers, around)
    before = {(fault.rule.rule, fault.cell) for fault in broken(answers, around)}
    for spoilt in options:
        involved = {slot for row in rows if spoilt.slot in row.slots for slot in row.slots} | {spoilt.slot}
        after = {(fault.rule.rule, fault.cell) for fault in broken(spoilt.answers, around)} - before
        if involved & untouched or any(cell != spoilt.slot for _, cell in after):
            continue
        untouched |= involved
        return spoilt
    return None


def _shuffled(slots: list[Slot], rng: np.random.Generator) -> Iterator[Slot]:
    """Questions in random order, then one of the question's slots: the many cells of a ledger do not crowd out the form."""
    by_question: dict[str, list[Slot]] = {}
    for slot in slots:
        by_question.setdefault(slot.question, []).append(slot)
    codes = list(by_question)
    for i in rng.permutation(len(codes)):
        choice = by_question[codes[i]]
        yield choice[int(rng.integers(len(choice)))]


def _missing(answers: Answers, around: Around, rng: np.random.Generator) -> Iterator[Spoilt]:
    required = [slot for slot in answers if around.then.question[slot.question].required]
    for slot in _shuffled(required, rng):
        yield Spoilt({other: value for other, value in answers.items() if other != slot}, slot)


def _text_in_number(answers: Answers, around: Around, rng: np.random.Generator) -> Iterator[Spoilt]:
    numbers = [slot for slot in answers if around.then.question[slot.question].is_number]
    for slot in _shuffled(numbers, rng):
        yield Spoilt(answers | {slot: _TEXTS[int(rng.integers(len(_TEXTS)))]}, slot)


def _out_of_range(answers: Answers, around: Around, rng: np.random.Generator) -> Iterator[Spoilt]:
    """Too large by a factor, or below the least. Never in a pre-filled stock, which the next period is compared with."""
    numbers = [
        slot
        for slot in answers
        if around.then.question[slot.question].is_number and not around.then.question[slot.question].prefill
    ]
    for slot in _shuffled(numbers, rng):
        question = around.then.question[slot.question]
        low, high = question.min or Decimal(0), question.max or Decimal(0)
        far = _HOW_FAR[int(rng.integers(len(_HOW_FAR)))]
        values = [max(high * far, high + far), low - far]
        for value in values if rng.random() < 0.6 else values[::-1]:
            yield Spoilt(answers | {slot: int(value) if question.type == "count" else value}, slot)


def _over_expected(answers: Answers, around: Around, rng: np.random.Generator) -> Iterator[Spoilt]:
    return _breach("block", answers, around, rng)


def _to_be_explained(answers: Answers, around: Around, rng: np.random.Generator) -> Iterator[Spoilt]:
    """Never in a stock that the next period is compared with: it would be asked about once more when it is back."""
    steady = steady_cells(around.then.rules)
    return (
        spoilt for spoilt in _breach("explain", answers, around, rng) if spoilt.slot.question not in steady
    )


def _breach(
    severity: Severity, answers: Answers, around: Around, rng: np.random.Generator
) -> Iterator[Spoilt]:
    """A comparison of this severity, broken by its own cell within the bounds of that cell; each rule has the same chance."""
    by_rule: dict[str, list[int]] = {}
    rows = [row for row in comparisons(answers, around) if row.rule.severity == severity]
    for i, row in enumerate(rows):
        by_rule.setdefault(row.rule.rule, []).append(i)
    names = list(by_rule)
    for i in rng.permutation(len(names)):
        places = by_rule[names[i]]
        row = rows[places[int(rng.integers(len(places)))]]
        values = list(breaches(row, answers))
        for j in rng.permutation(len(values)):
            yield Spoilt(answers | {row.cell: values[j]}, row.cell)
