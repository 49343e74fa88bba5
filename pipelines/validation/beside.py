"""What a form is compared with beside its own answers: sums over its ledger, its branches, the registry. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule
from expectations.models.term import BesideTerm, BranchesTerm, LedgerTerm, RegistryTerm
from pipelines.registry.model import Registry, RegistryEntry

# One row a number: of a unit's form (no branch) or of a branch's row; `term` is the column that a rule asks for.
BESIDE_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String, "branch_code": pl.String, "term": pl.String, "number": pl.Decimal(18, 4),
}  # fmt: skip
_OF_ROW = RegistryTerm(registry="members").column


class Sender(NamedTuple):
    """Whose submission it is, and the edition of the registry that was in force when it came."""

    submission_id: str
    unit_code: str
    period: str
    registry: Registry


def ledger_questions(catalogue: Catalogue) -> list[str]:
    """The ledger's questions whose sums some rule compares."""
    terms = (term for rule in catalogue.rules if isinstance(rule, CompareRule) for term in rule.terms)
    return sorted({term.ledger for term in terms if isinstance(term, LedgerTerm)})


def ledger_answers(answers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """What `beside` takes as the ledger, out of all answers (ANSWER_SCHEMA)."""
    summed = pl.col("branch_code").is_not_null(), pl.col("question").is_in(ledger_questions(catalogue))
    return answers.filter(*summed).select("submission_id", "branch_code", "question", "number")


def beside(
    senders: Sequence[Sender], ledger: pl.DataFrame, catalogue: Catalogue, registry: Registry
) -> pl.DataFrame:
    """What the rules in force compare the submissions with (BESIDE_SCHEMA); a number that is not known has no row.

    ledger: submission_id, branch_code, question, number: the answers to `ledger_questions`. registry: as the files were read with.
    """
    given: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for submission_id, branch_code, question, number in ledger.iter_rows():
        if number is not None:
            given[submission_id, question][branch_code] = number
    rows = [
        (sender.submission_id, branch_code, column, str(number))
        for sender in senders
        for branch_code, column, number in _numbers(sender, given, catalogue, registry)
    ]
    schema = BESIDE_SCHEMA | {"number": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").cast({"number": BESIDE_SCHEMA["number"]})


def _numbers(
    sender: Sender,
    given: dict[tuple[str, str], dict[str, Decimal]],
    catalogue: Catalogue,
    registry: Registry,
) -> Iterator[tuple[str | None, str, Decimal | int]]:
    period, unit = Period.parse(sender.period), registry.by_code[sender.unit_code]
    branches = registry.branches_of(sender.unit_code, period)
    for term in _terms(catalogue, period):
        if isinstance(term, LedgerTerm):
            answers = given.get((sender.submission_id, term.ledger), {})
            question = catalogue.question[term.ledger]
            asked = [b.unit_code for b in branches if question.applies_to(unit.kind, b.category)]
            if asked and all(code in answers for code in asked):
                yield None, term.column, sum((answers[code] for code in asked), Decimal(0))
        elif isinstance(term, BranchesTerm):
            yield None, term.column, sum(term.branches in ("all", branch.category) for branch in branches)
        else:
            yield from _members(sender.registry, (unit, *branches), sender.unit_code)


def _members(
    registry: Registry, entries: Iterable[RegistryEntry], unit_code: str
) -> Iterator[tuple[str | None, str, int]]:
    for entry in entries:
        known = registry.by_code.get(entry.unit_code)
        if known is not None:
            yield (None if entry.unit_code == unit_code else entry.unit_code), _OF_ROW, known.members


@lru_cache(maxsize=256)
def _terms(catalogue: Catalogue, period: Period) -> tuple[BesideTerm, ...]:
    """The terms of this kind in the rules in force, each once."""
    found: dict[str, BesideTerm] = {}
    for rule in catalogue.as_of(period).rules:
        if isinstance(rule, CompareRule) and rule.holds_in(period):
            for term in rule.terms:
                if isinstance(term, BesideTerm):
                    found.setdefault(term.column, term)
    return tuple(found.values())
