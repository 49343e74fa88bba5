"""示范点，试算: other weights, quotas and gates, and what they would choose, beside the official list that they do not touch."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import selection as queries
from dashboards.scope import Scope
from dashboards.tables import selection as tables
from dashboards.views import list_downloads, trial_inputs
from pipelines.failures import UserMistake


def show(scope: Scope, year: int) -> None:
    """Draw the inputs and the result."""
    declared = ask(queries.declared, scope.run, year)
    st.html(
        markup.note(
            "试算只供研究参考，正式名单和规定不变。改动保存在本页网址中，收藏网址，可在本机再次打开同一试算。“条件”一栏清空的，表示该项不作要求。按回车键或点击别处后重新试算。"
        )
    )
    changes = trial_inputs.show(scope, year, declared)
    try:
        with st.spinner("正在按改动后的条件重新计算，请稍候……"):
            tried = ask(queries.tried, scope.run, year, changes)
    except UserMistake as mistake:
        st.html(markup.banner(str(mistake)))
        return
    parts.section("试算结果", "与正式名单对照")
    parts.reading(tables.trial_reading(tried))
    parts.table(tables.trial_table(tried, scope), "trial")
    if tried.words:
        with st.container(horizontal=True):
            list_downloads.show(
                partial(ask, queries.trial_run, scope.run, year, changes),
                year,
                f"试算_三型_示范点名单_{year}",
            )
