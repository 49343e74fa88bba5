"""What is due: which periods' inputs differ from those that the warehouse and the marts were made of.

A period's digest covers its submissions, the registry, the catalogue, the program, and the digest of the period before it: a late
correction of an old quarter makes every later quarter due, because cumulated values and flags look back.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from expectations import Catalogue, Period
from pipelines.marts.published import MartsUnavailable, PublishedRun
from pipelines.program import reader_key
from pipelines.registry.model import Registry
from pipelines.settings import Settings
from pipelines.store.clock import latest_receipt
from pipelines.store.closings import Closings, ClosingStore
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore
from pipelines.warehouse import require_rule_sql


@dataclass(frozen=True)
class Inputs:
    """Everything that the derived tables follow from, as it stands in data/raw and expectations/ now."""

    catalogue: Catalogue
    registry: Registry
    editions: tuple[tuple[datetime, Registry], ...]
    submissions: tuple[StoredSubmission, ...]
    closings: Closings
    clock: datetime

    @classmethod
    def gather(cls, settings: Settings, catalogue: Catalogue) -> Inputs:
        """Raises RegistryMissing where there is no registry yet, RuleWithoutSql where a rule lacks its file."""
        require_rule_sql(catalogue.rules)
        submissions = tuple(SubmissionStore(settings.raw).list())
        editions = tuple(RegistryStore(settings.raw).history(catalogue))
        registry = editions[-1][1]
        closings = ClosingStore(settings.raw, catalogue.calendar.local_date).current()
        clock = latest_receipt(settings.raw, list(submissions))
        return cls(catalogue, registry, editions, submissions, closings, clock)

    @cached_property
    def periods(self) -> list[Period]:
        """From the first period with a submission to the last, without gaps: the first submission opens a period."""
        claimed = [self._claimed_period(submission) for submission in self.submissions]
        opened = [period for period in claimed if period is not None]
        return min(opened).to(max(opened)) if opened else []

    def period_of(self, submission: StoredSubmission) -> str | None:
        """The period that a file is worked on with; None for one that belongs to none, or to one that had not begun."""
        period = self._claimed_period(submission)
        return str(period) if period is not None else None

    def _claimed_period(self, submission: StoredSubmission) -> Period | None:
        if submission.period is None:
            return None
        period, calendar = Period.parse(submission.period), self.catalogue.calendar
        has_begun = calendar.local_date(submission.received_at) >= period.first_day
        return period if has_begun and calendar.first_period <= period <= calendar.last_period else None

    @cached_property
    def reader_key(self) -> str:
        """Changes where the same file could be read differently."""
        return reader_key(self.catalogue, self.registry)

    def stopped(self, submission: StoredSubmission) -> date | None:
        """The day on which the file's period was closed, where that was before the file was put away; else None.

        Whatever an office says of when it had the file in hand: a close that a list of times could walk around would lock nothing.
        """
        return self.closings.stop(submission.unit_code, submission.period, submission.stored_at)

    def edition_of(self, submission: StoredSubmission) -> Registry:
        """The edition of the registry that was in force when the file came; the first one for a file that came before any."""
        known = [registry for received_at, registry in self.editions if received_at <= submission.received_at]
        return known[-1] if known else self.editions[0][1]

    def read_key(self, submission: StoredSubmission) -> str:
        """Changes where this file could be read, or judged by itself, differently."""
        closed_on, edition = self.stopped(submission), self.edition_of(submission)
        if closed_on is None and edition is self.registry:
            return self.reader_key
        return _digest(self.reader_key, str(closed_on), edition.sha256)

    @cached_property
    def digests(self) -> dict[str, str]:
        """The digest of each period, in order."""
        by_period: dict[str, list[str]] = {}
        for submission in self.submissions:
            by_period.setdefault(self.period_of(submission) or "", []).append(
                f"{submission.stored_as}\x1f{submission.file}\x1f{self.stopped(submission)}\x1f{self.edition_of(submission).sha256}"
            )
        digest = _digest(self.reader_key)
        digests: dict[str, str] = {}
        for period in self.periods:
            is_due = self.catalogue.calendar.due_at(period) < self.clock
            digest = _digest(digest, str(period), str(is_due), *sorted(by_period.get(str(period), [])))
            digests[str(period)] = digest
        return digests

    @cached_property
    def digest(self) -> str:
        """Of all inputs, the clock, the locks and the files without a period included."""
        files = sorted(
            f"{s.stored_as}\x1f{s.file}\x1f{s.sha256}\x1f{self.stopped(s)}\x1f{self.edition_of(s).sha256}"
            for s in self.submissions
        )
        locks = {str(period): str(self.closings.closed_on(str(period))) for period in self.periods}
        return _digest(json.dumps(self.digests), self.clock.isoformat(), json.dumps(locks), *files)

    def due(self, done: dict[str, str]) -> list[str]:
        """The periods to work on, given the digests that were worked on last; always a run to the end."""
        stale = [period for period, digest in self.digests.items() if done.get(period) != digest]
        return [period for period in self.digests if stale and period >= stale[0]]


def is_published(inputs: Inputs, settings: Settings) -> bool:
    """Whether the published marts already follow from these inputs."""
    try:
        return bool(PublishedRun.open(settings.marts).manifest.get("inputs") == inputs.digest)
    except MartsUnavailable:
        return False


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode("utf-8")).hexdigest()
