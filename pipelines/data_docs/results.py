"""What Great Expectations found in a period, as its own result objects: one for each expectation of each suite.

Results hold counts and the places of some cells that fail, never what stands in a cell: the library's pages put values into HTML as
they are, and a value may be anything that someone typed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import polars as pl

from expectations import Catalogue, Period
from expectations.suites import LEDGER, Suite, build_suite
from pipelines.labels import ENUMERATIONS
from pipelines.validation.sentences import expected_text

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )

EXAMPLES = 10
_SIDES = {"left": "：前者", "right": "：后者"}
_SEVERITIES = {code: zh for code, zh, _ in ENUMERATIONS["severity"]}
# What may stand in the place of a cell; a renamed sheet can be called anything.
_UNSAFE = re.compile(r"[^\w（）()-]")


@dataclass(frozen=True)
class SuiteResult:
    """A suite's result for a period. title_zh: the form; rows: forms or branches that were judged."""

    title_zh: str
    rows: int
    result: ExpectationSuiteValidationResult


def suite_results(
    forms: dict[str, int], broken: pl.DataFrame, catalogue: Catalogue, period: Period
) -> Iterator[SuiteResult]:
    """What the rules of each form found in a period when its submissions were judged.

    forms: how many rows of each were judged, by unit kind and for the ledger; broken: form, rule, column (of the suite's frame),
    unit_code, sheet, cell: one row a finding. An expectation that could not run has stopped the run before anything was found.
    """
    then = catalogue.as_of(period)
    for form, rows in sorted(forms.items()):
        title = "支部台账" if form == LEDGER else f"{catalogue.label_zh[form]}填报表"
        places: dict[tuple[str, str], list[str]] = defaultdict(list)
        found = broken.filter(pl.col("form") == form).sort("unit_code", "sheet", "cell")
        for rule, column, *place in found.select("rule", "column", "unit_code", "sheet", "cell").iter_rows():
            places[rule, column].append(_place(*place))
        yield SuiteResult(
            title, rows, _suite_result(build_suite(catalogue, form, period), places, rows, then)
        )


def _suite_result(
    suite: Suite, places: dict[tuple[str, str], list[str]], rows: int, catalogue: Catalogue
) -> ExpectationSuiteValidationResult:
    """The library's result of a suite. places: the cells that break an expectation, by its rule and column."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult

    results = [
        _result(expectation, places.get((meta["rule"], meta["column"]), []), rows, catalogue)
        for expectation in suite["expectations"]
        for meta in (expectation["meta"],)
    ]
    good = sum(bool(result.success) for result in results)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": good,
        "unsuccessful_expectations": len(results) - good,
        "success_percent": 100 * good / len(results) if results else None,
    }
    return ExpectationSuiteValidationResult(
        success=good == len(results),
        results=results,
        suite_name=suite["name"],
        statistics=statistics,
        meta={},
    )


def _result(
    expectation: dict[str, Any], places: list[str], rows: int, catalogue: Catalogue
) -> ExpectationValidationResult:
    """The library's result of one expectation. places: the cells that break it, of as many rows as were judged."""
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    kwargs = {
        key: _column_zh(value, expectation["meta"]["label_zh"], catalogue)
        if key.startswith("column")
        else value
        for key, value in expectation["kwargs"].items()
    }
    return ExpectationValidationResult(
        success=not places,
        expectation_config=ExpectationConfiguration(
            type=expectation["type"],
            kwargs=kwargs,
            description=escape(_described(expectation["meta"], catalogue)),
        ),
        result={
            "element_count": rows,
            "unexpected_count": len(places),
            "unexpected_percent": 100 * len(places) / rows,
            "partial_unexpected_list": places[:EXAMPLES],
        },
        exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
    )


def _described(meta: dict[str, Any], catalogue: Catalogue) -> str:
    """An expectation in the rule's own words: label, severity, clause, and what an answer should be."""
    rule, code = catalogue.rule[meta["rule"]], meta["column"].partition(".m")[0]
    clause = f"，条款{meta['clause']}" if meta["clause"] else ""
    should = expected_text(rule, catalogue.question.get(code), catalogue)
    month = meta["column"].partition(".m")[2]
    return f"{f'第{month}个月，' if month else ''}{rule.label_zh}（{_SEVERITIES[rule.severity]}{clause}）：{should}"


def _place(unit_code: str, sheet: str | None, cell: str | None) -> str:
    """`320100S001　支部台账　F9`, whatever the sheet is called."""
    return "　".join(_UNSAFE.sub("_", part) for part in (unit_code, sheet, cell) if part)


def _column_zh(column: str, label_zh: str, catalogue: Catalogue) -> str:
    """What a column of the frame is about: a question and its month, or a side of a rule."""
    parts = column.split(".")
    month = next((f"（第{part[1:]}个月）" for part in parts if re.fullmatch(r"m[1-3]", part)), "")
    question = next(
        (q for q in catalogue.questions if column == q.code or column.startswith(f"{q.code}.")), None
    )
    if question is not None:
        return f"{question.code} {question.label_zh}{month}"
    side = next((_SIDES[part] for part in parts if part in _SIDES), "")
    return f"{label_zh}{side}{month}"
