"""The quality grade (grades.sql) on tiny tables: each part at its edges, the gate to the last hundredth, and that worse data never gain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import Catalogue, Period
from pipelines.grading import quality_grades, quality_parts
from pipelines.warehouse import Warehouse, open_warehouse

PERIOD = "2025Q4"
UNTIMED = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Cells(NamedTuple):
    """So many cells that were due, all answered or not, all lacking the same or nothing."""

    count: int
    lacking: str | None = None
    answered: bool = True


@pytest.fixture
def warehouse(catalogue: Catalogue) -> Iterator[Warehouse]:
    with open_warehouse(None) as opened:
        for build in (quality_parts, quality_grades):
            opened.replace(build.__name__, build(catalogue, [Period.parse(PERIOD)]))
        opened.set_due([PERIOD])
        yield opened


def graded(
    warehouse: Warehouse,
    cells: Sequence[Cells],
    explained: Sequence[bool] = (),
    changed: int = 0,
    on_time: bool = True,
) -> dict[str, Any]:
    """The grade of one submission with these cells, findings to be explained, and cells changed after an earlier version."""
    rows = [
        {
            "unit_code": "U",
            "period": PERIOD,
            "question": "Q",
            "lacking": part.lacking,
            "answered": part.answered,
        }
        for part in cells
        for _ in range(part.count)
    ]
    kinds = {"lacking": pl.String, "unit_code": pl.String, "period": pl.String, "question": pl.String, "answered": pl.Boolean}  # fmt: skip
    warehouse.replace("cells", pl.DataFrame(rows, schema=kinds))
    sent = {"submission_id": "s2", "unit_code": "U", "period": PERIOD, "counts": True, "state": "accepted", "on_time": on_time}  # fmt: skip
    warehouse.replace("submissions", pl.DataFrame([sent, sent | {"submission_id": "s1", "counts": False, "on_time": False}]))  # fmt: skip
    warehouse.run("files", "delete from files")
    for name in ("s1", "s2"):
        warehouse.run(
            "files", f"insert into files values ('{name}', 'U', '{PERIOD}', '', '', '', now(), false, '')"
        )
    found = [("s2", "explain", "members_jump", None, given) for given in explained]
    found += [("s2", "inform", "accepted_answer_changed", f"Q{n}", None) for n in range(changed)]
    # The same cells changed in an earlier version too: a cell is counted once.
    found += [("s1", "inform", "accepted_answer_changed", f"Q{n}", None) for n in range(changed)]
    warehouse.run("findings_found", "delete from findings_found")
    schema = {"submission_id": pl.String, "severity": pl.String, "rule": pl.String, "question": pl.String, "explained": pl.Boolean}  # fmt: skip
    frame = pl.DataFrame(found, schema=schema, orient="row").with_columns(
        source=pl.lit("history"), finding_id=pl.int_range(pl.len()).cast(pl.String), message=pl.lit("")
    )
    warehouse.append("findings_found", frame)
    warehouse.run("grades", "drop table if exists grades")
    warehouse.remake_periods("grades")
    (row,) = warehouse.frame("grades", "select * from grades").to_dicts()
    return row


@pytest.mark.parametrize(
    ("cells", "others", "points", "grade"),
    [
        pytest.param([Cells(10)], {}, "100", "A", id="nothing lacks"),
        pytest.param([Cells(10)], {"on_time": False}, "95", "A", id="late, and just the best grade"),
        pytest.param([Cells(10)], {"on_time": False, "changed": 1}, "94.5", "B", id="late, and a cell changed afterwards"),
        pytest.param([Cells(10)], {"changed": 10}, "95", "A", id="every cell changed afterwards"),
        pytest.param([Cells(10)], {"changed": 99}, "95", "A", id="more changed than is due now"),
        pytest.param([Cells(10)], {"explained": [True, True]}, "100", "A", id="all explained"),
        pytest.param([Cells(10)], {"explained": [True, False]}, "95", "A", id="half explained"),
        pytest.param([Cells(10)], {"explained": [False]}, "90", "B", id="nothing explained, and just the second grade"),
        pytest.param([Cells(9), Cells(1, "missing", answered=False)], {}, "94", "B", id="a cell left blank"),
        pytest.param([Cells(9), Cells(1, "blocked", answered=False)], {}, "94", "B", id="a blank that blocks is no bad answer"),
        pytest.param([Cells(9), Cells(1, "blocked")], {}, "92", "B", id="a bad answer costs completeness and validity"),
        pytest.param([Cells(9), Cells(1, "unexplained")], {"explained": [False]}, "84", "C", id="an answer not explained"),
        pytest.param([Cells(10, "blocked")], {}, "20", "D", id="nothing can be used"),
        pytest.param([Cells(10, "missing", answered=False)], {}, "40", "D", id="nothing was filled in"),
        pytest.param([], {}, "100", "A", id="nothing was asked"),
        # The gate is at 80: a third of the cells, to the cell.
        pytest.param([Cells(40), Cells(20, "unexplained")], {}, "80", "C", id="exactly at the gate"),
        pytest.param([Cells(39), Cells(21, "unexplained")], {}, "79", "D", id="a cell short of the gate"),
        pytest.param([Cells(20_000), Cells(10_001, "missing", answered=False)], {}, "79.99", "D", id="79.998 is not 80"),
        pytest.param([Cells(20_001), Cells(10_000, "missing", answered=False)], {}, "80", "C", id="80.0007 is"),
        pytest.param([Cells(5), Cells(1, "missing", answered=False)], {"on_time": False, "changed": 1}, "84.16", "C", id="cut, not rounded"),
    ],
)  # fmt: skip
def test_points_and_grade(
    warehouse: Warehouse, cells: list[Cells], others: dict[str, Any], points: str, grade: str
) -> None:
    row = graded(warehouse, cells, **others)
    assert (row["points"], row["grade"]) == (Decimal(points), grade)
    assert row["passes"] == (grade != "D")


@pytest.mark.parametrize(
    ("cells", "others", "reason"),
    [
        ([Cells(10)], {}, "各部分均未扣分。"),
        ([Cells(10)], {"on_time": False}, "扣分最多的是“及时性”：报表未按时报送，扣5.00分。"),
        ([Cells(7), Cells(3, "missing", answered=False)], {"on_time": False}, "扣分最多的是“完整性”：应填10格，可用7格，扣18.00分。"),
        ([Cells(10)], {"explained": [False, True]}, "扣分最多的是“说明情况”：需要说明2处，尚有1处未说明清楚，扣5.00分。"),
        ([Cells(10)], {"changed": 4}, "扣分最多的是“稳定性”：应填10格，其中4格在采用后又有改动，扣2.00分。"),
        # What costs a thousandth is not said to cost nothing; equal costs are told in the declared order.
        ([Cells(9_999), Cells(1, "missing", answered=False)], {}, "扣分最多的是“完整性”：应填10000格，可用9999格，扣0.01分。"),
        ([Cells(10)], {"on_time": False, "changed": 10}, "扣分最多的是“及时性”：报表未按时报送，扣5.00分。"),
    ],
)  # fmt: skip
def test_the_reason_names_what_costs_most(
    warehouse: Warehouse, cells: list[Cells], others: dict[str, Any], reason: str
) -> None:
    assert graded(warehouse, cells, **others)["reason"] == reason


COUNTS = st.integers(0, 30)


@UNTIMED
@given(usable=COUNTS, blank=COUNTS, blocked=COUNTS, more=st.integers(1, 10), late=st.booleans())
def test_more_blocked_cells_never_raise_points(
    warehouse: Warehouse, usable: int, blank: int, blocked: int, more: int, late: bool
) -> None:
    """Of the same form: some answers that could be used cannot be any more."""
    before = [Cells(usable + more), Cells(blank, "missing", answered=False), Cells(blocked, "blocked")]
    after = [Cells(usable), Cells(blank, "missing", answered=False), Cells(blocked + more, "blocked")]
    first, second = (graded(warehouse, cells, on_time=not late)["points"] for cells in (before, after))
    assert second < first


@UNTIMED
@given(
    usable=COUNTS, blank=COUNTS, blocked=COUNTS, settled=st.lists(st.booleans(), max_size=9), changed=COUNTS
)
def test_points_are_the_declared_formula_exactly(
    warehouse: Warehouse,
    catalogue: Catalogue,
    usable: int,
    blank: int,
    blocked: int,
    settled: list[bool],
    changed: int,
) -> None:
    cells = [Cells(usable), Cells(blank, "missing", answered=False), Cells(blocked, "blocked")]
    row = graded(warehouse, cells, settled, changed)
    lost = Fraction(0)
    for part in catalogue.quality_in(Period.parse(PERIOD)).parts:
        good, whole = row[f"{part.part}_good"], row[f"{part.part}_whole"]
        assert 0 <= good <= whole
        lost += Fraction(part.weight * (whole - good), whole) if whole else 0
    assert row["points"] == Decimal(floor(100 * (100 - lost))) / 100
    assert row["completeness_whole"] == row["stability_whole"] == usable + blank + blocked
    assert (row["validity_good"], row["validity_whole"]) == (usable, usable + blocked)
