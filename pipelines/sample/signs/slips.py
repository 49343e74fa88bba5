"""A slip of the keyboard in one quarter: a zero too many, a digit left out or exchanged, the mean for the sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from expectations import Catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule
from expectations.models.term import AnswerTerm
from pipelines.sample.rules import Answers, Around, broken
from pipelines.sample.signs.misreadings import HEADS, fitting, mean_for_sum
from pipelines.workbook.form import Slot

# Questions that one slip falls on: one, or a whole and its part that are added up from one list.
Slipping = tuple[str, ...]

_ASKED_OFTEN: Final = ("quarterly", "semester")
# Anybody would ask: at least twice the largest, or at most half of the least, of what ever stood in the cell.
_PLAIN_FACTOR = 2
# Answers to the question before the slip, without which nothing can be told from history.
FEWEST_EARLIER = 7


def slipping(catalogue: Catalogue) -> list[Slipping]:
    """What a slip may fall on: counts and hours that are counted anew each quarter or half-year, alone, and both sides of «part of whole»."""
    counted = [
        q.code for q in catalogue.questions if q.is_number and q.nature == "flow" and q.asked in _ASKED_OFTEN
    ]
    pairs = [
        (whole.answer, part.answer)
        for rule in catalogue.rules
        if isinstance(rule, CompareRule) and rule.compare == "at_most" and len(rule.left) == len(rule.right) == 1
        for part, whole in zip(rule.left, rule.right, strict=True)
        if isinstance(part, AnswerTerm) and isinstance(whole, AnswerTerm)
    ]  # fmt: skip
    return [*((code,) for code in counted), *(pair for pair in pairs if set(pair) <= set(counted))]


def slip(
    first: Slipping,
    answers: Answers,
    earlier: Sequence[Answers],
    later: Sequence[Answers],
    around: Around,
    rng: np.random.Generator,
) -> tuple[Answers, list[Slot]]:
    """The answers with one slip that anybody would ask about, and its slots; unchanged where there is no room for one.

    first: where it is tried first; elsewhere in random order. earlier, later: the unit's answers of all other periods. No comparison
    between answers is broken by it.
    """
    before = len(broken(answers, around))
    for changed in _slips(first, answers, around, rng):
        within = all(
            _is_within(around.then.question[slot.question], value) for slot, value in changed.items()
        )
        if not within or not all(
            _is_plain(slot, value, answers, earlier, later) for slot, value in changed.items()
        ):
            continue
        after = answers | fitting(changed, around.then)
        if len(broken(after, around)) == before:
            return after, list(changed)
    return answers, []


def _slips(
    first: Slipping, answers: Answers, around: Around, rng: np.random.Generator
) -> Iterator[dict[Slot, Decimal]]:
    """Slips to try: questions first, then their rows and months, then what goes wrong there."""
    options = slipping(around.then)
    others = [options[i] for i in rng.permutation(len(options)) if options[i] != first]
    for codes in (first, *others):
        rows = [slot for slot in answers if slot.question == codes[0]]
        for i in rng.permutation(len(rows)):
            slots = [rows[i]._replace(question=code) for code in codes]
            slips = _slips_of(slots, answers) if all(slot in answers for slot in slots) else []
            yield from (slips[j] for j in rng.permutation(len(slips)))


def _slips_of(slots: list[Slot], answers: Answers) -> list[dict[Slot, Decimal]]:
    """A zero too many or a point lost; of one cell alone also a digit left out, two of them exchanged, and the mean for the sum."""
    values = [Decimal(answers[slot]) for slot in slots]
    tenfold = dict(zip(slots, (value * 10 for value in values), strict=True))
    if len(slots) > 1:
        return [tenfold]
    (slot,), (value,) = slots, values
    alone = [*digits_left_out(value), *swapped_digits(value)]
    if slot.question in HEADS:
        alone.append(mean_for_sum(slot, answers))
    return [tenfold, *({slot: wrong} for wrong in alone)]


def digits_left_out(value: Decimal) -> list[Decimal]:
    """The number without the last digit of its whole part: 27.5 → 2.5. None of a number under ten."""
    whole, rest = divmod(value, 1)
    return [Decimal(int(whole) // 10) + rest] if whole >= 10 else []


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


def _is_plain(
    slot: Slot, value: Decimal, answers: Answers, earlier: Sequence[Answers], later: Sequence[Answers]
) -> bool:
    """Beside every other answer to the question in this row, in whatever month."""
    before = _like(slot, earlier)
    seen = [*before, *_like(slot, later), *_like(slot, [answers], but=slot)]
    if len(before) < FEWEST_EARLIER or min(seen) <= 0:
        return False
    return value >= _PLAIN_FACTOR * max(seen) or value * _PLAIN_FACTOR <= min(seen)


def _like(slot: Slot, periods: Sequence[Answers], but: Slot | None = None) -> list[Decimal]:
    return [
        Decimal(value)
        for answers in periods
        for other, value in answers.items()
        if other[:2] == slot[:2] and other != but
    ]


def _is_within(question: Question, value: Decimal) -> bool:
    return (question.min or 0) <= value <= (question.max or 0)
