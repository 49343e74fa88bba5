"""The pages 报送情况 and 填报负担: figures summed before they are divided, and nothing short of everything shown as 100%."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import reporting_charts, theme
from dashboards.queries import load as load_queries
from dashboards.queries import reporting as queries
from dashboards.scope import Scope
from dashboards.tables import load as load_tables
from dashboards.tables import reporting as tables
from pipelines.cli import terminal
from pipelines.cli.main import cli
from pipelines.exports.labels import Labels
from pipelines.exports.load import each
from pipelines.labels import ENUMERATIONS
from tests.marts import Rows, publish

NOW, BEFORE = "2025Q4", "2025Q3"
LATE_AT = datetime.fromisoformat("2026-01-23T02:00:00")


def unit(code: str, period: str, usable: int, cells: int, **columns: Any) -> dict[str, Any]:
    """A unit in time and accepted, unless said otherwise."""
    return {"unit_code": code, "period": period, "usable": usable, "cells": cells, "on_time": True, "days_late": 0,
            "n_versions": 1, "state": "accepted", "owes": "nothing"} | columns  # fmt: skip


ABSENT = {"on_time": False, "days_late": None, "n_versions": 0, "state": "not_reported", "owes": "report"}
LATE = {"on_time": False, "days_late": 3, "first_received_at": LATE_AT}
PROVINCE: dict[str, Rows] = {
    "dim_period": [{"period": BEFORE}, {"period": NOW}],
    "dim_city": [
        {"city_code": "320100", "name": "南京市", "short": "南京"},
        {"city_code": "320500", "name": "苏州市", "short": "苏州"},
    ],
    "dim_unit": [
        {"unit_code": "S1", "name": "一小", "kind": "school", "city_code": "320100", "city": "南京市"},
        {"unit_code": "S2", "name": "二小", "kind": "school", "city_code": "320500", "city": "苏州市"},
        {"unit_code": "U1", "name": "大学", "kind": "university", "city_code": "320100", "city": "南京市"},
    ],
    "dim_label": [
        {"enumeration": enumeration, "code": code, "label_zh": zh}
        for enumeration, labels in ENUMERATIONS.items()
        for code, zh, _ in labels
    ],
    "unit_reporting": [
        unit("S1", NOW, 10, 10),
        unit("S2", NOW, 0, 30, **ABSENT),
        unit("U1", NOW, 2999, 3000, **LATE),
        unit("S1", BEFORE, 5, 10),
        unit("U1", BEFORE, 100, 100),
    ],
    "question_reporting": [
        {"period": NOW, "unit_kind": kind, "city_code": city, "question": question, "cells": cells, "usable": usable,
         "not_reported": cells - usable}
        for kind, city, question, cells, usable in (
            ("school", "320100", "L1.1a", 10, 10), ("school", "320500", "L1.1a", 30, 0), ("university", "320100", "L1.1a", 60, 60),
            ("school", "320100", "L1.2a", 10, 9),
        )
    ],
    "dim_question": [
        {"question": "L1.1a", "label_zh": "甲", "clause": "L1.1", "who": "school"},
        {"question": "L1.2a", "label_zh": "乙", "clause": "L1.2", "who": "school"},
    ],
    "load": [
        {"period": NOW, "unit_kind": "school", "form": "own", "units": 2, "respondents": 2, "asked": 20, "prefilled": 4, "changed": 1, "typed": 15, "blank": 1},
        {"period": NOW, "unit_kind": "school", "form": "ledger", "units": 1, "respondents": 3, "asked": 30, "prefilled": 3, "changed": 0, "typed": 27, "blank": 0},
        {"period": NOW, "unit_kind": "university", "form": "own", "units": 1, "respondents": 1, "asked": 10, "prefilled": 1, "changed": 0, "typed": 9, "blank": 0},
    ],
}  # fmt: skip


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    run = publish(tmp_path, PROVINCE)
    return Scope(run, Labels.of(run), NOW, "2025年第四季度", LATE_AT, is_due=True)


@pytest.mark.parametrize(
    ("kind", "city", "expected"),
    [
        (None, None, {"owed": 3, "received": 2, "on_time": 1, "accepted": 2, "cells": 3040, "usable": 3009}),
        ("school", None, {"owed": 2, "received": 1, "on_time": 1, "accepted": 1, "cells": 40, "usable": 10}),
        (
            None,
            "320100",
            {"owed": 2, "received": 2, "on_time": 1, "accepted": 2, "cells": 3010, "usable": 3009},
        ),
        ("city", None, {"owed": 0, "received": 0, "on_time": 0, "accepted": 0, "cells": 0, "usable": 0}),
    ],
)
def test_key_figures_are_sums_of_what_was_chosen(
    scope: Scope, kind: str | None, city: str | None, expected: dict[str, int]
) -> None:
    assert queries.totals(scope.run, NOW, kind, city) == expected


def test_a_city_is_the_ratio_of_its_sums_and_never_rounded_to_everything(scope: Scope) -> None:
    frame = queries.city_quarters(scope.run, NOW, None, None)
    shown = tables.tiles(frame, "completeness").filter(pl.col("period") == NOW)
    assert shown.select("group", "text").rows() == [("全省", "99.0%"), ("南京", "99.97%"), ("苏州", "0.0%")]
    assert shown["detail"][1] == "完整率 99.97%（3009 / 3010个答案）"
    on_time = tables.tiles(frame, "timeliness").filter(pl.col("period") == NOW)
    assert on_time.select("text", "detail").rows()[1] == ("50.0%", "按时率 50.0%（1 / 2个单位）")
    assert "最低的是苏州（0.0%）、南京（99.97%）" in tables.tiles_reading(frame, "completeness", scope)


@pytest.mark.parametrize(
    ("on_time", "lowest"),
    [
        ([0, 0, 0, 0, 1], "最低的有4个地区，均为0.0%。"),
        ([1, 1, 1, 1, 1], "最低的有5个地区，均为50.0%。"),
        ([0, 0, 0, 1, 2], "最低的是市0（0.0%）、市1（0.0%）、市2（0.0%）。"),
        ([0, 1, 1, 1, 1], "最低的是市0（0.0%）。"),
        ([0, 1, 2, 2, 2], "最低的是市0（0.0%）、市1（50.0%）。"),
    ],
)
def test_the_lowest_cities_are_named_only_where_all_of_them_can_be(
    on_time: list[int], lowest: str, scope: Scope
) -> None:
    """Five cities of two units each: a name among equals would single one out."""
    cities = [
        {"group": f"市{place}", "city_code": str(place), "period": NOW, "on_time": count, "owed": 2}
        for place, count in enumerate(on_time)
    ]
    province = {"group": "全省", "city_code": None, "period": NOW, "on_time": sum(on_time), "owed": 10}
    frame = pl.DataFrame([*cities, province])
    assert tables.tiles_reading(frame, "timeliness", scope).endswith(f"；{lowest}")


def test_a_city_without_units_in_a_quarter_has_no_tile(scope: Scope) -> None:
    frame = queries.city_quarters(scope.run, NOW, None, None)
    figure: dict[str, Any] = json.loads(
        reporting_charts.heat_map(tables.tiles(frame, "completeness"), NOW).to_json()
    )
    drawn = figure["data"][0]
    assert (drawn["x"], drawn["y"]) == ([BEFORE, NOW], ["全省", "南京", "苏州"])
    assert drawn["z"] == [[4, 5], [4, 5], [None, 0]]
    assert len(figure["data"][1]["text"]) == 5
    ranges = [figure["layout"][axis]["range"] for axis in ("xaxis", "yaxis")]
    assert ranges == [[-0.5, 1.5], [2.5, -0.5]]  # no strip about the tiles that looks like a missing share
    assert drawn["hovertext"][1][1] == f"南京　{NOW}<br>完整率 99.97%（3009 / 3010个答案）"


def test_names_from_outside_are_inert_on_the_heat_map() -> None:
    tile = {"group": "<a href='x'>", "period": NOW, "share": 0.5, "text": "50.0%", "detail": "<b>"}
    assert "<a" not in reporting_charts.heat_map(pl.DataFrame([tile]), NOW).to_json().replace("\\u003c", "<")


def test_the_ramp_rises_in_lightness_alone() -> None:
    """Readers of any colour vision follow it, and so does a print in grey."""
    shades = [
        sum(w * int(c[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5))) for c in theme.RAMP
    ]
    assert shades == sorted(shades, reverse=True)


@pytest.mark.parametrize(
    ("kind", "city", "expected"),
    [
        (None, None, [("L1.1a", 100, 70, 30), ("L1.2a", 10, 9, 1)]),
        ("school", None, [("L1.1a", 40, 10, 30), ("L1.2a", 10, 9, 1)]),
        (None, "320100", [("L1.2a", 10, 9, 1), ("L1.1a", 70, 70, 0)]),
    ],
)
def test_questions_least_answered_come_first(
    scope: Scope, kind: str | None, city: str | None, expected: list[tuple[Any, ...]]
) -> None:
    frame = queries.questions(scope.run, NOW, kind, city)
    assert frame.select("question", "cells", "usable", "not_reported").rows() == expected


def test_who_was_late_and_by_how_many_days(scope: Scope) -> None:
    frame = queries.late(scope.run, NOW, None, None)
    assert frame.select("unit_code", "days_late").rows() == [("U1", 3)]
    assert tables.late_table(frame, scope).rows[0][2:4] == ["2026-01-23 10:00", "3"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("S1", "报送记录（2025Q3至2025Q4）：应报2期，按时2期。"),
        ("S2", "报送记录（2025Q4）：应报1期，按时0期；2025Q4未报送。"),
        ("U1", "报送记录（2025Q3至2025Q4）：应报2期，按时1期；2025Q4逾期3天。"),
        ("X", "该单位没有应报送的报告期。"),
    ],
)
def test_a_units_record_in_one_line(scope: Scope, code: str, sentence: str) -> None:
    frame = queries.record(scope.run, code)
    assert tables.record_reading(frame, scope) == sentence
    assert len(tables.record_table(frame, scope).rows) == frame.height


def test_an_open_quarter_is_no_failure(scope: Scope) -> None:
    frame = pl.DataFrame([unit("S1", NOW, 0, 10, **ABSENT) | {"owes": "not_due"}, unit("S1", BEFORE, 5, 10)])
    assert (
        tables.record_reading(frame, scope)
        == "报送记录（2025Q3至2025Q4）：应报1期，按时1期；2025Q4尚未截止。"
    )


@pytest.mark.parametrize(
    ("kind", "form", "fillers", "asked", "typed"),
    [
        (None, None, 3, 60, 51),
        ("school", None, 2, 50, 42),
        ("school", "ledger", 3, 30, 27),
        (None, "own", 3, 30, 24),
    ],
)
def test_the_load_is_taken_over_units_or_over_rows(
    scope: Scope, kind: str | None, form: str | None, fillers: int, asked: int, typed: int
) -> None:
    frame = load_queries.by_quarter(scope.run, kind, form)
    assert frame.select("period", "fillers", "asked", "typed").rows() == [(NOW, fillers, asked, typed)]
    bars = load_tables.bars(frame)
    assert bars["each"].sum() == pytest.approx(asked / fillers)
    assert bars.filter(pl.col("part") == "typed")["each"].to_list() == [typed / fillers]


@pytest.mark.parametrize(
    ("cells", "fillers", "shown"), [(274, 10, "27.4"), (1, 3000, "0.0003"), (0, 5, "0.0"), (1, 0, "—")]
)
def test_some_cells_are_never_none(cells: int, fillers: int, shown: str) -> None:
    assert each(cells, fillers) == shown


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose commands print on 80 columns; where its marts belong."""
    monkeypatch.setenv("SANXING_HOME", str(tmp_path))
    monkeypatch.setattr(terminal.console, "width", 80)
    return tmp_path / "data" / "marts"


def test_the_load_can_be_read_on_eighty_columns(narrow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(narrow, PROVINCE)
    assert cli(["load", "--period", NOW], standalone_mode=False) == 0
    said = capsys.readouterr().out
    for word in (NOW, "（每份10.0）", "（改动1）", "（每份7.5）"):
        assert word in said


def test_a_quarter_without_submissions_says_that_it_has_no_load(
    narrow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(narrow, {**PROVINCE, "load": []})
    assert cli(["load", "--period", NOW], standalone_mode=False) == 0
    assert "没有收到可以采用的报表，没有填报数据" in capsys.readouterr().out
