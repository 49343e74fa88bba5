"""`sanxing trace` on a few rows: the number and its cells, why there is none, and what an unknown code is answered with."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.exports.labels import Labels
from pipelines.exports.trace import one_line, trace_json, trace_lines
from pipelines.marts.behind import trace
from pipelines.marts.lookup import UnknownCode, near
from pipelines.marts.published import PublishedRun
from tests.marts import Rows, publish

Q3, Q4 = "2025Q3", "2025Q4"
LEFT = date(2025, 11, 1)
IN_FILE: dict[str, Any] = {"unit_code": "S1", "sheet": "支部台账"}
TABLES: dict[str, Rows] = {
    "dim_period": [{"period": Q3, "label_zh": "2025年第三季度"}, {"period": Q4, "label_zh": "2025年第四季度"}],
    "dim_unit": [
        {"unit_code": "S1", "name": "第一小学", "kind": "school"},
        {"unit_code": "S2", "name": "第二小学", "kind": "school", "valid_from": date(2026, 1, 1)},
        {"unit_code": "S1-1", "name": "一支部", "kind": "branch", "parent_code": "S1"},
        {"unit_code": "S1-2", "name": "二支部", "kind": "branch", "parent_code": "S1", "valid_to": LEFT},
    ],
    "dim_clause": [{"clause": "L3.2", "label_zh": "参学率九成", "who": "school"},
                   {"clause": "O1.1", "label_zh": "交流", "who": "city"}],
    "dim_label": [{"enumeration": "status", "code": "not_met", "label_zh": "未达标"},
                  {"enumeration": "status", "code": "not_calculable", "label_zh": "无法计算"},
                  {"enumeration": "state", "code": "accepted", "label_zh": "已采用"}],
    "dim_question": [{"question": "L3.2a", "label_zh": "应到"}, {"question": "L3.2b", "label_zh": "实到"}],
    "dim_indicator": [
        {"indicator": "study", "label_zh": "参学率", "clause": "L3.2", "unit": "%", "standard": Decimal("0.9"), "compare": "at_least",
         "stated": True, "grain": "branch"},
        {"indicator": "own", "label_zh": "本级参学率", "clause": "L3.2", "unit": "%", "grain": "unit"},
        {"indicator": "exchange", "label_zh": "交流次数", "clause": "O1.1", "unit": "次", "grain": "unit"},
        {"indicator": "yearly", "label_zh": "年度项", "clause": "L3.2", "unit": "次", "grain": "unit"},
    ],
    "dim_indicator_question": [
        {"indicator": "study", "side": "numerator", "operation": "sum", "question": "L3.2b"},
        {"indicator": "study", "side": "denominator", "operation": "sum", "question": "L3.2a"},
    ],
    "indicator_sources": [
        {"period": period, "indicator": indicator, "side": side, "operation": "sum", "question": question, "source_period": source}
        for indicator in ("study", "own", "exchange")
        for side, question in (("numerator", "L3.2b"), ("denominator", "L3.2a"))
        for period, source in ((Q3, Q3), (Q4, Q3), (Q4, Q4))
    ],
    "indicator_values": [
        {"unit_code": "S1", "period": Q3, "indicator": "study", "numerator": 2249, "denominator": 2500, "value": 0.8996,
         "standard": Decimal("0.9"), "status": "not_met"},
        {"unit_code": "S1", "period": Q4, "indicator": "study", "standard": Decimal("0.9"), "status": "not_calculable",
         "reason": "有应报未报的季度"},
    ],
    "submissions": [
        {"submission_id": "a1", "unit_code": "S1", "period": Q3, "version": 1, "state": "superseded", "file": "in/a1.xlsx"},
        {"submission_id": "a2", "unit_code": "S1", "period": Q3, "version": 2, "state": "accepted", "counts": True,
         "file": "in/a2\x1b[31m.xlsx", "received_at": datetime(2025, 10, 9, 1, 30)},  # noqa: DTZ001 — the marts hold UTC without a zone
    ],
    "answers": [
        {**IN_FILE, "submission_id": submission, "branch_code": branch, "period": Q3, "question": question, "value": value,
         "raw": f"{value}", "cell": cell}
        for submission, branch, question, value, cell in (
            ("a1", "S1-1", "L3.2a", 1, "F9"), ("a2", "S1-1", "L3.2a", 2400, "F9"), ("a2", "S1-1", "L3.2b", 2200, "G9"),
            ("a2", "S1-2", "L3.2a", 100, "F10"), ("a2", "S1-2", "L3.2b", 49, "G10"),
        )
    ],
    "findings": [
        {"finding_id": "f1", "submission_id": "a2", "period": Q3, "question": "L3.2b", "severity": "block", "message": "实到有误"},
        {"finding_id": "f2", "submission_id": "a2", "period": Q3, "question": "L3.2b", "severity": "explain", "explanation": "属实",
         "message": "已说明"},
        {"finding_id": "f3", "submission_id": "a2", "period": Q3, "question": "X1", "severity": "block", "message": "别项有误"},
        {"finding_id": "f4", "submission_id": "a1", "period": Q3, "question": "L3.2b", "severity": "block", "message": "旧版有误"},
    ],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    return publish(tmp_path, TABLES)


def lines(run: PublishedRun, code: str, period: str, indicator: str) -> list[str]:
    return trace_lines(trace(run, code, period, indicator), Labels.of(run))


def test_a_number_is_followed_to_its_cells(run: PublishedRun) -> None:
    assert lines(run, "S1", Q3, "study") == [
        "第一小学（S1）　2025年第三季度",
        "指标：参学率（study）",
        "条款：L3.2 参学率九成",
        "数值：89.96%",
        "分子：2249　取自实到（L3.2b）",
        "分母：2500　取自应到（L3.2a）",
        "标准：≥90%（政策原文）",
        "状态：未达标",
        "答案（4格）：",
        "  2025Q3　a2[31m.xlsx　第2版　2025-10-09 09:30收到　已采用",
        "    分母　L3.2a 应到　一支部　2400　原文“2400”　支部台账!F9",
        "    分母　L3.2a 应到　二支部　100　原文“100”　支部台账!F10",
        "    分子　L3.2b 实到　一支部　2200　原文“2200”　支部台账!G9",
        "    分子　L3.2b 实到　二支部　49　原文“49”　支部台账!G10",
    ]


def test_the_same_as_data(run: PublishedRun) -> None:
    found = json.loads(
        json.dumps(trace_json(trace(run, "S1", Q3, "study"), Labels.of(run)), ensure_ascii=False)
    )
    assert {key: found[key] for key in ("value", "numerator", "denominator", "standard", "clause")} == {
        "value": "89.96%", "numerator": 2249, "denominator": 2500, "standard": 0.9, "clause": "L3.2",
    }  # fmt: skip
    assert found["absence"] is None
    assert found["answers"][0]["cell"] == "F9"
    assert found["answers"][0]["received_at"] == "2025-10-09T01:30:00Z"


def test_who_has_left_is_behind_no_number_since(run: PublishedRun) -> None:
    assert trace(run, "S1", Q4, "study").answers["cell"].to_list() == ["F9", "G9"]


@pytest.mark.parametrize(
    ("code", "period", "indicator", "why"),
    [
        ("S1", Q4, "study", "有应报未报的季度"),
        ("S1-2", Q4, "study", "二支部在2025年第四季度末不在名册中，本期不计算"),
        ("S2", Q3, "study", "第二小学在2025年第三季度末不在名册中，本期不计算"),
        ("S1-1", Q3, "own", "该指标按单位计算，不按支部计算，请查所属单位S1"),
        ("S1", Q3, "yearly", "本期不填报，到期再评价"),
        ("S1", Q3, "exchange", "条款O1.1不由这类单位落实，不填报相关指标项"),
        ("S1", Q3, "own", "名册中没有应填报相关指标项的单位或支部"),
    ],
)
def test_where_there_is_no_number_it_says_why(
    run: PublishedRun, code: str, period: str, indicator: str, why: str
) -> None:
    found = trace(run, code, period, indicator)
    assert found.absence == why
    assert f"没有数值的原因：{why}。" in trace_lines(found, Labels.of(run))


def test_what_stands_in_the_way_is_named(run: PublishedRun) -> None:
    """The missing quarter and the open findings at the cells needed: not those explained, elsewhere, or of an old version."""
    found = trace(run, "S1", Q4, "study")
    assert (found.unreported, found.obstacles) == ([Q4], ["实到有误"])
    assert "  没有可以采用的报送：2025Q4" in trace_lines(found, Labels.of(run))


@pytest.mark.parametrize(
    ("code", "period", "indicator", "words"),
    [
        ("S11", Q3, "study", "名册中没有代码为“S11”的单位或支部。相近的有：S1-1（一支部）、S1（第一小学）"),
        ("小学", Q3, "study", "S1（第一小学）、S2（第二小学）"),
        ("S1", "2024Q1", "study", "没有2024Q1的结果。已有结果的报告期：2025Q3至2025Q4。"),
        ("S1", Q3, "studdy", "没有代码为“studdy”的指标。相近的有：study（参学率）"),
        ("S1", Q3, "q", "没有代码为“q”的指标。指标代码见"),
    ],
)
def test_an_unknown_code_is_answered_with_near_ones(
    run: PublishedRun, code: str, period: str, indicator: str, words: str
) -> None:
    with pytest.raises(UnknownCode, match=re.escape(words)):
        trace(run, code, period, indicator)


def test_near_names_three_at_most() -> None:
    assert near("S", {f"S{i}": "小学" for i in range(9)}).count("（") <= 3
    assert near("", {"S1": "小学"}) == ""


def test_text_from_outside_stays_in_its_line() -> None:
    assert one_line("一\n二\x1b[31m\u202e三") == "一 二[31m三"
