"""Trying out other rules: what may be changed and how it is said, and that the published list itself is never touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from openpyxl import load_workbook

from pipelines.exports.labels import Labels
from pipelines.exports.shortlist import shortlist_rows
from pipelines.exports.shortlist_xlsx import write_shortlist
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import TABLES, foresee, make_year, moved_zh, try_out
from pipelines.selection.what_if import KEYS, WhatIfMistake, change, declared_text, parse_changes
from tests.marts import publish
from tests.selecting import INDICATOR_NAMES, frames, lists, rules, unit

LABELS = Labels({("dimension", "learning"): "学习型", ("dimension", "service"): "服务型", ("dimension", "innovation"): "创新型",
                 ("dimension", "leadership"): "组织领导", ("kind", "school"): "学校", ("kind", "university"): "高校", ("kind", "city"): "市委教育工委"},
                ZoneInfo("Asia/Shanghai"))  # fmt: skip
RULES = rules({"city": 1, "university": 1, "school": 2}, 3)


def changed(*texts: str) -> tuple[Any, str]:
    found = change(RULES, parse_changes(texts), LABELS)
    return found.rules, "；".join(found.words)


@pytest.mark.parametrize(
    ("texts", "weights", "words"),
    [
        # one moved: the others share the rest as they did
        (["weights.learning=0.44"], ["0.4400", "0.2800", "0.1600", "0.1200"], "其余维度的权重按原比例调整"),
        (["weights.learning=44%"], ["0.4400", "0.2800", "0.1600", "0.1200"], "学习型权重由30%改为44%"),
        # all four that do not add up to one: scaled, and said
        ([f"weights.{name}=0.5" for name in ("learning", "service", "innovation", "leadership")], ["0.2500"] * 4,
         "四项权重合计200%，已按比例折算为合计100%"),
        (["weights.learning=1"], ["1.0000", "0.0000", "0.0000", "0.0000"], "服务型权重由35%改为0%"),
        # the same again is no change
        (["weights.learning=0.30"], ["0.3000", "0.3500", "0.2000", "0.1500"], ""),
        # thirds: what rounding leaves goes to the heaviest, and the sum is one
        (["weights.learning=1", "weights.service=1", "weights.innovation=1", "weights.leadership=0"], ["0.3334", "0.3333", "0.3333", "0.0000"], "33.34%"),
    ],
)  # fmt: skip
def test_weights_add_up_to_one_in_the_open(texts: list[str], weights: list[str], words: str) -> None:
    new, said = changed(*texts)
    assert [str(weight) for weight in new.scoring.weights.values()] == weights
    assert sum(new.scoring.weights.values()) == 1
    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["quotas.school=20"], "学校名额由2个改为20个"),
        (["most_per_city=4"], "每市入选上限由3个改为4个"),
        (["gates.coverage=80%"], "可计算指标的最低比例由90%改为80%"),
        (["gates.coverage=none"], "可计算指标的最低比例由90%改为不作要求"),
        (["gates.least_score=70"], "最低总分由不作要求改为70分"),
        (["gates.least_score=72.50"], "最低总分由不作要求改为72.5分"),
        (["gates.quality=last"], "数据质量达标的季度由各季度改为第四季度"),
        (
            ["gates.red_flags=1", "quotas.city=0"],
            "市委教育工委名额由1个改为0个（不设名额）；允许的红色绩效预警项数由0改为1",
        ),
        ([], ""),
    ],
)
def test_each_change_is_said_in_words(texts: list[str], words: str) -> None:
    assert changed(*texts)[1] == words


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["weights.learning=1.2"], "所给权重合计120%，超过了100%"),
        (["weights.learning=-0.1"], "权重不能小于0"),
        ([f"weights.{name}=0" for name in ("learning", "service", "innovation", "leadership")], "四项权重不能都是0"),
        (["weights.learning=很多"], "“很多”不是数字"),
        (["weights.learning=nan"], "不是数字"),
        (["weights.learning=1e999999"], "不是数字"),
        (["weights.learning=1e30"], "不是数字"),
        (["gates.coverage=1e-400"], "不是数字"),
        (["weights.learning"], "看不懂"),
        (["weights.learning="], "看不懂"),
        (["weights.study=0.3"], "没有“weights.study”这一项"),
        (["quotas.school=1", "quotas.school=2"], "写了两次"),
        (["quotas.school=1.5"], "须是0到9999之间的整数"),
        (["quotas.school=10000"], "须是0到9999之间的整数"),
        (["quotas.school=-1"], "须是0到9999之间的整数"),
        (["most_per_city=0"], "须是1到9999之间的整数"),
        (["gates.quality=sometimes"], "须是every（各季度）、last（第四季度）或none（不作要求）"),
        (["gates.coverage=1.5"], "“gates.coverage”不能改成“1.5”：须在0到1之间"),
        (["gates.late_quarters=5"], "须是0到4之间的整数"),
        (["gates.least_score=101"], "“gates.least_score”不能改成“101”：须在0到100之间"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(texts: list[str], message: str) -> None:
    with pytest.raises(WhatIfMistake, match=message):
        changed(*texts)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_can_be_given_as_it_is_declared_and_then_changes_nothing(key: str) -> None:
    new, said = changed(f"{key}={declared_text(RULES, key)}")
    assert said == ""
    assert new.shortlist == RULES.shortlist
    assert new.scoring.weights == RULES.scoring.weights


# ---- over published marts ------------------------------------------------------------------------------------------------

UNITS = [
    unit("A", 0.9), unit("B", {"learning": 0.6, "service": 0.99}), unit("C", {"learning": 0.95, "service": 0.7}), unit("D", 0.5),
    unit("L", 0.97, on_time=3), unit("U", 0.4, kind="university"),
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    candidates, _ = frames(UNITS)
    made = dict(zip(TABLES, lists(UNITS, RULES), strict=True))
    names = INDICATOR_NAMES.to_dicts()
    tables: dict[str, Any] = {name: frame.to_dicts() for name, frame in made.items()}
    tables["candidates"] = candidates.to_dicts()
    tables["dim_unit"] = [
        {"unit_code": row["unit_code"], "name": f"单位{row['unit_code']}", "kind": row["kind"]}
        for row in UNITS
    ]
    tables["dim_indicator"] = [
        {key: row[key] for key in ("indicator", "label_zh", "unit", "clause")} for row in names
    ]
    tables["dim_clause"] = [{"clause": row["clause"], "label_zh": row["clause_zh"]} for row in names]
    tables["dim_label"] = [
        {"enumeration": enumeration, "code": code, "label_zh": zh}
        for (enumeration, code), zh in LABELS.codes.items()
    ]
    published = publish(tmp_path, tables)
    published.manifest["selection"] = RULES.model_dump(mode="json")
    return published


def test_the_declared_rules_make_the_published_lists_again(run: PublishedRun) -> None:
    for name, again in zip(TABLES, make_year(run, 2025, RULES), strict=True):
        assert again.select(run.read(name).columns).rows() == run.read(name).rows(), name


def test_who_comes_in_and_who_goes_out_and_why(run: PublishedRun) -> None:
    before = {name: run.read(name) for name in TABLES}
    trial = try_out(run, 2025, parse_changes(("weights.service=0.8", "gates.late_quarters=1")))
    moved = {row["unit_code"]: row for row in trial.moved.to_dicts()}
    assert {code: row["comes_in"] for code, row in moved.items()} == {
        "L": True,
        "B": True,
        "A": False,
        "C": False,
    }
    assert moved_zh(moved["L"]).startswith("原不符合条件。入选：同类符合条件的单位中得分第")
    assert moved_zh(moved["C"]).startswith("原列同类第")
    assert "本类单位名额已满" in moved["C"]["reason"]
    for name, frame in before.items():
        assert run.read(name).equals(frame)
    assert "trial" not in run.manifest


def test_a_trial_without_changes_moves_nobody(run: PublishedRun) -> None:
    trial = try_out(run, 2025, {})
    assert trial.words == ()
    assert trial.moved.is_empty()
    assert shortlist_rows(trial.run, 2025).rows() == shortlist_rows(run, 2025).rows()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"weights.service": "0.8", "gates.late_quarters": "1"},
        {"gates.late_quarters": "none", "gates.missing_quarters": "none", "gates.least_score": "none"},
        {"gates.least_score": "100"},
        {"quotas.school": "1", "most_per_city": "1"},
        {"quotas.school": "0", "quotas.university": "0", "quotas.city": "0"},
    ],
)
def test_a_trial_is_foreseen_as_it_would_be_made(run: PublishedRun, changes: dict[str, str]) -> None:
    trial = try_out(run, 2025, changes)
    words, foreseen = foresee(run, 2025, changes)
    assert words == trial.words
    columns = ["unit_code", "selected", "rank", "score", "reason"]
    made = trial.run.read("shortlist").select(columns)
    assert foreseen.select(columns).sort("unit_code").rows() == made.sort("unit_code").rows()


def test_a_trials_list_can_never_be_taken_for_the_official_one(run: PublishedRun, tmp_path: Path) -> None:
    trial, target = try_out(run, 2025, {"quotas.school": "1"}), tmp_path / "x.xlsx"
    write_shortlist(trial.run, 2025, target)
    book = load_workbook(target)
    assert "试算" in str(book.properties.title)
    for sheet in book:
        top = [str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row if cell.value]
        assert sum("试算" in text for text in top) >= 2, sheet.title
    told = pl.DataFrame(
        [row[:2] for row in book["方法与参数"].iter_rows(min_row=5, values_only=True)],
        orient="row",
        schema=["item", "content"],
    )
    assert told.filter(item="试算改动")["content"].to_list() == ["学校名额由2个改为1个"]
    assert told.filter(item="名额：学校")["content"].to_list() == ["1个"]
    write_shortlist(run, 2025, target)
    assert not any(
        "试算" in str(cell.value)
        for sheet in load_workbook(target)
        for row in sheet.iter_rows()
        for cell in row
    )
