"""The control chart of one indicator: values, centre, limits, standard, peers, and signals by shape, name and colour."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import empty_figure, inert
from dashboards.theme import ACCENT, LINE, MEDIAN, MUTED, PAPER, SEVERITY, STATUS
from pipelines.exports.trend_signals import tone_of

# Shapes that stay apart in print: one a signal, the trend's with its direction.
_SHAPES = {
    ("astronomical", "high"): "diamond",
    ("astronomical", "low"): "diamond",
    ("shift", "high"): "square",
    ("shift", "low"): "square",
    ("trend", "high"): "triangle-up",
    ("trend", "low"): "triangle-down",
    ("two_of_three", "high"): "cross",
    ("two_of_three", "low"): "cross",
}
_PLAIN = {"size": 7, "color": PAPER, "line": {"width": 2, "color": ACCENT}}


def control_chart(
    frame: pl.DataFrame, unit: str, direction: str, standard: str, is_year: bool, own: str = "本单位"
) -> go.Figure:
    """The points in time with their lines.

    Columns: point, value, centre, lower, upper, standard, peer_median, signal, side, name, text. A point without a value leaves its
    place empty. standard, own: what these lines are called; direction: which side is the better one.
    """
    scale = 100 if unit == "%" else 1
    labels = frame["point"].to_list()
    figure = empty_figure(340)
    if not is_year and frame["lower"].drop_nulls().len():
        _band(figure, frame, labels, scale)
    centre = "各年平均" if is_year else "中心线"
    for key, name, line in (
        ("centre", centre, {"width": 1.5, "color": MUTED}),
        ("standard", standard, {"width": 1.5, "color": SEVERITY["block"], "dash": "dash"}),
        ("peer_median", "同类中位数", {"width": 1.5, "color": MEDIAN, "dash": "dashdot"}),
    ):
        if frame[key].drop_nulls().len():
            figure.add_scatter(
                x=labels, y=_scaled(frame[key], scale), mode="lines", name=name, line=line, hoverinfo="skip",
                connectgaps=key != "standard",
            )  # fmt: skip
    figure.add_scatter(
        x=labels,
        y=_scaled(frame["value"], scale),
        mode="lines+markers",
        name=inert(own),
        line={"color": ACCENT, "width": 2},
        marker=_PLAIN,
        hovertext=[_hover(text) for text in frame["text"]],
        hoverinfo="text",
    )
    _signals(figure, frame, direction, scale)
    figure.update_yaxes(ticksuffix=inert(unit))
    figure.update_xaxes(
        type="category", showgrid=False, categoryorder="array", categoryarray=labels, nticks=20
    )
    return figure


def _band(figure: go.Figure, frame: pl.DataFrame, labels: list[str], scale: int) -> None:
    """The limits, with what lies between them shaded: that is where common variation stays."""
    line = {"width": 1.2, "color": MUTED, "dash": "dot"}
    figure.add_scatter(
        x=labels, y=_scaled(frame["upper"], scale), mode="lines", name="控制上限", line=line, hoverinfo="skip",
        showlegend=False, connectgaps=True,
    )  # fmt: skip
    figure.add_scatter(
        x=labels, y=_scaled(frame["lower"], scale), mode="lines", name="控制上限和下限", line=line,
        fill="tonexty", fillcolor=_wash(), hoverinfo="skip", connectgaps=True,
    )  # fmt: skip


def _signals(figure: go.Figure, frame: pl.DataFrame, direction: str, scale: int) -> None:
    """Each kind of signal as marks of its own, over the plain ones."""
    for (signal, side), shape in _SHAPES.items():
        part = frame.filter(pl.col("signal") == signal, pl.col("side") == side)
        if part.is_empty():
            continue
        figure.add_scatter(
            x=part["point"].to_list(),
            y=_scaled(part["value"], scale),
            mode="markers",
            name=inert(part["name"][0]),
            marker={
                "symbol": shape,
                "size": 12,
                "color": STATUS["met" if tone_of(side, direction) == "better" else "not_met"],
                "line": {"width": 1, "color": PAPER},
            },
            hovertext=[_hover(text) for text in part["text"]],
            hoverinfo="text",
        )


def _scaled(values: pl.Series, scale: int) -> list[float | None]:
    return [None if value is None else float(value) * scale for value in values]


def _hover(text: str) -> str:
    """Text of ours with line breaks, everything else inert."""
    return "<br>".join(escape(part, quote=False) for part in text.split("<br>"))


def _wash() -> str:
    """The colour of lines, thin enough to read through."""
    red, green, blue = (int(LINE[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.35)"
