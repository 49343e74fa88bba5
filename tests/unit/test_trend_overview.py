"""The page 趋势 in words: signals to either side, what the limits promise, how sure the years are, the years compared, a group's new flags."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from dashboards.markup import Badge, Link, Mark, Term, text_of
from dashboards.queries import trends as queries
from dashboards.scope import Scope
from dashboards.tables import trend_overview as tables
from dashboards.tables.trend_years import before_and_after, chance, yearly
from dashboards.tables.trends import Holder
from pipelines.exports.labels import Labels
from pipelines.exports.trend_points import write_points
from pipelines.exports.trend_signals import SIGNALS
from tests.marts import publish

NOW = "2025Q4"
IMAGE = "<img src=x onerror=alert(1)>"
CITY = Holder("city", "320100", "南京市", (("scope", "city"), ("city", "320100")))
CHOICE = {
    "indicator": "x", "label_zh": "学时", "clause": "L3.5", "unit": "学时", "direction": "higher", "compare": "at_least", "grain": "quarter",
    "rollup": "ratio_of_sums", "is_group": False, "full_standard": 4.0, "standard": 4.0, "value": 3.0, "centre": 5.0, "signal": "none",
    "side": None, "assurance": None, "last_point": NOW, "points": 12, "judged": True, "slope": None, "p": None, "level": None,
}  # fmt: skip
LABELS = {
    ("assurance", "consistent_pass"): "可稳定达标",
    ("assurance", "consistent_fail"): "难以达标",
    ("assurance", "inconsistent"): "不能保证达标",
    ("level", "amber"): "橙色",
    ("level", "watch"): "关注",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    known = [
        {"enumeration": kind, "code": code, "label_zh": name, "label_en": name}
        for (kind, code), name in LABELS.items()
    ]
    run = publish(tmp_path_factory.mktemp("overview"), {"dim_label": known})
    return Scope(run, Labels.of(run), NOW, "2025年第四季度", run.clock, is_due=True)


def overview(scope: Scope, *changes: dict[str, Any]) -> Any:
    frame = pl.DataFrame([{**CHOICE, **change} for change in changes], infer_schema_length=None)
    rows = tables.newest(frame)
    return rows, tables.overview_table(rows, CITY, scope)


@pytest.mark.parametrize(("signal", "side"), [key for key in SIGNALS if key[1]])
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_signal_is_named_by_what_it_means_for_the_work(
    shown: Scope, signal: str, side: str, direction: str
) -> None:
    rows, table = overview(shown, {"signal": signal, "side": side, "direction": direction})
    tone = "better" if (side == "high") == (direction == "higher") else "worse"
    known = SIGNALS[signal, side]
    word = {"better": "变好", "worse": "变差"}[tone]
    assert rows[0]["band"] == tone
    assert table.rows[0][4] == Mark(tone, known.sign, f"{known.name}（{word}）", known.meaning)
    assert list(table.groups) == [(0, f"{word}的信号（1项）")]


def test_what_is_worse_comes_first_then_what_is_better_then_the_rest(shown: Scope) -> None:
    rows, table = overview(
        shown,
        {"indicator": "few", "signal": "too_few_points"},
        {"indicator": "calm"},
        {"indicator": "near", "signal": "two_of_three", "side": "low"},
        {"indicator": "up", "signal": "shift", "side": "high"},
        {"indicator": "out", "signal": "astronomical", "side": "low"},
    )
    assert [row["indicator"] for row in rows] == ["out", "near", "up", "calm", "few"]
    assert [name for _, name in table.groups] == [
        "变差的信号（2项）", "变好的信号（1项）", "正常波动（1项）", "点数不足，暂不判断（1项）",
    ]  # fmt: skip
    assert [figure for _, figure, _ in tables.counts(rows)] == ["2", "1", "1", "1"]
    assert text_of(table.rows[-1][4]) == "还不足12个点，暂不判断"


def test_a_row_leads_to_the_chart_in_which_it_stands_out(shown: Scope) -> None:
    rows, table = overview(
        shown, {"grain": "month", "signal": "shift", "side": "low", "last_point": "2025-12"}, {}
    )
    assert len(rows) == 1
    link = table.rows[0][0]
    assert isinstance(link, Link)
    assert link.page == "trends"
    assert dict(link.query) == {
        "scope": "city", "city": "320100", "period": NOW, "trend": "x", "grain": "month",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"assurance": "consistent_pass"}, Badge("met", "可稳定达标")),
        ({"assurance": "consistent_fail"}, Badge("not_met", "难以达标")),
        ({"assurance": "inconsistent"}, Badge("behind", "不能保证达标")),
        ({"full_standard": None}, "未设标准"),
        ({"assurance": None}, "暂不判断"),
        ({"is_group": True, "rollup": "share_meeting"}, "按单位判断"),
    ],
)
def test_what_the_limits_promise_is_said_with_its_sign(
    shown: Scope, change: dict[str, Any], cell: Badge | str
) -> None:
    _, table = overview(shown, change)
    found = table.rows[0][5]
    assert found == cell if isinstance(cell, Badge) else isinstance(found, Term) and found.text == cell


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0496, "4.96%"), (0.05, "5.0%"), (0.0504, "5.04%"), (1 / 60, "1.7%"), (0.0002, "不到0.1%"), (1.0, "100.0%")],
)  # fmt: skip
def test_a_chance_never_crosses_five_percent_by_rounding(p: float, words: str) -> None:
    assert chance(p) == words


def test_the_years_are_told_with_slope_and_chance() -> None:
    year = {**CHOICE, "grain": "year", "points": 5, "slope": -0.25, "p": 1 / 60}
    assert yearly(year) == "每年约下降0.3学时，出于偶然的可能1.7%"
    assert yearly({**year, "unit": "%", "slope": 0.012}) == "每年约上升1.2个百分点，出于偶然的可能1.7%"
    assert yearly({**year, "slope": 0.0, "p": 1.0}) == "每年约持平，出于偶然的可能100.0%"
    assert yearly({**year, "judged": False, "points": 3}) == "只有3年，不足5年，暂不判断"
    assert yearly(None) == "没有全年数值"


@pytest.mark.parametrize(
    ("values", "change", "words"),
    [
        ((0.9, 0.8996), {"unit": "%"}, "2023年为90.00%，2025年为89.96%，下降0.04个百分点（变差）；2023年达到标准，2025年未达到标准（≥90%）。"),
        ((0.95, 0.973), {"unit": "%"}, "2023年为95.0%，2025年为97.3%，上升2.3个百分点（变好）；两年都达到标准（≥90%）。"),
        ((0.95, 0.973), {"unit": "%", "is_group": True}, "2023年为95.0%，2025年为97.3%，上升2.3个百分点（变好）。"),
        ((0.5, 0.5), {"unit": "%"}, "2023年为50.0%，2025年为50.0%，两年持平；两年都未达到标准（≥90%）。"),
    ],
)  # fmt: skip
def test_two_years_are_compared_without_rounding_a_failure_into_a_pass(
    values: tuple[float, float], change: dict[str, Any], words: str
) -> None:
    assert before_and_after(years(values, 0.9), {**CHOICE, **change}) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((31.05, 31.02), "2023年为31.05学时，2025年为31.02学时，下降0.03学时（变差）。"),
        ((6.0, 8.0), "2023年为6学时，2025年为8学时，上升2学时（变好）。"),
        ((29.75, 29.34), "2023年为29.75学时，2025年为29.34学时，下降0.41学时（变差）。"),
        ((None, 3.0), "只有2025年一个完整年的数值（3学时），还不能对比前后。"),
        ((None, None), "没有完整一年的数值，不能对比前后。"),
    ],
)
def test_the_difference_agrees_with_the_values_shown(
    values: tuple[float | None, float | None], words: str
) -> None:
    assert before_and_after(years(values, None), CHOICE) == words


def years(values: tuple[float | None, float | None], standard: float | None) -> pl.DataFrame:
    schema = {"point": pl.String, "value": pl.Float64, "standard": pl.Float64}
    rows = [("2023", values[0], standard), ("2024", None, None), ("2025", values[1], standard)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_groups_new_flags_are_its_units_and_branches_gravest_first(shown: Scope, tmp_path: Path) -> None:
    flag = {
        "period": NOW,
        "kind": "trend",
        "run_since": NOW,
        "indicator": "x",
        "reason": f"{IMAGE}已低于下限",
    }
    unit = {"kind": "school", "city_code": "320100"}
    run = publish(
        tmp_path,
        {
            "dim_unit": [
                {"unit_code": "A", "name": IMAGE, **unit},
                {"unit_code": "B", "name": "二小", **unit},
                {"unit_code": "B-01", "name": "第一党支部", "parent_code": "B", **unit, "kind": "branch"},
                {"unit_code": "C", "name": "三小", **unit, "city_code": "320200"},
                {"unit_code": "D", "name": "四小", **unit, "valid_from": date(2026, 1, 1)},
            ],
            "flags": [
                {**flag, "unit_code": "A", "level": "watch"},
                {**flag, "unit_code": "B-01", "level": "amber"},
                {**flag, "unit_code": "C", "level": "amber"},
                {**flag, "unit_code": "B", "level": "amber", "run_since": "2025Q3"},
                {**flag, "unit_code": "B", "level": "amber", "kind": "peer"},
            ],
        },
    )
    found = queries.newly_flagged(run, "city", "320100", NOW)
    assert found.select("unit_code", "branch_code", "level").rows() == [
        ("B", "B-01", "amber"), ("A", None, "watch"),
    ]  # fmt: skip
    members = queries.members(run, "city", "320100", NOW)
    assert tables.flagged_reading(found, members, CITY, shown) == (
        "2025年第四季度南京市2个单位中，1个单位本级新出现趋势预警；另有1个支部新出现趋势预警。"
    )
    table = tables.flagged_table(found, CITY, shown)
    link = table.rows[0][1]
    assert isinstance(link, Link)
    assert link.text == "二小　第一党支部"
    assert dict(link.query) == {
        "scope": "unit", "unit": "B", "branch": "B-01", "period": NOW, "trend": "x",
    }  # fmt: skip
    assert "<img" not in table.html()
    assert queries.newly_flagged(run, "kind", "school", NOW).height == 3
    assert queries.members(run, "kind", "university", NOW) == 0


def test_the_workbook_holds_the_points_and_names_stay_text(shown: Scope) -> None:
    points = pl.DataFrame(
        [("2025Q3", 3.0, "shift", "low"), ("2025Q4", None, None, None)],
        schema=["point", "value", "signal", "side"], orient="row",
    ).with_columns(centre=5.0, lower=4.0, upper=6.0, standard=4.0, peer_median=pl.lit(None, dtype=pl.Float64))  # fmt: skip
    target = io.BytesIO()
    write_points(shown.run, "=HYPERLINK(1)", points, CHOICE, [("说明", "=1+1")], target)
    book = openpyxl.load_workbook(target)
    rows = list(book["各点"].iter_rows(min_row=4, values_only=True))
    assert rows[1] == (
        "2025Q3", 3, "3学时", 5, 4, 6, 4, None, "连续7点偏低（变差）", SIGNALS["shift", "low"].meaning,
    )  # fmt: skip
    assert rows[2][:3] == ("2025Q4", None, None)
    assert rows[2][8] == "没有数值"
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
