"""数据质量: what is wrong with the period's data, where it stands, and how to mend it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import charts, markup, parts, search
from dashboards.marts import ask
from dashboards.queries import grades, overview
from dashboards.queries import quality as queries
from dashboards.scope import Scope
from dashboards.tables import grades as grades_tables
from dashboards.tables import quality as tables
from pipelines.settings import Settings


def show(scope: Scope) -> None:
    """Draw the page."""
    run, period = scope.run, scope.period
    parts.title("数据质量", scope)
    by_rule, by_kind = ask(queries.by_rule, run, period), ask(queries.by_kind, run, period)
    refused = ask(queries.refused, run, period)
    st.html(markup.figures(tables.key_figures(by_rule, by_kind, refused.height, scope)))
    left, right = st.columns(2, gap="large")
    with left:
        _rules(scope, by_rule)
    with right:
        _cities(scope)
    _grades(scope)
    parts.section("按单位类型")
    parts.table(tables.kinds_table(by_kind, scope), "kinds")
    _findings(scope, by_rule)
    _documents(scope)
    parts.section("未能受理的文件", "本期的，以及无法辨认报告期的")
    parts.table(tables.refused_table(refused, scope), "refused", scope.file_name("未能受理文件"))


def _rules(scope: Scope, by_rule: pl.DataFrame) -> None:
    parts.section("按规则", "只统计各单位最新一版")
    if by_rule.is_empty():
        st.html(markup.empty_state(tables.rules_reading(by_rule)))
        return
    names = [(code, scope.labels("severity", code)) for code in tables.SEVERITIES]
    parts.chart_with_table(
        charts.stacked_counts(tables.rules_frame(by_rule), names, "个"),
        tables.rules_reading(by_rule),
        tables.rules_table(by_rule, scope),
        "rules",
        scope.file_name("问题分规则"),
    )


def _cities(scope: Scope) -> None:
    parts.section("各地区完整率与按时率")
    shown = tables.cities_frame(ask(overview.cities, scope.run, scope.period))
    if shown.is_empty():
        st.html(markup.empty_state(tables.cities_reading(shown)))
        return
    parts.chart_with_table(
        charts.paired_dots(shown, ("完整率", "按时率")),
        tables.cities_reading(shown),
        tables.cities_table(shown, scope),
        "quality_cities",
        scope.file_name("完整率按时率"),
    )


def _grades(scope: Scope) -> None:
    parts.section("数据质量等级", "评定用于计算的一版")
    distribution = ask(grades.distribution, scope.run, scope.period)
    parts.reading(grades_tables.reading(distribution, ask(grades.formula, scope.run, scope.period), scope))
    parts.table(grades_tables.distribution_table(distribution, scope), "grades")
    under = ask(grades.under_gate, scope.run, scope.period)
    if not under.is_empty():
        shown = grades_tables.under_gate_table(under, scope)
        parts.table(shown, "under_gate", scope.file_name("未达到采信要求的单位"))


def _documents(scope: Scope) -> None:
    parts.section("校验文档", "Great Expectations 生成，按规则列出校验结果")
    address = Settings().docs_address
    if address is None:
        st.html(markup.note("请用 sanxing dashboard 打开看板，以便查看校验文档。"))
        return
    st.link_button(f"打开{scope.period_zh}校验文档", f"{address}/{scope.period}/", icon=":material/rule:")


def _findings(scope: Scope, by_rule: pl.DataFrame) -> None:
    parts.section("问题清单")
    rules = {row["rule"]: row["rule_zh"] or row["rule"] for row in by_rule.to_dicts()}
    first, second, third = st.columns([2, 3, 3])
    severity = parts.select(
        first,
        "程度",
        "severity",
        ["", *tables.SEVERITIES],
        "",
        lambda code: scope.labels("severity", code) if code else "全部",
    )
    rule = parts.select(second, "规则", "rule", ["", *rules], "", lambda code: rules.get(code, "全部"))
    text = parts.typed(
        third, "查找", "find", "单位名称、代码、拼音首字母，指标项代码或问题中的文字", search.LONGEST
    )
    by_name = ask(search.found, scope.run, text) if text else None
    listed = queries.narrowed(
        ask(queries.findings, scope.run, scope.period), severity or None, rule or None, text, by_name
    )
    parts.table(tables.findings_table(listed, scope), "findings", scope.file_name("问题清单"))
