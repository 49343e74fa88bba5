"""Trends in tables and words: what each signal means, and what an office may conclude."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Mark, Table, Term
from dashboards.queries.overview import LEVELS
from dashboards.queries.trends import UNIT
from dashboards.scope import Scope
from pipelines.exports.trend_signals import TOO_FEW, Signal, named, signal_of, tone_of

Row = dict[str, Any]
NEGLIGIBLE = 1e-6
# What a signal towards the worse weighs, gravest first: as flags weigh it, then by how sure it is.
GRAVITY = ("astronomical", "trend", "shift", "two_of_three")
VALUES_NOTE = {
    True: "各点是当年年末评价用的数值。满5年起用曼-肯德尔法判断是否逐年升降；不足5年，怎样的升降都可能只是偶然，不作判断。",
    False: "各点是当期自己的数值，不是年内累计。满12期起由以往各期算出中心线和上下限；人数、次数很少时，偶然就能造成的起伏不算异常。",
}
SEASON_NOTE = "季节：中心线和上下限随同类单位每年各期共同的起伏调整，寒暑假前后一向的高低不算异常。"
LIMITS_NOTE = "控制图：控制上限和下限是自身平常起伏的范围：在其中的升降多属偶然，超出的应了解原因。它不是标准，达标与否另看标准线。"
NO_POINTS = "还没有可以画出趋势的数值：没有采用任何一期的报送。"
GROUP_NOTE = "一组单位的数值是各单位合计算出的比率；合计达到标准，不等于每个单位都达到。"
ASSURANCE = {
    "consistent_pass": "按这样的波动，{time}可以稳定达标",
    "consistent_fail": "按这样的波动，{time}难以达标，需要改变做法",
    "inconsistent": "按这样的波动，不能保证{time}达标",
}


class Holder(NamedTuple):
    """Who has the points: kind and code as queries know them, the name as it stands on the chart and in the file, and the place in the address."""

    kind: str
    code: str
    name: str
    address: tuple[tuple[str, str], ...]

    @property
    def is_group(self) -> bool:
        return self.kind != UNIT

    @property
    def line(self) -> str:
        """What the line of its values is called."""
        if self.is_group:
            return self.name
        return "本支部" if "branch" in dict(self.address) else "本单位"

    @property
    def file(self) -> str:
        """The holder in a file's name: a unit by its code, which no name can spoil."""
        return self.name if self.is_group else self.code


def point_signal(row: Row, grain: str) -> Signal:
    """The signal of a point in words."""
    return signal_of(row["signal"], row["side"], grain)


def value_text(value: float | None, choice: Row, standard: float | None = None) -> str:
    """A value of the indicator in its unit; beside its standard, on the right side of it."""
    return format.measure(value, 1, choice["unit"], standard)


def own_value(row: Row, choice: Row) -> str:
    """A point's value as it stands beside the standard of the point."""
    return value_text(row["value"], choice, row["standard"])


def unit_note(choice: Row) -> str:
    """The unit of measure of the figures in a file."""
    return "百分比；数值列为0至1之间的数" if choice["unit"] == "%" else choice["unit"]


def trend_frame(frame: pl.DataFrame, choice: Row) -> pl.DataFrame:
    """The points with `name` (of the signal) and `text`: what the chart draws."""
    rows = frame.to_dicts()
    names = ["" if row["value"] is None else _named(row, choice) for row in rows]
    texts = [
        f"{row['point']}　{own_value(row, choice)}<br>{name}：{point_signal(row, choice['grain']).meaning}"
        if name
        else f"{row['point']}　没有可用的数值"
        for row, name in zip(rows, names, strict=True)
    ]
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
            f"只有{last['point']}一{unit_of_time}的数值：{own_value(last, choice)}，还看不出变化。"
            f"{point_signal(last, choice['grain']).name}。"
        )
    missing = frame.height - len(rows)
    gaps = f"（另有{missing}{unit_of_time}没有可用的数值，图上空着）" if missing else ""
    if present["value"].n_unique() == 1:
        span = f"{first['point']}至{last['point']}共{len(rows)}{unit_of_time}{gaps}，数值都是{own_value(last, choice)}，没有变化。"
    else:
        span = (
            f"{first['point']}至{last['point']}共{len(rows)}{unit_of_time}{gaps}，"
            f"从{own_value(first, choice)}到{own_value(last, choice)}。"
        )
    return span + (_yearly(choice, last) if choice["grain"] == "year" else _latest(rows, choice))


def _latest(rows: list[Row], choice: Row) -> str:
    last = rows[-1]
    if last["signal"] == TOO_FEW:
        return f"{point_signal(last, choice['grain']).name}。"
    running = [row for row in rows if (row["signal"], row["side"]) == (last["signal"], last["side"])]
    if last["signal"] == "none":
        before = len([row for row in rows if row["signal"] != "none"])
        sentence = "最近一期属于正常波动" + (f"，以前有{before}期出现过信号。" if before else "。")
    else:
        known = point_signal(last, choice["grain"])
        since = _since(rows, last)
        begins = f"，从{since}起" if since != last["point"] and len(running) > 1 else ""
        sentence = f"最近一期（{last['point']}）为“{_named(last, choice)}”{begins}：{known.meaning}。"
    if choice["assurance"] is None:
        return sentence
    time = ("全年" if adds_up(choice, rows) else "各期") + ("合计" if choice["is_group"] else "")
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
    known = point_signal(last, "year")
    if last["signal"] == TOO_FEW:
        return f"{known.name}：不足5年，怎样的升降都可能只是偶然。"
    if last["signal"] == "none":
        return f"{known.name}：{known.meaning}。"
    change = abs(choice["slope"] or 0.0)
    scale, unit = (100, "个百分点") if choice["unit"] == "%" else (1, choice["unit"])
    amount = f"{format.rounded(Fraction(round(change * scale, 6)))}{unit}"
    return f"{_named(last, {**choice, 'grain': 'year'})}，平均每年约{amount}：{known.meaning}。"


def _named(row: Row, choice: Row) -> str:
    return named(row["signal"], row["side"], choice["grain"], choice["direction"])


def mark(row: Row, choice: Row) -> Mark:
    """A point's signal by sign, colour and name, with its meaning one hover away."""
    known = point_signal(row, choice["grain"])
    tone = tone_of(row["side"], choice["direction"])
    return Mark(tone, known.sign, _named(row, choice), known.meaning)


def points_table(frame: pl.DataFrame, choice: Row, scope: Scope) -> Table:
    """Each point with limits, standard, peers' median and signal, newest first."""
    is_year = choice["grain"] == "year"
    rows: list[list[Cell]] = []
    lines = {"centre": "各年平均" if is_year else "中心线"}
    lines |= {} if is_year else {"lower": "控制下限", "upper": "控制上限"}
    lines |= {"standard": standard_name(choice, frame)}
    lines |= {} if choice["is_group"] else {"peer_median": "同类中位数"}
    for row in frame.sort("point", descending=True).to_dicts():
        figures = [own_value(row, choice), *(value_text(row[name], choice) for name in lines)]
        rows.append([row["point"], *figures, _judged(row, choice)])
    names = ("数值", *lines.values())
    columns = [Column("时间", narrow=True), *(Column(name, figures=True) for name in names)]
    return Table(
        f"{choice['label_zh']}：按{scope.labels('time_grain', choice['grain'])}的趋势",
        [*columns, Column("判断")],
        rows,
        "这个指标还没有可以列出的数值。",
    )


def _judged(row: Row, choice: Row) -> Cell:
    if row["value"] is None:
        return Term("没有数值", "未报送，或数据未通过校验，或本期没有这项工作")
    return mark(row, choice)


def standard_name(choice: Row, frame: pl.DataFrame) -> str:
    """What the line of the standard is called: of a standard that the year adds up to, a point owes its part."""
    grain = {"month": "月", "quarter": "季"}.get(choice["grain"])
    return f"标准（年度标准按{grain}折算）" if adds_up(choice, frame.to_dicts()) else "标准"


def adds_up(choice: Row, rows: list[Row]) -> bool:
    """Whether a year adds up to the standard, of which a point then owes its part."""
    asked = [row["standard"] for row in rows if row["standard"] is not None]
    full = choice["full_standard"]
    if not asked or full is None or choice["grain"] == "year":
        return False
    return bool(abs(asked[-1] - float(full)) > NEGLIGIBLE)


def most_telling(known: pl.DataFrame) -> str:
    """The indicator to begin with.

    That of the gravest open trend flag, else of the gravest newest signal towards the worse (quarters before months and years), else the
    first with a standard that can be judged, else with a standard, else the first.
    """
    quarters = known.filter(pl.col("grain") == "quarter")
    gravest = pl.col("level").replace_strict({level: place for place, level in enumerate(LEVELS)}, default=9)
    worse = known.filter(_is_worse()).sort(pl.col("grain") != "quarter", gravity(), maintain_order=True)
    for part in (
        known.drop_nulls("level").sort(gravest, maintain_order=True),
        worse,
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


def gravity() -> pl.Expr:
    """A sort key over `signal`, gravest first."""
    return pl.col("signal").replace_strict({name: i for i, name in enumerate(GRAVITY)}, default=len(GRAVITY))


def _is_worse() -> pl.Expr:
    worse = pl.when(pl.col("direction") == "higher").then(pl.lit("low")).otherwise(pl.lit("high"))
    return pl.col("side") == worse


def notes(frame: pl.DataFrame, grain: str, is_group: bool) -> list[str]:
    """How the chart is to be read, a line each: the values, the limits and the season where there are some, and what a group's sums are not."""
    has_limits = "upper" in frame.columns and frame["upper"].null_count() < frame.height
    lines = [VALUES_NOTE[grain == "year"]]
    lines += [LIMITS_NOTE, SEASON_NOTE] if has_limits else []
    return [*lines, GROUP_NOTE] if is_group else lines
