"""The declared rules that ask about other submissions, as rows that sql/rules/compare.sql and unique.sql read. One row a period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule, Rule, UniqueRule
from expectations.models.term import LastTerm, ProductTerm, Term

_SHARE = pl.Decimal(18, 4)
RULE_SCHEMA: dict[str, Any] = {
    "period": pl.String, "rule": pl.String, "cell": pl.String, "compare": pl.String, "share": _SHARE, "least": _SHARE,
    "again_period": pl.String,
}  # fmt: skip
TERM_SCHEMA: dict[str, Any] = {
    "period": pl.String, "rule": pl.String, "side": pl.String, "kind": pl.String, "question": pl.String, "other": pl.String,
    "source_period": pl.String, "since_period": pl.String,
}  # fmt: skip
# How far back an answer still says what is usual.
_QUARTERS_BACK = 3


def compared_rules(catalogue: Catalogue, periods: Sequence[Period]) -> pl.DataFrame:
    """Each comparison with an earlier answer, in its version of each period (RULE_SCHEMA).

    again_period: where one number is held against itself, the time before the last: see CompareRule.is_steady.
    """
    rows = []
    for period, rule in _in_force(catalogue, periods):
        if isinstance(rule, CompareRule) and rule.asks_history:
            last = asked_before(catalogue, rule.cell, period) if rule.is_steady else None
            again = asked_before(catalogue, rule.cell, last) if last else None
            share, least = (rule.within.share, rule.within.least) if rule.within else (None, None)
            rows.append((str(period), rule.rule, rule.cell, rule.compare, share, least, again and str(again)))
    return pl.DataFrame(rows, schema=RULE_SCHEMA, orient="row")


def compared_terms(catalogue: Catalogue, periods: Sequence[Period]) -> pl.DataFrame:
    """The terms of these rules (TERM_SCHEMA). A term that has no earlier period to ask about has source_period null.

    source_period: the last time that the question was asked; where it was not answered then, the last answer since since_period stands.
    """
    rows = [
        (str(period), rule.rule, side, *_term(term, catalogue, period))
        for period, rule in _in_force(catalogue, periods)
        if isinstance(rule, CompareRule) and rule.asks_history
        for side, terms in (("left", rule.left), ("right", rule.right))
        for term in terms
    ]
    return pl.DataFrame(rows, schema=TERM_SCHEMA, orient="row")


def unique_rules(catalogue: Catalogue, periods: Sequence[Period]) -> pl.DataFrame:
    """Each rule of unique texts in each period: period, rule, question."""
    rows = [
        (str(period), rule.rule, rule.question)
        for period, rule in _in_force(catalogue, periods)
        if isinstance(rule, UniqueRule)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("period", "rule", "question"), pl.String), orient="row")


def asked_before(catalogue: Catalogue, code: str, period: Period) -> Period | None:
    """The last time before a period that the question was asked; None where it never was."""
    question, asked = catalogue.question[code], catalogue.calendar.asked
    before = catalogue.calendar.first_period.to(period.previous())
    return next(
        (p for p in reversed(before) if p.quarter in asked[question.asked] and question.holds_in(p)), None
    )


def _in_force(catalogue: Catalogue, periods: Sequence[Period]) -> Iterator[tuple[Period, Rule]]:
    for period in periods:
        for rule in catalogue.as_of(period).rules:
            if rule.holds_in(period):
                yield period, rule


def _term(
    term: Term, catalogue: Catalogue, period: Period
) -> tuple[str, str, str | None, str | None, str | None]:
    """kind, question, the other factor of a product, source_period, since_period."""
    if isinstance(term, LastTerm):
        source = asked_before(catalogue, term.last, period)
        if source is None or (term.same_year and source.year != period.year):
            return "last", term.last, None, None, None
        since = source.shift(-_QUARTERS_BACK)
        if term.same_year:
            since = max(since, Period(period.year, 1))
        return "last", term.last, None, str(source), str(since)
    if isinstance(term, ProductTerm):
        one, other = term.product
        return "product", one, other, None, None
    (answer,) = term.here
    return "answer", answer, None, None, None
