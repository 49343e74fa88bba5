"""The load (load.sql): what a workbook brought along, what was typed, and what was changed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_province import Asked, File, Found, Unit, computed

NOW, BEFORE, YEAR_BEFORE = "2025Q3", "2025Q2", "2024Q4"
PERIODS = (YEAR_BEFORE, BEFORE, NOW)
AT = {NOW: "2025-10-10T00:00:00", BEFORE: "2025-07-10T00:00:00", YEAR_BEFORE: "2025-01-10T00:00:00"}
UNIT = Unit("U", branches={"U-1": 30})
Row = dict[str, Any]


def known(question: str, **changes: Any) -> Row:
    """How the template fills in a question of this period."""
    return {
        "period": NOW, "question": question, "source_question": question, "source_year": None, "from_registry": False, "is_number": True,
        "lowest": Decimal(0), "highest": Decimal(100), "choices": [],
    } | changes  # fmt: skip


def loaded(answers: dict[str, Any], asked: Asked, rule: Row | None, *extra: Any) -> dict[str, int]:
    """What becomes of one question in NOW. answers: period → answer; periods that are left out were not reported."""
    branch = "U-1" if asked.branch else None
    files = [
        File("U", AT[period], period, {(asked.code, branch): answer}, findings=extra if period != NOW else ())
        for period, answer in answers.items()
    ]
    rows = computed([UNIT], files, [asked], [rule] if rule else [], PERIODS)["load"]
    (row,) = (row for row in rows if row["period"] == NOW)
    return {name: row[name] for name in ("prefilled", "changed", "typed", "blank")}


def counts(prefilled: int = 0, changed: int = 0, typed: int = 0, blank: int = 0) -> dict[str, int]:
    return {"prefilled": prefilled, "changed": changed, "typed": typed, "blank": blank}


OWN, ROW = Asked("A"), Asked("M", branch=True)
CHOICE = {"is_number": False, "lowest": None, "highest": None, "choices": ["yes", "no"]}
REGISTRY = {"from_registry": True}


@pytest.mark.parametrize(
    ("answers", "asked", "rule", "expected"),
    [
        ({NOW: 5}, OWN, None, counts(typed=1)),
        ({NOW: None}, OWN, None, counts(blank=1)),
        ({BEFORE: 5, NOW: 5}, OWN, None, counts(typed=1)),  # shown beside the cell, not in it
        ({BEFORE: 5, NOW: 5}, OWN, known("A"), counts(prefilled=1)),
        ({BEFORE: 5, NOW: 6}, OWN, known("A"), counts(prefilled=1, changed=1)),
        ({BEFORE: 5, NOW: None}, OWN, known("A"), counts(prefilled=1, changed=1)),  # emptied
        ({NOW: 6}, OWN, known("A"), counts(typed=1)),  # nothing earlier
        ({YEAR_BEFORE: 4, NOW: 4}, OWN, known("A"), counts(prefilled=1)),  # from whichever period answered last
        ({YEAR_BEFORE: 4, BEFORE: 5, NOW: 4}, OWN, known("A"), counts(prefilled=1, changed=1)),
        ({YEAR_BEFORE: 4, BEFORE: None, NOW: 4}, OWN, known("A"), counts(typed=1)),  # the last answer is a blank
        ({BEFORE: 101, NOW: 101}, OWN, known("A"), counts(typed=1)),  # out of bounds: not filled in
        ({BEFORE: "yes", NOW: "yes"}, OWN, known("A", **CHOICE), counts(prefilled=1)),
        ({BEFORE: "yes", NOW: "no"}, OWN, known("A", **CHOICE), counts(prefilled=1, changed=1)),
        ({BEFORE: "old", NOW: "yes"}, OWN, known("A", **CHOICE), counts(typed=1)),  # no longer a choice
        ({NOW: 30}, ROW, known("M", **REGISTRY), counts(prefilled=1)),  # the registry's members
        ({BEFORE: 31, NOW: 30}, ROW, known("M", **REGISTRY), counts(prefilled=1, changed=1)),  # the last answer comes first
        ({NOW: 30}, ROW, known("M", highest=Decimal(20), **REGISTRY), counts(typed=1)),
        ({YEAR_BEFORE: 7, NOW: 7}, OWN, known("A", source_year=2024), counts(prefilled=1)),
        ({YEAR_BEFORE: 7, BEFORE: 8, NOW: 7}, OWN, known("A", source_year=2024), counts(typed=1)),  # the last is not last year's
    ],
)  # fmt: skip
def test_what_a_workbook_brings_along(
    answers: dict[str, Any], asked: Asked, rule: Row | None, expected: dict[str, int]
) -> None:
    assert loaded(answers, asked, rule) == expected


def test_a_returned_answer_is_not_brought_along() -> None:
    assert loaded({BEFORE: 5, NOW: 5}, OWN, known("A"), Found("block", "A")) == counts(typed=1)


def test_who_has_not_reported_has_no_load() -> None:
    files = [File("U", AT[NOW], NOW, {("A", None): 1})]
    rows = computed([Unit("U"), Unit("V")], files, [OWN], [], PERIODS)["load"]
    assert [(row["period"], row["units"], row["asked"]) for row in rows] == [(NOW, 1, 1)]


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(*[st.sampled_from([None, 1, 2])] * 4, st.sampled_from(["school", "university"])),
        min_size=1,
        max_size=5,
    )
)
def test_the_parts_add_up_to_what_was_asked(world: list[tuple[Any, ...]]) -> None:
    units = [Unit(f"U{n}", kind, branches={f"U{n}-1": 2}) for n, (*_, kind) in enumerate(world)]
    files = [
        File(f"U{n}", AT[period], period, {("A", None): own, ("M", f"U{n}-1"): row})
        for n, (own_then, row_then, own_now, row_now, _) in enumerate(world)
        for period, own, row in ((BEFORE, own_then, row_then), (NOW, own_now, row_now))
    ]
    rows = computed(units, files, [OWN, ROW], [known("A"), known("M", **REGISTRY)], PERIODS)["load"]
    now = [row for row in rows if row["period"] == NOW]
    assert sum(row["asked"] for row in now) == 2 * len(world)
    for row in rows:
        assert row["asked"] == row["prefilled"] + row["typed"] + row["blank"]
        assert 0 <= row["changed"] <= row["prefilled"]
        assert row["asked_each"] == row["asked"] / row["respondents"]
        assert row["typed_each"] == row["typed"] / row["respondents"]
    expected = sum(
        (own_then is not None)
        + 1  # a branch's members are always known: from the registry, else from the answer before
        for own_then, *_ in world
    )
    assert sum(row["prefilled"] for row in now) == expected
