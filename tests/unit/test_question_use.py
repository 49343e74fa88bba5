"""Which questions are proposed for removal: those whose answers never vary, and those that feed no decision (question_use.py)."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import Catalogue, CatalogueError, Period, load_catalogue
from expectations.catalogue import HERE
from expectations.models.question_use import QuestionUse
from pipelines.question_use import Answers, answer_zh, feeds_of, question_use

RULE = QuestionUse.model_validate(
    {"quarters": 4, "fewest_quarters": 2, "fewest_units": 30, "same_answer": "0.99"}
)
TWO = ("2024Q4", "2025Q4")
LAST = Period(2025, 4)
Row = dict[str, Any]


@pytest.mark.parametrize(
    ("counts", "quarters", "units", "varies"),
    [
        ({"yes": 100}, TWO, 50, False),
        ({"yes": 99, "no": 1}, TWO, 50, False),  # 99% exactly
        ({"yes": 9899, "no": 101}, TWO, 50, True),  # 98.99%
        ({"yes": 50, "no": 50}, TWO, 50, True),
        ({"0": 100}, TWO, 30, False),
        ({"0": 100}, TWO, 29, None),  # too few units in one of the quarters
        ({"0": 100}, TWO[:1], 50, None),  # one quarter says nothing of change
        ({}, (), 0, None),
    ],
)
def test_never_varies(
    counts: dict[str, int], quarters: tuple[str, ...], units: int, varies: bool | None
) -> None:
    assert Answers(quarters, Counter(counts), units).vary(RULE) is varies


@given(st.dictionaries(st.sampled_from(["yes", "no", "0", "1"]), st.integers(1, 500), min_size=1))
def test_what_varies_is_judged_on_whole_numbers(counts: dict[str, int]) -> None:
    answers = Answers(TWO, Counter(counts), 30)
    assert answers.vary(RULE) is (100 * max(counts.values()) < 99 * sum(counts.values()))
    assert answers.common is not None
    assert answers.common[1] == max(counts.values())


@pytest.mark.parametrize(
    ("question", "feeds"),
    [("L1.1a", "standard"), ("S1.5a", "indicator"), ("O2.2b", "explanation"), ("L3.2a", "standard")],
)
def test_what_an_answer_feeds(catalogue: Catalogue, question: str, feeds: str) -> None:
    assert feeds_of(catalogue.question[question], catalogue, LAST) == feeds


def used(
    catalogue: Catalogue, counts: Sequence[tuple[str, str, str, int]], units: Sequence[tuple[str, str, int]]
) -> dict[str, Row]:
    answers = pl.DataFrame(
        list(counts),
        {"period": pl.String, "question": pl.String, "answer": pl.String, "answers": pl.Int32},
        orient="row",
    )
    answering = pl.DataFrame(
        list(units), {"period": pl.String, "question": pl.String, "units": pl.Int32}, orient="row"
    )
    return {row["question"]: row for row in question_use(answers, answering, catalogue, LAST).to_dicts()}


def test_only_the_last_quarters_in_which_it_was_asked_are_looked_at(catalogue: Catalogue) -> None:
    quarters = ("2024Q1", "2024Q4", "2025Q1", "2025Q2", "2025Q3")
    counts = [(quarter, "L3.1a", "2", 50) for quarter in quarters[1:]] + [("2024Q1", "L3.1a", "3", 50)]
    row = used(catalogue, counts, [(quarter, "L3.1a", 50) for quarter in quarters])["L3.1a"]
    assert (row["quarters"], row["first_period"], row["last_period"]) == (4, "2024Q4", "2025Q3")
    assert (row["answers"], row["distinct_answers"], row["common_answer"], row["common_share"]) == (
        200,
        1,
        "2",
        1.0,
    )
    assert (row["varies"], row["suggest_removal"]) == (False, True)
    assert row["reason"] == "最近4个填报季度的200个答案都是“2次”，没有差别。用于有标准的指标。"


def test_a_proposal_says_why(catalogue: Catalogue) -> None:
    counts = [(q, "L1.1a", "yes", 60) for q in TWO] + [
        ("2025Q4", "L1.1a", "no", 1),
        ("2025Q4", "O2.2b", "示例〔2025〕1号", 3),
    ]
    rows = used(catalogue, counts, [(q, code, 40) for q in TWO for code in ("L1.1a", "O2.2b")])
    assert (
        rows["L1.1a"]["reason"]
        == "最近2个填报季度的121个答案中有120个是“是”，几乎没有差别。用于有标准的指标。"
    )
    assert rows["O2.2b"]["suggest_removal"]
    assert not rows["O2.2b"]["feeds_decision"]
    assert "不进入任何指标" in rows["O2.2b"]["reason"]


def test_every_question_of_the_catalogue_has_its_row(catalogue: Catalogue) -> None:
    rows = used(catalogue, [], [])
    assert list(rows) == [question.code for question in catalogue.questions]
    assert {row["varies"] for row in rows.values()} == {None}
    assert all("尚无可用的答案。" in row["reason"] for row in rows.values())
    assert {code for code, row in rows.items() if row["suggest_removal"]} == {"O2.2b"}


@pytest.mark.parametrize(
    ("question", "answer", "shown"),
    [("L1.1a", "no", "否"), ("L3.1a", "2", "2次"), ("O2.2b", "示例〔2025〕1号", "示例〔2025〕1号")],
)
def test_answers_are_named_as_the_form_names_them(
    catalogue: Catalogue, question: str, answer: str, shown: str
) -> None:
    assert answer_zh(catalogue.question[question], answer) == shown


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("fewest_quarters: 2 ", "fewest_quarters: 5 ", "question_use.yaml"),
        ("same_answer: '0.99'", "same_answer: '1.5'", "same_answer"),
        ("fewest_units: 30 ", "fewest: 30 ", "fewest"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "question_use.yaml"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(CatalogueError, match=key):
        load_catalogue(folder)
