"""Charts of reporting and load: tiles of city by quarter, and bars of cells by how they were filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import DARK_FROM, STEPS, empty_figure, inert, ramp_step
from dashboards.theme import FILLED, INK, NO_VALUE, PAPER, RAMP, filled


def heat_map(frame: pl.DataFrame, marked: str) -> go.Figure:
    """Shares by group and quarter, in the steps of the ramp; the quarter `marked` stands in a frame.

    Columns: group, period, share (0 to 1 or null), text, detail.
    """
    groups = frame["group"].unique(maintain_order=True).to_list()
    periods = sorted(set(frame["period"]))
    tiles = {(row["group"], row["period"]): row for row in frame.to_dicts()}
    known = [
        [row if (row := tiles.get((g, p))) and row["share"] is not None else None for p in periods]
        for g in groups
    ]
    figure = empty_figure(
        96 + 30 * len(groups), margin={"l": 8, "r": 8, "t": 8, "b": 8}, plot_bgcolor=NO_VALUE
    )
    figure.add_heatmap(
        z=[[ramp_step(tile["share"]) if tile else None for tile in row] for row in known],
        x=periods,
        y=[inert(group) for group in groups],
        zmin=-0.5,
        zmax=len(RAMP) - 0.5,
        colorscale=_scale(),
        xgap=3,
        ygap=3,
        hovertext=[
            [
                f"{inert(tile['group'])}　{tile['period']}<br>{inert(tile['detail'])}" if tile else ""
                for tile in row
            ]
            for row in known
        ],
        hoverinfo="text",
        colorbar=_legend(),
    )
    _write_texts(figure, [tile for line in known for tile in line if tile])
    if marked in periods:
        _frame(figure, periods.index(marked), len(groups))
    # from edge to edge: left to itself, Plotly leaves room beside texts, and that would have the colour of a missing share
    figure.update_xaxes(type="category", side="top", showgrid=False, range=[-0.5, len(periods) - 0.5])
    figure.update_yaxes(type="category", showgrid=False, range=[len(groups) - 0.5, -0.5])
    return figure


def _scale() -> list[tuple[float, str]]:
    """The ramp in steps: a colour from edge to edge of each."""
    edges = [(step / len(RAMP), (step + 1) / len(RAMP)) for step in range(len(RAMP))]
    return [(edge, colour) for colour, both in zip(RAMP, edges, strict=True) for edge in both]


def _legend() -> dict[str, object]:
    """Below the tiles, with a name for each step."""
    return {
        "orientation": "h",
        "y": -0.04,
        "yanchor": "top",
        "thickness": 12,
        "len": 0.6,
        "tickvals": list(range(len(RAMP))),
        "ticktext": [f"不足{STEPS[0]:.0%}", *(f"{step:.0%}起" for step in STEPS)],
        "outlinewidth": 0,
    }


def _write_texts(figure: go.Figure, tiles: Sequence[dict[str, Any]]) -> None:
    """The share on each tile, in an ink that can be read on its colour; one trace, since a browser takes a millisecond for each annotation."""
    inks = [PAPER if ramp_step(tile["share"]) >= DARK_FROM else INK for tile in tiles]
    figure.add_scatter(
        x=[tile["period"] for tile in tiles],
        y=[inert(tile["group"]) for tile in tiles],
        mode="text",
        text=[inert(tile["text"]) for tile in tiles],
        textfont={"size": 12, "color": inks},
        hoverinfo="skip",
        showlegend=False,
    )


def _frame(figure: go.Figure, place: int, height: int) -> None:
    """A line around one column of so many tiles."""
    line = {"color": INK, "width": 2}
    figure.add_shape(type="rect", x0=place - 0.5, x1=place + 0.5, y0=-0.5, y1=height - 0.5, line=line)


def load_bars(frame: pl.DataFrame, names: Sequence[tuple[str, str]], what: str) -> go.Figure:
    """Cells by quarter, stacked by how they were filled, with the sum on top.

    Columns: period, part, each (cells), text; `names` are (part, label), from the bottom.
    """
    periods = frame["period"].unique(maintain_order=True).to_list()
    figure = empty_figure(300, barmode="stack", bargap=0.35, showlegend=True)
    for part, name in names:
        rows = frame.filter(pl.col("part") == part)
        figure.add_bar(
            x=rows["period"].to_list(),
            y=rows["each"].to_list(),
            name=name,
            marker=filled(FILLED[part], rows["each"].to_list()),
            hovertext=[inert(text) for text in rows["text"]],
            hoverinfo="text",
        )
    sums = dict(frame.group_by("period").agg(pl.col("each").sum()).rows())
    figure.add_scatter(
        x=periods,
        y=[sums[period] for period in periods],
        mode="text",
        text=[f"{sums[period]:.1f}" for period in periods],
        textposition="top center",
        textfont={"color": INK},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(title={"text": inert(what)}, rangemode="tozero")
    return figure
