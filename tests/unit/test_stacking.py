"""Expectations on top of each other find what each would find alone, in the suite's order; what judges a whole column stands alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.suites import Suite
from pipelines.validation.engine import Breach, SuiteRunner
from pipelines.validation.stacking import stacks

NUMBERS = st.one_of(st.none(), st.integers(-3, 3).map(float))
TEXTS = st.one_of(st.none(), st.sampled_from(["a", "", "—"]))


@pytest.fixture(scope="module")
def runner() -> SuiteRunner:
    return SuiteRunner()


def expectation(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": f"expect_column_{kind}", "kwargs": kwargs, "severity": "critical"}


def suite_of(*expectations: dict[str, Any]) -> Suite:
    numbered = [{**made, "meta": {"rule": str(place)}} for place, made in enumerate(expectations)]
    return {"name": "test", "expectations": numbered}


PAIR = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}
SUITE = suite_of(
    expectation("values_to_not_be_null", column="a.raw"),
    expectation("values_to_be_between", column="a", min_value=0, max_value=1),
    expectation("values_to_not_be_null", column="b.raw"),
    expectation("values_to_be_between", column="b", min_value=0, max_value=2),
    expectation("values_to_be_between", column="c", min_value=0, max_value=1),
    expectation("pair_values_a_to_be_greater_than_b", column_A="a", column_B="b", **PAIR),
    expectation("pair_values_a_to_be_greater_than_b", column_A="b", column_B="c", **PAIR),
    expectation("values_to_be_unique", column="a"),
    expectation("values_to_be_unique", column="b"),
)


def broken(frame: pd.DataFrame) -> list[tuple[str, int]]:
    """What the suite means, row by row in plain Python: (place in the suite, row)."""
    found = []
    for place, made in enumerate(SUITE["expectations"]):
        kwargs = made["kwargs"]
        for at, row in frame.iterrows():
            value, known = row.get(kwargs.get("column")), frame.get(kwargs.get("column"))
            if "null" in made["type"]:
                bad = pd.isna(value)
            elif "between" in made["type"]:
                bad = pd.notna(value) and not kwargs["min_value"] <= value <= kwargs["max_value"]
            elif "unique" in made["type"]:
                bad = pd.notna(value) and (known == value).sum() > 1
            else:
                left, right = row[kwargs["column_A"]], row[kwargs["column_B"]]
                bad = pd.notna(left) and pd.notna(right) and left < right
            if bad:
                found.append((str(place), int(frame["row"][at])))
    return found


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS), min_size=1, max_size=6))
def test_a_stack_finds_what_each_expectation_means(runner: SuiteRunner, rows: list[tuple[Any, ...]]) -> None:
    """Rows are numbered as the frame numbers them, not from 0; columns that must be unique are never mixed."""
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "a.raw", "b.raw"])
    frame = frame.astype({"a": "float64", "b": "float64", "c": "float64", "a.raw": object, "b.raw": object})
    frame.insert(0, "row", range(7, 7 + len(rows)))
    found = runner.run(SUITE, frame)
    assert found == sorted(found, key=lambda breach: (int(breach.meta["rule"]), breach.row))
    assert [(breach.meta["rule"], breach.row) for breach in found] == broken(frame)


def test_only_what_differs_in_its_columns_alone_is_stacked() -> None:
    frame = pd.DataFrame({"row": [0], "a": [0.0], "b": [0.0], "c": [0.0], "a.raw": ["x"], "b.raw": ["x"]})
    made = [(stack.expectation["type"].removeprefix("expect_column_"), stack.columns) for stack in stacks(SUITE, frame)]  # fmt: skip
    assert made == [
        ("values_to_not_be_null", ["a.raw", "b.raw"]),
        ("values_to_be_between", ["a", "c"]),
        ("values_to_be_between", ["b"]),
        ("pair_values_a_to_be_greater_than_b", ["a", "b", "b", "c"]),
        ("values_to_be_unique", ["a"]),
        ("values_to_be_unique", ["b"]),
    ]


@pytest.mark.parametrize(
    "other",
    [
        expectation("values_to_not_be_null", column="b.raw", mostly=0.5),
        expectation("values_to_be_between", column="c", min_value=0, max_value=1, strict_min=True),
    ],
)
def test_an_argument_that_is_not_known_to_go_row_by_row_stands_alone(other: dict[str, Any]) -> None:
    frame = pd.DataFrame({"row": [0], "a": [0.0], "c": [0.0], "a.raw": ["x"], "b.raw": ["x"]})
    alike = suite_of(
        expectation("values_to_not_be_null", column="a.raw"),
        expectation("values_to_be_between", column="a", min_value=0, max_value=1),
        other,
    )
    assert len(list(stacks(alike, frame))) == 3


def test_a_breach_carries_the_meta_of_its_own_expectation(runner: SuiteRunner) -> None:
    frame = pd.DataFrame({"row": [4, 5], "a": [0.0, 9.0], "b": [1.0, 1.0], "c": [1.0, 1.0], "a.raw": ["x", "x"], "b.raw": ["x", None]})  # fmt: skip
    suite = suite_of(*SUITE["expectations"][:5])
    assert runner.run(suite, frame) == [Breach({"rule": "1"}, 5), Breach({"rule": "2"}, 5)]
