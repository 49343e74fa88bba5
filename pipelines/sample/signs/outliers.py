"""Figures far from their like: one slip of the keyboard in one quarter, or a unit of measure misread from the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

import numpy as np

from expectations import Catalogue
from expectations.models.question import Question
from pipelines.registry.model import RegistryEntry
from pipelines.sample.rules import Answers, Around, broken
from pipelines.workbook.form import Slot

Way = Literal["per_head", "days"]

# Sums over heads, and the heads that they are for.
_HEADS: Final = {"L3.4b": "L3.4a", "L3.5b": "L3.5a", "S1.3b": "S1.3a", "S4.8b": "L3.4a"}
# Cells that a slip falls on; the ledger has the most, attendance is added up from one list and goes wrong on both sides.
_SLIP_CELLS: Final = (("L3.4b",), ("L3.4b",), ("L3.5b",), ("S1.3b",), ("L3.2a", "L3.2b"))
_HOURS_A_DAY = 8
_FEWEST_MEMBERS = {"L3.4b": 6, "S4.8b": 10}
_WHOLE_LEDGER_BRANCHES = 5
# Anybody would ask: at least twice the largest, or at most half of the least, of what ever stood in the cell.
_PLAIN_FACTOR = 2
_FEWEST_OTHERS = 7


@dataclass(frozen=True)
class Misreading:
    """A question whose unit of measure is misread. branch_codes: whose rows; none for the own form."""

    question: str
    way: Way
    branch_codes: tuple[str, ...] = ()


def misreadings(unit: RegistryEntry, branches: Sequence[RegistryEntry]) -> list[Misreading]:
    """What the unit, or one of its branches, may misread; a small unit's clerk fills all rows alike."""
    found = [Misreading("L3.5b", "per_head"), Misreading("L3.5b", "days")]
    if unit.kind == "city":
        found += [Misreading("S1.3b", "per_head")] * 2
    fit = {
        question: tuple(b.unit_code for b in branches if b.members >= least)
        for question, least in _FEWEST_MEMBERS.items()
    }
    found += [Misreading("L3.4b", "per_head", (code,)) for code in fit["L3.4b"][-1:]]
    found += [Misreading("L3.4b", "days", (code,)) for code in fit["L3.4b"][:1]]
    found += [Misreading("S4.8b", "per_head", (code,)) for code in fit["S4.8b"][:1]]
    if len(branches) <= _WHOLE_LEDGER_BRANCHES and len(fit["L3.4b"]) == len(branches):
        found.append(Misreading("L3.4b", "per_head", fit["L3.4b"]))
    return found


def misread(misreading: Misreading, answers: Answers, catalogue: Catalogue) -> tuple[Answers, list[Slot]]:
    """The answers with the misread ones, and their slots; none in a period that does not ask the question."""
    slots = [Slot(misreading.question, code) for code in misreading.branch_codes or (None,)]
    asked = [slot for slot in slots if slot in answers]
    by_days = misreading.way == "days"
    changed = {slot: _as_days(slot, answers) if by_days else _each(slot, answers) for slot in asked}
    return answers | _fitting(changed, catalogue), asked


def slip(
    answers: Answers,
    others: Sequence[Answers],
    around: Around,
    rng: np.random.Generator,
) -> tuple[Answers, list[Slot]]:
    """The answers with one slip that anybody would ask about, and its slots; unchanged where there is no room for one.

    others: the unit's answers of all other periods. No comparison between answers is broken by it.
    """
    before = len(broken(answers, around))
    for changed in _slips(answers, rng):
        within = all(
            _is_within(around.then.question[slot.question], value) for slot, value in changed.items()
        )
        if not within or not all(_is_plain(slot, value, others) for slot, value in changed.items()):
            continue
        after = answers | _fitting(changed, around.then)
        if len(broken(after, around)) == before:
            return after, list(changed)
    return answers, []


def _slips(answers: Answers, rng: np.random.Generator) -> Iterator[dict[Slot, Decimal]]:
    """Slips to try, in random order: cells first, then what goes wrong there."""
    for i in rng.permutation(len(_SLIP_CELLS)):
        codes = _SLIP_CELLS[i]
        rows = [slot for slot in answers if slot.question == codes[0]]
        if rows:
            row = rows[int(rng.integers(len(rows)))]
            slips = _slips_of([row._replace(question=code) for code in codes], answers)
            yield from (slips[j] for j in rng.permutation(len(slips)))


def _slips_of(slots: list[Slot], answers: Answers) -> list[dict[Slot, Decimal]]:
    """A zero too many or a point lost; of one cell alone also the mean for the sum, and two digits the wrong way round."""
    values = [Decimal(answers[slot]) for slot in slots]
    tenfold = dict(zip(slots, (value * 10 for value in values), strict=True))
    if len(slots) > 1:
        return [tenfold]
    return [
        tenfold,
        {slots[0]: _each(slots[0], answers)},
        *({slots[0]: v} for v in swapped_digits(values[0])),
    ]


def swapped_digits(value: Decimal) -> list[Decimal]:
    """The number with two neighbouring digits of its whole part exchanged: 27.5 → 72.5. None that begin with 0."""
    whole, rest = divmod(value, 1)
    digits = str(int(whole))
    swapped = (
        digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        for i in range(len(digits) - 1)
        if digits[i] != digits[i + 1]
    )
    return [Decimal(text) + rest for text in swapped if text[0] != "0"]


def _each(slot: Slot, answers: Answers) -> Decimal:
    """The mean for each head instead of the sum."""
    heads = max(Decimal(answers.get(slot._replace(question=_HEADS[slot.question]), 1)), Decimal(1))
    return (Decimal(answers[slot]) / heads).quantize(Decimal("0.1"))


def _as_days(slot: Slot, answers: Answers) -> Decimal:
    """Days, in halves, instead of hours."""
    return (Decimal(answers[slot]) / _HOURS_A_DAY * 2).quantize(Decimal(1)) / 2


def _is_plain(slot: Slot, value: Decimal, others: Iterable[Answers]) -> bool:
    seen = [Decimal(answers[slot]) for answers in others if slot in answers]
    if len(seen) < _FEWEST_OTHERS or min(seen) <= 0:
        return False
    return value >= _PLAIN_FACTOR * max(seen) or value * _PLAIN_FACTOR <= min(seen)


def _is_within(question: Question, value: Decimal) -> bool:
    return (question.min or 0) <= value <= (question.max or 0)


def _fitting(values: dict[Slot, Decimal], catalogue: Catalogue) -> Answers:
    """As a workbook takes them: whole numbers for counts."""
    return {
        slot: int(value) if catalogue.question[slot.question].type == "count" else value
        for slot, value in values.items()
    }
