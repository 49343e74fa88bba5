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
from pipelines.intake.candidate import RECEIPTS_FILE, REGISTRY_FILE, Candidate, shown_name
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
    """

    counts: Counter[str] = field(default_factory=Counter)
    registry_taken: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    unidentified: list[tuple[str, Refusal | None]] = field(default_factory=list)
    withheld: list[tuple[str, str]] = field(default_factory=list)
    late: list[tuple[str, str]] = field(default_factory=list)
    outdated: list[tuple[str, str]] = field(default_factory=list)
    together: list[tuple[str, str]] = field(default_factory=list)


def receive(
    path: Path,
    raw: Path,
    catalogue: Catalogue,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    keeping: Keeping | None = None,
) -> ReceiptSummary:
    """Put what `path` holds into data/raw. Raises RegistryError or ReceiptsError before anything of the folder is taken.

    keeping: where there is a registry, what was read goes by submission id to the function that this yields.
    """
    summary = ReceiptSummary()
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
            claim = _harmless(claim, registry)
            write(_stored(candidate, claim, store, closings, latest, received_at, now, summary))
            if keep is not None and reading is not None:
                keep(candidate.sha256[:16], reading)
            if progress is not None:
                progress(candidate.shown)
    return summary


# What came last of a unit for a period: its id, when it came and what its sender called it (where that is known here).
_Latest = dict[tuple[str | None, str | None], tuple[str, datetime, str]]


def _latest(store: SubmissionStore, closings: Closings) -> _Latest:
    """What came last of each unit and period; what came after a close does not count, and is passed over."""
    return {
        (name.unit_code, name.period): (name.submission_id, name.received_at, "")
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


@contextmanager
def _writers() -> Iterator[Callable[[Callable[[], None]], None]]:
    """A function that has a write done beside other work. An error of one is raised at a later call, or at the end."""
    pending: deque[Future[None]] = deque()
    with ThreadPoolExecutor(_WRITERS) as pool:

        def write(work: Callable[[], None]) -> None:
            pending.append(pool.submit(work))
            while len(pending) > 8 * _WRITERS:
                pending.popleft().result()

        yield write
        for future in pending:
            future.result()


def _receive_registry(
    path: Path, raw: Path, catalogue: Catalogue, received_at: datetime, summary: ReceiptSummary
) -> Registry | None:
    """Take the edition that the folder brings; the edition in force then, None where there is none."""
    file, editions = path / REGISTRY_FILE, RegistryStore(raw)
    if file.is_file():
        summary.registry_taken = editions.add(file.read_bytes(), received_at, catalogue)
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
        if candidate.content is None:
            summary.counts["not_taken"] += 1
            summary.problems.append((candidate.shown, candidate.problem or ""))
        elif candidate.sha256 in seen:
            summary.counts["already"] += 1
        elif (known := store.find(candidate.sha256)) is not None:
            summary.counts["already"] += 1
            seen.add(candidate.sha256)
            again.append((candidate.shown, known))
        else:
            seen.add(candidate.sha256)
            yield candidate
    here = {sha256[:16] for sha256 in seen}
    for name, known in again:
        came_last = latest.get((known.unit_code, known.period))
        if known.unit_code is not None and came_last is not None and came_last[0] not in here:
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


def _harmless(claim: Claim, registry: Registry | None) -> Claim:
    """What may be kept of a claim: of a file with persons' data no code that the registry does not have, for it could be anything."""
    if claim.withheld is None or claim.unit_code is None:
        return claim
    is_known = registry is not None and registry.unit(claim.unit_code) is not None
    return claim if is_known else Claim(refusal=claim.refusal)


def _stored(
    candidate: Candidate,
    claim: Claim,
    store: SubmissionStore,
    closings: Closings,
    latest: _Latest,
    received_at: datetime,
    now: datetime,
    summary: ReceiptSummary,
) -> Callable[[], None]:
    """Count a file and say what there is to say of it; the write that is to be done."""
    content = candidate.content
    assert content is not None
    is_known = claim.unit_code is not None and claim.period is not None and is_unit_code(claim.unit_code)
    unit_code, period = (claim.unit_code, str(claim.period)) if is_known else (None, None)
    name = StoredName(unit_code, period, received_at, candidate.sha256[:16])
    if claim.withheld is not None:
        withheld = Withheld(claim.withheld.found, claim.withheld.sheet or "", claim.withheld.cell or "")
        summary.counts["withheld"] += 1
        where = (f"“{withheld.sheet}”表" if withheld.sheet else "文件") + (
            f"{withheld.cell}单元格" if withheld.cell else ""
        )
        summary.withheld.append(
            (candidate.shown, f"{where}含有个人信息（{withheld.what}），整份文件未收下，其内容未保存")
        )
        return lambda: store.withhold(candidate.sha256, name, withheld)
    closed_on = closings.stop(unit_code, period, now)
    if closed_on is None and is_known:
        name = _after_its_twin(name, candidate.shown, latest, summary)
    if closed_on is not None:
        summary.late.append(
            (candidate.shown, f"{period}已于{closed_on}锁定，文件已留存，不计入；批准例外后即可计入")
        )
    if not is_known:
        summary.unidentified.append((candidate.shown, claim.refusal))
    summary.counts["received" if is_known else "unidentified"] += 1
    return lambda: store.add(content, name, candidate.shown, candidate.suffix, now)


def _after_its_twin(name: StoredName, file: str, latest: _Latest, summary: ReceiptSummary) -> StoredName:
    """The name, a moment later where another file of the same unit and period came at the same time: files come in the order
    of their names, and which of two counts is said, never left to chance."""
    key = (name.unit_code, name.period)
    twin = latest.get(key)
    if twin is not None and timedelta(0) <= twin[1] - name.received_at < _AT_ONCE:
        other = f"“{twin[2]}”" if twin[2] else "另一份报表"
        summary.together.append(
            (
                file,
                f"与{other}同时收到，都是{name.unit_code}{name.period}的报表；暂以文件名排在后面的“{file}”为准。"
                "如不对，请把应当采用的一份另存后单独报送",
            )
        )
        name = replace(name, received_at=twin[1] + timedelta(microseconds=1))
    latest[key] = (name.submission_id, name.received_at, file)
    return name


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
        raise ReceiptsError(f"{where}：文件“{shown_name(row['file'])}”出现了两次。")
    return {row["file"]: received_at}
