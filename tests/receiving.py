"""What the tests of receiving share: a few workbooks, a registry, and the ways to put them in and to look."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from expectations import load_catalogue
from pipelines.intake.receive import ReceiptSummary, receive
from pipelines.registry.file import write_registry
from pipelines.store.submissions import StoredSubmission, SubmissionStore
from tests.workbooks import blank_form, filled_form, workbook_bytes

NOW = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
CATALOGUE = load_catalogue()
FORMS = [
    filled_form(kind, period, CATALOGUE)
    for kind, period in (("school", "2025Q1"), ("city", "2025Q1"), ("school", "2025Q2"))
]
WORKBOOKS = [workbook_bytes(form, CATALOGUE) for form in FORMS]
REGISTRY = write_registry([blank_form("city", "2025Q1").unit, blank_form("university", "2025Q1").unit])


def take(path: Path, raw: Path, now: datetime = NOW) -> ReceiptSummary:
    return receive(path, raw, CATALOGUE, now)


def listed(raw: Path) -> list[StoredSubmission]:
    return SubmissionStore(raw).list()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
