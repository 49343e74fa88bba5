"""总览: how the period stands, and where to look next."""

from __future__ import annotations

import streamlit as st

from dashboards import charts, markup, parts
from dashboards.marts import ask
from dashboards.queries import overview as queries
from dashboards.queries import worklist
from dashboards.queries.registry import previous
from dashboards.scope import Scope
from dashboards.tables import overview as tables
from dashboards.views import changes

LISTED = 10
NEXT = {"flagged": "重点预警单位和支部", "returned": "退回待改正的报送"}


def show(scope: Scope) -> None:
    """Draw the page."""
    run, period = scope.run, scope.period
    parts.title("总览", scope)
    owed = ask(queries.reporting, run, period, "province").to_dicts()
    if not owed:
        st.html(markup.empty_state("本期没有应报送的单位，也没有收到报送。请在左侧选择其他报告期。"))
        return
    before = ask(previous, run, period)
    past = ask(queries.reporting, run, before, "province").to_dicts() if before else []
    st.html(markup.figures(tables.key_figures(owed[0], past[0] if past else None)))
    changes.show(scope)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _map(scope)
    with right:
        _standards(scope)
    left, right = st.columns([4, 9], gap="large")
    with left:
        _flags(scope)
    with right:
        _next(scope, owed[0]["expected"] - owed[0]["received"])


def _map(scope: Scope) -> None:
    parts.section("各地区")
    measure = parts.segments(
        st.container(),
        "显示",
        "measure",
        list(tables.MEASURES),
        "received",
        lambda key: tables.MEASURES[key][0],
        shown=False,
        narrows=False,
    )
    cities = ask(queries.cities, scope.run, scope.period)
    shown = tables.tiles(cities, measure)
    name, meaning = tables.MEASURES[measure]
    parts.chart_with_table(
        charts.tile_map(shown, name),
        tables.map_reading(shown, measure),
        tables.cities_table(cities, scope),
        "cities",
        scope.file_name("分地区"),
    )
    st.html(markup.note(f"{name}：{meaning}。方格大致按地理位置排列。"))


def _standards(scope: Scope) -> None:
    parts.section("各维度达标情况")
    counts = ask(queries.standards_by_dimension, scope.run, scope.period)
    names = [(status, scope.labels("status", status)) for status in tables.SHOWN_STATUSES]
    words = tables.dimensions_reading(counts, scope)
    if counts.is_empty():
        st.html(markup.empty_state(words))
        return
    parts.chart_with_table(
        charts.status_bars(tables.dimension_counts(counts, scope), names),
        words,
        tables.dimensions_table(counts, scope),
        "dimensions",
        scope.file_name("各维度达标"),
    )
    st.html(markup.heading("达标单位最少的标准", level=3))
    parts.table(
        tables.missed_table(ask(queries.missed_standards, scope.run, scope.period, 5), scope), "missed"
    )


def _flags(scope: Scope) -> None:
    parts.section("预警")
    counts = ask(queries.flags_by_kind, scope.run, scope.period, scope.review)
    if counts.is_empty():
        st.html(markup.empty_state(tables.flags_reading(counts, scope)))
        return
    names = [(level, scope.labels("level", level)) for level in queries.LEVELS]
    parts.chart_with_table(
        charts.stacked_counts(tables.flag_counts(counts, scope), names, "条"),
        tables.flags_reading(counts, scope),
        tables.flags_table(counts, scope),
        "flags",
        scope.file_name("预警"),
    )


def _next(scope: Scope, missing: int) -> None:
    parts.section("接下来看什么", "点条数进入预警清单，点名称进入单位画像", on_paper=False)
    tally = ask(worklist.tally, scope.run, scope.period, scope.review)
    st.html(markup.facts(tables.worklist_links(worklist.sums(tally), missing, scope)))
    opened, panel = parts.tabs("next", NEXT)
    with panel:
        if opened == "flagged":
            flagged = ask(queries.flagged_units, scope.run, scope.period, LISTED, scope.review)
            parts.table(tables.flagged_table(flagged, scope), "flagged")
        else:
            table = tables.outstanding_table(ask(queries.outstanding, scope.run, scope.period), scope)
            parts.table(table, "returned", scope.file_name("退回待改正"))
