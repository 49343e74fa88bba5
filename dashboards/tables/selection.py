"""A trial beside the official list, and the contact points, in tables and words."""

from __future__ import annotations

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.queries.selection import Tried
from dashboards.rows import Row, Rows
from dashboards.scope import Scope


def trial_reading(tried: Tried) -> str:
    """What was changed, and how many come in and go out."""
    comes = tried.both.filter(pl.col("selected") & ~pl.col("selected_before")).height
    goes = tried.both.filter(~pl.col("selected") & pl.col("selected_before")).height
    if not tried.words:
        return "尚未改动：下面的试算与正式名单相同。"
    moved = f"新入选{comes}个，不再入选{goes}个" if comes or goes else "名单没有变化"
    return f"改动：{'；'.join(tried.words)}。结果：{moved}。"


def trial_table(tried: Tried, scope: Scope) -> Table:
    """Everyone on either list: the official place and the trial's, side by side."""
    rows: list[list[Cell]] = []
    groups: list[tuple[int, str]] = []
    before = None
    for row in tried.both.to_dicts():
        if row["kind"] != before:
            groups.append((len(rows), scope.labels("kind", row["kind"])))
            before = row["kind"]
        rows.append(
            [
                scope.unit_link(row["name"], row["unit_code"]),
                row["city"] or format.NOTHING,
                _list_zh(row["selected_before"]),
                format.number(row["rank_before"]),
                format.score(row["score_before"]),
                _list_zh(row["selected"]),
                format.number(row["rank"]),
                format.score(row["score"]),
                _moved(row["selected_before"], row["selected"]),
                row["reason"],
            ]
        )
    columns = [
        Column("单位"),
        Column("地区", narrow=True),
        Column("正式名单", narrow=True),
        Column("正式名次", figures=True),
        Column("正式得分", figures=True),
        Column("试算名单", narrow=True),
        Column("试算名次", figures=True),
        Column("试算得分", figures=True),
        Column("变化", narrow=True),
        Column("试算理由", prose=True),
    ]
    return Table("试算与正式名单", columns, rows, "两份名单都没有单位。", groups)


def contacts_table(frame: pl.DataFrame, scope: Scope, caption: str, empty: str) -> Table:
    """Units with what help would bring, and why."""

    def made(row: Row) -> list[Cell]:
        return [
            format.number(row["place"]),
            scope.unit_link(row["name"] or row["unit_code"], row["unit_code"]),
            scope.labels("kind", row["kind"]),
            scope.labels("category", row["category"]),
            row["city"] or format.NOTHING,
            format.score(row["gain"]),
            row["reason"],
        ]

    columns = [
        Column("同类位次", figures=True),
        Column("单位"),
        Column("单位类型", narrow=True),
        Column("类别", narrow=True),
        Column("地区", narrow=True),
        Column("帮扶效果", figures=True),
        Column("理由", grow=True),
    ]
    return Table(caption, columns, Rows(frame, made), empty)


def _list_zh(selected: bool) -> str:
    return "入选" if selected else "—"


def _moved(before: bool, now: bool) -> Cell:
    if before == now:
        return "不变"
    return Badge("on_pace", "新入选") if now else Badge("behind", "不再入选")
