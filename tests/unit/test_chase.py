"""The chase list: who owes what, since when, and which office to ask; as rows, and as the file that another library opens."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pipelines.cli.main import cli
from pipelines.exports.chase import (
    LIST,
    LIST_HEAD,
    NOBODY,
    NOBODY_YET,
    OVERVIEW,
    chase_list,
    write_chase_list,
)
from pipelines.labels import ENUMERATIONS, SYNTHETIC_FILE
from pipelines.marts.lookup import UnknownCode
from pipelines.marts.published import PublishedRun
from tests.marts import Rows, publish

PERIOD = "2025Q4"
DUE = datetime.fromisoformat("2026-01-20T15:59:59")
EARLY, LATE = (
    datetime.fromisoformat("2026-01-12T02:00:00"),
    datetime.fromisoformat("2026-01-22T17:00:00"),
)  # the 23rd there
Tables = dict[str, Rows]


def unit(code: str, name: str, kind: str = "school", parent: str | None = "C1") -> dict[str, Any]:
    return {
        "unit_code": code,
        "name": name,
        "kind": kind,
        "city_code": "320100",
        "city": "南京市",
        "parent_code": parent,
    }


def reporting(code: str, owes: str, **columns: Any) -> dict[str, Any]:
    state = {"report": "not_reported", "replacement": "refused", "correction": "returned"}.get(
        owes, "accepted"
    )
    return {"unit_code": code, "period": PERIOD, "due_at": DUE, "state": state, "owes": owes} | columns


def finding(
    submission: str, sheet: str, cell: str | None, severity: str = "block", **columns: Any
) -> dict[str, Any]:
    number = f"{submission}{sheet}{cell}{severity}{columns.get('question')}"
    return {"finding_id": number, "submission_id": submission, "severity": severity, "sheet": sheet, "cell": cell,
            "explained": False if severity == "explain" else None, "message": "不是本系统的报表。"} | columns  # fmt: skip


PROVINCE: Tables = {
    "dim_period": [{"period": PERIOD, "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "due_at": DUE, "is_due": True}],
    "dim_unit": [
        unit("C1", "南京市委教育工委", "city", None),
        unit("C2", "苏州市委教育工委", "city", None),
        unit("U1", "一所大学", "university", None),
        unit("S1", "=HYPERLINK(1)"),
        unit("S2", "二小"),
        unit("S3", "三小"),
        unit("S4", "四小", parent="C2"),
    ],
    "dim_label": [
        {"enumeration": enumeration, "code": code, "label_zh": zh, "label_en": en}
        for enumeration in ("owes", "state")
        for code, zh, en in ENUMERATIONS[enumeration]
    ],
    "unit_reporting": [
        reporting("C1", "nothing"),
        reporting("C2", "explanation", submission_id="c2", stands_since=EARLY, to_explain=1),
        reporting("S1", "correction", submission_id="s1", stands_since=LATE, to_correct=7, to_explain=2),
        reporting("S2", "report"),
        reporting("S3", "replacement", n_refused=2),
        reporting("S4", "nothing"),
        reporting("U1", "correction", submission_id="u1", stands_since=EARLY, to_correct=1),
    ],
    "submissions": [
        {"submission_id": "r1", "unit_code": "S3", "period": PERIOD, "state": "refused", "received_at": EARLY},
        {"submission_id": "r2", "unit_code": "S3", "period": PERIOD, "state": "refused", "received_at": LATE},
    ],
    "findings": [
        *(finding("s1", "学习型", cell) for cell in ("D10", "D9", "AA9", "E9", "D30", "D31")),
        finding("s1", "学习型", "D9", question="L3.1a"),  # a second finding at the same place
        finding("s1", "支部台账", None),
        finding("s1", "服务型", "D8", "explain"),
        finding("s1", "服务型", "D9", "explain"),
        finding("s1", "创新型", "D9", "inform"),
        finding("c2", "支部台账", None, "explain"),
        finding("c2", "学习型", "D6", "explain", explained=True),
        finding("u1", "封面", "B3"),
        finding("r1", "封面", "B2", message="第一个文件的原因。"),
        finding("r2", "封面", "B2", message="第二个文件的原因。"),
    ],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return publish(tmp_path, PROVINCE)


def xlsx(run: PublishedRun, office: str | None = None) -> bytes:
    target = io.BytesIO()
    write_chase_list(run, PERIOD, target, office)
    return target.getvalue()


def body(content: bytes, sheet: str) -> list[tuple[Any, ...]]:
    """The table of a sheet, its head first."""
    return list(load_workbook(io.BytesIO(content))[sheet].iter_rows(min_row=4, values_only=True))


def test_each_office_gets_its_units_gravest_first(run: PublishedRun) -> None:
    rows = chase_list(run, PERIOD).rows
    assert [(row.office_code, row.unit_code, row.owes) for row in rows] == [
        ("province", "U1", "correction"),
        ("province", "C2", "explanation"),
        ("C1", "S2", "report"),
        ("C1", "S3", "replacement"),
        ("C1", "S1", "correction"),
    ]


@pytest.mark.parametrize(
    ("code", "since", "days", "places", "situation"),
    [
        ("S2", date(2026, 1, 20), 5, None, "到截止时间没有收到可以认定为该单位的报表。"),
        ("S3", date(2026, 1, 20), 5, None, "收到2个文件，均未能受理。最近一个：第二个文件的原因。"),
        (
            "S1",
            date(2026, 1, 23),
            2,
            7,
            "须改正7处：学习型!D9、学习型!E9、学习型!AA9、学习型!D10、学习型!D30等。另有2处须写明情况。",
        ),
        ("U1", date(2026, 1, 12), 13, 1, "须改正1处：封面!B3。"),
        ("C2", date(2026, 1, 12), 13, 1, "须写明情况1处：支部台账（整表）。"),
    ],
)
def test_since_when_and_where(
    run: PublishedRun, code: str, since: date, days: int, places: int | None, situation: str
) -> None:
    row = next(row for row in chase_list(run, PERIOD).rows if row.unit_code == code)
    assert (row.since, row.days, row.places, row.situation) == (since, days, places, situation)


def test_days_are_those_of_the_calendars_time_zone(tmp_path: Path) -> None:
    rows = {
        row.unit_code: row.since
        for row in chase_list(publish(tmp_path, PROVINCE, time_zone="Europe/London"), PERIOD).rows
    }
    assert rows["S1"] == date(2026, 1, 22)  # the 23rd in Shanghai


def test_the_counts_of_the_offices_are_those_of_the_rows(run: PublishedRun) -> None:
    listed = chase_list(run, PERIOD)
    assert [(office.code, office.name, office.units, office.owing) for office in listed.offices] == [
        ("province", "省委教育工委", 3, 2),
        ("C1", "南京市委教育工委", 3, 3),
        ("C2", "苏州市委教育工委", 1, 0),
    ]
    assert sum(office.owing for office in listed.offices) == len(listed.rows)
    assert (
        listed.reading
        == "2025年第四季度应报7个单位，需催报5个：未报送1个、未能受理1个、待改正2个、待说明1个。"
    )


def test_before_the_due_day_a_refused_file_counts_from_its_receipt(tmp_path: Path) -> None:
    later = datetime.fromisoformat("2026-02-20T15:59:59")
    tables = PROVINCE | {
        "dim_period": [{**PROVINCE["dim_period"][0], "due_at": later, "is_due": False}],
        "unit_reporting": [
            reporting("S3", "replacement", due_at=later, n_refused=2),
            reporting("S2", "not_due", due_at=later),
        ],
    }
    listed = chase_list(publish(tmp_path, tables), PERIOD)
    assert [(row.unit_code, row.since, row.days) for row in listed.rows] == [("S3", date(2026, 1, 23), 2)]
    assert listed.not_due == 1


def test_the_file_holds_the_rows_and_a_sum(run: PublishedRun) -> None:
    content = xlsx(run)
    assert load_workbook(io.BytesIO(content)).sheetnames == [OVERVIEW, LIST, "说明"]
    head, *rows = body(content, LIST)
    assert head == LIST_HEAD
    assert [row[1] for row in rows] == ["U1", "C2", "S2", "S3", "S1"]
    assert rows[4][6:9] == (datetime(2026, 1, 23), 2, 7)  # noqa: DTZ001 — a spreadsheet's date has no zone
    head, *offices, total = body(content, OVERVIEW)
    assert head == ("催办部门", "应报单位", "未报送", "未能受理", "待改正", "待说明", "催报合计", "无需催报")
    assert offices[1] == ("南京市委教育工委", 3, 1, 1, 1, 0, 3, 0)
    assert total == ("合计", 7, 1, 1, 2, 1, 5, 2)


def test_one_offices_own_list(run: PublishedRun) -> None:
    content = xlsx(run, "C1")
    assert [row[1] for row in body(content, LIST)[1:]] == ["S2", "S3", "S1"]
    assert body(content, OVERVIEW)[1:] == [("南京市委教育工委", 3, 1, 1, 1, 0, 3, 0)]
    with pytest.raises(UnknownCode, match="没有代码为“南京”的催办部门。相近的有：C1（南京市委教育工委）。"):
        xlsx(run, "南京")


def test_the_file_can_be_filtered_and_printed(run: PublishedRun) -> None:
    book = load_workbook(io.BytesIO(xlsx(run)))
    for sheet in book:
        assert sheet.freeze_panes == "A5"
        (table,) = sheet.tables.values()
        assert table.autoFilter is not None
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows == "$4:$4"
        assert "&P" in sheet.oddFooter.center.text
        assert sheet["A3"].value == SYNTHETIC_FILE
        assert "天数算至2026-01-25" in sheet["A2"].value
    assert book[OVERVIEW].tables["Table1"].ref == "A4:H7"  # the sum stands below: filters leave it alone


def test_real_data_carries_no_mark(tmp_path: Path) -> None:
    for sheet in load_workbook(io.BytesIO(xlsx(publish(tmp_path, PROVINCE, synthetic=False)))):
        assert sheet["A3"].value is None


def test_a_name_that_looks_like_a_formula_is_text(run: PublishedRun) -> None:
    cells = [cell for row in load_workbook(io.BytesIO(xlsx(run)))[LIST].iter_rows(min_row=5) for cell in row]
    (cell,) = (cell for cell in cells if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_the_same_run_gives_the_same_bytes(run: PublishedRun) -> None:
    assert xlsx(run) == xlsx(run)


@pytest.mark.parametrize(("owes", "sentence"), [("nothing", NOBODY), ("not_due", NOBODY_YET)])
def test_a_list_without_anybody_says_so(tmp_path: Path, owes: str, sentence: str) -> None:
    run = publish(tmp_path, PROVINCE | {"unit_reporting": [reporting("S1", owes)]})
    for sheet in (OVERVIEW, LIST):
        assert body(xlsx(run), sheet)[0][0] == f"2025年第四季度：{sentence}"


def test_a_period_without_results_is_named(run: PublishedRun) -> None:
    with pytest.raises(UnknownCode, match="没有2026Q1的结果"):
        chase_list(run, "2026Q1")


def test_files_of_no_unit_are_told_not_to_be_in_the_list(run: PublishedRun) -> None:
    meanings = dict(row[:2] for row in body(xlsx(run), "说明"))
    assert meanings["未报送"] == (
        "到截止时间没有收到可以认定为该单位的报表。无法认定单位的文件不在此列，见“数据质量”页未能受理的文件。"
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SANXING_HOME."""
    monkeypatch.setenv("SANXING_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("closed", [True, False])
def test_the_list_of_a_locked_quarter_says_what_a_late_report_needs(
    home: Path, closed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    locked_on = date(2026, 2, 1) if closed else None
    publish(
        home / "data" / "marts",
        PROVINCE | {"dim_period": [{**PROVINCE["dim_period"][0], "locked_on": locked_on}]},
    )
    assert cli(["chase", PERIOD, "-o", str(home / "x.xlsx")], standalone_mode=False) == 0
    remark = str(load_workbook(home / "x.xlsx")[OVERVIEW]["A2"].value)
    words = "本报告期已于2026-02-01锁定，补报须先批准例外"
    assert (words in remark, words in capsys.readouterr().out) == (closed, closed)


def test_an_office_without_a_code_is_no_office(home: Path) -> None:
    """Else a variable left empty in a script would send the whole province's list to one office."""
    publish(home / "data" / "marts", PROVINCE)
    with pytest.raises(UnknownCode, match="没有代码为“”的催办部门"):
        cli(["chase", PERIOD, "--office", "", "-o", str(home / "x.xlsx")], standalone_mode=False)
    assert not (home / "x.xlsx").exists()
