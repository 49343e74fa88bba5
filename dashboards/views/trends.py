"""趋势: whether the province, a city, a kind of unit, a unit or a branch gets better or worse, and by more than its usual variation."""

from __future__ import annotations

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import registry
from dashboards.queries import trends as queries
from dashboards.scope import Scope
from dashboards.tables import trend_overview as tables
from dashboards.tables.trends import NO_POINTS, Holder
from dashboards.views import choosing, trend_chart
from pipelines.exports.trend_signals import TOO_FEW

PLACES = {"province": "全省", "city": "设区市", "kind": "单位类型", "unit": "单位或支部"}
KINDS = ("city", "university", "school")


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("趋势", scope)
    holder = _choose(scope)
    if holder is None:
        return
    known = ask(queries.choices, scope.run, holder.kind, holder.code)
    if known.is_empty():
        st.html(markup.empty_state(f"{holder.name}：{NO_POINTS}"))
        return
    rows = tables.newest(known)
    st.html(markup.figures(tables.counts(rows)))
    trend_chart.show(scope, holder)
    parts.section("各项指标", "各项的最近一点与自身以往相比；点指标名看它的图")
    judged, waiting = ([row for row in rows if (row["band"] == TOO_FEW) == few] for few in (False, True))
    parts.table(tables.overview_table(judged, holder, scope), "judged", rows=200)
    if waiting:
        with st.expander(f"{tables.BANDS[TOO_FEW]}（{len(waiting)}项）"):
            parts.table(tables.overview_table(waiting, holder, scope, "（暂不判断）"), "waiting", rows=200)
    shown = tables.overview_table(rows, holder, scope)
    parts.download(shown, "trends", scope.file_name(f"趋势一览_{holder.file}"))
    st.html(markup.note(tables.NOTE))
    if holder.is_group:
        _flagged(scope, holder)


def _choose(scope: Scope) -> Holder | None:
    """Whose trends; all choices stand in the address. None where there is nothing to choose from, which is said."""
    left, right = st.columns([2, 4], vertical_alignment="top")
    default = "unit" if "unit" in st.query_params else "province"
    place = parts.segments(left, "范围", "scope", list(PLACES), default, lambda name: PLACES[name])
    if place == "province":
        return Holder(place, place, PLACES[place], (("scope", place),))
    if place == "kind":
        kind = parts.select(
            right, "单位类型", "kind", KINDS, KINDS[0], lambda code: scope.labels("kind", code)
        )
        return Holder(place, kind, scope.labels("kind", kind), (("scope", place), ("kind", kind)))
    if place == "city":
        cities = dict(ask(registry.cities, scope.run).select("city_code", "name").rows())
        if not cities:
            st.html(markup.empty_state("还没有设区市的名册。请先运行 sanxing run。"))
            return None
        city = parts.select(
            right, "设区市", "city", list(cities), next(iter(cities)), lambda code: cities[code]
        )
        return Holder(place, city, cities[city], (("scope", place), ("city", city)))
    names = dict(ask(registry.units, scope.run).select("unit_code", "name").rows())
    if not names:
        st.html(markup.empty_state("名册中没有单位。请先接收名册（registry/units.csv）和报送文件。"))
        return None
    unit, branch = choosing.unit_and_branch(scope, names, right)
    return choosing.holder(scope, unit, branch)


def _flagged(scope: Scope, holder: Holder) -> None:
    """Which units and branches of the group have a trend flag that began in the period."""
    parts.section("新出现的趋势预警", f"{scope.period_zh}，按级别排列；点名称看它的图")
    asked = (scope.run, holder.kind, holder.code, scope.period)
    members, flagged = ask(queries.members, *asked), ask(queries.newly_flagged, *asked)
    if not members:
        st.html(markup.empty_state(f"{scope.period_zh}{holder.name}没有单位。"))
        return
    parts.reading(tables.flagged_reading(flagged, members, holder, scope))
    shown = tables.flagged_table(flagged, holder, scope)
    if flagged.height:
        parts.table(shown, "flagged", scope.file_name(f"趋势预警_{holder.file}"))
