"""What the overview says of the quarter before: the change, how sure it is, who turned, and what has come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.markup import Link, text_of
from dashboards.queries import changes as queries
from dashboards.scope import Scope
from dashboards.tables import changes as tables
from dashboards.tables import overview as overview_tables
from pipelines.exports.labels import Labels
from pipelines.labels import ENUMERATIONS
from tests.marts import BLANKS, publish

NOW, BEFORE, NEXT = "2025Q4", "2025Q3", "2026Q1"
SUBMISSIONS = [  # id, unit, period, version, received, state
    ("1", "S1", BEFORE, 1, datetime(2025, 10, 8), "accepted"),  # noqa: DTZ001 — the marts hold UTC without a zone
    ("2", "S1", BEFORE, 2, datetime(2025, 11, 8), "accepted"),  # noqa: DTZ001
    ("3", "S2", BEFORE, 1, datetime(2025, 12, 8), "accepted"),  # noqa: DTZ001
    ("4", "S1", NOW, 1, datetime(2026, 1, 8), "superseded"),  # noqa: DTZ001
    ("5", "S1", NOW, 2, datetime(2026, 2, 8), "accepted"),  # noqa: DTZ001
    ("6", None, None, None, datetime(2026, 1, 9), "refused"),  # noqa: DTZ001
    ("7", "S2", NEXT, 1, datetime(2026, 1, 10), "superseded"),  # noqa: DTZ001 — before the quarter that it comes after is due
    ("8", "S2", NEXT, 2, datetime(2026, 5, 8), "accepted"),  # noqa: DTZ001 — after its own due time
]


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    periods = [
        (BEFORE, "2025年第三季度", datetime(2025, 10, 20)),  # noqa: DTZ001
        (NOW, "2025年第四季度", datetime(2026, 1, 20)),  # noqa: DTZ001
        (NEXT, "2026年第一季度", datetime(2026, 4, 20)),  # noqa: DTZ001
    ]
    dimensions = [{"enumeration": "dimension", "code": code, "label_zh": zh} for code, zh in (("learning", "学习型"), ("service", "服务型"))]  # fmt: skip
    run = publish(tmp_path, {
        "dim_label": dimensions + [{"enumeration": name, "code": code, "label_zh": zh, "label_en": en} for name, entries in ENUMERATIONS.items() for code, zh, en in entries],
        "dim_period": [{"period": p, "year": int(p[:4]), "quarter": int(p[-1]), "label_zh": zh, "due_at": due, "is_due": True} for p, zh, due in periods],
        "reporting": [{"period": p, "group_kind": "province", "group_code": "", "expected": 40, "received": n} for p, n in ((BEFORE, 40), (NOW, 39))],
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


TURNED = "1个单位的2项次转为未达标或进度滞后，1个单位的1项次转为达标或进度正常"
UNSURE = "没有可以确认的变化（变动太少或可能出于偶然）"
MET = row(good_before=90, good=80, units_up=1, units_down=15)
RECEIVED = row(measure="received", good_before=90, good=93, units_up=3)


@pytest.mark.parametrize(
    ("rows", "is_due", "said"),
    [
        ([RECEIVED, MET], True, "与2025年第三季度相比，达标率下降10.0个百分点，不像偶然"),
        (
            [RECEIVED | {"good": 100, "units_up": 10}, MET],
            True,
            "与2025年第三季度相比，报送率上升10.0个百分点、达标率下降10.0个百分点，均不像偶然",
        ),
        (  # what is sure is never rounded to none
            [MET | {"items": 30_000, "good_before": 10_015, "good": 10_001}],
            True,
            "与2025年第三季度相比，达标率下降0.05个百分点，不像偶然",
        ),
        ([RECEIVED], True, f"与2025年第三季度相比，各项比率{UNSURE}"),
        ([MET | {"dimension": "learning"}, RECEIVED], True, f"与2025年第三季度相比，各项比率{UNSURE}"),
        ([], True, "与2025年第三季度相比，没有可比的单位"),
        ([], False, "与2025年第三季度相比，没有可比的单位"),
        ([RECEIVED | {"units_up": 10}], False, "本期尚未截止，报送情况暂不比较"),
        (
            [RECEIVED, MET],
            False,
            "本期尚未截止，报送情况暂不比较；与2025年第三季度相比，达标率下降10.0个百分点，不像偶然",
        ),
        (
            [RECEIVED, MET | {"units_down": 2}],
            False,
            f"本期尚未截止，报送情况暂不比较；与2025年第三季度相比，达标率{UNSURE}",
        ),
    ],
)
def test_the_reading_tells_what_was_judged_and_what_is_sure(
    scope: Scope, rows: list[dict[str, Any]], is_due: bool, said: str
) -> None:
    frame = pl.DataFrame(rows, schema=list(MET))
    since = queries.since(scope.run, NOW, BEFORE)
    words = tables.compared_reading(frame, MOVED.clear(), FLAGS.clear(), since, replace(scope, is_due=is_due))
    assert words == said + ("；新增预警0条，解除0条。" if is_due else "。")


def test_the_morning_in_one_line(scope: Scope) -> None:
    since, compared = queries.since(scope.run, NOW, BEFORE), queries.compared(scope.run, NOW)
    assert tables.compared_reading(compared, MOVED, FLAGS, since, scope) == (
        f"与2025年第三季度相比，达标率下降10.0个百分点，不像偶然；{TURNED}；新增预警4条，解除2条。"
    )
    fallen = tables.compared_reading(compared, MOVED.head(2), FLAGS, since, scope)
    assert "1个单位的2项次转为未达标或进度滞后；新增预警" in fallen


def test_what_fell_behind_is_not_called_missed(scope: Scope) -> None:
    since = queries.since(scope.run, NOW, BEFORE)
    for is_good, turned in ((False, "转为未达标或进度滞后"), (True, "转为达标或进度正常")):
        shown = tables.moved_table(MOVED, since, scope, is_good)
        assert shown.caption == f"2025年第四季度比2025年第三季度{turned}的项次"
        assert shown.empty == f"与上季度相比，没有{turned}的项次。"


def test_the_judgement_is_explained_as_this_table_means_it(scope: Scope) -> None:
    since = queries.since(scope.run, NOW, BEFORE)
    *_, last = tables.compared_table(queries.compared(scope.run, NOW), since, scope).columns
    assert (last.title, last.meaning) == (
        "判断",
        "两个季度都有的单位中，好转与转差的单位数是否悬殊到不像偶然。",
    )


@pytest.mark.parametrize(("missing", "leads"), [(1, True), (0, False)])
def test_the_way_to_who_has_not_reported_stands_where_some_have_not(
    scope: Scope, missing: int, leads: bool
) -> None:
    links = overview_tables.worklist_links({}, missing, scope)
    assert ("查看未报送单位" in [text_of(link) for _, link in links]) == leads


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
    ("period", "before", "came", "said"),
    [
        (  # an older quarter ends at its own due time, and what is of a later one is no part of it
            NOW,
            BEFORE,
            [("4", "first"), ("6", "refused"), ("3", "late"), ("2", "revised")],
            "2025-10-20（2025年第三季度报送截止）至2026-01-20，收到本期首次报送1份（1个单位，表中不列）、"
            "以前各期补报1份（1个单位）、以前各期更正1份（1个单位）、未能受理1份。",
        ),
        (
            NEXT,
            NOW,
            [("8", "again"), ("5", "revised")],
            "2026-01-20（2025年第四季度报送截止）以来，收到本期更正1份（1个单位）、以前各期更正1份（1个单位）。",
        ),
    ],
)
def test_what_came_in_since(
    scope: Scope, period: str, before: str, came: list[tuple[str, str]], said: str
) -> None:
    since = queries.since(scope.run, period, before)
    frame = queries.arrivals(scope.run, period, since.after, since.until)
    by_time = {time: identity for identity, *_, time, _ in SUBMISSIONS}
    found = [(by_time[time], kind) for time, kind in frame.select("received_at", "arrival").rows()]
    assert sorted(found) == sorted(came)
    assert frame["received_at"].is_sorted(descending=True)
    assert tables.arrivals_reading(queries.counted(frame), since, scope) == said
    listed = [kind for _, kind in came if kind != "first"]
    assert len(tables.arrivals_table(frame, scope).rows) == len(listed)


def test_between_two_times_nothing_may_have_come_in(scope: Scope) -> None:
    since = queries.since(scope.run, NEXT, NOW)
    words = tables.arrivals_reading(dict.fromkeys(queries.ARRIVALS, (0, 0)), since, scope)
    assert words == "2026-01-20（2025年第四季度报送截止）以来，没有收到任何报送。"
