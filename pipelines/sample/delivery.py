"""How a file comes in: under which name, and when. Most come in the last two weeks before the due time, in office hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from expectations import Catalogue, Period
from pipelines.registry.model import RegistryEntry
from pipelines.sample.streams import stream

WORKBOOKS = "workbooks"
_DAYS_BEFORE, _EARLY_DAYS_BEFORE = 15, 8
_MOST_DAYS_LATE = 25
_REGISTRY_DAYS_AFTER = 30
# Office hours on the clock of the calendar's time zone, in minutes of the day.
_OPENS, _CLOSES = 8 * 60 + 20, 17 * 60 + 40


def file_path(seed: int, unit: RegistryEntry, period: Period, *, corrected: bool = False) -> str:
    """Path relative to the sample. A unit keeps to its habit of naming; no two files have the same name."""
    style = int(stream(seed, unit.unit_code, "file name").integers(3))
    stem = (
        f"{unit.unit_code}_{period}",
        f"{unit.name}_{period.label_zh}",
        f"{period}三型党组织报表（{unit.name}）",
    )[style]
    return f"{WORKBOOKS}/{period}/{stem}{'_更正' if corrected else ''}.xlsx"


def time_on_time(
    seed: int, catalogue: Catalogue, unit: RegistryEntry, period: Period, *, early: bool = False
) -> datetime:
    """A time before the due time; `early` leaves a week for what must come after it."""
    rng = stream(seed, unit.unit_code, period, "received")
    days = rng.uniform(_EARLY_DAYS_BEFORE, _DAYS_BEFORE) if early else _DAYS_BEFORE * rng.beta(1.0, 1.5)
    return _office_time(catalogue, period, -int(days), int(rng.integers(_OPENS * 60, _CLOSES * 60)))


def time_late(seed: int, catalogue: Catalogue, unit: RegistryEntry, period: Period) -> datetime:
    """A time from 1 to 25 days after the due day."""
    rng = stream(seed, unit.unit_code, period, "received late")
    days = int(rng.integers(1, _MOST_DAYS_LATE + 1))
    return _office_time(catalogue, period, days, int(rng.integers(_OPENS * 60, _CLOSES * 60)))


def time_between(
    seed: int, unit: RegistryEntry, period: Period, after: datetime, before: datetime
) -> datetime:
    """A time well inside the two others: for what follows another file."""
    share = stream(seed, unit.unit_code, period, "received between").uniform(0.1, 0.6)
    return after + timedelta(seconds=int(share * (before - after).total_seconds()))


def time_of_registry(catalogue: Catalogue, last: Period) -> datetime:
    """The registry is an extract that was made a month after the last period was due."""
    return _office_time(catalogue, last, _REGISTRY_DAYS_AFTER, 9 * 60 * 60)


def stamp(time: datetime) -> str:
    """ISO 8601 in UTC: 2025-10-09T08:30:00Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _office_time(catalogue: Catalogue, period: Period, days_from_due: int, second_of_day: int) -> datetime:
    due = catalogue.calendar.due_at(period).astimezone(ZoneInfo(catalogue.calendar.time_zone))
    midnight = due.replace(hour=0, minute=0, second=0) + timedelta(days=days_from_due)
    return (midnight + timedelta(seconds=second_of_day)).astimezone(UTC)
