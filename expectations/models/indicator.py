"""An indicator (指标): numerator and denominator over questions, and the standards that it has had."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import model_validator

from expectations.models.base import CatalogueEntry, DatedEntry, Words
from expectations.period import Period

Operation = Literal["sum", "minus", "in_place", "asked"]


class Side(CatalogueEntry):
    """A numerator or a denominator: a sum over answers.

    sum / minus: their values; in_place: how many are «yes» or above 0; asked: how many cells were due; one: 1 for each unit.
    """

    sum: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    in_place: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    one: bool = False

    @model_validator(mode="after")
    def _not_empty(self) -> Side:
        if self.one == bool(self.questions):
            raise ValueError("a side is either `one: true` or names questions")
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        return self.sum + self.minus + self.in_place + self.asked

    def terms(self) -> list[tuple[Operation, str]]:
        """(operation, question) pairs, in order."""
        operations: tuple[Operation, ...] = ("sum", "minus", "in_place", "asked")
        return [(operation, question) for operation in operations for question in getattr(self, operation)]


class Standard(DatedEntry):
    """A number to reach; `stated` is true where the policy itself gives it, false where it is this project's reading."""

    value: Decimal
    compare: Literal["at_least", "above", "at_most"]
    stated: bool = False


class Indicator(CatalogueEntry):
    """numerator / denominator at its finest `grain`; rolled up as a ratio of sums or as the share of units that meet."""

    indicator: str
    clause: str
    grain: Literal["unit", "branch"]
    label_zh: Words
    label_en: Words
    unit: str
    rollup: Literal["ratio_of_sums", "share_meeting"]
    direction: Literal["higher", "lower"] = "higher"
    numerator: Side
    denominator: Side
    standards: tuple[Standard, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Indicator:
        starts = [standard.effective_from for standard in self.standards]
        if starts != sorted(set(starts)):
            raise ValueError("standards must stand in the order of their effective dates, one a date")
        if self.rollup == "share_meeting" and not self.standards:
            raise ValueError("a share of units that meet needs a standard")
        if self.rollup == "share_meeting" and self.grain == "branch":
            raise ValueError("a unit rolls its branches up as a ratio of sums")
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.numerator.questions + self.denominator.questions))

    @property
    def is_percentage(self) -> bool:
        return self.unit == "%"

    def standard_in(self, period: Period) -> Standard | None:
        """The standard in force on the last day of the period: the latest that has begun."""
        in_force = [standard for standard in self.standards if standard.holds_in(period)]
        return in_force[-1] if in_force else None
