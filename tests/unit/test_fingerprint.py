"""What counts as the same cell after an office program has opened and saved it, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exports.fingerprint import cell_text, digests, row_digest, rows_digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (91.25, "91.25"),
        (0.1 + 0.2, 0.3),
        (-0.0, 0),
        (None, ""),
        (" 南京市 ", "南京市"),
        (1e-7, "1E-07"),
        (0.007246376811594203, "0.007246376811594203"),
    ],
)
def test_the_same(one: object, other: object) -> None:
    assert cell_text(one) == cell_text(other)


@pytest.mark.parametrize(
    ("one", "other"), [("001", "1"), ("1.0", "1.1"), ("=1", "1"), ("是", "否"), (0.3333, 0.3334), ("+1", "1")]
)
def test_not_the_same(one: object, other: object) -> None:
    assert cell_text(one) != cell_text(other)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_number_survives_sixteen_digits_and_text(value: float) -> None:
    assert cell_text(float(f"{value:.16G}")) == cell_text(value)
    assert cell_text(f"{value:.16G}") == cell_text(value) or abs(value) < 1e-20 or abs(value) >= 1e12


@given(st.lists(st.lists(st.text(max_size=4), max_size=3), max_size=5), st.randoms())
def test_the_order_of_rows_counts_for_nothing(rows: list[list[str]], random: object) -> None:
    moved = list(rows)
    random.shuffle(moved)  # type: ignore[attr-defined]
    assert rows_digest(digests(rows)) == rows_digest(digests(moved))


def test_cells_do_not_run_into_each_other_and_empty_ones_at_the_end_count_for_nothing() -> None:
    assert row_digest(["ab", "c"]) != row_digest(["a", "bc"])
    assert row_digest(["a", None, ""]) == row_digest(["a"])
    assert row_digest([None, "a"]) != row_digest(["a"])
