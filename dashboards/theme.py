"""Colours, type and the one Plotly template.

Streamlit's own theme is .streamlit/config.toml, the tables' is style.css; the three hold the same values.

Colours: blue against vermilion, which readers with any colour vision tell apart; text on each meets WCAG
AA (4.5:1).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go

NAME = "三型 · 党组织建设统计"
STYLE = Path(__file__).parent / "style.css"
LOGO = Path(__file__).parent / "logo.svg"
MARK = Path(__file__).parent / "mark.svg"

FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif'

INK = "#1f2a37"
MUTED = "#55606e"
LINE = "#d9dee5"
WASH = "#f4f6f8"
PAPER = "#ffffff"
ACCENT = "#1f4e79"

STATUS = {
    "met": "#1f5f99",
    "on_pace": "#8cc4f2",
    "behind": "#f0b429",
    "not_met": "#b83a0a",
    "not_calculable": "#9aa3af",
}
SEVERITY = {"block": "#b83a0a", "explain": "#f0b429", "inform": "#9aa3af"}
LEVEL = {"red": "#b83a0a", "amber": "#f0b429", "watch": "#9aa3af"}
# How a cell of a form came to its answer: pre-filled light, typed dark, changed by hand between them in amber.
FILLED = {"kept": "#8cc4f2", "changed": "#f0b429", "typed": "#1f5f99", "blank": "#c9cfd7"}
# Around a fill, so that also a pale one stands out from paper at 3:1 (WCAG 1.4.11): of the fill's own hue.
EDGE = {
    "#8cc4f2": "#1f5f99",
    "#f0b429": "#9a6a00",
    "#9aa3af": "#6b7684",
    "#c9cfd7": "#6b7684",
}
MEDIAN = "#8a5a00"  # the peers' middle, as a line
SPREAD = "#4f87b8"  # a range about a mark
ON_DARK = {"met", "not_met", "block", "red"}  # fills that carry white text; the others carry ink

# Units side by side: colours that readers with any colour vision tell apart (after Okabe and Ito, darkened to 3:1 on paper), each with a
# shape of its own, as Plotly names it and as a table writes it.
SERIES = (
    ("#1f4e79", "circle", "●"),
    ("#d55e00", "square", "■"),
    ("#00855f", "diamond", "◆"),
    ("#a6568a", "triangle-up", "▲"),
    ("#2f8fcf", "triangle-down", "▼"),
    ("#1f2a37", "star", "★"),
)

# From few to many: one hue, so that order survives print in grey.
RAMP = ("#e8f0f8", "#c3d8ec", "#8fb8dc", "#74a9d4", "#1f5f99", "#123f6b")
NO_VALUE = "#eceff3"


def _template() -> go.layout.Template:
    axis = {
        "gridcolor": LINE,
        "linecolor": LINE,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "ticklabeloverflow": "allow",
        "ticklabelstandoff": 5,
        "tickfont": {"size": 12, "color": INK},
        "title": {"font": {"size": 12, "color": MUTED}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": INK},
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "margin": {"l": 8, "r": 24, "t": 8, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
            "hoverlabel": {
                "bgcolor": PAPER,
                "bordercolor": LINE,
                "font": {"family": FONT, "color": INK, "size": 12},
            },
            "bargap": 0.35,
            "uniformtext": {
                "minsize": 12,
                "mode": "hide",
            },  # a figure that its bar is too small for is not shrunk: hover and table tell it
            "hovermode": "closest",
        }
    )


TEMPLATE = _template()


def filled(colour: str, values: Sequence[float]) -> dict[str, object]:
    """The marker of bars so long: their fill with its edge, which a bar of no length has not."""
    return {
        "color": colour,
        "line": {"color": EDGE.get(colour, colour), "width": [1 if value else 0 for value in values]},
    }
