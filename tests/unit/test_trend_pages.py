"""The tab 趋势 in words, table and figure: what is said of each signal, of short, even and broken series, and of the standard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from dashboards.markup import Mark
from dashboards.queries import trends as queries
from dashboards.tables import trends as tables
from dashboards.trend_charts import control_chart
from pipelines.exports.trend_signals import SIGNALS
from pipelines.trends.tables import POINTS_SCHEMA
from tests.marts import publish

SCHEMA = {**POINTS_SCHEMA, "peer_median": pl.Float64, "standard": pl.Float64}
CHOICE = {
    "indicator": "x", "label_zh": "学时", "unit": "学时", "direction": "higher", "grain": "quarter", "assurance": None, "slope": None,
    "full_standard": None, "is_group": False, "compare": "at_least",
}  # fmt: skip


def frame(
    *rows: tuple[str, float | None, str | None, str | None], standard: float | None = None
) -> pl.DataFrame:
    """point, value, signal, side."""
    limits = {"centre": 5.0, "lower": 4.0, "upper": 6.0, "peer_median": 5.5, "standard": standard}
    return pl.DataFrame(
        [
            {
                "code": "U",
                "point": p,
                "value": v,
                "signal": s,
                "side": side,
                **(limits if v is not None else {}),
            }
            for p, v, s, side in rows
        ],
        schema=SCHEMA,
    )


def judged(
    values: Sequence[float], signal: str = "none", side: str | None = None, last: int = 1
) -> pl.DataFrame:
    """Quarters from 2021 on, the last ones with a signal."""
    points = [f"{2021 + i // 4}Q{i % 4 + 1}" for i in range(len(values))]
    calm = len(values) - last
    return frame(
        *(
            (p, v, "none" if i < calm else signal, None if i < calm else side)
            for i, (p, v) in enumerate(zip(points, values, strict=True))
        )
    )


VALUES = [5.0, 5.2, 4.8] * 4


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (frame(), ["还没有可以画出的数值"]),
        (frame(("2025Q4", 5.0, "too_few_points", None)), ["只有2025Q4一期的数值：5学时", "还不足12个点，暂不判断"]),
        (frame(("2025Q3", 5.0, "too_few_points", None), ("2025Q4", 6.0, "too_few_points", None)), ["共2期", "从5学时到6学时", "还不足12个点，暂不判断"]),
        (judged([5.0] * 12), ["共12期，数值都是5学时，没有变化", "正常波动"]),
        (judged(VALUES), ["最近一期属于正常波动"]),
        (judged(VALUES, "astronomical", "low"), ["最近一期（2023Q4）为“低于正常波动下限（变差）”：", "应了解原因"]),
        (judged(VALUES, "shift", "high", 3), ["“连续7点偏高（变好）”，从2023Q2起", "整体变高"]),
        (judged(VALUES, "trend", "low", 2), ["“连续下降（变差）”，从2023Q3起", "一期比一期低"]),
        (judged(VALUES, "two_of_three", "high"), ["“三点中两点接近上限（变好）”"]),
        (frame(("2025Q2", 5.0, "too_few_points", None), ("2025Q3", None, None, None), ("2025Q4", 6.0, "too_few_points", None)), ["共2期（另有1期没有可用的数值，图上空着）"]),
    ],
)  # fmt: skip
def test_the_reading_says_what_the_chart_shows(shown: pl.DataFrame, words: list[str]) -> None:
    reading = tables.reading(shown, CHOICE)
    assert [word for word in words if word not in reading] == [], reading


@pytest.mark.parametrize(
    ("signal", "side", "slope", "words"),
    [
        ("too_few_points", None, None, "不足5年，怎样的升降都可能只是偶然"),
        ("none", None, 0.1, "没有明显升降"),
        ("trend", "low", -0.25, "逐年下降（变差），平均每年约0.3学时"),
        ("trend", "high", 1.0, "逐年上升（变好），平均每年约1.0学时"),
    ],
)
def test_years_are_read_as_years(signal: str, side: str | None, slope: float | None, words: str) -> None:
    shown = frame(("2024", 5.0, signal, side), ("2025", 6.0, signal, side))
    assert words in tables.reading(shown, {**CHOICE, "grain": "year", "slope": slope})


@pytest.mark.parametrize(
    ("full", "time"), [(20.0, "全年"), (5.0, "各期")], ids=["a year adds up", "each point by itself"]
)
def test_what_the_limits_promise_is_said_of_year_or_point(full: float, time: str) -> None:
    shown = judged(VALUES).with_columns(standard=pl.lit(5.0))
    choice = {**CHOICE, "full_standard": full}
    for promise, words in (
        ("consistent_pass", f"{time}可以稳定达标"),
        ("consistent_fail", f"{time}难以达标"),
        ("inconsistent", f"不能保证{time}达标"),
    ):
        assert words in tables.reading(shown, {**choice, "assurance": promise})
    assert tables.standard_name(choice, shown) == ("标准（年度标准按季折算）" if time == "全年" else "标准")


def test_every_signal_of_the_mart_has_a_name_and_a_meaning() -> None:
    for signal in ("astronomical", "shift", "trend", "two_of_three"):
        for side in ("high", "low"):
            known = SIGNALS[signal, side]
            assert known.name
            assert known.sign
            assert known.meaning


def test_the_table_names_each_signal_and_explains_it() -> None:
    table = tables.points_table(judged(VALUES, "shift", "low"), CHOICE, _Scope())  # type: ignore[arg-type]
    newest = table.rows[0]
    assert newest[0] == "2023Q4"
    assert newest[-1] == Mark("worse", "■", "连续7点偏低（变差）", SIGNALS["shift", "low"].meaning)
    assert table.rows[1][-1] == Mark("", "", "正常波动", SIGNALS["none", ""].meaning)
    assert (
        "没有数值"
        in tables.points_table(frame(("2025Q4", None, None, None)), CHOICE, _Scope()).rows[0][-1].text
    )  # type: ignore[arg-type, union-attr]


class _Scope:
    """What the table asks of a scope."""

    @staticmethod
    def labels(enumeration: str, code: str) -> str:
        return {"quarter": "季"}[code]


def drawn(shown: pl.DataFrame, direction: str = "higher") -> dict[str, Any]:
    figure = control_chart(tables.trend_frame(shown, CHOICE), "学时", direction, "标准", is_year=False)
    sent: dict[str, Any] = json.loads(figure.to_json())
    return sent


def test_signals_differ_in_shape_name_and_colour() -> None:
    shown = frame(
        ("2025Q1", 7.0, "astronomical", "high"), ("2025Q2", 3.0, "astronomical", "low"), ("2025Q3", 4.5, "shift", "low"),
        ("2025Q4", 4.4, "trend", "low"), standard=5.0,
    )  # fmt: skip
    data = {trace["name"]: trace for trace in drawn(shown)["data"]}
    marks = {
        name: data[name]["marker"]["symbol"]
        for name in (
            "高于正常波动上限（变好）",
            "低于正常波动下限（变差）",
            "连续7点偏低（变差）",
            "连续下降（变差）",
        )
    }
    assert list(marks.values()) == ["diamond", "diamond", "square", "triangle-down"]
    assert (
        data["高于正常波动上限（变好）"]["marker"]["color"]
        != data["低于正常波动下限（变差）"]["marker"]["color"]
    )
    assert {"中心线", "控制上限", "控制上限和下限", "标准", "同类中位数", "本单位"} <= set(data)
    assert "应了解原因" in data["低于正常波动下限（变差）"]["hovertext"][0]


def test_which_colour_is_bad_hangs_on_the_direction() -> None:
    shown = frame(("2025Q4", 7.0, "astronomical", "high"))
    good, bad = (drawn(shown, direction)["data"][-1]["marker"]["color"] for direction in ("higher", "lower"))
    assert good != bad


def test_a_missing_point_keeps_its_place() -> None:
    shown = frame(("2025Q2", 5.0, "none", None), ("2025Q3", None, None, None), ("2025Q4", 6.0, "none", None))
    figure = drawn(shown)
    own = next(trace for trace in figure["data"] if trace["name"] == "本单位")
    assert (own["x"], own["y"]) == (["2025Q2", "2025Q3", "2025Q4"], [5.0, None, 6.0])
    assert figure["layout"]["xaxis"]["categoryarray"] == ["2025Q2", "2025Q3", "2025Q4"]


def test_the_page_begins_with_what_stands_out_on_the_worse_side() -> None:
    schema = {
        "indicator": pl.String,
        "grain": pl.String,
        "direction": pl.String,
        "side": pl.String,
        "signal": pl.String,
        "judged": pl.Boolean,
        "full_standard": pl.Float64,
        "level": pl.String,
    }
    rows = [
        ("a", "quarter", "higher", "high", "shift", True, None, None),
        ("b", "quarter", "higher", None, "none", True, 6.0, None),
        ("c", "quarter", "lower", "high", "two_of_three", True, None, None),
        ("d", "quarter", "higher", None, "none", True, 6.0, "watch"),
        ("e", "month", "higher", "low", "astronomical", True, None, "amber"),
        ("e", "quarter", "higher", None, "none", True, None, "amber"),
    ]
    known = pl.DataFrame(rows, schema=schema, orient="row")
    # the gravest open flag, else the worse side of the last quarter, else a standard that can be judged
    assert tables.most_telling(known) == "e"
    assert tables.most_telling(known[:4]) == "d"
    assert tables.most_telling(known[:3]) == "c"
    assert tables.most_telling(known[:2]) == "b"
    assert tables.most_telling(known[:2].with_columns(judged=pl.lit(value=False))) == "b"
    assert tables.most_telling(known[:1]) == "a"
    assert tables.most_telling(known[:1].with_columns(grain=pl.lit("year"))) == "a"
    # the grain in which it stands out, else quarters
    assert [tables.telling_grain(known, indicator) for indicator in "ae"] == ["quarter", "month"]


def test_the_limits_are_explained_in_one_line_where_there_are_some() -> None:
    limits, season = (
        tables.notes(pl.DataFrame({"upper": [None, 12.0]}), "quarter", is_group=False)[i] for i in (1, 2)
    )
    assert "平常起伏的范围" in limits
    assert season.startswith("季节：")
    assert max(len(limits), len(season)) <= 80
    none = pl.DataFrame({"upper": [None, None]}, schema={"upper": pl.Float64})
    assert len(tables.notes(none, "quarter", is_group=False)) == 1
    assert "不等于每个单位都达到" in tables.notes(none, "year", is_group=True)[-1]


def test_the_query_gives_missing_points_their_place_from_the_units_first_on(tmp_path: Any) -> None:
    point = {"indicator": "x", "grain": "quarter", "signal": "none", "value": 5.0}
    everywhere = [f"2025Q{q}" for q in (1, 2, 3, 4)]
    run = publish(
        tmp_path,
        {
            "trends": [{"unit_code": "U", "point": p, **point} for p in ("2025Q2", "2025Q3")],
            "group_trends": [
                {"group_kind": "province", "group_code": "province", "point": p, **point} for p in everywhere
            ],
        },
    )
    shown = queries.points(run, "unit", "U", "x", "quarter")
    assert shown.select("point", "value").rows() == [("2025Q2", 5.0), ("2025Q3", 5.0), ("2025Q4", None)]
    assert queries.choices(run, "unit", "U").is_empty()
