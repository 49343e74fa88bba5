"""Units side by side: dots with their intervals, and the funnel of one indicator over a peer group. No Streamlit and no queries."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import empty_figure, inert
from dashboards.theme import ACCENT, LINE, MUTED, PAPER, SERIES, SEVERITY, TEMPLATE, WASH

Trace = dict[str, Any]

LANE = 14  # pixels a unit takes in a line
BETWEEN = 16  # pixels between lines
TITLE = 48  # pixels for the title of a panel and the numbers under the one above
PANELS = 3  # small multiples side by side
WIDE = 12  # sizes that differ so many times are drawn on a logarithmic axis
STANDARD = {"color": SEVERITY["block"], "width": 2}
MEDIAN = {"color": MUTED, "width": 2}
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
        left, right = (across + 0.02) / PANELS, (across + 0.96) / PANELS
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
        (name, {"symbol": "line-ns", "size": LANE, "line": line})
        for name, line in (("标准", STANDARD), ("同类中位数", MEDIAN))
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
    for column, line, size in (("median", MEDIAN, LANE * 0.7), ("standard", STANDARD, LANE)):
        known = spots.drop_nulls(column)
        traces.append(
            {
                **plain,
                "x": known[column].to_list(),
                "y": known["y"].to_list(),
                "marker": {"symbol": "line-ns", "size": size, "line": line},
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


def funnel(
    drawn: pl.DataFrame, lines: pl.DataFrame, target: float, standard: Decimal | None, unit: str
) -> go.Figure:
    """The peers with the limits about what they have in common: of shares a funnel, of counts that all owe alike one line.

    drawn: unit_code, name, denominator, value, peer_position, seat, text; lines: as `tables.funnel.lines`.
    """
    asked = None if standard is None else float(standard)
    if unit == "%":
        return _share_funnel(drawn, lines, target, asked)
    return _count_funnel(drawn, lines, target, asked, unit)


def _share_funnel(
    drawn: pl.DataFrame, lines: pl.DataFrame, target: float, standard: float | None
) -> go.Figure:
    """Shares over their denominators."""
    figure = empty_figure(420)
    sizes = lines["size"].to_list()
    for level, name, dash in (("998", "99.8%界限", "dot"), ("95", "95%界限", "solid")):
        for side in ("low", "high"):
            figure.add_scatter(
                x=sizes,
                y=(lines[f"{side}_{level}"] * 100).to_list(),
                mode="lines",
                name=name,
                line={"color": ACCENT if level == "95" else MUTED, "width": 1.3, "dash": dash},
                showlegend=side == "low",
                hoverinfo="skip",
            )
    _level(figure, sizes, target, "同类合计", {"color": MUTED, "width": 1.5})
    if standard is not None:
        _level(figure, sizes, standard, "标准", {"color": SEVERITY["block"], "width": 1.5, "dash": "dash"})
    spots = drawn.with_columns(x=pl.col("denominator").cast(pl.Float64), y=pl.col("value") * 100)
    _others(figure, spots)
    _chosen(figure, spots)
    figure.update_yaxes(ticksuffix="%")
    figure.update_xaxes(title={"text": "分母"}, type="log" if _is_wide(sizes) else "linear", showgrid=False)
    if _is_wide(sizes):
        figure.update_xaxes(dtick="D2", tickformat="d")
    return figure


def _count_funnel(
    drawn: pl.DataFrame, lines: pl.DataFrame, target: float, standard: float | None, unit: str
) -> go.Figure:
    """Counts: a dot a peer, equal ones on top of each other, the limits upright."""
    stacked = drawn.sort("value", "seat", "unit_code", nulls_last=True).with_columns(
        x="value", y=pl.int_range(1, pl.len() + 1).over("value").cast(pl.Float64)
    )
    most = float(stacked["y"].max() or 1)  # type: ignore[arg-type]
    figure = empty_figure(360)
    limits = lines.row(0, named=True)
    for level, name, dash in (("998", "99.8%界限", "dot"), ("95", "95%界限", "solid")):
        line = {"color": ACCENT if level == "95" else MUTED, "width": 1.3, "dash": dash}
        for side in ("low", "high"):
            _upright(figure, limits[f"{side}_{level}"], most, name, line, legend=side == "low")
    _upright(figure, target, most, "同类平均", {"color": MUTED, "width": 1.5})
    if standard is not None:
        _upright(figure, standard, most, "标准", {"color": SEVERITY["block"], "width": 1.5, "dash": "dash"})
    _others(figure, stacked)
    _chosen(figure, stacked)
    figure.update_xaxes(title={"text": f"数值（{inert(unit)}）"}, rangemode="tozero", showgrid=False)
    figure.update_yaxes(title={"text": "单位数"}, range=[0, most + 1], tickformat="d", nticks=6)
    return figure


def _is_wide(sizes: list[float]) -> bool:
    return max(sizes) > WIDE * min(sizes)


def _level(figure: go.Figure, sizes: list[float], share: float, name: str, line: dict[str, object]) -> None:
    ends = [min(sizes), max(sizes)]
    figure.add_scatter(x=ends, y=[share * 100] * 2, mode="lines", name=name, line=line, hoverinfo="skip")


def _upright(
    figure: go.Figure, x: float, most: float, name: str, line: dict[str, object], *, legend: bool = True
) -> None:
    figure.add_scatter(
        x=[x, x], y=[0, most + 1], mode="lines", name=name, line=line, hoverinfo="skip", showlegend=legend
    )


def _others(figure: go.Figure, drawn: pl.DataFrame) -> None:
    """The peers that were not chosen, those at one spot as one larger dot: inside the limits pale, outside of them ringed.

    Columns: x, y, seat, peer_position, text.
    """
    spots = (
        drawn.with_columns(outside=pl.col("peer_position") != "inside")
        .filter(pl.col("seat").is_null())
        .group_by("outside", "x", "y", maintain_order=True)
        .agg(count=pl.len(), text=pl.col("text").first())
    )
    for outside, name, marker in (
        (False, "同类单位", {"color": LINE, "line": {"width": 1, "color": MUTED}}),
        (
            True,
            "界限之外的同类单位",
            {"symbol": "circle-open", "color": SEVERITY["block"], "line": {"width": 2}},
        ),
    ):
        here = spots.filter(pl.col("outside") == outside)
        if here.height:
            figure.add_scatter(
                x=here["x"].to_list(),
                y=here["y"].to_list(),
                mode="markers",
                name=name,
                marker={**marker, "size": (5 + 2 * here["count"].sqrt()).clip(upper_bound=22).to_list()},
                hovertext=[
                    inert(text) + (f"　等{count}个单位" if count > 1 else "")
                    for text, count in here.select("text", "count").rows()
                ],
                hoverinfo="text",
            )


def _chosen(figure: go.Figure, spots: pl.DataFrame) -> None:
    """The chosen units over the others, named in the legend: names beside the dots would lie over each other. Columns: as of `_others`, name."""
    for peer in spots.drop_nulls("seat").sort("seat").to_dicts():
        colour, symbol, _ = SERIES[peer["seat"]]
        figure.add_scatter(
            x=[peer["x"]],
            y=[peer["y"]],
            mode="markers",
            name=inert(peer["name"]),
            marker={"symbol": symbol, "size": 13, "color": colour, "line": {"width": 1.5, "color": PAPER}},
            cliponaxis=False,
            hovertext=[inert(peer["text"])],
            hoverinfo="text",
            legendrank=1,
        )
