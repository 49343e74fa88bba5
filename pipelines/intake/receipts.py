"""receipts.csv: when a city's office had each file in hand, as the folder that it brings says."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from pipelines.failures import UserMistake
from pipelines.intake.candidate import RECEIPTS_FILE, shown_name

_EARLIEST_YEAR = 2000


class ReceiptsError(UserMistake):
    """receipts.csv cannot be used; the message is Chinese, with the line."""


def time_of(name: str, times: Mapping[str, datetime], now: datetime) -> datetime:
    """When the file came, or the zip that it came in."""
    if name in times:
        return times[name]
    parents = map(str, PurePosixPath(name).parents)
    return next((times[parent] for parent in parents if parent in times), now)


def receipt_times(path: Path, now: datetime) -> dict[str, datetime]:
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
    if not row["file"]:
        raise ReceiptsError(f"{where}：没有写文件名。")
    if row["file"] in times:
        raise ReceiptsError(f"{where}：文件“{shown_name(row['file'])}”出现了两次。")
    return {row["file"]: received_at}
