"""Frames to Plotly figures.

No Streamlit and no queries; names from outside are made inert before they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import polars as pl

from dashboards.theme import (
    ACCENT,
    INK,
    LEVEL,
    LINE,
    MUTED,
    NO_VALUE,
    ON_DARK,
    PAPER,
    RAMP,
    SEVERITY,
    SPREAD,
    STATUS,
    TEMPLATE,
    filled,
)

ROW_HEIGHT = 34
GAP = 0.08
STEPS = (0.5, 0.7, 0.8, 0.9, 0.97)
DARK_FROM = 4  # from this step of the ramp on, text on it is white
FEW = 5  # up to so many, an axis of counts has a tick at each


def inert(text: object) -> str:
    """Text for Plotly, which renders a small part of HTML: no tag survives."""
    return escape(str(text), quote=False)


def empty_figure(height: int, **layout: object) -> go.Figure:
    return go.Figure(layout={"template": TEMPLATE, "height": height, **layout})


def ramp_step(share: float) -> int:
    """The place of a share in the ramp."""
    return sum(share >= step for step in STEPS)


def _ramp(share: float | None) -> tuple[str, str]:
    """Fill and text colour of a share from 0 to 1; half of the ramp is kept for the upper fifth, where
    shares live.
    """
    if share is None:
        return NO_VALUE, MUTED
    place = ramp_step(share)
    return RAMP[place], PAPER if place >= DARK_FROM else INK


def tile_map(frame: pl.DataFrame, title: str) -> go.Figure:
    """One square a city. Columns: short, tile_column, tile_row, share (0 to 1 or null), text, detail."""
    figure = empty_figure(330, showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    shapes, texts = [], []
    for tile in frame.to_dicts():
        fill, ink = _ramp(tile["share"])
        x, y = tile["tile_column"], tile["tile_row"]
        shapes.append(
            {
                "type": "rect",
                "x0": x + GAP / 2,
                "x1": x + 1 - GAP / 2,
                "y0": y + GAP / 2,
                "y1": y + 1 - GAP / 2,
                "fillcolor": fill,
                "line": {"width": 1, "color": RAMP[DARK_FROM]},
                "layer": "below",
            }
        )
        texts += [
            (x + 0.5, y + 0.36, inert(tile["short"]), 13, ink),
            (x + 0.5, y + 0.66, inert(tile["text"]), 14, ink),
        ]
    figure.update_layout(shapes=shapes)
    across, down, written, sizes, inks = zip(*texts, strict=True) if texts else [()] * 5
    figure.add_scatter(
        x=across, y=down, mode="text", text=written, textfont={"size": sizes, "color": inks}, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=[column + 0.5 for column in frame["tile_column"]],
        y=[row + 0.5 for row in frame["tile_row"]],
        mode="markers",
        marker={"size": 44, "symbol": "square", "opacity": 0},
        hovertext=[
            f"{inert(name)}<br>{inert(title)}：{inert(text)}<br>{inert(detail)}"
            for name, text, detail in frame.select("short", "text", "detail").rows()
        ],
        hoverinfo="text",
    )
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", scaleratio=0.82)
    return figure


def status_bars(frame: pl.DataFrame, names: Sequence[tuple[str, str]]) -> go.Figure:
    """Shares of each status by dimension, stacked to 100%.

    Columns: group, status, count; `names` are (status, label).
    """
    groups = frame["group"].unique(maintain_order=True).to_list()
    totals = dict(frame.group_by("group").agg(pl.col("count").sum()).rows())
    figure = empty_figure(70 + ROW_HEIGHT * len(groups), barmode="stack", bargap=0.3)
    for status, name in names:
        counts = dict(frame.filter(pl.col("status") == status).select("group", "count").rows())
        if not counts:
            continue
        values = [counts.get(group, 0) for group in groups]
        shares = [
            value / totals[group] if totals[group] else 0 for value, group in zip(values, groups, strict=True)
        ]
        figure.add_bar(
            y=[inert(group) for group in groups],
            x=shares,
            name=name,
            orientation="h",
            marker=filled(STATUS[status], values),
            text=[str(value) if share > 0.05 else "" for value, share in zip(values, shares, strict=True)],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": PAPER if status in ON_DARK else INK},
            hovertext=[
                f"{inert(group)}　{name} {value}项次" for group, value in zip(groups, values, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def stacked_counts(frame: pl.DataFrame, names: Sequence[tuple[str, str]], what: str) -> go.Figure:
    """Counts by group, stacked by level or severity, with the sum at the end of each bar.

    Columns: group, part, count; `names` are (part, label).
    """
    colours = LEVEL | SEVERITY
    groups = frame["group"].unique(maintain_order=True).to_list()
    figure = empty_figure(max(150, 70 + 30 * len(groups)), barmode="stack", bargap=0.2, showlegend=True)
    sums = dict(frame.group_by("group").agg(pl.col("count").sum()).rows())
    totals = [sums[group] for group in groups]
    most = max(totals, default=1)
    for part, name in names:
        counts = dict(frame.filter(pl.col("part") == part).select("group", "count").rows())
        if not counts:
            continue
        values = [counts.get(group, 0) for group in groups]
        figure.add_bar(
            y=[inert(group) for group in groups],
            x=values,
            name=name,
            orientation="h",
            marker=filled(colours[part], values),
            text=[
                str(value) if most * 0.04 < value < total else ""
                for value, total in zip(values, totals, strict=True)
            ],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": PAPER if part in ON_DARK else INK},
            hovertext=[
                f"{inert(group)}　{name} {value}{what}" for group, value in zip(groups, values, strict=True)
            ],
            hoverinfo="text",
        )
    figure.add_scatter(
        y=[inert(group) for group in groups],
        x=totals,
        mode="text",
        text=[f"\u2009{total}" for total in totals],
        textposition="middle right",
        textfont={"color": INK},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[0, most * 1.12], tickformat="d", dtick=1 if most <= FEW else None)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def paired_dots(frame: pl.DataFrame, names: tuple[str, str]) -> go.Figure:
    """Two shares a group on one line.

    Columns: group, first, second (0 to 1 or null), first_text, second_text.
    """
    groups = [inert(group) for group in frame["group"]]
    figure = empty_figure(max(150, 70 + 26 * len(groups)))
    both = frame.drop_nulls(["first", "second"])
    figure.update_layout(
        shapes=[
            {
                "type": "line",
                "x0": row["first"],
                "x1": row["second"],
                "y0": inert(row["group"]),
                "y1": inert(row["group"]),
                "line": {"color": LINE, "width": 3},
                "layer": "below",
            }
            for row in both.to_dicts()
        ]
    )
    for key, name, symbol, colour in (
        ("first", names[0], "circle", ACCENT),
        ("second", names[1], "diamond-open", SEVERITY["block"]),
    ):
        figure.add_scatter(
            x=frame[key].to_list(),
            y=groups,
            mode="markers",
            name=name,
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2, "color": colour}},
            cliponaxis=False,
            hovertext=[
                f"{group}　{name} {inert(text)}"
                for group, text in zip(groups, frame[f"{key}_text"], strict=True)
            ],
            hoverinfo="text",
        )
    lowest = min((value for key in ("first", "second") for value in frame[key].drop_nulls()), default=0.0)
    figure.update_xaxes(tickformat=".0%", range=[max(0.0, lowest - 0.05), 1])
    figure.update_yaxes(autorange="reversed", showgrid=True)
    return figure


def rank_ranges(frame: pl.DataFrame) -> go.Figure:
    """Rank in the peer group with the range that missing indicators allow; 1 stands left.

    Columns: group, rank, rank_low, rank_high, peers, text.
    """
    groups = [inert(group) for group in frame["group"]]
    figure = empty_figure(max(140, 60 + 30 * len(groups)), showlegend=False)
    figure.add_scatter(
        x=frame["rank"].to_list(),
        y=groups,
        mode="markers",
        marker={"size": 11, "color": ACCENT},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (frame["rank_high"] - frame["rank"]).to_list(),
            "arrayminus": (frame["rank"] - frame["rank_low"]).to_list(),
            "color": SPREAD,
            "thickness": 5,
            "width": 0,
        },
        hovertext=[f"{group}　{inert(text)}" for group, text in zip(groups, frame["text"], strict=True)],
        hoverinfo="text",
    )
    peers = max(frame["peers"].drop_nulls().to_list(), default=1)
    last = max(
        peers, *frame["rank_high"].drop_nulls(), 2
    )  # a unit without a score now may pass this one with one
    figure.update_xaxes(
        range=[0.5, last + 0.5],
        tickvals=sorted({1, (1 + peers) // 2, peers}),
        title={"text": "在同类组中的名次（1为最前）"},
    )
    figure.update_yaxes(autorange="reversed")
    return figure


def history(frame: pl.DataFrame, unit: str, own: str = "本单位") -> go.Figure:
    """An indicator over the periods as it was judged, with its standard. Columns: label, value, standard, text. own: whose it is."""
    scale = 100 if unit == "%" else 1
    labels = frame["label"].to_list()
    figure = empty_figure(250)
    if frame["standard"].drop_nulls().len():
        figure.add_scatter(
            x=labels,
            y=[None if value is None else float(value) * scale for value in frame["standard"]],
            mode="lines",
            name="标准",
            line={"dash": "dash", "width": 1.5, "color": SEVERITY["block"], "shape": "hv"},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=labels,
        y=[None if value is None else value * scale for value in frame["value"]],
        mode="lines+markers",
        name=own,
        line={"color": ACCENT, "width": 2},
        marker={"size": 8},
        hovertext=[inert(text) for text in frame["text"]],
        hoverinfo="text",
    )
    figure.update_yaxes(ticksuffix=inert(unit))
    figure.update_xaxes(type="category", showgrid=False, tickangle=0, nticks=7)
    return figure


def score_strip(frame: pl.DataFrame) -> go.Figure:
    """Candidates by score, one line a kind of unit; the selected are filled.

    Columns: group, score, selected, text.
    """
    groups = [inert(group) for group in frame["group"].unique(maintain_order=True)]
    figure = empty_figure(80 + 44 * len(groups))
    for selected, name, marker in (
        (False, "未入选", {"symbol": "circle-open", "size": 9, "color": MUTED}),
        (True, "入选", {"symbol": "circle", "size": 11, "color": ACCENT}),
    ):
        part = frame.filter(pl.col("selected") == selected)
        figure.add_scatter(
            x=part["score"].to_list(),
            y=[inert(group) for group in part["group"]],
            mode="markers",
            name=name,
            marker=marker,
            hovertext=[inert(text) for text in part["text"]],
            hoverinfo="text",
        )
    figure.update_yaxes(categoryorder="array", categoryarray=groups[::-1])
    figure.update_xaxes(title={"text": "总分"})
    return figure
