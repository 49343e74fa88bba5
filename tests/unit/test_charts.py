"""Figures: what is drawn is what the frame holds, names are inert, and colours never stand alone."""

from __future__ import annotations

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboards import charts, theme
from dashboards.tables import shortlist
from pipelines.exports.labels import Labels

HOSTILE = "<a href='javascript:alert(1)'>x</a>"
NAMES = [("met", "达标"), ("not_met", "未达标")]


def drawn(figure: go.Figure) -> dict[str, Any]:
    """The figure as it is sent to the browser."""
    sent: dict[str, Any] = json.loads(figure.to_json())
    return sent


def tiles(**changes: object) -> pl.DataFrame:
    tile = {
        "short": "南京",
        "tile_column": 1,
        "tile_row": 3,
        "share": 0.9,
        "text": "90.0%",
        "detail": "9 / 10",
    }
    return pl.DataFrame([{**tile, **changes}], schema_overrides={"share": pl.Float64})


def test_each_tile_carries_name_and_figure_at_its_place() -> None:
    figure = drawn(charts.tile_map(tiles(), "报送率"))
    layout, texts = figure["layout"], figure["data"][0]
    assert list(zip(texts["text"], texts["x"], texts["y"], strict=True)) == [
        ("南京", 1.5, 3.36),
        ("90.0%", 1.5, 3.66),
    ]
    assert (layout["shapes"][0]["x0"], layout["shapes"][0]["y1"]) == (1.04, 3.96)


@pytest.mark.parametrize(
    ("share", "fill"),
    [(None, theme.NO_VALUE), (0.0, theme.RAMP[0]), (0.4999, theme.RAMP[0]), (0.5, theme.RAMP[1]), (0.9, theme.RAMP[4]),
     (1.0, theme.RAMP[5])],
)  # fmt: skip
def test_a_tile_is_coloured_by_its_share(share: float | None, fill: str) -> None:
    figure = drawn(charts.tile_map(tiles(share=share), "报送率"))
    assert figure["layout"]["shapes"][0]["fillcolor"] == fill


def test_statuses_stack_to_the_whole_and_show_their_counts() -> None:
    frame = pl.DataFrame(
        {"group": ["学习型"] * 2 + ["服务型"], "status": ["met", "not_met", "met"], "count": [3, 1, 5]}
    )
    met, missed = drawn(charts.status_bars(frame, NAMES))["data"]
    assert (met["name"], met["x"], met["text"]) == ("达标", [0.75, 1.0], ["3", "5"])
    assert (missed["x"], missed["text"]) == ([0.25, 0.0], ["1", ""])
    assert missed["marker"]["line"]["width"] == [1, 0]  # what is not there has no edge either


def test_counts_stack_by_level_in_the_order_given() -> None:
    frame = pl.DataFrame(
        {"group": ["绩效", "绩效", "报送"], "part": ["amber", "red", "red"], "count": [7, 2, 4]}
    )
    figure = drawn(
        charts.stacked_counts(frame, [("red", "红色"), ("amber", "橙色"), ("watch", "关注")], "条")
    )
    red, amber, sums = figure["data"]
    assert [(bar["name"], bar["x"]) for bar in (red, amber)] == [("红色", [2, 4]), ("橙色", [7, 0])]
    assert [text.strip() for text in sums["text"]] == ["9", "4"]
    assert red["text"] == ["2", ""]  # where a bar has one part, its sum says it


def test_history_draws_percentages_with_the_standard_and_leaves_gaps() -> None:
    frame = pl.DataFrame(
        {"label": ["2025Q1", "2025Q2"], "value": [0.5, None], "standard": [0.9, 0.9], "text": ["a", "b"]}
    )
    standard, own = drawn(charts.history(frame, "%"))["data"]
    assert standard["y"] == [90.0, 90.0]
    assert own["y"] == [50.0, None]


def test_ranks_carry_their_range() -> None:
    frame = pl.DataFrame(
        {"group": ["总分"], "rank": [3], "rank_low": [2], "rank_high": [6], "peers": [11], "text": ["第3"]}
    )
    figure = drawn(charts.rank_ranges(frame))
    assert (figure["data"][0]["error_x"]["array"], figure["data"][0]["error_x"]["arrayminus"]) == ([3], [1])
    assert figure["layout"]["xaxis"]["tickvals"] == [1, 6, 11]


def test_a_group_without_one_of_two_shares_is_drawn_without_a_line() -> None:
    frame = pl.DataFrame(
        {"group": ["南京", "苏州"], "first": [0.8, None], "second": [0.9, 1.0], "first_text": ["80.0%", "—"],
         "second_text": ["90.0%", "100.0%"]}
    )  # fmt: skip
    figure = drawn(charts.paired_dots(frame, ("完整率", "按时率")))
    assert len(figure["layout"]["shapes"]) == 1
    assert figure["data"][0]["x"] == [0.8, None]


def test_selected_and_others_differ_in_shape_too() -> None:
    frame = pl.DataFrame(
        {"group": ["学校"] * 2, "score": [90.0, 80.0], "selected": [True, False], "text": ["甲", "乙"]}
    )
    others, selected = drawn(charts.score_strip(frame))["data"]
    assert others["marker"]["symbol"] != selected["marker"]["symbol"]
    assert (selected["x"], others["x"]) == ([90.0], [80.0])


def test_of_thousands_of_candidates_those_not_selected_are_drawn_together() -> None:
    size = shortlist.MOST_DRAWN + 100
    rows = pl.DataFrame(
        {"kind": ["school"] * size, "name": [f"第{n}小学" for n in range(size)], "score": [40 + n % 90 / 2 + 0.1 for n in range(size)],
         "selected": [n < 7 for n in range(size)]}
    )  # fmt: skip
    labels = Labels({("kind", "school"): "学校"}, ZoneInfo("Asia/Shanghai"))
    few, many = (shortlist.strip_frame(part, labels) for part in (rows.head(50), rows))
    assert few.height == 50
    assert many["selected"].sum() == 7
    others = many.filter(~pl.col("selected"))
    assert sorted(others["score"]) == [40 + n / 2 for n in range(90)]
    told = [re.search(r"共(\d+)个单位", text) for text in others["text"]]
    assert sum(int(found[1]) if found else 1 for found in told) == size - 7


@pytest.mark.parametrize(
    "figure",
    [
        charts.tile_map(tiles(short=HOSTILE, text=HOSTILE, detail=HOSTILE), HOSTILE),
        charts.status_bars(pl.DataFrame({"group": [HOSTILE], "status": ["met"], "count": [1]}), NAMES),
        charts.stacked_counts(
            pl.DataFrame({"group": [HOSTILE], "part": ["red"], "count": [1]}), [("red", "红")], "条"
        ),
        charts.score_strip(
            pl.DataFrame({"group": [HOSTILE], "score": [1.0], "selected": [True], "text": [HOSTILE]})
        ),
        charts.paired_dots(
            pl.DataFrame(
                {
                    "group": [HOSTILE],
                    "first": [0.1],
                    "second": [0.2],
                    "first_text": [HOSTILE],
                    "second_text": ["b"],
                }
            ),
            ("a", "b"),
        ),
    ],
)
def test_names_from_outside_are_inert(figure: go.Figure) -> None:
    assert "<a " not in json.dumps(drawn(figure), ensure_ascii=False)


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


FILLS = theme.STATUS | theme.SEVERITY | theme.LEVEL


@pytest.mark.parametrize("code", sorted(FILLS))
def test_text_on_a_coloured_bar_meets_aa(code: str) -> None:
    text = theme.PAPER if code in theme.ON_DARK else theme.INK
    assert contrast(FILLS[code], text) >= 4.5


@pytest.mark.parametrize("share", [None, 0.1, 0.6, 0.75, 0.85, 0.95, 1.0])
def test_text_on_a_tile_meets_aa(share: float | None) -> None:
    figure = drawn(charts.tile_map(tiles(share=share), "x"))
    for ink in figure["data"][0]["textfont"]["color"]:
        assert contrast(figure["layout"]["shapes"][0]["fillcolor"], ink) >= 4.5
