"""Reporting measured from values (unit_reporting.sql, question_reporting.sql, reporting.sql): days late, what is owed, and sums that add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_province import PERIOD, Asked, File, Found, Unit, by_unit, computed

IN_TIME, SECOND_LATER, MINUTE_LATE = "2025-10-20T15:59:59", "2025-10-20T16:00:00", "2025-10-20T16:01:00"
OWN = (Asked("A"), Asked("B"), Asked("N", required=False))
FULL: dict[tuple[str, str | None], Any] = {("A", None): 1, ("B", None): 2, ("N", None): 3}
BLOCK, EXPLAIN = Found("block", "A"), Found("explain", "B", cell="D7", explained=False)
Row = dict[str, Any]


def reported(*files: File, is_due: bool = True) -> Row:
    return by_unit(computed([Unit("U")], files, OWN, is_due=is_due)["unit_reporting"])["U"]


@pytest.mark.parametrize(
    ("received", "days", "on_time"),
    [
        (["2025-10-01T00:00:00"], 0, True),
        ([IN_TIME], 0, True),
        ([SECOND_LATER], 1, False),  # midnight in Beijing: another day
        (["2025-10-20T15:59:59.500000"], 1, False),  # late is late, on the due day too
        ([MINUTE_LATE], 1, False),
        (["2025-10-21T15:59:59"], 1, False),  # the last second of the next day there
        (["2025-10-21T16:00:00"], 2, False),
        (["2025-11-10T03:00:00"], 21, False),
        ([IN_TIME, MINUTE_LATE], 0, True),  # a later version does not make the first one late
        ([MINUTE_LATE, "2025-11-10T03:00:00"], 1, False),
        ([], None, False),
    ],
)
def test_days_are_those_of_the_calendars_time_zone(
    received: list[str], days: int | None, on_time: bool
) -> None:
    row = reported(*(File("U", at, answers=FULL) for at in received))
    assert (row["days_late"], row["on_time"], row["n_versions"]) == (days, on_time, len(received))
    assert (
        row["first_received_at"] is None
        if days is None
        else row["first_received_at"].isoformat() == received[0]
    )


@pytest.mark.parametrize(
    ("files", "state", "owes"),
    [
        ([], "not_reported", "report"),
        ([File("U", IN_TIME, refused=True)], "refused", "replacement"),
        ([File("U", IN_TIME, refused=True), File("U", MINUTE_LATE, answers=FULL)], "accepted", "nothing"),
        ([File("U", IN_TIME, answers=FULL)], "accepted", "nothing"),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK])], "returned", "correction"),
        ([File("U", IN_TIME, answers=FULL, findings=[EXPLAIN])], "accepted", "explanation"),
        ([File("U", IN_TIME, answers=FULL, findings=[Found("explain", "B", explained=True)])], "accepted", "nothing"),
        ([File("U", IN_TIME, answers=FULL, findings=[Found("inform", "B")])], "accepted", "nothing"),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK, EXPLAIN])], "returned", "correction"),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK]), File("U", MINUTE_LATE, answers=FULL)], "accepted", "nothing"),
        # a correction that is returned leaves the accepted version standing
        ([File("U", IN_TIME, answers=FULL), File("U", MINUTE_LATE, answers=FULL, findings=[BLOCK])], "accepted", "nothing"),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK]), File("U", MINUTE_LATE, refused=True)], "returned", "correction"),
    ],
)  # fmt: skip
def test_what_a_unit_owes_follows_the_version_that_stands(files: list[File], state: str, owes: str) -> None:
    row = reported(*files)
    assert (row["state"], row["owes"]) == (state, owes)


@pytest.mark.parametrize(
    ("files", "owes"),
    [
        ([], "not_due"),
        ([File("U", IN_TIME, refused=True)], "replacement"),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK])], "correction"),
    ],
)
def test_before_the_due_time_nobody_owes_a_report(files: list[File], owes: str) -> None:
    assert reported(*files, is_due=False)["owes"] == owes


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ([], {"not_reported": 3}),
        ([File("U", IN_TIME, refused=True)], {"not_reported": 3}),
        ([File("U", IN_TIME, answers=FULL)], {"usable": 3}),
        ([File("U", IN_TIME, answers=FULL, findings=[BLOCK])], {"usable": 2, "blocked": 1}),
        (
            [File("U", IN_TIME, answers=FULL, findings=[BLOCK, EXPLAIN])],
            {"usable": 1, "blocked": 1, "unexplained": 1},
        ),
        ([File("U", IN_TIME, answers=FULL | {("B", None): None})], {"usable": 2, "missing": 1}),
        (
            [File("U", IN_TIME, answers=FULL | {("N", None): None})],
            {"usable": 3},
        ),  # an optional cell may be blank
        ([File("U", IN_TIME, answers=FULL, findings=[Found("block", None, "封面", "B3")])], {"blocked": 3}),
    ],
)
def test_every_cell_is_usable_or_says_why_not(files: list[File], counts: dict[str, int]) -> None:
    row = reported(*files)
    names = ("usable", "missing", "blocked", "unexplained", "not_reported")
    assert {name: row[name] for name in names if row[name]} == counts
    assert row["cells"] == sum(counts.values()) == 3
    assert row["completeness"] == counts.get("usable", 0) / 3


def test_places_are_counted_once_and_sheets_as_one() -> None:
    findings = [
        BLOCK,
        Found("block", "A"),
        Found("block", "B", cell="D7"),
        Found("explain", None, "支部台账", None, explained=False),
    ]
    row = reported(File("U", IN_TIME, answers=FULL, findings=findings))
    assert (row["to_correct"], row["to_explain"]) == (2, 1)


# Each unit: kind, city, and a file or none, in time or late, with what is found in it.
WORLDS = st.lists(
    st.tuples(
        st.sampled_from(["school", "university", "city"]),
        st.sampled_from(["320100", "320500"]),
        st.sampled_from([None, IN_TIME, MINUTE_LATE]),
        st.sampled_from([(), (BLOCK,), (EXPLAIN,), (BLOCK, EXPLAIN)]),
        st.booleans(),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=6,
)


# The groups' figures straight from submissions and cells, without the units in between.
GROUPS = """
    with owed as (select unit_code, kind, city_code from dim_unit where kind <> 'branch'),
    sent as (
        select unit_code, bool_or(on_time) as on_time, bool_or(state = 'accepted') as accepted
        from submissions where state <> 'refused' group by unit_code
    ),
    filled as (select unit_code, count(*) as cells, count(*) filter (lacking is null) as usable from cells group by unit_code),
    units as (
        select o.*, s.unit_code is not null as received, coalesce(s.on_time, false) as on_time, coalesce(s.accepted, false) as accepted,
               coalesce(f.cells, 0) as cells, coalesce(f.usable, 0) as usable
        from owed o left join sent s using (unit_code) left join filled f using (unit_code)
    ),
    grouped as (
        select 'province' as group_kind, 'province' as group_code, * from units
        union all select 'city', city_code, * from units
        union all select 'kind', kind, * from units
    )
    select group_kind, group_code, '2025Q3' as period, count(*)::integer as expected, count(*) filter (received)::integer as received,
           count(*) filter (on_time)::integer as on_time, count(*) filter (accepted)::integer as accepted,
           sum(usable) / nullif(sum(cells), 0) as completeness, count(*) filter (on_time) / count(*) as timeliness
    from grouped group by group_kind, group_code
"""


@settings(deadline=None, max_examples=25)
@given(WORLDS)
def test_sums_roll_up_exactly(world: list[tuple[Any, ...]]) -> None:
    asked = (*OWN, Asked("C", branch=True))
    units = [
        Unit(f"U{n}", kind, city, {f"U{n}-{k}": 5 for k in range(branches)})
        for n, (kind, city, *_, branches) in enumerate(world)
    ]
    files = [
        File(
            f"U{n}",
            at,
            answers=FULL | {("C", f"U{n}-{k}"): 1 for k in range(branches)},
            findings=found,
            refused=refused,
        )
        for n, (_, _, at, found, refused, branches) in enumerate(world)
        if at is not None
    ]
    tables = computed(units, files, asked, queries={"groups": GROUPS})
    assert tables["reporting"] == tables["groups"]
    names = ("cells", "usable", "missing", "blocked", "unexplained", "not_reported")
    by_units, by_questions = (
        {name: sum(row[name] for row in tables[table]) for name in names}
        for table in ("unit_reporting", "question_reporting")
    )
    assert by_units == by_questions
    assert by_units["cells"] == sum(by_units[name] for name in names[1:])
    assert by_units["cells"] == sum(3 + branches for *_, branches in world)
    for group_kind, key in (("city", "city"), ("kind", "kind")):
        owed = Counter(getattr(unit, key) for unit in units)
        groups = [row for row in tables["reporting"] if row["group_kind"] == group_kind]
        assert {row["group_code"]: row["expected"] for row in groups} == owed
    (province,) = (row for row in tables["reporting"] if row["group_kind"] == "province")
    assert province["period"] == PERIOD
    assert province["completeness"] == by_units["usable"] / by_units["cells"]
    assert province["on_time"] == sum(at == IN_TIME and not refused for _, _, at, _, refused, _ in world)
