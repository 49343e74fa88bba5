"""One indicator of one holder over months, quarters or years: chart, reading, first year against last, table and files.

The part that the page 趋势 and the tab 趋势 of a unit's page share.
"""

from __future__ import annotations

import io
from functools import partial

import polars as pl
import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import trends as queries
from dashboards.scope import Scope
from dashboards.tables import trend_years
from dashboards.tables import trends as tables
from dashboards.tables.trends import Holder, Row
from dashboards.trend_charts import control_chart
from pipelines.exports.trend_points import write_points
from pipelines.marts.published import PublishedRun


def show(scope: Scope, holder: Holder) -> None:
    """Draw the choices and the chart, or why there is none."""
    known = ask(queries.choices, scope.run, holder.kind, holder.code)
    if known.is_empty():
        st.html(markup.empty_state(tables.NO_POINTS))
        return
    choice = _choose(scope, known)
    frame = _points(scope, holder, choice, choice["grain"])
    grain_zh = scope.labels("time_grain", choice["grain"])
    words = tables.reading(frame, choice)
    name = f"趋势_{holder.file}_{choice['label_zh']}_{grain_zh}"
    figure = control_chart(
        tables.trend_frame(frame, choice), choice["unit"], choice["direction"], tables.standard_name(choice, frame),
        choice["grain"] == "year", holder.line,
    )  # fmt: skip
    parts.reading(words)
    parts.chart(figure, "trend", words, scope.file_name(name, "png"))
    shown = tables.points_table(frame, choice, scope)
    notes = tables.notes(frame, choice["grain"], holder.is_group)
    with st.expander("数据表"):
        parts.table(shown, "trend")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "下载各点（.xlsx）",
            partial(
                _xlsx, scope.run, f"{holder.name}：{choice['label_zh']}（按{grain_zh}）", frame, choice, notes
            ),
            scope.file_name(name, "xlsx"),
            parts.XLSX,
            on_click="ignore",
        )
        parts.download(shown, "trend", scope.file_name(name), workbook=False)
    st.html("".join(markup.note(note) for note in notes))
    years = _points(scope, holder, choice, "year")
    st.html(markup.heading("对比前后", "第一个完整年与最近一个完整年", level=3))
    parts.reading(trend_years.before_and_after(years, choice))
    st.html(markup.note(trend_years.yearly_note(known, choice)))


def _choose(scope: Scope, known: pl.DataFrame) -> Row:
    """The indicator and the grain, which stand in the address: the row of `known`."""
    rows = known.to_dicts()
    names = {row["indicator"]: f"{row['clause']}　{row['label_zh']}" for row in rows}
    left, right = st.columns([3, 2], vertical_alignment="top")
    chosen = parts.select(
        left,
        "指标",
        "trend",
        list(names),
        tables.most_telling(known),
        lambda indicator: names[indicator],
        keep=False,
    )
    grains = [row["grain"] for row in rows if row["indicator"] == chosen]
    default = tables.telling_grain(known, chosen)
    grain = parts.segments(
        right, "时间", "grain", grains, default, lambda name: scope.labels("time_grain", name), keep=False
    )
    return next(row for row in rows if (row["indicator"], row["grain"]) == (chosen, grain))


def _points(scope: Scope, holder: Holder, choice: Row, grain: str) -> pl.DataFrame:
    return ask(queries.points, scope.run, holder.kind, holder.code, choice["indicator"], grain)


def _xlsx(run: PublishedRun, title: str, frame: pl.DataFrame, choice: Row, notes: list[str]) -> bytes:
    buffer = io.BytesIO()
    remarks = [("指标", f"{choice['clause']}　{choice['label_zh']}"), ("计量单位", tables.unit_note(choice))]
    write_points(run, title, frame, choice, [*remarks, *(("说明", note) for note in notes)], buffer)
    return buffer.getvalue()
