"""The rules as they run: each yields exactly its finding at its cell, all of them, and none on a clean form.

All cases are submissions of one frame that Great Expectations judges once; a test looks at the findings of its own.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import polars as pl
import pytest

from expectations import Catalogue, Period, load_catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule
from expectations.models.term import AnswerTerm, Term
from expectations.suites import Suite
from expectations.wording import plain
from pipelines.intake.answers import Finding
from pipelines.reading_frames import finding_frame
from pipelines.registry.model import Registry
from pipelines.validation.beside import Sender, beside, ledger_answers
from pipelines.validation.engine import ExpectationError, SuiteRunner
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.validation.validate import validate_answers
from pipelines.workbook.form import Slot
from tests.workbooks import MIXED, asked_slots, blank_form

CATALOGUE = load_catalogue()
KINDS = ("city", "university", "school")
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
MANY = 300


class Written(NamedTuple):
    """What stands in a cell, as the reader gives it."""

    number: Decimal | None
    text: str | None
    raw: str | None


# A total of three parts is 3; each of five branches has 6 members, of which the registry knows 5; each has its head.
CLEAN = {"S3.4a": 3, "L3.4a": 6, "S3.2a": 5}
REGISTERED = 5
BLANK, UNREADABLE = Written(None, None, None), Written(None, None, "约六")


def number(value: str | int | Decimal) -> Written:
    return Written(Decimal(value), None, str(value))


def option(code: str, counts: int, label: str) -> Written:
    return Written(Decimal(counts), code, label)


def clean(question: Question) -> Written:
    """An answer that no rule minds: 1 nearly everywhere, so that no part is above its whole."""
    if question.choices:
        first = question.choices[0]
        return option(first.code, int(first.counts), first.label_zh)
    if question.type == "text":
        return Written(None, "苏教工〔2025〕7号", "苏教工〔2025〕7号")
    return number(CLEAN.get(question.code, 1))


Form = dict[Slot, Written]


@dataclasses.dataclass(frozen=True)
class Case:
    """A submission: its form, and the explanation that stands in each of its rows."""

    kind: str
    period: str
    form: Form
    explanation: str | None = None


def filled(kind: str, period: str, categories: tuple[str, ...] = MIXED) -> Form:
    return {
        slot: clean(question)
        for slot, question in asked_slots(blank_form(kind, period, categories), CATALOGUE)
    }


def with_changes(
    kind: str, period: str, changes: dict[Slot, Written], explanation: str | None = None
) -> Case:
    form = filled(kind, period)
    assert changes.keys() <= form.keys(), "the case changes cells that are asked"
    return Case(kind, period, form | changes, explanation)


def cell_of(slot: Slot) -> str:
    """A cell's own name, so that a finding can be held against its slot."""
    return f"{slot.question}|{slot.branch_code or ''}|{slot.month or ''}"


def answers_of(cases: dict[str, Case]) -> pl.DataFrame:
    rows = [
        (name, f"320100{case.kind[0].upper()}1", case.kind, case.period, slot.branch_code, slot.month, slot.question, *written, case.explanation, "表", cell_of(slot))
        for name, case in cases.items()
        for slot, written in case.form.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ANSWER_SCHEMA, orient="row")


REGISTRY = Registry(
    tuple(
        entry._replace(members=REGISTERED)
        for kind in KINDS
        for form in [blank_form(kind, "2025Q4", MIXED)]
        for entry in (form.unit, *form.branches)
    ),
    "",
)


def judged(
    cases: dict[str, Case], catalogue: Catalogue = CATALOGUE, edition: Registry = REGISTRY
) -> list[tuple[str, Finding]]:
    """The findings in the cases, with what they are compared with beside their answers."""
    answers = answers_of(cases)
    senders = [
        Sender(name, f"320100{case.kind[0].upper()}1", case.period, edition) for name, case in cases.items()
    ]
    known = beside(senders, ledger_answers(answers, catalogue), catalogue, REGISTRY)
    return validate_answers(answers, catalogue, known)


PAIRS = {
    rule.rule: rule for rule in CATALOGUE.rules if isinstance(rule, CompareRule) and not rule.asks_history
}
BRANCH = "320100S1-01"


def home_of(rule: CompareRule) -> tuple[str, str]:
    """A kind of unit and a period in which all questions of the rule are asked."""
    for kind in KINDS:
        slots = filled(kind, "2025Q4")
        if all(any(slot.question == code for slot in slots) for code in rule.questions):
            return kind, "2025Q4"
    raise AssertionError(f"{rule.rule} is never asked")


def slot_in(kind: str, code: str) -> Slot:
    """The question's slot on the own form, or in the first branch's row and the second month."""
    return next(slot for slot in filled(kind, "2025Q4") if slot.question == code and slot.month in (None, 11))


def broken(rule: CompareRule) -> Case:
    """A clean form but for the rule's own cell, which is one too many (too few)."""
    kind, period = home_of(rule)
    return with_changes(kind, period, {slot_in(kind, rule.cell): number(breaking(rule))})


def clean_total(terms: tuple[Term, ...]) -> Decimal:
    """A side of a comparison on the clean form."""
    values = {"ledger:L3.4a": 6 * len(MIXED), "branches:all": len(MIXED), "registry:members": REGISTERED}
    total = 0
    for term in terms:
        numbers = [CLEAN.get(code, 1) for code in term.here] or [values[term.column]]  # type: ignore[union-attr]
        total += numbers[0] * (numbers[1] if len(numbers) == 2 else 1)
    return Decimal(total)


def breaking(rule: CompareRule) -> Decimal:
    """What the rule's own cell must say to break it by one."""
    if rule.left != (AnswerTerm(answer=rule.cell),):
        return clean_total(rule.left) + (-1 if rule.compare == "at_most" else 1)
    right = clean_total(rule.right)
    room = max(rule.within.share * right, rule.within.least) if rule.within else Decimal(0)
    return right - 1 if rule.compare == "at_least" else right + room + 1


def all_as(kind: str, written: Written | None, *, only_numbers: bool = False, step: int = 0) -> Case:
    """Every cell changed alike, or every number beyond its bounds by the smallest step."""
    form = filled(kind, "2025Q4")
    for slot in form:
        question = CATALOGUE.question[slot.question]
        if written is not None and not (only_numbers and not question.is_number):
            form[slot] = written
        elif step and question.is_number and question.min is not None and question.max is not None:
            size = Decimal(1) if question.type == "count" else Decimal("0.01")
            form[slot] = number(question.max + size if step > 0 else question.min - size)
    return Case(kind, "2025Q4", form)


SCHOOL = {code: Slot(code) for code in ("L3.1a", "L3.5b", "S4.1a", "S4.1b", "L3.2a", "L3.2b")}
CASES: dict[str, Case] = {
    **{f"clean {kind} {period}": Case(kind, period, filled(kind, period)) for kind in KINDS for period in QUARTERS},
    **{f"broken {name}": broken(rule) for name, rule in PAIRS.items()},
    **{f"blank {kind}": all_as(kind, BLANK) for kind in KINDS},
    **{f"unreadable {kind}": all_as(kind, UNREADABLE) for kind in KINDS},
    **{f"above {kind}": all_as(kind, None, step=1) for kind in KINDS},
    **{f"below {kind}": all_as(kind, None, step=-1) for kind in KINDS},
    "at the bounds": with_changes("school", "2025Q1", {SCHOOL["L3.1a"]: number(30), SCHOOL["L3.5b"]: number(4000), Slot("L3.6a", BRANCH, 1): number(20)}),
    "issued without number": with_changes("city", "2025Q4", {Slot("O2.2b"): BLANK}),
    "drafting without number": with_changes("city", "2025Q4", {Slot("O2.2a"): option("drafting", 0, "起草中"), Slot("O2.2b"): BLANK}),
    "spent beyond, explained": with_changes("school", "2025Q4", {SCHOOL["S4.1b"]: number(2)}, "年中追加预算。"),
    "one side blank": with_changes("school", "2025Q1", {SCHOOL["L3.2a"]: BLANK, SCHOOL["L3.2b"]: number(9)}),
    "one side unreadable": with_changes("school", "2025Q1", {SCHOOL["L3.2a"]: UNREADABLE, SCHOOL["L3.2b"]: number(9)}),
    "one month only": with_changes("school", "2025Q3", {Slot("L3.7b", BRANCH, 8): number(2)}),
    "two rules at one cell": with_changes("school", "2025Q1", {SCHOOL["L3.2b"]: number(1501)}),
    "not asked in the frame": Case("school", "2025Q4", filled("school", "2025Q4", ("retired", "student"))),
    "many": Case("university", "2025Q2", {
        slot: number(4001) if slot.question == "L3.7a" and slot.month == 5 else written
        for slot, written in filled("university", "2025Q2", ("student",) * MANY).items()
    }),
}  # fmt: skip


@pytest.fixture(scope="module")
def findings() -> dict[str, list[Finding]]:
    """The findings of every case, from one run over all of them together."""
    found: dict[str, list[Finding]] = {name: [] for name in CASES}
    for submission_id, finding in judged(CASES):
        found[submission_id].append(finding)
    return found


Found = dict[str, list[Finding]]


def places(found: list[Finding]) -> set[tuple[str, str | None]]:
    """Rule and cell of each finding; a finding's question, branch and month are those of its cell."""
    for finding in found:
        assert finding.question is not None
        assert finding.cell == cell_of(Slot(finding.question, finding.branch_code, finding.month))
        assert finding.sheet == "表"
    pairs = {(finding.rule, finding.cell) for finding in found}
    assert len(pairs) == len(found), "each finding once"
    return pairs


@pytest.mark.parametrize(
    "name",
    [name for name in CASES if name.startswith("clean")]
    + ["at the bounds", "drafting without number", "not asked in the frame"],
)
def test_a_clean_form_has_no_finding(name: str, findings: Found) -> None:
    assert findings[name] == []


@pytest.mark.parametrize("name", PAIRS)
def test_each_comparison_is_found_at_its_cell(name: str, findings: Found) -> None:
    """Every rule of rules/pairs.yaml, broken by one, and nothing else."""
    rule = PAIRS[name]
    (finding,) = findings[f"broken {name}"]
    kind, _ = home_of(rule)
    slot = slot_in(kind, rule.cell)
    assert places([finding]) == {(name, cell_of(slot))}
    assert finding.month == slot.month
    wrong = breaking(rule)
    assert finding.found == plain(wrong)
    assert finding.expected is not None
    on_right = rule.right == (AnswerTerm(answer=rule.cell),)
    assert f"（{plain(wrong if on_right else clean_total(rule.right))}）" in finding.expected
    if rule.within is not None:
        assert (
            f"相差应不超过{plain(max(rule.within.share * clean_total(rule.right), rule.within.least))}"
            in finding.expected
        )


@pytest.mark.parametrize("kind", KINDS)
def test_every_blank_is_found_once(kind: str, findings: Found) -> None:
    """Each required cell, in the ledger each month, and no other."""
    required = {
        cell_of(slot) for slot in CASES[f"blank {kind}"].form if CATALOGUE.question[slot.question].required
    }
    assert places(findings[f"blank {kind}"]) == {("presence", cell) for cell in required}
    assert {finding.found for finding in findings[f"blank {kind}"]} == {"空白"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_unreadable_cell_is_found_once(kind: str, findings: Found) -> None:
    cells = {("type", cell_of(slot)) for slot in CASES[f"unreadable {kind}"].form}
    assert places(findings[f"unreadable {kind}"]) == cells
    assert {finding.found for finding in findings[f"unreadable {kind}"]} == {"约六"}


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_beyond_its_bounds_is_found(kind: str, side: str, findings: Found) -> None:
    """By one for counts, by 0.01 for decimals."""
    form = CASES[f"{side} {kind}"].form
    beyond = {("bounds", cell_of(slot)) for slot in form if CATALOGUE.question[slot.question].is_number}
    found = [finding for finding in findings[f"{side} {kind}"] if finding.rule not in PAIRS]
    assert places(found) == beyond


def test_a_number_required_by_another_answer(findings: Found) -> None:
    (finding,) = findings["issued without number"]
    assert places([finding]) == {("issued_rules_have_number", "O2.2b||")}
    assert finding.found == "空白"


def test_an_explanation_goes_with_its_finding(findings: Found) -> None:
    (finding,) = findings["spent beyond, explained"]
    assert (finding.rule, finding.explanation) == ("spent_within_budget", "年中追加预算。")
    assert findings["broken spent_within_budget"][0].explanation is None


@pytest.mark.parametrize(("name", "rule"), [("one side blank", "presence"), ("one side unreadable", "type")])
def test_a_comparison_waits_for_both_sides(name: str, rule: str, findings: Found) -> None:
    """What is missing is said once, and not again as a contradiction."""
    assert places(findings[name]) == {(rule, "L3.2a||")}


def test_a_month_is_judged_by_itself(findings: Found) -> None:
    assert places(findings["one month only"]) == {("study_attended_within_expected", f"L3.7b|{BRANCH}|8")}


def test_a_cell_may_break_two_rules(findings: Found) -> None:
    rules = {("bounds", "L3.2b||"), ("centre_group_attended_within_expected", "L3.2b||")}
    assert places(findings["two rules at one cell"]) == rules


def test_all_failing_rows_come_back(findings: Found) -> None:
    """No cut at 20 or 200."""
    cells = {
        ("bounds", cell_of(slot))
        for slot in CASES["many"].form
        if slot.question == "L3.7a" and slot.month == 5
    }
    assert len(cells) == MANY
    assert places(findings["many"]) == cells


def test_a_sum_of_decimals_is_exact() -> None:
    """0.1 + 0.2 is not above 0.3. A policy officer may write such a rule tomorrow."""
    rule = CompareRule(
        rule="parts_within_budget", check="compare", severity="block", left=(AnswerTerm(answer="L3.5b"), AnswerTerm(answer="S4.1b")), compare="at_most", right=(AnswerTerm(answer="S4.1a"),),
        cell="S4.1a", label_zh="两项之和不大于预算", mend="请改正",
    )  # fmt: skip
    changed = dataclasses.replace(CATALOGUE, rules=(rule,))
    values = {"exact": "0.3", "less": "0.29"}
    cases = {
        name: with_changes("school", "2025Q4", {SCHOOL["L3.5b"]: number("0.1"), SCHOOL["S4.1b"]: number("0.2"), SCHOOL["S4.1a"]: number(value)})
        for name, value in values.items()
    }  # fmt: skip
    found = validate_answers(answers_of(cases), changed)
    assert [(submission, finding.rule) for submission, finding in found] == [("less", "parts_within_budget")]


def test_rules_are_judged_by_the_version_of_the_period(catalogue: Catalogue) -> None:
    """A bound that is lifted on 2025-07-01 still holds for the second quarter."""
    rules = [
        rule.model_copy(update={"effective_to": pd.Timestamp("2025-06-30").date()})
        if rule.rule == "bounds"
        else rule
        for rule in catalogue.rules
    ]
    changed = dataclasses.replace(catalogue, rules=tuple(rules))
    cases = {
        period: with_changes("school", period, {SCHOOL["L3.1a"]: number(31)})
        for period in ("2025Q2", "2025Q3")
    }
    found = validate_answers(answers_of(cases), changed)
    assert [(submission, finding.rule) for submission, finding in found] == [("2025Q2", "bounds")]


def test_a_sum_over_the_ledger_waits_for_every_branch() -> None:
    """One branch without its members: whatever the sum is, it is not the unit's."""
    changes = {Slot("S4.4a"): number(3000), Slot("L3.4a", BRANCH): BLANK}
    found = judged({"part": with_changes("school", "2025Q4", changes)})
    assert {(finding.rule, finding.question) for _, finding in found} == {("presence", "L3.4a")}


def test_the_registry_is_meant_as_it_was_when_the_file_came() -> None:
    """A later edition, with twice the members, asks nobody about an old quarter again."""
    later = Registry(tuple(entry._replace(members=60) for entry in REGISTRY.entries), "later")
    form = {"old": with_changes("school", "2025Q1", {})}
    assert judged(form) == []
    assert {finding.rule for _, finding in judged(form, edition=later)} == {"members_near_registry"}


def test_each_period_is_judged_and_told_by_its_own_version() -> None:
    """From 2025-07-01 on a bound is raised, a rule only wants an explanation, and a question has another name."""
    questions = tuple(
        Question.model_validate(
            q.model_dump()
            | {"changes": [{"effective_from": "2025-07-01", "max": 40, "label_zh": "中心组学习总次数"}]}
        )
        if q.code == "L3.1a"
        else q
        for q in CATALOGUE.questions
    )
    rules = tuple(
        CompareRule.model_validate(
            r.model_dump()
            | {"changes": [{"effective_from": "2025-07-01", "severity": "explain", "mend": "请说明"}]}
        )
        if r.rule == "centre_group_attended_within_expected"
        else r
        for r in CATALOGUE.rules
    )
    changed = dataclasses.replace(CATALOGUE, questions=questions, rules=rules)
    cases = {
        period: with_changes(
            "school",
            period,
            {SCHOOL["L3.1a"]: number(41 if period == "2025Q3" else 31), SCHOOL["L3.2b"]: number(2)},
        )
        for period in ("2025Q1", "2025Q3")
    }
    found = judged(cases, changed)
    periods = {name: Period.parse(name) for name in cases}
    rows = finding_frame("answers", found, changed, REGISTRY, periods=periods).sort("submission_id", "rule")
    assert rows.select("submission_id", "rule", "severity").rows() == [
        ("2025Q1", "bounds", "block"), ("2025Q1", "centre_group_attended_within_expected", "block"),
        ("2025Q3", "bounds", "block"), ("2025Q3", "centre_group_attended_within_expected", "explain"),
    ]  # fmt: skip
    told = rows["message"].to_list()
    assert ("“中心组集中学习次数”：填的是“31”，应为0至30次" in told[0], "请说明" in told[1]) == (True, False)
    assert ("“中心组学习总次数”：填的是“41”，应为0至40次" in told[2], told[3].endswith("。请说明。")) == (
        True,
        True,
    )
    lifted = judged({"2025Q3": with_changes("school", "2025Q3", {SCHOOL["L3.1a"]: number(31)})}, changed)
    assert lifted == []


def test_no_answers_no_findings(catalogue: Catalogue) -> None:
    assert validate_answers(pl.DataFrame(schema=ANSWER_SCHEMA), catalogue) == []


def suite(**kwargs: Any) -> Suite:
    expectation = {
        "type": "expect_column_values_to_be_between",
        "kwargs": kwargs,
        "meta": {"rule": "bounds", "column": "a"},
        "severity": "critical",
    }
    return {"name": "test", "expectations": [expectation]}


@pytest.mark.parametrize(
    ("made", "values"),
    [
        pytest.param(suite(column="a", min_value=0, max_value=1), ["x", "y"], id="a column of another type"),
        pytest.param(suite(column="b", min_value=0, max_value=1), [1, 2], id="a column that is not there"),
    ],
)
def test_an_expectation_that_cannot_run_is_our_error(made: Suite, values: list[Any]) -> None:
    """Never zero findings, and never findings of the unit's."""
    with pytest.raises(ExpectationError, match="expect_column_values_to_be_between"):
        SuiteRunner().run(made, pd.DataFrame({"row": range(len(values)), "a": values}))


def test_an_empty_frame_has_no_breach() -> None:
    assert (
        SuiteRunner().run(suite(column="a", min_value=0, max_value=1), pd.DataFrame({"row": [], "a": []}))
        == []
    )
