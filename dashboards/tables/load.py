"""The load of filling in, in tables and words, and the questions proposed for removal."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Table, Term
from dashboards.scope import Scope
from pipelines.exports.load import COUNTS, each, share_zh

Row = dict[str, Any]
FORMS = {"": "每单位合计", "own": "本级表", "ledger": "支部台账"}
FILLERS = {"": "每单位", "own": "每单位", "ledger": "每支部"}
# Parts of a bar, from the bottom: what nobody had to do first.
PARTS = (("kept", "预填未改"), ("changed", "预填后改动"), ("typed", "手工填写"), ("blank", "未填"))
VARIES = {True: "有差别", False: "几乎没有差别", None: "尚不能判断"}


def key_figures(row: Row, form: str) -> list[tuple[str, str, str]]:
    """Cells for each unit (or branch) of this period: asked, pre-filled, changed, typed, blank."""
    filler = FILLERS[form]
    names = (
        ("asked", f"{filler}应填"),
        ("prefilled", "其中预填"),
        ("changed", "预填后改动"),
        ("typed", "手工填写"),
        ("blank", "未填"),
    )
    whole = {"prefilled": "asked", "changed": "prefilled", "typed": "asked", "blank": "asked"}
    of = {"asked": "应填", "prefilled": "预填"}
    items = []
    for key, name in names:
        if key == "asked":
            who = "个支部" if form == "ledger" else "个单位"
            remark = f"{row['fillers']}{who}共{row['asked']}格"
        else:
            remark = f"占{of[whole[key]]}的{format.rate(row[key], row[whole[key]])}"
        items.append((name, f"{each(row[key], row['fillers'])}格", remark))
    return items


def bars(frame: pl.DataFrame) -> pl.DataFrame:
    """period, part, cells for each filler, text: what the bars draw."""
    rows = [
        {
            "period": row["period"],
            "part": part,
            "each": cells / row["fillers"],
            "text": f"{row['period']}　{name} {each(cells, row['fillers'])}格，共{cells}格",
        }
        for row in frame.to_dicts()
        for part, name in PARTS
        for cells in [row["prefilled"] - row["changed"] if part == "kept" else row[part]]
        if row["fillers"]
    ]
    schema = {"period": pl.String, "part": pl.String, "each": pl.Float64, "text": pl.String}
    return pl.DataFrame(rows, schema=schema)


def bars_reading(frame: pl.DataFrame, form: str, scope: Scope) -> str:
    """What filling in costs in this period, and in the same quarter of the year before."""
    now = frame.filter(pl.col("period") == scope.period).to_dicts()
    if not now:
        return "本期没有可以计算的报送。"
    row = now[0]
    filler = FILLERS[form]
    sentence = (
        f"{scope.period_zh}{filler}应填{each(row['asked'], row['fillers'])}格，其中预填{each(row['prefilled'], row['fillers'])}格，"
        f"手工填写{each(row['typed'], row['fillers'])}格"
    )
    earlier = frame.filter(pl.col("period") == f"{int(scope.period[:4]) - 1}{scope.period[4:]}").to_dicts()
    if not earlier:
        return f"{sentence}。"
    then = earlier[0]
    return f"{sentence}；上年同期应填{each(then['asked'], then['fillers'])}格，手工填写{each(then['typed'], then['fillers'])}格。"


def quarters_table(frame: pl.DataFrame, form: str) -> Table:
    """The cells of every quarter, and for each unit or branch."""
    rows: list[list[Cell]] = [
        [
            row["period"],
            format.number(row["fillers"]),
            *(format.number(row[key]) for key in COUNTS),
            *(each(row[key], row["fillers"]) for key in COUNTS),
        ]
        for row in frame.sort("period", descending=True).to_dicts()
    ]
    names = ("应填", "预填", "改动", "手工填写", "未填")
    filler = FILLERS[form]
    columns = [Column("报告期", narrow=True), Column("支部" if form == "ledger" else "单位", figures=True)]
    columns += [Column(name, figures=True) for name in (*names, *(f"{filler}{name}" for name in names))]
    return Table("各季度填报负担（格）", columns, rows, "没有可以计算的报送。")


def kinds_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The period by kind of unit and form."""
    rows: list[list[Cell]] = [
        [
            scope.labels("kind", row["unit_kind"]),
            scope.labels("form", row["form"]),
            *(format.number(row[key]) for key in ("units", "respondents", *COUNTS)),
            *(each(row[key], row["respondents"]) for key in ("asked", "prefilled", "typed")),
        ]
        for row in frame.to_dicts()
    ]
    names = (
        "单位",
        "份数",
        "应填",
        "预填",
        "改动",
        "手工填写",
        "未填",
        "每份应填",
        "每份预填",
        "每份手工填写",
    )
    columns = [Column("单位类型", narrow=True), Column("表", narrow=True)]
    columns += [Column(name, figures=True) for name in names]
    return Table(f"{scope.period_zh}填报负担（格）", columns, rows, "本期没有可以计算的报送。")


def removal_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The questions proposed for removal, each with the clause that asked for it and the reason."""
    rows: list[list[Cell]] = [
        [
            row["question"],
            row["label_zh"],
            Term(row["clause"], scope.labels("clause", row["clause"])),
            scope.labels("clause", row["clause"]),
            scope.labels.who(row["who"]),
            scope.labels("asked", row["asked"]),
            row["reason"],
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("代码", narrow=True), Column("指标项"), Column("条款", narrow=True), Column("条款要求")]
    columns += [Column("填报对象"), Column("频次", narrow=True), Column("理由", grow=True)]
    return Table("建议研究取消的指标项", columns, rows, "没有建议研究取消的指标项。")


def use_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """What every question is good for."""
    rows: list[list[Cell]] = [
        [
            row["question"],
            row["label_zh"],
            Term(row["clause"], scope.labels("clause", row["clause"])),
            format.number(row["quarters"]),
            format.number(row["answers"]),
            format.number(row["distinct_answers"]),
            share_zh(row),
            VARIES[row["varies"]],
            scope.labels("feeds", row["feeds"]),
            "建议研究取消" if row["suggest_removal"] else "",
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("代码", narrow=True), Column("指标项"), Column("条款", narrow=True)]
    columns += [Column(name, figures=True) for name in ("季度数", "答案数", "不同答案", "最常见的占")]
    columns += [Column("答案差别", narrow=True), Column("用途"), Column("建议", narrow=True)]
    return Table("各指标项的使用情况", columns, rows, "指标目录中没有指标项。")
