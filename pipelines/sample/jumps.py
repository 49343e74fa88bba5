"""A stock that jumps against the last time for one quarter, and is back where it was in the next."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from expectations import Period
from expectations.models.rule import CompareRule
from pipelines.history_rules import asked_before
from pipelines.sample.rules import Answers, Around, broken
from pipelines.workbook.form import Slot, Value

# How far beyond what the rule allows, up and down.
_BEYOND = (Decimal("1.3"), Decimal(2), Decimal("-1.3"))


def jumped(
    answers: Answers, before: Answers, around: Around, rng: np.random.Generator
) -> tuple[Slot, Value] | None:
    """A slot of a rule that holds a stock against itself, with a value that breaks it and no rule at another cell.

    before: the clean answers of the last quarter. None where there is no room for a jump.
    """
    options = [
        (rule, slot)
        for rule in steady_rules(around)
        for slot in answers
        if slot.question == rule.cell and slot in before
    ]
    for i in rng.permutation(len(options)):
        rule, slot = options[int(i)]
        for value in _values(rule, Decimal(before[slot]), around):
            if all(fault.cell == slot for fault in broken(answers | {slot: value}, around)):
                return slot, value
    return None


def steady_rules(around: Around) -> list[CompareRule]:
    """The rules in force that hold a stock against what it was in the quarter before."""
    return [
        rule
        for rule in around.then.rules
        if isinstance(rule, CompareRule)
        and rule.is_steady
        and rule.holds_in(around.period)
        and _last(around, rule.cell) == around.period.previous()
    ]


def _last(around: Around, code: str) -> Period | None:
    return asked_before(around.catalogue, code, around.period)


def _values(rule: CompareRule, before: Decimal, around: Around) -> Iterator[Value]:
    question = around.then.question[rule.cell]
    if rule.within is None:
        return
    room = max(rule.within.share * before, rule.within.least)
    for far in _BEYOND:
        moved = before + room * far + (1 if far > 0 else -1)
        value = Decimal(int(moved)) if question.type == "count" else moved
        if (question.min or 0) <= value <= (question.max or 0):
            yield int(value) if question.type == "count" else value
