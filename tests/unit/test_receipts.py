"""Times of receipt from the folder's list, and what is refused before anything is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations import Catalogue
from pipelines.intake.receipts import ReceiptsError
from pipelines.intake.receive import receive
from pipelines.registry.file import RegistryError
from pipelines.store.registry import RegistryStore
from tests.receiving import NOW, REGISTRY, listed, take


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
