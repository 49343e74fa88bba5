"""Submissions in which a rule that asks for an explanation is broken: with a good one beside it, or with none that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeGuard

import numpy as np

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule, Rule
from pipelines.registry.model import RegistryEntry
from pipelines.sample.faults import Key
from pipelines.sample.remarks import nothing, place_of, reason
from pipelines.sample.rules import Answers, Around, broken, steady_cells
from pipelines.sample.spoil import spoil
from pipelines.sample.streams import stream
from pipelines.sample.world import World
from pipelines.workbook.form import Slot

UNEXPLAINED: Final = "unexplained"
EXPLAINED: Final = "explained"
# Of the submissions that can break such a rule, for each of the two; one of each where there are ten.
_SHARE = 0.025
_ROOM_FOR_ONE = 10


@dataclass(frozen=True)
class Explained:
    """Answers that break one rule of severity explain, the slot where its finding stands, and the texts in 情况说明."""

    answers: Answers
    slot: Slot
    texts: dict[Slot, str]


def plan_explained(world: World, taken: set[Key]) -> dict[Key, str]:
    """`explained` or `unexplained` by unit and period. taken: submissions that have another fault or a sign."""
    rng = stream(world.seed, "explained")
    candidates = [
        (unit.unit_code, period)
        for unit, period in world.owed
        if (unit.unit_code, period) not in taken
        and unit.unit_code not in world.planted.model
        and _is_asked(world, unit, period)
    ]
    count = max(round(_SHARE * len(candidates)), int(len(candidates) >= _ROOM_FOR_ONE))
    chosen = [candidates[i] for i in rng.permutation(len(candidates))[: 2 * count]]
    return {key: (UNEXPLAINED, EXPLAINED)[i % 2] for i, key in enumerate(chosen)}


def explain(kind: str, answers: Answers, around: Around, world: World) -> Explained | None:
    """The answers with one such rule broken, explained or not; None where none can be broken."""
    rng = stream(world.seed, around.unit.unit_code, around.period, "explained")
    spoilt = spoil(UNEXPLAINED, answers, around, set(), rng)
    if spoilt is None:
        return None
    place = place_of(spoilt.slot)
    texts = (
        {place: _good(spoilt.answers, spoilt.slot, around, rng)}
        if kind == EXPLAINED
        else nothing(
            place, _names(spoilt.slot, around, world), _others(place, answers, around.catalogue), rng
        )
    )
    return Explained(spoilt.answers, spoilt.slot, texts)


def _good(answers: Answers, slot: Slot, around: Around, rng: np.random.Generator) -> str:
    missed = next(
        row for row in broken(answers, around) if row.cell == slot and row.rule.severity == "explain"
    )
    return reason(missed, answers, rng, around.period.year, around.period.quarter)


def _names(slot: Slot, around: Around, world: World) -> tuple[str, ...]:
    branch = world.registry.by_code.get(slot.branch_code or "")
    label = around.then.question[slot.question].label_zh
    return (around.unit.name, label, *((branch.name,) if branch else ()))


def _others(place: Slot, answers: Answers, catalogue: Catalogue) -> list[Slot]:
    """The other rows of the same sheet that can hold a text."""
    if place.branch_code is not None:
        branches = dict.fromkeys(slot.branch_code for slot in answers if slot.branch_code is not None)
        return [Slot("", branch) for branch in branches if branch != place.branch_code]
    dimension = catalogue.dimension_of(catalogue.question[place.question].clause)
    return [
        slot
        for slot in answers
        if slot.branch_code is None
        and slot != place
        and catalogue.dimension_of(catalogue.question[slot.question].clause) == dimension
    ]


def _is_asked(world: World, unit: RegistryEntry, period: Period) -> bool:
    """Whether the unit is asked all that some comparison of severity explain needs."""
    questions, columns = world.form(unit.kind, period)
    forms = ({question.code for question in questions}, {column.question.code for column in columns})
    then = world.catalogue.as_of(period).rules
    steady = steady_cells(then)
    return any(
        set(rule.here) <= form
        for rule in then
        if _asks(rule, period) and rule.cell not in steady
        for form in forms
    )


def _asks(rule: Rule, period: Period) -> TypeGuard[CompareRule]:
    is_comparison = isinstance(rule, CompareRule) and not rule.asks_history
    return is_comparison and rule.severity == "explain" and rule.holds_in(period)
