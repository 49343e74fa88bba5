"""The catalogue's rules on one period as one DuckDB query over the answers: the floor that Great Expectations is held against.

Covers every rule that Great Expectations judges: presence, type, bounds, conditions, and comparisons of answers, products, sums over the
ledger, branches and what the registry knows. Generated from the catalogue; nothing of the pipeline's way of judging is in it, so that equal
findings mean something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from expectations.models.rule import CompareRule, GeneralRule, RequiredRule, Rule
from expectations.models.term import AnswerTerm, BesideTerm, BranchesTerm, LedgerTerm, ProductTerm, Term
from pipelines.intake.values import NO_RESULT
from pipelines.registry.model import Registry

_BREAKS = {"at_most": ">", "at_least": "<", "equal": "<>", "near": "apart"}
_REGISTRY: dict[str, type[pl.DataType]] = {
    "unit_code": pl.String, "parent_code": pl.String, "kind": pl.String, "category": pl.String, "members": pl.Int32,
}  # fmt: skip


def covered_rules(catalogue: Catalogue, period: Period) -> set[str]:
    """The rules that the query judges."""
    return {rule.rule for rule in _covered(catalogue, period)}


def _covered(catalogue: Catalogue, period: Period) -> list[Rule]:
    codes = {question.code for question in _asked(catalogue, period)}
    return [
        rule
        for rule in catalogue.as_of(period).rules
        if rule.holds_in(period)
        and (isinstance(rule, GeneralRule | RequiredRule | CompareRule) and not rule.asks_history)
        and codes >= set(rule.questions)
    ]


def registry_rows(registry: Registry, period: Period) -> pl.DataFrame:
    """What the query reads as `registry`: unit_code, parent_code, kind, category, members of the entries valid in the period."""
    rows = [
        (e.unit_code, e.parent_code, e.kind, e.category, e.members)
        for e in registry.entries
        if e.holds_in(period)
    ]
    return pl.DataFrame(rows, schema=_REGISTRY, orient="row")


def one_query(catalogue: Catalogue, period: Period) -> str:
    """Rows of submission_id, branch_code, question, month, sheet, cell, rule: every cell that breaks a rule.

    Reads tables `answers` (ANSWER_SCHEMA) and `registry` (registry_rows).
    """
    questions = {question.code: question for question in _asked(catalogue, period)}
    covered = _covered(catalogue, period)
    basic = {rule.check: rule.rule for rule in covered if isinstance(rule, GeneralRule)}
    compared = [rule for rule in covered if isinstance(rule, CompareRule)]
    required = [rule for rule in covered if isinstance(rule, RequiredRule)]
    terms = [term for rule in compared for term in rule.terms]
    products = {(_name(t), *t.product) for t in terms if isinstance(t, ProductTerm)}
    branches = {(_name(t), t.branches) for t in terms if isinstance(t, BranchesTerm)}
    columns = {row for t in terms if isinstance(t, LedgerTerm) for row in _column(t, questions[t.ledger])}
    return f"""
with {_table("asked", "question, required, lowest, highest", map(_bounds, questions.values()))},
{_table("compared", "rule, breaks, cell, share, least", map(_comparison, compared))},
{_table("terms", "rule, side, term, parts", _terms(compared))},
{_table("products", "term, one, other", sorted(products))},
{_table("columns", "term, question, kind, category", sorted(columns))},
{_table("counted", "term, category", sorted(branches))},
{_table("required", "rule, question, holder, option", ((r.rule, r.question, r.when, r.equals) for r in required))},
forms as (select distinct submission_id, unit_code, unit_kind from answers),
branches as (
    select f.submission_id, f.unit_kind, r.unit_code, r.category, r.members
    from forms f join registry r on r.parent_code = f.unit_code and r.kind = 'branch'
),
numbers as (
    select submission_id, branch_code, month, question as term, number::decimal(38, 8) as number
    from answers where question in (select term from terms)
    union all
    select a.submission_id, a.branch_code, a.month, p.term, a.number::decimal(19, 4) * b.number::decimal(19, 4)
    from products p
    join answers a on a.question = p.one
    join answers b
      on b.question = p.other and b.submission_id = a.submission_id
     and b.branch_code is not distinct from a.branch_code and b.month is not distinct from a.month
    union all
    -- a column with a gap has no sum
    select b.submission_id, null, null, c.term, case when count(a.number) = count(*) then sum(a.number) end
    from branches b
    join columns c on c.kind = b.unit_kind and c.category = b.category
    left join answers a on a.submission_id = b.submission_id and a.branch_code = b.unit_code and a.question = c.question
    group by b.submission_id, c.term
    union all
    select f.submission_id, null, null, c.term, count(b.unit_code)
    from forms f
    cross join counted c
    left join branches b on b.submission_id = f.submission_id and c.category in ('all', b.category)
    group by f.submission_id, c.term
    union all
    select submission_id, unit_code, null, 'registry:members', members from branches
    union all
    select f.submission_id, null, null, 'registry:members', r.members from forms f join registry r using (unit_code)
),
sums as (
    select t.rule, n.submission_id, n.branch_code, n.month,
           sum(n.number) filter (side = 'left') as at_left, sum(n.number) filter (side = 'right') as at_right
    from numbers n
    join terms t using (term)
    group by all
    having count(n.number) filter (side = 'left') = any_value(parts) filter (side = 'left')
       and count(n.number) filter (side = 'right') = any_value(parts) filter (side = 'right')
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
    where case c.breaks
              when '>' then at_left > at_right
              when '<' then at_left < at_right
              when '<>' then at_left <> at_right
              else abs(at_left - at_right) > greatest(at_right * c.share::decimal(9, 4), c.least::decimal(18, 4))
          end
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


def _comparison(rule: CompareRule) -> tuple[object, ...]:
    share, least = (rule.within.share, rule.within.least) if rule.within is not None else (None, None)
    return rule.rule, _BREAKS[rule.compare], rule.cell, share, least


def _terms(rules: list[CompareRule]) -> Iterator[tuple[object, ...]]:
    for rule in rules:
        for side, terms in (("left", rule.left), ("right", rule.right)):
            yield from ((rule.rule, side, _name(term), len(terms)) for term in terms)


def _name(term: Term) -> str:
    """What a number is called under `numbers`."""
    if isinstance(term, AnswerTerm):
        return term.answer
    if isinstance(term, ProductTerm):
        return "*".join(term.product)
    assert isinstance(term, BesideTerm), "what was answered last is asked by SQL over the history"
    return term.column


def _column(term: LedgerTerm, question: Question) -> Iterator[tuple[str, ...]]:
    """Whose branches answer a ledger's column: term, question, kind of unit, category of branch."""
    for kind in question.unit_kinds:
        for category in question.branch_categories:
            yield term.column, term.ledger, kind, category


def _table(name: str, columns: str, rows: Iterable[tuple[object, ...]]) -> str:
    """A table of the query; one without rows has its columns all the same."""
    lines = [f"({', '.join(map(_literal, row))})" for row in rows]
    nothing = f"select {', '.join('null' for _ in columns.split(','))} where false"
    content = f"values {', '.join(lines)}" if lines else nothing
    return f"{name} ({columns}) as ({content})"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return f"'{value}'" if isinstance(value, str) else str(value)
