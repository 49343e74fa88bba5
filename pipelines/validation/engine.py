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
from pipelines.validation.stacking import AT, Stack, stacks

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult


class ExpectationError(Exception):
    """An expectation raised instead of judging: a fault of the catalogue or of this program. Nothing may be published."""


class Breach(NamedTuple):
    """A row that breaks an expectation: the expectation's meta and the row's number."""

    meta: dict[str, Any]
    row: int


class SuiteRunner:
    """Validates frames against suites; holds the library's context for as long as it is needed."""

    def __init__(self) -> None:
        # One asset for all frames: to register one each takes as long as to judge it.
        self._frames: BatchDefinition[Any] = _frames()

    def run(self, suite: Suite, frame: pd.DataFrame) -> list[Breach]:
        """All breaches of a suite in a frame (with the column `row`), in the order of the suite. Raises ExpectationError."""
        if frame.empty:
            return []
        broken = sorted(place for stack in stacks(suite, frame) for place in self._run(stack))
        rows = frame[ROW].tolist()
        return [Breach(suite["expectations"][place]["meta"], int(rows[at])) for place, at in broken]

    def _run(self, stack: Stack) -> list[tuple[int, int]]:
        """The place of the expectation and of the row of each breach."""
        import great_expectations as gx

        batch = self._frames.get_batch({"dataframe": stack.frame})
        result_format = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [AT],
            "include_unexpected_rows": False,
        }
        suite = gx.ExpectationSuite(name="stack", expectations=[stack.expectation])
        result = batch.validate(suite, result_format=result_format)
        return [stack.broken(at) for outcome in result.results for at in _broken(outcome, stack)]


def _frames() -> BatchDefinition[Any]:
    # Before the import: the library reads it once, and would otherwise report its use to its maker.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("answers").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _broken(outcome: ExpectationValidationResult, stack: Stack) -> list[int]:
    """AT of the values that break the expectation. The result's own fields are read: to turn it into JSON copies every row."""
    raised = outcome.exception_info or {}
    what = f"{stack.expectation['type']} on {', '.join(stack.columns[:5])}"
    # One flat record, or one for each metric that failed.
    if raised.get("raised_exception") or any(
        isinstance(value, dict) and value.get("raised_exception") for value in raised.values()
    ):
        raise ExpectationError(f"{what} could not run: {raised}")
    if outcome.success:
        return []
    rows = outcome.result.get("unexpected_index_list")
    if not rows:
        raise ExpectationError(f"{what} failed without naming its rows")
    return [int(row[AT]) for row in rows]
