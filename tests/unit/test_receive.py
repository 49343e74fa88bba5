"""Receiving: idempotent by content, from files and folders; which of several counts is said, and nothing is lost."""

from __future__ import annotations

import errno
import fcntl
import io
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from expectations import Period, load_catalogue
from pipelines.intake import receive as receiving
from pipelines.intake.receipts import ReceiptsError
from pipelines.intake.receive import ReceiptSummary, receive
from pipelines.intake.workers import Lost, apart
from pipelines.plan import Inputs
from pipelines.settings import Settings
from pipelines.store.closings import ClosingStore
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import write_whole
from tests.receiving import CATALOGUE, NOW, REGISTRY, WORKBOOKS, listed, take, tree


def test_a_folder_is_received_with_its_registry(inbox: Path, raw: Path) -> None:
    """Lock files, hidden files, notes, shortcuts and our own tables are no submissions."""
    summary = take(inbox, raw)
    assert dict(summary.counts) == {"received": 3}
    assert summary.registry_taken
    assert (summary.problems, summary.unidentified) == ([], [])
    assert summary.skipped == ["truth.json", "模板.lnk", "说明.txt"], "told, unlike what systems leave about"
    assert [(s.unit_code, s.period, s.file, s.received_at) for s in listed(raw)] == [
        ("320100C1", "2025Q1", "2025Q1/1.xlsx", NOW), ("320100S1", "2025Q1", "2025Q1/0.xlsx", NOW), ("320100S1", "2025Q2", "2025Q1/2.xlsx", NOW),
    ]  # fmt: skip
    assert {s.path(raw).read_bytes() for s in listed(raw)} == set(WORKBOOKS)
    assert len(RegistryStore(raw).current(CATALOGUE).entries) == 2


def test_the_same_folder_again_changes_nothing(inbox: Path, raw: Path) -> None:
    take(inbox, raw)
    before = tree(raw)
    summary = take(inbox, raw, NOW + timedelta(days=1))
    assert dict(summary.counts) == {"already": 3}
    assert not summary.registry_taken
    assert tree(raw) == before


def test_the_same_bytes_under_another_name_are_received_once(inbox: Path, raw: Path) -> None:
    (inbox / "副本.xlsx").write_bytes(WORKBOOKS[0])
    assert dict(take(inbox, raw).counts) == {"received": 3, "already": 1}
    alone = inbox / "2025Q1" / "0.xlsx"
    assert dict(take(alone, raw).counts) == {"already": 1}
    assert len(listed(raw)) == 3


def test_another_version_is_another_submission(raw: Path, tmp_path: Path) -> None:
    """One cell differs: both are kept, both are that unit's for that period."""
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    book["学习型"]["D5"] = 7
    book.save(tmp_path / "v2.xlsx")
    (tmp_path / "v1.xlsx").write_bytes(WORKBOOKS[0])
    for name in ("v1.xlsx", "v2.xlsx"):
        take(tmp_path / name, raw)
    assert [(s.unit_code, s.period) for s in listed(raw)] == [("320100S1", "2025Q1")] * 2


def test_an_old_version_sent_again_is_told_which_one_counts(raw: Path, tmp_path: Path) -> None:
    """The same bytes are the same version; whoever wants it back saves it anew."""
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    book["学习型"]["D5"] = 7
    book.save(tmp_path / "v2.xlsx")
    (tmp_path / "v1.xlsx").write_bytes(WORKBOOKS[0])
    take(tmp_path / "v1.xlsx", raw)
    assert take(tmp_path / "v1.xlsx", raw).outdated == [], "nothing has come since"
    take(tmp_path / "v2.xlsx", raw, NOW + timedelta(days=1))
    ((name, said),) = take(tmp_path / "v1.xlsx", raw, NOW + timedelta(days=2)).outdated
    assert name == "v1.xlsx"
    assert "与2026-01-05收到的文件（v1.xlsx）完全相同，其后该单位又报送过" in said
    assert take(tmp_path / "v2.xlsx", raw, NOW + timedelta(days=2)).outdated == []
    assert take(tmp_path, raw, NOW + timedelta(days=2)).outdated == [], "both are sent again"


def test_what_does_not_count_makes_no_version_old(raw: Path, tmp_path: Path) -> None:
    """A file that was withheld, or came after the close, has not taken the place of the one before it."""
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    (tmp_path / "v1.xlsx").write_bytes(WORKBOOKS[0])
    take(tmp_path / "v1.xlsx", raw)
    book["学习型"]["G5"] = "联系电话13800138000"
    book.save(tmp_path / "电话.xlsx")
    assert take(tmp_path / "电话.xlsx", raw, NOW + timedelta(days=1)).counts["withheld"] == 1
    assert take(tmp_path / "v1.xlsx", raw, NOW + timedelta(days=2)).outdated == []
    closing(raw).close(Period.parse("2025Q1"), NOW + timedelta(days=3), NOW)
    book["学习型"]["G5"] = "另有一次"
    book.save(tmp_path / "晚.xlsx")
    assert len(take(tmp_path / "晚.xlsx", raw, NOW + timedelta(days=4)).late) == 1
    assert take(tmp_path / "v1.xlsx", raw, NOW + timedelta(days=5)).outdated == []


def closing(raw: Path) -> ClosingStore:
    return ClosingStore(raw, CATALOGUE.calendar.local_date)


@pytest.mark.parametrize("interrupted", [False, True], ids=["in one go", "after the first was kept"])
def test_which_of_two_that_come_together_counts_is_said(
    raw: Path, tmp_path: Path, *, interrupted: bool
) -> None:
    """Not their hashes decide but the order of their names, and the clerk is told so."""
    folder = tmp_path / "in"
    folder.mkdir()
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    for value, name in enumerate(("报表.xlsx", "报表_更正.xlsx", "报表_更正2.xlsx"), 7):
        book["学习型"]["D5"] = value
        book.save(folder / name)
    if interrupted:
        take(folder / "报表.xlsx", raw)
    summary = take(folder, raw)
    assert [name for name, _ in summary.together] == ["报表_更正.xlsx", "报表_更正2.xlsx"]
    assert (
        "同时收到，都是320100S12025Q1的报表；暂以文件名排在后面的“报表_更正2.xlsx”为准"
        in summary.together[1][1]
    )
    stored = sorted(listed(raw), key=lambda s: s.received_at)
    assert [s.file for s in stored] == ["报表.xlsx", "报表_更正.xlsx", "报表_更正2.xlsx"]
    assert [s.received_at for s in stored] == [NOW + timedelta(microseconds=n) for n in range(3)]
    assert take(folder, raw, NOW + timedelta(days=1)).together == []


def test_files_that_came_before_hide_no_twin(raw: Path, tmp_path: Path) -> None:
    """A list of times may put an older file between two that came at one moment."""
    folder = tmp_path / "in"
    folder.mkdir()
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    for value, name in enumerate(("a.xlsx", "b.xlsx", "c.xlsx", "d.xlsx"), 7):
        book["学习型"]["D5"] = value
        book.save(folder / name)
    hours = {"a": 10, "b": 9, "c": 10, "d": 9}
    lines = [f"{name}.xlsx,2025-12-01T{hour:02d}:00:00Z" for name, hour in hours.items()]
    (folder / "receipts.csv").write_text("\n".join(["file,received_at", *lines]), encoding="utf-8")
    summary = take(folder, raw)
    assert [name for name, _ in summary.together] == ["c.xlsx", "d.xlsx"]
    assert [s.file for s in sorted(listed(raw), key=lambda s: s.received_at)] == [
        "b.xlsx",
        "d.xlsx",
        "a.xlsx",
        "c.xlsx",
    ]


def test_a_line_of_times_without_a_file_is_refused(inbox: Path, raw: Path) -> None:
    (inbox / "receipts.csv").write_text("received_at,file\n2025-12-01T00:00:00Z\n", encoding="utf-8")
    with pytest.raises(ReceiptsError, match="第2行：没有写文件名"):
        take(inbox, raw)


def test_a_file_whose_answers_cannot_be_read_in_time_still_has_its_unit(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a loaded machine, say: it stands under its unit and period, and the run reads it again."""
    monkeypatch.setattr(receiving, "apart", slow_at(receiving.take))
    (tmp_path / "v1.xlsx").write_bytes(WORKBOOKS[0])
    kept: list[str] = []
    RegistryStore(raw).add(REGISTRY, NOW, CATALOGUE)
    receive(
        tmp_path / "v1.xlsx",
        raw,
        CATALOGUE,
        NOW,
        keeping=lambda _: nullcontext(lambda *given: kept.append(given[0])),
    )
    assert [(s.unit_code, s.period) for s in listed(raw)] == [("320100S1", "2025Q1")]
    assert kept == [], "nothing is handed over of what was not read"


def slow_at(slow: Callable[..., Any]) -> Callable[..., Any]:
    """`apart`, in which one kind of work is lost."""

    @contextmanager
    def apart_but_slow(work: Any, shared: Any) -> Iterator[Callable[[Iterable[Any]], Iterator[Any]]]:
        if work is slow:
            yield lambda items: (Lost("读取超过20秒") for _ in items)
        else:
            with apart(work, shared) as results:
                yield results

    return apart_but_slow


def test_a_list_of_times_does_not_walk_around_a_close(inbox: Path, raw: Path) -> None:
    """A file that an office had in hand before the close, and brings after it, waits like any other for an exemption."""
    closing(raw).close(Period.parse("2025Q2"), NOW - timedelta(days=1), NOW - timedelta(days=9))
    (inbox / "receipts.csv").write_text(
        "file,received_at\n2025Q1/2.xlsx,2025-12-01T00:00:00Z\n", encoding="utf-8"
    )
    summary = take(inbox, raw)
    assert [name for name, _ in summary.late] == ["2025Q1/2.xlsx"]
    (late,) = [s for s in listed(raw) if s.period == "2025Q2"]
    assert (late.received_at, late.stored_at) == (datetime(2025, 12, 1, tzinfo=UTC), NOW)
    inputs = Inputs.gather(Settings(home=raw.parent.parent), CATALOGUE)
    assert inputs.stopped(late) is not None


def received_by_another(folder: str, raw: str) -> None:
    receive(Path(folder), Path(raw), load_catalogue(), NOW)


def test_two_at_once_receive_each_file_once(inbox: Path, raw: Path) -> None:
    """Two offices press the button at the same moment."""
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=received_by_another, args=(str(inbox), str(raw))) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert len(listed(raw)) == 3
    assert len(RegistryStore(raw).editions()) == 1
    assert not [path for path in tree(raw) if path.endswith(".part")]


def test_the_store_is_locked_while_it_is_written(
    inbox: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every write another process would have to wait."""
    from pipelines.store import registry, submissions

    whole, refused = submissions.write_whole, 0

    def watched(path: Path, content: bytes) -> None:
        nonlocal refused
        with (raw / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                refused += 1
        whole(path, content)

    monkeypatch.setattr(submissions, "write_whole", watched)
    monkeypatch.setattr(registry, "write_whole", watched)
    take(inbox, raw)
    assert refused == 7, "three originals, three receipts, one registry"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("writes", range(7))
def test_killed_at_any_write_and_received_again(
    inbox: Path, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """However far it came, receiving again at the same time of receipt ends in the same store, byte for byte."""
    take(inbox, tmp_path / "undisturbed")
    from pipelines.store import registry, submissions

    whole, done = submissions.write_whole, 0

    def dying(path: Path, content: bytes) -> None:
        nonlocal done
        if done == writes:
            raise Killed
        done += 1
        whole(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "write_whole", dying)
        patched.setattr(registry, "write_whole", dying)
        with pytest.raises(Killed):
            take(inbox, raw)
    take(inbox, raw)
    assert tree(raw) == tree(tmp_path / "undisturbed")


@pytest.mark.parametrize("writes", range(7))
def test_on_a_full_disk_what_was_taken_is_known(
    inbox: Path, raw: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The summary counts what is in the store, no more and no less, wherever the disk was full."""
    from pipelines.store import registry, submissions

    whole, done = submissions.write_whole, 0

    def full(path: Path, content: bytes) -> None:
        nonlocal done
        if done == writes:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        done += 1
        whole(path, content)

    monkeypatch.setattr(submissions, "write_whole", full)
    monkeypatch.setattr(registry, "write_whole", full)
    summary = ReceiptSummary()
    with pytest.raises(OSError, match="No space left"):
        receive(inbox, raw, CATALOGUE, NOW, summary=summary)
    assert summary.counts["received"] == len(listed(raw))
    assert summary.registry_taken == (writes > 0)


def test_half_a_file_is_not_left_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*a\.xlsx"):
        write_whole(tmp_path / "a.xlsx", b"x")
    assert list(tmp_path.iterdir()) == []
