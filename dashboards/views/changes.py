"""Part of 总览: what changed since the quarter before, and where to look into it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import changes as queries
from dashboards.queries import worklist
from dashboards.queries.changes import Since
from dashboards.queries.registry import periods, previous
from dashboards.scope import Scope
from dashboards.tables import changes as tables

LISTED = 10


def show(scope: Scope) -> None:
    """Draw the part."""
    before = ask(previous, scope.run, scope.period)
    parts.section("与上季度相比", "点条数进入预警清单，点本季度数值看数字来源", on_paper=False)
    if why := tables.nothing(before, ask(periods, scope.run)["period"][-1], scope):
        st.html(markup.empty_state(why))
        return
    assert before is not None
    since = ask(queries.since, scope.run, scope.period, before)
    compared = ask(queries.compared, scope.run, scope.period)
    moved = ask(queries.moved, scope.run, scope.period)
    flags = queries.new_and_closed(ask(worklist.tally, scope.run, scope.period, scope.review))
    parts.reading(tables.compared_reading(compared, moved, flags, since, scope))
    left, right = st.columns([8, 5], gap="large")
    with left:
        st.html(markup.heading("报送和达标", level=3))
        shown = tables.compared_table(compared, since, scope)
        parts.table(shown, "compared", scope.file_name("与上季度相比"))
        st.html(markup.note(tables.BASIS))
    with right:
        st.html(markup.heading("预警", "新增按级别，解除另计", level=3))
        parts.table(tables.flags_table(flags, scope), "new_flags", scope.file_name("新增和解除的预警"))
    _lists(scope, moved, since)


def _lists(scope: Scope, moved: pl.DataFrame, since: Since) -> None:
    came = ask(queries.arrivals, scope.run, scope.period, since.after, since.until)
    worse, better = (tables.moved_table(moved, since, scope, is_good) for is_good in (False, True))
    arrived = tables.arrivals_table(came, scope)
    titles = {
        "missed": f"{tables.TURNED_ZH[False]}（{len(worse.rows)}项次）",
        "met": f"{tables.TURNED_ZH[True]}（{len(better.rows)}项次）",
        "received": f"更正、补报和未能受理（{len(arrived.rows)}份）",
    }
    opened, panel = parts.tabs("changed", titles)
    with panel:
        if opened == "missed":
            parts.table(worse, "missed_now", scope.file_name(tables.TURNED_ZH[False]), rows=LISTED)
        elif opened == "met":
            parts.table(better, "met", scope.file_name(tables.TURNED_ZH[True]), rows=LISTED)
        else:
            parts.reading(tables.arrivals_reading(queries.counted(came), since, scope))
            parts.table(arrived, "arrivals", scope.file_name("更正、补报和未能受理"), rows=LISTED)
