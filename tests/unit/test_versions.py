"""Comparing versions: by value, answer by answer; what holds for any two versions, and what a user is told."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exports.labels import Labels
from pipelines.exports.versions import as_data, lines, write_differences
from pipelines.marts.lookup import UnknownCode
from pipelines.marts.published import PublishedRun
from pipelines.marts.versions import ANSWER_CHANGES, KEY, SIDES, compare, differences
from tests.marts import Rows, publish

TYPES: dict[str, Any] = {
    "question": pl.String, "branch_code": pl.String, "month": pl.Int32, "value": pl.Decimal(18, 4), "text": pl.String,
    "raw": pl.String, "explanation": pl.String, "sheet": pl.String, "cell": pl.String,
}  # fmt: skip
Cell = tuple[Decimal | None, str | None, str | None, str | None]
BLANK: Cell = (None, None, None, None)
OPPOSITE = {"added": "removed", "removed": "added"}


def answers(cells: dict[tuple[str, str | None, int | None], Cell]) -> pl.DataFrame:
    """Answers by key: (number, text, raw, explanation); each in a cell of its own."""
    rows = [(*key, *cell, "学习型", f"D{place}") for place, (key, cell) in enumerate(cells.items(), 5)]
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def number(value: int, raw: str | None = None, explanation: str | None = None) -> Cell:
    return Decimal(value), None, raw or str(value), explanation


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (number(5), number(5), None),
        (number(5), number(6), "changed"),
        (number(5), number(5, "５"), "rewritten"),
        (number(5), number(5, explanation="属实"), "explained"),
        (number(5), number(6, explanation="属实"), "changed"),
        (number(5), BLANK, "removed"),
        (BLANK, number(0), "added"),
        (BLANK, BLANK, None),
        (BLANK, (None, None, None, "暂无"), "explained"),
        (BLANK, (None, None, "五次", None), "added"),
        (number(5), (None, None, "五次", None), "changed"),
        ((None, None, "五次", None), (None, None, "五次左右", None), "changed"),
        ((None, None, "五次", None), (None, None, "五次", None), None),
        ((Decimal(0), "planned", "未印发", None), (Decimal(0), "none", "无", None), "changed"),
        ((Decimal(1), "yes", "是", None), (Decimal(1), "yes", "√", None), "rewritten"),
        ((None, "1号", "1号", None), (None, "2号", "2号", None), "changed"),
    ],
)
def test_one_cell_in_two_versions(before: Cell, after: Cell, change: str | None) -> None:
    key = ("L3.1a", None, None)
    found = differences(answers({key: before}), answers({key: after}))
    assert found["change"].to_list() == ([change] if change else [])


def test_a_row_that_is_not_there_has_no_answer() -> None:
    kept = {("L3.1a", None, None): number(5)}
    more = kept | {("L3.7a", "B1", 3): number(7), ("L3.7b", "B1", 3): BLANK}
    found = differences(answers(kept), answers(more))
    assert found.select("change", *KEY, "before_cell", "after_cell").rows() == [
        ("added", "L3.7a", "B1", 3, None, "D6")
    ]


def test_a_branchs_explanation_is_told_once() -> None:
    """It stands beside every answer of the row; where an answer changed too, it is told there as well."""
    before = {("L3.7a", "B1", month): number(month) for month in (1, 2, 3)}
    after = {("L3.7a", "B1", month): number(month, explanation="有转入") for month in (1, 2)}
    after |= {("L3.7a", "B1", 3): number(9, explanation="有转入"), ("L3.7a", "B2", 1): number(1)}
    found = differences(answers(before | {("L3.7a", "B2", 1): number(1)}), answers(after))
    assert found.select("change", *KEY, "after_explanation", "after_raw").rows() == [
        ("explained", None, "B1", None, "有转入", None),
        ("changed", "L3.7a", "B1", 3, "有转入", "9"),
    ]


KEYS = st.tuples(
    st.sampled_from(["L3.1a", "L3.7a", "O2.2b"]),
    st.sampled_from([None, "B1", "B2"]),
    st.sampled_from([None, 1]),
)
CELLS = st.one_of(
    st.just(BLANK),
    st.builds(number, st.integers(0, 2), st.sampled_from([None, "０１"]), st.sampled_from([None, "属实"])),
    st.tuples(st.none(), st.none(), st.sampled_from(["五", "六"]), st.none()),
    st.sampled_from(["甲", "乙"]).map(lambda text: (None, text, text, None)),
)
VERSIONS = st.dictionaries(KEYS, CELLS).map(answers)


@given(VERSIONS)
def test_a_version_does_not_differ_from_itself(version: pl.DataFrame) -> None:
    assert differences(version, version).is_empty()
    assert differences(version, version.sort(*KEY, descending=True)).is_empty()


@given(VERSIONS, VERSIONS)
def test_the_other_way_round_added_and_removed_change_places(one: pl.DataFrame, other: pl.DataFrame) -> None:
    there, back = differences(one, other), differences(other, one)
    sides = [f"{side}_{part}" for side in ("before", "after") for part in SIDES]
    turned = [f"{side}_{part}" for side in ("after", "before") for part in SIDES]
    assert [
        (OPPOSITE.get(change, change), *rest) for change, *rest in there.select("change", *KEY, *sides).rows()
    ] == (back.select("change", *KEY, *turned).rows())


@given(VERSIONS, VERSIONS)
def test_applied_to_the_one_version_it_gives_the_other(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Nothing is missed and nothing made up: the changes of answers turn the one version's answers into the other's."""

    def held(frame: pl.DataFrame, side: str = "") -> dict[Any, Any]:
        parts = [f"{side}{part}" for part in ("value", "text", "raw")]
        return {row[:3]: row[3:] for row in frame.select(*KEY, *parts).rows() if row[-1] is not None}

    def by_value(cells: dict[Any, Any]) -> dict[Any, Any]:
        return {
            key: (value, text) if (value, text) != (None, None) else raw
            for key, (value, text, raw) in cells.items()
        }

    changed = differences(one, other).filter(pl.col("change").is_in(ANSWER_CHANGES))
    result = held(one)
    for key in changed.filter(pl.col("change") == "removed").select(*KEY).rows():
        del result[key]
    result |= held(changed, "after_")
    assert by_value(result) == by_value(held(other))


AT = datetime(2025, 10, 9, 1, 30)  # noqa: DTZ001 — the marts hold UTC without a zone
SENT: dict[str, Any] = {"unit_code": "S1", "period": "2025Q3", "received_at": AT}
CELL: dict[str, Any] = {"unit_code": "S1", "period": "2025Q3", "sheet": "学习型"}
TABLES: dict[str, Rows] = {
    "dim_period": [{"period": period, "label_zh": f"{period}期"} for period in ("2025Q1", "2025Q2", "2025Q3")],
    "dim_unit": [
        {"unit_code": "S1", "name": "第一小学", "kind": "school"},
        {"unit_code": "S1-1", "name": "一支部", "kind": "branch", "parent_code": "S1"},
    ],
    "dim_label": [{"enumeration": "state", "code": "superseded", "label_zh": "已被替换"},
                  {"enumeration": "state", "code": "accepted", "label_zh": "已采用"},
                  {"enumeration": "state", "code": "refused", "label_zh": "未能受理"}],
    "dim_question": [{"question": "L3.1a", "label_zh": "学习次数", "type": "count"},
                     {"question": "O2.2a", "label_zh": "制订情况", "type": "choice"}],
    "submissions": [
        {**SENT, "submission_id": "a1", "version": 1, "state": "superseded", "file": "in/一.xlsx", "n_block": 1},
        {**SENT, "submission_id": "a2", "version": 2, "state": "superseded", "file": "二.xlsx"},
        {**SENT, "submission_id": "a3", "version": 3, "state": "accepted", "file": "三.xlsx"},
        {**SENT, "submission_id": "a4", "state": "refused", "file": "坏.xlsx", "n_block": 1},
        {**SENT, "submission_id": "b1", "period": "2025Q2", "version": 1, "state": "accepted", "file": "前.xlsx"},
        {**SENT, "submission_id": "b2", "period": "2025Q2", "state": "refused", "file": "坏.xlsx", "n_block": 1},
    ],
    "answers": [
        {**CELL, "submission_id": submission, "question": question, "value": value, "text": text, "raw": raw, "cell": cell}
        for submission, question, value, text, raw, cell in (
            ("a1", "L3.1a", 5, None, "5", "D5"), ("a2", "L3.1a", 6, None, "6", "D5"), ("a3", "L3.1a", 6, None, "６", "D6"),
            ("a1", "O2.2a", None, None, "?", "D7"), ("a2", "O2.2a", 1, "issued", "已印发", "D7"), ("a3", "O2.2a", None, None, None, "D7"),
        )
    ],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return publish(tmp_path, TABLES)


def told(run: PublishedRun, *asked: Any) -> list[str]:
    return lines(compare(run, *asked), Labels.of(run))


HEAD = [
    "第一小学（S1）　2025Q3期",
    "  第1版　2025-10-09 09:30收到　已被替换　一.xlsx　强制问题1个",
    "  第2版　2025-10-09 09:30收到　已被替换　二.xlsx　强制问题0个",
    "  第3版　2025-10-09 09:30收到　已采用　三.xlsx　强制问题0个",
    "  未能受理，没有可以比较的内容　2025-10-09 09:30收到　未能受理　坏.xlsx",
]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), [
            "第3版与第2版相比，删去1格；另有只改写法1格。其中1格是第2版中已通过校验的答案。",
            "  [删去] O2.2a　制订情况　本级：已印发 → 空白　学习型!D7　（改动已采用的答案）",
            "  [只改写法] L3.1a　学习次数　本级：原文“6” → “６”，值不变　学习型!D5 → 学习型!D6",
        ]),
        ((None, 2), [
            "第2版与第1版相比，改动2格。",
            "  [改动] L3.1a　学习次数　本级：5 → 6　学习型!D5",
            "  [改动] O2.2a　制订情况　本级：?（不能识别） → 已印发　学习型!D7",
        ]),
        ((3, 2), [
            "第2版与第3版相比，新增1格；另有只改写法1格。",
            "  [新增] O2.2a　制订情况　本级：空白 → 已印发　学习型!D7",
            "  [只改写法] L3.1a　学习次数　本级：原文“６” → “6”，值不变　学习型!D6 → 学习型!D5",
        ]),
        ((2, 1), [
            "第1版与第2版相比，改动2格。",
            "  [改动] L3.1a　学习次数　本级：6 → 5　学习型!D5",
            "  [改动] O2.2a　制订情况　本级：已印发 → ?（不能识别）　学习型!D7",
        ]),
        ((2, 2), ["第2版与第2版相比，没有差别。"]),
        ((None, 1), ["第1版是收到的第一版，没有更早的版本可以比较。"]),
    ],
)  # fmt: skip
def test_what_a_user_is_told(run: PublishedRun, asked: tuple[Any, ...], expected: list[str]) -> None:
    assert told(run, "S1", "2025Q3", *asked) == HEAD + expected


def test_one_version_and_none(run: PublishedRun) -> None:
    assert told(run, "S1", "2025Q2")[-2:] == [
        "  未能受理，没有可以比较的内容　2025-10-09 09:30收到　未能受理　坏.xlsx",
        "第1版是收到的第一版，没有更早的版本可以比较。",
    ]
    assert told(run, "S1", "2025Q1")[-1] == "2025Q1期没有收到该单位的报送，没有可以比较的版本。"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("S9", "2025Q3"), "名册中没有代码为“S9”"),
        (("S1-1", "2025Q3"), "一支部是支部，报送按单位进行。请用所属单位的代码：S1（第一小学）。"),
        (("S1", "2024Q3"), "没有2024Q3的结果"),
        (("S1", "2025Q3", 4), "没有第4版。该单位本报告期收到的有：第1版、第2版、第3版。"),
        (("S1", "2025Q3", None, 0), "没有第0版"),
        (("S1", "2025Q1", 1), "没有可以读取的报送"),
    ],
)
def test_what_there_is_not_is_said(run: PublishedRun, asked: tuple[Any, ...], words: str) -> None:
    with pytest.raises(UnknownCode, match=re.escape(words)):
        compare(run, *asked)


def test_the_same_as_data(run: PublishedRun) -> None:
    found = json.loads(json.dumps(as_data(compare(run, "S1", "2025Q3")), ensure_ascii=False))
    assert (found["from"], found["to"], len(found["versions"]), len(found["refused"])) == (2, 3, 3, 1)
    assert [(row["change"], row["was_accepted"]) for row in found["differences"]] == [
        ("removed", True),
        ("rewritten", False),
    ]
    assert found["differences"][1]["before_value"] == 6


def test_the_file_holds_every_difference(run: PublishedRun, tmp_path: Path) -> None:
    target = tmp_path / "差异.xlsx"
    write_differences(run, compare(run, "S1", "2025Q3"), target)
    sheet = openpyxl.load_workbook(target)["版本差异"]
    assert sheet["A1"].value == "第一小学2025Q3期第2版与第3版的差别"
    assert sheet["A3"].value.startswith("示例数据")
    head, *rows = sheet.iter_rows(min_row=4, values_only=True)
    assert [dict(zip(head, row, strict=True))["新答案"] for row in rows] == ["空白", "6"]
