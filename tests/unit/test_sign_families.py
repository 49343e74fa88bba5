"""Which tests stand beside which: the p of one kind of sign is moved neither by many true signs of another, nor by many tests of it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipelines.signs.judge import adjusted_by_kind
from pipelines.signs.model import LEAST_P, Batch, Told, rows
from pipelines.statistics.multiple import benjamini_hochberg

Q = 0.02
HONEST = np.linspace(0.01, 1, 100)


def batch(sign: str, p: list[float], units: list[str] | None = None) -> Batch:
    """Tests of these p, each of a unit of its own, or of these units whose rows are one test."""
    count = len(p)
    frame = rows({
        "scope_kind": ["branch"] * count, "scope_code": [f"B{i}" for i in range(count)], "unit_code": units or [f"U{i}" for i in range(count)],
        "branch_code": [f"B{i}" for i in range(count)], "city_code": [None] * count, "n": [1] * count, "statistic": [None] * count, "p": p,
    })  # fmt: skip
    return Batch(sign, "t", "Q", frame, lambda row: Told("", "", {}), by_unit=units is not None)


def constancy_beside(copies: list[float], p: float) -> float:
    """The adjusted p of one test of constancy among a hundred honest ones, beside these copies, each of a unit of its own."""
    told = adjusted_by_kind([batch("copied_rows", copies), batch("too_constant", [p, *HONEST])])
    return float(told[1][0])


def together(copies: list[float], p: float) -> float:
    """The same if all kinds were one family."""
    return float(benjamini_hochberg(np.array([*copies, p, *HONEST]))[len(copies)])


def test_many_true_copies_loosen_no_bar_for_other_kinds() -> None:
    none, many = [1.0] * 300, [1e-9] * 300
    assert together(many, 0.004) <= Q < together(none, 0.004)
    assert constancy_beside(many, 0.004) == constancy_beside(none, 0.004) > Q


def test_many_honest_rows_raise_no_bar_for_other_kinds() -> None:
    few, many = [1.0] * 3, [1.0] * 30_000
    assert together(few, 5e-5) <= Q < together(many, 5e-5)
    assert constancy_beside(many, 5e-5) == constancy_beside(few, 5e-5) <= Q


def test_the_declared_rate_is_shared_by_the_kinds_that_can_be_judged() -> None:
    alone = adjusted_by_kind([batch("bunching", [0.001, 0.5])])[0]
    assert alone.to_list() == pytest.approx([0.002, 0.5])
    unjudged = adjusted_by_kind([batch("bunching", [0.001, 0.5]), batch("too_constant", [np.nan])])
    assert unjudged[0].to_list() == alone.to_list()
    assert np.isnan(unjudged[1].to_numpy()).all()
    shared = adjusted_by_kind([batch("bunching", [0.001, 0.5]), batch("too_constant", [0.9])])[0]
    assert shared.to_list() == pytest.approx([0.004, 1.0])


def test_a_copied_ledger_is_one_test_however_many_rows_it_has() -> None:
    ledger = [1e-9] * 200 + [0.001] + [1.0] * 99
    units = ["U0"] * 200 + [f"U{i}" for i in range(1, 101)]
    told = adjusted_by_kind([batch("copied_rows", ledger, units)])[0]
    assert (told[:200] <= Q).all()
    assert told[200] > Q >= float(benjamini_hochberg(ledger)[200])


def test_false_signs_of_each_kind_and_of_all_stay_within_the_rate() -> None:
    """Three kinds without a true sign beside one with hundreds: the false share of every list, over many quarters."""
    rng = np.random.default_rng(1)
    false: list[list[float]] = []
    for _ in range(400):
        true = np.concatenate([np.full(200, 1e-8), rng.random(200)])
        kinds = [true, *(rng.random(100) for _ in range(3))]
        told = [
            np.asarray(x) <= Q
            for x in adjusted_by_kind([batch(str(i), p.tolist()) for i, p in enumerate(kinds)])
        ]
        mistaken = [told[0][200:].sum(), *(x.sum() for x in told[1:])]
        each = [m / max(x.sum(), 1) for m, x in zip(mistaken, told, strict=True)]
        false.append([*each, sum(mistaken) / max(sum(x.sum() for x in told), 1)])
    assert (np.mean(false, axis=0) <= Q).all(), np.mean(false, axis=0)


def test_where_nobody_fills_in_any_sign_is_as_rare_as_declared() -> None:
    rng = np.random.default_rng(2)
    any_sign = [
        any(
            (np.asarray(x) <= 0.1).any()
            for x in adjusted_by_kind([batch(str(i), rng.random(60).tolist()) for i in range(4)])
        )
        for _ in range(400)
    ]
    assert np.mean(any_sign) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 400)


def test_a_p_too_small_for_a_number_is_told_as_the_least_one() -> None:
    told = batch("bunching", [0.0, np.nan, 0.5]).rows["p"]
    assert told.to_list() == [LEAST_P, None, 0.5]
    assert isinstance(told, pl.Series)
