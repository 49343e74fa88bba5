"""Signs of form-filling in tables and words."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from dashboards import format, sign_charts
from dashboards.markup import Cell, Column, Link, Table
from dashboards.scope import Scope
from expectations.models.signs import SIGNS
from pipelines.exports.signs import p_zh, period_zh

Row = dict[str, Any]
PAGE_LEAST = 1e-4  # a p below is told as such: files give more


def key_figures(tests: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Tests made, judged, not judged, signs raised, and the rate of false ones that is allowed for."""
    sums = {name: int(tests[name].sum()) for name in ("tests", "judged", "too_few", "raised")}
    allowed = tests["false_discovery_rate"].max()
    return [
        ("本期检验", str(sums["tests"]), "每个单位、支部、地区和种类各算一次"),
        ("可以判断", str(sums["judged"]), f"占{format.rate(sums['judged'], sums['tests'])}"),
        ("尚不能判断", str(sums["too_few"]), "数据太少或数字太小"),
        ("疑点", str(sums["raised"]), "需要询问的问题"),
        (
            "允许的误报比例",
            format.rate(allowed) if isinstance(allowed, float) else format.NOTHING,
            "各种类分别控制，合计不超过此比例",
        ),
    ]


def tests_table(tests: pl.DataFrame, scope: Scope) -> Table:
    """Tests by kind of sign."""
    known = {row["sign"]: row for row in tests.to_dicts()}
    rows: list[list[Cell]] = [
        [
            scope.labels("sign", sign),
            *(format.number(known[sign][key]) for key in ("tests", "judged", "too_few", "raised")),
        ]
        for sign in SIGNS
        if sign in known
    ]
    columns = [Column("种类", meaning="")]
    columns += [Column(name, figures=True) for name in ("检验", "可以判断", "尚不能判断", "疑点")]
    return Table(f"{scope.period_zh}各种类的检验", columns, rows, "本期没有可以检验的数据。")


def reading(frame: pl.DataFrame, scope: Scope) -> str:
    """How many signs there are, of which kinds, and about how many units."""
    if frame.is_empty():
        return "没有需要询问的疑点。"
    counts = [(scope.labels("sign", sign), frame.filter(pl.col("sign") == sign).height) for sign in SIGNS]
    kinds = "、".join(f"{name}{count}处" for name, count in counts if count)
    units = frame["unit_code"].drop_nulls().n_unique()
    return f"共{frame.height}处疑点（{kinds}），涉及{units}个单位。"


def signs_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The signs with what was seen, how sure that is, what to ask and what may innocently explain it."""
    rows: list[list[Cell]] = [
        [
            scope.labels("sign", row["sign"]),
            who(row, scope),
            facts(row),
            scope.labels("sign_test", row["test"]),
            format.number(row["n"]),
            p_zh(row["p"], PAGE_LEAST),
            p_zh(row["p_adjusted"], PAGE_LEAST),
            row["asks"],
            row["innocent"],
            period_zh(row["since"]),
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("种类", phrases=True, meaning=""),
        Column("单位、支部"),
        Column("看到的情况", grow=True),
    ]
    columns += [
        Column("检验方法", phrases=True),
        Column("数据个数", figures=True),
        Column("p值", figures=True),
    ]
    columns += [Column("调整后p值", figures=True), Column("需要询问", path=True)]
    columns += [Column("可能的正常原因", path=True), Column("持续自", phrases=True)]
    return Table(f"{scope.period_zh}填报疑点", columns, rows, "没有符合条件的疑点。")


def who(row: Row, scope: Scope) -> Link | str:
    """The unit or branch; the city where the sign is about its units together."""
    if row["unit_code"]:
        text = f"{row['unit_name'] or row['unit_code']}{row['branch'] or ''}"
        return scope.unit_link(text, row["unit_code"], row["branch_code"])
    return f"{row['city'] or row['scope_code']}各单位"


def facts(row: Row) -> str:
    """What was seen, without the names that stand beside it."""
    told: str = row["facts"]
    for name in (row["unit_name"] or row["city"] or "", f"“{row['branch']}”"):
        told = told.removeprefix(name)
    return told


def choice_zh(row: Row, scope: Scope) -> str:
    """A sign in a list to choose from."""
    about = row["unit_name"] or f"{row['city'] or row['scope_code']}各单位"
    branch = f"　{row['branch']}" if row["branch"] else ""
    return f"{scope.labels('sign', row['sign'])}　{about}{branch}（{scope.labels('sign_test', row['test'])}）"


def seen(row: Row) -> Row:
    """The figures that the test saw."""
    read: Row = json.loads(row["seen"])
    return read


def seen_table(row: Row) -> Table:
    """What the chart of a sign is drawn from; of copied rows see rows_table."""
    figures = seen(row)
    if row["sign"] == "bunching":
        columns = [Column("与达标所需人数相比"), Column("数据个数", figures=True)]
        rows: list[list[Cell]] = [
            [sign_charts.margin_zh(place), format.number(count)]
            for place, count in sign_charts.margins(figures).items()
        ]
    elif row["sign"] == "too_constant":
        columns = [Column("月份"), *(Column(name, figures=True) for name in ("分子", "分母", "比例"))]
        columns.append(Column("偶然波动的一般范围", figures=True))
        rows = [
            [
                month,
                format.number(k),
                format.number(n),
                format.rate(k, n),
                f"{low * 100:.1f}%～{high * 100:.1f}%",
            ]
            for month, k, n, low, high in zip(
                *(figures[name] for name in ("months", "k", "n", "low", "high")), strict=True
            )
        ]
    else:
        columns = [Column("末位数字"), Column("数据个数", figures=True), Column("通常约有", figures=True)]
        rows = [
            [str(digit), format.number(count), f"{usual:.1f}"]
            for digit, (count, usual) in enumerate(zip(figures["counts"], figures["expected"], strict=True))
        ]
    return Table("疑点所依据的数字", columns, rows, "")


def rows_table(row: Row, scope: Scope) -> Table:
    """The two rows that are the same, side by side."""
    figures = seen(row)
    here = f"{row['unit_name']}{row['branch']}（{period_zh(figures['period'])}）"
    there = f"{row['other_unit']}{row['other_branch']}（{period_zh(figures['other_period'])}）"
    rows: list[list[Cell]] = [
        [name, format.number(one), format.number(other)]
        for name, one, other in zip(figures["names"], figures["here"], figures["there"], strict=True)
    ]
    return Table(
        "相同的两行", [Column("指标项"), Column(here, figures=True), Column(there, figures=True)], rows, ""
    )
