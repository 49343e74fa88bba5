"""What the pages compute, on a province of three units: rows, sums, order, and what is left out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import charts, search
from dashboards.markup import Term
from dashboards.queries import clauses, flags, overview, quality, registry, unit
from dashboards.scope import Scope
from dashboards.tables import clauses as clauses_tables
from dashboards.tables import overview as overview_tables
from dashboards.tables import unit as unit_tables
from pipelines.exports.labels import Labels
from pipelines.marts.behind import answers_behind, terms
from pipelines.marts.published import PublishedRun
from tests.marts import BLANKS, Rows, publish

NOW, BEFORE = "2025Q4", "2025Q3"
Tables = dict[str, Rows]


def values(*rows: tuple[str, str, str | None, int | None, int | None]) -> list[dict[str, Any]]:
    """indicator_values of (unit, indicator, status, numerator, denominator) in this period."""
    return [
        {"unit_code": code, "period": NOW, "indicator": indicator, "status": status, "numerator": top, "denominator": bottom,
         "value": top / bottom if top is not None and bottom else None, "standard": Decimal("0.9") if status else None}
        for code, indicator, status, top, bottom in rows
    ]  # fmt: skip


PROVINCE: Tables = {
    "dim_period": [{"period": BEFORE, "year": 2025, "quarter": 3}, {"period": NOW, "year": 2025, "quarter": 4}],
    "dim_city": [
        {"city_code": "320100", "name": "南京市", "short": "南京"},
        {"city_code": "320500", "name": "苏州市", "short": "苏州"},
    ],
    "dim_unit": [
        {"unit_code": "S1", "name": "一小", "kind": "school", "city_code": "320100", "city": "南京市", "parent_code": "C1"},
        {"unit_code": "S2", "name": "二小", "kind": "school", "city_code": "320100", "city": "南京市", "parent_code": "C1"},
        {"unit_code": "C1", "name": "市委教育工委", "kind": "city", "city_code": "320100", "city": "南京市"},
        {"unit_code": "S1-1", "name": "第一支部", "kind": "branch", "city_code": "320100", "city": "南京市", "parent_code": "S1"},
        {"unit_code": "S1-2", "name": "第二支部", "kind": "branch", "city_code": "320100", "city": "南京市", "parent_code": "S1"},
    ],
    "dim_indicator": [  # by name, as published: the order of the policy is the reader's to restore
        {"indicator": "awards", "label_zh": "获奖", "dimension": "innovation", "clause": "I3.3", "unit": "项"},
        {"indicator": "meetings", "label_zh": "交流", "dimension": "leadership", "clause": "O1.1", "unit": "次",
         "standard": 1, "compare": "at_least"},
        {"indicator": "study", "label_zh": "参学率", "dimension": "learning", "clause": "L3.2", "unit": "%",
         "standard": Decimal("0.8"), "compare": "at_least", "effective_from": BLANKS["DATE"].replace(year=2016)},
        {"indicator": "study", "label_zh": "参学率", "dimension": "learning", "clause": "L3.2", "unit": "%",
         "standard": Decimal("0.9"), "compare": "at_least", "effective_from": BLANKS["DATE"].replace(year=2024)},
        {"indicator": "study", "label_zh": "参学率", "dimension": "learning", "clause": "L3.2", "unit": "%",
         "standard": Decimal("0.95"), "compare": "at_least", "effective_from": BLANKS["DATE"].replace(year=2026)},
    ],
    "dim_question": [
        {"question": "L3.2a", "label_zh": "应到人次", "clause": "L3.2"},
        {"question": "L3.2b", "label_zh": "实到人次", "clause": "L3.2"},
        {"question": "L3.2c", "label_zh": "请假人次", "clause": "L3.2"},
        {"question": "O2.2b", "label_zh": "文号", "clause": "O1.1"},
    ],
    "dim_indicator_question": [
        {"indicator": "study", "side": "denominator", "operation": "sum", "question": "L3.2a"},
        {"indicator": "study", "side": "numerator", "operation": "minus", "question": "L3.2c"},
        {"indicator": "study", "side": "numerator", "operation": "sum", "question": "L3.2b"},
        {"indicator": "meetings", "side": "denominator", "operation": "one"},
    ],
    "indicator_sources": [
        {"period": period, "indicator": "study", "side": side, "operation": "sum", "question": question, "source_period": source}
        for period, source in ((NOW, NOW), (NOW, BEFORE), (BEFORE, BEFORE))
        for side, question in (("numerator", "L3.2b"), ("denominator", "L3.2a"))
    ],
    "dim_clause": [
        {"clause": "I3.3", "section": "三(三)", "label_zh": "创新奖项", "dimension": "innovation", "kind": "volume"},
        {"clause": "L3.2", "section": "一(三)", "label_zh": "中心组成员参学率达到90%以上", "dimension": "learning", "kind": "threshold"},
        {"clause": "O1.1", "section": "四(一)", "dimension": "leadership", "kind": "threshold"},
        {"clause": "O2.1", "section": "四(二)", "dimension": "leadership", "kind": "process", "fulfilled_by": "示范点名单"},
    ],
    "neighbours": [{"unit_code": "S1", "place": 1, "neighbour_code": "S2", "distance": 0.5}],
    "scores": [{"unit_code": "S2", "period": NOW, "dimension": "total", "score": 71.25}],
    "indicator_values": values(
        ("S1", "study", "met", 9, 10), ("S2", "study", "not_met", 2249, 2500), ("C1", "study", "not_calculable", None, None),
        ("S1", "meetings", "on_pace", 1, 1), ("S2", "meetings", "behind", 0, 1), ("C1", "meetings", "not_due", None, None),
        ("S1", "awards", None, 3, 1), ("S1-1", "study", "not_met", 1, 2), ("S1-2", "study", "met", 8, 8),
    ),
    "status_counts": [
        {"period": period, "city_code": "320100", "dimension": dimension, "status": status, "items": items}
        for period, dimension, status, items in (
            (NOW, "learning", "met", 1), (NOW, "learning", "not_met", 1), (NOW, "learning", "not_calculable", 1), (NOW, "leadership", "on_pace", 1),
            (NOW, "leadership", "behind", 1), (NOW, "leadership", "not_due", 1), (BEFORE, "learning", "met", 9),
        )
    ],
    "reporting": [
        {"group_kind": "province", "group_code": "province", "period": NOW, "expected": 3, "received": 2, "on_time": 1},
        {"group_kind": "city", "group_code": "320100", "period": NOW, "expected": 3, "received": 2, "on_time": 1,
         "completeness": 0.99996},
        {"group_kind": "kind", "group_code": "school", "period": NOW, "expected": 2, "received": 2},
        {"group_kind": "kind", "group_code": "city", "period": NOW, "expected": 1, "received": 0},
    ],
    "submissions": [
        {"submission_id": "a1", "unit_code": "S1", "period": NOW, "version": 1, "state": "superseded", "file": "in/a1.xlsx"},
        {"submission_id": "a2", "unit_code": "S1", "period": NOW, "version": 2, "state": "accepted", "counts": True},
        {"submission_id": "b3", "unit_code": "S1", "period": BEFORE, "version": 1, "state": "accepted", "counts": True},
        {"submission_id": "c1", "unit_code": "S2", "period": NOW, "version": 1, "state": "returned", "n_block": 2},
        {"submission_id": "x1", "state": "refused", "file": "photo.xlsx"},
        {"submission_id": "x2", "state": "refused", "file": "old.xlsx", "period": BEFORE},
    ],
    "answers": [
        {"submission_id": "a2", "unit_code": "S1", "period": NOW, "question": "L3.2a", "value": 10, "sheet": "学习型", "cell": "D7"},
        {"submission_id": "a1", "unit_code": "S1", "period": NOW, "question": "L3.2a", "value": 99, "sheet": "学习型", "cell": "D7"},
        {"submission_id": "b3", "unit_code": "S1", "period": BEFORE, "question": "L3.2b", "value": 4, "sheet": "学习型", "cell": "D8"},
        {"submission_id": "a2", "unit_code": "S1", "branch_code": "S1-1", "period": NOW, "question": "L3.2b", "value": 5, "cell": "F9"},
        {"submission_id": "a2", "unit_code": "S1", "period": NOW, "question": "O2.2b", "text": "1号", "cell": "D1"},
    ],
    "findings": [
        {"finding_id": "f1", "submission_id": "a1", "unit_code": "S1", "period": NOW, "rule": "bounds", "severity": "block"},
        {"finding_id": "f2", "submission_id": "c1", "unit_code": "S2", "period": NOW, "rule": "bounds", "severity": "block",
         "message": "学习型表D7"},
        {"finding_id": "f3", "submission_id": "c1", "unit_code": "S2", "period": NOW, "rule": "bounds", "severity": "block"},
        {"finding_id": "f4", "submission_id": "a2", "unit_code": "S1", "period": NOW, "rule": "members_jump",
         "severity": "explain"},
        {"finding_id": "f5", "submission_id": "x1", "rule": "not_a_workbook", "severity": "block", "message": "不是工作簿"},
    ],
    "dim_rule": [{"rule": "bounds", "label_zh": "数值超出范围"}, {"rule": "members_jump", "label_zh": "党员数相差过大"}],
    "flags": [
        {"unit_code": "S2", "period": NOW, "kind": "performance", "level": "amber", "indicator": "meetings", "times": 3},
        {"unit_code": "S2", "period": NOW, "kind": "performance", "level": "red", "indicator": "study", "times": 1},
        {"unit_code": "C1", "period": NOW, "kind": "reporting", "level": "red", "run_since": NOW},
        {"unit_code": "S1-1", "period": NOW, "kind": "performance", "level": "watch", "indicator": "study", "run_since": NOW},
    ],
    "flag_runs": [
        {"unit_code": "C1", "kind": "reporting", "since": NOW, "last_period": NOW},
        {"unit_code": "S1-1", "kind": "performance", "indicator": "study", "since": NOW, "last_period": NOW},
    ],
    "group_values": [
        {"group_kind": "province", "group_code": "province", "period": NOW, "indicator": "study", "units": 3, "units_met": 1,
         "standard": Decimal("0.9")},
        {"group_kind": "province", "group_code": "province", "period": NOW, "indicator": "meetings", "units": 3, "units_met": 3,
         "standard": 1},
        {"group_kind": "city", "group_code": "320100", "period": NOW, "indicator": "study", "units": 3, "units_met": 0,
         "standard": Decimal("0.9")},
    ],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return publish(tmp_path, PROVINCE)


@pytest.fixture
def scope(run: PublishedRun) -> Scope:
    return Scope(run, Labels.of(run), NOW, "2025年第四季度", BLANKS["TIMESTAMP"], is_due=True)


def test_periods_come_newest_first_and_know_the_one_before(run: PublishedRun) -> None:
    assert registry.periods(run)["period"].to_list() == [NOW, BEFORE]
    assert registry.previous(run, NOW) == BEFORE
    assert registry.previous(run, BEFORE) is None


@pytest.mark.parametrize(
    ("period", "standard"), [("2021Q1", "0.8"), ("2025Q4", "0.9"), ("2026Q1", "0.95"), ("2015Q1", "0.8")]
)
def test_an_old_period_keeps_the_standard_that_it_was_judged_by(
    run: PublishedRun, period: str, standard: str
) -> None:
    known = registry.indicators(run, period).collect()
    assert known["indicator"].to_list() == ["study", "awards", "meetings"]
    assert known["standard"][0] == Decimal(standard)


def test_a_branch_knows_its_unit_and_an_unknown_code_is_an_error(run: PublishedRun) -> None:
    assert registry.entry(run, "S1-1")["parent"] == "一小"
    with pytest.raises(KeyError):
        registry.entry(run, "nobody")


def test_a_city_counts_its_units_standards_without_branches(run: PublishedRun) -> None:
    nanjing, suzhou = overview.cities(run, NOW).to_dicts()
    assert (nanjing["good"], nanjing["judged"], nanjing["received"]) == (2, 4, 2)
    assert (suzhou["good"], suzhou["expected"]) == (None, None)


def test_what_is_shown_of_a_city_never_rounds_up_to_whole(run: PublishedRun) -> None:
    cities = overview.cities(run, NOW)
    assert overview_tables.tiles(cities, "completeness")["text"].to_list() == ["99.996%", "—"]
    assert overview_tables.tiles(cities, "met")["detail"].to_list() == ["2 / 4", ""]
    assert "只有南京" in overview_tables.map_reading(overview_tables.tiles(cities, "met"), "met")


def test_standards_by_dimension_stand_in_the_order_of_the_policy(run: PublishedRun, scope: Scope) -> None:
    frame = overview.standards_by_dimension(run, NOW)
    assert frame.rows() == [
        ("learning", "met", 1), ("learning", "not_calculable", 1), ("learning", "not_met", 1),
        ("leadership", "behind", 1), ("leadership", "not_due", 1), ("leadership", "on_pace", 1),
    ]  # fmt: skip
    words = overview_tables.dimensions_reading(frame, scope)
    assert words.startswith("可判定的4项次中，2项次达标或进度正常（50.0%）")
    assert "另有1项次因数据问题无法计算" in words


def test_missed_standards_are_the_provinces_and_only_those_missed(run: PublishedRun) -> None:
    assert overview.missed_standards(run, NOW, 5).select("indicator", "units_met", "units").rows() == [
        ("study", 1, 3)
    ]


def test_the_gravest_units_come_first_with_what_they_are_flagged_for(run: PublishedRun, scope: Scope) -> None:
    frame = overview.flagged_units(run, NOW, 10)
    assert frame.select("unit_code", "red", "amber", "watch").rows() == [
        ("S2", 1, 1, 0),
        ("C1", 1, 0, 0),
        ("S1-1", 0, 0, 1),
    ]
    assert frame["indicators"].to_list() == [["参学率", "交流"], [], ["参学率"]]
    assert frame["kinds"].to_list() == [[], ["reporting"], []]
    assert [row[5] for row in overview_tables.flagged_table(frame, scope).rows] == ["连续3期", "首次", "首次"]
    link = overview_tables.flagged_table(frame, scope).rows[2][0]
    assert link == scope.unit_link("一小 第一支部", "S1", "S1-1")


def test_returned_submissions_wait_to_be_mended(run: PublishedRun) -> None:
    assert overview.outstanding(run, NOW).select("unit_code", "n_block").rows() == [("S2", 2)]


def test_a_units_values_stand_in_the_order_of_the_policy_and_on_the_right_side(
    run: PublishedRun, scope: Scope
) -> None:
    frame = unit.values(run, "S2", NOW)
    assert frame["indicator"].to_list() == ["study", "meetings"]
    table = unit_tables.values_table(frame, scope, "S2", None)
    assert [row[4] for row in table.rows] == ["89.96%", "0次"]
    assert [heading for _, heading in table.groups] == ["learning", "leadership"]


def test_a_clause_says_what_it_asks_in_the_policys_words(run: PublishedRun, scope: Scope) -> None:
    table = unit_tables.values_table(unit.values(run, "S1", NOW), scope, "S1", None)
    assert table.rows[0][0] == Term("L3.2", "中心组成员参学率达到90%以上")
    listed = clauses_tables.table(clauses.clauses(run), scope)
    assert listed.columns[1].title == "条款内容"
    assert listed.rows[0][1] == "中心组成员参学率达到90%以上"


def test_branches_are_listed_with_those_that_miss_most_first(run: PublishedRun) -> None:
    rows = unit.branches(run, "S1", NOW).select("unit_code", "judged", "good", "missed", "flags").rows()
    assert rows == [("S1-1", 1, 0, 1, 1), ("S1-2", 1, 1, 0, 0)]
    assert unit.branches(run, "S2", NOW).is_empty()


def test_the_answers_behind_a_number_are_those_that_count_in_its_window(run: PublishedRun) -> None:
    found = answers_behind(run, "S1", None, NOW, "study")
    assert found.select("period", "question", "value", "cell").rows() == [
        (NOW, "L3.2a", Decimal(10), "D7"), (NOW, "L3.2b", Decimal(5), "F9"), (BEFORE, "L3.2b", Decimal(4), "D8"),
    ]  # fmt: skip
    assert answers_behind(run, "S1", "S1-1", NOW, "study")["cell"].to_list() == ["F9"]
    assert answers_behind(run, "S1", None, BEFORE, "study")["cell"].to_list() == ["D8"]
    assert answers_behind(run, "S1", None, NOW, "meetings").is_empty()


def test_the_unit_and_those_most_like_it_stand_side_by_side(run: PublishedRun, scope: Scope) -> None:
    frame = unit.nearest(run, "S1", NOW)
    assert frame.select("place", "unit_code", "branches", "good", "judged", "total").rows() == [
        (0, "S1", 2, 2, 2, None),
        (1, "S2", 0, 0, 2, 71.25),
    ]
    own, other = unit_tables.nearest_table(frame, scope).rows
    assert (own[:2], own[2], own[3], own[6]) == (["一小", "—"], "南京市", "（本单位）", "2/2")
    assert other[0] == scope.unit_link("二小", "S2")
    assert other[2:4] == ["✓ 南京市", "—、同在南京市、党员数相同"]
    # what is not shared is shown as well, without the mark
    elsewhere = frame.with_columns(
        city=pl.when(pl.col("place") == 1).then(pl.lit("苏州市")).otherwise("city"),
        is_private=pl.col("place") == 1,
    )
    assert unit_tables.nearest_table(elsewhere, scope).rows[1][1:4] == [
        "—（民办）",
        "苏州市",
        "—、党员数相同",
    ]
    assert unit_tables.nearest_table(unit.nearest(run, "C1", NOW), scope).rows == []


def test_terms_read_numerator_first_and_what_is_taken_away_last(run: PublishedRun) -> None:
    assert terms(run, "study").select("side", "operation", "question").rows() == [
        ("numerator", "sum", "L3.2b"), ("numerator", "minus", "L3.2c"), ("denominator", "sum", "L3.2a"),
    ]  # fmt: skip


def test_a_units_flags_include_its_branches_but_not_its_schools(run: PublishedRun) -> None:
    assert flags.open_flags(run, "S1", NOW)["unit_code"].to_list() == ["S1-1"]
    assert flags.open_flags(run, "C1", NOW)["unit_code"].to_list() == ["C1"]


def test_findings_are_those_of_the_latest_version(run: PublishedRun) -> None:
    assert unit.findings(run, "S1", NOW, None)["finding_id"].to_list() == ["f4"]
    assert unit.submissions(run, "S1")["submission_id"].to_list() == ["a2", "a1", "b3"]
    assert quality.findings(run, NOW)["finding_id"].to_list() == ["f2", "f3", "f4"]


def test_findings_are_counted_by_rule_and_by_kind_of_unit(run: PublishedRun) -> None:
    assert quality.by_rule(run, NOW).select("rule", "count", "units").rows() == [
        ("bounds", 2, 1),
        ("members_jump", 1, 1),
    ]
    columns = ("unit_kind", "received", "block", "explain", "units_blocked")
    assert quality.by_kind(run, NOW).select(columns).rows() == [("city", 0, 0, 0, 0), ("school", 2, 2, 1, 1)]


@pytest.mark.parametrize(
    ("severity", "rule", "text", "found"),
    [(None, None, "", ["f2", "f3", "f4"]), ("block", None, "", ["f2", "f3"]), (None, "members_jump", "", ["f4"]),
     (None, None, "d7", ["f2"]), (None, None, " 一小 ", ["f4"]), ("block", "members_jump", "", []), (None, None, ".*", [])],
)  # fmt: skip
def test_findings_are_narrowed_by_severity_rule_and_text(
    run: PublishedRun, severity: str | None, rule: str | None, text: str, found: list[str]
) -> None:
    assert quality.narrowed(quality.findings(run, NOW), severity, rule, text)["finding_id"].to_list() == found


def test_findings_are_found_by_initials_too(run: PublishedRun) -> None:
    everything = quality.findings(run, NOW)
    by_name = search.found(run, "yx")
    assert by_name["unit_code"].to_list() == ["S1", "S1-1", "S1-2"]
    assert quality.narrowed(everything, None, None, "yx", by_name)["finding_id"].to_list() == ["f4"]


def test_refused_files_of_no_period_show_in_every_period(run: PublishedRun) -> None:
    assert quality.refused(run, NOW).select("file", "message").rows() == [("photo.xlsx", "不是工作簿")]
    assert sorted(quality.refused(run, BEFORE)["file"]) == ["old.xlsx", "photo.xlsx"]


def test_every_clause_is_listed_with_its_questions_and_its_latest_standard(run: PublishedRun) -> None:
    listed = clauses.clauses(run)
    assert [clause.row["clause"] for clause in listed] == ["L3.2", "I3.3", "O1.1", "O2.1"]
    study = listed[0].indicators[0]
    assert study["standard"] == Decimal("0.95")
    assert [question["question"] for question in study["questions"]] == ["L3.2a", "L3.2b", "L3.2c"]
    assert [question["question"] for question in listed[2].questions] == ["O2.2b"]


@pytest.mark.parametrize(
    ("dimension", "text", "found"),
    [
        (None, "", 4),
        ("leadership", "", 2),
        (None, "实到", 1),
        (None, "l3.2", 1),
        (None, "示范点", 1),
        (None, "90%以上", 1),
        ("learning", "示范点", 0),
    ],
)
def test_clauses_are_narrowed_by_dimension_and_words(
    run: PublishedRun, dimension: str | None, text: str, found: int
) -> None:
    assert len(clauses.narrowed(clauses.clauses(run), dimension, text)) == found


def test_an_empty_run_gives_empty_frames_and_words_that_say_why(tmp_path: Path) -> None:
    empty = publish(tmp_path)
    scope = Scope(empty, Labels.of(empty), NOW, "", BLANKS["TIMESTAMP"], is_due=True)
    assert overview.cities(empty, NOW).is_empty()
    tiles = overview_tables.tiles(overview.cities(empty, NOW), "received")
    assert not charts.tile_map(tiles, "报送率").layout.shapes
    assert overview_tables.map_reading(tiles, "received") == "本期没有可计算的报送率。"
    assert overview_tables.dimensions_reading(overview.standards_by_dimension(empty, NOW), scope).startswith(
        "本期没有可判定"
    )
    assert overview_tables.flags_reading(overview.flags_by_kind(empty, NOW), scope) == "本期没有预警。"
    assert quality.by_kind(empty, NOW).is_empty()
