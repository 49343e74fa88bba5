"""What would turn a choice is not only said: done, it turns the choice, by the same choice."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.models.selection import Selection
from pipelines.selection.shortlist import make_lists
from tests.selecting import DIMENSIONS, INDICATORS, NAMES, frames, rows, rules, unit

UNTIMED = settings(deadline=None, max_examples=25)
ZH = {zh: code for code, zh in NAMES.dimensions.items()}
LABELS = {f"指标{code}": code for code in INDICATORS}
WEIGHT = re.compile(r"(\w+)权重由([\d.]+)%(?:提高|降低)到([\d.]+)%（其余按比例调整）时(落选|可以入选)")
FIGURE = re.compile(r"“(\w+)”由([\d.]+)%(?:升|降)到([\d.]+)%时(落选|可以入选)")

tenths = st.integers(1, 10).map(lambda number: number / 10)
some_units = st.lists(
    st.builds(
        lambda code, attained, city, kind: unit(code, attained, city_code=city, kind=kind),
        st.from_regex(r"[A-F][0-9]", fullmatch=True),
        st.dictionaries(st.sampled_from(sorted(INDICATORS)), tenths, min_size=2),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["school", "school", "university"]),
    ),
    min_size=2,
    max_size=7,
    unique_by=lambda row: row["unit_code"],
)


def with_weight(selection: Selection, dimension: str, percent: str) -> Selection:
    """That weight, and the others in proportion."""
    declared = selection.model_dump(mode="json")
    old = {name: Decimal(text) for name, text in declared["scoring"]["weights"].items()}
    new = Decimal(percent) / 100
    weights = {
        name: new if name == dimension else value * (1 - new) / (1 - old[dimension])
        for name, value in old.items()
    }
    # to one, whatever the last digit
    weights[next(name for name in DIMENSIONS if name != dimension)] += 1 - sum(weights.values())
    declared["scoring"]["weights"] = weights
    return Selection.model_validate(declared)


@UNTIMED
@given(some_units, st.integers(1, 3), st.integers(1, 3))
def test_a_weight_that_is_said_to_turn_a_choice_turns_it(
    units: list[dict[str, Any]], quota: int, most_per_city: int
) -> None:
    declared = rules({"school": quota, "university": 1}, most_per_city)
    for code, row in rows(units, declared).items():
        if told := WEIGHT.search(row["what_would_change"]):
            dimension, _, percent, ends = told.groups()
            after = rows(units, with_weight(declared, ZH[dimension], percent))[code]
            assert after["selected"] != row["selected"]
            assert (ends == "落选") == row["selected"]


@UNTIMED
@given(some_units, st.integers(1, 3), st.integers(1, 3))
def test_a_figure_that_is_said_to_turn_a_choice_turns_it(
    units: list[dict[str, Any]], quota: int, most_per_city: int
) -> None:
    """All standards are 90%, of which a figure's attainment is its share."""
    declared = rules({"school": quota, "university": 1}, most_per_city)
    for code, row in rows(units, declared).items():
        if told := FIGURE.search(row["what_would_change"]):
            label, _, percent, _ = told.groups()
            moved = max(0.0, min(1.0, float(Decimal(percent) / 90)))
            changed = [
                one | {"attained": {**one["attained"], LABELS[label]: moved}} if one["unit_code"] == code else one for one in units
            ]  # fmt: skip
            assert rows(changed, declared)[code]["selected"] != row["selected"], row["what_would_change"]


def said(units: list[dict[str, Any]], code: str, selection: Selection) -> str:
    return str(rows(units, selection)[code]["what_would_change"])


A, B, C = unit("A", 0.9), unit("B", 0.8), unit("C", 0.7)


@pytest.mark.parametrize(
    ("units", "code", "selection", "text"),
    [
        ([A, B, C], "A", rules({"school": 3}), "本类名额没有用完，各项条件满足即入选。"),
        ([A, B, C], "B", rules({"school": 2}), "得分比落选线高10.0分；任一维度的权重单独怎样调整都入选"),
        ([A, B, C], "C", rules({"school": 2}), "得分比入选线低10.0分；任一维度的权重单独怎样调整都不能入选"),
        ([A, B, unit("U", kind="university")], "U", rules({"school": 2}), "本类单位不设名额，设置名额后才能入选。"),
        # a kind without a quota has no seat, whoever else is eligible in it
        ([A, unit("U", kind="university", on_time=3)], "U", rules({"school": 2}), "如无上述情形，仍不能入选：本类单位不设名额。"),
        ([A, unit("U", kind="university", on_time=3)], "U", rules({"school": 2, "university": 0}), "如无上述情形，仍不能入选：本类单位不设名额。"),
        # last of its kind, it would still come before the city is full
        ([unit(code, 0.5, city_code=city, kind=kind) for code, city, kind in (("A", "1", "school"), ("C", "2", "school"), ("T", "2", "university"), ("U", "1", "university"))],
         "A", rules({"school": 2, "university": 1}, 1), "本类名额没有用完，各项条件满足即入选。"),
        # its city is full before its kind has a turn
        ([A, unit("U", 0.99, kind="university")], "U", rules({"school": 3, "university": 1}, 1), "本市名额在轮到本类第1名之前已经用完，得分再高也不能入选。"),
        ([A, unit("U", kind="university", red_flags=1)], "U", rules({"school": 3, "university": 1}, 1), "届时按得分排同类第1名，仍不能入选。"),
        ([A, unit("U", kind="university", red_flags=1)], "U", rules({"school": 3, "university": 1}, 2), "届时按得分排同类第1名，可以入选。"),
        ([A, unit("E", 0.9)], "E", rules({"school": 1}), "得分与入选线相同，按并列规则未入选"),
        ([A, unit("N", 0.95, on_time=3)], "N", rules({"school": 1}), "下列情形本年度已无法改变：本年有1个季度未按时报送。如无上述情形，按得分排同类第1名，可以入选。"),
        ([A, unit("N", 0.2, on_time=3)], "N", rules({"school": 1}), "如无上述情形，按得分排同类第2名，仍不能入选。"),
        ([A, unit("N", 0.2, red_flags=1)], "N", rules({"school": 1}), "须先消除下列情形：有1项红色绩效预警。届时按得分排同类第2名，仍不能入选。"),
        ([A, unit("N", 0.95, on_time=3, red_flags=1)], "N", rules({"school": 1}),
         "下列情形本年度已无法改变：本年有1个季度未按时报送。另须先消除下列情形：有1项红色绩效预警。如无上述情形，按得分排同类第1名，可以入选。"),
        # its city is full, and the line is the city's own
        ([A, B, unit("E", 0.5, city_code="2")], "B", rules({"school": 2}, 1), "得分比入选线低10.0分"),
    ],
)  # fmt: skip
def test_what_is_said(units: list[dict[str, Any]], code: str, selection: Selection, text: str) -> None:
    assert text in said(units, code, selection)


def strict(code: str, attained: Any = 1.0, **changed: Any) -> dict[str, Any]:
    """A unit whose standards, all 90%, are such that a miss is a red flag."""
    return unit(code, attained, **changed) | {"red_if_missed": True}


FALLEN = "“指标innovation_1”现为90%，一旦未达到标准（90%）并构成红色绩效预警，即因不符合资格条件而落选。"


@pytest.mark.parametrize(
    ("units", "code", "changed", "text"),
    [
        # the fall under the standard comes before any fall that the score would notice
        ([strict("A"), B], "A", {}, FALLEN),
        ([strict("A")], "A", {}, f"本类名额没有用完，各项条件满足即入选；{FALLEN}"),
        # who is not chosen, or whose miss is no red flag, or where none is barred: as the score has it
        ([strict("A", 0.82), strict("B", 0.8)], "B", {}, "“指标service_1”由72%升到82.3%时可以入选。"),
        ([unit("A"), B], "A", {}, "没有哪一项指标单独下降会使其落选。"),
        ([strict("A"), B], "A", {"red_flags": None}, "没有哪一项指标单独下降会使其落选。"),
        ([strict("A"), B], "A", {"red_flags": 1}, "没有哪一项指标单独下降会使其落选。"),
        ([strict("A", red_flags=1, red_indicators="“指标learning_1”"), B], "A", {"red_flags": 1}, FALLEN),
        # a red flag that is there already is not raised again
        ([strict("A", red_flags=1, red_indicators="“指标innovation_1”"), B], "A", {"red_flags": 1}, FALLEN.replace("innovation_1", "innovation_2")),
        # under the standard already, without proof: the gate may bar it first
        ([strict("A", 0.9), unit("B", 0.85)], "A", {}, "时落选（该项现未达到标准（90%），构成红色绩效预警的，即不符合资格条件）。"),
    ],
)  # fmt: skip
def test_a_fall_under_a_standard_that_the_gate_asks_for_is_told_first(
    units: list[dict[str, Any]], code: str, changed: dict[str, Any], text: str
) -> None:
    gates = {**rules().shortlist.gates.model_dump(mode="json"), **changed}
    assert text in said(units, code, rules({"school": 1}, gates=gates))


def test_a_figure_far_above_its_standard_is_not_the_one_that_is_told_of() -> None:
    """Of falls under standards, the one that begins nearest."""
    declared, (candidates, terms) = rules({"school": 1}), frames([strict("A"), B])
    high = terms.with_columns(value=pl.when(pl.col("indicator") == "service_2").then(0.91).otherwise(1.0))
    found = make_lists(candidates, high, NAMES, declared).shortlist.filter(unit_code="A")
    assert "“指标service_2”现为91%，一旦未达到标准（90%）" in found["what_would_change"][0]


def test_strengths_and_gaps_are_named_by_clause() -> None:
    found = rows(
        [unit("A", {"learning_1": 0.5}), unit("B", {"service": 0.5}), unit("C", {"service": 0.5})], rules()
    )
    assert found["A"]["gaps"] == "条款L1.1“条款learning_1”失7.5分"
    # 0.35 / 2 of the total each; two of three have half of it: the mean is 2/3
    assert (
        found["A"]["strengths"]
        == "条款S1.1“条款service_1”高于同类平均5.8分、条款S2.1“条款service_2”高于同类平均5.8分"
    )
    assert found["B"]["strengths"] == "条款L1.1“条款learning_1”高于同类平均2.5分"
    assert rows([unit("A", 1.0)], rules())["A"]["gaps"] is None
