"""Receiving: candidates into the store, idempotent by content, with the time of receipt."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from expectations import Catalogue
from pipelines.intake.candidate import REGISTRY_FILE, Candidate
from pipelines.intake.latest import Latest
from pipelines.intake.reading import Claim, Reading, Received, identify, take
from pipelines.intake.receipts import receipt_times, time_of
from pipelines.intake.refusal import Refusal
from pipelines.intake.sources import expand
from pipelines.intake.workers import Lost, apart
from pipelines.registry.model import Registry, is_unit_code
from pipelines.store.closings import Closings, ClosingStore
from pipelines.store.layout import StoredName
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryMissing, RegistryStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore, Withheld

# Files that are written at once: most of the time goes on waiting for the disk.
_WRITERS = 4
_NO_TIMES: Mapping[str, datetime] = MappingProxyType({})
Keep = Callable[[str, Reading], None]
Keeping = Callable[[Registry], AbstractContextManager[Keep]]


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
    times = receipt_times(path, now)
    with writing(raw):
        registry = _receive_registry(path, raw, catalogue, times.get(REGISTRY_FILE, now), summary)
        take_in(expand(path), raw, catalogue, registry, now, summary, progress, keeping, times)
    return summary


def take_in(
    candidates: Iterable[Candidate],
    raw: Path,
    catalogue: Catalogue,
    registry: Registry | None,
    now: datetime,
    summary: ReceiptSummary,
    progress: Callable[[str], None] | None = None,
    keeping: Keeping | None = None,
    times: Mapping[str, datetime] = _NO_TIMES,
) -> None:
    """Put candidates into data/raw, as `receive` does. The caller holds the store's lock.

    registry: the edition in force; times: when each file came, by name, where that was before now.
    """
    with ExitStack() as stack:
        store, closings = SubmissionStore(raw), ClosingStore(raw, catalogue.calendar.local_date).current()
        keep = (
            stack.enter_context(keeping(registry)) if keeping is not None and registry is not None else None
        )
        taken = stack.enter_context(apart(take, (catalogue, registry if keep is not None else None)))
        write = stack.enter_context(_writers())
        latest = Latest(store.list(), closings)
        waiting: deque[_Arrival] = deque()
        arrivals = (
            _Arrival(c, time_of(c.name, times, now)) for c in _fresh(candidates, store, latest, summary)
        )
        for found in taken(_contents(arrivals, waiting)):
            candidate, received_at = waiting.popleft()
            claim, reading = (
                (_claim_of(candidate, catalogue, found), None) if isinstance(found, Lost) else found
            )
            claim = _harmless(claim, registry)
            work, note = _stored(candidate, claim, store, closings, latest, received_at, now, summary)
            write(work, _kept(note, candidate, reading, keep))
            if progress is not None:
                progress(candidate.shown)


class _Arrival(NamedTuple):
    """A candidate and when it came."""

    candidate: Candidate
    received_at: datetime


def _claim_of(candidate: Candidate, catalogue: Catalogue, lost: Lost) -> Claim:
    """Whose file this is, of which the answers could not be read in time: asked alone, and often still to be had."""
    assert candidate.content is not None
    with apart(identify, catalogue) as identified:
        (claim,) = identified([candidate.content])
    return Claim(refusal=Refusal("unreadable_file", lost.reason)) if isinstance(claim, Lost) else claim


# A write says whether the original stands under the name that its reading went by, and the note of it is told so.
Work = Callable[[], bool]
Note = Callable[[bool], None]


def _kept(note: Note, candidate: Candidate, reading: Reading | None, keep: Keep | None) -> Note:
    """Note a file, and hand over what was read of it: only what is in the store, and not what a run could read otherwise."""

    def note_and_keep(as_read: bool) -> None:
        note(as_read)
        if keep is not None and reading is not None and as_read:
            keep(candidate.sha256[:16], reading)

    return note_and_keep


@contextmanager
def _writers() -> Iterator[Callable[[Work, Note], None]]:
    """A function that has a write done beside other work, and noted here, in order, once it is done.

    An error of a write is raised at a later call, or at the end.
    """
    pending: deque[tuple[Future[bool], Note]] = deque()
    with ThreadPoolExecutor(_WRITERS) as pool:

        def finish() -> None:
            future, note = pending.popleft()
            note(future.result())

        def write(work: Work, note: Note) -> None:
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
                    note(future.result())


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
    candidates: Iterable[Candidate], store: SubmissionStore, latest: Latest, summary: ReceiptSummary
) -> Iterator[Candidate]:
    """The candidates that can be taken and are not in the store yet; the others are counted."""
    seen: set[str] = set()
    again: list[tuple[str, StoredSubmission]] = []
    for candidate in candidates:
        if candidate.skipped:
            summary.skipped.append(candidate.shown)
        elif candidate.content is None:
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
        last = latest.of(known.unit_code, known.period)
        if known.unit_code is not None and last is not None and last.submission_id not in here:
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
    latest: Latest,
    received_at: datetime,
    now: datetime,
    summary: ReceiptSummary,
) -> tuple[Work, Note]:
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

        def note_withheld(_: bool) -> None:
            summary.counts["withheld"] += 1
            summary.withheld.append(
                (candidate.shown, f"{where}含有个人信息（{withheld.what}），整份文件未收下，其内容未保存")
            )

        def withhold() -> bool:
            store.withhold(candidate.sha256, name, withheld)
            return False

        return withhold, note_withheld
    closed_on = closings.stop(unit_code, period, now)
    together = None
    if is_known and closed_on is None:
        name, together = latest.add(name, candidate.shown)

    def note(_: bool) -> None:
        if together is not None:
            summary.together.append((candidate.shown, together))
        if closed_on is not None:
            summary.late.append(
                (candidate.shown, f"{period}已于{closed_on}锁定，文件已留存，不计入；批准例外后即可计入")
            )
        if not is_known:
            summary.unidentified.append((candidate.shown, claim.refusal))
        summary.counts["received" if is_known else "unidentified"] += 1

    return lambda: store.add(content, name, candidate.shown, candidate.suffix, now) == name, note
