"""Which units show which sign, and when: long habits in few units, slips of one quarter in some submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from expectations import Period
from expectations.models.question import Question
from pipelines.registry.model import RegistryEntry
from pipelines.sample.faults import Key
from pipelines.sample.signs.misreadings import Misreading, misreadings
from pipelines.sample.signs.slips import FEWEST_EARLIER, Slipping, slipping
from pipelines.sample.streams import stream
from pipelines.sample.world import World

# Habits as a share of the units, slips as a share of the submissions; scarce kinds of units are given out first.
_HABITS: Final = {
    "bunching": 0.017,
    "digit_preference": 0.017,
    "outlier_peers": 0.067,
    "too_constant": 0.017,
}
_SLIPS: Final = {"copied_rows": 0.002, "outlier_own_history": 0.0105}
SIGN_CLASSES: Final = (*_SLIPS, *_HABITS)
# At most one unit in four shows a sign, so that in a small sample honest units stay the rule.
_UNITS_FOR_ONE = 4
_SLIPS_OF_ONE_UNIT = 3  # in its own history, each in another quarter
_HABIT_FROM_PERIODS = 4
_BUNCHING_BRANCHES, _ROUNDING_BRANCHES = 8, 12
_CONSTANT_MEMBERS = 14  # in the registry, so that there are 12 and more all the time
_FEWEST_ROWS, _MOST_ROWS_COPIED = 2, 6
_ALIKE = 0.1  # of the members, by which a branch may differ from the one whose row it repeats


@dataclass(frozen=True)
class CopiedRows:
    """Whose rows, of which period, are repeated: the branch there for each branch here."""

    unit_code: str
    period: Period
    rows: dict[str, str]


@dataclass(frozen=True)
class SignPlan:
    """One unit's sign: its class and the periods in which it is in effect, in order; what it needs to know beyond that.

    slips: of each period, what is tried first.
    """

    sign_class: str
    unit_code: str
    periods: tuple[Period, ...]
    branch_code: str | None = None
    misreading: Misreading | None = None
    copied: CopiedRows | None = None
    slips: Mapping[Period, Slipping] = field(default_factory=dict)

    def since(self, period: Period) -> Period:
        """Since when the sign has been there in a period: a slip is of its own quarter, everything else goes on."""
        return period if self.slips else self.periods[0]

    @property
    def keys(self) -> Iterator[Key]:
        """The submissions that it is about, and the one that its rows are copied from: none of them may have another fault."""
        yield from ((self.unit_code, period) for period in self.periods)
        if self.copied is not None:
            yield (self.copied.unit_code, self.copied.period)


def plan_signs(world: World) -> dict[str, SignPlan]:
    """Signs by unit: each class once where a unit can show it, then up to its share. Units with another planted part have none."""
    planner = _Planner(world, stream(world.seed, "signs"))
    units, submissions = planner.units, len(world.owed)
    wanted = {name: max(1, round(share * units)) for name, share in _HABITS.items()}
    wanted |= {name: max(1, round(share * submissions)) for name, share in _SLIPS.items()}
    wanted["outlier_own_history"] = -(-wanted["outlier_own_history"] // _SLIPS_OF_ONE_UNIT)
    for turn in range(max(wanted.values())):
        for name, count in wanted.items():
            if turn < count:
                planner.place(name)
    return planner.plan


class _Planner:
    """Gives signs to free units, one after another."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world, self.rng = world, rng
        self.plan: dict[str, SignPlan] = {}
        everyone = [unit for unit in world.registry.entries if not unit.is_branch]
        self.units = len(everyone)
        lasting = [unit for unit in everyone if self._lasts(unit) and not _has_a_part(world, unit.unit_code)]
        self._free = [lasting[i] for i in rng.permutation(len(lasting))]
        self._sources: set[str] = set()
        self._most = self.units // _UNITS_FOR_ONE
        kinds = slipping(world.catalogue)
        # Taken in turns, so that slips are spread evenly over what they may fall on.
        self._slipping = [kinds[i] for i in rng.permutation(len(kinds))]

    def place(self, name: str) -> None:
        """Give the sign to the first free unit that can show it; to none where no unit can."""
        if len(self.plan) >= self._most:
            return
        make: Callable[[RegistryEntry], SignPlan | None] = {
            "bunching": self._bunching,
            "digit_preference": self._digit_preference,
            "outlier_peers": self._outlier_peers,
            "too_constant": self._too_constant,
            "copied_rows": self._copied_rows,
            "outlier_own_history": self._outlier_own_history,
        }[name]
        for unit in self._free:
            sign = make(unit) if unit.unit_code not in self._sources else None
            if sign is not None:
                self.plan[unit.unit_code] = sign
                self._free.remove(unit)
                if sign.copied is not None:
                    self._sources.add(sign.copied.unit_code)
                return

    def _bunching(self, unit: RegistryEntry) -> SignPlan | None:
        return self._habit("bunching", unit) if len(self._branches(unit)) >= _BUNCHING_BRANCHES else None

    def _digit_preference(self, unit: RegistryEntry) -> SignPlan | None:
        enough = len(self._branches(unit)) >= _ROUNDING_BRANCHES
        return self._habit("digit_preference", unit) if enough else None

    def _too_constant(self, unit: RegistryEntry) -> SignPlan | None:
        large = [branch for branch in self._branches(unit) if branch.members >= _CONSTANT_MEMBERS]
        return self._habit("too_constant", unit, self._one_of(large)) if large else None

    def _outlier_peers(self, unit: RegistryEntry) -> SignPlan | None:
        """Misread from the first period on: nobody has seen it right."""
        if len(self.world.periods) < _HABIT_FROM_PERIODS:
            return None
        options = misreadings(unit, self._branches(unit))
        if not options:
            return None
        misreading = options[int(self.rng.integers(len(options)))]
        return SignPlan("outlier_peers", unit.unit_code, self.world.periods, misreading=misreading)

    def _habit(self, name: str, unit: RegistryEntry, branch: RegistryEntry | None = None) -> SignPlan | None:
        """From a period in the first half on, and for three quarters at least."""
        periods = self.world.periods
        if len(periods) < _HABIT_FROM_PERIODS:
            return None
        since = int(self.rng.integers(0, min(len(periods) // 2, len(periods) - 3) + 1))
        return SignPlan(name, unit.unit_code, periods[since:], branch.unit_code if branch else None)

    def _outlier_own_history(self, unit: RegistryEntry) -> SignPlan | None:
        slips: dict[Period, Slipping] = {}
        for codes in self._slipping:
            periods = [period for period in self._with_history(codes, unit) if period not in slips]
            if periods and len(slips) < _SLIPS_OF_ONE_UNIT:
                slips[periods[int(self.rng.integers(len(periods)))]] = codes
        if not slips:
            return None
        self._slipping.sort(key=lambda codes: codes in slips.values())
        return SignPlan("outlier_own_history", unit.unit_code, tuple(sorted(slips)), slips=slips)

    def _with_history(self, codes: Slipping, unit: RegistryEntry) -> list[Period]:
        """The periods that ask the unit, or a branch of it, for all of this and have enough such periods before them."""
        questions = [self.world.catalogue.question[code] for code in codes]
        if not all(self._is_asked(question, unit) for question in questions):
            return []
        quarters = self.world.catalogue.calendar.asked[questions[0].asked]
        return [period for period in self.world.periods if period.quarter in quarters][FEWEST_EARLIER:]

    def _is_asked(self, question: Question, unit: RegistryEntry) -> bool:
        if not question.is_for_branch:
            return question.applies_to(unit.kind)
        return any(question.applies_to(unit.kind, branch.category) for branch in self._branches(unit))

    def _copied_rows(self, unit: RegistryEntry) -> SignPlan | None:
        """Some rows are the last quarter's, or those of branches of the same size in another unit."""
        periods, branches = self.world.periods, self._branches(unit)
        if len(periods) < 2 or len(branches) <= _FEWEST_ROWS:
            return None
        period = periods[int(self.rng.integers(1, len(periods)))]
        most = min(_MOST_ROWS_COPIED, max(_FEWEST_ROWS, len(branches) // 2))
        count = int(self.rng.integers(_FEWEST_ROWS, most + 1))
        copied = self._from_another(unit, period, count) if self.rng.random() < 0.5 else None
        if copied is None:
            chosen = [branches[i].unit_code for i in sorted(self.rng.permutation(len(branches))[:count])]
            copied = CopiedRows(unit.unit_code, period.previous(), {code: code for code in chosen})
        return SignPlan("copied_rows", unit.unit_code, (period,), copied=copied)

    def _from_another(self, unit: RegistryEntry, period: Period, count: int) -> CopiedRows | None:
        for other in self._free:
            if other.kind != unit.kind or other == unit:
                continue
            rows: dict[str, str] = {}
            theirs = self._branches(other)
            for mine in self._branches(unit):
                like = next((b for b in theirs if _alike(mine, b) and b.unit_code not in rows.values()), None)
                if like is not None and len(rows) < count:
                    rows[mine.unit_code] = like.unit_code
            if len(rows) >= _FEWEST_ROWS:
                return CopiedRows(other.unit_code, period, rows)
        return None

    def _branches(self, unit: RegistryEntry) -> list[RegistryEntry]:
        return [branch for branch in self.world.branches.get(unit.unit_code, []) if self._lasts(branch)]

    def _lasts(self, entry: RegistryEntry) -> bool:
        return all(map(entry.holds_in, self.world.periods))

    def _one_of(self, entries: list[RegistryEntry]) -> RegistryEntry:
        return entries[int(self.rng.integers(len(entries)))]


def _alike(mine: RegistryEntry, theirs: RegistryEntry) -> bool:
    return mine.category == theirs.category and abs(mine.members - theirs.members) <= _ALIKE * mine.members


def _has_a_part(world: World, code: str) -> bool:
    planted = world.planted
    weak = any(branch.unit_code in planted.weak for branch in world.branches.get(code, []))
    return weak or code in planted.model or code in planted.worsening or code in planted.improving
