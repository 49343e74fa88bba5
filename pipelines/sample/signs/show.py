"""One unit's sign in one period: the answers that show it, and the places that the truth names."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from expectations import Catalogue, Period
from pipelines.sample.answers import UnitAnswers
from pipelines.sample.rules import Answers
from pipelines.sample.signs.attendance import ATTENDED, bunched, constant, rounded
from pipelines.sample.signs.copies import with_copied_rows
from pipelines.sample.signs.misreadings import misread
from pipelines.sample.signs.plan import SignPlan
from pipelines.sample.signs.slips import slip
from pipelines.sample.streams import stream
from pipelines.workbook.form import Slot


class Place(NamedTuple):
    """What a sign is about: a cell (its slot), or rows or the whole of the ledger (no slot)."""

    branch_code: str | None
    question: str | None
    slot: Slot | None = None


def show(
    sign: SignPlan, answering: UnitAnswers, answers: Answers, period: Period
) -> tuple[Answers, list[Place]]:
    """The answers of the period with the sign in them; no place, and the answers as they were, where it cannot be shown."""
    world = answering.world
    if sign.sign_class == "bunching":
        standard = _standard(world.catalogue, period)
        return bunched(world.seed, sign.unit_code, period, answers, standard), [Place(None, ATTENDED)]
    if sign.sign_class == "digit_preference":
        return rounded(world.seed, sign.unit_code, period, answers), [Place(None, ATTENDED)]
    if sign.branch_code is not None:
        return constant(world.seed, sign.branch_code, answers), [Place(sign.branch_code, ATTENDED)]
    if sign.copied is not None:
        other = world.registry.by_code[sign.copied.unit_code]
        source = answering if other == answering.unit else UnitAnswers(world, other)
        shown = with_copied_rows(
            answers,
            period,
            source.at(sign.copied.period),
            sign.copied.period,
            sign.copied.rows,
            world.catalogue,
        )
        return shown, [Place(code, None) for code in sign.copied.rows]
    if sign.misreading is not None:
        shown, slots = misread(sign.misreading, answers, world.catalogue)
    else:
        earlier = [answering.at(p) for p in world.periods if p < period]
        later = [answering.at(p) for p in world.periods if p > period]
        rng = stream(world.seed, sign.unit_code, period, "slip")
        shown, slots = slip(sign.slips[period], answers, earlier, later, answering.around(period), rng)
    return shown, [Place(slot.branch_code, slot.question, slot) for slot in slots]


def _standard(catalogue: Catalogue, period: Period) -> Decimal:
    """The share of those expected that must attend."""
    (indicator,) = (i for i in catalogue.indicators if i.numerator.sum == (ATTENDED,) and i.is_percentage)
    standard = indicator.standard_in(period)
    if standard is None:
        raise ValueError(f"{indicator.indicator} has no standard in {period}")
    return standard.value
