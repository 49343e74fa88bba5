"""Which file of a unit for a period came last, so that a delivery can be told what it replaces, and what came together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pipelines.store.closings import Closings
from pipelines.store.layout import StoredName
from pipelines.store.submissions import StoredSubmission

_AT_ONCE = timedelta(seconds=1)


class Came(NamedTuple):
    """A file that can count, and when it came."""

    received_at: datetime
    submission_id: str
    file: str


class Latest:
    """What came of each unit for each period and can count: nothing that was withheld, or put away after a close."""

    def __init__(self, stored: Iterable[StoredSubmission], closings: Closings) -> None:
        self._came: dict[tuple[str | None, str | None], list[Came]] = defaultdict(list)
        for s in stored:
            if s.withheld is None and closings.stop(s.unit_code, s.period, s.stored_at) is None:
                self._came[s.unit_code, s.period].append(Came(s.received_at, s.submission_id, s.file))

    def of(self, unit_code: str | None, period: str | None) -> Came | None:
        """What came last."""
        return max(self._came.get((unit_code, period), []), default=None)

    def add(self, name: StoredName, file: str) -> tuple[StoredName, str | None]:
        """Take note of a file; its name, and what to say where others of its unit and period came at the same time.

        Of those that come together the one whose name stands later is the later version, by a moment: which one counts is said,
        never left to chance.
        """
        came, told = self._came[name.unit_code, name.period], None
        at_once = [c for c in came if timedelta(0) <= c.received_at - name.received_at < _AT_ONCE]
        if at_once:
            twin = max(at_once)
            name = replace(name, received_at=twin.received_at + timedelta(microseconds=1))
            told = (
                f"与“{twin.file}”同时收到，都是{name.unit_code}{name.period}的报表；暂以文件名排在后面的“{file}”为准。"
                "如不对，请把应当采用的一份另存后单独报送"
            )
        came.append(Came(name.received_at, name.submission_id, file))
        return name, told
