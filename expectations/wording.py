"""Rules and questions in Chinese words: the sides of a comparison, a whole rule, and what a form says of a question before it is filled."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from expectations.catalogue import Catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule, GeneralRule, RequiredRule, Rule, UniqueRule
from expectations.models.term import (
    AnswerTerm,
    BranchesTerm,
    LastTerm,
    LedgerTerm,
    ProductTerm,
    RegistryTerm,
    Term,
)
from expectations.period import Period

COMPARE_ZH = {"at_most": "不大于", "at_least": "不小于", "equal": "等于"}
_STATE_ZH = {"at_most": "不应高于", "at_least": "不应低于", "equal": "应等于"}
_STATE_DEPARTS = {"at_most": "高于{}的", "at_least": "低于{}的", "equal": "与{}不一致的"}
_MIRRORED = {"at_most": "at_least", "at_least": "at_most"}
_DEPARTS = {"at_most": "大于{}的", "at_least": "小于{}的", "equal": "与{}不一致的", "near": "与{}相差较大的"}
# Of a choice or a yes against what it was the last time: what a block demands, and what departs from it; {0} and {} are the answers that count.
_KEPT = {
    "at_least": ("上次填{0}的，本次仍应填{0}", "上次填{}、本次改填其他的"),
    "at_most": ("上次没有填{0}的，本次不得填{0}", "上次没有填{}、本次填了的"),
    "equal": ("是否填{0}应与上次相同", "是否填{}与上次不同的"),
}
_GENERAL_ZH = {
    "presence": "应填的各项均应填写",
    "type": "各项应按计量单位和填报说明填写",
    "bounds": "各项数值应在规定范围内",
}


def plain(number: Decimal | float | int) -> str:
    """A number without trailing zeros or exponent."""
    text = f"{Decimal(str(number)):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def quoted(text: str) -> str:
    """A name in quotation marks; those inside it become single ones: “‘双强型’负责人数”. The macro `quoted` of sql/schema.sql is the same rule."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def terms_zh(terms: Sequence[Term], catalogue: Catalogue) -> str:
    """One side of a comparison: “培训学时”、“支出数”之和."""
    names = "、".join(_term_zh(term, catalogue) for term in terms)
    return f"{names}之和" if len(terms) > 1 else names


def _term_zh(term: Term, catalogue: Catalogue) -> str:
    labels = [quoted(catalogue.question[code].label_zh) for code in term.questions]
    if isinstance(term, ProductTerm):
        return f"{labels[0]}乘以{labels[1]}"
    if isinstance(term, LedgerTerm):
        return f"支部台账{labels[0]}的合计"
    if isinstance(term, LastTerm):
        return f"{'本年' if term.same_year else ''}上次填报的{labels[0]}"
    if isinstance(term, BranchesTerm):
        kind = "党支部" if term.branches == "all" else catalogue.label_zh[term.branches]
        return f"本单位{kind}数"
    if isinstance(term, RegistryTerm):
        return "名册登记的党员数"
    return labels[0]


def room_zh(rule: CompareRule, catalogue: Catalogue) -> str:
    """How far the two sides may be apart: 30%（不足5人的按5人）."""
    within, unit = rule.within, catalogue.question[rule.cell].unit
    if within is None:
        return ""
    least = f"{plain(within.least)}{unit}"
    return f"{plain(within.share * 100)}%（不足{least}的按{least}）"


def option_zh(rule: RequiredRule, catalogue: Catalogue) -> str:
    """When the rule's question must be answered: “实施办法制订情况”为“已印发”时."""
    when = catalogue.question[rule.when]
    label = next((option.label_zh for option in when.choices if option.code == rule.equals), rule.equals)
    return f"{quoted(when.label_zh)}为{quoted(label)}时"


def compare_zh(rule: CompareRule, catalogue: Catalogue) -> str:
    """应不大于, or of a state 不应高于."""
    is_number = catalogue.question[rule.cell].is_number
    return f"应{COMPARE_ZH[rule.compare]}" if is_number else _STATE_ZH[rule.compare]


def rule_zh(rule: Rule, catalogue: Catalogue) -> str:
    """What the rule demands, in one sentence without a full stop."""
    if isinstance(rule, GeneralRule):
        return _GENERAL_ZH[rule.check]
    if isinstance(rule, RequiredRule):
        return f"{option_zh(rule, catalogue)}，{quoted(catalogue.question[rule.question].label_zh)}必填"
    if isinstance(rule, UniqueRule):
        return f"各单位同期填报的{quoted(catalogue.question[rule.question].label_zh)}应不相同"
    if isinstance(rule, CompareRule):
        left, right = terms_zh(rule.left, catalogue), terms_zh(rule.right, catalogue)
        if rule.within is not None:
            return f"{left}与{right}相差应不超过{room_zh(rule, catalogue)}"
        return f"{left}{compare_zh(rule, catalogue)}{right}"
    return rule.label_zh


@lru_cache(maxsize=256)
def hints(catalogue: Catalogue, period: Period) -> dict[str, str]:
    """The 填报说明 of each question asked, by code, with what the rules of the period say of it: first what must be, then what
    wants an explanation."""
    return {question.code: _hint(question, catalogue, period) for question in catalogue.asked_in(period)}


def _hint(question: Question, catalogue: Catalogue, period: Period) -> str:
    then = catalogue.as_of(period)
    asked = {other.code for other in catalogue.asked_in(period)}
    must: list[str] = []
    departs: dict[str, list[str]] = {}
    for rule in then.rules:
        said = _demand(rule, question, then, asked) if rule.holds_in(period) else None
        if said is None:
            continue
        demand, departure, other = said
        if rule.severity == "block":
            must.append(f"{demand}。")
        elif rule.severity == "explain":
            departs.setdefault(departure, []).append(other)
    reasons = [phrase.format("、".join(others)) for phrase, others in departs.items()]
    explain = f"{'，或'.join(reasons)}，请在“情况说明”栏写明原因。" if reasons else ""
    return question.hint + "".join(must) + explain


def _demand(
    rule: Rule, question: Question, catalogue: Catalogue, asked: set[str]
) -> tuple[str, str, str] | None:
    """What a rule demands of a question's cell, a departure from it, and what that departs from: 不大于“应到人次”, 大于{}的, “应到人次”.

    None where it says nothing of the cell, or compares it with what is not asked.
    """
    if isinstance(rule, UniqueRule) and rule.question == question.code:
        return "不得与其他单位相同", "与{}相同的", "其他单位"
    if isinstance(rule, RequiredRule) and rule.question == question.code and rule.when in asked:
        condition = option_zh(rule, catalogue)
        return f"{condition}必填", "{}未填的", condition
    if not isinstance(rule, CompareRule) or rule.cell != question.code:
        return None
    side = _other_side(rule)
    if side is None or not asked.issuperset(rule.here):
        return None
    compare, terms = side
    if not question.is_number:
        return _demand_of_state(compare, terms, question, catalogue)
    other = "上次填报的数" if terms == (LastTerm(last=question.code),) else terms_zh(terms, catalogue)
    if compare == "near":
        return f"与{other}相差不超过{room_zh(rule, catalogue)}", _DEPARTS[compare], other
    return f"{COMPARE_ZH[compare]}{other}", _DEPARTS[compare], other


def kept_zh(compare: str, question: Question) -> str:
    """What a choice or a yes must be by what it was the last time: 上次填“已印发”的，本次仍应填“已印发”."""
    return _KEPT[compare][0].format(_counted_zh(question))


def _counted_zh(question: Question) -> str:
    return "或".join(quoted(option.label_zh) for option in question.choices if option.counts)


def _demand_of_state(
    compare: str, terms: tuple[Term, ...], question: Question, catalogue: Catalogue
) -> tuple[str, str, str] | None:
    """The same of a choice or a yes, which is held against the last time alone."""
    if compare not in _KEPT:
        return None
    if terms == (LastTerm(last=question.code),):
        return kept_zh(compare, question), _KEPT[compare][1], _counted_zh(question)
    other = terms_zh(terms, catalogue)
    return f"{_STATE_ZH[compare]}{other}", _STATE_DEPARTS[compare], other


def _other_side(rule: CompareRule) -> tuple[str, tuple[Term, ...]] | None:
    """What the rule's own cell is compared with, and how, seen from the cell; None where it is one part of a sum."""
    own = (AnswerTerm(answer=rule.cell),)
    if rule.left == own:
        return rule.compare, rule.right
    if rule.right == own:
        return _MIRRORED.get(rule.compare, rule.compare), rule.left
    return None
