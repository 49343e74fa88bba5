"""Closed periods: who is stopped, from when, and by which of the decisions taken; decisions are kept and never changed."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import Period, load_catalogue
from pipelines.store.closings import CLOSE, EXEMPT, REOPEN, ClosingError, Closings, ClosingStore, Decision

LOCAL_DATE = load_catalogue().calendar.local_date
PERIOD = Period.parse("2025Q4")
DUE = datetime(2026, 1, 20, 15, 59, 59, tzinfo=UTC)
CLOSED = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CLOSE_Q4 = Decision(CLOSE, "2025Q4", CLOSED)
LET_A_IN = Decision(EXEMPT, "2025Q4", CLOSED + 3 * DAY, "A", date(2026, 2, 10), "停电")
REOPEN_Q4 = Decision(REOPEN, "2025Q4", CLOSED + 5 * DAY, reason="误锁")
CLOSE_AGAIN = Decision(CLOSE, "2025Q4", CLOSED + 7 * DAY)


@pytest.mark.parametrize(
    ("decisions", "unit", "period", "received_at", "stopped_on"),
    [
        ([], "A", "2025Q4", CLOSED + DAY, None),
        ([CLOSE_Q4], "A", "2025Q4", CLOSED - DAY, None),
        ([CLOSE_Q4], "A", "2025Q4", CLOSED, None),
        ([CLOSE_Q4], "A", "2025Q4", CLOSED + timedelta(microseconds=1), date(2026, 2, 1)),
        ([CLOSE_Q4], "A", "2025Q3", CLOSED + DAY, None),
        ([CLOSE_Q4], None, None, CLOSED + DAY, None),
        # the exemption: its unit alone, to the end of its last day in the offices' time, and back to the close
        ([CLOSE_Q4, LET_A_IN], "A", "2025Q4", CLOSED + DAY, None),
        ([CLOSE_Q4, LET_A_IN], "A", "2025Q4", datetime(2026, 2, 10, 15, 59, 59, tzinfo=UTC), None),
        ([CLOSE_Q4, LET_A_IN], "A", "2025Q4", datetime(2026, 2, 10, 16, 0, tzinfo=UTC), date(2026, 2, 1)),
        ([CLOSE_Q4, LET_A_IN], "B", "2025Q4", CLOSED + DAY, date(2026, 2, 1)),
        ([LET_A_IN], "A", "2025Q4", CLOSED + DAY, None),
        # reopening takes the close back altogether; closing anew begins anew
        ([CLOSE_Q4, REOPEN_Q4], "B", "2025Q4", CLOSED + DAY, None),
        ([CLOSE_Q4, REOPEN_Q4, CLOSE_AGAIN], "B", "2025Q4", CLOSED + DAY, None),
        ([CLOSE_Q4, REOPEN_Q4, CLOSE_AGAIN], "B", "2025Q4", CLOSED + 8 * DAY, date(2026, 2, 8)),
        ([CLOSE_Q4, LET_A_IN, REOPEN_Q4, CLOSE_AGAIN], "A", "2025Q4", CLOSED + 8 * DAY, date(2026, 2, 8)),
        # a second close of a closed period changes nothing
        ([CLOSE_Q4, CLOSE_AGAIN], "B", "2025Q4", CLOSED + DAY, date(2026, 2, 1)),
    ],
)
def test_who_is_stopped(
    decisions: list[Decision],
    unit: str | None,
    period: str | None,
    received_at: datetime,
    stopped_on: date | None,
) -> None:
    assert Closings(decisions, LOCAL_DATE).stop(unit, period, received_at) == stopped_on


@given(st.permutations([CLOSE_Q4, LET_A_IN, REOPEN_Q4, CLOSE_AGAIN]))
def test_decisions_count_in_the_order_of_their_times(decisions: list[Decision]) -> None:
    assert Closings(decisions, LOCAL_DATE).locks["2025Q4"].closed_at == CLOSE_AGAIN.decided_at


@pytest.fixture
def store(tmp_path: Path) -> ClosingStore:
    return ClosingStore(tmp_path, LOCAL_DATE)


def test_a_decision_is_kept_and_never_changed(store: ClosingStore, tmp_path: Path) -> None:
    assert store.close(PERIOD, CLOSED, DUE)
    assert not store.close(PERIOD, CLOSED + DAY, DUE)
    store.exempt(PERIOD, "A", date(2026, 2, 10), "停电", CLOSED + DAY)
    store.reopen(PERIOD, CLOSED + 2 * DAY, "误锁")
    assert store.current().locks == {}
    files = sorted((tmp_path / "closings").iterdir())
    assert len(files) == 3
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o444 for file in files)


@pytest.mark.parametrize(
    ("decide", "says"),
    [
        (lambda store: store.close(PERIOD, DUE, DUE), "尚未截止"),
        (lambda store: store.reopen(PERIOD, CLOSED, "误锁"), "没有锁定"),
        (lambda store: store.exempt(PERIOD, "A", date(2026, 2, 10), "停电", CLOSED), "没有锁定"),
        (
            lambda store: (store.close(PERIOD, CLOSED, DUE), store.exempt(PERIOD, "A", date(2026, 1, 31), "停电", CLOSED)),
            "早于锁定日期",
        ),
    ],
    ids=["before it is due", "not closed", "nothing to be exempt from", "ends before it begins"],
)  # fmt: skip
def test_what_cannot_be_decided_is_said(store: ClosingStore, decide: object, says: str) -> None:
    assert callable(decide)
    with pytest.raises(ClosingError, match=says):
        decide(store)
