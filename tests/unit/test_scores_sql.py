"""How units are ranked (scores.sql): by score among peers, with the ranks that what is missing would allow at best and at worst."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.warehouse import Warehouse, open_warehouse

PERIOD = "2025Q4"
# Of each unit: its peer group, and the attainment of three indicators; None where one could not be calculated.
UNITS = st.lists(
    st.tuples(
        st.sampled_from(["small", "large"]),
        st.tuples(*[st.sampled_from([None, 0.0, 0.25, 0.5, 1.0])] * 3),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(None) as opened:
        yield opened


def scored(warehouse: Warehouse, units: list[tuple[str, tuple[float | None, ...]]]) -> list[dict[str, Any]]:
    values = [
        {
            "unit_code": f"u{n:02d}", "period": PERIOD, "indicator": f"i{k}", "peer_group": group, "value": value, "standard": 1.0,
            "status": "not_calculable" if value is None else "met" if value == 1 else "not_met", "direction": "higher",
            "due_share": 1.0, "peer_percentile": None,
        }
        for n, (group, attained) in enumerate(units)
        for k, value in enumerate(attained)
    ]  # fmt: skip
    kinds = {"value": pl.Float64, "peer_percentile": pl.Float64}
    warehouse.replace("indicator_values", pl.DataFrame(values, schema_overrides=kinds))
    warehouse.replace(
        "indicator_periods",
        pl.DataFrame([{"period": PERIOD, "indicator": f"i{k}", "dimension": "learning"} for k in range(3)]),
    )
    warehouse.replace(
        "dim_unit",
        pl.DataFrame([{"unit_code": f"u{n:02d}", "kind": "school"} for n in range(len(units))]),
    )
    warehouse.replace("dimension_weights", pl.DataFrame([{"dimension": "learning", "weight": 1.0}]))
    warehouse.set_due([PERIOD])
    warehouse.run("scores", "drop table if exists scores")
    warehouse.remake_periods("scores")
    return warehouse.frame(
        "scores", "select * from scores where dimension = 'total' order by unit_code"
    ).to_dicts()


@given(UNITS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_ranks_at_best_and_at_worst_are_those_of_a_plain_count(
    warehouse: Warehouse, units: list[tuple[str, tuple[float | None, ...]]]
) -> None:
    """At best only those stand above whose worst is better than this unit's best; at worst all whose best is better than its worst."""
    found = scored(warehouse, units)
    ends = [
        (group, sum(v or 0 for v in attained) / 3, sum(1 if v is None else v for v in attained) / 3)
        for group, attained in units
    ]
    assert len(found) == len(units)
    for n, (row, (group, low, high)) in enumerate(zip(found, ends, strict=True)):
        if row["score"] is None:
            assert (row["rank"], row["rank_low"], row["rank_high"]) == (None, None, None)
            continue
        others = [end for k, end in enumerate(ends) if k != n and end[0] == group]
        assert row["rank_low"] == 1 + sum(other_low > high for _, other_low, _ in others)
        assert row["rank_high"] == 1 + sum(other_high > low for *_, other_high in others)
        assert row["rank_low"] <= row["rank"] <= row["rank_high"]
