"""示范点: the year's list, the candidates that were not chosen, and the file to take along; beside it a trial, and the contact points."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import charts, markup, parts
from dashboards.marts import ask
from dashboards.scope import Scope
from dashboards.tables import shortlist as tables
from dashboards.views import contact_points, list_downloads, what_if
from pipelines.exports.labels import Labels
from pipelines.exports.list_rules import method
from pipelines.exports.shortlist import shortlist_rows, shortlist_years
from pipelines.marts.published import PublishedRun

TALL_ROWS = 25  # a page of rows that are many lines high
VIEWS = {"list": "正式名单", "trial": "试算", "contacts": "联系点"}


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("示范点", scope, with_period=False)
    years = [str(year) for year in ask(shortlist_years, scope.run)]
    if not years:
        st.html(markup.empty_state("还没有示范点名单：名单每年一份，在第四季度的报送处理后生成。"))
        return
    current = scope.period[:4]
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    default = current if current in years else years[0]
    year = int(parts.select(left, "年度", "year", years, default, lambda code: f"{code}年度"))
    view = parts.segments(right, "内容", "view", list(VIEWS), "list", lambda code: VIEWS[code])
    if view == "trial":
        what_if.show(scope, year)
    elif view == "contacts":
        contact_points.show(scope, year)
    else:
        _official(scope, year)


def _official(scope: Scope, year: int) -> None:
    frame = ask(shortlist_rows, scope.run, year)
    with st.container(horizontal=True):
        list_downloads.show(lambda: scope.run, year, f"三型_示范点名单_{year}")
    parts.reading(tables.reading(frame, year))
    _lists(scope, frame, year)


def _lists(scope: Scope, frame: pl.DataFrame, year: int) -> None:
    left, right = st.columns([5, 6], gap="large")
    with left:
        parts.section("名额与入选")
        parts.table(tables.quotas_table(frame, scope, year), "quotas")
    drawn = ask(_drawn, scope.run, year)
    if not drawn.is_empty():
        with right:
            parts.section("候选单位得分", "一点为一个候选单位")
            name = f"三型_候选单位得分_{year}"
            parts.chart(charts.score_strip(drawn), "strip", tables.reading(frame, year), name)
            with st.expander("数据表"):
                parts.table(tables.scores_table(frame, scope), "scores", f"{name}.csv")
    parts.section(f"{year}年度名单")
    chosen = tables.candidates_table(frame.filter("selected"), scope, "名单", "本年度没有单位入选。")
    parts.table(chosen, "chosen")
    near = frame.filter("near_miss").sort("kind", "rank")
    if not near.is_empty():
        parts.section("接近入选的单位", "各类未入选单位中名次最前的几个")
        parts.table(tables.candidates_table(near, scope, "接近入选", ""), "near")
    parts.section("未入选的候选单位及理由")
    others = tables.candidates_table(
        frame.filter(pl.col("selected").not_()), scope, "未入选", "所有候选单位都已入选。"
    )
    parts.table(others, "others", rows=TALL_ROWS)
    with st.expander("方法与参数"):
        st.html(markup.facts([*method(scope.run, year)]))


def _drawn(run: PublishedRun, year: int) -> pl.DataFrame:
    """What the chart of the candidates draws, remembered: each of thousands of scores is rounded as the table rounds it."""
    return tables.strip_frame(ask(shortlist_rows, run, year), Labels.of(run))
