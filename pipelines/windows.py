"""What the SQL needs to know of forms and time: the cells due, and which answers an indicator takes in a period."""

from __future__ import annotations

from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from expectations.models.indicator import Indicator
from expectations.models.question import Question
from pipelines.workbook.prefill import REGISTRY_QUESTION

DECIMAL = pl.Decimal(18, 4)


def question_asked(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The cells due: period, unit_kind, branch_category (null on the own form), question, month (null unless monthly), required."""
    rows: list[tuple[str, str, str | None, str, int | None, bool]] = []
    for period in periods:
        for kind in (kind.code for kind in catalogue.kinds.units):
            rows += [
                (str(period), kind, None, q.code, None, q.required)
                for q in unit_questions(catalogue, kind, period)
            ]
            rows += [
                (str(period), kind, branch.code, column.question.code, column.month, column.question.required)
                for branch in catalogue.kinds.branches
                for column in ledger_columns(catalogue, kind, period)
                if column.question.applies_to(kind, branch.code)
            ]
    schema = {
        "period": pl.String, "unit_kind": pl.String, "branch_category": pl.String, "question": pl.String,
        "month": pl.Int32, "required": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def question_prefill(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """The questions whose cells a template fills in beforehand, and from what: the rule of workbook/prefill.py for the SQL.

    source_question's last accepted answer (of `source_year` alone, where that is given), else the registry's count of members; used
    only where it is one of `choices`, or stands from `lowest` to `highest`.
    """
    rows = [
        {
            "period": str(period), "question": q.code, "source_question": q.last_year_of or q.code,
            "source_year": period.year - 1 if q.last_year_of else None, "from_registry": q.name == REGISTRY_QUESTION and q.prefill,
            "is_number": q.is_number, "lowest": q.min, "highest": q.max, "choices": [option.code for option in q.choices],
        }
        for period in periods
        for q in catalogue.asked_in(period)
        if q.is_known_before and not q.monthly
    ]  # fmt: skip
    schema: dict[str, Any] = {
        "period": pl.String, "question": pl.String, "source_question": pl.String, "source_year": pl.Int32, "from_registry": pl.Boolean,
        "is_number": pl.Boolean, "lowest": DECIMAL, "highest": DECIMAL, "choices": pl.List(pl.String),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def indicator_periods(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """Each indicator in each period: its standard in force, whether it is due, and how it is judged."""
    rows: list[dict[str, Any]] = []
    for period in periods:
        for indicator in catalogue.indicators:
            standard = indicator.standard_in(period)
            sources = _sources(indicator, period, catalogue)
            rows.append(
                {
                    "period": str(period), "indicator": indicator.indicator, "grain": indicator.grain, "rollup": indicator.rollup, "clause": indicator.clause,
                    "dimension": catalogue.dimension_of(indicator.clause).code, "direction": indicator.direction,
                    "standard": standard.value if standard else None, "compare": standard.compare if standard else None,
                    "stated": standard.stated if standard else False, "is_due": all(found for _, _, _, found in sources),
                    "denominator_is_one": indicator.denominator.one,
                    "accumulates": accumulates(indicator, catalogue), "is_proportion": is_proportion(indicator, catalogue),
                    "label_zh": indicator.label_zh, "unit": indicator.unit, "per": catalogue.clause[indicator.clause].per,
                }
            )  # fmt: skip
    return pl.DataFrame(
        rows, schema_overrides={"standard": DECIMAL, "compare": pl.String}, infer_schema_length=None
    )


def indicator_sources(catalogue: Catalogue, periods: list[Period]) -> pl.DataFrame:
    """Which answers an indicator takes in a period: indicator, period, side, operation, question, source_period."""
    rows = [
        (str(period), indicator.indicator, side, operation, question, str(source))
        for period in periods
        for indicator in catalogue.indicators
        for side, operation, question, sources in _sources(indicator, period, catalogue)
        for source in sources
    ]
    columns = ["period", "indicator", "side", "operation", "question", "source_period"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _sources(
    indicator: Indicator, period: Period, catalogue: Catalogue
) -> list[tuple[str, str, str, list[Period]]]:
    """For each term: the periods whose answers it takes. A flow is summed over the window, a stock or state is the last that holds."""
    per = catalogue.clause[indicator.clause].per
    return [
        (side, operation, code, _window(catalogue.question[code], per, period, catalogue))
        for side, terms in (
            ("numerator", indicator.numerator.terms()),
            ("denominator", indicator.denominator.terms()),
        )
        for operation, code in terms
    ]


def _window(question: Question, per: str, period: Period, catalogue: Catalogue) -> list[Period]:
    year = [Period(period.year, quarter) for quarter in range(1, period.quarter + 1)]
    asked = [
        p for p in year if p.quarter in catalogue.calendar.asked[question.asked] and question.holds_in(p)
    ]
    if question.nature == "flow":
        return asked if per == "year" else [p for p in asked if p == period]
    return asked[-1:]


def accumulates(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether the value grows over the year, so that its standard is judged in proportion before the year ends."""
    questions = catalogue.question
    top = [questions[code] for code in indicator.numerator.questions]
    bottom = [questions[code] for code in indicator.denominator.questions]
    yearly = catalogue.clause[indicator.clause].per == "year"
    grows = any(q.nature == "flow" and q.asked == "quarterly" for q in top)
    return yearly and grows and not any(q.nature == "flow" for q in bottom)


def is_proportion(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether numerator and denominator count the same kind of thing, so that a binomial interval has a meaning."""
    counts = all(catalogue.question[code].type != "decimal" for code in indicator.questions)
    return indicator.is_percentage and counts and not indicator.numerator.minus
