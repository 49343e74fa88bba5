"""Whatever a file and its unit are called, the file is kept and found again, and no name repeats a person or leads out of the store."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from expectations import Period
from pipelines.intake.receive import receive
from pipelines.plan import Inputs
from pipelines.settings import Settings
from pipelines.store.registry import RegistryStore
from pipelines.workbook import layout
from tests.edits import edited
from tests.receiving import CATALOGUE, NOW, REGISTRY, WORKBOOKS, listed, take, tree


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
