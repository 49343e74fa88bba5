"""The lists of a real province: every score and choice follows from the published numbers, and a trial leaves them alone."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.conftest import Province

YEAR = pl.col("year") == 2025


def test_every_attainment_follows_from_its_own_row(province: Province) -> None:
    """Met at 1, else numerator over denominator as a share of the standard that was owed."""
    rows = province.read("shortlist_scores").filter(
        pl.col("standard").is_not_null(), pl.col("attainment").is_not_null()
    )
    assert rows.height > 500
    part = 0
    for row in rows.iter_rows(named=True):
        value = float(row["numerator"] / row["denominator"])
        target = float(row["standard"]) * row["due_share"]
        if row["direction"] == "higher" and target > 0:
            assert row["attainment"] == pytest.approx(min(1.0, max(0.0, value / target))), row
            part += row["attainment"] < 1
    assert part > 50


def test_every_score_follows_from_indicators_and_dimensions(province: Province) -> None:
    inside = province.read("shortlist_scores").filter(YEAR)
    sums = inside.group_by("unit_code", "dimension").agg(
        by_hand=100 * (pl.col("attainment") * pl.col("weight")).sum(), weight=pl.col("weight").sum()
    )
    dimensions = (
        province.read("shortlist_dimensions")
        .filter(YEAR)
        .join(sums, on=["unit_code", "dimension"], suffix="_inside")
    )
    assert (dimensions["weight_inside"] - 1).abs().max() < 1e-9  # type: ignore[operator]
    assert (dimensions["score"] - dimensions["by_hand"]).abs().max() < 1e-6  # type: ignore[operator]
    totals = dimensions.group_by("unit_code").agg(by_hand=(pl.col("score") * pl.col("weight")).sum())
    listed = province.read("shortlist").filter(YEAR).join(totals, on="unit_code")
    assert listed.height > 15
    assert (listed["score"] - listed["by_hand"]).abs().max() < 2e-6  # type: ignore[operator]


def test_who_is_eligible_passes_every_gate_and_nobody_else(province: Province) -> None:
    gates = province.read("shortlist_gates").group_by("year", "unit_code").agg(passes=pl.col("passes").all())
    listed = province.read("shortlist").join(gates, on=["year", "unit_code"], validate="1:1")
    assert listed["eligible"].to_list() == listed["passes"].to_list()
    assert 0 < listed["eligible"].sum() < listed.height
    assert not listed.filter(~pl.col("eligible"))["selected"].any()
    assert listed["what_would_change"].null_count() == 0


def test_the_choice_can_be_made_again_by_hand(province: Province) -> None:
    """By turns of the kinds, while kind and city have room; ties inside a kind by learning, coverage, code."""
    rules = province.published().manifest["selection"]["shortlist"]
    learning = (
        province.read("shortlist_dimensions")
        .filter(YEAR, pl.col("dimension") == "learning")
        .select("unit_code", learning="score")
    )
    coverage = province.read("candidates").filter(YEAR).select("unit_code", "coverage")
    order = (
        province.read("shortlist").filter(YEAR, pl.col("eligible"))
        .join(learning, on="unit_code", how="left").join(coverage, on="unit_code")
        .sort("score", "learning", "coverage", "unit_code", descending=[True, True, True, False])
    )  # fmt: skip
    kinds: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    chosen = set()
    turns = []
    for row in order.iter_rows(named=True):
        kinds[row["kind"]] += 1
        quota = rules["quotas"][row["kind"]]
        turns.append((Fraction(2 * kinds[row["kind"]] - 1, quota), quota, row))
    kinds.clear()
    for *_, row in sorted(turns, key=lambda turn: turn[:2]):
        if (
            kinds[row["kind"]] < rules["quotas"].get(row["kind"], 0)
            and cities[row["city_code"]] < rules["most_per_city"]
        ):
            chosen.add(row["unit_code"])
            kinds[row["kind"]] += 1
            cities[row["city_code"]] += 1
    assert chosen == set(order.filter("selected")["unit_code"])
    assert chosen


def test_planted_model_units_are_on_the_list(province: Province) -> None:
    planted = {unit["code"] for unit in province.truth["model_units"]}
    chosen = set(province.read("shortlist").filter(YEAR, pl.col("selected"))["unit_code"])
    assert planted
    assert planted <= chosen


def test_contact_points_are_units_that_report_and_could_gain(province: Province) -> None:
    points = province.read("contact_points").filter(YEAR)
    chosen = points.filter("selected")
    assert chosen.height > 3
    assert (chosen["gain"] > 0).all()
    assert chosen["city_code"].value_counts()["count"].max() <= 2  # type: ignore[operator]
    models = set(province.read("shortlist").filter(YEAR, pl.col("selected"))["unit_code"])
    assert not models & set(chosen["unit_code"])
    facts = province.read("candidates").filter(YEAR).join(chosen, on="unit_code")
    assert ((facts["owed"] - facts["accepted"]) <= 1).all()
    assert (facts["coverage"] >= 0.8).all()
    assert points["reason"].null_count() == 0
    for word in ("差", "落后", "不合格", "薄弱"):
        assert not points["reason"].str.contains(word).any(), word


def test_a_trial_is_printed_written_as_one_and_leaves_the_list_alone(
    province: Province, tmp_path: Path
) -> None:
    before = province.checksums()
    chosen = province.read("shortlist").filter(YEAR, pl.col("selected"), pl.col("kind") == "school")
    done = province.sanxing(
        "shortlist", "--year", "2025", "--what-if", f"quotas.school={chosen.height - 1}", "-o", tmp_path / "名单.xlsx"
    )  # fmt: skip
    last = chosen.sort("rank").row(-1, named=True)
    assert "试算：2025年度示范点名单，正式名单不变。" in done.stdout
    assert f"改为{chosen.height - 1}个" in done.stdout
    assert "新入选：没有。" in done.stdout
    assert last["unit_code"] in done.stdout
    assert not (tmp_path / "名单.xlsx").exists()
    for sheet in openpyxl.load_workbook(tmp_path / "试算_名单.xlsx"):
        assert any("试算" in str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row), (
            sheet.title
        )
    assert province.checksums() == before


@pytest.mark.parametrize(
    ("what_if", "words"),
    [
        ("weights.learning=1.5", "所给权重合计150%，超过了100%"),
        ("gates.coverage=2", "须在0到1之间"),
        ("学习型=3", "没有“学习型”这一项"),
    ],
)
def test_a_trial_that_cannot_be_is_told_in_one_sentence(province: Province, what_if: str, words: str) -> None:
    done = province.sanxing("shortlist", "--year", "2025", "--what-if", what_if, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
