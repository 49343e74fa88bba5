"""What the charts must know of an indicator: how its points vary by nature, and what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from expectations import Catalogue, Period
from expectations.models.calendar import Calendar
from expectations.models.indicator import Indicator
from pipelines.windows import accumulates, is_proportion


@dataclass(frozen=True)
class Measure:
    """One indicator.

    nature: share (k of n trials), count (whole events), amount (anything above 0) or difference (may be negative); target and
    compare: the standard in force, None without one; adds_up: whether it is a year's, of which a point is a part.
    """

    indicator: str
    nature: Literal["share", "count", "amount", "difference"]
    direction: Literal["higher", "lower"]
    target: float | None
    compare: str | None
    adds_up: bool


def measure(indicator: Indicator, catalogue: Catalogue, period: Period) -> Measure:
    """The measure with the standard that is in force in the period."""
    standard = indicator.standard_in(period)
    target = None if standard is None else float(standard.value)
    adds_up = accumulates(indicator, catalogue)
    compare = None if standard is None else standard.compare
    nature = _nature(indicator, catalogue)
    return Measure(indicator.indicator, nature, indicator.direction, target, compare, adds_up)


def _nature(indicator: Indicator, catalogue: Catalogue) -> Literal["share", "count", "amount", "difference"]:
    if indicator.numerator.minus:
        return "difference"
    if is_proportion(indicator, catalogue):
        return "share"
    decimal = any(catalogue.question[code].type == "decimal" for code in indicator.numerator.sum)
    return "amount" if decimal else "count"


def standards(
    indicator: Indicator, points: Sequence[str], known: Measure, calendar: Calendar
) -> dict[str, float]:
    """For each point at whose end a standard is in force: the standard, or the part of a year's that the calendar expects of the point."""
    found = {}
    for point in points:
        year, rest = int(point[:4]), point[4:]
        is_month = rest.startswith("-")
        quarter = (int(rest[1:]) + 2) // 3 if is_month else int(rest[1:]) if rest else 4
        period = Period(year, quarter)
        standard = indicator.standard_in(period)
        if standard:
            asked = float(standard.value)
            if known.adds_up and rest:
                asked *= float(calendar.pace_of(period)) / (len(period.months) if is_month else 1)
            found[point] = asked
    return found
