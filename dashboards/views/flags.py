"""The flags of a unit or branch, a tab of its profile: open ones first, then what closed in the period, then earlier ones."""

from __future__ import annotations

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import flags as queries
from dashboards.scope import Scope
from dashboards.tables import flags as tables


def show(scope: Scope, unit: str, branch: str | None) -> None:
    """Draw the tab."""
    code = branch or unit
    asked = (scope.run, code, scope.period, scope.review)
    standing, closed, past = (
        ask(query, *asked) for query in (queries.open_flags, queries.closed_flags, queries.past_flags)
    )
    parts.reading(tables.reading(standing, closed))
    parts.table(tables.open_table(standing, scope, unit, code), "flags", scope.file_name(f"预警_{code}"))
    st.html(markup.heading("本期解除的预警", "原因消除后自动解除", level=3))
    parts.table(tables.closed_table(closed, scope, unit, code), "closed_flags")
    if past.height:
        with st.expander(f"以前解除的预警（{past.height}条）"):
            shown = tables.past_table(past, scope, unit, code)
            parts.table(shown, "past_flags", scope.file_name(f"已解除预警_{code}"))
