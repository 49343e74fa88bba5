"""A unit of measure that is misread from the start: days for hours, the mean for the sum, 元 for 万元."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from expectations import Catalogue
from pipelines.registry.model import RegistryEntry
from pipelines.sample.rules import Answers
from pipelines.workbook.form import Slot

Way = Literal["per_head", "days", "hours", "yuan"]

# Sums over heads, and the heads that they are for.
HEADS: Final[Mapping[str, str]] = {"L3.4b": "L3.4a", "L3.5b": "L3.5a", "S1.3b": "S1.3a", "S4.8b": "L3.4a"}
_HOURS_A_DAY = 8
_YUAN_IN_10000 = 10_000
_FEWEST_MEMBERS: Final = {"L3.4b": 6, "S4.8b": 10}
_WHOLE_LEDGER_BRANCHES = 5
# A larger unit's budget in 元 would be beyond what the form takes.
_MOST_MEMBERS_IN_YUAN = 120


@dataclass(frozen=True)
class Misreading:
    """Questions whose unit of measure is misread. branch_codes: whose rows; none for the own form."""

    questions: tuple[str, ...]
    way: Way
    branch_codes: tuple[str, ...] = ()


def misreadings(unit: RegistryEntry, branches: Sequence[RegistryEntry]) -> list[Misreading]:
    """What the unit, or one of its branches, may misread; a small unit's clerk fills all rows alike."""
    found = [Misreading(("L3.5b",), "per_head"), Misreading(("L3.5b",), "days")]
    if unit.kind == "city":
        found += [Misreading(("S1.3b",), "per_head"), Misreading(("S1.3b",), "hours")]
    if sum(branch.members for branch in branches) <= _MOST_MEMBERS_IN_YUAN:
        found.append(Misreading(("S4.1a", "S4.1b"), "yuan"))
    fit = {
        question: tuple(b.unit_code for b in branches if b.members >= least)
        for question, least in _FEWEST_MEMBERS.items()
    }
    found += [Misreading(("L3.4b",), "per_head", (code,)) for code in fit["L3.4b"][-1:]]
    found += [Misreading(("L3.4b",), "days", (code,)) for code in fit["L3.4b"][:1]]
    found += [Misreading(("S4.8b",), "per_head", (code,)) for code in fit["S4.8b"][:1]]
    if len(branches) <= _WHOLE_LEDGER_BRANCHES and len(fit["L3.4b"]) == len(branches):
        found.append(Misreading(("L3.4b",), "per_head", fit["L3.4b"]))
    return found


def misread(misreading: Misreading, answers: Answers, catalogue: Catalogue) -> tuple[Answers, list[Slot]]:
    """The answers with the misread ones, and their slots.

    None in a period that does not ask the question, nor where the form would refuse the number.
    """
    slots = [
        Slot(code, branch) for code in misreading.questions for branch in misreading.branch_codes or (None,)
    ]
    changed = {slot: _misread(misreading.way, slot, answers) for slot in slots if slot in answers}
    if any(value > (catalogue.question[slot.question].max or value) for slot, value in changed.items()):
        return answers, []
    return answers | fitting(changed, catalogue), list(changed)


def _misread(way: Way, slot: Slot, answers: Answers) -> Decimal:
    value = Decimal(answers[slot])
    if way == "per_head":
        return mean_for_sum(slot, answers)
    if way == "days":  # in halves
        return (value / _HOURS_A_DAY * 2).quantize(Decimal(1)) / 2
    return value * (_HOURS_A_DAY if way == "hours" else _YUAN_IN_10000)


def mean_for_sum(slot: Slot, answers: Answers) -> Decimal:
    """The mean for each head."""
    heads = max(Decimal(answers.get(slot._replace(question=HEADS[slot.question]), 1)), Decimal(1))
    return (Decimal(answers[slot]) / heads).quantize(Decimal("0.1"))


def fitting(values: Mapping[Slot, Decimal], catalogue: Catalogue) -> Answers:
    """As a workbook takes them: whole numbers for counts."""
    return {
        slot: int(value) if catalogue.question[slot.question].type == "count" else value
        for slot, value in values.items()
    }
