"""条款与指标: the policy, clause by clause, as it is asked and measured."""

from __future__ import annotations

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import clauses as queries
from dashboards.queries.registry import DIMENSIONS
from dashboards.scope import Scope
from dashboards.tables import clauses as tables


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("条款与指标", scope, with_period=False)
    everything = ask(queries.clauses, scope.run)
    parts.reading(tables.reading(everything, scope))
    options = ["", *(name for name in DIMENSIONS if name != "total")]
    left, right = st.columns(2, vertical_alignment="bottom")
    dimension = parts.segments(
        left,
        "维度",
        "dimension",
        options,
        "",
        lambda code: scope.labels("dimension", code) if code else "全部",
    )
    text = right.text_input("查找", placeholder="条款号、条款内容、指标项或指标名称", key="clause_text")
    shown = queries.narrowed(everything, dimension or None, text)
    st.html(markup.note(f"显示{len(shown)}条。"))
    parts.table(
        tables.table(shown, scope),
        "clauses",
        f"三型_条款与指标_{scope.run.manifest['catalogue']['version']}.csv",
        rows=200,
    )
