"""The catalogue's rules between questions, on plain answers: which are broken, and how to mend or break them within bounds.

The pipeline has its own way to check the same rules; this one is for making answers only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from expectations import Catalogue, Period
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule
from pipelines.workbook.form import Slot, Value

_MOST_ROUNDS = 20


@dataclass(frozen=True)
class Comparison:
    """A rule of two sums on one row of a form, with the slots that it compares and the one where its finding stands."""

    rule: CompareRule
    left: tuple[Slot, ...]
    right: tuple[Slot, ...]
    cell: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        return self.left + self.right

    def gap(self, answers: dict[Slot, Value]) -> Decimal:
        """Left minus right."""
        return _total(answers, self.left) - _total(answers, self.right)

    def holds(self, answers: dict[Slot, Value]) -> bool:
        gap = self.gap(answers)
        return {"at_most": gap <= 0, "at_least": gap >= 0, "equal": gap == 0}[self.rule.compare]


def comparisons(answers: dict[Slot, Value], catalogue: Catalogue, period: Period) -> list[Comparison]:
    """Every comparison that is in force and has all of its answers, row by row."""
    rows: dict[str, list[Slot]] = {}
    for slot, value in answers.items():
        if isinstance(value, (int, Decimal)):
            rows.setdefault(slot.question, []).append(slot)
    found = []
    for rule in catalogue.rules:
        if not isinstance(rule, CompareRule) or not rule.holds_in(period):
            continue
        for first in rows.get(rule.left[0], []):
            left = tuple(first._replace(question=code) for code in rule.left)
            right = tuple(first._replace(question=code) for code in rule.right)
            if all(isinstance(answers.get(slot), (int, Decimal)) for slot in left + right):
                found.append(Comparison(rule, left, right, first._replace(question=rule.cell)))
    return found


def broken(answers: dict[Slot, Value], catalogue: Catalogue, period: Period) -> list[Comparison]:
    """The comparisons that do not hold."""
    return [
        comparison for comparison in comparisons(answers, catalogue, period) if not comparison.holds(answers)
    ]


def wanted_texts(answers: dict[Slot, Value], catalogue: Catalogue, period: Period) -> set[Slot]:
    """The slots that a conditional requirement wants filled, given the other answers."""
    return {
        slot._replace(question=rule.question)
        for rule in catalogue.rules
        if isinstance(rule, RequiredRule) and rule.holds_in(period)
        for slot, value in answers.items()
        if slot.question == rule.when and str(value) == rule.equals
    }


def mend(answers: dict[Slot, Value], catalogue: Catalogue, period: Period) -> None:
    """Change answers, as little as the bounds allow, until every comparison holds. Raises ValueError where none can."""
    for _ in range(_MOST_ROUNDS):
        faults = broken(answers, catalogue, period)
        if not faults:
            return
        for fault in faults:
            _mend_one(fault, answers, catalogue)
    raise ValueError(f"no answers can satisfy {', '.join(sorted({fault.rule.rule for fault in faults}))}")


def _mend_one(fault: Comparison, answers: dict[Slot, Value], catalogue: Catalogue) -> None:
    """Lower the larger side, the last slot first, and only then raise the smaller one."""
    gap = fault.gap(answers)
    larger, smaller = (fault.left, fault.right) if gap > 0 else (fault.right, fault.left)
    rest = abs(gap)
    for slot in reversed(larger):
        rest -= _move(slot, -rest, answers, catalogue.question[slot.question])
    for slot in smaller:
        rest -= _move(slot, rest, answers, catalogue.question[slot.question])


def _move(slot: Slot, by: Decimal, answers: dict[Slot, Value], question: Question) -> Decimal:
    """Change one answer within its bounds; how much of it was possible, as a positive number."""
    before = Decimal(answers[slot])
    after = min(max(before + by, question.min or Decimal(0)), question.max or before)
    answers[slot] = _as_answer(after, question)
    return abs(after - before)


def breaches(comparison: Comparison, answers: dict[Slot, Value], catalogue: Catalogue) -> Iterator[Value]:
    """Values of the rule's own cell that stay within bounds and break the rule: by 1 and by more."""
    question = catalogue.question[comparison.cell.question]
    gap, value = comparison.gap(answers), Decimal(answers[comparison.cell])
    on_left = comparison.cell in comparison.left
    # The cell moves up where that widens the wrong side: left of at_most and equal, right of at_least.
    up = on_left == (comparison.rule.compare != "at_least")
    needed = -gap if comparison.rule.compare == "at_most" else gap
    for excess in (1, 2, max(3, int(abs(value) * Decimal("0.2")))):
        moved = value + (needed + excess if up else -(needed + excess))
        if (question.min or 0) <= moved <= (question.max or 0):
            yield _as_answer(moved, question)


def _as_answer(number: Decimal, question: Question) -> Value:
    return int(number) if question.type == "count" else number


def _total(answers: dict[Slot, Value], slots: tuple[Slot, ...]) -> Decimal:
    return sum((Decimal(answers[slot]) for slot in slots), Decimal(0))
