"""The calendar: which periods exist, what is asked in which quarter, and when a submission is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainSerializer, model_validator

from expectations.models.base import CatalogueEntry
from expectations.period import Period

PeriodField = Annotated[
    Period,
    BeforeValidator(lambda value: Period.parse(value) if isinstance(value, str) else value),
    PlainSerializer(str),
]


class Calendar(CatalogueEntry):
    """calendar.yaml as a whole."""

    first_period: PeriodField
    last_period: PeriodField
    asked: dict[Literal["quarterly", "semester", "yearly"], tuple[int, ...]]
    pace: tuple[Decimal, Decimal, Decimal, Decimal]
    due_day: int
    time_zone: str

    @model_validator(mode="after")
    def _consistent(self) -> Calendar:
        if set(self.asked) != {"quarterly", "semester", "yearly"}:
            raise ValueError("asked must give the quarters of quarterly, semester and yearly")
        if any(not quarters or not set(quarters) <= {1, 2, 3, 4} for quarters in self.asked.values()):
            raise ValueError("asked must name quarters 1 to 4")
        if not all(0 < share < later for share, later in pairwise(self.pace)) or self.pace[-1] != 1:
            raise ValueError("pace must rise from quarter to quarter, from above 0 to 1")
        if any(share != round(share, 4) for share in self.pace):
            raise ValueError("pace has at most four decimals")
        if self.time_zone not in available_timezones():
            raise ValueError(f"«{self.time_zone}» is no time zone")
        if not 1 <= self.due_day <= 28:
            raise ValueError("due_day must be a day that every month has, 1 to 28")
        if self.last_period < self.first_period:
            raise ValueError("last_period is before first_period")
        return self

    @property
    def periods(self) -> list[Period]:
        return self.first_period.to(self.last_period)

    def pace_of(self, period: Period) -> Decimal:
        """The part of a year's standard that is expected of the quarter alone; the four of a year add up to 1."""
        before = self.pace[period.quarter - 2] if period.quarter > 1 else Decimal(0)
        return self.pace[period.quarter - 1] - before

    def local_date(self, time: datetime) -> date:
        """The day on which a UTC time falls for the offices."""
        return time.astimezone(ZoneInfo(self.time_zone)).date()

    def due_at(self, period: Period) -> datetime:
        """The end of the due day in the month after the quarter, as a UTC time."""
        first = period.next().first_day
        local = datetime.combine(first.replace(day=self.due_day), time(23, 59, 59), ZoneInfo(self.time_zone))
        return local.astimezone(UTC)
