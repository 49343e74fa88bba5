"""The catalogue's rules by Great Expectations, next to the same rules as one DuckDB query over the same answers.

    .venv/bin/python -m tests.benchmarks.rules --units 600 --units 6000 --period 2025Q4

For each size: a quarter's answers are made with faults in one cell of some fifty; `validate_answers` judges them as the pipeline does,
to findings with their cells (the library's import is measured apart); one query does the same in DuckDB (the floor). Both must find
the same, cell by cell, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import gc
import time

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from expectations import Catalogue, Period, load_catalogue
from pipelines.intake.answers import Finding
from pipelines.registry.model import Registry
from pipelines.validation.engine import SuiteRunner
from pipelines.validation.validate import validate_answers
from tests.benchmarks.one_query import one_query, registry_rows
from tests.benchmarks.quarter import quarter_answers, quarter_beside, quarter_registry

PERIOD = "2025Q4"
SEED = 1
Breach = tuple[object, ...]


def by_great_expectations(
    answers: pl.DataFrame, registry: Registry, catalogue: Catalogue
) -> list[tuple[str, Finding]]:
    """All findings, as the pipeline makes them."""
    return validate_answers(answers, catalogue, quarter_beside(answers, registry, catalogue), SuiteRunner())


def by_one_query(answers: pl.DataFrame, registry: pl.DataFrame, query: str) -> tuple[float, list[Breach]]:
    """The same in DuckDB, from tables that it holds; its seconds and rows."""
    with duckdb.connect() as connection:
        for table, rows in (("answers", answers), ("registry", registry)):
            connection.register("given", rows)
            connection.execute(f"create table {table} as from given")
        began = time.perf_counter()
        rows = connection.execute(query).fetchall()
        return time.perf_counter() - began, rows


def places(found: list[tuple[str, Finding]]) -> set[Breach]:
    """The findings as the query gives them."""
    return {(i, f.branch_code, f.question, f.month, f.sheet, f.cell, f.rule) for i, f in found}


def measure(units: int, period: Period, catalogue: Catalogue) -> tuple[str, ...]:
    """One line of the table. Raises SystemExit where the two find different things."""
    answers = quarter_answers(units, period, SEED, catalogue)
    registry = quarter_registry(units, period, SEED, catalogue)
    forms = answers.select("submission_id", "branch_code").unique()
    gc.collect()
    began = time.perf_counter()
    found = by_great_expectations(answers, registry, catalogue)
    seconds = time.perf_counter() - began
    floor, rows = by_one_query(answers, registry_rows(registry, period), one_query(catalogue, period))
    told = places(found)
    if told != set(rows) or len(rows) != len(set(rows)):
        raise SystemExit(f"different findings: {list(told ^ set(rows))[:5]}")
    return (
        str(units), str(forms["branch_code"].drop_nulls().len()), str(answers.height), str(len(found)),
        f"{seconds:.2f}", f"{floor:.2f}", f"{seconds / floor:.0f}", f"{1000 * seconds / units:.2f}",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--units",
        type=int,
        action="append",
        help="submitting units; may be given more than once (default: 600)",
    )
    parser.add_argument("--period", default=PERIOD, help=f"the quarter (default: {PERIOD})")
    arguments = parser.parse_args()
    period, catalogue = Period.parse(arguments.period), load_catalogue()
    began = time.perf_counter()
    SuiteRunner()
    table = Table(
        title=f"rules of one quarter ({period}); import of Great Expectations {time.perf_counter() - began:.1f} s, not counted"
    )
    heads = (
        "units",
        "ledger rows",
        "answers",
        "findings",
        "GX s",
        "DuckDB s",
        "ratio",
        "GX ms a unit",
    )
    for head in heads:
        table.add_column(head, justify="right")
    for units in arguments.units or [600]:
        table.add_row(*measure(units, period, catalogue))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
