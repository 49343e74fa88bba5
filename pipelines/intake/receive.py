"""Receiving: candidates into the store, idempotent by content, with the time of receipt."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from expectations import Catalogue
from pipelines.intake.reading import identify
from pipelines.intake.sources import RECEIPTS_FILE, REGISTRY_FILE, Source, expand
from pipelines.registry.model import is_unit_code
from pipelines.store.layout import StoredName
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import SubmissionStore

_EARLIEST_YEAR = 2000


class ReceiptsError(Exception):
    """receipts.csv cannot be used; the message is Chinese, with the line."""


@dataclass
class ReceiptSummary:
    """What one `receive` did: counts by outcome, and (file, reason) for what was not taken."""

    counts: Counter[str] = field(default_factory=Counter)
    registry_taken: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    unidentified: list[str] = field(default_factory=list)


def receive(
    path: Path,
    raw: Path,
    catalogue: Catalogue,
    now: datetime,
    progress: Callable[[str], None] | None = None,
) -> ReceiptSummary:
    """Put what `path` holds into data/raw. Raises RegistryError or ReceiptsError before anything of the folder is taken."""
    summary = ReceiptSummary()
    times = _receipt_times(path, now)
    with writing(raw):
        _receive_registry(path, raw, catalogue, times.get(REGISTRY_FILE, now), summary)
        store = SubmissionStore(raw)
        for source in expand(path):
            _receive_one(source, store, times.get(source.name, now), summary)
            if progress is not None:
                progress(source.name)
    return summary


def _receive_registry(
    path: Path, raw: Path, catalogue: Catalogue, received_at: datetime, summary: ReceiptSummary
) -> None:
    file = path / REGISTRY_FILE
    if file.is_file():
        summary.registry_taken = RegistryStore(raw).add(file.read_bytes(), received_at, catalogue)


def _receive_one(
    source: Source, store: SubmissionStore, received_at: datetime, summary: ReceiptSummary
) -> None:
    if source.content is None:
        summary.counts["not_taken"] += 1
        summary.problems.append((source.name, source.problem or ""))
        return
    digest = hashlib.sha256(source.content).hexdigest()
    if store.find(digest) is not None:
        summary.counts["already"] += 1
        return
    unit_code, period = identify(source.content)
    if unit_code is None or period is None or not is_unit_code(unit_code):
        name = StoredName(None, None, received_at, digest[:16])
        summary.unidentified.append(source.name)
        summary.counts["unidentified"] += 1
    else:
        name = StoredName(unit_code, str(period), received_at, digest[:16])
        summary.counts["received"] += 1
    store.add(source.content, name, source.name, source.suffix)


def _receipt_times(path: Path, now: datetime) -> dict[str, datetime]:
    """Times of receipt by file, from receipts.csv (columns file, received_at), where the folder brings one."""
    file = path / RECEIPTS_FILE
    if not path.is_dir() or not file.is_file():
        return {}
    try:
        rows = csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
    except UnicodeDecodeError:
        raise ReceiptsError(f"{RECEIPTS_FILE}不是UTF-8编码。请另存为UTF-8后重新接收。") from None
    if rows.fieldnames is None or not {"file", "received_at"} <= set(rows.fieldnames):
        raise ReceiptsError(f"{RECEIPTS_FILE}第1行应有 file 和 received_at 两列。")
    times: dict[str, datetime] = {}
    try:
        lines = [(rows.line_num, row) for row in rows]
    except csv.Error:
        raise ReceiptsError(f"{RECEIPTS_FILE}第{rows.line_num}行不是完整的CSV，引号可能没有成对。") from None
    for line, row in lines:
        times |= _receipt_time(line, row, times, now)
    return times


def _receipt_time(
    line: int, row: dict[str, str], times: dict[str, datetime], now: datetime
) -> dict[str, datetime]:
    """One line of receipts.csv. Raises ReceiptsError."""
    where = f"{RECEIPTS_FILE}第{line}行"
    try:
        received_at = datetime.fromisoformat(row["received_at"])
        if received_at.tzinfo is None:
            raise ReceiptsError(f"{where}：received_at缺少时区，例如2025-10-09T08:30:00Z。")
        received_at = received_at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise ReceiptsError(f"{where}：received_at应为带时区的时间，例如2025-10-09T08:30:00Z。") from None
    if received_at.year < _EARLIEST_YEAR or received_at > now + timedelta(days=1):
        raise ReceiptsError(f"{where}：received_at（{row['received_at']}）早于{_EARLIEST_YEAR}年或晚于今天。")
    if row["file"] in times:
        raise ReceiptsError(f"{where}：文件“{row['file']}”出现了两次。")
    return {row["file"]: received_at}
