"""Where a unit stands with a period, as the store knows it now: until when it may send, and what has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from expectations import Catalogue, Period
from pipelines.registry.model import RegistryEntry
from pipelines.store.closings import ClosingStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore


@dataclass(frozen=True)
class Standing:
    """closed_on: the day on which the period was closed to this unit, None while it may send; exempt: it may although it is closed.

    received: what was kept of the unit's files for the period, oldest first.
    """

    due_at: datetime
    closed_on: date | None
    exempt: bool
    received: tuple[StoredSubmission, ...]

    @property
    def newest(self) -> str | None:
        """The submission that came last."""
        return self.received[-1].submission_id if self.received else None


def begun_periods(catalogue: Catalogue, unit: RegistryEntry, now: datetime) -> list[Period]:
    """The periods for which the unit reports and that have begun, newest first: a file can be received from the first day on."""
    today = catalogue.calendar.local_date(now)
    return [p for p in reversed(catalogue.calendar.periods) if p.first_day <= today and unit.holds_in(p)]


def standing(raw: Path, catalogue: Catalogue, unit_code: str, period: Period, now: datetime) -> Standing:
    """Where the unit stands with the period now."""
    closings = ClosingStore(raw, catalogue.calendar.local_date).current()
    closed_on = closings.stop(unit_code, str(period), now)
    received = SubmissionStore(raw).of(unit_code, str(period))
    return Standing(
        catalogue.calendar.due_at(period),
        closed_on,
        closed_on is None and closings.closed_on(str(period)) is not None,
        tuple(submission for submission in received if submission.withheld is None),
    )


def locked_zh(period: Period, closed_on: date) -> str:
    """Why nothing can be handed in for a closed period, and what to do."""
    return (
        f"{period.label_zh}已于{closed_on}锁定，不再接收报送。"
        "确需补报的，请先向省委教育工委说明原因，批准例外后再交。"
    )
