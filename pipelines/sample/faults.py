"""Which submission is faulty, and how: the plan of faults over the whole sample, every class at least once where there is room."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from expectations import Period
from pipelines.registry.model import RegistryEntry
from pipelines.sample.jumps import steady_rules
from pipelines.sample.rules import Around
from pipelines.sample.streams import stream
from pipelines.sample.world import World

# Classes with their weights. Faults of a cell may come in pairs; the others are faults of a whole file.
CELL_CLASSES: Final = {"missing": 18, "text_in_number": 15, "out_of_range": 15, "attended_over_expected": 15}
FILE_CLASSES: Final = {
    "wrong_unit_code": 4,
    "wrong_period": 4,
    "old_template": 4,
    "copied_ledger": 5,
    "late": 10,
    "absent": 4,
    "resubmitted": 10,
}
# These leave most of a submission usable.
_PARTIAL: Final = {*CELL_CLASSES, "late", "resubmitted"}
# These leave nothing of the unit's quarter to be judged.
_STOPPING: Final = {"wrong_unit_code", "wrong_period", "old_template", "absent"}
_SHARE = 0.135
# Beside these, from a stream of their own: stocks that jump for one quarter.
JUMPED: Final = "against_last"
_JUMPED_SHARE = 0.012
_PAIR_SHARE = 0.25

Key = tuple[str, Period]


@dataclass(frozen=True)
class Plan:
    """The faults of one submission: one class, or two of a cell. `source`: whose ledger, of which period, is copied."""

    classes: tuple[str, ...]
    source: Key | None = None


def plan_faults(world: World, kept: Collection[Key] = frozenset()) -> dict[Key, Plan]:
    """Faulty submissions by unit and period. Model units have none, nor those in `kept`; what must stay judgeable is touched last."""
    rng = stream(world.seed, "faults")
    owed = world.owed
    candidates = [
        owed[i] for i in rng.permutation(len(owed)) if owed[i][0].unit_code not in world.planted.model
    ]
    candidates.sort(key=lambda pair: _is_needed(world, *pair))
    weights = _possible(world)
    wanted = [str(name) for name in rng.permutation(list(weights))]
    total = min(max(round(_SHARE * len(owed)), len(wanted)), len(owed) // 2)
    chances = np.array(list(weights.values())) / sum(weights.values())
    wanted += [str(name) for name in rng.choice(list(weights), max(0, total - len(wanted)), p=chances)]
    planner = _Planner(world, candidates, kept)
    # The copies first: each needs another submission that stays clean.
    for name in sorted(wanted[:total], key=lambda name: name != "copied_ledger"):
        planner.place(name, pair=bool(rng.random() < _PAIR_SHARE), other=str(rng.choice(list(CELL_CLASSES))))
    planner.place_jumps(max(1, round(_JUMPED_SHARE * len(owed))), stream(world.seed, "faults", JUMPED))
    return planner.plan


def _possible(world: World) -> dict[str, int]:
    """Classes that this sample can hold at all."""
    weights = CELL_CLASSES | FILE_CLASSES
    if not world.catalogue.identity.older_template_versions:
        del weights["old_template"]
    return weights


def _is_needed(world: World, unit: RegistryEntry, period: Period) -> bool:
    """True where the planted truth should show: weak branches in their first two periods, units with a trend throughout."""
    planted = world.planted
    if unit.unit_code in planted.worsening or unit.unit_code in planted.improving:
        return True
    begins = (planted.weak.get(branch.unit_code) for branch in world.branches.get(unit.unit_code, []))
    return any(since is not None and since <= period <= since.next() for since in begins)


def _spared(world: World) -> tuple[set[str], set[str]]:
    """Units that keep every clause answered: one of each kind has no fault at all; the only one of its kind no fault of a whole file."""
    spared: set[str] = set()
    alone: set[str] = set()
    lasting = [
        unit
        for unit in world.registry.entries
        if not unit.is_branch and all(map(unit.holds_in, world.periods))
    ]
    for kind in {unit.kind for unit in lasting}:
        codes = sorted(unit.unit_code for unit in lasting if unit.kind == kind)
        (spared if len(codes) > 1 else alone).add(codes[0])
    return spared, alone


class _Planner:
    """Places faults on candidates, one submission after another, and keeps the sources of copies clean."""

    def __init__(
        self, world: World, candidates: list[tuple[RegistryEntry, Period]], kept: Collection[Key]
    ) -> None:
        self.world, self.candidates = world, candidates
        self.plan: dict[Key, Plan] = {}
        self._kept = frozenset(kept)
        self._clean: set[Key] = set(kept)
        self._spared, self._alone = _spared(world)

    def place(self, name: str, *, pair: bool, other: str) -> None:
        """Put a fault of the class on the first candidate that can take it; none where no candidate can."""
        for i, (unit, period) in enumerate(self.candidates):
            key = (unit.unit_code, period)
            if key in self._clean or (name in _STOPPING and _is_needed(self.world, unit, period)):
                continue
            if unit.unit_code in self._spared or (unit.unit_code in self._alone and name not in _PARTIAL):
                continue
            source = None
            if name == "copied_ledger":
                source = next((s for s in self._sources(unit, period) if s not in self._kept), None)
            if name == "copied_ledger" and source is None:
                continue
            if source is not None:
                self._clean.add(source)
            self.plan[key] = Plan((name, other) if pair and name in CELL_CLASSES else (name,), source)
            del self.candidates[i]
            return

    def place_jumps(self, wanted: int, rng: np.random.Generator) -> None:
        """Let stocks jump in so many submissions that have no other fault, each after a clean one, which it is held against."""
        for i in rng.permutation(len(self.candidates)):
            unit, period = self.candidates[int(i)]
            key, before = (unit.unit_code, period), (unit.unit_code, period.previous())
            if wanted == 0:
                return
            if key in self._clean or before in self.plan or unit.unit_code in self._spared | self._alone:
                continue
            if _is_needed(self.world, unit, period) or before[1] not in self.world.periods:
                continue
            if unit.holds_in(before[1]) and self._can_jump(unit, period):
                self.plan[key] = Plan((JUMPED,))
                self._clean.add(before)
                wanted -= 1

    def _can_jump(self, unit: RegistryEntry, period: Period) -> bool:
        """Whether the unit is asked a stock that a rule holds against the quarter before, and the next file finds it back."""
        following = (unit.unit_code, period.next())
        asked = {q.code for q in self.world.form(unit.kind, period)[0]}
        asked |= {column.question.code for column in self.world.form(unit.kind, period)[1]}
        steady = steady_rules(Around(self.world.catalogue, period, unit, ()))
        return following not in self._jumping and any(rule.cell in asked for rule in steady)

    @property
    def _jumping(self) -> set[Key]:
        return {key for key, plan in self.plan.items() if plan.classes == (JUMPED,)}

    def _sources(self, unit: RegistryEntry, period: Period) -> Iterator[Key]:
        """Ledgers that this one can be a copy of: the unit's last one; in the last period also one of a like unit.

        Only in the last period, because a foreign ledger's members would seem to jump in the next.
        """
        before = (unit.unit_code, period.previous())
        if self._repeats_last(unit, period) and before not in self.plan:
            yield before
        if period != self.world.periods[-1]:
            return
        for other in self._alike[self._shape(unit, period)]:
            if other != unit and (other.unit_code, period) not in self.plan:
                yield (other.unit_code, period)

    def _repeats_last(self, unit: RegistryEntry, period: Period) -> bool:
        """True where the same branches were asked every question of this ledger in the last period too."""
        last = period.previous()
        if last not in self.world.periods or not unit.holds_in(last):
            return False
        now, before = (
            {column.question.code for column in self.world.form(unit.kind, p)[1]} for p in (period, last)
        )
        branches = self.world.branches.get(unit.unit_code, [])
        return now <= before and all(branch.holds_in(period) == branch.holds_in(last) for branch in branches)

    @cached_property
    def _alike(self) -> dict[tuple[str, ...], list[RegistryEntry]]:
        """The units of the last period by the shape of their ledger."""
        alike: dict[tuple[str, ...], list[RegistryEntry]] = {}
        for unit in self.world.registry.units_in(self.world.periods[-1]):
            alike.setdefault(self._shape(unit, self.world.periods[-1]), []).append(unit)
        return alike

    def _shape(self, unit: RegistryEntry, period: Period) -> tuple[str, ...]:
        """Kind of the unit and categories of its branches, in order: alike, the same cells are asked."""
        branches = self.world.branches.get(unit.unit_code, [])
        return (unit.kind, *(branch.category for branch in branches if branch.holds_in(period)))
