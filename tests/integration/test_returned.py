"""Files given back by the command line: what `check` finds is what the list says; corrected in place, the finding is gone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.intake.answers import Answer
from pipelines.returned.edit import returned
from pipelines.returned.list_sheet import Head
from pipelines.returned.marks import SEVERITIES
from pipelines.returned.remarks import Remark
from tests.additions import BOOK, Parts, with_macro, with_text_box, with_thread
from tests.conftest import Province
from tests.edits import parts_of
from tests.libreoffice.office import Errand, run_errands
from tests.returning import FORM_SHEET, GOOD, HEAD, MARKS, load, read, unmarked

LIST = "问题清单"


def checked(province: Province, file: Path, *options: str | Path) -> dict[str, object]:
    entry: dict[str, object] = json.loads(
        province.sanxing("check", "--json", file, *options, check=False).stdout
    )[0]
    return entry


def listed(sheet: Worksheet) -> list[tuple[str, str, str | None]]:
    """Severity, sheet and cell of each finding on the list; a link must lead to the cell that the row names."""
    found = []
    for row in sheet.iter_rows():
        if not str(row[0].value).isdecimal():
            continue
        name, cell = str(row[2].value), str(row[3].value)
        if row[3].hyperlink:
            assert row[3].hyperlink.location == f"'{name}'!{cell}"
        found.append((str(row[1].value)[:2], name, None if cell == "—" else cell))
    return sorted(found, key=str)


def expected(findings: list[dict[str, str | None]]) -> list[tuple[str, str, str | None]]:
    return sorted(
        ((SEVERITIES[str(f["severity"])].label, f["sheet"] or "整份文件", f["cell"]) for f in findings),
        key=str,
    )


@pytest.fixture(scope="module")
def faulty(province: Province) -> dict[str, str]:
    """A returned submission with a finding at a cell whose answer is a number."""
    findings = province.read("findings").filter(pl.col("rule") == "bounds", pl.col("cell").is_not_null())
    row = (
        findings.join(province.read("submissions"), on="submission_id")
        .sort("submission_id")
        .row(0, named=True)
    )
    return {key: row[key] for key in ("file", "sheet", "cell", "unit_code", "period")}


def test_a_file_is_marked_corrected_in_place_and_sent_again(
    province: Province, faulty: dict[str, str], tmp_path: Path
) -> None:
    first = checked(province, province.sample / faulty["file"], "--annotate", tmp_path / "退回")
    file = Path(str(first["returned"]))
    book = openpyxl.load_workbook(file)
    assert listed(book[LIST]) == expected(first["findings"])  # type: ignore[arg-type]
    cell = book[faulty["sheet"]][faulty["cell"]]
    assert cell.comment is not None
    # The same answers in other bytes are a new version, and nothing else is found in them.
    unchanged: list[dict[str, str]] = checked(province, file)["findings"]  # type: ignore[assignment]
    assert [f for f in unchanged if not f["rule"].startswith("resubmission")] == first["findings"]
    cell.value = 1
    book.save(file)
    second = checked(province, file, "--annotate", tmp_path / "再退")
    places = {(f["rule"], f["sheet"], f["cell"]) for f in second["findings"]}  # type: ignore[attr-defined]
    assert ("bounds", faulty["sheet"], faulty["cell"]) not in places
    if second["returned"]:
        again = openpyxl.load_workbook(str(second["returned"]))
        assert listed(again[LIST]) == expected(second["findings"])  # type: ignore[arg-type]
        assert again.sheetnames.count(LIST) == 1


def test_stored_submissions_come_back(province: Province, faulty: dict[str, str], tmp_path: Path) -> None:
    province.sanxing("return", faulty["period"], "--unit", faulty["unit_code"], "-o", tmp_path)
    (file,) = tmp_path.iterdir()
    submissions = province.read("submissions").filter(
        (pl.col("unit_code") == faulty["unit_code"]) & (pl.col("period") == faulty["period"])
    )
    latest = submissions.sort("received_at")["submission_id"][-1]
    findings = province.read("findings").filter(pl.col("submission_id") == latest)
    assert listed(openpyxl.load_workbook(file)[LIST]) == expected(findings.to_dicts())


def test_refused_files_of_no_unit_are_listed_with_their_reasons(province: Province, tmp_path: Path) -> None:
    """Nobody is left to believe that the period has no other faults."""
    submissions = province.read("submissions").filter(pl.col("state") == "refused")
    messages = dict(province.read("findings").select("submission_id", "message").iter_rows())
    unit_unknown = submissions.filter(pl.col("unit_code").is_null() & pl.col("period").is_not_null())
    period_unknown = submissions.filter(pl.col("period").is_null())
    period = unit_unknown["period"][0]
    expected_files = pl.concat([unit_unknown.filter(pl.col("period") == period), period_unknown])
    assert min(unit_unknown.height, period_unknown.height) > 0
    done = province.sanxing("return", period, "-o", tmp_path, check=False)
    _, _, listed_files = done.stdout.partition(f"另有{expected_files.height}个文件未能受理")
    lines = {f"  {row['file']}：{messages[row['submission_id']]}" for row in expected_files.to_dicts()}
    assert set(listed_files.splitlines()[1:]) == lines


def test_what_cannot_come_back_is_said(province: Province, faulty: dict[str, str], tmp_path: Path) -> None:
    done = province.sanxing("return", faulty["period"], "--unit", "无此单位", "-o", tmp_path, check=False)
    assert done.returncode == 1
    assert "没有收到这个单位的报表" in done.stdout
    done = province.sanxing("return", "2031Q1", "-o", tmp_path, check=False)
    assert (done.returncode, "没有2031Q1的结果" in done.stderr) == (2, True)
    photo, named = tmp_path / "照片.xlsx", tmp_path / "含姓名.xlsx"
    photo.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    book = openpyxl.load_workbook(province.sample / faulty["file"])
    book["封面"]["F1"] = "13800138000"
    book.save(named)
    done = province.sanxing("check", photo, named, "--annotate", tmp_path / "退回", check=False)
    assert done.returncode == 2
    assert "无处标注" in done.stdout
    assert "含有个人信息，其内容不能再次发出" in done.stdout
    assert not (tmp_path / "退回").exists()


def test_an_old_format_comes_back_as_a_fresh_template(
    province: Province, faulty: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "报表.xlsx"
    source.write_bytes((province.sample / faulty["file"]).read_bytes())
    run_soffice = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*run_soffice, "--convert-to", "ods", "--outdir", tmp_path, source], check=True, capture_output=True
    )
    before = checked(province, tmp_path / "报表.ods", "--annotate", tmp_path / "退回")
    file = Path(str(before["returned"]))
    assert file.suffix == ".xlsx"
    book = openpyxl.load_workbook(file)
    assert any("重新生成的本期报表" in str(row[0].value) for row in book[LIST].iter_rows(max_row=6))
    marked = [(s.title, c.coordinate) for s in book for r in s.iter_rows() for c in r if c.comment]
    assert (faulty["sheet"], faulty["cell"]) in marked
    after = checked(province, file)
    assert {(f["rule"], f["found"]) for f in after["findings"]} == {  # type: ignore[attr-defined]
        (f["rule"], f["found"])
        for f in before["findings"]  # type: ignore[attr-defined]
    }


def said_by(answer: Answer) -> tuple[object, ...]:
    return answer.question, answer.branch_code, answer.month, answer.number, answer.text


def test_a_marked_file_survives_libreoffice(tmp_path: Path) -> None:
    """Re-saved there, the answers and comments are the same, and the marks still come off to the cells' own fills."""
    said = ("99", "0至30", "请核对", "填的是“99”，应为0至30。请核对。", False)
    remarks = [
        Remark("block", "超出范围", "学习型", "D5", "", "", *said), Remark("explain", "变化过大", "支部台账", "E9", "", "", *said),
    ]  # fmt: skip
    marked, resaved = tmp_path / "marked.xlsx", tmp_path / "resaved.xlsx"
    marked.write_bytes(returned(GOOD, remarks, Head("示例")))
    run_errands([Errand(marked, resaved)], tmp_path / "profile")
    read_again, read_before = read(resaved.read_bytes()), read(GOOD)
    assert list(map(said_by, read_again.answers)) == list(map(said_by, read_before.answers))
    book = openpyxl.load_workbook(resaved)
    assert book.sheetnames[0] == LIST
    for remark in remarks:
        assert "请核对" in book[remark.sheet][remark.cell].comment.text
    clean = load(unmarked(resaved.read_bytes()))
    before = load(GOOD)
    assert clean.sheetnames == [LIST, *before.sheetnames]
    for remark in remarks:
        cell = clean[remark.sheet][remark.cell]
        assert cell.comment is None
        assert cell.fill.fgColor.rgb == before[remark.sheet][remark.cell].fill.fgColor.rgb


def test_what_a_sender_added_is_still_seen_in_libreoffice(tmp_path: Path) -> None:
    """A text box, a conversation, a print area, frozen panes and a macro, on a sheet that has been marked."""
    content = with_text_box(GOOD, FORM_SHEET, "请先填台账")
    content = with_macro(with_thread(content, FORM_SHEET, ("D5", 4, 3), ("这一格怎么填？", "按名册人数")))
    parts = Parts.of(content)
    area = f'<definedName name="_xlnm.Print_Area" localSheetId="1">{FORM_SHEET}!$A$1:$G$20</definedName>'
    parts.change(BOOK, "<definedNames>", f"<definedNames>{area}")
    marked, resaved = tmp_path / "marked.xlsm", tmp_path / "resaved.xlsx"
    marked.write_bytes(returned(parts.content(), MARKS, HEAD))
    run_errands([Errand(marked, resaved)], tmp_path / "profile")
    book = openpyxl.load_workbook(resaved)
    assert book.sheetnames == [LIST, *load(GOOD).sheetnames]
    assert book.active.title == LIST
    sheet = book[FORM_SHEET]
    for words in ("这一格怎么填？", "按名册人数", MARKS[0].sentence):
        assert words in sheet["D5"].comment.text
    assert sheet["D5"].fill.fgColor.rgb.endswith(SEVERITIES["block"].colour)
    assert sheet.print_area == f"'{FORM_SHEET}'!$A$1:$G$20"
    assert sheet.print_title_rows == load(GOOD)[FORM_SHEET].print_title_rows
    assert sheet.freeze_panes == load(GOOD)[FORM_SHEET].freeze_panes
    assert any("请先填台账".encode() in part for part in parts_of(resaved.read_bytes()).values())
