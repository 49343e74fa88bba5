"""How the benchmark of judgement counts: evidence by exact power, false flags by size, and floors that cannot be missed in silence."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from scipy.stats import binom

from expectations import Catalogue
from tests.benchmarks.verdicts import (
    MEASURE,
    Band,
    Weak,
    World,
    Worsening,
    false_flags,
    missed_floors,
    models,
    noise,
    pooled,
    power,
    small_are_flagged_more,
    spread,
    weak_branches,
    worsening,
)

PERIODS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
FLAG = {
    "unit_code": pl.String,
    "period": pl.String,
    "kind": pl.String,
    "level": pl.String,
    "indicator": pl.String,
    "since": pl.String,
}
TRUTH: dict[str, Any] = {"weak_branches": [], "worsening_units": [], "model_units": [], "signs": []}


def flag(
    code: str, period: str, kind: str = "performance", level: str = "amber", since: str | None = None
) -> dict[str, Any]:
    return {
        "unit_code": code,
        "period": period,
        "kind": kind,
        "level": level,
        "indicator": MEASURE,
        "since": since or period,
    }


def world(
    flags: list[dict[str, Any]],
    attended: dict[str, tuple[int, int]] | None = None,
    chosen: dict[str, bool] | None = None,
    **truth: Any,
) -> World:
    """Units A, B, C with a branch of 5, 20 and 60 members each; all are judged in all quarters."""
    units = [
        {"unit_code": f"{unit}{tail}", "unit": unit, "is_branch": bool(tail), "members": size}
        for unit, size in (("A", 5), ("B", 20), ("C", 60))
        for tail in ("", "-1")
    ]
    judged = [{"unit_code": u["unit_code"], "period": p} for u in units for p in PERIODS]
    measured = [
        {"unit_code": code, "period": p, "numerator": float(k), "denominator": float(n)}
        for code, (k, n) in (attended or {}).items()
        for p in PERIODS
    ]
    schema = {"unit_code": pl.String, "period": pl.String, "numerator": pl.Float64, "denominator": pl.Float64}
    listed = [{"unit_code": code, "year": 2025, "selected": is_in} for code, is_in in (chosen or {}).items()]
    return World(
        TRUTH | truth, pl.DataFrame(units), pl.DataFrame(judged), pl.DataFrame(measured, schema=schema), pl.DataFrame(flags, schema=FLAG),
        pl.DataFrame(listed, schema={"unit_code": pl.String, "year": pl.Int32, "selected": pl.Boolean}),
        pl.DataFrame(
            [
                {"kind": kind, "gate": gate, "passes": passes}
                for kind, gate, passes in (("school", "quality", True), ("school", "red_flags", False), ("city", "red_flags", True))
            ]
        ),
    )  # fmt: skip


def test_power_is_the_chance_that_the_exact_tail_is_evidence(catalogue: Catalogue) -> None:
    """Of 10 at 95%, 7 or fewer have p = 0.0115 and 8 have 0.086; so the power at a true 85% is P(at most 7 of 10)."""
    assert power(10, 0.85, "2025Q4", catalogue) == pytest.approx(binom.cdf(7, 10, 0.85))
    assert power(1, 0.0, "2025Q4", catalogue) == 0.0  # one of one may be absent in a twentieth of cases
    assert power(0, 0.5, "2025Q4", catalogue) == 0.0
    assert power(500, 0.85, "2025Q4", catalogue) > 0.9999


def test_weak_branches_are_found_in_their_first_two_judged_quarters(catalogue: Catalogue) -> None:
    planted = [{"code": code, "since": "2025Q2"} for code in ("A-1", "B-1", "C-1")]
    flags = [
        flag("A-1", "2025Q4"),
        flag("B-1", "2025Q3", level="watch"),
        flag("C-1", "2025Q3"),
        flag("C-1", "2025Q1"),
    ]
    found = weak_branches(
        world(flags, {"A-1": (8, 10), "B-1": (80, 100), "C-1": (80, 100)}, weak_branches=planted), catalogue
    )
    assert [(b.code, b.flagged, b.has_evidence) for b in found] == [
        ("A-1", False, False),
        ("B-1", False, True),
        ("C-1", True, True),
    ]
    assert [b.sizes for b in found] == [(10, 10), (100, 100), (100, 100)]


def test_false_flags_are_counted_by_size_where_nothing_is_planted() -> None:
    flags = [
        flag("A-1", "2025Q1"),
        flag("A-1", "2025Q2", level="watch"),
        flag("A-1", "2025Q3", "peer"),
        flag("B-1", "2025Q1"),
        flag("C", "2025Q1"),
    ]
    bands = false_flags(world(flags, signs=[{"unit_code": "B"}]))
    assert bands == [Band("under 10", 1, 4, 1, 1), Band("10 to 50"), Band("over 50", 1, 4, 0, 0)]
    assert pooled([bands, bands])[0] == Band("under 10", 2, 8, 2, 2)
    quiet = {(n.kind, n.of): n.flagged for n in noise(world(flags, signs=[{"unit_code": "B"}]))}
    assert quiet["performance", "units"] == quiet["performance", "branches"] == quiet["peer", "branches"] == 1
    assert quiet["trend", "branches"] == 0


def test_a_worsening_unit_is_found_by_what_is_new() -> None:
    planted = [{"code": "A", "since": "2025Q2"}]
    old = flag("A", "2025Q3", since="2025Q1")
    assert worsening(world([old], worsening_units=planted))[0] == Worsening(True, None)
    found = worsening(
        world([old, flag("A", "2025Q4", "trend", "watch"), flag("B", "2025Q2")], worsening_units=planted)
    )
    assert found == [Worsening(True, 2), Worsening(False, 0), Worsening(False, None)]
    assert (
        spread(found)
        == "2 of 3, after 1 quarters in the middle, 2 at most; within a year 0.67, within two 0.67"
    )


def test_models_are_counted_by_year() -> None:
    planted = [{"code": "A", "since": "2025Q1"}, {"code": "B", "since": "2025Q1"}]
    assert models(world([], chosen={"A": True, "B": False, "C": True}, model_units=planted)) == (2, 1)


def test_each_floor_that_is_missed_is_named() -> None:
    sure, unsure = (Weak("A-1", 0.85, (100,), p, flagged) for p, flagged in ((0.95, True), (0.5, False)))
    bands = [
        Band("under 10", 100, 1000, 1, 5),
        Band("10 to 50", 100, 1000, 1, 20),
        Band("over 50", 100, 1000, 0, 0),
    ]
    assert missed_floors([sure, unsure], bands, (10, 9)) == []
    many = [Band("under 10", 100, 1000, 20, 21), *bands[1:]]
    assert [line.partition(":")[0] for line in missed_floors([unsure], many, (10, 8))] == [
        "weak branches with evidence at their size", "healthy branches under 10 members",
        "branches under 10 members are falsely flagged more than those over 50 (p = 0.0000)", "model units",
    ]  # fmt: skip
    assert len(missed_floors([], [Band(b.name) for b in bands], (0, 0))) == 5


def test_small_branches_may_have_what_chance_gives_them() -> None:
    small, large = Band("", 300, 0, 2, 0), Band("", 40, 0, 0, 0)
    assert small_are_flagged_more(small, large) > 0.5
    assert small_are_flagged_more(Band("", 300, 0, 60, 0), large) < 0.01
