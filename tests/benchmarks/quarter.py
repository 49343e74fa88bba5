"""A quarter's answers of a synthetic province as rows, with faults planted all over: what a benchmark of the rules judges.

No workbook is written: 6,000 of them take longer than all that is to be measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256

import polars as pl

from expectations import Catalogue, Period
from expectations.models.question import Question
from pipelines.intake.values import NO_RESULT
from pipelines.registry.file import write_registry
from pipelines.registry.model import Registry
from pipelines.sample.answers import Answers, UnitAnswers
from pipelines.sample.model import load_model
from pipelines.sample.province import make_entries
from pipelines.sample.truth import plant
from pipelines.sample.world import World
from pipelines.validation.beside import Sender, beside, ledger_answers
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.workbook.form import Slot, Value
from pipelines.workbook.layout import LEDGER

# Every so many cells one is blanked, made unreadable, put out of bounds, and put above what it is a part of.
_EVERY = 211
_DECIMAL = pl.Decimal(18, 4)


def quarter_answers(units: int, period: Period, seed: int, catalogue: Catalogue) -> pl.DataFrame:
    """The answers of all units in the period, columns as in ANSWER_SCHEMA, one faulty cell in some fifty."""
    registry = quarter_registry(units, period, seed, catalogue)
    world = World(seed, catalogue, load_model(), registry, (period,), plant(seed, registry, [period]))
    rows = [
        row
        for unit in registry.entries
        if not unit.is_branch
        for row in answer_rows(UnitAnswers(world, unit), period, unit.unit_code)
    ]
    return pl.DataFrame(rows, schema={**ANSWER_SCHEMA, "number": pl.Decimal(18, 4)}, orient="row").pipe(
        _spoilt
    )


def quarter_registry(units: int, period: Period, seed: int, catalogue: Catalogue) -> Registry:
    """Who answers in `quarter_answers`."""
    entries = make_entries(seed, units, period, period, catalogue)
    return Registry(entries, sha256(write_registry(list(entries))).hexdigest())


def quarter_beside(answers: pl.DataFrame, registry: Registry, catalogue: Catalogue) -> pl.DataFrame:
    """What these answers are compared with beside themselves, as a run works it out."""
    sent_by = answers.select("submission_id", "unit_code", "period").unique(maintain_order=True)
    senders = [Sender(*row, registry) for row in sent_by.iter_rows()]
    return beside(senders, ledger_answers(answers, catalogue), catalogue, registry)


def answer_rows(unit: UnitAnswers, period: Period, submission_id: str) -> Iterator[tuple[object, ...]]:
    """A row for each cell of the unit's own form and ledger, blank ones included; columns as in ANSWER_SCHEMA."""
    about, answers = (submission_id, unit.unit.unit_code, unit.unit.kind, period), unit.at(period)
    kind = unit.unit.kind
    questions, columns = unit.world.form(kind, period)
    for row, question in enumerate(questions, 5):
        yield _row(about, None, None, question, answers, question.clause[0], f"D{row}")
    for line, branch in enumerate(unit.branches(period), 4):
        for place, column in enumerate(columns, 3):
            if column.question.applies_to(kind, branch.category):
                cell = f"C{place}R{line}"
                yield _row(about, branch.unit_code, column.month, column.question, answers, LEDGER, cell)


def _row(
    about: tuple[str, str, str, Period], branch: str | None, month: int | None, question: Question, answers: Answers, sheet: str, cell: str
) -> tuple[object, ...]:  # fmt: skip
    submission_id, code, kind, period = about
    number, text, raw = _parsed(question, answers.get(Slot(question.code, branch, month)))
    return (
        submission_id,
        code,
        kind,
        str(period),
        branch,
        month,
        question.code,
        number,
        text,
        raw,
        None,
        sheet,
        cell,
    )


def _parsed(question: Question, value: Value | None) -> tuple[Decimal | None, str | None, str | None]:
    """An answer as the reader gives it: number, text, raw."""
    if value is None:
        return None, None, None
    if question.is_number:
        return Decimal(value), None, str(value)
    for option in question.choices:
        if option.code == value:
            return Decimal(int(option.counts)), option.code, option.label_zh
    return None, str(value), str(value)


def _spoilt(answers: pl.DataFrame) -> pl.DataFrame:
    """The same answers with faults in them, spread evenly."""
    turn = pl.int_range(pl.len()) % _EVERY
    is_number = pl.col("number").is_not_null() & pl.col("text").is_null()
    return answers.with_columns(
        number=pl.when((turn == 0) | (turn == 50) | (turn == 150))
        .then(None)
        .when(is_number & (turn == 100))
        .then(pl.lit(99_999_999, dtype=_DECIMAL))
        .when(is_number & (turn == 125))
        .then(pl.col("number") + pl.lit(1, dtype=_DECIMAL))
        .otherwise(pl.col("number")),
        text=pl.when((turn == 0) | (turn == 50) | (turn == 150)).then(None).otherwise(pl.col("text")),
        raw=pl.when(turn == 0)
        .then(None)
        .when(turn == 50)
        .then(pl.lit("约十"))
        .when(turn == 150)
        .then(pl.lit(NO_RESULT))
        .otherwise(pl.col("raw")),
    )
