"""The catalogue's rules as Great Expectations suites: plain JSON, built here and stored in suites/ for readers.

A suite belongs to a form (city, university, school, or the ledger) and a quarter. Its frame has one row per form or branch and,
for a question `q` (or a month of it, `q.m1` to `q.m3`): `q` the number, `q.raw` what was written (null where blank, «—» where
not asked), `q.readable` whether it could be read as the question's type (null where blank). A comparison has its two sums as
`rule.left` and `rule.right`, whatever their terms; one that says how far they may be apart has `rule.gap` and `rule.room`; a
conditional requirement has `rule.given`. Rules that ask about other submissions are in no suite. Knows nothing of the library itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from expectations.catalogue import HERE, Catalogue
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from expectations.models.rule import CompareRule, GeneralRule, RequiredRule, Rule
from expectations.period import Period

LEDGER = "ledger"
FOLDER = HERE / "suites"
_SEVERITY = {"block": "critical", "explain": "warning", "inform": "info"}
Suite = dict[str, Any]


def frame_columns(question: Question) -> list[str]:
    """The frame's columns for a question: one, or one for each month of the quarter."""
    return [f"{question.code}.m{i}" for i in (1, 2, 3)] if question.monthly else [question.code]


def suffixes(rule: CompareRule | RequiredRule, catalogue: Catalogue) -> list[str]:
    """The endings of a rule's frame columns: by month where its questions are monthly."""
    monthly = catalogue.question[rule.questions[0]].monthly
    return [".m1", ".m2", ".m3"] if monthly else [""]


def questions_on(catalogue: Catalogue, form: str, period: Period) -> list[Question]:
    """The questions of a form (a unit kind, or the ledger of any kind of unit) in a period, once each."""
    if form != LEDGER:
        return list(unit_questions(catalogue, form, period))
    kinds = [kind.code for kind in catalogue.kinds.units]
    return list(
        dict.fromkeys(column.question for kind in kinds for column in ledger_columns(catalogue, kind, period))
    )


def rules_on(catalogue: Catalogue, form: str, period: Period) -> list[CompareRule | RequiredRule]:
    """The rules that a form of this period can be judged by alone: in force, with all of their questions asked."""
    own = {question.code for question in questions_on(catalogue, form, period)}
    beside = own if form == LEDGER else {c.question.code for c in ledger_columns(catalogue, form, period)}
    return [
        rule
        for rule in catalogue.as_of(period).rules
        if rule.holds_in(period)
        and (
            (isinstance(rule, RequiredRule) and own.issuperset(rule.questions))
            or (
                isinstance(rule, CompareRule)
                and not rule.asks_history
                and own.issuperset(rule.here)
                and (own | beside).issuperset(rule.questions)
            )
        )
    ]


def build_suite(catalogue: Catalogue, form: str, period: Period) -> Suite:
    """The suite of a form in a period, as the JSON that `gx.ExpectationSuite(**suite)` takes."""
    questions = questions_on(catalogue, form, period)
    basic: dict[str, Rule] = {
        rule.check: rule
        for rule in catalogue.as_of(period).rules
        if isinstance(rule, GeneralRule) and rule.holds_in(period)
    }
    expectations = [
        expectation
        for question in questions
        for column in frame_columns(question)
        for expectation in _basic(question, column, basic)
    ]
    for rule in rules_on(catalogue, form, period):
        expectations += [_between(rule, suffix) for suffix in suffixes(rule, catalogue)]
    return {"name": f"{form}-q{period.quarter}", "expectations": expectations}


def stored_suites(catalogue: Catalogue) -> dict[Path, str]:
    """What suites/ must hold: file and text, for each form and quarter of the calendar's last year."""
    year = catalogue.calendar.last_period.year
    forms = [kind.code for kind in catalogue.kinds.units] + [LEDGER]
    suites = (
        build_suite(catalogue, form, Period(year, quarter)) for form in forms for quarter in (1, 2, 3, 4)
    )
    return {
        FOLDER / f"{suite['name']}.json": json.dumps(suite, ensure_ascii=False, indent=1, sort_keys=True)
        + "\n"
        for suite in suites
    }


def _basic(question: Question, column: str, basic: dict[str, Rule]) -> list[dict[str, Any]]:
    expectations = []
    if question.required and "presence" in basic:
        kwargs: dict[str, Any] = {"column": f"{column}.raw"}
        expectations.append(
            _expectation("expect_column_values_to_not_be_null", kwargs, basic["presence"], column, question)
        )
    if "type" in basic:
        kwargs = {"column": f"{column}.readable", "value_set": [True]}
        expectations.append(
            _expectation("expect_column_values_to_be_in_set", kwargs, basic["type"], column, question)
        )
    if question.is_number and "bounds" in basic:
        kwargs = {
            "column": column,
            "min_value": float(question.min or 0),
            "max_value": float(question.max or 0),
        }
        expectations.append(
            _expectation("expect_column_values_to_be_between", kwargs, basic["bounds"], column, question)
        )
    return expectations


def _between(rule: CompareRule | RequiredRule, suffix: str) -> dict[str, Any]:
    if isinstance(rule, RequiredRule):
        kwargs: dict[str, Any] = {"column": f"{rule.rule}.given{suffix}", "value_set": [True]}
        return _expectation("expect_column_values_to_be_in_set", kwargs, rule, f"{rule.question}{suffix}")
    larger, smaller = {"at_least": ("left", "right"), "near": ("room", "gap")}.get(
        rule.compare, ("right", "left")
    )
    kind = "expect_column_pair_values_a_to_be_greater_than_b"
    kwargs = {
        "column_A": f"{rule.rule}.{larger}{suffix}",
        "column_B": f"{rule.rule}.{smaller}{suffix}",
        "ignore_row_if": "either_value_is_missing",
    }
    if rule.compare == "equal":
        kind = "expect_column_pair_values_to_be_equal"
    else:
        kwargs["or_equal"] = True
    return _expectation(kind, kwargs, rule, f"{rule.cell}{suffix}")


def _expectation(
    kind: str, kwargs: dict[str, Any], rule: Rule, column: str, question: Question | None = None
) -> dict[str, Any]:
    """`meta.column` is the frame column whose cell the finding names."""
    label = question.label_zh if question is not None else rule.label_zh
    meta = {
        "rule": rule.rule,
        "column": column,
        "clause": (question.clause if question else rule.clause),
        "label_zh": label,
    }
    return {"type": kind, "kwargs": kwargs, "meta": meta, "severity": _SEVERITY[rule.severity]}
