"""The quality gate on a real province: no performance is judged on data that do not pass, and a correction brings the judgement back."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from expectations import Catalogue, Period
from tests.conftest import Home, Province
from tests.edits import column_of


def under_the_gate(home: Home) -> pl.DataFrame:
    """unit_code (units and their branches) and period."""
    units = home.read("dim_unit")
    low = home.read("grades").filter(pl.col("passes").not_()).select("unit_code", "period")
    branches = units.filter(pl.col("kind") == "branch").select("unit_code", "parent_code")
    below = branches.join(low, left_on="parent_code", right_on="unit_code").select("unit_code", "period")
    return pl.concat([low, below])


def test_each_submission_that_counts_has_one_grade(province: Province, catalogue: Catalogue) -> None:
    grades, submissions = province.read("grades"), province.read("submissions").filter("counts")
    assert sorted(grades["submission_id"]) == sorted(submissions["submission_id"])
    for row in grades.iter_rows(named=True):
        formula = catalogue.quality_in(Period.parse(row["period"]))
        lost = sum(
            Fraction(part.weight * (whole - row[f"{part.part}_good"]), whole)
            for part in formula.parts
            if (whole := row[f"{part.part}_whole"])
        )
        assert row["points"] * 100 == floor(100 * (100 - lost))
        assert row["passes"] == (row["points"] >= formula.gate_points)
        assert row["grade"] == next(g.grade for g in formula.grades if row["points"] >= g.from_points)


def test_no_performance_is_judged_on_data_under_the_gate(province: Province) -> None:
    low, flags = under_the_gate(province), province.read("flags")
    assert low.height > 3
    performance = flags.filter(pl.col("kind") == "performance")
    assert performance.join(low, on=["unit_code", "period"], how="semi").is_empty()
    quality = flags.filter(pl.col("kind") == "quality", pl.col("reason").str.contains("暂不能作为依据"))
    units = low.join(province.read("grades"), on=["unit_code", "period"], how="semi")
    assert sorted(quality.select("unit_code", "period").rows()) == sorted(units.rows())
    listed = province.read("shortlist").join(units, on="unit_code", how="semi")
    assert listed.height > 0
    assert not listed["selected"].any()
    assert listed["reason"].str.contains("数据质量为丁级").all()


@pytest.fixture
def explained(province: Province, tmp_path: Path) -> tuple[Home, str, str]:
    """The province after a unit under the gate has sent its copied ledger again, with each branch explained; unit and period."""
    copied = next(fault for fault in province.truth["faults"] if fault["class"] == "copied_ledger")
    home = province.copy(tmp_path / "home")
    book = openpyxl.load_workbook(province.sample / copied["file"])
    ledger = book["支部台账"]
    column, codes = column_of(ledger, "情况说明"), set(province.read("dim_unit")["unit_code"])
    for line, row in enumerate(ledger.iter_rows()):
        if any(str(cell.value) in codes for cell in row):
            ledger.cell(
                row[0].row, column
            ).value = f"第{line}号台账核对考勤原始记录，本季度人员和活动次数未变"
    target = tmp_path / "说明后.xlsx"
    book.save(target)
    home.sanxing("receive", target, check=False)
    home.run()
    return home, copied["unit_code"], copied["period"]


def test_corrected_data_are_judged_again(province: Province, explained: tuple[Home, str, str]) -> None:
    home, unit, period = explained
    of_unit = (pl.col("unit_code") == unit) | pl.col("unit_code").str.starts_with(unit + "-")
    own = pl.col("unit_code") == unit
    in_period = pl.col("period") == period

    def grade(at: Home) -> tuple[str, bool]:
        return at.read("grades").filter(own, in_period).select("grade", "passes").row(0)

    assert grade(province) == ("D", False)
    assert grade(home)[1]
    # what stands again in a quarter on the answers of an earlier one is not judged anew
    anew = home.read("indicator_sources").filter(in_period, pl.col("source_period") == period)
    judged = (
        home.read("indicator_values")
        .filter(own, in_period, pl.col("status").is_in(["not_met", "behind"]))
        .join(anew, on="indicator", how="semi")
    )
    flags = [
        at.read("flags").filter(of_unit, in_period, pl.col("kind") == "performance")
        for at in (province, home)
    ]
    assert flags[0].is_empty()
    assert sorted(flags[1].filter(own)["indicator"]) == sorted(judged["indicator"])
    assert flags[1].height > 0
