"""The yearly shortlist: gates, quotas, cities, ties, and how often a unit would be chosen; the same whatever the order of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import load_catalogue
from expectations.models.selection import Selection
from pipelines.candidates import candidates
from pipelines.shortlist import Candidate, alternative_weights, choose, shortlist

UNTIMED = settings(deadline=None)
SELECTION = load_catalogue().selection

DIMENSIONS = ("learning", "service", "innovation", "leadership")


def selection(quotas: dict[str, int], most_per_city: int = 9, share: str = "0.5") -> Selection:
    declared = SELECTION.model_dump()
    declared["shortlist"] |= {
        "quotas": quotas,
        "most_per_city": most_per_city,
        "alternative_weight_share": share,
    }
    return Selection.model_validate(declared)


def unit(
    code: str,
    score: float | dict[str, float],
    *,
    kind: str = "school",
    city: str = "320100",
    obstacles: tuple[str, ...] = (),
    year: int = 2025,
) -> Candidate:
    """A candidate with the same score in every dimension, or with the scores given."""
    scores = score if isinstance(score, dict) else dict.fromkeys(DIMENSIONS, score)
    return Candidate(year, code, kind, "primary", city, scores, obstacles)


A, B, C, D = unit("A", 90), unit("B", 80), unit("C", 70), unit("D", 60)


@pytest.mark.parametrize(
    ("units", "quotas", "most_per_city", "chosen", "passed"),
    [
        ([A, B, C], {"school": 2}, 9, "A B", {"C": "本类单位名额已满"}),
        ([A, B, C], {"school": 9}, 9, "A B C", {}),
        ([A, B], {"school": 0}, 9, "", {"A": "本类单位名额已满", "B": "本类单位名额已满"}),
        ([A, B], {"city": 2}, 9, "", {"A": "本类单位名额已满", "B": "本类单位名额已满"}),
        # The third of a city makes room for the next city's best.
        ([A, B, C, unit("E", 10, city="320200")], {"school": 3}, 2, "A B E", {"C": "本市已有2个单位入选"}),
        # The limit of a city is over all kinds, best first.
        ([A, unit("U", 95, kind="university"), B], {"school": 2, "university": 1}, 2, "U A", {"B": "本市已有2个单位入选"}),
        # Kinds have quotas of their own.
        ([A, B, unit("U", 1, kind="university")], {"school": 1, "university": 1}, 9, "A U", {"B": "本类单位名额已满"}),
        # Equal scores: by code.
        ([unit("Z", 50), unit("Y", 50), unit("X", 50)], {"school": 2}, 9, "X Y", {"Z": "本类单位名额已满"}),
        # Who does not pass a gate is neither chosen nor passed over, and takes no place.
        ([unit("A", 99, obstacles=("未按时",)), B, C], {"school": 1}, 9, "B", {"C": "本类单位名额已满"}),
        ([], {"school": 1}, 9, "", {}),
    ],
)  # fmt: skip
def test_who_is_chosen(
    units: list[Candidate], quotas: dict[str, int], most_per_city: int, chosen: str, passed: dict[str, str]
) -> None:
    rules = selection(quotas, most_per_city)
    found, over = choose(units, alternative_weights(rules)[0], rules)
    assert found == set(chosen.split())
    assert over == passed


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        (dict.fromkeys(DIMENSIONS, 80.0), 80.0),
        ({"learning": 100.0, "service": 0.0, "innovation": 0.0, "leadership": 0.0}, 30.0),
        ({"service": 100.0, "leadership": 0.0}, 70.0),  # of the weight that it has: 0.35 / 0.50
        ({"innovation": 42.0}, 42.0),
        ({}, 0.0),
    ],
)
def test_a_total_is_the_mean_by_the_declared_weights(scores: dict[str, float], total: float) -> None:
    assert unit("A", scores).total(alternative_weights(SELECTION)[0]) == total


def test_the_alternatives_are_the_declared_weights_and_each_moved_both_ways() -> None:
    declared = SELECTION
    base, *moved = alternative_weights(declared)
    assert base == {"learning": 0.30, "service": 0.35, "innovation": 0.20, "leadership": 0.15}
    assert len(moved) == 8
    for weights in moved:
        ((name, weight),) = [(name, weight) for name, weight in weights.items() if weight != base[name]]
        assert weight in (base[name] * 0.5, base[name] * 1.5)
    assert len({tuple(weights.items()) for weights in moved}) == 8


def rows(units: list[Candidate], rules: Selection) -> dict[str, dict[str, Any]]:
    return {row["unit_code"]: row for row in shortlist(units, rules).iter_rows(named=True)}


def test_the_list_says_why_of_everyone() -> None:
    units = [
        A,
        B,
        C,
        unit("E", 65),
        unit("F", 85, obstacles=("有1项政策规定的标准未达到", "本年有1个季度未按时报送")),
    ]
    found = rows(units, selection({"school": 2}, 9))
    assert {code: (row["rank"], row["selected"], row["reason"]) for code, row in found.items()} == {
        "A": (1, True, "入选：同类符合条件的单位中得分第1名，本类名额2个，各项条件均已满足。"),
        "B": (2, True, "入选：同类符合条件的单位中得分第2名，本类名额2个，各项条件均已满足。"),
        "C": (3, False, "未入选：同类符合条件的单位中得分第3名，本类单位名额已满。"),
        "E": (4, False, "未入选：同类符合条件的单位中得分第4名，本类单位名额已满。"),
        "F": (None, False, "未入选：有1项政策规定的标准未达到；本年有1个季度未按时报送。"),
    }
    assert found["F"]["score"] == 85, "what it scored is shown all the same"
    assert found["F"]["probability"] is None


def test_probability_is_the_share_of_weightings_that_choose_the_unit() -> None:
    """P is ahead under the declared weights by learning; halving learning's weight, or raising service's, puts Q ahead."""
    p = unit("P", {"learning": 90.0, "service": 70.0, "innovation": 80.0, "leadership": 80.0})
    q = unit("Q", {"learning": 70.0, "service": 87.0, "innovation": 80.0, "leadership": 80.0})
    rules = selection({"school": 1})
    found = rows([p, q], rules)
    ahead = 0
    for learning, service in [
        (0.30, 0.35),
        (0.15, 0.35),
        (0.45, 0.35),
        (0.30, 0.175),
        (0.30, 0.525),
        *[(0.30, 0.35)] * 4,
    ]:
        ahead += 20 * learning > 17 * service
    assert found["P"]["probability"] == pytest.approx(ahead / 9)
    assert found["Q"]["probability"] == pytest.approx(1 - ahead / 9)
    assert 0 < ahead < 9, "the case is one of doubt"


def test_a_clear_leader_is_certain_and_a_clear_last_is_out() -> None:
    found = rows([A, B, C], selection({"school": 1}))
    assert [found[code]["probability"] for code in "ABC"] == [1.0, 0.0, 0.0]


def test_each_year_has_its_own_list() -> None:
    units = [
        unit("A", 90, year=2024),
        unit("B", 80, year=2024),
        unit("B", 80, year=2025),
        unit("A", 10, year=2025),
    ]
    table = shortlist(units, selection({"school": 1}))
    assert table.filter(pl.col("selected")).select("year", "unit_code").rows() == [(2024, "A"), (2025, "B")]


def test_nobody_makes_an_empty_list_with_its_columns() -> None:
    table = shortlist([], selection({"school": 1}))
    assert table.is_empty()
    assert table.columns == [
        "year",
        "unit_code",
        "category",
        "city_code",
        "score",
        "rank",
        "selected",
        "probability",
        "reason",
    ]


points = st.integers(0, 8).map(lambda number: number * 12.5)
some_units = st.lists(
    st.builds(
        lambda code, kind, city, scores, obstacle: Candidate(2025, code, kind, "c", city, scores, ("有缺",) if obstacle else ()),
        st.from_regex(r"[A-F][0-9]", fullmatch=True), st.sampled_from(["school", "university", "city"]), st.sampled_from(["1", "2", "3"]),
        st.dictionaries(st.sampled_from(DIMENSIONS), points, min_size=1), st.booleans(),
    ), max_size=12, unique_by=lambda candidate: candidate.unit_code,
)  # fmt: skip


@UNTIMED
@given(some_units.flatmap(lambda units: st.tuples(st.just(units), st.permutations(units))))
def test_the_order_of_the_rows_says_nothing(both: tuple[list[Candidate], list[Candidate]]) -> None:
    rules = selection({"school": 2, "university": 1, "city": 1}, 2)
    assert shortlist(both[0], rules).equals(shortlist(both[1], rules))


@UNTIMED
@given(some_units, st.integers(0, 3), st.integers(1, 3))
def test_quotas_cities_and_gates_hold_for_any_units(
    units: list[Candidate], quota: int, most_per_city: int
) -> None:
    rules = selection({"school": quota, "university": 1, "city": 1}, most_per_city)
    by_code = {candidate.unit_code: candidate for candidate in units}
    table = shortlist(units, rules)
    chosen = [by_code[code] for code in table.filter(pl.col("selected"))["unit_code"]]
    assert all(candidate.is_eligible for candidate in chosen)
    for kind, most in {"school": quota, "university": 1, "city": 1}.items():
        assert sum(candidate.kind == kind for candidate in chosen) <= most
    for city in {candidate.city_code for candidate in chosen}:
        assert sum(candidate.city_code == city for candidate in chosen) <= most_per_city
    weights = alternative_weights(rules)[0]
    for out in (c for c in units if c.is_eligible and c not in chosen):
        # Nobody is passed over for a worse one of the same kind in the same city.
        assert not any(
            c.kind == out.kind and c.city_code == out.city_code and c.total(weights) < out.total(weights)
            for c in chosen
        )
    assert table["probability"].drop_nulls().is_between(0, 1).all()


# ---- the gates ----------------------------------------------------------------------------------------------------------

SOUND: dict[str, Any] = {
    "year": 2025, "unit_code": "A", "kind": "school", "category": "primary", "city_code": "320100", "dimensions": ["learning", "service"],
    "points": [80.0, 60.0], "owed": 4, "accepted": 4, "on_time": 4, "in_last": True, "red_flags": 0, "coverage": 1.0,
    "gated_periods": [], "gated_grades": [],
}  # fmt: skip


def candidate_of(rules: Selection = SELECTION, **changed: Any) -> Candidate:
    texts = dict.fromkeys(("dimensions", "gated_periods", "gated_grades"), pl.List(pl.String))
    schema = {**texts, "points": pl.List(pl.Float64)}
    table = pl.DataFrame([SOUND | changed], schema_overrides=schema)
    (candidate,) = candidates(table, rules)
    return candidate


def test_a_sound_unit_passes_every_gate() -> None:
    candidate = candidate_of()
    assert candidate.is_eligible
    assert candidate.scores == {"learning": 80.0, "service": 60.0}


@pytest.mark.parametrize(
    ("changed", "obstacle"),
    [
        ({"in_last": False}, "年末已不在名册中"),
        ({"accepted": 3}, "本年应报4个季度，已采用3个"),
        ({"accepted": 0}, "本年应报4个季度，已采用0个"),
        ({"on_time": 2}, "本年有2个季度未按时报送"),
        ({"red_flags": 3}, "有3项政策规定的标准未达到"),
        ({"coverage": 0.5}, "可计算的指标占50%，低于90%"),
        ({"coverage": 0.0}, "可计算的指标占0%，低于90%"),
        (
            {"gated_periods": ["2025Q1"], "gated_grades": ["丁级"]},
            "2025年第一季度数据质量为丁级，数据不足以作为依据",
        ),
        ({"dimensions": None, "points": None}, "没有可以计分的指标"),
        ({"dimensions": [], "points": []}, "没有可以计分的指标"),
    ],
)
def test_each_gate_has_its_reason(changed: dict[str, Any], obstacle: str) -> None:
    assert candidate_of(**changed).obstacles == (obstacle,)


@pytest.mark.parametrize(
    ("quarters", "period", "passes"),
    [
        ("every", "2025Q1", False),
        ("every", "2025Q4", False),
        ("last", "2025Q1", True),
        ("last", "2025Q4", False),
    ],
)
def test_which_quarters_must_pass_the_quality_gate_is_declared(
    quarters: str, period: str, passes: bool
) -> None:
    declared = SELECTION.model_dump()
    declared["shortlist"]["quality_quarters"] = quarters
    rules = Selection.model_validate(declared)
    assert candidate_of(rules, gated_periods=[period], gated_grades=["丁级"]).is_eligible == passes


@pytest.mark.parametrize(("coverage", "passes"), [(0.9, True), (0.90001, True), (0.899999, False)])
def test_the_gate_of_coverage_is_sharp(coverage: float, passes: bool) -> None:
    assert candidate_of(coverage=coverage).is_eligible == passes


@pytest.mark.parametrize("coverage", [0.899999, 0.8961, 0.895])
def test_a_coverage_too_low_is_not_shown_as_enough(coverage: float) -> None:
    """«90%，低于90%» would be read as a fault of the program."""
    (obstacle,) = candidate_of(coverage=coverage).obstacles
    shown = Decimal(obstacle.split("占")[1].split("%")[0])
    assert shown < 90


def test_all_obstacles_are_named_together() -> None:
    assert (
        len(
            candidate_of(
                in_last=False, accepted=1, on_time=1, red_flags=1, coverage=0.1, dimensions=[], points=[]
            ).obstacles
        )
        == 6
    )
