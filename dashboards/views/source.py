"""数字来源: one indicator of a unit, how it is made, how it has gone, and the cells behind it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import charts, markup, parts
from dashboards.marts import ask
from dashboards.queries import unit as queries
from dashboards.scope import Scope
from dashboards.tables import source as tables
from pipelines.exports.trace import formula
from pipelines.marts.behind import answers_behind, terms


def show(scope: Scope, unit: str, branch: str | None, frame: pl.DataFrame) -> None:
    """Draw the tab; `frame` holds the indicators of the unit (or of its branch) in this period."""
    values = {row["indicator"]: row for row in frame.to_dicts()}
    if not values:
        st.html(markup.empty_state("本期没有指标，因此没有可以追溯的数字。"))
        return
    weak = [code for code, row in values.items() if row["status"] in ("not_met", "behind")]
    chosen = parts.select(
        st.container(),
        "指标",
        "indicator",
        list(values),
        (weak or list(values))[0],
        lambda code: f"{values[code]['clause']}　{values[code]['label_zh']}",
        keep=False,
    )
    row = values[chosen]
    st.html(markup.facts(tables.source_facts(row, scope)))
    st.html(markup.facts(formula(ask(terms, scope.run, chosen))))
    if row["reason"]:
        parts.reading(f"说明：{row['reason']}")
    past = ask(queries.history, scope.run, branch or unit, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        st.html(markup.heading("历史", level=3))
        words = tables.history_reading(past, row, scope)
        if past.is_empty():
            st.html(markup.empty_state(words))
        else:
            parts.chart_with_table(
                charts.history(
                    tables.history_frame(past, row), row["unit"], "本支部" if branch else "本单位"
                ),
                words,
                tables.history_table(past, row, scope),
                "history",
                scope.file_name(f"历史_{branch or unit}_{row['label_zh']}"),
            )
    with right:
        st.html(markup.heading("各支部", level=3))
        by_branch = ask(queries.branch_values, scope.run, unit, scope.period, chosen)
        parts.table(tables.branch_values_table(by_branch, row, scope, unit), "by_branch")
    st.html(markup.heading("数字来自哪些单元格", "本年截至本期、用于计算的版本", level=3))
    answers = ask(answers_behind, scope.run, unit, branch, scope.period, chosen)
    name = scope.file_name(f"来源_{branch or unit}_{chosen}")
    parts.table(tables.answers_table(answers, scope, row["label_zh"]), "answers", name)
