"""Data quality in tables and words."""

from __future__ import annotations

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.rows import Row, Rows
from dashboards.scope import Scope

SEVERITIES = ("block", "explain", "inform")
RULES_DRAWN = 12


def key_figures(
    by_rule: pl.DataFrame, by_kind: pl.DataFrame, refused: int, scope: Scope
) -> list[tuple[str, str, str]]:
    """Findings by severity, and files that could not be read."""
    remarks = {"block": "该数值不采用", "explain": "说明后采用", "inform": "不影响采用"}
    counts = {name: int(by_rule.filter(pl.col("severity") == name)["count"].sum()) for name in SEVERITIES}
    items = [
        (f"{scope.labels('severity', name)}问题", str(counts[name]), remarks[name]) for name in SEVERITIES
    ]
    blocked, received = int(by_kind["units_blocked"].sum()), int(by_kind["received"].sum())
    items.insert(1, ("有强制问题的单位", str(blocked), f"占已报送的{format.rate(blocked, received)}"))
    return [*items, ("未能受理的文件", str(refused), "含无法辨认报告期的")]


def rules_frame(by_rule: pl.DataFrame) -> pl.DataFrame:
    """group (the rule's name), part (severity), count: the rules most often broken."""
    shown = by_rule.head(RULES_DRAWN)
    return shown.select("count", group=pl.col("rule_zh").fill_null(pl.col("rule")), part="severity")


def rules_reading(by_rule: pl.DataFrame) -> str:
    """Which rule is broken most, and how much of all findings it makes."""
    total = int(by_rule["count"].sum())
    if not total:
        return "本期最新一版报送没有校验问题。"
    top = by_rule.row(0, named=True)
    name = top["rule_zh"] or top["rule"]
    return (
        f"本期共{total}个问题，涉及{by_rule.height}条规则；最多的是“{name}”"
        f"（{top['count']}个，占{format.rate(top['count'], total)}，涉及{top['units']}个单位）。"
    )


def rules_table(by_rule: pl.DataFrame, scope: Scope) -> Table:
    """Findings by rule."""
    rows: list[list[Cell]] = [
        [
            row["rule_zh"] or row["rule"],
            Badge(row["severity"], scope.labels("severity", row["severity"])),
            format.number(row["count"]),
            format.number(row["units"]),
        ]
        for row in by_rule.to_dicts()
    ]
    columns = [
        Column("规则"),
        Column("程度", narrow=True),
        Column("问题数", figures=True),
        Column("涉及单位", figures=True),
    ]
    return Table(f"{scope.period_zh}校验问题（按规则）", columns, rows, "本期没有校验问题。")


def kinds_table(by_kind: pl.DataFrame, scope: Scope) -> Table:
    """Findings by kind of unit."""
    keys = ("received", *SEVERITIES, "units_blocked")
    rows: list[list[Cell]] = [
        [
            scope.labels("kind", row["unit_kind"]),
            *(format.number(row[key]) for key in keys),
            format.rate(row["completeness"]),
        ]
        for row in by_kind.to_dicts()
    ]
    names = ["已报送", *(scope.labels("severity", name) for name in SEVERITIES), "有强制问题的单位", "完整率"]
    columns = [Column("单位类型"), *(Column(name, figures=True) for name in names)]
    return Table(
        f"{scope.period_zh}校验问题（按单位类型）", columns, rows, "本期没有应报送的单位。", snug=True
    )


def cities_frame(cities: pl.DataFrame) -> pl.DataFrame:
    """group, first (completeness), second (timeliness) and their texts, lowest completeness first."""
    owed = cities.filter(pl.col("expected").fill_null(0) > 0).with_columns(
        first=pl.col("completeness"), second=pl.col("on_time") / pl.col("expected"), group=pl.col("short")
    )
    owed = owed.sort("first", "second", "city_code", nulls_last=True)
    first = [format.rate(value) for value in owed["first"]]
    second = [format.rate(part, whole) for part, whole in owed.select("on_time", "expected").rows()]
    return owed.with_columns(
        first_text=pl.Series(first, dtype=pl.String), second_text=pl.Series(second, dtype=pl.String)
    )


def cities_reading(frame: pl.DataFrame) -> str:
    """Where completeness and timeliness are lowest."""
    if frame.is_empty():
        return "本期没有应报送的单位。"
    late = frame.sort("second", "city_code").row(0, named=True)
    known = frame.drop_nulls("first")
    if known.is_empty():
        return f"本期尚无可用答案；按时率最低的是{late['group']}（{late['second_text']}）。"
    thin = known.row(0, named=True)
    return (
        f"完整率最低的是{thin['group']}（{thin['first_text']}），"
        f"按时率最低的是{late['group']}（{late['second_text']}）。"
    )


def cities_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Completeness and timeliness by city."""
    rows: list[list[Cell]] = [
        [
            row["name"],
            *(format.number(row[key]) for key in ("expected", "received", "on_time")),
            row["first_text"],
            row["second_text"],
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("地区", narrow=True)]
    columns += [Column(name, figures=True) for name in ("应报送", "已报送", "按时", "完整率", "按时率")]
    return Table(f"{scope.period_zh}各地区完整率与按时率", columns, rows, "本期没有应报送的单位。")


def findings_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The findings with their cells."""

    def made(row: Row) -> list[Cell]:
        return [
            Badge(row["severity"], scope.labels("severity", row["severity"])),
            row["rule_zh"] or row["rule"],
            scope.unit_link(row["unit_name"] or row["unit_code"], row["unit_code"])
            if row["unit_code"]
            else "不明",
            row["branch"] or "",
            row["sheet"] or format.NOTHING,
            row["cell"] or format.NOTHING,
            row["message"],
            row["explanation"] or "",
        ]

    columns = [
        Column("程度", narrow=True),
        Column("规则"),
        Column("单位"),
        Column("支部", headed=True),
        Column("工作表", narrow=True),
    ]
    columns += [Column("单元格", narrow=True), Column("问题与改法", grow=True), Column("单位的说明")]
    return Table(f"{scope.period_zh}校验问题", columns, Rows(frame, made), "没有符合条件的问题。", wide=True)


def refused_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Files that were refused, with what is known of their senders."""

    def made(row: Row) -> list[Cell]:
        return [
            format.file_name(row["file"]),
            scope.unit_link(row["name"] or row["unit_code"], row["unit_code"])
            if row["unit_code"]
            else "不明",
            row["period"] or "不明",
            scope.labels.local_time(row["received_at"]),
            row["message"] or "",
            row["stored_as"],
        ]

    columns = [
        Column("文件名"),
        Column("单位"),
        Column("报告期", narrow=True),
        Column("收到时间", narrow=True),
    ]
    columns += [Column("原因", grow=True), Column("原件存放", path=True)]
    return Table("未能受理的文件", columns, Rows(frame, made), "没有未能受理的文件。")
