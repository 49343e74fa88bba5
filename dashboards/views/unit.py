"""单位画像: one unit or branch, with its scores, indicators, branches, flags, submissions and findings."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import charts, markup, parts
from dashboards.marts import ask
from dashboards.queries import grades, registry, reporting
from dashboards.queries import unit as queries
from dashboards.scope import Scope
from dashboards.tables import grades as grades_tables
from dashboards.tables import reporting as reporting_tables
from dashboards.tables import unit as tables
from dashboards.theme import SERIES
from dashboards.views import choosing, flags, source, trend_chart

TABS = {
    "values": "指标", "source": "数字来源", "course": "趋势", "branches": "支部", "flags": "预警", "returns": "报送与问题",
}  # fmt: skip
LEADS_TO = {"indicator": "source", "trend": "course"}  # a link to these opens where they are shown


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("单位画像", scope)
    names = dict(ask(registry.units, scope.run).select("unit_code", "name").rows())
    if not names:
        st.html(markup.empty_state("名册中没有单位。请先接收名册（registry/units.csv）和报送文件。"))
        return
    unit, branch = choosing.unit_and_branch(scope, names, st.container())
    code = branch or unit
    entry = ask(registry.entry, scope.run, code)
    st.html(markup.facts(tables.facts(entry, scope)))
    record = ask(reporting.record, scope.run, unit)
    if branch is None:
        parts.reading(reporting_tables.record_reading(record, scope))
        _scores(scope, code)
    named = (tab for name, tab in LEADS_TO.items() if name in st.query_params)
    opened, panel = parts.tabs("tab", TABS, next(named, "values"))
    with panel:
        match opened:
            case "values":
                _values(scope, unit, branch)
            case "source":
                source.show(scope, unit, branch, ask(queries.values, scope.run, code, scope.period))
            case "course":
                trend_chart.show(scope, choosing.holder(scope, unit, branch))
            case "branches":
                _branches(scope, unit)
            case "flags":
                flags.show(scope, unit, branch)
            case _:
                _returns(scope, unit, branch, record)
    if branch is None:
        _nearest(scope, code)


def _values(scope: Scope, unit: str, branch: str | None) -> None:
    code = branch or unit
    frame = ask(queries.values, scope.run, code, scope.period)
    parts.reading(tables.values_reading(frame))
    asked, waiting = tables.by_turn(frame)
    shown = tables.values_table(asked, scope, unit, branch)
    parts.table(shown, "values", scope.file_name(f"指标_{code}"), rows=200)
    if waiting.height:
        with st.expander(f"本期不填报的指标（{waiting.height}项）"):
            parts.table(tables.waiting_table(waiting, scope), "waiting", rows=200)


def _branches(scope: Scope, unit: str) -> None:
    branches = ask(queries.branches, scope.run, unit, scope.period, scope.review)
    parts.table(tables.branches_table(branches, scope, unit), "branches", scope.file_name(f"支部_{unit}"))


def _returns(scope: Scope, unit: str, branch: str | None, record: pl.DataFrame) -> None:
    code = branch or unit
    received = ask(queries.submissions, scope.run, unit)
    found = ask(queries.findings, scope.run, unit, scope.period, branch)
    st.html(markup.heading("本期校验问题", level=3))
    if words := tables.coverage_reading(ask(queries.outlier_coverage, scope.run, unit, scope.period)):
        parts.reading(words)
    shown = tables.findings_table(found, scope, sent=scope.period in received["period"])
    parts.table(shown, "findings", scope.file_name(f"问题_{code}"))
    st.html(markup.heading("数据质量等级", "只说明数据是否可靠，不评价工作好坏", level=3))
    parts.table(grades_tables.unit_table(ask(grades.of_unit, scope.run, unit), scope), "grades")
    st.html(markup.heading("各期报送记录", level=3))
    parts.table(reporting_tables.record_table(record, scope), "record", scope.file_name(f"报送记录_{unit}"))
    st.html(markup.heading("历次报送", level=3))
    parts.table(tables.submissions_table(received, scope), "submissions")


def _nearest(scope: Scope, code: str) -> None:
    parts.section(
        "最相近的单位",
        f"按规模、类别、支部数和所在地比较，供相互借鉴，不作评价；{tables.SHARED}为与本单位相同",
    )
    frame = ask(queries.nearest, scope.run, code, scope.period)
    parts.table(tables.nearest_table(frame, scope), "nearest", scope.file_name(f"相近单位_{code}"))
    if frame.height > 1:
        link = scope.compare_link("对比各项指标", frame["unit_code"].to_list()[: len(SERIES)])
        st.html(markup.facts([("与相近单位对比", link)]))


def _scores(scope: Scope, code: str) -> None:
    frame = ask(queries.scores, scope.run, code, scope.period)
    parts.section("得分与名次")
    words = tables.scores_reading(frame, scope.run.manifest["selection"]["minimum_peers"])
    parts.reading(words)
    left, right = st.columns([6, 5], gap="large")
    with left:
        parts.table(tables.scores_table(frame, scope), "scores", scope.file_name(f"得分与名次_{code}"))
    drawn = tables.rank_frame(frame, scope)
    if not drawn.is_empty():
        with right:
            parts.chart(charts.rank_ranges(drawn), "ranks", words, scope.file_name(f"名次_{code}", "png"))
