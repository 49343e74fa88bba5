"""Units side by side: a mark a unit in each indicator, with its interval, the standard and the peers' median. No Streamlit and no queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import inert
from dashboards.theme import MUTED, PAPER, SERIES, SEVERITY, TEMPLATE, WASH

Trace = dict[str, Any]

LANE = 14  # pixels a unit takes in a line
BETWEEN = 16  # pixels between lines
TITLE = 48  # pixels for the title of a panel and the numbers under the one above
PANELS = 3  # small multiples side by side
STANDARD = {"color": SEVERITY["block"], "width": 2}
MEDIAN = {"color": MUTED, "width": 2}
TICKS = {
    "标准": ("line-ns", LANE, STANDARD),
    "同类中位数": ("cross-thin", LANE * 0.7, MEDIAN),
}  # apart by shape, too
LEGEND = {"y": 1, "yref": "container", "yanchor": "top"}


def percent_dots(frame: pl.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """Percentages on one axis, a line an indicator, a lane of it a unit.

    frame: as `tables.compare.dots`; names: of the units, by their seat.
    """
    lines = frame["line"].unique(maintain_order=True).to_list()
    height, head = LANE * len(names) + BETWEEN, _head(names)
    lowest = min(
        frame.select(pl.min_horizontal("value", "low", "standard", "median").alias("least"))["least"]
    )
    bands = [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": place - 0.5, "y1": place + 0.5, "fillcolor": WASH,
         "line": {"width": 0}, "layer": "below"}
        for place in range(0, len(lines), 2)
    ]  # fmt: skip
    layout = {
        "template": TEMPLATE,
        "height": head + 30 + height * len(lines),
        "margin": {"t": head + 20},
        "legend": LEGEND,
        "shapes": bands,
        "xaxis": {"range": [max(0.0, lowest - 4), 100.8], "ticksuffix": "%", "side": "top"},
        "yaxis": {
            "tickvals": list(range(len(lines))),
            "ticktext": [inert(line) for line in lines],
            "range": [len(lines) - 0.5, -0.5],
            "showgrid": False,
        },
    }
    places = {line: place for place, line in enumerate(lines)}
    return go.Figure([*_legend(names), *_lanes(frame, places, list(names), height)], layout)


def measure_dots(frame: pl.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """Small multiples: an indicator a panel, on an axis of its own measure. As `percent_dots`."""
    parts = frame.partition_by("line", maintain_order=True)
    depth = -(-len(parts) // PANELS)
    panel, head = LANE * len(names) + 12, _head(names)
    drawn = depth * (panel + TITLE)
    layout: dict[str, Any] = {
        "template": TEMPLATE,
        "height": head + drawn,
        "margin": {"t": head, "b": 0},
        "legend": LEGEND,
        "annotations": [],
    }
    traces = _legend(names)
    for place, part in enumerate(parts):
        down, across = divmod(place, PANELS)
        left, right = (across + 0.02) / PANELS, (across + 0.92) / PANELS
        top = 1 - (down * (panel + TITLE) + TITLE / 2) / drawn
        bottom = top - panel / drawn
        ends = part.select(pl.max_horizontal("value", "high", "standard", "median").alias("most"))["most"]
        starts = part.select(pl.min_horizontal("value", "low", "standard", "median").alias("least"))["least"]
        least, most = min(0.0, *starts), max(ends)
        room = (most - least) or 1.0
        layout[f"xaxis{place + 1}"] = {
            "domain": [left, right], "anchor": f"y{place + 1}", "range": [least - room / 50, most + room / 20], "nticks": 5,
        }  # fmt: skip
        layout[f"yaxis{place + 1}"] = {
            "domain": [bottom, top], "anchor": f"x{place + 1}", "range": [0.5, -0.5], "showticklabels": False, "showgrid": False,
        }  # fmt: skip
        layout["annotations"].append(
            {"text": inert(f"{part['line'][0]}（{part['unit'][0]}）"), "x": (left + right) / 2, "y": top, "xref": "paper", "yref": "paper",
             "xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
        )  # fmt: skip
        axes = {"xaxis": f"x{place + 1}", "yaxis": f"y{place + 1}"}
        traces += [trace | axes for trace in _lanes(part, {part["line"][0]: 0}, list(names), panel)]
    return go.Figure(traces, layout)


def _head(names: Mapping[int, str]) -> int:
    """Pixels that the legend needs: four entries fit beside each other on a laptop."""
    return 8 + 22 * -(-(len(names) + 2) // 4)


def _legend(names: Mapping[int, str]) -> list[Trace]:
    """Every unit with its mark, also one without a value; then what the ticks mean."""
    marks = [
        (name, {"symbol": SERIES[seat][1], "size": 10, "color": SERIES[seat][0]})
        for seat, name in names.items()
    ]
    ticks = [
        (name, {"symbol": symbol, "size": size, "line": line}) for name, (symbol, size, line) in TICKS.items()
    ]
    return [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "markers",
            "name": inert(name),
            "marker": marker,
        }
        for name, marker in (*marks, *ticks)
    ]


def _lanes(frame: pl.DataFrame, places: dict[str, int], seats: list[int], height: float) -> list[Trace]:
    """Standards and medians as ticks, and over them each unit's marks with their intervals, in its own lane of the line."""
    lane = {seat: ((order + 0.5) / len(seats) - 0.5) * (1 - 10 / height) for order, seat in enumerate(seats)}
    spots = frame.with_columns(
        y=pl.col("line").replace_strict(places, return_dtype=pl.Float64)
        + pl.col("seat").replace_strict(lane, return_dtype=pl.Float64)
    )
    plain = {"type": "scatter", "mode": "markers", "cliponaxis": False, "showlegend": False}
    traces: list[Trace] = []
    for column, name in (("median", "同类中位数"), ("standard", "标准")):
        symbol, size, line = TICKS[name]
        known = spots.drop_nulls(column)
        traces.append(
            {
                **plain,
                "x": known[column].to_list(),
                "y": known["y"].to_list(),
                "marker": {"symbol": symbol, "size": size, "line": line},
                "hoverinfo": "skip",
            }
        )
    for seat in seats:
        part = spots.filter(pl.col("seat") == seat)
        colour, symbol, _ = SERIES[seat]
        bar = {"type": "data", "symmetric": False, "color": colour, "thickness": 1.4, "width": 0}
        traces.append(
            {
                **plain,
                "x": part["value"].to_list(),
                "y": part["y"].to_list(),
                "marker": {
                    "symbol": symbol,
                    "size": 10,
                    "color": colour,
                    "line": {"width": 1, "color": PAPER},
                },
                "error_x": {
                    **bar,
                    "array": (part["high"] - part["value"]).to_list(),
                    "arrayminus": (part["value"] - part["low"]).to_list(),
                },
                "hovertext": [inert(text) for text in part["text"]],
                "hoverinfo": "text",
            }
        )
    return traces
