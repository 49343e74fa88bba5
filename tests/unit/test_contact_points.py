"""Contact points: who would gain most, spread over kinds and cities; not who does not report, and never called bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.models.selection import Selection
from pipelines.selection.contact_points import make_contact_points
from tests.selecting import INDICATORS, NAMES, frames, rules, unit


def declared(quotas: Mapping[str, int], most_per_city: int = 9, **changed: Any) -> Selection:
    base = rules().model_dump(mode="json")
    base["contact_points"] |= {"quotas": dict(quotas), "most_per_city": most_per_city, **changed}
    return Selection.model_validate(base)


def points(
    units: Sequence[Mapping[str, Any]], selection: Selection, models: Sequence[str] = (), stated: bool = True
) -> dict[str, dict[str, Any]]:
    candidates, terms = frames(units)
    listed = pl.DataFrame(
        [(2025, code) for code in models], schema={"year": pl.Int64, "unit_code": pl.String}, orient="row"
    )
    made = make_contact_points(
        candidates, terms.with_columns(stated=pl.lit(stated)), NAMES, listed, selection
    )
    return {row["unit_code"]: row for row in made.iter_rows(named=True)}


def chosen(found: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {code for code, row in found.items() if row["selected"]}


WORST, WORSE, GOOD = unit("W", 0.4), unit("V", 0.6), unit("G", 1.0)


@pytest.mark.parametrize(
    ("units", "selection", "models", "expected"),
    [
        ([WORST, WORSE, GOOD], declared({"school": 1}), (), "W"),
        # all that could gain, and nobody else
        ([WORST, WORSE, GOOD], declared({"school": 9}), (), "W V"),
        # one that does not report is a matter of reporting, however low its figures
        ([unit("N", 0.1, accepted=2), WORSE], declared({"school": 1}), (), "V"),
        ([unit("N", 0.1, coverage=0.5), WORSE], declared({"school": 1}), (), "V"),
        ([unit("N", 0.1, low_quality="2025Q4=丁级"), WORSE], declared({"school": 1}), (), "V"),
        # being late is no reason against help
        ([unit("N", 0.1, on_time=0), WORSE], declared({"school": 1}), (), "N"),
        # a model unit is an example
        ([WORST, WORSE], declared({"school": 1}), ("W",), "V"),
        # cities and kinds
        ([WORST, WORSE, unit("E", 0.9, city_code="2")], declared({"school": 2}, 1), (), "W E"),
        ([WORST, unit("U", 0.9, kind="university")], declared({"school": 1, "university": 1}), (), "W U"),
        ([WORST, unit("C", 0.1, kind="city")], declared({"school": 1}), (), "W"),
        # more members are reached: 0.4 × √(200 / 125) beats 0.5 × √(50 / 125)
        ([unit("M", 0.6, members=200), unit("S", 0.5, members=50)], declared({"school": 1}), (), "M"),
        ([unit("M", 0.6, members=200), unit("S", 0.5, members=50)], declared({"school": 1}, members_exponent="0"), (), "S"),
        # equal gains: by code
        ([unit("Z", 0.5), unit("Y", 0.5)], declared({"school": 1}), (), "Y"),
        ([], declared({"school": 1}), (), ""),
    ],
)  # fmt: skip
def test_who_is_proposed(
    units: list[dict[str, Any]], selection: Selection, models: tuple[str, ...], expected: str
) -> None:
    assert chosen(points(units, selection, models)) == set(expected.split())


def test_only_gaps_to_standards_of_the_policy_count_where_so_declared() -> None:
    assert points([WORST], declared({"school": 1}), stated=False)["W"]["gain"] == 0
    assert points([WORST], declared({"school": 1}, indicators="all"), stated=False)["W"]["gain"] == 60


def test_the_gain_is_points_of_the_total_by_members() -> None:
    found = points(
        [unit("A", {"learning_1": 0.5}, members=200), unit("B", 0.9, members=50)], declared({"school": 2})
    )
    assert found["A"]["gain"] == pytest.approx(7.5 * (200 / 125) ** 0.5, abs=1e-6)
    assert found["B"]["gain"] == pytest.approx(10 * (50 / 125) ** 0.5, abs=1e-6)
    assert [(found[code]["place"]) for code in "AB"] == [1, 2]


def test_what_would_show_as_nothing_is_nothing_to_gain() -> None:
    found = points([unit("A", 0.9998)], declared({"school": 1}))["A"]
    assert (found["gain"], found["selected"]) == (0, False)
    assert "None" not in found["reason"]


def test_each_has_its_reason() -> None:
    units = [
        WORST,
        WORSE,
        GOOD,
        unit("N", 0.1, accepted=2),
        unit("X"),
        unit("C", 0.9, kind="city"),
        unit("E", 0.5, city_code="2"),
    ]
    found = points(units, declared({"school": 2}, 1), ("X",))
    assert {code: row["reason"] for code, row in found.items()} == {
        "W": "建议作为联系点：达到全部标准可提高60.0分，党员50人，同类中帮扶效果列第1位。建议帮扶重点：条款S1.1“条款service_1”可提高10.5分、"
             "条款S2.1“条款service_2”可提高10.5分、条款L1.1“条款learning_1”可提高9.0分。",
        "E": "建议作为联系点：达到全部标准可提高50.0分，党员50人，同类中帮扶效果列第2位。建议帮扶重点：条款S1.1“条款service_1”可提高8.8分、"
             "条款S2.1“条款service_2”可提高8.8分、条款L1.1“条款learning_1”可提高7.5分。",
        "V": "暂不列入：达到全部标准可提高40.0分，党员50人，同类中帮扶效果列第3位，本类名额已满。",
        "G": "不列入：可计算的政策规定标准均已达到或十分接近。",
        "N": "暂不列入：本年应报4个季度，已采用2个。先按报送和数据质量事项办理。",
        "X": "不列入：已入选示范点。",
        "C": "暂不列入：达到全部标准可提高10.0分，党员50人，同类中帮扶效果列第1位，本类单位不设名额。",
    }  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.builds(
            lambda code, attained, city, accepted: unit(code, attained, city_code=city, accepted=accepted),
            st.from_regex(r"[A-F][0-9]", fullmatch=True),
            st.dictionaries(
                st.sampled_from(sorted(INDICATORS)), st.none() | st.sampled_from([0.0, 0.5, 1.0])
            ),
            st.sampled_from(["1", "2"]),
            st.integers(1, 4),
        ),
        max_size=8,
        unique_by=lambda row: row["unit_code"],
    ).flatmap(lambda units: st.tuples(st.just(units), st.permutations(units))),
    st.integers(0, 3),
    st.integers(1, 2),
)
def test_quotas_and_cities_hold_and_the_order_of_rows_says_nothing(
    both: tuple[list[dict[str, Any]], list[dict[str, Any]]], quota: int, most_per_city: int
) -> None:
    selection = declared({"school": quota}, most_per_city)
    found = points(both[0], selection)
    assert found == points(both[1], selection)
    picked = [row for row in found.values() if row["selected"]]
    assert len(picked) <= quota
    assert all(sum(row["city_code"] == city for row in picked) <= most_per_city for city in ("1", "2"))
    assert all(row["gain"] > 0 for row in picked)
