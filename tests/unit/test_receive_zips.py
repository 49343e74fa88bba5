"""Zips, and zips in them: opened within bounds, told where they cannot be, and one spoilt file stops no other."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.intake import archives
from pipelines.intake.archives import MOST_FILES, Room
from tests.receiving import NOW, WORKBOOKS, listed, take, tree


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
