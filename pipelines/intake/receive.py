"""Receiving: candidates into the store, idempotent by content, with the time of receipt."""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from expectations import Catalogue
from pipelines.failures import UserMistake
from pipelines.intake.candidate import RECEIPTS_FILE, REGISTRY_FILE, Candidate
from pipelines.intake.reading import Claim, Reading, Received, refused, take
from pipelines.intake.refusal import Refusal
from pipelines.intake.sources import expand
from pipelines.intake.workers import Lost, apart
from pipelines.registry.model import Registry, is_unit_code
from pipelines.store.closings import Closings, ClosingStore
from pipelines.store.layout import StoredName
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryMissing, RegistryStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore, Withheld

_EARLIEST_YEAR = 2000
_AT_ONCE = timedelta(seconds=1)
# Files that are written at once: most of the time goes on waiting for the disk.
_WRITERS = 4
Keep = Callable[[str, Reading], None]
Keeping = Callable[[Registry], AbstractContextManager[Keep]]


class ReceiptsError(UserMistake):
    """receipts.csv cannot be used; the message is Chinese, with the line."""


@dataclass
class ReceiptSummary:
    """What one `receive` did: counts by outcome, and (file, reason) for what was not taken, not kept or cannot count.

    unidentified: files that were kept and put to nobody's account, with the reason where it is known already.
    skipped: files that are nobody's submission by their kind (notes, shortcuts, links).
    """

    counts: Counter[str] = field(default_factory=Counter)
    registry_taken: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    unidentified: list[tuple[str, Refusal | None]] = field(default_factory=list)
    withheld: list[tuple[str, str]] = field(default_factory=list)
    late: list[tuple[str, str]] = field(default_factory=list)
    outdated: list[tuple[str, str]] = field(default_factory=list)
    together: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def receive(
    path: Path,
    raw: Path,
    catalogue: Catalogue,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    keeping: Keeping | None = None,
    summary: ReceiptSummary | None = None,
) -> ReceiptSummary:
    """Put what `path` holds into data/raw. Raises RegistryError or ReceiptsError before anything of the folder is taken, OSError at any time.

    keeping: where there is a registry, what was read goes by submission id to the function that this yields.
    summary: to which this is added, so that what was taken is known also where an error ends it.
    """
    summary = ReceiptSummary() if summary is None else summary
    times = _receipt_times(path, now)
    with writing(raw), ExitStack() as stack:
        registry = _receive_registry(path, raw, catalogue, times.get(REGISTRY_FILE, now), summary)
        store, closings = SubmissionStore(raw), ClosingStore(raw, catalogue.calendar.local_date).current()
        keep = (
            stack.enter_context(keeping(registry)) if keeping is not None and registry is not None else None
        )
        taken = stack.enter_context(apart(take, (catalogue, registry if keep is not None else None)))
        write = stack.enter_context(_writers())
        latest = _latest(store, closings)
        waiting: deque[_Arrival] = deque()
        arrivals = (
            _Arrival(c, _received_at(c.name, times, now)) for c in _fresh(path, store, latest, summary)
        )
        for found in taken(_contents(arrivals, waiting)):
            candidate, received_at = waiting.popleft()
            claim, reading = _lost(found) if isinstance(found, Lost) else found
            write(*_stored(candidate, claim, store, closings, latest, received_at, now, summary))
            if keep is not None and reading is not None:
                keep(candidate.sha256[:16], reading)
            if progress is not None:
                progress(candidate.name)
    return summary


class _Last(NamedTuple):
    """What came last of a unit for a period; `file` is its sender's name for it, where it came with this delivery."""

    submission_id: str
    received_at: datetime
    file: str = ""


_Latest = dict[tuple[str | None, str | None], _Last]


def _latest(store: SubmissionStore, closings: Closings) -> _Latest:
    """What came last of each unit and period; what came after a close does not count, and is passed over."""
    return {
        (name.unit_code, name.period): _Last(name.submission_id, name.received_at)
        for name in store.originals()
        if closings.stop(name.unit_code, name.period, name.received_at) is None
    }


class _Arrival(NamedTuple):
    """A candidate and when it came."""

    candidate: Candidate
    received_at: datetime


def _lost(lost: Lost) -> tuple[Claim, Reading]:
    refusal = Refusal("unreadable_file", lost.reason)
    return Claim(refusal=refusal), refused(refusal)


Do = Callable[[], None]


@contextmanager
def _writers() -> Iterator[Callable[[Do, Do], None]]:
    """A function that has a write done beside other work, and noted here, in order, once it is done.

    An error of a write is raised at a later call, or at the end.
    """
    pending: deque[tuple[Future[None], Do]] = deque()
    with ThreadPoolExecutor(_WRITERS) as pool:

        def finish() -> None:
            future, note = pending.popleft()
            future.result()
            note()

        def write(work: Do, note: Do) -> None:
            pending.append((pool.submit(work), note))
            while len(pending) > 8 * _WRITERS:
                finish()

        try:
            yield write
            while pending:
                finish()
        finally:
            # After an error: what else was under way is in the store, or is not.
            for future, note in pending:
                if future.exception() is None:
                    note()


def _receive_registry(
    path: Path, raw: Path, catalogue: Catalogue, received_at: datetime, summary: ReceiptSummary
) -> Registry | None:
    """Take the edition that the folder brings; the edition in force then, None where there is none."""
    file, editions = path / REGISTRY_FILE, RegistryStore(raw)
    if file.is_file():
        summary.registry_taken |= editions.add(file.read_bytes(), received_at, catalogue)
    try:
        return editions.current(catalogue)
    except RegistryMissing:
        return None


def _fresh(
    path: Path, store: SubmissionStore, latest: _Latest, summary: ReceiptSummary
) -> Iterator[Candidate]:
    """The candidates that can be taken and are not in the store yet; the others are counted."""
    seen: set[str] = set()
    again: list[tuple[str, StoredSubmission]] = []
    for candidate in expand(path):
        if candidate.skipped:
            summary.skipped.append(candidate.name)
        elif candidate.content is None:
            summary.counts["not_taken"] += 1
            summary.problems.append((candidate.name, candidate.problem or ""))
        elif candidate.sha256 in seen:
            summary.counts["already"] += 1
        elif (known := store.find(candidate.sha256)) is not None:
            summary.counts["already"] += 1
            seen.add(candidate.sha256)
            again.append((candidate.name, known))
        else:
            seen.add(candidate.sha256)
            yield candidate
    here = {sha256[:16] for sha256 in seen}
    for name, known in again:
        came_last = latest.get((known.unit_code, known.period))
        if known.unit_code is not None and came_last is not None and came_last.submission_id not in here:
            summary.outdated.append((name, _outdated(known)))


def _outdated(known: StoredSubmission) -> str:
    """What to tell of a file that came before and has been replaced since: the same bytes are the same version."""
    return (
        f"与{known.received_at:%Y-%m-%d}收到的文件（{known.file}）完全相同，其后该单位又报送过，仍以最后报送且可以采用的一份为准；"
        "如要改用本文件，请打开后另存一份再报送"
    )


def _contents(arrivals: Iterable[_Arrival], waiting: deque[_Arrival]) -> Iterator[Received]:
    """The arrivals' bytes; each waits for what is found in them."""
    for arrival in arrivals:
        assert arrival.candidate.content is not None
        waiting.append(arrival)
        yield Received(arrival.candidate.content, arrival.received_at)


def _stored(
    candidate: Candidate,
    claim: Claim,
    store: SubmissionStore,
    closings: Closings,
    latest: _Latest,
    received_at: datetime,
    now: datetime,
    summary: ReceiptSummary,
) -> tuple[Do, Do]:
    """The write that is to be done for a file, and what then counts it and says what there is to say of it."""
    content = candidate.content
    assert content is not None
    is_known = claim.unit_code is not None and claim.period is not None and is_unit_code(claim.unit_code)
    unit_code, period = (claim.unit_code, str(claim.period)) if is_known else (None, None)
    name = StoredName(unit_code, period, received_at, candidate.sha256[:16])
    if claim.withheld is not None:
        withheld = Withheld(claim.withheld.found, claim.withheld.sheet or "", claim.withheld.cell or "")
        where = (f"“{withheld.sheet}”表" if withheld.sheet else "文件") + (
            f"{withheld.cell}单元格" if withheld.cell else ""
        )

        def note_withheld() -> None:
            summary.counts["withheld"] += 1
            summary.withheld.append(
                (candidate.name, f"{where}含有个人信息（{withheld.what}），整份文件未收下，其内容未保存")
            )

        return lambda: store.withhold(candidate.sha256, name, withheld), note_withheld
    closed_on = closings.stop(unit_code, period, now)
    twin = _twin(name, latest) if is_known and closed_on is None else None
    if twin is not None:
        name = replace(name, received_at=twin.received_at + timedelta(microseconds=1))
    if is_known and closed_on is None:
        latest[unit_code, period] = _Last(name.submission_id, name.received_at, candidate.name)

    def note() -> None:
        if twin is not None:
            summary.together.append((candidate.name, _together(twin, candidate.name, unit_code, period)))
        if closed_on is not None:
            summary.late.append(
                (candidate.name, f"{period}已于{closed_on}锁定，文件已留存，不计入；批准例外后即可计入")
            )
        if not is_known:
            summary.unidentified.append((candidate.name, claim.refusal))
        summary.counts["received" if is_known else "unidentified"] += 1

    return lambda: store.add(content, name, candidate.name, candidate.suffix, now), note


def _twin(name: StoredName, latest: _Latest) -> _Last | None:
    """What came of this unit for this period at the same time: files come in the order of their names, and which of two counts is
    said, never left to chance."""
    last = latest.get((name.unit_code, name.period))
    return (
        last if last is not None and timedelta(0) <= last.received_at - name.received_at < _AT_ONCE else None
    )


def _together(twin: _Last, file: str, unit_code: str | None, period: str | None) -> str:
    other = f"“{twin.file}”" if twin.file else "另一份报表"
    return (
        f"与{other}同时收到，都是{unit_code}{period}的报表；暂以文件名排在后面的“{file}”为准。"
        "如不对，请把应当采用的一份另存后单独报送"
    )


def _received_at(name: str, times: dict[str, datetime], now: datetime) -> datetime:
    """When the file came, or the zip that it came in."""
    if name in times:
        return times[name]
    parents = map(str, PurePosixPath(name).parents)
    return next((times[parent] for parent in parents if parent in times), now)


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
