"""Reporting in tables and words: key figures, the heat map, units behind, questions least answered, a unit's own record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from itertools import groupby
from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table, Term
from dashboards.queries.reporting import LACKING
from dashboards.rows import Rows
from dashboards.scope import Scope
from pipelines.exports.chase import ChaseList, Owing

Row = dict[str, Any]

# name, part, whole, what is counted, meaning
MEASURES = {
    "completeness": (
        "完整率",
        "usable",
        "cells",
        "个答案",
        "可用答案数与应填答案数之比，未报送单位的应填答案也计入",
    ),
    "timeliness": ("按时率", "on_time", "owed", "个单位", "截止前首次报送的单位数与应报单位数之比"),
}
# The look of what is owed: the signs and colours of states and severities.
LOOKS = {"report": "refused", "replacement": "refused", "correction": "returned", "explanation": "explain"}
# What the unit does about it, where it hands in.
DOES_ZH = {
    "report": "去报送",
    "replacement": "重新报送",
    "correction": "改正后报送",
    "explanation": "补充说明",
}
NAMED = 3


def key_figures(now: dict[str, int], before: dict[str, int] | None) -> list[tuple[str, str, str]]:
    """Owed, received, in time, accepted, and how much of what was asked can be used; with the change since the period before."""
    items = [("应报单位", format.number(now["owed"]), "按本期名册")]
    for key, name in (("received", "已报送"), ("on_time", "按时报送"), ("accepted", "已采用")):
        remark = f"占{format.rate(now[key], now['owed'])}{_since(now, before, key, 'owed')}"
        items.append((name, format.number(now[key]), remark))
    share = format.rate(now["usable"], now["cells"])
    remark = f"{now['usable']} / {now['cells']}个答案{_since(now, before, 'usable', 'cells')}"
    return [*items, ("完整率", share, remark)]


def _since(now: dict[str, int], before: dict[str, int] | None, part: str, whole: str) -> str:
    if before is None or not now[whole] or not before[whole]:
        return ""
    change = format.difference(now[part] / now[whole], before[part] / before[whole])
    return f"，比上期{change}"


def tiles(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """group, period, share (0 to 1 or null), text and detail of one measure, for the heat map."""
    name, part, whole, unit, _ = MEASURES[measure]
    rows = [
        {
            "group": row["group"],
            "period": row["period"],
            "share": row[part] / row[whole] if row[whole] else None,
            "text": format.rate(row[part], row[whole]),
            "detail": f"{name} {format.rate(row[part], row[whole])}（{row[part]} / {row[whole]}{unit}）",
        }
        for row in frame.to_dicts()
    ]
    schema = {
        "group": pl.String,
        "period": pl.String,
        "share": pl.Float64,
        "text": pl.String,
        "detail": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def tiles_reading(frame: pl.DataFrame, measure: str, scope: Scope) -> str:
    """The province in this period, and the cities where it is lowest."""
    name, part, whole, _, _ = MEASURES[measure]
    now = frame.filter(pl.col("period") == scope.period, pl.col(whole) > 0)
    province = now.filter(pl.col("city_code").is_null()).to_dicts()
    if not province:
        return "本期没有应报送的单位。"
    so_far = "" if scope.is_due else "（尚未截止）"
    sentence = f"{scope.period_zh}{so_far}全省{name}{format.rate(province[0][part], province[0][whole])}"
    cities = now.drop_nulls("city_code").sort(pl.col(part) / pl.col(whole), "city_code")
    short = cities.filter(pl.col(part) < pl.col(whole))
    if short.is_empty():
        return f"{sentence}，各地区均为100.0%。"
    return f"{sentence}；最低的{_lowest(short.to_dicts(), part, whole)}。"


def _lowest(rows: Sequence[Row], part: str, whole: str) -> str:
    """The first groups of rows in the order of their share; of equals all are named, or none."""
    equal = [list(group) for _, group in groupby(rows, key=lambda row: row[part] / row[whole])]
    if len(equal[0]) > NAMED:
        return f"有{len(equal[0])}个地区，均为{format.rate(equal[0][0][part], equal[0][0][whole])}"
    named: list[Row] = []
    for group in equal:
        if len(named) + len(group) > NAMED:
            break
        named += group
    return "是" + "、".join(f"{row['group']}（{format.rate(row[part], row[whole])}）" for row in named)


def tiles_table(frame: pl.DataFrame) -> Table:
    """Both measures with their numerators and denominators, newest quarter first."""
    rows: list[list[Cell]] = [
        [
            row["period"],
            row["group"],
            *(format.number(row[key]) for key in ("owed", "received", "on_time")),
            format.rate(row["on_time"], row["owed"]),
            format.number(row["cells"]),
            format.number(row["usable"]),
            format.rate(row["usable"], row["cells"]),
        ]
        for row in frame.sort("period", "city_code", descending=[True, False], nulls_last=False).to_dicts()
    ]
    names = ("应报单位", "已报送", "按时", "按时率", "应填答案", "可用答案", "完整率")
    columns = [Column("报告期", narrow=True), Column("地区", narrow=True)]
    return Table(
        "各地区各季度完整率与按时率",
        [*columns, *(Column(name, figures=True) for name in names)],
        rows,
        "没有应报送的单位。",
    )


def owing_table(listed: ChaseList, rows: Sequence[Owing], scope: Scope) -> Table:
    """Who owes what, since when, and whom to ask."""
    shown: list[list[Cell]] = [
        [
            scope.unit_link(row.name, row.unit_code),
            Badge(LOOKS[row.owes], scope.labels("owes", row.owes)),
            str(row.since),
            format.number(row.days),
            row.situation,
            listed.office[row.office_code].name,
            scope.submit_link(DOES_ZH[row.owes], row.unit_code),
        ]
        for row in rows
    ]
    columns = [
        Column("单位"),
        Column("事项", narrow=True),
        Column("自何时起", narrow=True),
        Column("已过天数", figures=True),
        Column("情况", grow=True, meaning=""),
        Column("催办部门"),
        Column("办理"),
    ]
    return Table(f"{scope.period_zh}需催报的单位", columns, shown, "没有需要催报的单位。")


def owing_reading(listed: ChaseList, rows: Sequence[Owing]) -> str:
    """How many units owe something (of the whole province also how many still have time), and to what day the days are counted."""
    head = f"需催报{len(rows)}个单位。" if rows else "没有需要催报的单位。"
    is_whole = len(rows) == len(listed.rows)
    waiting = f"全省另有{listed.not_due}个单位尚未报送，还在期限之内。" if listed.not_due and is_whole else ""
    return f"{head}{waiting}天数算至{listed.today}，即系统最近一次收到文件或名册的日期。"


def late_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Units whose first submission came after the due time."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.unit_link(row["name"], row["unit_code"]),
            row["city"],
            scope.labels.local_time(row["first_received_at"]),
            format.number(row["days_late"]),
            Badge(row["state"], scope.labels("state", row["state"])),
        ]

    columns = [Column("单位"), Column("地区", narrow=True), Column("首次收到", narrow=True)]
    columns += [Column("逾期天数", figures=True), Column("现状态", narrow=True)]
    return Table(f"{scope.period_zh}逾期报送的单位", columns, Rows(frame, made), "没有逾期报送的单位。")


def questions_reading(frame: pl.DataFrame) -> str:
    """Which question is answered least, and why most answers are lacking."""
    if frame.is_empty():
        return "本期没有应填的指标项。"
    short = frame.filter(pl.col("usable") < pl.col("cells"))
    if short.is_empty():
        return f"{frame.height}项指标项的答案全部可用。"
    low = short.row(0, named=True)
    return (
        f"{frame.height}项指标项中有{short.height}项的答案不全可用；最低的是{low['question']}“{low['label_zh']}”，"
        f"{low['cells']}个应填答案中{low['usable']}个可用（{format.rate(low['usable'], low['cells'])}）。"
    )


def questions_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The questions with their cells, how many can be used, and why not."""
    rows: list[list[Cell]] = [
        [
            row["question"],
            row["label_zh"],
            Term(row["clause"], scope.labels("clause", row["clause"])),
            scope.labels.who(row["who"] or ""),
            *(format.number(row[key]) for key in ("cells", "usable")),
            format.rate(row["usable"], row["cells"]),
            *(format.number(row[key]) for key in LACKING),
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("代码", narrow=True), Column("指标项"), Column("条款", narrow=True), Column("填报对象")]
    names = ("应填答案", "可用", "完整率", *(scope.labels("lacking", code) for code in LACKING))
    columns += [Column(name, figures=True) for name in names]
    return Table(f"{scope.period_zh}各指标项的完整率", columns, rows, "本期没有应填的指标项。")


def outcome(row: Row, scope: Scope) -> str:
    """What a unit did in a period: 按时, 逾期3天, 未报送, 未能受理, 尚未截止."""
    if row["on_time"]:
        return "按时"
    if row["days_late"] is not None:
        return f"逾期{row['days_late']}天"
    return scope.labels("owes", row["owes"])


def record_reading(frame: pl.DataFrame, scope: Scope) -> str:
    """A unit's record over the quarters in one line; the quarters that were not in time are named, newest first."""
    if frame.is_empty():
        return "该单位没有应报送的报告期。"
    rows = frame.to_dicts()
    closed = [row for row in rows if row["owes"] != "not_due"]
    good = sum(row["on_time"] for row in closed)
    others = [f"{row['period']}{outcome(row, scope)}" for row in closed if not row["on_time"]]
    named = "、".join(others[:NAMED]) + (f"等{len(others)}期" if len(others) > NAMED else "")
    span = f"{rows[-1]['period']}至{rows[0]['period']}" if len(rows) > 1 else rows[0]["period"]
    waiting = [row["period"] for row in rows if row["owes"] == "not_due"]
    open_now = f"；{'、'.join(waiting)}尚未截止" if waiting else ""
    return (
        f"报送记录（{span}）：应报{len(closed)}期，按时{good}期{f'；{named}' if others else ''}{open_now}。"
    )


def record_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """A unit's record, quarter by quarter."""
    rows: list[list[Cell]] = [
        [
            row["period"],
            scope.labels.local_time(row["due_at"].replace(tzinfo=UTC))[:10],
            scope.labels.local_time(row["first_received_at"]),
            outcome(row, scope),
            format.number(row["n_versions"]),
            format.rate(row["usable"], row["cells"]),
            f"{row['usable']} / {row['cells']}",
            Badge(LOOKS[row["owes"]], scope.labels("owes", row["owes"]))
            if row["owes"] in LOOKS
            else scope.labels("owes", row["owes"]),
            scope.submit_link(DOES_ZH[row["owes"]], row["unit_code"], row["period"])
            if row["owes"] in DOES_ZH
            else format.NOTHING,
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column(name, narrow=True) for name in ("报告期", "截止日期", "首次收到", "结果")]
    columns += [Column(name, figures=True) for name in ("版本数", "完整率", "可用 / 应填")]
    return Table(
        "各期报送记录",
        [*columns, Column("现欠", narrow=True), Column("办理")],
        rows,
        "该单位没有应报送的报告期。",
    )
