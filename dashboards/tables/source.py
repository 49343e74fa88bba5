"""Where one number comes from, in tables and words: its making, its history, its cells."""

from __future__ import annotations

import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Table
from dashboards.scope import Scope
from dashboards.tables.unit import Row, status_cell, value_text
from pipelines.exports.labels import BASIS_ZH


def source_facts(row: Row, scope: Scope) -> list[tuple[str, Cell]]:
    """One number with everything that stands beside it."""
    is_share = row["unit"] == "%"
    facts: list[tuple[str, Cell]] = [
        ("条款", f"{row['clause']} {scope.labels('clause', row['clause'])}"),
        ("分子", format.number(row["numerator"])),
        ("分母", format.number(row["denominator"])),
        ("数值", value_text(row)),
        ("标准", format.standard(row["standard"], row["unit"], row["compare"])),
        ("状态", status_cell(row, scope)),
    ]
    if row["standard"] is not None:
        facts.append(("标准依据", BASIS_ZH[row["stated"]]))
    if is_share and row["ci_low"] is not None and row["ci_high"] is not None:
        facts.append(("95%区间", format.interval(row["ci_low"], row["ci_high"])))
    if row["peer_median"] is not None:
        facts.append(("同类中位数", format.measure(row["peer_median"], 1, row["unit"])))
    return facts


def _at(point: Row, row: Row) -> str:
    """The value of one period, on the right side of that period's standard."""
    return format.measure(point["numerator"], point["denominator"], row["unit"], point["standard"])


def history_frame(frame: pl.DataFrame, row: Row) -> pl.DataFrame:
    """label, value, standard, text: what the history chart draws."""
    texts = [f"{point['point']}　{_at(point, row)}" for point in frame.to_dicts()]
    return frame.with_columns(pl.col("point").alias("label"), text=pl.Series(texts, dtype=pl.String))


def history_reading(frame: pl.DataFrame, row: Row, scope: Scope) -> str:
    """From where to where, and over how many periods; whether that is more than chance is the trend's to say."""
    if frame.is_empty():
        return "还没有可以画出的历史数值。"
    points = frame.to_dicts()
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"只有{first['point']}一期：{_at(first, row)}。"
    return (
        f"共{len(points)}期，从{first['point']}的{_at(first, row)}到{last['point']}的{_at(last, row)}。"
        "是否异常见“趋势”。"
    )


def history_table(frame: pl.DataFrame, row: Row, scope: Scope) -> Table:
    """The indicator in each period that has a value, the newest first."""
    rows: list[list[Cell]] = [
        [
            point["point"],
            format.number(point["numerator"]),
            format.number(point["denominator"]),
            _at(point, row),
            format.standard(point["standard"], row["unit"], row["compare"]),
            status_cell({**row, **point}, scope),
        ]
        for point in reversed(frame.to_dicts())
    ]
    columns = [Column("报告期", narrow=True)]
    columns += [Column(name, figures=True) for name in ("分子", "分母", "数值", "标准")]
    return Table(
        f"{row['label_zh']}各期数值",
        [*columns, Column("状态", narrow=True)],
        rows,
        "还没有可以列出的历史数值。",
    )


def branch_values_table(frame: pl.DataFrame, row: Row, scope: Scope, unit: str) -> Table:
    """The indicator in each of the unit's branches."""
    rows: list[list[Cell]] = []
    for values in frame.to_dicts():
        merged = {**row, **values}
        rows.append(
            [
                scope.unit_link(values["name"], unit, values["unit_code"], row["indicator"]),
                format.number(values["numerator"]),
                format.number(values["denominator"]),
                value_text(merged),
                status_cell(merged, scope),
                values["reason"] or "",
            ]
        )
    columns = [Column("支部"), *(Column(name, figures=True) for name in ("分子", "分母", "数值"))]
    columns += [Column("状态", narrow=True), Column("说明")]
    return Table(f"{row['label_zh']}：各支部", columns, rows, "该指标不按支部计算。")


def answers_table(frame: pl.DataFrame, scope: Scope, label: str) -> Table:
    """The cells that the number rests on."""
    rows: list[list[Cell]] = [
        [
            row["period"],
            row["question"],
            row["label_zh"],
            row["branch"] or row["branch_code"] or "本级",
            f"{row['month']}月" if row["month"] else format.NOTHING,
            format.number(row["value"]) if row["value"] is not None else (row["text"] or format.NOTHING),
            format.NOTHING if row["raw"] is None else row["raw"],
            format.file_name(row["file"]),
            row["sheet"],
            row["cell"],
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("报告期", narrow=True),
        Column("代码", narrow=True),
        Column("指标项"),
        Column("支部"),
        Column("月份", narrow=True),
    ]
    columns += [
        Column("采用值", figures=True),
        Column("单元格原文"),
        Column("文件"),
        Column("工作表", narrow=True),
    ]
    return Table(
        f"{label}：数字来自哪些单元格",
        [*columns, Column("单元格", narrow=True)],
        rows,
        "本年截至本期，该指标没有可用的答案。",
    )
