"""Which file of a unit for a period came last, so that a delivery can be told what it replaces, and what came together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pipelines.store.closings import Closings
from pipelines.store.layout import StoredName

_AT_ONCE = timedelta(seconds=1)


class Last(NamedTuple):
    """What came last; `file` is its sender's name for it, where it came with this delivery."""

    submission_id: str
    received_at: datetime
    file: str = ""


class Latest:
    """What came last of each unit for each period. What came after a close does not count, and is passed over."""

    def __init__(self, originals: Iterable[StoredName], closings: Closings) -> None:
        """originals: in the order of receipt."""
        self._last = {
            (name.unit_code, name.period): Last(name.submission_id, name.received_at)
            for name in originals
            if closings.stop(name.unit_code, name.period, name.received_at) is None
        }

    def of(self, unit_code: str | None, period: str | None) -> Last | None:
        return self._last.get((unit_code, period))

    def add(self, name: StoredName, file: str) -> tuple[StoredName, str | None]:
        """Take a file for the last of its unit and period; its name, and what to say where another came at the same time.

        Of two that come together the one whose name stands later is the later version, by a moment: which one counts is said,
        never left to chance.
        """
        key = (name.unit_code, name.period)
        twin, told = self._last.get(key), None
        if twin is not None and timedelta(0) <= twin.received_at - name.received_at < _AT_ONCE:
            name = replace(name, received_at=twin.received_at + timedelta(microseconds=1))
            other = f"“{twin.file}”" if twin.file else "另一份报表"
            told = (
                f"与{other}同时收到，都是{name.unit_code}{name.period}的报表；暂以文件名排在后面的“{file}”为准。"
                "如不对，请把应当采用的一份另存后单独报送"
            )
        self._last[key] = Last(name.submission_id, name.received_at, file)
        return name, told
