"""What raises a flag (预警), how grave it is, and on what evidence: flags.yaml. How each is judged stands in pipelines/sql/flags/."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args

from pydantic import Field, model_validator

from expectations.models.base import CatalogueEntry, DatedEntry

Level = Literal["red", "amber", "watch"]
LEVELS: tuple[Level, ...] = get_args(Level)
TrendSignal = Literal["astronomical", "trend", "two_of_three", "shift"]


def gravity(level: Level) -> int:
    """0 for the gravest."""
    return LEVELS.index(level)


class ReportingFlags(CatalogueEntry):
    """Of units that owe a submission which has fallen due."""

    clause: str
    not_reported: Level
    late: Level


class QualityFlags(CatalogueEntry):
    """Of the version that counts: figures under the gate, cells to correct, cells still to be explained."""

    clause: str
    under_gate: Level
    to_correct: Level
    to_explain: Level


class MissLevels(CatalogueEntry):
    """The level of a plain miss: of a standard that the policy states, and of one that is this system's own reading."""

    stated: Level
    reference: Level


class HolderLevels(CatalogueEntry):
    """Levels for units, and for branches."""

    unit: MissLevels
    branch: MissLevels


class NearlyAll(CatalogueEntry):
    """Of a standard of all: how many may be missing, or which share of those counted (whichever is more), for the milder level."""

    number: int = Field(ge=0)
    share: Decimal = Field(ge=0, lt=1)


class PerformanceFlags(CatalogueEntry):
    """When a standard that is missed is plainly missed, what is missed by little, and what is doubtful.

    evidence: of a share of counts, the largest exact one-sided p at the standard that is evidence; heads: of an amount per head, the heads
    whose absence is noise; periods: misses running that are flagged whatever each proves; repeated: the largest p of all of them together
    at which they have the plain level, and not the milder one; behind: of a yearly standard before its year ends.
    """

    evidence: Decimal = Field(gt=0, lt=1)
    heads: int = Field(ge=0)
    periods: int = Field(ge=2)
    repeated: Decimal = Field(gt=0, lt=1)
    nearly_all: NearlyAll
    levels: HolderLevels
    milder: HolderLevels
    doubtful: Level
    behind: Level

    @model_validator(mode="after")
    def _evidence_never_lowers(self) -> PerformanceFlags:
        plain, milder = _gravities(self.levels), _gravities(self.milder)
        if any(of_milder < of_plain for of_plain, of_milder in zip(plain, milder, strict=True)):
            raise ValueError("milder must not be graver than the plain level of the same miss")
        if min(gravity(self.doubtful), gravity(self.behind)) < max(milder):
            raise ValueError(
                "doubtful and behind must not be graver than any level of a plain or a milder miss"
            )
        if self.repeated < self.evidence:
            raise ValueError("repeated must not ask for more than evidence does")
        return self


def _gravities(levels: HolderLevels) -> tuple[int, ...]:
    holders = (levels.unit, levels.branch)
    return tuple(gravity(level) for holder in holders for level in (holder.stated, holder.reference))


class SignalLevel(CatalogueEntry):
    """What a signal of a control chart on the worse side weighs."""

    signal: TrendSignal
    level: Level


class TrendFlags(CatalogueEntry):
    """Which series are looked at, and what each signal weighs; a signal that is not named raises nothing."""

    grains: tuple[Literal["month", "quarter"], ...]
    signals: tuple[SignalLevel, ...]

    @model_validator(mode="after")
    def _once_each(self) -> TrendFlags:
        names = [entry.signal for entry in self.signals]
        if len(set(names)) < len(names) or len(set(self.grains)) < len(self.grains):
            raise ValueError("each grain and each signal stands once")
        return self


class PeerFlags(CatalogueEntry):
    """Outside the 99.8% limits of the peer group at once; outside the 95% limits after so many periods running."""

    outside_998: Level
    outside_95: Level
    periods: int = Field(ge=2)

    @model_validator(mode="after")
    def _evidence_never_lowers(self) -> PeerFlags:
        if gravity(self.outside_95) < gravity(self.outside_998):
            raise ValueError("outside_95 must not be graver than outside_998")
        return self


class PatternFlags(CatalogueEntry):
    """Questions of reviewers about how figures came about; never a failing."""

    clause: str
    level: Literal["watch"]


class FlagRules(DatedEntry):
    """One entry of flags.yaml: the rules of every kind of flag."""

    reporting: ReportingFlags
    quality: QualityFlags
    performance: PerformanceFlags
    trend: TrendFlags
    peer: PeerFlags
    pattern: PatternFlags
