"""The words of a finding: what was found, what is expected, and the one sentence that a clerk reads. Pure."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from expectations import Catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule, Rule, UniqueRule
from expectations.models.term import AnswerTerm, LastTerm
from expectations.wording import compare_zh, kept_zh, option_zh, plain, quoted, room_zh, terms_zh

BLANK = "空白"


def expected_text(
    rule: Rule,
    question: Question | None,
    catalogue: Catalogue,
    right: Decimal | str | None = None,
    room: Decimal | None = None,
) -> str:
    """What an answer to the question should be under the rule, in Chinese.

    right: the other side of a comparison, as it was found (a text where it is no number); room: how far both may be apart.
    """
    if isinstance(rule, CompareRule):
        return _compared(rule, catalogue, right, room)
    if question is None:
        return rule.label_zh
    if rule.check == "bounds":
        return f"{plain(question.min or 0)}至{plain(question.max or 0)}{question.unit}"
    if isinstance(rule, RequiredRule):
        return f"{option_zh(rule, catalogue)}必填"
    if isinstance(rule, UniqueRule):
        return "本项不应与其他单位相同"
    return answer_form(question)


def _compared(
    rule: CompareRule, catalogue: Catalogue, right: Decimal | str | None, room: Decimal | None
) -> str:
    is_own = rule.left == (AnswerTerm(answer=rule.cell),)
    cell = catalogue.question[rule.cell]
    if is_own and rule.within is None and not cell.is_number and rule.right == (LastTerm(last=cell.code),):
        return kept_zh(rule.compare, cell)
    subject = "本项" if is_own else terms_zh(rule.left, catalogue)
    other = terms_zh(rule.right, catalogue)
    if isinstance(right, str):
        other += f"（{quoted(right)}）"
    elif right is not None:
        other += f"（{plain(right)}）"
    if rule.within is None:
        return f"{subject}{compare_zh(rule, catalogue)}{other}"
    return f"{subject}与{other}相差应不超过{_room(rule, catalogue, room)}"


def _room(rule: CompareRule, catalogue: Catalogue, room: Decimal | None) -> str:
    """The number where it is known, in whole units for a count; else how it is found."""
    if room is None:
        return room_zh(rule, catalogue)
    question = catalogue.question[rule.cell]
    return (
        f"{plain(room.to_integral_value(ROUND_FLOOR) if question.type == 'count' else room)}{question.unit}"
    )


def answer_form(question: Question) -> str:
    """What kind of answer a question takes, in Chinese."""
    if question.type == "count":
        return f"整数（{question.unit}）"
    if question.type == "decimal":
        return f"数字，最多{question.decimals}位小数（{question.unit}）"
    if question.choices:
        return "或".join(quoted(option.label_zh) for option in question.choices)
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
    subject += quoted(question.label_zh) if question else ""
    return f"{place}{subject}：{_facts(rule, question, found, expected)}。{rule.mend}。"


def _facts(rule: Rule, question: Question | None, found: str | None, expected: str | None) -> str:
    if rule.says is not None:
        return rule.says.replace("{found}", found or BLANK).replace("{expected}", expected or "")
    if rule.check in ("presence", "required_if"):
        return f"{rule.label_zh}，应为{expected}" if rule.check == "presence" else f"应填未填，{expected}"
    if rule.check in ("compare", "unique"):
        return f"填的是“{found}”，{expected}"
    if rule.check in ("type", "bounds"):
        return f"填的是“{found}”，应为{expected}"
    facts = f"{rule.label_zh}（{found}）" if found else rule.label_zh
    return f"{facts}，应为{expected}" if expected else facts
