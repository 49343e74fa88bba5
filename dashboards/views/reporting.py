"""报送情况: who has reported and when, how complete it is, who is to be chased, and which questions stay unanswered."""

from __future__ import annotations

import io
from functools import partial

import streamlit as st

from dashboards import markup, parts, reporting_charts
from dashboards.marts import ask
from dashboards.queries import reporting as queries
from dashboards.queries.registry import cities, previous
from dashboards.scope import Scope
from dashboards.tables import reporting as tables
from pipelines.exports.chase import chase_list, locked_zh, write_chase_list
from pipelines.marts.lookup import period_row
from pipelines.marts.published import PublishedRun

ALL = "全部"
BEHIND = {"owing": "需催报的单位", "late": "逾期报送的单位"}


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("报送情况", scope)
    if locked := locked_zh(ask(period_row, scope.run, scope.period)):
        parts.reading(f"{locked}。")
    kind, city = _narrow(scope)
    now = ask(queries.totals, scope.run, scope.period, kind, city)
    if not now["owed"]:
        st.html(markup.empty_state("所选范围内本期没有应报送的单位。请选择其他单位类型、地区或报告期。"))
        return
    before = ask(previous, scope.run, scope.period)
    past = ask(queries.totals, scope.run, before, kind, city) if before else None
    st.html(markup.figures(tables.key_figures(now, past)))
    _heat_map(scope, kind, city)
    _behind(scope, kind, city)
    _questions(scope, kind, city)


def _narrow(scope: Scope) -> tuple[str | None, str | None]:
    """The kind of unit and the city that the page is about; both stand in the address."""
    names = dict(ask(cities, scope.run).select("city_code", "name").rows())
    left, right, _ = st.columns([2, 2, 3])
    kind = parts.unit_kind(left, scope)
    city = parts.select(
        right, "地区", "city", ["", *names], "", lambda code: names.get(code, ALL), keep=False
    )
    return kind, city or None


def _heat_map(scope: Scope, kind: str | None, city: str | None) -> None:
    parts.section("各地区各季度")
    measure = parts.segments(
        st.container(),
        "显示",
        "heat",
        list(tables.MEASURES),
        "completeness",
        lambda key: tables.MEASURES[key][0],
        shown=False,
    )
    frame = ask(queries.city_quarters, scope.run, scope.period, kind, city)
    parts.chart_with_table(
        reporting_charts.heat_map(tables.tiles(frame, measure), scope.period),
        tables.tiles_reading(frame, measure, scope),
        tables.tiles_table(frame),
        "city_quarters",
        scope.file_name("各地区各季度报送"),
    )
    name, *_, meaning = tables.MEASURES[measure]
    st.html(markup.note(f"{name}：{meaning}。颜色越深越高，最多显示{queries.QUARTERS_SHOWN}个季度。"))


def _behind(scope: Scope, kind: str | None, city: str | None) -> None:
    parts.section("落后的单位", "点名称进入单位画像", on_paper=False)
    opened, panel = parts.tabs("behind", BEHIND)
    if opened == "late":
        with panel:
            frame = ask(queries.late, scope.run, scope.period, kind, city)
            parts.table(tables.late_table(frame, scope), "late", scope.file_name("逾期报送单位"))
        return
    listed = ask(chase_list, scope.run, scope.period)
    rows = [
        row for row in listed.rows if (not kind or row.kind == kind) and (not city or row.city_code == city)
    ]
    with panel:
        parts.reading(tables.owing_reading(listed, rows))
        parts.table(tables.owing_table(listed, rows, scope), "owing", scope.file_name("需催报单位"))
        left, right, _ = st.columns([3, 2, 4], vertical_alignment="bottom")
        names = {office.code: office.name for office in listed.offices}
        office = parts.select(
            left,
            "催报单范围",
            "office",
            ["", *names],
            "",
            lambda code: names.get(code, "全部催办部门"),
            keep=False,
        )
        right.download_button(
            "下载催报单（.xlsx）",
            partial(_xlsx, scope.run, scope.period, office or None),
            scope.file_name(f"催报单_{office}" if office else "催报单", "xlsx"),
            parts.XLSX,
            on_click="ignore",
        )


def _questions(scope: Scope, kind: str | None, city: str | None) -> None:
    parts.section("填得最少的指标项", "可用答案占应填答案的比例由低到高")
    frame = ask(queries.questions, scope.run, scope.period, kind, city)
    parts.reading(tables.questions_reading(frame))
    parts.table(tables.questions_table(frame, scope), "questions", scope.file_name("各指标项完整率"), rows=20)


def _xlsx(run: PublishedRun, period: str, office: str | None) -> bytes:
    buffer = io.BytesIO()
    write_chase_list(run, period, buffer, office)
    return buffer.getvalue()
