"""The words of a finding: what was found, what is expected, and the one sentence that a clerk reads. Pure."""

from __future__ import annotations

from decimal import Decimal

from expectations import Catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule, Rule

BLANK = "空白"
_COMPARE = {"at_most": "不大于", "at_least": "不小于", "equal": "等于"}


def plain(number: Decimal | float | int) -> str:
    """A number without trailing zeros or exponent."""
    text = f"{Decimal(str(number)):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def expected_text(
    rule: Rule, question: Question | None, catalogue: Catalogue, right: Decimal | None = None
) -> str:
    """What an answer to the question should be under the rule, in Chinese; `right` is the other side of a comparison."""
    if isinstance(rule, CompareRule):
        names = "、".join(f"“{catalogue.question[code].label_zh}”" for code in rule.right)
        total = "之和" if len(rule.right) > 1 else ""
        shown = f"（{plain(right)}）" if right is not None else ""
        subject = (
            "本项"
            if rule.cell in rule.left and len(rule.left) == 1
            else "、".join(f"“{catalogue.question[c].label_zh}”" for c in rule.left) + "之和"
        )
        return f"{subject}应{_COMPARE[rule.compare]}{names}{total}{shown}"
    if question is None:
        return rule.label_zh
    if rule.check == "bounds":
        return f"{plain(question.min or 0)}至{plain(question.max or 0)}{question.unit}"
    if isinstance(rule, RequiredRule):
        option = next(
            (o.label_zh for o in catalogue.question[rule.when].choices if o.code == rule.equals), rule.equals
        )
        return f"“{catalogue.question[rule.when].label_zh}”为“{option}”时必填"
    return answer_form(question)


def answer_form(question: Question) -> str:
    """What kind of answer a question takes, in Chinese."""
    if question.type == "count":
        return f"整数（{question.unit}）"
    if question.type == "decimal":
        return f"数字，最多{question.decimals}位小数（{question.unit}）"
    if question.choices:
        return "或".join(f"“{option.label_zh}”" for option in question.choices)
    return f"不超过{question.max_length}字的文字"


def message(
    rule: Rule,
    question: Question | None,
    branch_name: str | None,
    month: int | None,
    sheet: str | None,
    cell: str | None,
    found: str | None,
    expected: str | None,
) -> str:
    """Where, what, what is expected and what to do: one finding as Chinese text that ends in the next step."""
    place = (f"“{sheet}”表" if sheet else "文件") + (f"{cell}单元格" if cell else "")
    subject = (f"，{branch_name}" if branch_name else "") + (f"，{month}月" if month else "")
    subject += f"“{question.label_zh}”" if question else ""
    return f"{place}{subject}：{_facts(rule, question, found, expected)}。{rule.mend}。"


def _facts(rule: Rule, question: Question | None, found: str | None, expected: str | None) -> str:
    if rule.says is not None:
        return rule.says.replace("{found}", found or BLANK).replace("{expected}", expected or "")
    if rule.check in ("presence", "required_if"):
        return f"{rule.label_zh}，应为{expected}" if rule.check == "presence" else f"应填未填，{expected}"
    if rule.check == "compare":
        return f"填的是“{found}”，{expected}"
    if rule.check in ("type", "bounds"):
        return f"填的是“{found}”，应为{expected}"
    facts = f"{rule.label_zh}（{found}）" if found else rule.label_zh
    return f"{facts}，应为{expected}" if expected else facts
