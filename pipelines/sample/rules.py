"""The catalogue's rules between questions, on plain answers: which are broken, and how to mend or break them within bounds.

The pipeline has its own way to check the same rules; this one is for making answers only. Rules that ask about other submissions
are kept by what the answers are drawn from (model.yaml), and broken in jumps.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from expectations import Catalogue, Period
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule, Rule
from expectations.models.term import AnswerTerm, BranchesTerm, LedgerTerm, ProductTerm, RegistryTerm, Term
from pipelines.registry.model import RegistryEntry
from pipelines.workbook.form import Slot, Value

_MOST_ROUNDS = 20
Answers = dict[Slot, Value]


@dataclass(frozen=True)
class Around:
    """What the answers of a form stand in: the catalogue, the period, the unit and its branches."""

    catalogue: Catalogue
    period: Period
    unit: RegistryEntry
    branches: tuple[RegistryEntry, ...]

    @property
    def then(self) -> Catalogue:
        return self.catalogue.as_of(self.period)


@dataclass(frozen=True)
class Comparison:
    """A comparison on one row of a form, and the slot where its finding stands."""

    rule: CompareRule
    cell: Slot
    around: Around

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All slots that it has to do with."""
        return tuple(slot for term in self.rule.terms for slot in self._slots(term))

    def own(self, terms: tuple[Term, ...]) -> list[Slot]:
        """The slots of a side that are answers by themselves: these can be moved by as much as the side should move."""
        return [slot for term in terms if isinstance(term, AnswerTerm) for slot in self._slots(term)]

    def sides(self, answers: Answers) -> tuple[Decimal, Decimal] | None:
        """Left and right; None where a part is missing."""
        numbers = [
            [self._number(term, answers) for term in side] for side in (self.rule.left, self.rule.right)
        ]
        left, right = ([n for n in side if n is not None] for side in numbers)
        if [len(left), len(right)] != [len(side) for side in numbers]:
            return None
        return sum(left, Decimal(0)), sum(right, Decimal(0))

    def excess(self, answers: Answers) -> Decimal:
        """By how much the left is too large (above 0) or too small (below 0); 0 where the rule holds or compares nothing."""
        sides = self.sides(answers)
        if sides is None:
            return Decimal(0)
        gap, within = sides[0] - sides[1], self.rule.within
        room = max(within.share * sides[1], within.least) if within else Decimal(0)
        too_large = max(gap - room, Decimal(0)) if self.rule.compare != "at_least" else Decimal(0)
        too_small = min(gap + room, Decimal(0)) if self.rule.compare != "at_most" else Decimal(0)
        return too_large or too_small

    def _slots(self, term: Term) -> list[Slot]:
        if isinstance(term, LedgerTerm):
            question = self.around.then.question[term.ledger]
            return [
                Slot(term.ledger, branch.unit_code)
                for branch in self.around.branches
                if question.applies_to(self.around.unit.kind, branch.category)
            ]
        return [self.cell._replace(question=code) for code in term.here]

    def _number(self, term: Term, answers: Answers) -> Decimal | None:
        if isinstance(term, BranchesTerm):
            kinds = [branch.category for branch in self.around.branches]
            return Decimal(len(kinds) if term.branches == "all" else kinds.count(term.branches))
        if isinstance(term, RegistryTerm):
            entries = {entry.unit_code: entry for entry in (self.around.unit, *self.around.branches)}
            return Decimal(entries[self.cell.branch_code or self.around.unit.unit_code].members)
        parts = [answers.get(slot) for slot in self._slots(term)]
        numbers = [Decimal(part) for part in parts if isinstance(part, int | Decimal)]
        if not parts or len(numbers) != len(parts):
            return None
        return numbers[0] * numbers[1] if isinstance(term, ProductTerm) else sum(numbers, Decimal(0))


def comparisons(answers: Answers, around: Around) -> list[Comparison]:
    """Every comparison that is in force and has all of its answers, row by row."""
    rows: dict[str, list[Slot]] = {}
    for slot, value in answers.items():
        if isinstance(value, (int, Decimal)):
            rows.setdefault(slot.question, []).append(slot)
    found = [
        Comparison(rule, slot, around)
        for rule in around.then.rules
        if isinstance(rule, CompareRule) and not rule.asks_history and rule.holds_in(around.period)
        for slot in rows.get(rule.cell, [])
    ]
    return [comparison for comparison in found if comparison.sides(answers) is not None]


def broken(answers: Answers, around: Around) -> list[Comparison]:
    """The comparisons that do not hold."""
    return [comparison for comparison in comparisons(answers, around) if comparison.excess(answers)]


def steady_cells(rules: Iterable[Rule]) -> set[str]:
    """The stocks that are held against what they were the last time."""
    return {rule.cell for rule in rules if isinstance(rule, CompareRule) and rule.is_steady}


def wanted_texts(answers: Answers, around: Around) -> set[Slot]:
    """The slots that a conditional requirement wants filled, given the other answers."""
    return {
        slot._replace(question=rule.question)
        for rule in around.then.rules
        if isinstance(rule, RequiredRule) and rule.holds_in(around.period)
        for slot, value in answers.items()
        if slot.question == rule.when and str(value) == rule.equals
    }


def mend(answers: Answers, around: Around) -> None:
    """Change answers, as little as the bounds allow, until every comparison holds. Raises ValueError where none can."""
    for _ in range(_MOST_ROUNDS):
        faults = broken(answers, around)
        if not faults:
            return
        for fault in faults:
            _mend_one(fault, answers)
    raise ValueError(f"no answers can satisfy {', '.join(sorted({fault.rule.rule for fault in faults}))}")


def _mend_one(fault: Comparison, answers: Answers) -> None:
    """Lower the larger side, the last slot first, and only then raise the smaller one."""
    excess, question = fault.excess(answers), fault.around.then.question
    rule = fault.rule
    larger, smaller = (rule.left, rule.right) if excess > 0 else (rule.right, rule.left)
    rest = abs(excess)
    for slot in reversed(fault.own(larger)):
        rest -= _move(slot, -rest, answers, question[slot.question])
    for slot in fault.own(smaller):
        rest -= _move(slot, rest, answers, question[slot.question])


def _move(slot: Slot, by: Decimal, answers: Answers, question: Question) -> Decimal:
    """Change one answer within its bounds; how much of it was possible, as a positive number."""
    before = Decimal(answers[slot])
    after = min(max(before + by, question.min or Decimal(0)), question.max or before)
    answers[slot] = _as_answer(after, question)
    return abs(after - before)


def breaches(comparison: Comparison, answers: Answers) -> Iterator[Value]:
    """Values of the rule's own cell that stay within bounds and break the rule: by 1 and by more."""
    question = comparison.around.then.question[comparison.cell.question]
    value, sides = Decimal(answers[comparison.cell]), comparison.sides(answers)
    if sides is None or comparison.cell not in (
        *comparison.own(comparison.rule.left),
        *comparison.own(comparison.rule.right),
    ):
        return
    on_left, rule = comparison.cell in comparison.own(comparison.rule.left), comparison.rule
    room = max(rule.within.share * sides[1], rule.within.least) if rule.within else Decimal(0)
    # The cell moves up where that widens the wrong side: left of at_most and equal, right of at_least.
    up = on_left == (rule.compare != "at_least")
    needed = room + (sides[0] - sides[1]) * (1 if rule.compare == "at_least" else -1)
    for excess in (1, 2, max(3, int(abs(value) * Decimal("0.2")))):
        moved = value + (needed + excess if up else -(needed + excess))
        if (question.min or 0) <= moved <= (question.max or 0):
            yield _as_answer(moved, question)


def _as_answer(number: Decimal, question: Question) -> Value:
    return int(number) if question.type == "count" else number
