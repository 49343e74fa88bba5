"""Closed periods: what is received after the close no longer counts, unless the unit has an exception with a reason and an end.

Each decision is a file of its own in data/raw/closings, under its time, and never changed: what counts follows from all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from expectations import Period
from pipelines.failures import UserMistake
from pipelines.store.layout import CLOSINGS, StoredName
from pipelines.store.submissions import write_whole

CLOSE, REOPEN, EXEMPT = "close", "reopen", "exempt"


class ClosingError(UserMistake):
    """A decision that cannot be taken. The message is Chinese and says what to do."""


class Exemption(NamedTuple):
    """A unit that may still send its form for a closed period, to the end of a day of the calendar's time zone."""

    unit_code: str
    until: date
    reason: str


@dataclass(frozen=True)
class Lock:
    """A closed period: since when, and who may still send."""

    closed_at: datetime
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True)
class Decision:
    """One close, reopening or exemption, as it was taken."""

    kind: str
    period: str
    decided_at: datetime
    unit_code: str | None = None
    until: date | None = None
    reason: str | None = None


class Closings:
    """All decisions taken together: which periods are closed now, and for whom not."""

    def __init__(self, decisions: Iterable[Decision], local_date: Callable[[datetime], date]) -> None:
        self._local_date = local_date
        self.locks: dict[str, Lock] = {}
        for decision in sorted(decisions, key=lambda d: d.decided_at):
            self._take(decision)

    def _take(self, decision: Decision) -> None:
        lock = self.locks.get(decision.period)
        if decision.kind == CLOSE and lock is None:
            self.locks[decision.period] = Lock(decision.decided_at)
        elif decision.kind == REOPEN:
            self.locks.pop(decision.period, None)
        elif decision.kind == EXEMPT and lock is not None and decision.unit_code and decision.until:
            exemption = Exemption(decision.unit_code, decision.until, decision.reason or "")
            self.locks[decision.period] = Lock(lock.closed_at, (*lock.exemptions, exemption))

    def closed_on(self, period: str) -> date | None:
        """The day on which a period was closed, in the calendar's time zone; None where it is open."""
        lock = self.locks.get(period)
        return self._local_date(lock.closed_at) if lock is not None else None

    def stop(self, unit_code: str | None, period: str | None, received_at: datetime) -> date | None:
        """The day on which the period was closed, where a file of this unit came after that and has no exemption; else None.

        An exemption covers what came between the close and its end, also before it was granted: the file that asked for it.
        """
        lock = self.locks.get(period) if period else None
        if lock is None or period is None or received_at <= lock.closed_at:
            return None
        day = self._local_date(received_at)
        if any(e.unit_code == unit_code and day <= e.until for e in lock.exemptions):
            return None
        return self.closed_on(period)


class ClosingStore:
    """The decisions below data/raw/closings. The caller of a method that writes holds the lock of the store."""

    def __init__(self, raw: Path, local_date: Callable[[datetime], date]) -> None:
        self.folder = raw / CLOSINGS
        self._local_date = local_date

    def current(self) -> Closings:
        """All decisions taken together."""
        files = self.folder.glob("*.json") if self.folder.is_dir() else []
        named = [(path, StoredName.parse(path.stem)) for path in sorted(files)]
        return Closings([_read(path, name) for path, name in named if name is not None], self._local_date)

    def close(self, period: Period, now: datetime, due_at: datetime) -> bool:
        """Close a period; False where it is closed already. Raises ClosingError before its due date."""
        if now <= due_at:
            last_day = self._local_date(due_at)
            raise ClosingError(f"{period.label_zh}的报送截止日期是{last_day}，尚未截止，不能锁定。")
        if str(period) in self.current().locks:
            return False
        self._write(Decision(CLOSE, str(period), now))
        return True

    def reopen(self, period: Period, now: datetime, reason: str) -> None:
        """Open a closed period again. Raises ClosingError where it is not closed."""
        if str(period) not in self.current().locks:
            raise ClosingError(f"{period.label_zh}没有锁定，不需要重新开放。")
        self._write(Decision(REOPEN, str(period), now, reason=reason))

    def exempt(self, period: Period, unit_code: str, until: date, reason: str, now: datetime) -> None:
        """Let one unit send for a closed period up to a day. Raises ClosingError."""
        lock = self.current().locks.get(str(period))
        if lock is None:
            raise ClosingError(f"{period.label_zh}没有锁定，不需要例外。")
        if until < self._local_date(lock.closed_at):
            raise ClosingError(
                f"例外的截止日期（{until}）早于锁定日期（{self._local_date(lock.closed_at)}），不起作用。请另定日期。"
            )
        self._write(Decision(EXEMPT, str(period), now, unit_code, until, reason))

    def _write(self, decision: Decision) -> None:
        facts = {
            "kind": decision.kind, "period": decision.period, "unit_code": decision.unit_code,
            "until": decision.until.isoformat() if decision.until else None, "reason": decision.reason,
        }  # fmt: skip
        content = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode("utf-8")
        digest = hashlib.sha256(content).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{StoredName(None, None, decision.decided_at, digest).stem}.json", content)


def _read(path: Path, name: StoredName) -> Decision:
    facts = json.loads(path.read_text("utf-8"))
    until = date.fromisoformat(facts["until"]) if facts["until"] else None
    return Decision(
        facts["kind"], facts["period"], name.received_at, facts["unit_code"], until, facts["reason"]
    )
