"""What each question is good for: whether its answers vary, what it feeds, and whether to propose its removal. Pure. Source: clause S1.4."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.models.question import Question
from expectations.models.question_use import QuestionUse

SCHEMA = {
    "question": pl.String, "quarters": pl.Int32, "first_period": pl.String, "last_period": pl.String, "fewest_units": pl.Int32,
    "answers": pl.Int32, "distinct_answers": pl.Int32, "common_answer": pl.String, "common_share": pl.Float64, "varies": pl.Boolean,
    "feeds": pl.String, "feeds_decision": pl.Boolean, "suggest_removal": pl.Boolean, "reason": pl.String,
}  # fmt: skip
FEEDS_DECISION = frozenset({"standard", "indicator"})


@dataclass(frozen=True)
class Answers:
    """The usable answers to a question in the quarters looked at: how often each was given, and the fewest units that answered in one."""

    quarters: tuple[str, ...]
    counts: Counter[str]
    fewest_units: int

    @property
    def common(self) -> tuple[str, int] | None:
        """The most common answer and how often it was given; of equals the first in the order of text."""
        return min(self.counts.items(), key=lambda item: (-item[1], item[0]), default=None)

    def vary(self, rule: QuestionUse) -> bool | None:
        """Whether the answers differ; None where there are too few to say."""
        if (
            self.common is None
            or len(self.quarters) < rule.fewest_quarters
            or self.fewest_units < rule.fewest_units
        ):
            return None
        return Fraction(self.common[1], self.counts.total()) < Fraction(rule.same_answer)


def question_use(
    counts: pl.DataFrame, units: pl.DataFrame, catalogue: Catalogue, last: Period | None
) -> pl.DataFrame:
    """The mart `question_use`: one row a question of the catalogue.

    counts: period, question, answer, answers; units: period, question, units (with a usable answer), of every quarter in which the
    question was asked and that has fallen due (one still open would have too few); last: the period whose standards are in force.
    """
    answered = _answered(counts.iter_rows(), units.iter_rows(), catalogue.question_use.quarters)
    rows = [
        _row(question, answered.get(question.code, Answers((), Counter(), 0)), catalogue, last)
        for question in catalogue.questions
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _answered(
    counts: Iterable[tuple[Any, ...]], units: Iterable[tuple[Any, ...]], most: int
) -> dict[str, Answers]:
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for period, question, answering in units:
        asked[question][period] = answering
    looked_at = {question: tuple(sorted(periods)[-most:]) for question, periods in asked.items()}
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for period, question, answer, number in counts:
        if period in looked_at.get(question, ()):
            given[question][answer] += number
    return {
        question: Answers(quarters, given[question], min(asked[question][quarter] for quarter in quarters))
        for question, quarters in looked_at.items()
    }


def _row(question: Question, answers: Answers, catalogue: Catalogue, last: Period | None) -> dict[str, Any]:
    varies, feeds = answers.vary(catalogue.question_use), feeds_of(question, catalogue, last)
    answer, times = answers.common or (None, 0)
    total = answers.counts.total()
    return {
        "question": question.code,
        "quarters": len(answers.quarters),
        "first_period": answers.quarters[0] if answers.quarters else None,
        "last_period": answers.quarters[-1] if answers.quarters else None,
        "fewest_units": answers.fewest_units,
        "answers": total,
        "distinct_answers": len(answers.counts),
        "common_answer": answer,
        "common_share": times / total if total else None,
        "varies": varies,
        "feeds": feeds,
        "feeds_decision": feeds in FEEDS_DECISION,
        "suggest_removal": varies is False or feeds not in FEEDS_DECISION,
        "reason": _reason(question, answers, varies, feeds, catalogue.question_use),
    }


def feeds_of(question: Question, catalogue: Catalogue, last: Period | None) -> str:
    """What comes of the answer: `standard` (an indicator that is judged), `indicator` (one that is scored among peers),
    `explanation` (a text that stands beside another answer), or `rule` (it only checks other answers).
    """
    fed = [indicator for indicator in catalogue.indicators if question.code in indicator.questions]
    if any(last is not None and indicator.standard_in(last) for indicator in fed):
        return "standard"
    if fed:
        return "indicator"
    return "explanation" if question.type == "text" else "rule"


def answer_zh(question: Question, answer: str) -> str:
    """An answer as the form shows it: 是, an option's name, a number with its unit, a text as it stands."""
    named = {option.code: option.label_zh for option in question.choices}
    return named.get(answer, answer + question.unit if question.is_number else answer)


def _reason(question: Question, answers: Answers, varies: bool | None, feeds: str, rule: QuestionUse) -> str:
    return _variation_zh(question, answers, varies, rule) + {
        "standard": "用于有标准的指标。",
        "indicator": "用于不设标准的指标，计入同类比较和得分。",
        "rule": "不进入任何指标，只用于核对其他指标项。",
        "explanation": "不进入任何指标，只用于佐证其他指标项。",
    }[feeds]  # fmt: skip


def _variation_zh(question: Question, answers: Answers, varies: bool | None, rule: QuestionUse) -> str:
    if answers.common is None:
        return "尚无可用的答案。"
    answer, times = answers.common
    total, seen = answers.counts.total(), f"最近{len(answers.quarters)}个填报季度"
    if varies is None:
        short = (
            f"只有{len(answers.quarters)}个填报季度（判断至少要{rule.fewest_quarters}个）"
            if len(answers.quarters) < rule.fewest_quarters
            else f"作答单位最少的一季只有{answers.fewest_units}个（判断至少要{rule.fewest_units}个）"
        )
        return f"{short}，尚不能判断答案有无差别。"
    if varies:
        return f"{seen}的答案有差别。"
    shown = answer_zh(question, answer)
    if times == total:
        return f"{seen}的{total}个答案都是“{shown}”，没有差别。"
    return f"{seen}的{total}个答案中有{times}个是“{shown}”，几乎没有差别。"
