"""The yearly shortlist: gates, quotas, cities, ties, and how often a unit would be chosen; the same whatever the order of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.models.selection import Gates, ShortlistGates
from pipelines.selection.gates import judge
from pipelines.selection.schemas import SHORTLIST, SHORTLIST_DIMENSIONS, SHORTLIST_GATES, SHORTLIST_SCORES
from tests.selecting import DECLARED, DIMENSIONS, INDICATORS, SOUND, chosen, frames, lists, rows, rules, unit

UNTIMED = settings(deadline=None, max_examples=60)
A, B, C, D = unit("A", 0.9), unit("B", 0.8), unit("C", 0.7), unit("D", 0.6)


@pytest.mark.parametrize(
    ("units", "quotas", "most_per_city", "expected", "passed"),
    [
        ([A, B, C], {"school": 2}, 9, "A B", {"C": "本类单位名额已满"}),
        ([A, B, C], {"school": 9}, 9, "A B C", {}),
        ([A, B], {"school": 0}, 9, "", {"A": "本类单位不设名额", "B": "本类单位不设名额"}),
        ([A, B], {"city": 2}, 9, "", {"A": "本类单位不设名额", "B": "本类单位不设名额"}),
        # The third of a city makes room for the next city's best.
        ([A, B, C, unit("E", 0.1, city_code="320200")], {"school": 3}, 2, "A B E", {"C": "本市已有2个单位入选"}),
        # The limit of a city is over all kinds, and kinds take turns: the first of 2 comes at 1/2, the only one of 1 at 1, the second at 3/2,
        ([A, unit("U", 0.95, kind="university"), B], {"school": 2, "university": 1}, 2, "A U", {"B": "本市已有2个单位入选"}),
        # whatever their scores, which are not comparable:
        ([A, unit("U", 0.05, kind="university"), B], {"school": 2, "university": 1}, 2, "A U", {"B": "本市已有2个单位入选"}),
        ([A, unit("U", 0.95, kind="university"), B], {"school": 2, "university": 1}, 1, "A", {"U": "本市已有1个单位入选"}),
        # at equal turns the kind with fewer seats comes first, then cities before universities before schools.
        ([A, B, unit("U", 0.1, kind="university")], {"school": 3, "university": 1}, 2, "A U", {"B": "本市已有2个单位入选"}),
        ([A, unit("C", 0.1, kind="city"), unit("U", 0.9, kind="university")], {"school": 1, "university": 1, "city": 1}, 1, "C", {"A": "本市已有1个单位入选", "U": "本市已有1个单位入选"}),
        # Kinds have quotas of their own.
        ([A, B, unit("U", 0.01, kind="university")], {"school": 1, "university": 1}, 9, "A U", {"B": "本类单位名额已满"}),
        # Equal scores: by learning, then by code.
        ([unit("Z", 0.5), unit("Y", 0.5), unit("X", 0.5)], {"school": 2}, 9, "X Y", {"Z": "本类单位名额已满"}),
        # Who does not pass a gate is neither chosen nor passed over, and takes no place.
        ([unit("A", 0.99, on_time=3), B, C], {"school": 1}, 9, "B", {"C": "本类单位名额已满"}),
    ],
)  # fmt: skip
def test_who_is_chosen(
    units: list[dict[str, Any]],
    quotas: dict[str, int],
    most_per_city: int,
    expected: str,
    passed: dict[str, str],
) -> None:
    found = rows(units, rules(quotas, most_per_city))
    assert {code for code, row in found.items() if row["selected"]} == set(expected.split())
    for code, why in passed.items():
        assert why in found[code]["reason"]


@pytest.mark.parametrize(
    ("ties", "first"),
    [
        (["learning", "unit_code"], "B"),
        (["service", "unit_code"], "A"),
        (["innovation", "unit_code"], "A"),  # equal there too: by code
        (["unit_code"], "A"),
    ],
)
def test_equal_totals_are_decided_as_declared(ties: list[str], first: str) -> None:
    """A gains by service what it loses by learning: 0.35 × 6 = 0.30 × 7."""
    a, b = unit("A", {"learning": 0.8, "service": 0.96}), unit("B", {"learning": 0.87, "service": 0.90})
    found = rows([a, b], rules({"school": 1}, ties=ties))
    assert found["A"]["score"] == found["B"]["score"]
    assert [code for code, row in found.items() if row["selected"]] == [first]
    assert found[first]["rank"] == 1


@pytest.mark.parametrize(
    ("attained", "total"),
    [
        (0.8, 80.0),
        ({"service": 0, "innovation": 0, "leadership": 0}, 30.0),
        # of the weight that it has: 0.35 / 0.50
        ({"learning": None, "innovation": None, "leadership": 0.0}, 70.0),
        ({"learning_1": 0.5, "learning_2": None}, 85.0),
    ],
)
def test_a_total_is_the_mean_by_the_declared_weights(attained: Any, total: float) -> None:
    assert rows([unit("A", attained)], rules())["A"]["score"] == total


def test_the_list_says_why_of_everyone() -> None:
    units = [A, B, C, unit("E", 0.65), unit("F", 0.85, red_flags=1, on_time=3)]
    found = rows(units, rules({"school": 2}))
    assert {code: (row["rank"], row["selected"], row["eligible"]) for code, row in found.items()} == {
        "A": (1, True, True), "B": (2, True, True), "C": (3, False, True), "E": (4, False, True), "F": (None, False, False),
    }  # fmt: skip
    assert found["A"]["reason"].startswith("入选：同类符合条件的单位中得分第1名，本类名额2个")
    assert found["F"]["reason"].startswith("未入选：本年有1个季度未按时报送；有1项红色绩效预警。")
    assert found["F"]["score"] == 85, "what it scored is shown all the same"
    assert found["F"]["probability"] is None


def test_a_clear_leader_is_certain_and_a_clear_last_is_out() -> None:
    found = rows([A, B, C], rules({"school": 1}))
    assert [found[code]["probability"] for code in "ABC"] == [1.0, 0.0, 0.0]
    assert [(found[code]["rank_low"], found[code]["rank_high"]) for code in "ABC"] == [(1, 1), (2, 2), (3, 3)]


def test_a_choice_in_doubt_says_so() -> None:
    """P leads by learning, Q by service, closely: other weights turn them round."""
    p, q = unit("P", {"learning": 0.9, "service": 0.7}), unit("Q", {"learning": 0.7, "service": 0.87})
    found = rows([p, q], rules({"school": 1}))
    assert found["P"]["selected"]
    assert 0.3 < found["P"]["probability"] < 0.7
    assert found["P"]["probability"] + found["Q"]["probability"] == 1
    assert (found["P"]["rank_low"], found["P"]["rank_high"]) == (1, 2)


def test_what_could_not_be_calculated_leaves_the_range_wider() -> None:
    sure = rows([unit("A", 0.86), unit("M", 0.85), B], rules())["M"]
    unsure = rows(
        [unit("A", 0.86), unit("M", {**dict.fromkeys(INDICATORS, 0.85), "learning_1": None}), B], rules()
    )["M"]
    assert sure["rank"] == unsure["rank"] == 2
    assert (sure["rank_low"], sure["rank_high"]) == (2, 2)
    assert (unsure["rank_low"], unsure["rank_high"]) == (1, 3)


def test_near_misses_are_the_first_of_each_kind_that_were_not_chosen() -> None:
    units = [
        A,
        B,
        C,
        D,
        unit("U", 0.3, kind="university"),
        unit("V", 0.2, kind="university"),
        unit("N", 0.75, on_time=0),
    ]
    found = rows(units, rules({"school": 1, "university": 1}, near_misses=2))
    assert {code for code, row in found.items() if row["near_miss"]} == {"B", "C", "V"}


def test_each_year_has_its_own_list() -> None:
    units = [unit("A", 0.9, year=2024), unit("B", 0.8, year=2024), unit("B", 0.8), unit("A", 0.1)]
    table = lists(units, rules({"school": 1})).shortlist
    assert table.filter("selected").select("year", "unit_code").rows() == [(2024, "A"), (2025, "B")]


def test_a_year_keeps_the_rules_that_held_in_it() -> None:
    changed = rules({"school": 1}, changes=[{"effective_from": "2025-01-01", "quotas": {"school": 2}}])
    units = [unit(code, a, year=year) for year in (2024, 2025) for code, a in (("A", 0.9), ("B", 0.8))]
    table = lists(units, changed).shortlist.filter("selected")
    assert table.group_by("year").len().sort("year").rows() == [(2024, 1), (2025, 2)]


def test_nobody_makes_empty_tables_with_their_columns() -> None:
    found = lists([], rules())
    assert [table.schema for table in found] == [
        SHORTLIST,
        SHORTLIST_SCORES,
        SHORTLIST_DIMENSIONS,
        SHORTLIST_GATES,
    ]
    assert all(table.is_empty() for table in found)


def test_a_candidate_without_any_figure_is_shown_and_not_chosen() -> None:
    candidates, terms = frames([A, unit("N", coverage=0.0, accepted=0, on_time=0)])
    from pipelines.selection.shortlist import make_lists
    from tests.selecting import NAMES

    found = make_lists(candidates, terms.filter(pl.col("unit_code") != "N"), NAMES, rules()).shortlist
    row = found.filter(pl.col("unit_code") == "N").row(0, named=True)
    assert (row["score"], row["rank"], row["eligible"]) == (None, None, False)
    assert "没有可以计分的指标" in row["reason"]


# ---- every number behind it -----------------------------------------------------------------------------------------------


def test_the_score_follows_from_the_published_numbers_by_hand() -> None:
    found = lists([unit("A", {"learning_1": 0.5, "learning_2": None, "service_1": 0.25}), B], rules())
    for row in found.shortlist.iter_rows(named=True):
        mine = pl.col("unit_code") == row["unit_code"]
        inside = found.scores.filter(mine)
        by_hand = {
            dimension: sum(a * w for a, w in part.select("attainment", "weight").rows() if a is not None)
            * 100
            for (dimension,), part in inside.partition_by("dimension", as_dict=True).items()
        }
        dimensions = found.dimensions.filter(mine)
        assert dict(dimensions.select("dimension", "score").rows()) == pytest.approx(by_hand)
        assert dimensions["weight"].sum() == pytest.approx(1)
        assert (dimensions["score"] * dimensions["weight"]).sum() == pytest.approx(row["score"], abs=1e-6)


# ---- properties -----------------------------------------------------------------------------------------------------------

eighths = st.integers(0, 8).map(lambda number: number / 8)
some_units = st.lists(
    st.builds(
        lambda code, kind, city, attained, late: unit(code, attained, kind=kind, city_code=city, on_time=4 - late),
        st.from_regex(r"[A-F][0-9]", fullmatch=True), st.sampled_from(["school", "university", "city"]), st.sampled_from(["1", "2", "3"]),
        st.dictionaries(st.sampled_from(sorted(INDICATORS)), st.none() | eighths), st.sampled_from([0, 0, 1]),
    ), max_size=10, unique_by=lambda candidate: candidate["unit_code"],
)  # fmt: skip


@UNTIMED
@given(some_units.flatmap(lambda units: st.tuples(st.just(units), st.permutations(units))))
def test_the_order_of_the_rows_says_nothing(both: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    declared = rules({"school": 2, "university": 1, "city": 1}, 2)
    for one, other in zip(lists(both[0], declared), lists(both[1], declared), strict=True):
        assert one.rows() == other.rows()


@UNTIMED
@given(some_units, st.integers(0, 3), st.integers(1, 3))
def test_quotas_cities_and_gates_hold_for_any_units(
    units: list[dict[str, Any]], quota: int, most_per_city: int
) -> None:
    found = lists(units, rules({"school": quota, "university": 1, "city": 1}, most_per_city)).shortlist
    picked = found.filter("selected")
    assert picked["eligible"].all()
    assert picked.filter(pl.col("kind") == "school").height <= quota
    assert all(count <= most_per_city for _, count in picked.group_by("city_code").len().rows())
    for out in found.filter(pl.col("eligible") & ~pl.col("selected")).iter_rows(named=True):
        # Nobody is passed over for a worse one of the same kind in the same city.
        same = picked.filter(pl.col("kind") == out["kind"], pl.col("city_code") == out["city_code"])
        assert (same["rank"] < out["rank"]).all()
    assert found["probability"].drop_nulls().is_between(0, 1).all()
    inside = found.filter("eligible")
    assert (inside["rank_low"] <= inside["rank"]).all()
    assert (inside["rank"] <= inside["rank_high"]).all()


@UNTIMED
@given(some_units, st.integers(0, 4), st.integers(1, 3))
def test_more_quota_throws_nobody_of_that_kind_out(
    units: list[dict[str, Any]], quota: int, more: int
) -> None:
    few, many = (
        rules({"school": quota, "university": 1}, 99),
        rules({"school": quota + more, "university": 1}, 99),
    )
    assert chosen(units, few) <= chosen(units, many)


@UNTIMED
@given(some_units.filter(bool), st.data())
def test_doing_better_never_lowers_a_rank(units: list[dict[str, Any]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(units) - 1))
    better, attained = units[place], units[place]["attained"]
    indicator = data.draw(st.sampled_from(sorted(INDICATORS)))
    before = attained.get(indicator, 1.0)
    if before is None:
        return
    raised = better | {
        "attained": {**attained, indicator: data.draw(eighths.filter(lambda new: new >= before))}
    }
    declared = rules({"school": 2, "university": 1})
    was, now = (
        rows(these, declared)[better["unit_code"]]
        for these in (units, [*units[:place], raised, *units[place + 1 :]])
    )
    if was["eligible"]:
        assert now["rank"] <= was["rank"]


@UNTIMED
@given(some_units)
def test_who_leads_in_everything_is_chosen_in_every_alternative(units: list[dict[str, Any]]) -> None:
    others = [
        {**row, "attained": {name: min(row["attained"].get(name) or 0, 0.9) for name in INDICATORS}}
        for row in units
    ]
    leader = rows([*others, unit("L", 1.0)], rules({"school": 1}, 99))["L"]
    assert (leader["selected"], leader["probability"]) == (True, 1.0)
    assert (leader["rank_low"], leader["rank_high"]) == (1, 1)


# ---- the gates ------------------------------------------------------------------------------------------------------------


def missed(gates: Gates = DECLARED.shortlist.gates, score: float = 95.0, **changed: Any) -> list[str]:
    return [gate.obstacle for gate in judge(SOUND | changed, score, gates) if not gate.passes]


def test_a_sound_unit_passes_every_gate() -> None:
    assert missed() == []


@pytest.mark.parametrize(
    ("changed", "obstacle"),
    [
        ({"in_registry": False}, "年末已不在名册中"),
        ({"accepted": 3}, "本年应报4个季度，已采用3个"),
        ({"accepted": 0}, "本年应报4个季度，已采用0个"),
        ({"on_time": 2}, "本年有2个季度未按时报送"),
        ({"red_flags": 2, "red_indicators": "“甲”、“乙”"}, "有2项红色绩效预警：“甲”、“乙”"),
        ({"coverage": 0.5}, "可计算的指标占50%，低于90%"),
        ({"low_quality": "2025Q1=丁级"}, "2025年第一季度数据质量为丁级，数据不足以作为依据"),
        ({"full_years": 0}, "各季度报表均已采用的完整年度只有0个，不足1个"),
        ({"score": 59.9}, "得分为59.90分，低于60分"),
        # cut, not rounded: «60.00分，低于60分» would be read as a fault of the program
        ({"score": 59.9999}, "得分为59.99分，低于60分"),
        ({"score": float("nan")}, "没有得分"),
    ],
)
def test_each_gate_has_its_reason(changed: dict[str, Any], obstacle: str) -> None:
    assert missed(**changed) == [obstacle]


@pytest.mark.parametrize(
    ("quarters", "period", "passes"),
    [("every", "2025Q1", False), ("every", "2025Q4", False), ("last", "2025Q1", True), ("last", "2025Q4", False)],
)  # fmt: skip
def test_which_quarters_must_pass_the_quality_gate_is_declared(
    quarters: str, period: str, passes: bool
) -> None:
    gates = Gates.model_validate({"quality": quarters})
    assert (missed(gates, low_quality=f"{period}=丁级") == []) == passes


@pytest.mark.parametrize(("coverage", "passes"), [(0.9, True), (0.90001, True), (0.899999, False)])
def test_the_gate_of_coverage_is_sharp(coverage: float, passes: bool) -> None:
    assert (missed(coverage=coverage) == []) == passes


@pytest.mark.parametrize("coverage", [0.899999, 0.8961, 0.895])
def test_a_coverage_too_low_is_not_shown_as_enough(coverage: float) -> None:
    """«90%，低于90%» would be read as a fault of the program."""
    (obstacle,) = missed(coverage=coverage)
    shown = Decimal(obstacle.split("占")[1].split("%")[0])
    assert shown < 90


def test_a_gate_that_is_left_out_is_not_asked() -> None:
    bad = {
        "accepted": 0,
        "on_time": 0,
        "red_flags": 9,
        "low_quality": "2025Q4=丁级",
        "full_years": 0,
        "coverage": 0.01,
        "score": 1.0,
    }
    assert missed(ShortlistGates(), **bad) == []
    assert {gate.name for gate in judge(SOUND, 95.0, ShortlistGates())} == {"in_registry", "scored"}


@pytest.mark.parametrize(("score", "passes"), [(60.0, True), (59.999999, False)])
def test_the_least_score_is_sharp_and_leaves_a_seat_empty(score: float, passes: bool) -> None:
    assert (missed(score=score) == []) == passes
    gates = {**rules().shortlist.gates.model_dump(mode="json"), "least_score": "60"}
    found = rows([unit("A", 0.9), unit("B", 0.6), unit("C", 0.59)], rules({"school": 3}, gates=gates))
    assert {code: row["selected"] for code, row in found.items()} == {"A": True, "B": True, "C": False}
    assert found["C"]["reason"] == "未入选：得分为59.00分，低于60分。"


@pytest.mark.parametrize(
    ("changed", "is_past"),
    [
        # when something came, and how many years there have been, no correction changes
        ({"on_time": 3}, True),
        ({"full_years": 0}, True),
        ({"in_registry": False}, True),
        # a quarter that is not closed may still be corrected
        ({"accepted": 3, "missing_periods": "2025Q2"}, False),
        ({"accepted": 3, "missing_periods": "2025Q2", "locked_periods": "2025Q1"}, False),
        ({"accepted": 3, "missing_periods": "2025Q2", "locked_periods": "2025Q1,2025Q2"}, True),
        ({"low_quality": "2025Q1=丁级"}, False),
        ({"low_quality": "2025Q1=丁级,2025Q3=丁级", "locked_periods": "2025Q1"}, True),
        ({"low_quality": "2025Q4=丁级", "locked_periods": "2025Q1"}, False),
        # and with it the year's record
        ({"full_years": 0, "accepted": 3, "missing_periods": "2025Q4"}, False),
        # figures of the year stand once its last quarter is closed
        ({"red_flags": 1, "locked_periods": "2025Q1,2025Q2,2025Q3"}, False),
        ({"red_flags": 1, "locked_periods": "2025Q4"}, True),
        ({"coverage": 0.5}, False),
        ({"coverage": 0.5, "locked_periods": "2025Q4"}, True),
        ({"score": 50.0, "locked_periods": "2025Q4"}, True),
    ],
)  # fmt: skip
def test_what_can_no_longer_be_mended_is_told_from_what_can(changed: dict[str, Any], is_past: bool) -> None:
    gates = judge(SOUND | changed, changed.get("score", 95.0), DECLARED.shortlist.gates)
    assert {gate.is_past for gate in gates if not gate.passes} == {is_past}


def test_every_gate_of_every_candidate_is_published_and_bars_as_it_says() -> None:
    found = lists([A, unit("N", accepted=3, on_time=2)], rules())
    gates = found.gates.filter(pl.col("unit_code") == "N")
    assert dict(gates.filter(~pl.col("passes")).select("gate", "found").rows()) == {
        "missing_quarters": "1个季度未采用（应报4个，已采用3个）", "late_quarters": "2个季度未按时",
    }  # fmt: skip
    assert found.gates.group_by("unit_code").len()["len"].to_list() == [8, 8]
    assert set(DIMENSIONS) == set(found.dimensions["dimension"])
