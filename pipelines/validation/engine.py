"""Running a suite with Great Expectations: every failing row comes back, and an expectation that could not run is our error.

Importing the library takes seconds, so it is imported inside the one function that runs it.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from expectations.suites import Suite
from pipelines.validation.frames import ROW

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource


# The library's work for one expectation grows with the number of expectations and of columns beside it: a suite is run in
# parts of this many, each with only the columns that it names.
_PART = 25


class ExpectationError(Exception):
    """An expectation raised instead of judging: a fault of the catalogue or of this program. Nothing may be published."""


class Breach(NamedTuple):
    """A row that breaks an expectation: the expectation's meta and the row's number."""

    meta: dict[str, Any]
    row: int


class SuiteRunner:
    """Validates frames against suites; holds the library's context for as long as it is needed."""

    def __init__(self) -> None:
        self._source: PandasDatasource = _datasource()
        self._runs = 0

    def run(self, suite: Suite, frame: pd.DataFrame) -> list[Breach]:
        """All breaches of a suite in a frame (with the column `row`). Raises ExpectationError."""
        if frame.empty:
            return []
        expectations = suite["expectations"]
        parts = [expectations[start : start + _PART] for start in range(0, len(expectations), _PART)]
        return [breach for part in parts for breach in self._run_part({**suite, "expectations": part}, frame)]

    def _run_part(self, suite: Suite, frame: pd.DataFrame) -> list[Breach]:
        import great_expectations as gx

        self._runs += 1
        name = f"{suite['name']}-{self._runs}"
        needed = {
            column
            for e in suite["expectations"]
            for key, column in e["kwargs"].items()
            if key.startswith("column")
        }
        asset = self._source.add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe(name).get_batch(
            {"dataframe": frame[[ROW, *sorted(needed.intersection(frame.columns))]]}
        )
        result_format = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [ROW],
            "include_unexpected_rows": False,
        }
        result = batch.validate(gx.ExpectationSuite(**suite), result_format=result_format)
        return [breach for outcome in result.results for breach in _breaches(outcome.to_json_dict())]


def _datasource() -> PandasDatasource:
    # Before the import: the library reads it once, and would otherwise report its use to its maker.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("answers")


def _breaches(outcome: dict[str, Any]) -> list[Breach]:
    config, raised = outcome["expectation_config"], outcome["exception_info"]
    # One flat record, or one for each metric that failed.
    if raised.get("raised_exception") or any(
        isinstance(value, dict) and value.get("raised_exception") for value in raised.values()
    ):
        raise ExpectationError(f"{config['type']} {config['kwargs']} could not run: {raised}")
    if outcome["success"]:
        return []
    rows = outcome["result"].get("unexpected_index_list")
    if not rows:
        raise ExpectationError(f"{config['type']} {config['kwargs']} failed without naming its rows")
    return [Breach(config["meta"], int(row[ROW])) for row in rows]
