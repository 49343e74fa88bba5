"""Work done ahead of the caller: the order stays, the caller's thread alone touches items and results, an error arrives where it belongs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ahead import worked_ahead


@given(st.lists(st.integers(), max_size=8))
def test_each_item_is_worked_in_its_order(items: list[int]) -> None:
    assert list(worked_ahead(lambda item: item * 2, items)) == [item * 2 for item in items]


def test_items_are_taken_by_the_caller_and_the_next_one_while_the_last_is_worked() -> None:
    me, taken, working = threading.get_ident(), [], threading.Event()

    def items() -> Iterator[int]:
        for item in range(3):
            taken.append(threading.get_ident())
            if item == 1:  # taken while item 0 is still in work: who waited for it would wait for ever
                working.set()
            yield item

    def work(item: int) -> bool:
        return working.wait(30) and threading.get_ident() != me

    assert list(worked_ahead(work, items())) == [True] * 3
    assert taken == [me] * 3


def test_a_failure_of_the_work_is_raised_at_its_item() -> None:
    results = worked_ahead(lambda item: 1 // item, [1, 0, 1])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
