"""The funnel of one indicator over a peer group: its lines, the peers, and the chosen units. No Streamlit and no queries."""

from __future__ import annotations

from decimal import Decimal

import plotly.graph_objects as go
import polars as pl

from dashboards.charts import empty_figure, inert
from dashboards.theme import ACCENT, LINE, MUTED, PAPER, SERIES, SEVERITY

WIDE = 12  # sizes that differ so many times are drawn on a logarithmic axis


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
    for level, name, dash in (("998", "99.8%界限", "dot"), ("95", "95%界限", "dashdot")):
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
    for level, name, dash in (("998", "99.8%界限", "dot"), ("95", "95%界限", "dashdot")):
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
