"""趋势: one indicator of a unit over months, quarters or years, with what is common variation and what is not."""

from __future__ import annotations

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import trends as queries
from dashboards.scope import Scope
from dashboards.tables import trends as tables
from dashboards.trend_charts import control_chart


def show(scope: Scope, code: str) -> None:
    """Draw the tab for a unit or a branch."""
    known = ask(queries.choices, scope.run, code)
    if known.is_empty():
        st.html(markup.empty_state("还没有可以画出趋势的数值：没有采用任何一期的报送。"))
        return
    names = {row["indicator"]: f"{row['clause']}　{row['label_zh']}" for row in known.to_dicts()}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    chosen = parts.select(
        left,
        "指标",
        "trend",
        list(names),
        tables.most_telling(known),
        lambda indicator: names[indicator],
        keep=False,
    )
    grains = [row["grain"] for row in known.to_dicts() if row["indicator"] == chosen]
    default = tables.telling_grain(known, chosen)
    grain = parts.segments(
        right, "时间", "grain", grains, default, lambda name: scope.labels("time_grain", name), keep=False
    )
    choice = next(row for row in known.to_dicts() if (row["indicator"], row["grain"]) == (chosen, grain))
    frame = ask(queries.points, scope.run, code, chosen, grain)
    standard = tables.standard_name(choice, frame)
    figure = control_chart(
        tables.trend_frame(frame, choice), choice["unit"], choice["direction"], standard, grain == "year"
    )
    shown = tables.points_table(frame, choice, scope)
    name = scope.file_name(f"趋势_{code}_{chosen}_{scope.labels('time_grain', grain)}")
    parts.chart_with_table(figure, tables.reading(frame, choice), shown, "trend", name)
    for note in (tables.limits_note(frame), tables.NOTES[grain == "year"]):
        if note:
            st.html(markup.note(note))
