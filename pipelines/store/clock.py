"""What time it is, as far as the store knows: the latest receipt. Judging «overdue» by it keeps a rebuild byte for byte the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import StoredSubmission


def latest_receipt(raw: Path, submissions: list[StoredSubmission]) -> datetime:
    """The latest time of receipt of any file or registry edition; the beginning of time for an empty store."""
    times = [submission.received_at for submission in submissions]
    times += [edition.received_at for edition in RegistryStore(raw).editions()]
    return max(times, default=datetime(1, 1, 1, tzinfo=UTC))
