"""Receiving: idempotent by content, from files, folders and zips; nothing is written outside the store, nothing is lost."""

from __future__ import annotations

import errno
import fcntl
import io
import multiprocessing
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from expectations import Catalogue, Period, load_catalogue
from pipelines.intake import archives
from pipelines.intake import receive as receiving
from pipelines.intake.archives import MOST_FILES, Room
from pipelines.intake.receipts import ReceiptsError
from pipelines.intake.receive import ReceiptSummary, receive
from pipelines.intake.workers import Lost, apart
from pipelines.plan import Inputs
from pipelines.registry.file import RegistryError, write_registry
from pipelines.settings import Settings
from pipelines.store.closings import ClosingStore
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore, write_whole
from pipelines.workbook import layout
from tests.edits import edited
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


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder as a city's office sends it: workbooks in folders, the registry, and what lies about."""
    folder = tmp_path / "in"
    (folder / "2025Q1").mkdir(parents=True)
    (folder / "registry").mkdir()
    (folder / "registry" / "units.csv").write_bytes(REGISTRY)
    for number, content in enumerate(WORKBOOKS):
        (folder / "2025Q1" / f"{number}.xlsx").write_bytes(content)
    for name in (
        "~$0.xlsx",
        ".~lock.0.xlsx#",
        ".DS_Store",
        "Thumbs.db",
        "truth.json",
        "说明.txt",
        "desktop.ini",
        "模板.lnk",
    ):
        (folder / name).write_bytes(b"not a submission")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._0.xlsx").write_bytes(b"not a submission")
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "data" / "raw"


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


# ---- what it is named ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["报表.part", "报表", "报表.XLSX", "报表.xls", "报表.json", "报表.receipt.json", "a.b.c.xlsx", "报表.表格", "报表." + "x" * 60, "报 表(1).xlsx", "-rf.xlsx"]
)  # fmt: skip
def test_whatever_a_file_is_called_it_is_kept_and_found_again(name: str, raw: Path, tmp_path: Path) -> None:
    """A browser leaves `.part`, a clerk leaves no ending; the bytes are what counts."""
    (tmp_path / name).write_bytes(WORKBOOKS[0])
    assert dict(take(tmp_path / name, raw).counts) == {"received": 1}
    (stored,) = listed(raw)
    assert (stored.file, stored.unit_code) == (name, "320100S1")
    assert stored.path(raw).read_bytes() == WORKBOOKS[0]
    assert dict(take(tmp_path / name, raw).counts) == {"already": 1}


@pytest.mark.parametrize(
    "code", ["../../evil", "/etc/passwd", "a/b", "a\\b", "..", "320100S1\n", "南京一小", "a" * 80, "320100S1.xlsx", "~", "$(id)"]
)  # fmt: skip
def test_a_code_from_a_workbook_never_leads_out_of_the_store(code: str, raw: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    book[layout.COVER]["B4"] = code
    book.save(tmp_path / "x.xlsx")
    outside = set(tree(tmp_path))
    summary = take(tmp_path / "x.xlsx", raw)
    (stored,) = listed(raw)
    trimmed = code.strip()
    if trimmed == "320100S1":
        assert stored.unit_code == trimmed
    else:
        assert stored.unit_code is None
        assert summary.unidentified == [("x.xlsx", None)]
        assert stored.path(raw).parent.name == "unidentified"
    assert set(tree(tmp_path)) - outside == {f"data/raw/{path}" for path in tree(raw)}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ok 13800000000 张三.xlsx", "（文件名含个人信息，未保留）.xlsx"),
        ("南京/138 0000 0000.xlsx", "南京/（文件名含个人信息，未保留）.xlsx"),
        ("张三13800000000/报表.xlsx", "（文件夹名含个人信息，未保留）/报表.xlsx"),
        ("联系人：张三.xls", "（文件名含个人信息，未保留）.xls"),
        ("x.13800000000", "（文件名含个人信息，未保留）"),
        ("南京/320100S002_2025年第二季度.xlsx", "南京/320100S002_2025年第二季度.xlsx"),
        ("报表_20251009143055.xlsx", "报表_20251009143055.xlsx"),
    ],
)
def test_a_name_that_holds_a_person_is_not_repeated(name: str, shown: str, raw: Path, tmp_path: Path) -> None:
    """Neither where it is kept nor where it is said; the time of receipt is still found by the name itself."""
    file = tmp_path / "in" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(WORKBOOKS[0])
    (tmp_path / "in" / "receipts.csv").write_text(f"file,received_at\n{name},2025-04-01T00:00:00Z\n", "utf-8")
    said: list[str] = []
    receive(tmp_path / "in", raw, CATALOGUE, NOW, said.append)
    (stored,) = listed(raw)
    assert (stored.file, said) == (shown, [shown])
    assert stored.received_at == datetime(2025, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "kept"),
    [("320100C1", "320100C1"), ("13800000000", None), ("138-0000-0000", None), ("110101190001011009", None), ("ZhangSan", None)],
)  # fmt: skip
def test_of_a_file_with_persons_only_a_known_unit_is_kept(
    code: str, kept: str | None, raw: Path, tmp_path: Path
) -> None:
    """The code becomes a name of the receipt; one that the registry does not know could be anything."""

    def put(book: Workbook) -> None:
        book[layout.COVER]["B4"].value = code
        book["学习型"]["G5"].value = "电话13800000000"

    (tmp_path / "in" / "registry").mkdir(parents=True)
    (tmp_path / "in" / "registry" / "units.csv").write_bytes(REGISTRY)
    (tmp_path / "in" / "a.xlsx").write_bytes(edited(put, WORKBOOKS[1]))
    summary = take(tmp_path / "in", raw)
    (stored,) = listed(raw)
    assert summary.counts["withheld"] == 1
    assert (stored.unit_code, stored.period) == (kept, kept and "2025Q1")
    assert not [path for path in tree(raw) if "submissions" in path and code in path and kept is None]


def test_what_cannot_be_identified_is_kept_and_said(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "照片.jpg").write_bytes(b"\xff\xd8\xff a photo")
    summary = take(tmp_path / "照片.jpg", raw)
    assert dict(summary.counts) == {"unidentified": 1}
    ((name, refusal),) = summary.unidentified
    assert refusal is not None
    assert (name, refusal.rule) == ("照片.jpg", "not_a_workbook")
    (stored,) = listed(raw)
    assert (stored.unit_code, stored.period, Path(stored.stored_as).suffix) == (None, None, ".jpg")


def test_a_period_that_no_calendar_has_stops_no_run(raw: Path, tmp_path: Path) -> None:
    """A cover that says 0000Q1 is one unit's slip: the file is kept, and every other unit's quarter is still worked on."""
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[0]))
    book[layout.COVER]["B6"] = "0000Q1"
    for name in book.sheetnames[1:]:
        del book[name]
    book.save(tmp_path / "x.xlsx")
    take(tmp_path / "x.xlsx", raw)
    RegistryStore(raw).add(REGISTRY, NOW, CATALOGUE)
    (tmp_path / "good.xlsx").write_bytes(WORKBOOKS[1])
    take(tmp_path / "good.xlsx", raw)
    inputs = Inputs.gather(Settings(home=raw.parent.parent), CATALOGUE)
    assert sorted(map(str, (inputs.period_of(s) for s in inputs.submissions))) == ["2025Q1", "None"]
    assert inputs.periods == [Period.parse("2025Q1")]


# ---- zips ---------------------------------------------------------------------------------------------------------------


def zipped(path: Path, entries: Sequence[tuple[str, bytes]], encoding: str = "utf-8") -> Path:
    """A zip; with gb18030 the names are as Windows writes them, without the mark that says UTF-8."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for number, (name, content) in enumerate(entries):
            package.writestr(
                name if encoding == "utf-8" else f"{number:0{len(name.encode(encoding))}d}", content
            )
    if encoding != "utf-8":
        raw = path.read_bytes()
        for number, (name, _) in enumerate(entries):
            wide = name.encode(encoding)
            raw = raw.replace(f"{number:0{len(wide)}d}".encode(), wide)
        path.write_bytes(raw)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_zip_keeps_chinese_names(encoding: str, raw: Path, tmp_path: Path) -> None:
    names = [
        "南京市/示例小学一季度报送表.xlsx",
        "南京市/市委教育工委报送表.xlsx",
        "南京市/示例小学二季度报送表.xlsx",
    ]
    path = zipped(tmp_path / "全市.zip", list(zip(names, WORKBOOKS, strict=True)), encoding)
    assert dict(take(path, raw).counts) == {"received": 3}
    assert {stored.file for stored in listed(raw)} == set(names)
    assert dict(take(path, raw).counts) == {"already": 3}


@pytest.mark.parametrize(
    "name", ["../../evil.xlsx", "/tmp/evil.xlsx", "..\\..\\evil.xlsx", "C:\\evil.xlsx", "c:/evil.xlsx", "a/../../../evil.xlsx", "a/..", ".."]
)  # fmt: skip
def test_a_name_that_leads_out_of_a_zip_is_refused(name: str, raw: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", [(name, WORKBOOKS[0]), ("good.xlsx", WORKBOOKS[1])])
    outside = set(tree(tmp_path))
    summary = take(path, raw)
    assert dict(summary.counts) == {"received": 1, "not_taken": 1}
    assert summary.problems == [
        (name.replace("\\", "/"), "压缩包内的文件名指向压缩包之外，未接收；请重新打包后报送")
    ]
    assert set(tree(tmp_path)) - outside == {f"data/raw/{path}" for path in tree(raw)}
    assert not Path("/tmp/evil.xlsx").exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("x\0y.xlsx", "x"),
        ("市\\校.xlsx", "市/校.xlsx"),
        ("a..b.xlsx", "a..b.xlsx"),
        ("..a/b..xlsx", "..a/b..xlsx"),
    ],
)
def test_an_odd_name_in_a_zip_is_taken(name: str, kept: str, raw: Path, tmp_path: Path) -> None:
    assert dict(take(zipped(tmp_path / "in.zip", [(name, WORKBOOKS[0])]), raw).counts) == {"received": 1}
    (stored,) = listed(raw)
    assert stored.file == kept
    assert stored.path(raw).resolve().is_relative_to(raw.resolve())


def test_a_link_in_a_zip_is_not_followed(raw: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.xlsx")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as package:
        package.writestr(link, "/etc/passwd")
    assert take(tmp_path / "in.zip", raw).problems == [
        ("link.xlsx", "压缩包内是链接而不是文件，未接收；请把文件本身打包")
    ]


def nested(levels: int, content: bytes) -> bytes:
    """A workbook in a zip in a zip …: so many zips in all."""
    for level in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("校.xlsx" if level == 0 else f"{level}.zip", content)
        content = out.getvalue()
    return content


@pytest.mark.parametrize(
    ("levels", "name"), [(1, "校.xlsx"), (2, "1.zip/校.xlsx"), (3, "2.zip/1.zip/校.xlsx")]
)
def test_zips_inside_zips_are_opened(levels: int, name: str, raw: Path, tmp_path: Path) -> None:
    (tmp_path / "全市.zip").write_bytes(nested(levels, WORKBOOKS[0]))
    assert dict(take(tmp_path / "全市.zip", raw).counts) == {"received": 1}
    assert [stored.file for stored in listed(raw)] == [name]


@pytest.mark.parametrize("folder", ["word", "xl", "ppt", "docProps", "_rels"])
def test_a_zip_whose_folder_is_called_as_in_a_package_is_opened(
    folder: str, raw: Path, tmp_path: Path
) -> None:
    """A package of an office program is known by its list of contents, not by its first folder."""
    zipped(tmp_path / "全市.zip", [(f"{folder}/校.xlsx", WORKBOOKS[0])])
    assert dict(take(tmp_path / "全市.zip", raw).counts) == {"received": 1}
    assert [stored.file for stored in listed(raw)] == [f"{folder}/校.xlsx"]


def test_zips_are_opened_two_levels_deep_and_no_further(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "全市.zip").write_bytes(nested(4, WORKBOOKS[0]))
    summary = take(tmp_path / "全市.zip", raw)
    assert dict(summary.counts) == {"not_taken": 1}
    assert summary.problems == [("3.zip/2.zip/1.zip", "压缩包套得过深（超过2层），未接收；请解压后报送")]


def test_zips_are_told_by_their_bytes(inbox: Path, raw: Path) -> None:
    """In a folder, under any name; a workbook called .zip is a workbook, and a broken inner zip stops nothing else."""
    for file in (inbox / "2025Q1").iterdir():
        file.unlink()
    (inbox / "全市.xlsx").write_bytes(nested(1, WORKBOOKS[0]))
    (inbox / "工作簿.zip").write_bytes(WORKBOOKS[1])
    zipped(inbox / "外.zip", [("半个.zip", nested(1, WORKBOOKS[0])[:-30]), ("a.xlsx", WORKBOOKS[2])])
    summary = take(inbox, raw)
    assert {stored.file for stored in listed(raw)} == {"全市.xlsx/校.xlsx", "工作簿.zip", "外.zip/a.xlsx"}
    assert summary.problems == [("外.zip/半个.zip", "压缩包已损坏，未接收；请重新打包后报送")]


def test_what_came_in_a_zip_came_when_the_zip_came(inbox: Path, raw: Path) -> None:
    (inbox / "2025Q1" / "0.xlsx").unlink()
    (inbox / "全市.zip").write_bytes(nested(2, WORKBOOKS[0]))
    (inbox / "receipts.csv").write_text("file,received_at\n全市.zip,2025-04-09T08:30:00Z\n", "utf-8")
    take(inbox, raw)
    moments = {stored.file: stored.received_at for stored in listed(raw)}
    assert moments.pop("全市.zip/1.zip/校.xlsx") == datetime(2025, 4, 9, 8, 30, tzinfo=UTC)
    assert set(moments.values()) == {NOW}


def test_a_zip_with_a_password_is_said(raw: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", [("a.xlsx", WORKBOOKS[0])])
    content = path.read_bytes()
    path.write_bytes(content.replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\x01"))
    assert take(path, raw).problems == [("a.xlsx", "压缩包设有密码，未接收；请取消密码后重新打包")]


def test_a_zip_may_be_large_and_its_sum_may_not(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is really inflated counts, inner zips and all, whatever the zip says of itself."""
    monkeypatch.setattr(archives, "LARGEST_ZIP", 150_000)
    monkeypatch.setattr(Room, "__init__", lambda self: vars(self).update(files=20, inflated=150_000))
    inner = nested(1, bytes(100_000))
    path = zipped(tmp_path / "in.zip", [(f"{n}.zip", inner) for n in range(3)])
    summary = take(path, raw)
    assert summary.problems
    assert {reason for _, reason in summary.problems} == {"压缩包内文件过多或过大，未接收；请分批报送"}


def test_a_zip_of_too_many_files_is_refused_before_it_is_listed(raw: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as package:
        for number in range(MOST_FILES + 1):
            package.writestr(f"{number}.xlsx", b"")
    assert take(tmp_path / "in.zip", raw).problems == [
        ("in.zip", "压缩包内文件过多或过大，未接收；请分批报送")
    ]


NOTHING = "压缩包里没有可收的文件"


@pytest.mark.parametrize(
    ("entries", "problems", "skipped"),
    [
        ([], ["in.zip"], []),
        ([("a/", b""), (".DS_Store", b"x")], ["in.zip"], []),
        ([("说明.txt", b"x"), ("a/b.json", b"x")], ["in.zip"], ["a/b.json", "说明.txt"]),
        ([("内.zip", "empty"), ("a.xlsx", "workbook")], ["内.zip"], []),
        ([("内.zip", "empty")], ["内.zip"], []),
    ],
)
def test_a_zip_with_nothing_in_it_is_said(
    entries: list[tuple[str, bytes | str]], problems: list[str], skipped: list[str], raw: Path, tmp_path: Path
) -> None:
    known = {"empty": zipped(tmp_path / "empty.zip", []).read_bytes(), "workbook": WORKBOOKS[0]}
    filled = [(name, known[content] if isinstance(content, str) else content) for name, content in entries]
    summary = take(zipped(tmp_path / "in.zip", filled), raw)
    assert summary.problems == [(name, NOTHING) for name in problems]
    assert sorted(summary.skipped) == skipped
    assert (
        summary.counts["received"] == len(listed(raw)) == sum(content == "workbook" for _, content in entries)
    )


def test_office_leavings_in_a_zip_are_no_submissions(raw: Path, tmp_path: Path) -> None:
    entries = [
        ("__MACOSX/._a.xlsx", b"x"),
        (".DS_Store", b"x"),
        ("a/~$a.xlsx", b"x"),
        ("a/", b""),
        ("a/a.xlsx", WORKBOOKS[0]),
    ]
    assert dict(take(zipped(tmp_path / "in.zip", entries), raw).counts) == {"received": 1}


def spoil(path: Path, name: str) -> Path:
    """Spoil the compressed bytes of one entry."""
    with zipfile.ZipFile(path) as package:
        entry = package.getinfo(name)
    content = bytearray(path.read_bytes())
    start = entry.header_offset + 30 + len(name.encode()) + 9
    content[start : start + 12] = bytes(255 - byte for byte in content[start : start + 12])
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflate"])
def test_one_spoilt_file_in_a_zip_stops_no_other(compression: int, raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", compression) as package:
        for name, content in zip("abc", WORKBOOKS, strict=True):
            package.writestr(f"{name}.xlsx", content)
    summary = take(spoil(path, "b.xlsx"), raw)
    assert dict(summary.counts) == {"received": 2, "not_taken": 1}
    assert summary.problems == [("b.xlsx", "压缩包内的这个文件已损坏，未接收")]


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_a_zip_of_another_method_loses_nothing_unsaid(compression: int, raw: Path, tmp_path: Path) -> None:
    """Taken or not, each file is accounted for, the spoilt one with its reason; nothing is raised."""
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", compression) as package:
        for name, content in zip("abc", WORKBOOKS, strict=True):
            package.writestr(f"{name}.xlsx", content)
    summary = take(spoil(path, "b.xlsx"), raw)
    assert summary.counts.total() == 3
    assert "b.xlsx" in dict(summary.problems)
    assert summary.counts["not_taken"] == len(summary.problems)


def misnamed(path: Path) -> Path:
    """A zip whose entry says that its name is UTF-8, and it is not."""
    zipped(path, [("报.xlsx", WORKBOOKS[0])])
    path.write_bytes(path.read_bytes().replace("报".encode(), b"\xff\xfe\xfd"))
    return path


def test_a_zip_that_cannot_be_opened_is_said(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(
        zipped(tmp_path / "in.zip", [("a.xlsx", WORKBOOKS[0])]).read_bytes()[:-40]
    )
    (tmp_path / "photo.zip").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "empty.zip").write_bytes(b"")
    misnamed(tmp_path / "misnamed.zip")
    for name in ("cut.zip", "photo.zip", "empty.zip", "misnamed.zip"):
        summary = take(tmp_path / name, raw)
        assert dict(summary.counts) == {"not_taken": 1}, name
        assert summary.problems == [(name, "压缩包已损坏，未接收；请重新打包后报送")]
    assert listed(raw) == []


def test_a_bomb_in_a_zip_is_not_taken(raw: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", [("bomb.xlsx", b"0" * (21 * 1024 * 1024)), ("a.xlsx", WORKBOOKS[0])])
    summary = take(path, raw)
    assert dict(summary.counts) == {"received": 1, "not_taken": 1}
    assert summary.problems == [("bomb.xlsx", "文件大于20MB，未接收")]


def test_a_missing_path_is_said(raw: Path, tmp_path: Path) -> None:
    assert take(tmp_path / "没有.xlsx", raw).problems == [("没有.xlsx", "没有这个文件或文件夹")]


def test_a_link_is_not_followed_and_said(inbox: Path, raw: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(WORKBOOKS[1])
    (tmp_path / "folder").mkdir()
    (inbox / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (inbox / "broken.xlsx").symlink_to(tmp_path / "nowhere")
    (inbox / "linked").symlink_to(tmp_path / "folder")
    os.mkfifo(inbox / "pipe.xlsx")
    summary = take(inbox, raw)
    assert set(summary.skipped) >= {"link.xlsx", "broken.xlsx", "linked", "pipe.xlsx"}
    assert summary.counts["received"] == 3


# ---- times of receipt ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-04-09T08:30:00Z", datetime(2025, 4, 9, 8, 30, tzinfo=UTC)),
        ("2025-04-09T08:30:00+08:00", datetime(2025, 4, 9, 0, 30, tzinfo=UTC)),
        ("2025-04-09 08:30:00.5+00:00", datetime(2025, 4, 9, 8, 30, 0, 500000, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_times_of_receipt_come_from_the_folder(
    text: str, moment: datetime, encoding: str, end: str, inbox: Path, raw: Path
) -> None:
    lines = ["file,received_at", f"2025Q1/0.xlsx,{text}", f"registry/units.csv,{text}"]
    (inbox / "receipts.csv").write_bytes(end.join(lines).encode(encoding))
    take(inbox, raw)
    assert {s.file: s.received_at for s in listed(raw)} == {
        "2025Q1/0.xlsx": moment,
        "2025Q1/1.xlsx": NOW,
        "2025Q1/2.xlsx": NOW,
    }
    assert [edition.received_at for edition in RegistryStore(raw).editions()] == [moment]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "第1行应有 file 和 received_at 两列"),
        (b"name,time\na,b\n", "第1行应有 file 和 received_at 两列"),
        ("file,received_at\n南京.xlsx,2025-04-09T08:30:00Z\n".encode("gb18030"), "不是UTF-8编码"),
        (
            b"file,received_at\na.xlsx,2025-04-09T08:30:00Z\nb.xlsx,yesterday\n",
            "第3行：received_at应为带时区的时间",
        ),
        (b"file,received_at\na.xlsx\n", "第2行：received_at应为带时区的时间"),
        (b"file,received_at\na.xlsx,2025-04-09T08:30:00\n", "第2行：received_at缺少时区"),
        (b"file,received_at\na.xlsx,2025-02-30T08:30:00Z\n", "第2行：received_at应为带时区的时间"),
        (b"file,received_at\na.xlsx,2026-02-05T08:30:00Z\n", "第2行：received_at"),
        (
            b"file,received_at\na.xlsx,2025-04-09T08:30:00Z\na.xlsx,2025-04-10T08:30:00Z\n",
            "第3行：文件“a.xlsx”出现了两次",
        ),
        pytest.param(
            b"file,received_at\na.xlsx,0001-01-01T00:00:00+08:00\n",
            "第2行：received_at",
            id="before the first day",
        ),
        pytest.param(
            b"file,received_at\na.xlsx,0205-04-09T08:30:00Z\n", "第2行：received_at", id="a slip in the year"
        ),
        pytest.param(
            b"file,received_at\n" + b"a" * 140_000 + b",2025-04-09T08:30:00Z\n",
            "CSV",
            id="a field without end",
        ),
    ],
)
def test_wrong_receipts_are_refused_before_anything_is_taken(
    content: bytes, message: str, inbox: Path, raw: Path
) -> None:
    (inbox / "receipts.csv").write_bytes(content)
    with pytest.raises(ReceiptsError, match=r"receipts\.csv") as caught:
        take(inbox, raw)
    assert message in str(caught.value)
    assert not raw.exists()


def test_a_wrong_registry_is_refused_before_anything_is_taken(inbox: Path, raw: Path) -> None:
    (inbox / "registry" / "units.csv").write_bytes(REGISTRY.replace(b"undergraduate", b"unknown"))
    with pytest.raises(RegistryError, match="第3行"):
        take(inbox, raw)
    assert listed(raw) == []
    assert RegistryStore(raw).editions() == []


def test_no_receipt_is_lost_for_its_time(inbox: Path, raw: Path) -> None:
    """Whatever time of receipt is taken, the file is found again in the store."""
    (inbox / "receipts.csv").write_text("file,received_at\n2025Q1/0.xlsx,2001-12-31T23:59:59Z\n", "utf-8")
    take(inbox, raw)
    assert len(listed(raw)) == 3


def test_progress_names_each_file(inbox: Path, raw: Path, catalogue: Catalogue) -> None:
    seen: list[str] = []
    receive(inbox, raw, catalogue, NOW, seen.append)
    assert seen == ["2025Q1/0.xlsx", "2025Q1/1.xlsx", "2025Q1/2.xlsx"]
