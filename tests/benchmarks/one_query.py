"""The catalogue's rules on one period as one DuckDB query over the answers: the floor that Great Expectations is held against.

Covers presence, type, bounds, comparisons of sums and conditions between questions of one form or row. Generated from the catalogue; nothing of the
pipeline's way of judging is in it, so that equal findings mean something.
"""

from __future__ import annotations

from collections.abc import Iterable

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from expectations.models.rule import CompareRule, GeneralRule, RequiredRule, Rule
from expectations.models.term import AnswerTerm
from pipelines.intake.values import NO_RESULT

_BREAKS = {"at_most": ">", "at_least": "<", "equal": "<>"}


def covered_rules(catalogue: Catalogue, period: Period) -> set[str]:
    """The rules that the query judges."""
    return {rule.rule for rule in _covered(catalogue, period)}


def _covered(catalogue: Catalogue, period: Period) -> list[Rule]:
    codes = {question.code for question in _asked(catalogue, period)}
    return [
        rule
        for rule in catalogue.as_of(period).rules
        if rule.holds_in(period)
        and (isinstance(rule, GeneralRule | RequiredRule) or _is_of_one_row(rule))
        and codes >= set(rule.questions)
    ]


def _is_of_one_row(rule: Rule) -> bool:
    """Whether sums of answers on one form or row are compared, and nothing else."""
    return (
        isinstance(rule, CompareRule)
        and rule.compare in _BREAKS
        and all(isinstance(term, AnswerTerm) for term in rule.terms)
    )


def one_query(catalogue: Catalogue, period: Period) -> str:
    """Rows of submission_id, branch_code, question, month, sheet, cell, rule: every cell that breaks a rule. Reads a table `answers`."""
    questions = {question.code: question for question in _asked(catalogue, period)}
    covered = _covered(catalogue, period)
    basic = {rule.check: rule.rule for rule in covered if isinstance(rule, GeneralRule)}
    compared = [rule for rule in covered if isinstance(rule, CompareRule)]
    required = [rule for rule in covered if isinstance(rule, RequiredRule)]
    return f"""
with asked (question, required, lowest, highest) as (values {_values(map(_bounds, questions.values()))}),
compared (rule, breaks, cell) as (values {_values((r.rule, _BREAKS[r.compare], r.cell) for r in compared)}),
terms (rule, side, question, parts) as (values {_values(_terms(compared))}),
required (rule, question, holder, option) as (values {_values((r.rule, r.question, r.when, r.equals) for r in required)}),
sums as (
    select t.rule, a.submission_id, a.branch_code, a.month,
           sum(a.number) filter (side = 'left') as at_left, sum(a.number) filter (side = 'right') as at_right
    from answers a
    join terms t using (question)
    group by all
    having count(a.number) filter (side = 'left') = any_value(parts) filter (side = 'left')
       and count(a.number) filter (side = 'right') = any_value(parts) filter (side = 'right')
),
broken as (
    select a.submission_id, a.branch_code, a.question, a.month, '{basic["presence"]}' as rule
    from answers a join asked q using (question) where q.required and a.raw is null
    union all
    select a.submission_id, a.branch_code, a.question, a.month, '{basic["type"]}'
    from answers a where a.number is null and a.text is null and a.raw <> '{NO_RESULT}'
    union all
    select a.submission_id, a.branch_code, a.question, a.month, '{basic["bounds"]}'
    from answers a join asked q using (question) where a.number < q.lowest or a.number > q.highest
    union all
    select s.submission_id, s.branch_code, c.cell, s.month, s.rule
    from sums s join compared c using (rule)
    where case c.breaks when '>' then at_left > at_right when '<' then at_left < at_right else at_left <> at_right end
    union all
    select g.submission_id, g.branch_code, g.question, g.month, r.rule
    from required r
    join answers g on g.question = r.question
    join answers h on h.question = r.holder and h.submission_id = g.submission_id and h.branch_code is not distinct from g.branch_code
    where h.text = r.option and g.raw is null
)
select b.submission_id, b.branch_code, b.question, b.month, a.sheet, a.cell, b.rule
from broken b
left join answers a
  on a.submission_id = b.submission_id and a.question = b.question
 and a.branch_code is not distinct from b.branch_code and a.month is not distinct from b.month
"""


def _asked(catalogue: Catalogue, period: Period) -> Iterable[Question]:
    for kind in catalogue.kinds.units:
        yield from unit_questions(catalogue, kind.code, period)
        yield from (column.question for column in ledger_columns(catalogue, kind.code, period))


def _bounds(question: Question) -> tuple[object, ...]:
    if not question.is_number:
        return question.code, question.required, None, None
    return question.code, question.required, question.min or 0, question.max or 0


def _terms(rules: list[CompareRule]) -> Iterable[tuple[object, ...]]:
    for rule in rules:
        for side, terms in (("left", rule.left), ("right", rule.right)):
            yield from ((rule.rule, side, code, len(terms)) for term in terms for code in term.here)


def _values(rows: Iterable[tuple[object, ...]]) -> str:
    return ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return f"'{value}'" if isinstance(value, str) else str(value)
