"""The words of a finding: every rule over a question of every type makes one whole Chinese sentence that ends in the next step."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Period, load_catalogue
from expectations.models.question import Question
from expectations.models.rule import RULE, CompareRule, RequiredRule, Rule, UniqueRule
from expectations.wording import hints, plain, quoted, rule_zh
from pipelines.validation.sentences import BLANK, expected_text, message

UNTIMED = settings(deadline=None)

CATALOGUE = load_catalogue()
# One question of each type, on the own form and in the ledger.
EXAMPLES = {(q.type, q.is_for_branch, q.monthly): q for q in reversed(CATALOGUE.questions)}
# What may stand in Latin letters: codes of questions, periods, cells, the file's ending.
ALLOWED = re.compile(r"[LSIO]\d\.\d+[a-z]?(_\d\d)?|\d{4}Q[1-4]|\b[A-Z]{1,2}\d+\b|\.?xlsx|MB|SQL$")
BRANCH = "示例小学第一支部"


def questions_of(rule: Rule) -> list[Question | None]:
    """The questions that a finding of the rule may be about."""
    if rule.check in ("presence", "type", "bounds"):
        fitting = [q for q in EXAMPLES.values() if q.is_number or rule.check != "bounds"]
        return list(fitting)
    if isinstance(rule, CompareRule):
        return [CATALOGUE.question[rule.cell]]
    if isinstance(rule, RequiredRule | UniqueRule):
        return [CATALOGUE.question[rule.question]]
    return [None, *EXAMPLES.values()]


# Every version of every rule, over every version of its questions.
CASES = [
    (version, asked)
    for rule in CATALOGUE.rules
    for version in rule.versions
    for question in questions_of(rule)
    for asked in (question.versions if question is not None else (None,))
]


def test_every_rule_and_every_type_is_tried() -> None:
    assert {rule.rule for rule, _ in CASES} == set(CATALOGUE.rule)
    assert {question.type for _, question in CASES if question} == {
        "count",
        "decimal",
        "yes_no",
        "choice",
        "text",
    }


@pytest.mark.parametrize(
    ("rule", "question"),
    CASES,
    ids=lambda value: getattr(value, "rule", None) or (value and value.code),
)
@pytest.mark.parametrize("found", [BLANK, "12.5", "约六"])
def test_a_message_is_one_whole_chinese_sentence(rule: Rule, question: Question | None, found: str) -> None:
    right, room = (Decimal("7.50"), Decimal("2.5")) if rule.check == "compare" else (None, None)
    expected = expected_text(rule, question, CATALOGUE, right, room)
    month = 11 if question is not None and question.monthly else None
    branch = BRANCH if question is not None and question.is_for_branch else None
    text = message(rule, question, branch, month, "学习型", "D7", found, expected)
    assert text.startswith("“学习型”表D7单元格")
    assert text.endswith(f"。{rule.mend}。")
    assert not re.search(r"。。|，，|：：|：。|（）|“”|，。", text), text
    assert not re.search(r"None|null|nan|NaT", text), text
    assert not re.search(r"[A-Za-z_]{2,}", ALLOWED.sub("", text)), text
    if question is not None:
        assert quoted(question.label_zh) in text
    assert (BRANCH in text) == (branch is not None)
    assert ("，11月" in text) == (month is not None)
    if rule.check in ("type", "bounds", "compare"):
        assert f"填的是“{found}”" in text


@pytest.mark.parametrize(
    ("sheet", "cell", "start"),
    [("学习型", "D7", "“学习型”表D7单元格："), ("支部台账", None, "“支部台账”表："), (None, None, "文件：")],
)
@pytest.mark.parametrize("found", ["没有这张表", None])
@pytest.mark.parametrize("expected", ["有“学习型”表", None])
def test_a_message_says_what_it_knows_and_no_more(
    sheet: str | None, cell: str | None, start: str, found: str | None, expected: str | None
) -> None:
    text = message(CATALOGUE.rule["sheet_missing"], None, None, None, sheet, cell, found, expected)
    assert text.startswith(f"{start}缺少工作表")
    assert ("（没有这张表）" in text) == (found is not None)
    assert ("，应为有“学习型”表" in text) == (expected is not None)


@pytest.mark.parametrize(
    ("rule", "question", "right", "expected"),
    [
        ("bounds", "L3.1a", None, "0至30次"),
        ("bounds", "L3.4a", None, "1至400人"),
        ("bounds", "S4.1a", None, "0至100000万元"),
        ("type", "L3.1a", None, "整数（次）"),
        ("type", "S4.1a", None, "数字，最多2位小数（万元）"),
        ("type", "L3.3a", None, "“是”或“否”"),
        ("type", "O2.2a", None, "“已印发”或“起草中”或“未制订”"),
        ("type", "O2.2b", None, "不超过40字的文字"),
        ("presence", "L3.3a", None, "“是”或“否”"),
        ("centre_group_attended_within_expected", "L3.2b", "120", "本项应不大于“中心组学习应到人次”（120）"),
        ("spent_within_budget", "S4.1b", "12.50", "本项应不大于“党建工作经费预算数”（12.5）"),
        ("candidates_cover_seats", "S4.2b", "5", "本项应不小于“换届选举应选人数”（5）"),
        ("new_members_parts_within_total", "S3.4a", "3", "“其中一线中青年骨干教师数”、“其中学术（学科）带头人数”、“其中留学归国人员数”之和应不大于“全年新发展教职工党员数”（3）"),
        ("issued_rules_have_number", "O2.2b", None, "“实施办法制订情况”为“已印发”时必填"),
        ("hardship_within_members", "S4.4a", "60", "本项应不大于支部台账“党员数”的合计（60）"),
        ("heads_cover_branches", "S3.2a", "5", "本项应不小于本单位党支部数（5）"),
        ("members_near_registry", "L3.4a", "5", "本项与名册登记的党员数（5）相差应不超过30%（不足5人的按5人）"),
        ("party_day_expected_near_product", "I2.1b", None, "本项与“形式创新的党日活动次数”乘以“党员数”相差应不超过30%（不足10人次的按10人次）"),
        ("rules_number_unique", "O2.2b", None, "本项不应与其他单位相同"),
    ],
)  # fmt: skip
def test_what_is_expected(rule: str, question: str, right: str | None, expected: str) -> None:
    number = None if right is None else Decimal(right)
    assert expected_text(CATALOGUE.rule[rule], CATALOGUE.question[question], CATALOGUE, number) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (Decimal("-0.0"), "0"), (120, "120"), (Decimal("120.00"), "120"), (Decimal("1E+2"), "100"), (Decimal("0.50"), "0.5"), (12.5, "12.5"), (-3, "-3"), (Decimal("1E-4"), "0.0001")],
)  # fmt: skip
def test_numbers_are_written_plainly(number: Decimal | float, text: str) -> None:
    assert plain(number) == text


@UNTIMED
@given(st.decimals(-(10**13), 10**13, places=4))
def test_a_plain_number_is_the_number(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert not re.search(r"\.\d*0$|\.$", text)


@pytest.mark.parametrize(
    "rule",
    [v for rule in CATALOGUE.rules for v in rule.versions],
    ids=lambda rule: f"{rule.rule} {rule.effective_from}",
)
def test_a_rule_is_told_in_one_chinese_phrase(rule: Rule) -> None:
    """As `sanxing catalogue rules` lists it."""
    text = rule_zh(rule, CATALOGUE)
    assert text
    assert not text.endswith("。")
    assert not re.search(r"None|[A-Za-z_]{2,}|（）|“”", ALLOWED.sub("", text)), text


@pytest.mark.parametrize("period", [Period(2025, 3), Period(2025, 4)], ids=str)
def test_a_hint_is_whole_chinese_sentences(period: Period) -> None:
    shown = hints(CATALOGUE, period)
    assert set(shown) == {question.code for question in CATALOGUE.asked_in(period)}
    for code, text in shown.items():
        assert text.endswith("。"), code
        assert not re.search(r"。。|，。|None|[A-Za-z_]{2,}", text), text
    assert shown["L3.4a"].endswith("与上次填报的数、名册登记的党员数相差较大的，请在“情况说明”栏写明原因。")
    assert shown["L3.2b"].endswith("不大于“中心组学习应到人次”。")
    if period.quarter == 4:
        assert shown["O2.2a"].endswith("上次填“已印发”、本次改填其他的，请在“情况说明”栏写明原因。")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("党员数", "“党员数”"), ("“双强型”负责人数", "“‘双强型’负责人数”"), ("“甲”“乙”", "“‘甲’‘乙’”")],
)
def test_marks_inside_marks_are_single(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_no_sentence_of_a_rule_nests_its_marks() -> None:
    dual = next(rule for rule in CATALOGUE.rules if "S3.2b" in rule.questions)
    assert "“" in CATALOGUE.question["S3.2b"].label_zh
    for text in (
        rule_zh(dual, CATALOGUE),
        message(dual, CATALOGUE.question["S3.2b"], None, None, None, None, "9", "5"),
    ):
        assert "‘双强型’" in text
        assert not re.search("“[^”]*“", text), text


NEAR = {
    "check": "compare",
    "left": ["L3.2b"],
    "compare": "near",
    "right": ["L3.2a"],
    "cell": "L3.2b",
    "within": {"share": "0.3", "least": 5},
}
AT_MOST = {"check": "compare", "left": ["L3.2b"], "compare": "at_most", "right": ["L3.2a"], "cell": "L3.2b"}
UNIQUE = {"check": "unique", "question": "O2.2b"}
REQUIRED = {"check": "required_if", "question": "O2.2b", "when": "O2.2a", "equals": "issued"}
LAST = {"check": "compare", "left": ["O2.2a"], "right": [{"last": "O2.2a"}], "cell": "O2.2a"}
REPORT = "上次填报的“‘联述联评联考’是否包含三型党组织建设情况”"
OTHERS, WRITE = "“中心组学习应到人次”", "请在“情况说明”栏写明原因。"


@pytest.mark.parametrize(
    ("keys", "code", "block", "explain"),
    [
        (AT_MOST, "L3.2b", f"不大于{OTHERS}。", f"大于{OTHERS}的，{WRITE}"),
        (NEAR, "L3.2b", f"与{OTHERS}相差不超过30%（不足5人次的按5人次）。", f"与{OTHERS}相差较大的，{WRITE}"),
        (UNIQUE, "O2.2b", "不得与其他单位相同。", f"与其他单位相同的，{WRITE}"),
        (REQUIRED, "O2.2b", "“实施办法制订情况”为“已印发”时必填。", f"“实施办法制订情况”为“已印发”时未填的，{WRITE}"),
        ({**LAST, "compare": "at_least"}, "O2.2a", "上次填“已印发”的，本次仍应填“已印发”。", f"上次填“已印发”、本次改填其他的，{WRITE}"),
        ({**LAST, "compare": "at_most"}, "O2.2a", "上次没有填“已印发”的，本次不得填“已印发”。", f"上次没有填“已印发”、本次填了的，{WRITE}"),
        ({**LAST, "compare": "equal"}, "O2.2a", "是否填“已印发”应与上次相同。", f"是否填“已印发”与上次不同的，{WRITE}"),
        ({**LAST, "compare": "at_least", "left": [{"last": "O2.2a"}], "right": ["O2.2a"]}, "O2.2a", "上次没有填“已印发”的，本次不得填“已印发”。", f"上次没有填“已印发”、本次填了的，{WRITE}"),
        ({**LAST, "compare": "at_least", "right": [{"last": "O1.2a"}]}, "O2.2a", f"不应低于{REPORT}。", f"低于{REPORT}的，{WRITE}"),
    ],
)  # fmt: skip
def test_a_hint_says_what_each_rule_in_force_wants(
    keys: dict[str, object], code: str, block: str, explain: str
) -> None:
    own = CATALOGUE.question[code].hint
    for severity, words in (("block", block), ("explain", explain), ("inform", "")):
        named = {"rule": "extra", "severity": severity, "label_zh": "多", "mend": "请改正"}
        for since, said in (("2025-01-01", words), ("2026-01-01", "")):
            rule = RULE.validate_python({**named, **keys, "effective_from": since})
            assert hints(replace(CATALOGUE, rules=(rule,)), Period(2025, 4))[code] == own + said
