"""Attendance that is filled in rather than counted: just enough, always the same share, or in round numbers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import numpy as np

from expectations import Period
from pipelines.sample.rules import Answers
from pipelines.sample.streams import stream
from pipelines.workbook.form import Slot

EXPECTED, ATTENDED = "L3.7a", "L3.7b"
# How such a unit's months really are: around the standard, differently in each branch, with good and bad months.
_AROUND, _MONTHLY = (-0.05, 0.02), 0.04
_REACH = 0.12  # of those expected, that may be missing for a month to be «nearly enough»
_LIFTED, _JUST_ENOUGH = 0.9, 0.75
_SHARES = (0.92, 0.97)
_ROUND, _ROUNDED_FROM, _ROUNDED = 5, 20, 0.92

Months = Iterator[tuple[Slot, int, int]]


def least_enough(expected: int, standard: Decimal) -> int:
    """The least number that meets the standard, in whole persons."""
    return int((expected * standard).to_integral_value(ROUND_CEILING))


def bunched(seed: int, unit_code: str, period: Period, answers: Answers, standard: Decimal) -> Answers:
    """All branches attend about as the standard asks; most months that miss it narrowly, or just meet it, are reported as enough."""
    rng = stream(seed, unit_code, period, "bunching")
    changed: Answers = {}
    for slot, expected, _ in _months(answers):
        usual = float(standard) + stream(seed, slot.branch_code, "usual attendance").uniform(*_AROUND)
        came = int(rng.binomial(expected, np.clip(usual + _MONTHLY * rng.standard_normal(), 0.5, 1.0)))
        least = least_enough(expected, standard)
        is_lifted, is_exact = rng.random() < _LIFTED, rng.random() < _JUST_ENOUGH
        if is_lifted and least - max(2, round(_REACH * expected)) <= came <= least + 1:
            came = least if is_exact else min(least + 1, expected)
        changed[slot] = came
    return answers | changed


def constant(seed: int, branch_code: str, answers: Answers) -> Answers:
    """One branch reports the same share of those expected each month: in whole persons, and not simply everybody."""
    months = [month for month in _months(answers) if month[0].branch_code == branch_code]
    fewest = min((expected for _, expected, _ in months if expected), default=1)
    highest = max(_SHARES[0], min(_SHARES[1], 1 - 0.6 / fewest))
    share = Decimal(_SHARES[0]) + Decimal(highest - _SHARES[0]) * Decimal(
        stream(seed, branch_code, "share").random()
    )
    return answers | {
        slot: int((expected * share).quantize(Decimal(1), ROUND_HALF_UP)) for slot, expected, _ in months
    }


def rounded(seed: int, unit_code: str, period: Period, answers: Answers) -> Answers:
    """Numbers of 20 and more mostly end in 0 or 5, and are never above those expected."""
    rng = stream(seed, unit_code, period, "rounding")
    changed: Answers = {}
    for slot, expected, came in _months(answers):
        is_rounded = rng.random() < _ROUNDED
        if is_rounded and came >= _ROUNDED_FROM:
            nearest = _ROUND * ((came + _ROUND // 2) // _ROUND)
            changed[slot] = nearest if nearest <= expected else nearest - _ROUND
    return answers | changed


def _months(answers: Answers) -> Months:
    """The ledger's months: slot of those who came, number expected, number who came."""
    for slot, came in answers.items():
        expected = answers.get(slot._replace(question=EXPECTED))
        if slot.question == ATTENDED and isinstance(came, int) and isinstance(expected, int):
            yield slot, expected, came
