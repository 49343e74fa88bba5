"""Sixteen quarters of real files: planted changes are found on the right side, healthy units are left alone, history can be corrected."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from expectations import Catalogue, Period
from tests.conftest import Home, Province

FIRST, LAST = "2022Q1", "2025Q4"
MOST_FALSE = 0.03  # of a healthy unit's points; docs/decisions.md has the figures over more provinces
HOURS = "leading_group_training_hours"


@pytest.fixture(scope="module")
def long_province(make_province: Callable[..., Province]) -> Province:
    """40 units over 16 quarters with all that is planted."""
    return make_province(40, FIRST, LAST, 611)


def quarters(province: Home) -> pl.DataFrame:
    return province.read("trends").filter(pl.col("grain") == "quarter")


@pytest.mark.parametrize(("part", "side"), [("worsening_units", "low"), ("improving_units", "high")])
def test_planted_changes_are_found_on_their_side(long_province: Province, part: str, side: str) -> None:
    planted = long_province.truth[part]
    assert planted
    for entry in planted:
        since = Period.parse(entry["since"])
        settled = quarters(long_province).filter(
            pl.col("unit_code") == entry["code"], pl.col("point") >= str(since.shift(8))
        )
        sides = set(settled["side"].drop_nulls())
        assert sides == {side}, entry


def test_healthy_units_have_few_signals_and_not_more_in_summer(long_province: Province) -> None:
    truth, registry = long_province.truth, long_province.read("dim_unit")
    weak = registry.filter(pl.col("unit_code").is_in([b["code"] for b in truth["weak_branches"]]))
    changed = {entry["code"] for part in ("worsening_units", "improving_units") for entry in truth[part]}
    changed |= {fault["unit_code"] for fault in truth["faults"]} | set(weak["parent_code"])
    healthy = registry.filter(pl.col("kind") != "branch", pl.col("unit_code").is_in(list(changed)).not_())
    judged = quarters(long_province).filter(
        pl.col("unit_code").is_in(healthy["unit_code"].to_list()), pl.col("signal") != "too_few_points"
    )
    assert judged.height > 300
    signalled = judged.with_columns(
        is_summer=pl.col("point").str.ends_with("Q3"), found=pl.col("signal") != "none"
    )
    rates = dict(signalled.group_by("is_summer").agg(pl.col("found").mean()).rows())
    assert signalled["found"].mean() <= MOST_FALSE  # type: ignore[operator]
    assert rates[True] <= rates[False] + 0.02


def test_points_stand_where_questions_are_asked(long_province: Province, catalogue: Catalogue) -> None:
    trends = long_province.read("trends")
    points = trends.group_by("grain").agg(pl.col("point").str.slice(4).unique().sort())
    assert dict(points.rows()) == {
        "month": [f"-{month:02}" for month in range(1, 13)],
        "quarter": ["Q1", "Q2", "Q3", "Q4"],
        "year": [""],
    }
    assert set(trends.filter(pl.col("grain") == "year")["indicator"]) == set(catalogue.indicator)
    branches = long_province.read("dim_unit").filter(pl.col("kind") == "branch")["unit_code"]
    assert set(trends.filter(pl.col("unit_code").is_in(branches.to_list()))["grain"]) == {"quarter"}


def test_four_years_are_never_a_trend(long_province: Province) -> None:
    years = long_province.read("trend_tests").filter(pl.col("grain") == "year")
    assert years["points"].max() == 4
    assert not years["judged"].any()
    assert set(long_province.read("trends").filter(pl.col("grain") == "year")["signal"]) == {"too_few_points"}


def test_own_quarters_add_up_to_the_year_that_is_judged(long_province: Province) -> None:
    """Sessions are counts of the unit alone: four points of a year are its value."""
    trends = long_province.read("trends").filter(pl.col("indicator") == "centre_group_sessions")
    by_year = (
        trends.filter(pl.col("grain") == "quarter")
        .group_by("unit_code", point=pl.col("point").str.slice(0, 4))
        .agg(pl.col("value").sum(), pl.len())
        .filter(pl.col("len") == 4)
    )
    both = trends.filter(pl.col("grain") == "year").join(by_year, on=["unit_code", "point"])
    assert both.height > 100
    assert (both["value"] == both["value_right"]).all()


def test_a_correction_changes_the_history(long_province: Province, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(long_province.data, home.data)
    unit, then = _corrected(long_province, home, tmp_path)
    old, new = (
        quarters(place).filter(pl.col("unit_code") == unit, pl.col("indicator") == HOURS).sort("point")
        for place in (long_province, home)
    )
    moved = old.join(new, on="point").filter(pl.col("value") != pl.col("value_right"))
    assert moved["point"].to_list() == [then]
    assert (old["upper"] != new["upper"]).all(), "the limits are those of the whole series"


def _corrected(province: Province, home: Home, folder: Path) -> tuple[str, str]:
    """Send an accepted workbook of the second year again with other hours, and run; the unit and the period."""
    sent = province.read("submissions").filter(pl.col("period") == "2023Q2", pl.col("state") == "accepted")
    whole = (
        quarters(province)
        .filter(pl.col("indicator") == HOURS)
        .group_by("unit_code")
        .len()
        .filter(pl.col("len") == 16)
    )
    first = (
        sent.filter(pl.col("unit_code").is_in(whole["unit_code"].to_list()))
        .sort("unit_code")
        .row(0, named=True)
    )
    answer = province.read("answers").filter(
        pl.col("submission_id") == first["submission_id"], pl.col("question") == "L3.5b"
    )
    book = openpyxl.load_workbook(province.sample / first["file"])
    book[answer["sheet"].item()][answer["cell"].item()].value = float(answer["value"].item()) + 4
    book.save(folder / "更正.xlsx")
    home.sanxing("receive", folder / "更正.xlsx")
    home.run()
    return first["unit_code"], "2023Q2"
