"""Trends in tables and words: what each signal means, and what an office may conclude."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Table, Term
from dashboards.queries.overview import LEVELS
from dashboards.scope import Scope

Row = dict[str, Any]
TOO_FEW = "too_few_points"
NEGLIGIBLE = 1e-6


class Signal(NamedTuple):
    """A signal as the pages name it: name, sign beside the colour, and what it means."""

    name: str
    sign: str
    meaning: str


# By signal and side; side "" stands for both.
SIGNALS: dict[tuple[str, str], Signal] = {
    ("astronomical", "high"): Signal(
        "异常点（偏高）", "◆", "这一期高于控制上限，平常的起伏很少到这么高，应了解原因"
    ),
    ("astronomical", "low"): Signal(
        "异常点（偏低）", "◆", "这一期低于控制下限，平常的起伏很少到这么低，应了解原因"
    ),
    ("shift", "high"): Signal("连续偏移（偏高）", "■", "连续7期以上都高于中心线，说明水平已经整体变高"),
    ("shift", "low"): Signal("连续偏移（偏低）", "■", "连续7期以上都低于中心线，说明水平已经整体变低"),
    ("trend", "high"): Signal("持续上升", "▲", "连续7期一期比一期高，不像是平常的起伏"),
    ("trend", "low"): Signal("持续下降", "▼", "连续7期一期比一期低，不像是平常的起伏"),
    ("two_of_three", "high"): Signal(
        "三点中两点接近上限", "✚", "相邻3期里有2期接近控制上限，可能正在变高，请留意"
    ),
    ("two_of_three", "low"): Signal(
        "三点中两点接近下限", "✚", "相邻3期里有2期接近控制下限，可能正在变低，请留意"
    ),
    ("none", ""): Signal("正常波动", "", "在控制限之内，是平常的起伏，不必逐期追问原因"),
    (TOO_FEW, ""): Signal("不足12期，暂不判断", "", "期数不够，算不出可靠的控制限，因此不作判断"),
}
YEARLY: dict[tuple[str, str], Signal] = {
    ("trend", "high"): Signal("逐年上升", "▲", "各年总体上升，出于偶然的可能小于5%"),
    ("trend", "low"): Signal("逐年下降", "▼", "各年总体下降，出于偶然的可能小于5%"),
    ("none", ""): Signal("没有明显升降", "", "各年有高有低，不能排除只是偶然"),
    (TOO_FEW, ""): Signal("不足5年，暂不判断", "", "不足5年时，怎样的升降都不能排除偶然，因此不作判断"),
}
NOTES = {
    True: "各点是当年年末评价用的数值。满5年起用曼-肯德尔法判断是否逐年升降；不足5年，怎样的升降都可能只是偶然，不作判断。",
    False: "各点是当期自己的数值，不是年内累计。满12期起计算控制限：中心线和上下限由本单位各期数值算出，并按同类单位每年各期的共同起伏调整，"
    "寒暑假前后的高低不算异常；人数、次数很少时，偶然就能造成的起伏也不算异常。",
}
ASSURANCE = {
    "consistent_pass": "按这样的波动，{time}可以稳定达标",
    "consistent_fail": "按这样的波动，{time}难以达标，需要改变做法",
    "inconsistent": "按这样的波动，不能保证{time}达标",
}


def signal_of(row: Row, grain: str) -> Signal:
    """The signal of a point in words."""
    known = YEARLY if grain == "year" else SIGNALS
    return known[row["signal"], row["side"] or ""]


def value_text(value: float | None, choice: Row) -> str:
    """A value of the indicator in its unit, without a standard's side: it is no judgement."""
    return format.measure(value, 1, choice["unit"]) if value is not None else format.NOTHING


def trend_frame(frame: pl.DataFrame, choice: Row) -> pl.DataFrame:
    """The points with `name` (of the signal) and `text`: what the chart draws."""
    rows = frame.to_dicts()
    known = [None if row["value"] is None else signal_of(row, choice["grain"]) for row in rows]
    texts = [
        f"{row['point']}　没有可用的数值"
        if signal is None
        else f"{row['point']}　{value_text(row['value'], choice)}<br>{signal.name}：{signal.meaning}"
        for row, signal in zip(rows, known, strict=True)
    ]
    names = ["" if signal is None else signal.name for signal in known]
    return frame.with_columns(name=pl.Series(names, dtype=pl.String), text=pl.Series(texts, dtype=pl.String))


def reading(frame: pl.DataFrame, choice: Row) -> str:
    """From where to where, what the last point is, what else has been, and what the limits promise."""
    present = frame.drop_nulls("value")
    unit_of_time = "年" if choice["grain"] == "year" else "期"
    if present.is_empty():
        return "这个指标还没有可以画出的数值。"
    rows = present.to_dicts()
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return (
            f"只有{last['point']}一{unit_of_time}的数值：{value_text(last['value'], choice)}，还看不出变化。"
            f"{signal_of(last, choice['grain']).name}。"
        )
    missing = frame.height - len(rows)
    gaps = f"（另有{missing}{unit_of_time}没有可用的数值，图上空着）" if missing else ""
    if present["value"].n_unique() == 1:
        span = f"{first['point']}至{last['point']}共{len(rows)}{unit_of_time}{gaps}，数值都是{value_text(last['value'], choice)}，没有变化。"
    else:
        span = (
            f"{first['point']}至{last['point']}共{len(rows)}{unit_of_time}{gaps}，"
            f"从{value_text(first['value'], choice)}到{value_text(last['value'], choice)}。"
        )
    return span + (_yearly(choice, last) if choice["grain"] == "year" else _latest(rows, choice))


def _latest(rows: list[Row], choice: Row) -> str:
    last = rows[-1]
    if last["signal"] == TOO_FEW:
        return f"{signal_of(last, choice['grain']).name}。"
    running = [row for row in rows if (row["signal"], row["side"]) == (last["signal"], last["side"])]
    if last["signal"] == "none":
        before = len([row for row in rows if row["signal"] != "none"])
        sentence = "最近一期属于正常波动" + (f"，以前有{before}期出现过信号。" if before else "。")
    else:
        known = signal_of(last, choice["grain"])
        since = _since(rows, last)
        begins = f"，从{since}起" if since != last["point"] and len(running) > 1 else ""
        sentence = f"最近一期（{last['point']}）为“{known.name}”{begins}：{known.meaning}。"
    if choice["assurance"] is None:
        return sentence
    time = "全年" if adds_up(choice, rows) else "各期"
    return sentence + ASSURANCE[choice["assurance"]].format(time=time) + "。"


def _since(rows: list[Row], last: Row) -> str:
    """The first point of the unbroken run of the last signal."""
    since = last["point"]
    for row in reversed(rows):
        if (row["signal"], row["side"]) != (last["signal"], last["side"]):
            break
        since = row["point"]
    return str(since)


def _yearly(choice: Row, last: Row) -> str:
    known = signal_of(last, "year")
    if last["signal"] == TOO_FEW:
        return f"{known.name}：不足5年，怎样的升降都可能只是偶然。"
    if last["signal"] == "none":
        return f"{known.name}：{known.meaning}。"
    change = abs(choice["slope"] or 0.0)
    scale, unit = (100, "个百分点") if choice["unit"] == "%" else (1, choice["unit"])
    amount = f"{format.rounded(Fraction(round(change * scale, 6)))}{unit}"
    return f"{known.name}，平均每年约{amount}：{known.meaning}。"


def points_table(frame: pl.DataFrame, choice: Row, scope: Scope) -> Table:
    """Each point with limits, standard, peers' median and signal, newest first."""
    is_year = choice["grain"] == "year"
    rows: list[list[Cell]] = []
    for row in frame.sort("point", descending=True).to_dicts():
        figures = [row["value"], row["centre"]]
        figures += [] if is_year else [row["lower"], row["upper"]]
        rows.append(
            [
                row["point"],
                *(value_text(value, choice) for value in (*figures, row["standard"], row["peer_median"])),
                _judged(row, choice["grain"]),
            ]
        )
    names = ["数值", "各年平均"] if is_year else ["数值", "中心线", "控制下限", "控制上限"]
    names += [standard_name(choice, frame), "同类中位数"]
    columns = [Column("时间", narrow=True), *(Column(name, figures=True) for name in names)]
    return Table(
        f"{choice['label_zh']}：按{scope.labels('time_grain', choice['grain'])}的趋势",
        [*columns, Column("判断")],
        rows,
        "这个指标还没有可以列出的数值。",
    )


def _judged(row: Row, grain: str) -> Cell:
    if row["value"] is None:
        return Term("没有数值", "未报送，或数据未通过校验，或本期没有这项工作")
    known = signal_of(row, grain)
    return Term(f"{known.sign} {known.name}".strip(), known.meaning)


def standard_name(choice: Row, frame: pl.DataFrame) -> str:
    """What the line of the standard is called: of a standard that the year adds up to, a point owes its part."""
    return "标准（年度标准按季折算）" if adds_up(choice, frame.to_dicts()) else "标准"


def adds_up(choice: Row, rows: list[Row]) -> bool:
    """Whether a year adds up to the standard, of which a point then owes its part."""
    asked = [row["standard"] for row in rows if row["standard"] is not None]
    parts = len({row["point"][4:] for row in rows})
    full = choice["full_standard"]
    if not asked or full is None or parts == 1:
        return False
    return bool(abs(asked[-1] * parts - float(full)) < NEGLIGIBLE)


def most_telling(known: pl.DataFrame) -> str:
    """The indicator to begin with.

    That of the gravest open trend flag, else one whose last quarter stands out on the worse side, else the first with a standard that
    can be judged, else with a standard, else the first.
    """
    quarters = known.filter(pl.col("grain") == "quarter")
    gravest = pl.col("level").replace_strict({level: place for place, level in enumerate(LEVELS)}, default=9)
    for part in (
        known.drop_nulls("level").sort(gravest, maintain_order=True),
        quarters.filter(_is_worse()),
        quarters.filter(pl.col("judged"), pl.col("full_standard").is_not_null()),
        known.filter(pl.col("full_standard").is_not_null()),
        known,
    ):
        if part.height:
            return str(part["indicator"][0])
    raise ValueError("no indicator to choose from")


def telling_grain(known: pl.DataFrame, indicator: str) -> str:
    """The grain to begin with: quarters, unless the last point stands out on the worse side in another grain alone."""
    mine = known.filter(pl.col("indicator") == indicator)
    order = pl.col("grain") != "quarter"
    worse = mine.filter(_is_worse()).sort(order, maintain_order=True)
    return str((worse if worse.height else mine.sort(order, maintain_order=True))["grain"][0])


def _is_worse() -> pl.Expr:
    worse = pl.when(pl.col("direction") == "higher").then(pl.lit("low")).otherwise(pl.lit("high"))
    return pl.col("side") == worse


def limits_note(frame: pl.DataFrame) -> str:
    """What the limits are, in one line; empty where none are drawn."""
    if "upper" not in frame.columns or frame["upper"].null_count() == frame.height:
        return ""
    return "控制上限和下限是本单位平常起伏的范围，由以往各期算出：在其中的升降多属偶然，超出的应了解原因。它不是标准，达标与否另看标准线。"
