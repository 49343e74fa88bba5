"""The units that are most alike, beside the same distances reckoned one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.models.selection import LIKENESSES, Neighbours
from pipelines.comparison import neighbours as module
from pipelines.comparison.neighbours import SCHEMA, neighbours
from pipelines.registry.model import Registry, RegistryEntry

WEIGHTS = {
    "members": "1",
    "branches": "0.5",
    "category": "1",
    "is_private": "0.5",
    "city_code": "0.25",
}
DECLARED = Neighbours(count=3, weights={name: Decimal(WEIGHTS[name]) for name in LIKENESSES})
DAY = date(2020, 1, 1)


def unit(
    code: str, members: int = 50, category: str = "primary", private: bool = False, city: str = "320100",
    kind: str = "school", parent: str | None = None, valid_to: date | None = None,
) -> RegistryEntry:  # fmt: skip
    return RegistryEntry(code, code, kind, category, private, city, parent, members, DAY, valid_to, True)


def found(*entries: RegistryEntry, declared: Neighbours = DECLARED) -> dict[str, list[tuple[str, float]]]:
    table = neighbours(Registry(entries, ""), declared)
    assert table.schema == SCHEMA
    nearest: dict[str, list[tuple[str, float]]] = {}
    for code, place, other, distance in table.rows():
        nearest.setdefault(code, []).append((other, distance))
        assert place == len(nearest[code]), "places run from 1"
    return nearest


def test_what_is_alike_comes_first_and_equals_by_code() -> None:
    entries = [unit("A"), unit("C"), unit("B"), unit("D", city="320200"), unit("E", members=101), unit("F", category="kindergarten", private=True)]  # fmt: skip
    assert found(*entries)["A"] == [("B", 0.0), ("C", 0.0), ("D", 0.25)]
    everybody = found(*entries, declared=DECLARED.model_copy(update={"count": 9}))["A"]
    assert everybody[3:] == [("E", 1.0), ("F", 1.5)], "101 + 1 is twice 50 + 1; another category, and private"


def test_branches_count() -> None:
    branches = [unit(f"B-{n}", kind="branch", category="staff", parent="B") for n in range(3)]
    left = [unit(f"A-{n}", kind="branch", category="staff", parent="A", valid_to=DAY) for n in range(3)]
    assert found(unit("A"), unit("B"), *branches, *left)["A"] == [("B", round(0.5 * log2(4), 6))]


def test_only_units_of_the_same_kind_that_are_still_there() -> None:
    entries = [unit("A"), unit("B", kind="university", category="undergraduate"), unit("C", valid_to=date(2024, 1, 1)), unit("D")]  # fmt: skip
    assert found(*entries) == {"A": [("D", 0.0)], "D": [("A", 0.0)]}, "B has nobody, C has left"
    assert found() == {}


UNITS = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from(["primary", "kindergarten"]), st.booleans(), st.sampled_from(["320100", "320200"])),
    min_size=2, max_size=12,
)  # fmt: skip


def distance(a: RegistryEntry, b: RegistryEntry) -> float:
    differ = {"category": a.category != b.category, "is_private": a.is_private != b.is_private, "city_code": a.city_code != b.city_code}  # fmt: skip
    size = abs(log2(a.members + 1) - log2(b.members + 1))
    return round(size + sum(float(WEIGHTS[name]) for name, is_so in differ.items() if is_so), 6)


@settings(deadline=None, max_examples=80)
@given(UNITS, st.integers(1, 12))
def test_as_reckoned_one_by_one(rows: list[tuple[int, str, bool, str]], count: int) -> None:
    entries = [unit(f"U{number:02d}", *row) for number, row in enumerate(rows)]
    table = found(*reversed(entries), declared=DECLARED.model_copy(update={"count": count}))
    for one in entries:
        nearest = sorted((distance(one, other), other.unit_code) for other in entries if other is not one)
        assert [code for code, _ in table[one.unit_code]] == [code for _, code in nearest][:count]
    between = {(one, other): d for one, near in table.items() for other, d in near}
    assert all(between.get((b, a), d) == d for (a, b), d in between.items()), "as far there as back"


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_work_in_blocks_changes_nothing(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [unit(f"U{n:02d}", members=(n * 37) % 90, private=n % 3 == 0) for n in range(13)]
    whole = found(*entries)
    monkeypatch.setattr(module, "_ROWS", rows)
    assert found(*entries) == whole
