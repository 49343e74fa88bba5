"""What a test for signs saw, as figures: frames of lists in, Plotly out. No Streamlit, no queries."""

from __future__ import annotations

from collections import Counter
from typing import Any

import plotly.graph_objects as go

from dashboards.charts import inert
from dashboards.theme import ACCENT, MUTED, RAMP, SEVERITY, TEMPLATE

HEIGHT = 300
_EDGE = {"color": ACCENT, "width": 1}
FARTHEST = 8  # persons from the standard; what lies farther is drawn together


def margins(seen: dict[str, Any]) -> dict[int, int]:
    """How many figures lie so many persons over (under, where negative) the least that meets the standard, from the lowest."""
    found = Counter(
        max(-FARTHEST, min(FARTHEST, k - least)) for k, least in zip(seen["k"], seen["least"], strict=True)
    )
    return {place: found[place] for place in range(min([*found, -2]), max([*found, 2]) + 1)}


def beside_standard(seen: dict[str, Any]) -> go.Figure:
    """How many figures lie how many persons over or under the least that meets the standard. seen: k, least, expected."""
    counts = margins(seen)
    places = list(counts)
    figure = go.Figure(layout={"template": TEMPLATE, "height": HEIGHT, "showlegend": True})
    figure.add_bar(
        x=places,
        y=[counts[place] for place in places],
        name="数据个数",
        marker={"color": [ACCENT if place == 0 else RAMP[2] for place in places], "line": _EDGE},
        text=[str(counts[place] or "") for place in places],
        textposition="outside",
        cliponaxis=False,
        hovertext=[f"{margin_zh(place)}　{counts[place]}个" for place in places],
        hoverinfo="text",
    )
    figure.add_scatter(
        x=[0],
        y=[seen["expected"]],
        mode="markers",
        name="按出席情况应有",
        marker={"symbol": "line-ew-open", "size": 26, "color": SEVERITY["block"], "line": {"width": 3}},
        hovertext=[f"按出席情况，约应有{seen['expected']:.1f}个刚好达到"],
        hoverinfo="text",
    )
    named = {place: margin_zh(place) for place in places}
    figure.update_xaxes(tickvals=places, ticktext=[named[place] for place in places], showgrid=False)
    figure.update_yaxes(title={"text": "个数"}, rangemode="tozero")
    return figure


def margin_zh(place: int) -> str:
    """Where a figure lies beside the standard: 刚好达到, 多2, 差8及以上."""
    if place == 0:
        return "刚好达到"
    more = "及以上" if abs(place) == FARTHEST else ""
    return f"{'多' if place > 0 else '差'}{abs(place)}{more}"


def month_shares(seen: dict[str, Any], label: str) -> go.Figure:
    """Monthly shares in the band that chance alone would fill in 19 months of 20. seen: months, k, n, low, high."""
    shares = [k / n * 100 for k, n in zip(seen["k"], seen["n"], strict=True)]
    figure = go.Figure(layout={"template": TEMPLATE, "height": HEIGHT, "showlegend": True})
    for end, name, fill in (("high", "", None), ("low", "偶然波动的一般范围", "tonexty")):
        figure.add_scatter(
            x=seen["months"],
            y=[share * 100 for share in seen[end]],
            mode="lines",
            name=name,
            showlegend=bool(name),
            line={"width": 0, "shape": "hvh"},
            fill=fill,
            fillcolor="rgba(143,184,220,0.35)",
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=seen["months"],
        y=shares,
        mode="lines+markers",
        name=inert(label),
        line={"color": ACCENT, "width": 2},
        marker={"size": 8},
        hovertext=[
            f"{month}　{k}/{n}＝{share:.1f}%"
            for month, k, n, share in zip(seen["months"], seen["k"], seen["n"], shares, strict=True)
        ],
        hoverinfo="text",
    )
    figure.update_yaxes(ticksuffix="%")
    figure.update_xaxes(type="category", showgrid=False)
    return figure


def last_digits(seen: dict[str, Any]) -> go.Figure:
    """How many figures end in each digit, beside how many were to be expected. seen: counts, expected."""
    digits = [str(digit) for digit in range(10)]
    figure = go.Figure(layout={"template": TEMPLATE, "height": HEIGHT, "showlegend": True})
    figure.add_bar(
        x=digits,
        y=seen["counts"],
        name="数据个数",
        marker={"color": [ACCENT if digit in ("0", "5") else RAMP[2] for digit in digits], "line": _EDGE},
        text=[str(count or "") for count in seen["counts"]],
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        hovertext=[f"末位是{digit}的{count}个" for digit, count in zip(digits, seen["counts"], strict=True)],
        hoverinfo="text",
    )
    figure.add_scatter(
        x=digits,
        y=seen["expected"],
        mode="markers",
        name="通常约有",
        marker={"symbol": "line-ew-open", "size": 26, "color": MUTED, "line": {"width": 3}},
        hovertext=[
            f"末位是{digit}的通常约{count:.1f}个"
            for digit, count in zip(digits, seen["expected"], strict=True)
        ],
        hoverinfo="text",
    )
    figure.update_xaxes(type="category", showgrid=False, title={"text": "末位数字"})
    figure.update_yaxes(title={"text": "个数"}, rangemode="tozero")
    return figure
