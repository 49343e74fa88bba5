"""`sanxing verify`: what it says of lists as they were written, edited, outlived by their data, forged, hostile, or none of ours."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import Workbook, load_workbook

from pipelines.exports.list_files import WRITERS
from pipelines.exports.list_manifest import SUFFIX
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import try_out
from pipelines.verification.verify import verify
from tests.handed_in import Bytes, forged, saved, with_part, written, zipped
from tests.listing import UNITS, published
from tests.selecting import unit

ENDINGS = pytest.mark.parametrize("ending", sorted(WRITERS))
CHANGES = {"quotas.school": "1"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    return published(tmp_path_factory.mktemp("published") / "marts")


def with_units(folder: Path, *units: dict[str, object]) -> PublishedRun:
    """Another run, in which these units have taken the place of those of the same code."""
    codes = {each["unit_code"] for each in units}
    return published(
        folder, [*(each for each in UNITS if each["unit_code"] not in codes), *units], name="run-2"
    )


@ENDINGS
@pytest.mark.parametrize("is_trial", [False, True])
def test_a_list_as_it_was_written_is_consistent(
    tmp_path: Path, run: PublishedRun, ending: str, is_trial: bool
) -> None:
    listed = try_out(run, 2025, CHANGES).run if is_trial else run
    verdict = verify(written(tmp_path, listed, ending), run)
    assert (verdict.state, verdict.status) == ("consistent", 0)
    assert ("试算名单" in verdict.details[0], "学校名额由2个改为1个" in verdict.details[0]) == (
        is_trial,
        is_trial,
    )
    assert "示例数据" in verdict.details[0]


@ENDINGS
def test_other_data_that_choose_the_same_units_leave_the_list(
    tmp_path: Path, run: PublishedRun, ending: str
) -> None:
    later = with_units(tmp_path / "later", unit("S3", 0.7))
    verdict = verify(written(tmp_path, run, ending), later)
    assert (verdict.state, verdict.status) == ("data_changed", 0)
    assert verdict.headline.startswith("数据已更新，名单未变")


@ENDINGS
def test_other_data_that_choose_others_name_who_came_in_who_went_out_and_whose_score_changed(
    tmp_path: Path, run: PublishedRun, ending: str
) -> None:
    later = with_units(tmp_path / "later", unit("S1", 0.96), unit("S3", 0.97, city_code="320500"))
    verdict = verify(written(tmp_path, run, ending), later)
    assert (verdict.state, verdict.status) == ("list_changed", 1)
    told = "\n".join(verdict.details)
    assert "新入选（1个）：S3 单位S3（得分97" in told
    assert "不再入选（1个）：S2 单位S2（原得分90" in told
    assert "=HYPERLINK(1)：得分由95变为96，名次由第1变为第2" in told


@ENDINGS
def test_a_trial_is_made_again_by_its_own_rules(tmp_path: Path, run: PublishedRun, ending: str) -> None:
    trial = try_out(run, 2025, CHANGES).run
    later = with_units(tmp_path / "later", unit("S3", 0.97))
    verdict = verify(written(tmp_path, trial, ending), later)
    assert verdict.state == "list_changed"
    assert any("新入选（1个）：S3" in line for line in verdict.details)
    assert not any("S2" in line for line in verdict.details)


def edited_sheets(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    book["名单"]["H6"] = 99.5
    book["资格条件"].delete_rows(5)
    book["理由"]["K4"] = "=1+1"
    return saved(book.save)


def sorted_sheet(content: bytes) -> bytes:
    """As a reader sorts a native table."""
    book = load_workbook(io.BytesIO(content))
    page = book["理由"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    for line, row in enumerate(reversed(rows), 5):
        for column, value in enumerate(row, 1):
            cell = page.cell(line, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # what looks like a formula is a text, as it was
    return saved(book.save)


def renamed_sheet(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    book["接近入选"].title = "递补单位"
    return saved(book.save)


def edited_paper(content: bytes) -> bytes:
    paper = docx.Document(io.BytesIO(content))
    paper.tables[0].rows[2].cells[5].paragraphs[0].runs[0].text = "99.50"
    return saved(paper.save)


def filled_in(content: bytes) -> bytes:
    """As a clerk finishes the draft: recipient, day, and blank lines."""
    paper = docx.Document(io.BytesIO(content))
    for line in paper.paragraphs:
        if "主送机关）" in line.text:
            line.runs[0].text = "省委："
        elif "月" in line.text and "日" in line.text and len(line.text) < 12:
            line.runs[0].text = "2026年3月1日"
    paper.add_paragraph("")
    return saved(paper.save)


def added_line(content: bytes) -> bytes:
    paper = docx.Document(io.BytesIO(content))
    paper.add_paragraph("另增加第九小学为示范点。", style="主送机关")
    return saved(paper.save)


@pytest.mark.parametrize(
    ("ending", "edit", "told"),
    [
        (
            ".xlsx",
            edited_sheets,
            [
                "“名单”表H6：文件中为“99.5”，应为“95”",
                "“理由”表K4：文件中为“=1+1”，应为“理由”",
                "资格条件：缺少“C1，",
            ],
        ),
        (".xlsx", renamed_sheet, ["多出“递补单位”", "缺少“接近入选”"]),
        (".docx", edited_paper, ["表格1第3行第6列：文件中为“99.5”，应为“95”"]),
        (".docx", added_line, ["多出“另增加第九小学为示范点。”"]),
        (".csv", lambda content: content.replace(b"95.0", b"99.5"), ["第3行第7列：文件中为“99.5”，应为“95”"]),
    ],
)
def test_an_edited_file_is_told_with_its_cells(
    tmp_path: Path, run: PublishedRun, ending: str, edit: Bytes, told: list[str]
) -> None:
    target = written(tmp_path, run, ending)
    target.write_bytes(edit(target.read_bytes()))
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("altered", 1)
    for words in told:
        assert any(words in line for line in verdict.details), verdict.details


@pytest.mark.parametrize(
    ("ending", "edit"),
    [
        (".xlsx", lambda content: saved(load_workbook(io.BytesIO(content)).save)),
        (".xlsx", sorted_sheet),
        (".docx", lambda content: saved(docx.Document(io.BytesIO(content)).save)),
        (".docx", filled_in),
        (".csv", lambda content: content.decode("utf-8-sig").encode("gb18030")),
    ],
)
def test_what_an_office_does_to_a_file_without_changing_it_is_no_alteration(
    tmp_path: Path, run: PublishedRun, ending: str, edit: Bytes
) -> None:
    target = written(tmp_path, run, ending)
    target.write_bytes(edit(target.read_bytes()))
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("saved_anew", 0), verdict.details
    assert verdict.headline.startswith("内容一致，已另存")


def test_an_edit_is_told_although_the_data_have_moved_on(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".xlsx")
    target.write_bytes(edited_sheets(target.read_bytes()))
    verdict = verify(target, with_units(tmp_path / "later", unit("S3", 0.7)))
    assert verdict.state == "altered"
    assert "“名单”的内容与导出时不同。" in verdict.details
    assert any("也可能出自数据更新" in line for line in verdict.details)


def test_a_forger_who_mends_the_digests_is_found_by_making_the_list_again(
    tmp_path: Path, run: PublishedRun
) -> None:
    target = written(tmp_path, run, ".csv")
    target.write_bytes(target.read_bytes().replace(b"95.0", b"99.5"))
    forged(target)
    verdict = verify(target, run)
    assert verdict.state == "altered"
    assert any("文件中为“99.5”，应为“95”" in line for line in verdict.details)


def test_a_trial_that_calls_itself_official_is_found(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, try_out(run, 2025, CHANGES).run, ".csv")
    forged(target, trial=None)
    verdict = verify(target, run)
    assert verdict.state == "altered"
    assert "核验数据中的评选参数不是正式评选所用的参数。" in verdict.details


@pytest.mark.parametrize(
    "facts",
    [
        {"catalogue": {"version": "2021.1", "sha256": "f" * 64}},
        {"clock": "2030-01-01T00:00:00+00:00"},
        {"inputs": "0" * 64},
        {"synthetic": False},
    ],
)
def test_other_facts_about_the_published_run_are_found(
    tmp_path: Path, run: PublishedRun, facts: dict[str, Any]
) -> None:
    """Above all another catalogue's hash: by it a trial's parameters were taken for those of an older policy."""
    target = written(tmp_path, try_out(run, 2025, CHANGES).run, ".csv")
    forged(target, trial=None, **facts)
    verdict = verify(target, run)
    assert verdict.state == "altered"
    assert "核验数据中的数据批次、目录、输入或截止时间与已发布的不符。" in verdict.details


def test_a_list_of_an_older_layout_is_compared_by_what_was_chosen(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".csv")
    target.write_bytes(target.read_bytes().replace("各项条件均已满足".encode(), "条件均满足".encode()))
    forged(target, layout=0)
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("not_compared", 3)
    assert "其余内容未核对，不能确认" in verdict.headline
    assert "重新导出" in verdict.details[-1]


def test_a_year_that_the_data_no_longer_have_is_told(tmp_path: Path, run: PublishedRun) -> None:
    later = published(tmp_path / "later", [unit("S1", 0.9, year=2026)], name="run-2")
    verdict = verify(written(tmp_path, run, ".xlsx"), later)
    assert verdict.state == "list_changed"
    assert any("没有2025年的示范点名单" in line for line in verdict.details)


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def after_declaration(part: bytes) -> bytes:
    head, _, rest = part.partition(b"?>")
    return head + b"?>" + DOCTYPE + rest


BODY = "word/document.xml"


def grown(name: str, more: bytes, after: bytes = b"") -> Bytes:
    """The part with something more before its last element ends."""

    def change(part: bytes) -> bytes:
        head, end, rest = part.rpartition(b"</")
        return head + more + after + end + rest

    return with_part(name, change)


@pytest.mark.parametrize(
    ("ending", "edit", "reason"),
    [
        (".xlsx", lambda _: b"", "已损坏"),
        (".xlsx", lambda content: content[: len(content) // 2], "已损坏"),
        (".xlsx", lambda _: zipped({"a": b"<a/>"}), "不是.xlsx或.docx"),
        (".xlsx", lambda _: saved(Workbook().save), "没有“核验信息”表"),
        (".xlsx", with_part("xl/vbaProject.bin", lambda _: b"x"), "宏"),
        (".xlsx", with_part("xl/worksheets/sheet1.xml", after_declaration), "办公软件不会写入的内容"),
        (".xlsx", with_part("xl/workbook.xml", after_declaration), "办公软件不会写入的内容"),
        (".xlsx", with_part("xl/worksheets/sheet9.xml", lambda _: b"<worksheet>"), "已损坏"),
        (
            ".xlsx",
            with_part("xl/worksheets/sheet9.xml", lambda part: part.replace("核验数据".encode(), b"x")),
            "没有可以识别的核验数据",
        ),
        (
            ".xlsx",
            with_part("xl/worksheets/sheet1.xml", lambda part: part.replace(b'r="A1"', b'r="XFD1"')),
            "超过400列",
        ),
        (".docx", with_part("word/document.xml", after_declaration), "办公软件不会写入的内容"),
        (".docx", with_part("customXml/item9.xml", after_declaration), "办公软件不会写入的内容"),
        (".docx", with_part("customXml/item9.xml", lambda _: b"<a/>"), "没有可以识别的核验数据"),
        (".docx", with_part("word/vbaProject.bin", lambda _: b"x"), "宏"),
        (".docx", grown(BODY, b"<w:p>" * 100, b"</w:p>" * 100), "嵌套超过60层"),
        (".xlsx", grown("xl/workbook.xml", b"<a>" * 100, b"</a>" * 100), "嵌套超过60层"),
        (".docx", grown(BODY, b" " * 5_000_000), "压缩到不足250分之一"),
        (
            ".docx",
            grown(BODY, b"".join(b"<a b='%d'/>" % number for number in range(1_200_000))),
            "与这份名单不相称",
        ),
        (".xlsx", grown("xl/worksheets/sheet1.xml", b"<row/>" * 1_200_000), "压缩到不足250分之一"),
        (
            ".docx",
            grown(BODY, b"<x " + b" ".join(b"a%d='1'" % number for number in range(300)) + b"/>"),
            "不会写入的内容",
        ),
        (".docx", lambda _: zipped({f"a{number}": b"" for number in range(5_000)}), "超过400个"),
        (".docx", lambda content: b"PK\x03\x04xx" + content, "已损坏"),
        (".docx", lambda content: content[:-2] + b"\x01\0x", "已损坏"),
        (".csv", lambda content: content + b"\n" * 10_000, "行数过多"),
        (".csv", lambda content: content + b"x" * 200_000, "文件过大"),
        (".csv", lambda content: content + b"," * 1_000, "超过400列"),
        (".csv", lambda _: b"\xff\xff\xff", "编码无法识别"),
        (".csv", lambda _: b'a,"b\nc', "已损坏"),
    ],
)
def test_a_hostile_or_foreign_file_is_no_list_of_ours(
    tmp_path: Path, run: PublishedRun, ending: str, edit: Bytes, reason: str
) -> None:
    target = written(tmp_path, run, ending)
    target.write_bytes(edit(target.read_bytes()))
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("not_ours", 2)
    assert reason in verdict.details[0]
    assert "请用 sanxing shortlist 重新导出" in verdict.details[0]


def test_what_a_package_inflates_to_is_bounded(
    tmp_path: Path, run: PublishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what ours inflates to."""
    monkeypatch.setattr("pipelines.verification.package.MORE_BYTES", -400_000)
    target = written(tmp_path, run, ".xlsx")
    target.write_bytes(saved(load_workbook(target).save))
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("not_ours", 2)
    assert verdict.details[0].startswith("文件展开后过大，与这份名单不相称。请核对文件是否完整")


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        "[" * 10_000,
        '{"kind":"sanxing-shortlist"}',
        json.dumps({"kind": "other", "year": 2025}),
        "x" * 300_000,
    ],
    ids=range(7),
)
def test_a_manifest_that_is_none_is_no_list_of_ours(tmp_path: Path, run: PublishedRun, manifest: str) -> None:
    target = written(tmp_path, run, ".csv")
    target.with_name(target.name + SUFFIX).write_text(manifest, "utf-8")
    assert verify(target, run).state == "not_ours"


def test_a_csv_without_its_manifest_says_where_that_should_lie(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".csv")
    target.with_name(target.name + SUFFIX).unlink()
    assert "旁边没有核验清单“名单.csv.manifest.json”" in verify(target, run).details[0]


def test_parameters_that_are_no_rules_are_no_list_of_ours(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".csv")
    forged(target, trial=["x"], parameters={"shortlist": {"quotas": "all"}})
    assert verify(target, run).details[0].startswith("核验数据中的评选参数无法识别。")
