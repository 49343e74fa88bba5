"""What counts as an explanation: words about what happened, not a phrase that fits everything."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import load_catalogue
from pipelines.intake.answers import Finding
from pipelines.reading_frames import Sent, finding_frame, sent
from pipelines.registry.model import Registry
from tests.workbooks import entry

CATALOGUE = load_catalogue()
RULES = CATALOGUE.explanations
UNIT = entry("320100S1", "school", "primary", name="示例第一小学")
BRANCH = entry("320100S1-01", "branch", "staff", name="语文组支部", parent="320100S1")
REGISTRY = Registry((UNIT, BRANCH), "0" * 64)
LABEL = CATALOGUE.question["S4.1b"].label_zh
REAL = "年中追加预算二十万元，见校务会第9次会议"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("核实无误", "套话"), ("经核实，情况属实。", "套话"), ("无", "套话"), ("同　上", "套话"), ("本单位数据真实、准确", "套话"), ("已核对　无误！！", "套话"),
        ("———", "没有文字"), (" \t", "没有文字"), ("12", "只有数字"), ("１２．５", "只有数字"),
        ("示例第一小学", "重复了名称"), (LABEL, "重复了名称"), (f"{LABEL}无误", "重复了名称"), ("本单位：示例第一小学，情况属实", "重复了名称"),
        ("无，已，填报", "套话"), ("数字核对过，没有问题", "套话"), ("经我单位核实，数据准确无误", "套话"), ("停课", "简短"), ("a b.", "简短"),
    ],
)  # fmt: skip
def test_what_explains_nothing_is_told_why(text: str, says: str) -> None:
    assert says in (RULES.shortcoming(text, (LABEL, UNIT.name, ""), 1) or "")


@pytest.mark.parametrize(
    "text",
    [REAL, "因暑期调整，集中到九月开展", "转入党员26名", "经核实，8月校区合并，党员转入26名", "新建支部", "超支部分由工会经费承担", "情况属实，因教学楼维修停课两周"],
)  # fmt: skip
def test_what_says_what_happened_counts(text: str) -> None:
    assert RULES.shortcoming(text, (LABEL, UNIT.name), 1) is None


@given(
    st.lists(st.sampled_from(RULES.boilerplate), min_size=1, max_size=60), st.sampled_from("，。 、！　\n")
)
def test_phrases_in_any_number_and_order_stay_phrases(phrases: list[str], between: str) -> None:
    """Also hundreds of them: a text is read through once, whatever it is made of."""
    assert RULES.shortcoming(between.join(phrases), (), 1) is not None


def test_one_text_beside_many_rows_explains_none_of_them() -> None:
    assert RULES.shortcoming(REAL, (), RULES.most_rows) is None
    assert f"写在{RULES.most_rows + 1}行" in (RULES.shortcoming(REAL, (), RULES.most_rows + 1) or "")


def row(finding: Finding, told: Sent) -> dict[str, object]:
    frame = finding_frame("answers", [("s1", finding)], CATALOGUE, REGISTRY, {"s1": told})
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("rule", "explanation", "rows", "explained", "told"),
    [
        ("spent_within_budget", None, 0, False, None),
        ("spent_within_budget", REAL, 1, True, None),
        ("spent_within_budget", "核实无误", 1, False, "情况说明“核实无误”是套话，没有写明具体情况，请改写。"),
        ("spent_within_budget", REAL, 9, False, f"情况说明“{REAL}”同样的话写在9行，没有分别写明情况，请改写。"),
        ("presence", "核实无误", 1, None, None),
        ("resubmission", "核实无误", 1, None, None),
    ],
)  # fmt: skip
def test_a_finding_stays_open_and_says_why(
    rule: str, explanation: str | None, rows: int, explained: bool | None, told: str | None
) -> None:
    """Only findings that an explanation can close have one that counts or does not."""
    finding = Finding(
        rule, "服务型", "D9", question="S4.1b", found="2", expected="1", explanation=explanation
    )
    made = row(finding, Sent(UNIT.name, {explanation or "": rows}))
    assert (made["explained"], made["explanation"]) == (explained, explanation)
    assert str(made["message"]).partition("。情况说明")[1:] == (
        ("。情况说明", told[4:]) if told else ("", "")
    )


def test_what_is_said_of_a_whole_sheet_may_stand_beside_each_of_its_rows() -> None:
    finding = Finding("ledger_copied_from_last_period", "支部台账", explanation=REAL)
    assert row(finding, Sent(UNIT.name, {REAL: 9}))["explained"] is True


def test_the_text_of_a_branch_counts_once_however_many_answers_its_row_has() -> None:
    answers = pl.DataFrame(
        [("s1", UNIT.unit_code, BRANCH.unit_code, f"L3.{n}", REAL) for n in range(9)]
        + [("s1", UNIT.unit_code, None, "S4.1b", REAL), ("s1", UNIT.unit_code, None, "S4.1a", None)],
        schema=["submission_id", "unit_code", "branch_code", "question", "explanation"],
        orient="row",
    )
    assert sent(answers, REGISTRY) == {"s1": Sent(UNIT.name, {REAL: 2})}
