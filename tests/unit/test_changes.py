"""What the overview says of the quarter before: the change, how sure it is, who turned, and what has come in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.markup import Link, text_of
from dashboards.queries import changes as queries
from dashboards.scope import Scope
from dashboards.tables import changes as tables
from pipelines.exports.labels import Labels
from pipelines.labels import ENUMERATIONS
from tests.marts import BLANKS, publish

NOW, BEFORE = "2025Q4", "2025Q3"
SUBMISSIONS = [  # id, unit, period, version, received, state
    ("1", "S1", BEFORE, 1, datetime(2025, 10, 8), "accepted"),  # noqa: DTZ001 — the marts hold UTC without a zone
    ("2", "S1", BEFORE, 2, datetime(2025, 11, 8), "accepted"),  # noqa: DTZ001
    ("3", "S2", BEFORE, 1, datetime(2025, 12, 8), "accepted"),  # noqa: DTZ001
    ("4", "S1", NOW, 1, datetime(2026, 1, 8), "superseded"),  # noqa: DTZ001
    ("5", "S1", NOW, 2, datetime(2026, 2, 8), "accepted"),  # noqa: DTZ001
    ("6", None, None, None, datetime(2026, 1, 9), "refused"),  # noqa: DTZ001
]


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    periods = [(BEFORE, 3, "2025年第三季度", datetime(2025, 10, 20)), (NOW, 4, "2025年第四季度", datetime(2026, 1, 20))]  # fmt: skip # noqa: DTZ001
    dimensions = [{"enumeration": "dimension", "code": code, "label_zh": zh} for code, zh in (("learning", "学习型"), ("service", "服务型"))]  # fmt: skip
    run = publish(tmp_path, {
        "dim_label": dimensions + [{"enumeration": name, "code": code, "label_zh": zh, "label_en": en} for name, entries in ENUMERATIONS.items() for code, zh, en in entries],
        "dim_period": [{"period": p, "year": 2025, "quarter": q, "label_zh": zh, "due_at": due, "is_due": True} for p, q, zh, due in periods],
        "dim_unit": [{"unit_code": code, "name": f"{code}学校", "kind": "school", "city": "南京市"} for code in ("S1", "S2")],
        "submissions": [
            {"submission_id": i, "unit_code": u, "period": p, "version": v, "received_at": t, "state": s} for i, u, p, v, t, s in SUBMISSIONS
        ],
        "quarter_changes": [
            {"period": NOW, "measure": m, "dimension": d, "before_period": BEFORE, "units": 40, "items": n, "good_before": a, "good": b, "units_up": up, "units_down": down}
            for m, d, n, a, b, up, down in (
                ("met", "service", 100, 90, 90, 0, 0), ("met", "total", 200, 180, 160, 1, 15), ("met", "learning", 100, 90, 70, 1, 15),
                ("received", "total", 40, 36, 39, 3, 0),
            )
        ],
    })  # fmt: skip
    return Scope(run, Labels.of(run), NOW, "2025年第四季度", BLANKS["TIMESTAMP"], is_due=True)


def row(**changed: Any) -> dict[str, Any]:
    base = {"measure": "met", "dimension": "total", "items": 100, "good_before": 50, "good": 50, "units_up": 0, "units_down": 0}  # fmt: skip
    return base | changed


@pytest.mark.parametrize(
    ("before", "good", "items", "said"),
    [
        (50, 50, 100, "0.0"),
        (50, 53, 100, "+3.0"),
        (303, 284, 323, "−5.9"),
        (10_000, 10_001, 30_000, "+0.003"),  # a change is never rounded to none
        (10_001, 10_000, 30_000, "−0.003"),
    ],
)
def test_the_change_has_its_sign(before: int, good: int, items: int, said: str) -> None:
    assert tables.points(row(good_before=before, good=good, items=items)) == said


@pytest.mark.parametrize(
    ("changed", "is_due", "said"),
    [
        ({}, True, tables.SAME),
        ({"good": 57, "units_up": 7}, True, tables.TOO_FEW),
        ({"good": 58, "units_up": 8}, True, "▲ 上升可信"),
        ({"good": 42, "units_down": 8}, True, "▼ 下降可信"),
        ({"good": 54, "units_up": 8, "units_down": 4}, True, tables.UNCERTAIN),
        ({"good": 40, "units_up": 9}, True, tables.UNCERTAIN),  # many rose a little, one fell far
        ({"measure": "received", "good": 42, "units_down": 8}, False, tables.NOT_DUE),
        ({"good": 42, "units_down": 8}, False, "▼ 下降可信"),
    ],
)
def test_a_change_is_believed_beyond_chance_only(changed: dict[str, Any], is_due: bool, said: str) -> None:
    assert tables.judged(row(**changed), is_due).text == said


@pytest.mark.parametrize(
    ("before", "earliest", "said"),
    [
        (BEFORE, BEFORE, ""),
        (None, NOW, "2025年第四季度是系统中最早的报告期，没有上一季度可以比较。"),
        (None, "2025Q1", "系统中没有2025年第四季度的上一季度，无法比较。"),
    ],
)
def test_without_a_quarter_before_it_says_why(
    scope: Scope, before: str | None, earliest: str, said: str
) -> None:
    assert tables.nothing(before, earliest, scope).startswith(said)
    assert bool(said) == bool(tables.nothing(before, earliest, scope))


def test_the_table_goes_from_reporting_to_the_dimensions(scope: Scope) -> None:
    since = queries.since(scope.run, NOW, BEFORE)
    shown = tables.compared_table(queries.compared(scope.run, NOW), since, scope)
    assert [[text_of(cell) for cell in line] for line in shown.rows] == [
        ["报送率", "40个单位", "90.0%", "97.5%", "+7.5", "3 / 0", tables.TOO_FEW],
        ["达标率", "40个单位 200项次", "90.0%", "80.0%", "−10.0", "1 / 15", "▼ 下降可信"],
        ["其中：学习型", "40个单位 100项次", "90.0%", "70.0%", "−20.0", "1 / 15", "▼ 下降可信"],
        ["其中：服务型", "40个单位 100项次", "90.0%", "90.0%", "0.0", "0 / 0", tables.SAME],
    ]


MOVED = pl.DataFrame(
    {"unit_code": ["S1", "S1", "S2"], "is_good": [False, False, True]},
    schema={"unit_code": pl.String, "is_good": pl.Boolean},
)
FLAGS = pl.DataFrame(
    [("performance", "red", "new", 3), ("performance", "amber", "closed", 2), ("trend", "watch", "new", 1)],
    schema=["kind", "level", "standing", "count"],
    orient="row",
)


def test_the_morning_in_one_line(scope: Scope) -> None:
    since, compared = queries.since(scope.run, NOW, BEFORE), queries.compared(scope.run, NOW)
    assert tables.compared_reading(compared, MOVED, FLAGS, since, scope) == (
        "与2025年第三季度相比，达标率下降10.0个百分点（可信）；1个单位的2项标准转为未达标，1个单位的1项转为达标；新增预警4条，解除2条。"
    )
    still = tables.compared_reading(compared.head(1), MOVED.clear(), FLAGS.clear(), since, scope)
    assert still == "与2025年第三季度相比，各项比率没有超出偶然波动的变化；新增预警0条，解除0条。"


def test_each_count_of_flags_leads_to_its_list(scope: Scope) -> None:
    shown = tables.flags_table(FLAGS, scope).rows
    assert [[text_of(cell) for cell in line] for line in shown] == [
        ["绩效", "3", "0", "0", "3", "2"],
        ["趋势", "0", "0", "1", "1", "0"],
        ["合计", "3", "0", "1", "4", "2"],
    ]
    red, *_, closed = shown[0][1:]
    assert isinstance(red, Link)
    assert dict(red.query) == {"period": NOW, "standing": "new", "level": "red", "flag": "performance"}
    assert isinstance(closed, Link)
    assert dict(closed.query) == {"period": NOW, "standing": "closed", "flag": "performance"}


@pytest.mark.parametrize(
    ("period", "before", "came"),
    [
        (NOW, BEFORE, [("5", "again"), ("6", "refused"), ("4", "first"), ("3", "late"), ("2", "revised")]),
    ],
)
def test_what_came_in_since(scope: Scope, period: str, before: str, came: list[tuple[str, str]]) -> None:
    since = queries.since(scope.run, period, before)
    frame = queries.arrivals(scope.run, period, since.after, since.until)
    by_time = {time: identity for identity, *_, time, _ in SUBMISSIONS}
    assert [(by_time[time], kind) for time, kind in frame.select("received_at", "arrival").rows()] == came
    words = tables.arrivals_reading(queries.counted(frame), since, scope)
    assert words == (
        "2025-10-20（2025年第三季度报送截止）以来，收到本期首次报送1份（1个单位）、本期更正1份（1个单位）、"
        "以前各期补报1份（1个单位）、以前各期更正1份（1个单位）、未能受理1份。"
    )
    assert len(tables.arrivals_table(frame, scope).rows) == len(came) - 1


def test_an_earlier_quarter_ends_at_its_own_due_time(scope: Scope) -> None:
    until = datetime(2026, 1, 20).isoformat()  # noqa: DTZ001
    after = datetime(2025, 10, 20).isoformat()  # noqa: DTZ001
    frame = queries.arrivals(scope.run, NOW, after, until)
    assert "again" not in frame["arrival"]
    assert queries.counted(frame)["first"] == (1, 1)
