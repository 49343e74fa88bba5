"""Scores and ranks of units among peers, and the ranks that alternatives and missing figures would allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import load_catalogue
from expectations.models.selection import Selection
from pipelines.selection import scores as scoring
from pipelines.selection.alternatives import Totals
from pipelines.selection.pool import Pool
from pipelines.selection.rank_ranges import rank_range
from pipelines.selection.scores import scores, scores_of_each
from pipelines.warehouse import Warehouse, open_warehouse

UNTIMED = settings(deadline=None, max_examples=60)
DECLARED = load_catalogue().selection
PERIOD = "2025Q4"
# Of each unit: its peer group, and the attainment of three indicators; None where one could not be calculated.
UNITS = st.lists(
    st.tuples(
        st.sampled_from(["small", "large"]),
        st.tuples(*[st.sampled_from([None, 0.0, 0.25, 0.5, 1.0])] * 3),
    ),
    min_size=1,
    max_size=12,
)


def rules(least: int = 2, **alternatives: Any) -> Selection:
    """The declared rules, with ranks for two peers or more."""
    declared = DECLARED.model_dump(mode="json")
    declared["minimum_peers"] = least
    declared["scoring"]["alternatives"] |= {"draws": 60, **alternatives}
    return Selection.model_validate(declared)


# Nothing but what is missing moves a rank.
STILL = rules(weight_share="0", methods=["arithmetic"], leave_out=False)


def terms(units: list[tuple[str, tuple[float | None, ...]]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"period": PERIOD, "unit_code": f"u{n:02d}", "indicator": f"i{k}", "dimension": "learning", "peer_group": group, "attainment": value}
            for n, (group, attained) in enumerate(units)
            for k, value in enumerate(attained)
        ],
        schema_overrides={"attainment": pl.Float64},
    )  # fmt: skip


def scored(
    units: list[tuple[str, tuple[float | None, ...]]], selection: Selection, dimension: str = "total"
) -> list[dict[str, Any]]:
    return scores(terms(units), selection).filter(dimension=dimension).sort("unit_code").to_dicts()


@UNTIMED
@given(UNITS)
def test_ranks_at_best_and_at_worst_are_those_of_a_plain_count(
    units: list[tuple[str, tuple[float | None, ...]]],
) -> None:
    """At best only those stand above whose worst is better than this unit's best; at worst all whose best is better than its worst."""
    found = scored(units, STILL)
    ends = [
        (group, sum(v or 0 for v in attained) / 3, sum(1 if v is None else v for v in attained) / 3)
        for group, attained in units
    ]
    assert len(found) == len(units)
    for n, (row, (group, low, high)) in enumerate(zip(found, ends, strict=True)):
        if row["score"] is None or row["peers"] < 2:
            assert (row["rank"], row["rank_low"], row["rank_high"]) == (None, None, None)
            continue
        others = [end for k, end in enumerate(ends) if k != n and end[0] == group]
        assert row["rank_low"] == 1 + sum(other_low > high for _, other_low, _ in others)
        assert row["rank_high"] == 1 + sum(other_high > low for *_, other_high in others)
        assert row["rank_low"] <= row["rank"] <= row["rank_high"]


@UNTIMED
@given(UNITS)
def test_a_range_holds_the_rank_whatever_the_alternatives(
    units: list[tuple[str, tuple[float | None, ...]]],
) -> None:
    for dimension in ("learning", "total"):
        for row in scored(units, rules(weight_share="0.9"), dimension):
            if row["rank"] is not None:
                assert 1 <= row["rank_low"] <= row["rank"] <= row["rank_high"]


@UNTIMED
@given(UNITS)
def test_missing_figures_only_widen_a_range(units: list[tuple[str, tuple[float | None, ...]]]) -> None:
    """Whatever a missing figure may have been, the range with it lies within the range without it."""
    unknown = scored(units, STILL)
    for guess in (0.0, 1.0):
        known = scored([(g, tuple(guess if v is None else v for v in a)) for g, a in units], STILL)
        for row, sure in zip(unknown, known, strict=True):
            if row["rank"] is not None:
                assert row["rank_low"] <= sure["rank"] <= row["rank_high"]


def test_alternatives_alone_open_a_range_and_dominance_closes_it() -> None:
    """Two that trade places as indicators weigh; a third that is better, and a fourth that is worse in all."""
    four = [("s", (1.0, 1.0, 1.0)), ("s", (0.9, 0.2, 0.5)), ("s", (0.2, 0.89, 0.5)), ("s", (0.1, 0.1, 0.1))]
    found = scored(four, rules())
    assert [(row["rank"], row["rank_low"], row["rank_high"]) for row in found] == [
        (1, 1, 1),
        (2, 2, 3),
        (3, 2, 3),
        (4, 4, 4),
    ]


def test_the_same_seed_gives_the_same_ranges_and_another_may_not() -> None:
    rng = np.random.default_rng(4)
    many = [("s", tuple(float(x) for x in row)) for row in rng.random((40, 3)).round(2)]
    assert scored(many, rules()) == scored(many, rules())
    assert scored(many, rules()) != scored(many, rules(seed=7))


def test_a_unit_that_an_alternative_leaves_nothing_keeps_its_place_there() -> None:
    """Its only indicator is left out in some alternatives."""
    found = scored([("s", (0.5, None, None)), ("s", (0.9, 0.9, 0.9))], rules())
    assert found[0]["rank"] == 2
    assert found[0]["rank_high"] == 2


def test_the_weights_of_the_period_count() -> None:
    declared = DECLARED.model_dump(mode="json")
    declared["scoring"]["changes"] = [
        {"effective_from": "2026-01-01", "weights": {"learning": "1", "service": "0", "innovation": "0", "leadership": "0"}}
    ]  # fmt: skip
    changed = Selection.model_validate(declared)
    rows = [
        {
            "period": period,
            "unit_code": "u",
            "indicator": d,
            "dimension": d,
            "peer_group": "s",
            "attainment": a,
        }
        for period in ("2025Q4", "2026Q1")
        for d, a in (("learning", 1.0), ("service", 0.0))
    ]
    found = scores(pl.DataFrame(rows), changed).filter(dimension="total")
    assert dict(found.select("period", "score").rows()) == {
        "2025Q4": pytest.approx(30 / 0.65, abs=1e-6),
        "2026Q1": 100.0,
    }


@pytest.mark.parametrize(("units", "ranked"), [(7, 0), (8, 8)])
def test_fewer_than_the_least_number_of_peers_have_scores_and_no_ranks(units: int, ranked: int) -> None:
    """One more that could not be scored makes no peer."""
    given = [("s", (n / 10, 0.5, 0.5)) for n in range(units)]
    found = scored([*given, ("s", (None, None, None))], rules(least=8))
    assert sum(row["score"] is not None for row in found) == units
    for column in ("rank", "rank_low", "rank_high"):
        assert sum(row[column] is not None for row in found) == ranked


def test_the_middle_of_the_ranks_is_held() -> None:
    """Of 100 alternatives 4 put the second unit first: the middle 90% does not see them, the middle 98% does."""
    first, second = np.full(100, 6, dtype=np.int32), np.full(100, 5, dtype=np.int32)
    second[:4] = 7
    drawn = np.stack([first, second], axis=1)
    nobody = np.zeros(0, dtype=np.int64)
    totals, ranks = Totals(drawn, drawn[:, nobody], drawn[:, nobody], nobody), np.array([1, 2])
    assert rank_range(totals, ranks, 0.90).low.tolist() == [1, 2]
    assert rank_range(totals, ranks, 0.98).low.tolist() == [1, 1]


def test_a_share_of_each_indicator_in_the_total() -> None:
    pool = Pool.of(
        pl.DataFrame(
            [
                {"unit_code": "u", "indicator": code, "dimension": dimension, "attainment": value}
                for code, dimension, value in [("a", "learning", 1.0), ("b", "learning", 0.5), ("c", "learning", None), ("d", "service", 0.5)]
            ]
        )
    )  # fmt: skip
    shares = pool.shares(np.array([0.30, 0.35, 0.20, 0.15]))
    assert shares[0] == pytest.approx([0.30 / 2 / 0.65, 0.30 / 2 / 0.65, 0, 0.35 / 0.65])
    assert pool.totals(DECLARED.scoring.weights)[0] == pytest.approx(
        100 * (shares * np.nan_to_num(pool.attainment)).sum(), abs=1e-6
    )


# ---- attainment, in SQL ----------------------------------------------------------------------------------------------------


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(None) as opened:
        yield opened


@pytest.mark.parametrize(
    ("changed", "attainment"),
    [
        ({"value": 0.95, "status": "met"}, 1.0),
        ({"value": 0.45}, 0.5),
        ({"value": 3.0, "standard": 6.0, "due_share": 0.5, "status": "on_pace"}, 1.0),
        ({"value": 2.4, "standard": 6.0, "due_share": 0.5, "status": "behind"}, 0.8),
        ({"value": 4.0, "standard": 2.0, "direction": "lower"}, 0.5),
        ({"value": 1.0, "standard": 0.0, "direction": "lower"}, 0.0),
        ({"value": 0.0, "standard": 0.0, "compare": "above"}, 0.0),
        ({"value": 7.0, "standard": None, "status": "not_applicable", "peer_percentile": 0.75}, 0.75),
        ({"value": None, "status": "not_calculable"}, None),
        ({"value": None, "status": "not_applicable"}, "no row"),
        ({"value": None, "status": "not_due"}, "no row"),
        ({"value": 7.0, "standard": None, "status": "not_applicable"}, "no row"),
        # figures that cannot speak for the unit
        ({"value": 0.95, "status": "met", "unit_code": "BARRED"}, None),
        ({"value": 7.0, "standard": None, "status": "not_applicable", "unit_code": "BARRED"}, None),
    ],
)
def test_attainment(warehouse: Warehouse, changed: dict[str, Any], attainment: float | str | None) -> None:
    value = {
        "unit_code": "U", "period": PERIOD, "indicator": "i", "peer_group": "s", "numerator": None, "denominator": None, "value": None,
        "standard": 0.9, "status": "not_met", "direction": "higher", "due_share": 1.0, "peer_percentile": None, "stated": True,
        "compare": "at_least",
    } | changed  # fmt: skip
    kinds = dict.fromkeys(("value", "standard", "peer_percentile", "numerator", "denominator"), pl.Float64)
    warehouse.replace("indicator_values", pl.DataFrame([value], schema_overrides=kinds))
    warehouse.replace(
        "indicator_periods",
        pl.DataFrame([{"period": PERIOD, "indicator": "i", "dimension": "learning", "clause": "L1.1"}]),
    )
    warehouse.replace("dim_unit", pl.DataFrame({"unit_code": ["U", "BARRED"], "kind": ["school"] * 2}))
    warehouse.replace("barred", pl.DataFrame({"unit_code": ["BARRED"], "period": [PERIOD]}))
    warehouse.set_due([PERIOD])
    warehouse.remake_periods("score_terms")
    found = [row[0] for row in warehouse.run("score_terms", "select attainment from score_terms")]
    assert found == ([] if attainment == "no row" else [pytest.approx(attainment)])


def test_processes_score_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of one and of several quarters, and one without a row, come back whole and in their order."""
    quarter = terms([(group, (0.5, place / 9, None)) for place, group in enumerate(["small", "large"] * 4)])
    year = [quarter.with_columns(period=pl.lit(f"2025Q{n}")) for n in range(1, 5)]
    frames = [year[0], quarter.clear(), pl.concat([year[3], year[1]]), year[2]]
    alone = list(scores_of_each(frames, rules()))
    assert [frame["period"].unique().sort().to_list() for frame in alone] == [
        ["2025Q1"], [], ["2025Q2", "2025Q4"], ["2025Q3"],
    ]  # fmt: skip
    monkeypatch.setattr(scoring, "WORTH_PROCESSES", 1)
    shared = list(scores_of_each(frames, rules()))
    assert all(one.equals(other) for one, other in zip(alone, shared, strict=True))
