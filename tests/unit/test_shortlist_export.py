"""The list as files: sheets as another library opens them, text that is safe, marks on everything, and the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from pipelines.exports.cells import csv_bytes, neutral
from pipelines.exports.list_files import WRITERS, list_file, list_files
from pipelines.exports.list_manifest import SUFFIX, ListManifest
from pipelines.exports.shortlist import TRIAL, ShortlistUnavailable, shortlist_rows, shortlist_years
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import try_out
from pipelines.verification.verify import verify
from tests import listing
from tests.handed_in import saved, written
from tests.listing import published

ENDINGS = pytest.mark.parametrize("ending", sorted(WRITERS))
SHEETS = ["名单", "理由", "接近入选", "评分明细", "维度得分", "资格条件", "联系点", "方法与参数", "核验信息"]


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return published(tmp_path)


def sheet(content: bytes, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet's table by their heads."""
    head, *rows = load_workbook(io.BytesIO(content))[name].iter_rows(min_row=4, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def texts(content: bytes) -> list[str]:
    """Every text of a report: paragraphs, then cells."""
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in paper.paragraphs), *cells]


def test_selected_first_by_kind_and_rank_then_the_others(run: PublishedRun) -> None:
    assert shortlist_rows(run, 2025)["unit_code"].to_list() == ["C1", "S1", "S2", "S3", "S4", "S5"]
    assert shortlist_years(run) == [2025]


def test_the_list_holds_the_selected_with_rank_range_and_reason(run: PublishedRun) -> None:
    rows = sheet(list_file(run, 2025, ".xlsx"), "名单")
    assert [(row["序号"], row["单位代码"], row["得分"], row["名次"]) for row in rows] == [
        (1, "C1", 85, 1),
        (2, "S1", 95, 1),
        (3, "S2", 90, 2),
    ]
    assert rows[2]["名次区间最好"] <= 2 <= rows[2]["名次区间最差"]
    assert rows[2]["单位类型"] == "学校"
    assert rows[2]["入选理由"].startswith("入选：")


def test_reasons_near_misses_gates_and_contact_points_have_their_sheets(run: PublishedRun) -> None:
    content = list_file(run, 2025, ".xlsx")
    assert load_workbook(io.BytesIO(content)).sheetnames == SHEETS
    reasons = {row["单位代码"]: row for row in sheet(content, "理由")}
    assert len(reasons) == 6
    assert reasons["S5"]["理由"] == "未入选：可计算的指标占87.5%，低于90%。"
    assert [row["单位代码"] for row in sheet(content, "接近入选")] == ["S3"]
    failed = [row for row in sheet(content, "资格条件") if row["是否符合"] == "否"]
    assert [(row["单位代码"], row["条件"], row["要求"]) for row in failed] == [
        ("S4", "绩效预警", "0项红色绩效预警"),
        ("S5", "指标可计算比例", "不低于90%"),
    ]
    assert {row["结果"] for row in sheet(content, "联系点")} <= {"联系点", "未列入"}


def test_a_figure_that_could_not_be_calculated_stays_empty(run: PublishedRun) -> None:
    rows = sheet(list_file(run, 2025, ".xlsx"), "评分明细")
    empty = [row for row in rows if row["达成度"] is None]
    assert [(row["单位代码"], row["指标"], row["维度内权重"]) for row in empty] == [
        ("S5", "指标learning_1", 0)
    ]


def test_the_method_names_catalogue_run_inputs_and_every_parameter(run: PublishedRun) -> None:
    method = {row["项目"]: row["内容"] for row in sheet(list_file(run, 2025, ".xlsx"), "方法与参数")}
    assert method["目录版本"] == "2021.1"
    assert method["目录校验值（SHA-256）"] == "c" * 64
    assert method["输入数据校验值（SHA-256）"] == "a" * 64
    assert method["数据批次"] == "run-1"
    assert method["权重：学习型"] == "30%"
    assert method["名额：学校"] == "2个"
    assert method["每个设区市名额上限"] == "2个（各类单位合计）"
    assert method["资格条件：指标可计算比例"] == "不低于90%"
    draws = run.manifest["selection"]["scoring"]["alternatives"]["draws"]
    assert f"{draws}种" in method["换计分办法仍入选"]
    assert "学习型维度得分（高者在先）" in method["得分相同时"]


def test_a_name_that_looks_like_a_formula_is_text_without_what_cannot_be_seen(run: PublishedRun) -> None:
    book = load_workbook(io.BytesIO(list_file(run, 2025, ".xlsx")))
    cells = [cell for row in book["名单"].iter_rows(min_row=5) for cell in row if "HYPER" in str(cell.value)]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        ("=HYPERLINK(1)", "s", True)
    ]
    assert "=HYPERLINK(1)" in texts(list_file(run, 2025, ".docx"))
    listed = list(csv.DictReader(io.StringIO(list_file(run, 2025, ".csv").decode("utf-8-sig"))))
    assert listed[1]["单位名称"] == "'=HYPERLINK(1)"


def test_sheets_are_native_tables_with_filters_frozen_heads_and_print_set_up(run: PublishedRun) -> None:
    for page in load_workbook(io.BytesIO(list_file(run, 2025, ".xlsx"))):
        (table,) = page.tables.values()
        assert table.ref == f"A4:{page.dimensions.partition(':')[2]}"
        assert table.autoFilter.ref == table.ref
        assert [column.name for column in table.tableColumns] == [cell.value for cell in page[4]]
        assert page.freeze_panes == "A5"
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        # one page wide, which is what is meant where nothing is said, and as many high as it takes
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == "$4:$4"
        assert page.print_area == f"'{page.title}'!$A$1:{_absolute(table.ref.partition(':')[2])}"
        assert "&P" in page.oddFooter.center.text


def _absolute(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"


@ENDINGS
@pytest.mark.parametrize("synthetic", [True, False])
@pytest.mark.parametrize("is_trial", [True, False])
def test_synthetic_data_and_trials_say_so_on_every_sheet_page_and_file(
    tmp_path: Path, ending: str, synthetic: bool, is_trial: bool
) -> None:
    run = published(tmp_path, synthetic=synthetic)
    listed = try_out(run, 2025, {"quotas.school": "1"}).run if is_trial else run
    said = _marked(list_file(listed, 2025, ending), ending)
    assert said
    for text in said:
        assert (SYNTHETIC_FILE in text, TRIAL in text) == (synthetic, is_trial)


def _marked(content: bytes, ending: str) -> list[str]:
    """What stands where a mark must be: above each sheet, at the head of each page, in each line."""
    if ending == ".xlsx":
        pages = load_workbook(io.BytesIO(content)).worksheets
        return [f"{page['A3'].value}" for page in pages] + [f"{page.oddHeader.right.text}" for page in pages]
    if ending == ".docx":
        paper = docx.Document(io.BytesIO(content))
        heads = (paper.sections[0].header, paper.sections[0].even_page_header)
        return [paper.paragraphs[1].text, *("".join(line.text for line in head.paragraphs) for head in heads)]
    return [line.get("说明", "") for line in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def test_a_trial_carries_its_changes_and_no_contact_points(run: PublishedRun) -> None:
    trial = try_out(run, 2025, {"quotas.school": "1"}).run
    content = list_file(trial, 2025, ".xlsx")
    assert [row["单位代码"] for row in sheet(content, "名单")] == ["C1", "S1"]
    assert "联系点" not in load_workbook(io.BytesIO(content)).sheetnames
    changes = [row["内容"] for row in sheet(content, "方法与参数") if row["项目"] == "试算改动"]
    assert changes == ["学校名额由2个改为1个"]
    assert any("（试算）关于2025年度" in text for text in texts(list_file(trial, 2025, ".docx")))


@ENDINGS
def test_the_same_run_gives_the_same_bytes_on_any_day(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list_files(published(tmp_path / "a"), 2025, ending)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert list_files(published(tmp_path / "b"), 2025, ending) == first
    assert set(first) == ({"", SUFFIX} if ending == ".csv" else {""})


@pytest.mark.parametrize("ending", [".xlsx", ".docx"])
def test_no_part_carries_the_time_at_which_it_was_written(run: PublishedRun, ending: str) -> None:
    with zipfile.ZipFile(io.BytesIO(list_file(run, 2025, ending))) as package:
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}
        core, custom = (package.read(f"docProps/{name}.xml").decode() for name in ("core", "custom"))
    assert "2025-12-31" in core
    assert f"{datetime.now(UTC):%Y-%m-%d}" not in core
    assert "a" * 64 in custom
    assert "c" * 64 in custom


def test_every_form_carries_a_manifest(run: PublishedRun) -> None:
    rows = sheet(list_file(run, 2025, ".xlsx"), "核验信息")
    manifests = [
        ListManifest.parse(next(row["内容"] for row in rows if row["项目"] == "核验数据")),
        ListManifest.parse(list_files(run, 2025, ".csv")[SUFFIX].decode()),
    ]
    for manifest in manifests:
        assert manifest is not None
        assert (manifest.year, manifest.run, manifest.inputs) == (2025, "run-1", "a" * 64)
        assert manifest.catalogue.sha256 == "c" * 64
        assert len(manifest.parameters_sha256) == 64


@ENDINGS
def test_a_year_in_which_nobody_was_chosen_still_makes_a_file(tmp_path: Path, ending: str) -> None:
    from tests.selecting import unit

    run = published(tmp_path, [unit("S4", 0.9, red_flags=1)])
    content = list_file(run, 2025, ending)
    if ending == ".xlsx":
        assert load_workbook(io.BytesIO(content))["名单"]["A4"].value == "本年度没有单位入选。"
    elif ending == ".docx":
        assert "本年度没有单位入选。" in texts(content)


@ENDINGS
def test_a_year_without_a_list_is_refused_with_the_years_there_are(run: PublishedRun, ending: str) -> None:
    with pytest.raises(ShortlistUnavailable, match="没有2030年的示范点名单。已有名单的年份：2025。"):
        list_file(run, 2030, ending)


def test_the_csv_opens_right_in_excel(run: PublishedRun) -> None:
    content = list_file(run, 2025, ".csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["单位代码"] for row in rows] == ["C1", "S1", "S2", "S3", "S4", "S5"]
    assert rows[1]["得分"] == "95.0"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        (" =1", "' =1"),
        ("\u3000\t+1", "'\u3000\t+1"),
        ("\u200b@x", "'\u200b@x"),
        ("\xa0\r-1", "'\xa0\r-1"),
        ("\tx", "'\tx"),
        (" 1", " 1"),
        ("1-1", "1-1"),
        (-1, -1),
    ],
)
def test_text_that_would_be_a_formula_is_neutralised_and_numbers_are_not(
    value: object, shown: object
) -> None:
    assert neutral(value) == shown


def test_a_head_that_would_be_a_formula_is_neutralised_too() -> None:
    assert csv_bytes(["=1"], []).decode("utf-8-sig") == "'=1\r\n"


@ENDINGS
def test_a_name_that_no_file_could_hold_is_written_as_far_as_it_can_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """What is no character would break the file; what is too long for a cell is cut, and says so."""
    monkeypatch.setattr(listing, "FORMULA_NAME", f" =甲\ufffe\uffff\x07_x0041_{'𠀀' * 20_000}")
    run = listing.published(tmp_path / "marts")
    target = written(tmp_path, run, ending)
    assert verify(target, run).state == "consistent"
    if ending == ".docx":
        shown = docx.Document(str(target)).tables[0].rows[2].cells[2].text
    elif ending == ".csv":
        shown = next(row for row in csv.reader(target.open(encoding="utf-8-sig")) if "S1" in row)[1][1:]
    else:
        cell = load_workbook(target)["名单"]["C6"]
        assert cell.quotePrefix
        shown = cell.value.replace("_x005F_", "_")
        target.write_bytes(saved(load_workbook(target).save))
        assert verify(target, run).state == "saved_anew"
    assert shown.strip().startswith("=甲_x0041_𠀀𠀀")
    assert shown.endswith("𠀀……（原文过长，以下从略）")
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767


def test_nothing_is_written_for_none() -> None:
    assert csv_bytes(["a", "b"], [[None, 1]]).decode("utf-8-sig") == "a,b\r\n,1\r\n"
