"""填报负担 (减负, clause S1.4): what filling in costs each unit or branch, and the questions that could be spared."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import markup, parts, reporting_charts
from dashboards.marts import ask
from dashboards.queries import load as queries
from dashboards.scope import Scope
from dashboards.tables import load as tables
from pipelines.exports.load import load_rows, removal_reading, use_rows


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("填报负担", scope)
    left, right, _ = st.columns([2, 3, 2])
    kind = parts.unit_kind(left, scope)
    form = parts.segments(right, "计算范围", "form", list(tables.FORMS), "", lambda code: tables.FORMS[code])
    frame = ask(queries.by_quarter, scope.run, kind, form or None)
    now = frame.filter(pl.col("period") == scope.period).to_dicts()
    if now and now[0]["fillers"]:
        st.html(markup.figures(tables.key_figures(now[0], form)))
    else:
        st.html(markup.empty_state("所选范围内本期没有可以读取的报送，无法计算填报负担。"))
    _quarters(scope, frame, form)
    _removal(scope)


def _quarters(scope: Scope, frame: pl.DataFrame, form: str) -> None:
    parts.section("各季度")
    if not frame.is_empty():
        parts.chart_with_table(
            reporting_charts.load_bars(tables.bars(frame), tables.PARTS, f"{tables.FILLERS[form]}格数"),
            tables.bars_reading(frame, form, scope),
            tables.quarters_table(frame, form),
            "load_quarters",
            scope.file_name("各季度填报负担"),
        )
    st.html(
        markup.note(
            "只统计有可读取报送的单位。预填：按现有名册和此前已采用的答案，报表发出时应已填好的格数；改动含改填和清空。"
            "一季度、三季度只填季度指标项，二季度、四季度加填半年指标项，四季度再加填年度指标项。"
        )
    )
    parts.section("本期分类")
    rows = ask(load_rows, scope.run, scope.period)
    parts.table(tables.kinds_table(rows, scope), "load_kinds", scope.file_name("填报负担分类"))


def _removal(scope: Scope) -> None:
    parts.section("建议研究取消的指标项", "供研究，是否取消由主管部门决定")
    used = ask(use_rows, scope.run)
    proposed = used.filter("suggest_removal")
    parts.reading(removal_reading(proposed, used.height))
    parts.table(tables.removal_table(proposed, scope), "removal", scope.file_name("建议研究取消的指标项"))
    with st.expander("全部指标项的使用情况"):
        parts.table(tables.use_table(used, scope), "question_use", scope.file_name("指标项使用情况"))
