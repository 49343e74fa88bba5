"""The shortlist file as another library opens it: rows, order, reasons, parameters, no formulas, the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pipelines.exports.cells import csv_bytes, neutral
from pipelines.exports.shortlist import (
    ShortlistUnavailable,
    shortlist_rows,
    shortlist_years,
    write_shortlist,
    write_shortlist_csv,
)
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun
from tests.marts import publish

UNITS: list[dict[str, Any]] = [
    {
        "unit_code": "S1",
        "name": "=HYPERLINK(1)",
        "kind": "school",
        "city": "南京市",
        "peer_group": "school:small",
    },
    {"unit_code": "S2", "name": "第二小学", "kind": "school", "city": "南京市", "peer_group": "school:small"},
    {"unit_code": "S3", "name": "第三小学", "kind": "school", "city": "苏州市", "peer_group": "school:small"},
    {
        "unit_code": "C1",
        "name": "苏州市委教育工委",
        "kind": "city",
        "city": "苏州市",
        "peer_group": "city:all",
    },
]
LIST: list[dict[str, Any]] = [
    {"year": 2025, "unit_code": "S2", "category": "primary", "score": 91.25, "rank": 1, "selected": True,
     "probability": 0.875, "reason": "得分第1"},
    {"year": 2025, "unit_code": "S1", "category": "primary", "score": 90.0, "rank": 2, "selected": True,
     "probability": 1.0, "reason": "得分第2"},
    {"year": 2025, "unit_code": "S3", "category": "primary", "selected": False, "reason": "覆盖率低于90%"},
    {"year": 2025, "unit_code": "C1", "category": "bureau", "score": 88.0, "rank": 1, "selected": True,
     "probability": 1.0, "reason": "得分第1"},
    {"year": 2024, "unit_code": "S3", "category": "primary", "score": 70.0, "rank": 1, "selected": False,
     "probability": 0.0, "reason": "名额为0"},
]  # fmt: skip
LABELS: list[dict[str, Any]] = [
    {"enumeration": "kind", "code": "school", "label_zh": "学校"},
    {"enumeration": "kind", "code": "city", "label_zh": "市委教育工委"},
    {"enumeration": "category", "code": "primary", "label_zh": "小学"},
    {"enumeration": "dimension", "code": "learning", "label_zh": "学习型"},
    {"enumeration": "peer_group", "code": "school:small", "label_zh": "学校·50人以下"},
]
TABLES: dict[str, list[dict[str, Any]]] = {"dim_unit": UNITS, "dim_label": LABELS, "shortlist": LIST}


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return publish(tmp_path, TABLES)


def xlsx(run: PublishedRun, year: int = 2025) -> bytes:
    buffer = io.BytesIO()
    write_shortlist(run, year, buffer)
    return buffer.getvalue()


def body(content: bytes, sheet: str) -> list[tuple[Any, ...]]:
    """Header and rows of the table on a sheet."""
    rows = load_workbook(io.BytesIO(content))[sheet].iter_rows(min_row=4, values_only=True)
    return [row for row in rows if any(cell is not None for cell in row)]


def test_selected_first_by_kind_and_rank_then_the_others(run: PublishedRun) -> None:
    assert shortlist_rows(run, 2025)["unit_code"].to_list() == ["C1", "S2", "S1", "S3"]
    assert shortlist_years(run) == [2025, 2024]


def test_the_list_holds_the_selected_and_every_figure_of_the_mart(run: PublishedRun) -> None:
    header, *rows = body(xlsx(run), "名单")
    assert header[0] == "序号"
    assert header[-1] == "入选理由"
    assert rows[1] == (
        2,
        "S2",
        "第二小学",
        "学校",
        "小学",
        "南京市",
        "学校·50人以下",
        91.25,
        1,
        0.875,
        "得分第1",
    )
    assert [row[1] for row in rows] == ["C1", "S2", "S1"]


def test_candidates_show_their_result_and_reason_and_missing_figures_stay_empty(run: PublishedRun) -> None:
    _, *rows = body(xlsx(run), "候选与理由")
    assert rows[-1] == (
        "S3",
        "第三小学",
        "学校",
        "小学",
        "苏州市",
        "学校·50人以下",
        None,
        None,
        None,
        "未入选",
        "覆盖率低于90%",
    )
    assert len(rows) == 4


def test_the_method_names_catalogue_run_inputs_and_every_parameter(run: PublishedRun) -> None:
    method = dict(body(xlsx(run), "方法与参数")[1:])
    assert method["目录版本"] == "2021.1"
    assert method["目录校验值（SHA-256）"] == "c" * 64
    assert method["输入数据校验值（SHA-256）"] == "a" * 64
    assert method["数据批次"] == "run-1"
    assert method["权重：学习型"] == "30%"
    assert method["名额：学校"] == "2个"
    assert method["入选条件：可计算指标占应计算指标的比例"] == "不低于90%"
    assert "50%" in method["换权重仍入选"]


def test_a_name_that_looks_like_a_formula_is_text(run: PublishedRun) -> None:
    sheet = load_workbook(io.BytesIO(xlsx(run)))["名单"]
    cell = next(cell for row in sheet.iter_rows(min_row=5) for cell in row if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_sheets_are_tables_with_frozen_heads_on_a4(run: PublishedRun) -> None:
    for sheet in load_workbook(io.BytesIO(xlsx(run))):
        assert sheet.freeze_panes == "A5"
        assert len(sheet.tables) == 1
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows == "$4:$4"


@pytest.mark.parametrize(("synthetic", "marked"), [(True, True), (False, False)])
def test_synthetic_data_say_so_on_every_sheet(tmp_path: Path, synthetic: bool, marked: bool) -> None:
    run = publish(tmp_path, TABLES, synthetic=synthetic)
    for sheet in load_workbook(io.BytesIO(xlsx(run))):
        assert (sheet["A3"].value == SYNTHETIC_FILE) is marked
    buffer = io.BytesIO()
    write_shortlist_csv(run, 2025, buffer)
    assert (SYNTHETIC_FILE in buffer.getvalue().decode("utf-8-sig")) is marked


def test_the_same_run_gives_the_same_bytes(run: PublishedRun) -> None:
    first = xlsx(run)
    assert xlsx(run) == first
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        years = {entry.date_time[0] for entry in package.infolist()}
        assert years == {1980}  # no part carries the time at which it was written
        created = package.read("docProps/core.xml").decode("utf-8")
    assert f"{datetime.now(UTC):%Y-%m-%d}" not in created


def test_a_year_in_which_nobody_was_chosen_still_makes_a_file(run: PublishedRun) -> None:
    assert body(xlsx(run, 2024), "名单")[0][0] == "本年度没有单位入选。"


def test_a_year_without_a_list_is_refused_with_the_years_there_are(run: PublishedRun) -> None:
    with pytest.raises(ShortlistUnavailable, match="没有2030年的示范点名单。已有名单的年份：2025、2024。"):
        write_shortlist(run, 2030, io.BytesIO())


def test_csv_opens_right_in_excel_and_holds_no_formula(run: PublishedRun, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    write_shortlist_csv(run, 2025, target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    assert [row["单位代码"] for row in rows] == ["C1", "S2", "S1", "S3"]
    assert rows[2]["单位名称"] == "'=HYPERLINK(1)"
    assert rows[1]["得分"] == "91.25"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("1-1", "1-1"),
        (-1, -1),
    ],
)
def test_text_that_would_be_a_formula_is_neutralised_and_numbers_are_not(
    value: object, shown: object
) -> None:
    assert neutral(value) == shown


def test_nothing_is_written_for_none() -> None:
    assert csv_bytes(["a", "b"], [[None, 1]]).decode("utf-8-sig") == "a,b\r\n,1\r\n"
