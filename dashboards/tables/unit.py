"""A unit's profile in tables and words."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table, Term
from dashboards.queries.registry import DIMENSIONS, GOOD, JUDGED
from dashboards.scope import Scope
from dashboards.tables.flags import lasting

Row = dict[str, Any]
SHARED = "✓"  # before what a neighbour has in common with the unit


def facts(entry: Row, scope: Scope) -> list[tuple[str, Cell]]:
    """Who this is: code, kind, category, city, unit above, peer group, members."""
    labels = scope.labels
    parent = entry["parent_code"]
    above: Cell = scope.unit_link(entry["parent"] or parent, parent) if parent else "省委教育工委"
    members = "党员数" if entry["kind"] == "branch" else "名册党员数"
    kind, category = labels("kind", entry["kind"]), labels("category", entry["category"])
    return [
        ("代码", entry["unit_code"]),
        (
            "类型",
            kind if category == kind else f"{kind}·{category}" + ("（民办）" if entry["is_private"] else ""),
        ),
        ("地区", entry["city"]),
        ("上级", above),
        ("同类组", labels("peer_group", entry["peer_group"])),
        (members, format.number(entry["members"])),
        *([("同类组说明", entry["note_zh"])] if entry["note_zh"] else []),
    ]


def value_text(row: Row) -> str:
    """The indicator's value on the right side of its standard."""
    return format.measure(row["numerator"], row["denominator"], row["unit"], row["standard"])


def status_cell(row: Row, scope: Scope) -> Cell:
    """The status with its sign; where there is no standard, that is said."""
    if row["standard"] is None and row["status"] in (None, "not_applicable"):
        return "不设标准"
    return Badge(row["status"], scope.labels("status", row["status"]))


def clause_cell(code: str | None, scope: Scope) -> Cell:
    """The clause's code, with the policy's words behind it."""
    return Term(code, scope.labels("clause", code)) if code else format.NOTHING


def scores_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Score, rank among peers with its range, and coverage, by dimension."""
    rows: list[list[Cell]] = [
        [
            scope.labels("dimension", row["dimension"]),
            format.score(row["score"]),
            format.rank(row["rank"], row["rank_low"], row["rank_high"], row["peers"]),
            format.rate(row["coverage"]),
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("维度"),
        *(Column(name, figures=True) for name in ("得分", "同类组名次", "可计算指标占比")),
    ]
    return Table(
        f"{scope.period_zh}得分与名次", columns, rows, "支部不计分；单位在有可计算指标的报告期计分。"
    )


def nearest_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """The unit and those most like it side by side: category and city, what is like, size, standards met and scores.

    What a neighbour shares with the unit is marked with SHARED.
    """
    own, *others = frame.to_dicts()
    dimensions = ("total", *DIMENSIONS[:-1])
    rows: list[list[Cell]] = [
        [
            scope.unit_link(row["name"], row["unit_code"]) if row["place"] else row["name"],
            _marked(_category(row, scope), row["place"] and _category(row, scope) == _category(own, scope)),
            _marked(
                row["city"] or format.NOTHING, row["place"] and row["city"] and row["city"] == own["city"]
            ),
            _in_common(own, row, scope) if row["place"] else "（本单位）",
            format.number(row["members"]),
            format.number(row["branches"]),
            f"{row['good']}/{row['judged']}" if row["judged"] else format.NOTHING,
            *(format.score(row[dimension]) for dimension in dimensions),
        ]
        for row in ([own, *others] if others else [])
    ]
    columns = [Column("单位"), Column("类别", narrow=True), Column("地区", narrow=True)]
    columns += [Column("与本单位相同或相近之处", phrases=True)]
    columns += [Column(name, figures=True) for name in ("党员数", "支部数", "达标或进度正常")]
    columns += [Column(scope.labels("dimension", name), figures=True) for name in dimensions]
    empty = "没有可列出的相近单位：名册中同类单位只有一个，或该单位已不在名册中。"
    return Table(f"{scope.period_zh}最相近的单位", columns, rows, empty)


def _category(row: Row, scope: Scope) -> str:
    return scope.labels("category", row["category"]) + ("（民办）" if row["is_private"] else "")


def _marked(text: str, is_shared: object) -> str:
    return f"{SHARED} {text}" if is_shared else text


def _in_common(own: Row, other: Row, scope: Scope) -> str:
    """What two units share, in words; sizes where they differ by no more than a tenth."""
    found = []
    if own["category"] == other["category"]:
        found.append(scope.labels("category", own["category"]))
    if own["is_private"] and other["is_private"]:
        found.append("民办")
    if own["city"] == other["city"]:
        found.append(f"同在{own['city']}")
    for name, key in (("党员数", "members"), ("支部数", "branches")):
        if own[key] == other[key]:
            found.append(f"{name}相同")
        elif 10 * abs(own[key] - other[key]) <= max(own[key], other[key]):
            found.append(f"{name}相近")
    return "、".join(found) or "同一类单位中与其最接近"


def rank_frame(frame: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """group, rank, rank_low, rank_high, peers, text: what the rank chart draws."""
    known = frame.drop_nulls("rank")
    return known.with_columns(
        group=pl.Series([scope.labels("dimension", code) for code in known["dimension"]], dtype=pl.String),
        text=pl.Series([_place(row) for row in known.to_dicts()], dtype=pl.String),
    )


def _place(row: Row) -> str:
    place = format.rank(row["rank"], row["rank_low"], row["rank_high"], row["peers"])
    return f"第{place}，{format.score(row['score'])}分"


def scores_reading(frame: pl.DataFrame, least: int) -> str:
    """The total, its rank, and what the range means. least: the fewest peers among whom ranks are given."""
    total = frame.filter(pl.col("dimension") == "total").to_dicts()
    if not total or total[0]["score"] is None:
        return "本期没有可用于计分的指标，不计总分和名次。"
    row = total[0]
    sentence = f"总分{format.score(row['score'])}，"
    if row["rank"] is None:
        return sentence + f"同类组有得分的单位只有{row['peers']}个，不足{least}个，不排名次。"
    sentence += f"在同类组{row['peers']}个有得分的单位中名列第{row['rank']}。"
    if row["rank_low"] != row["rank_high"]:
        sentence += (
            f"换用其他计分办法、补齐缺少的指标后，名次在第{row['rank_low']}至第{row['rank_high']}之间。"
        )
    return sentence


def coverage_reading(frame: pl.DataFrame) -> str:
    """How much could be held against the unit's history and its peers, and how much cannot be judged yet; empty where nothing was."""
    words = {
        "own_history": ("与以往各期比较", "以往期数不足"),
        "peers": ("与同类比较", "可比的同类太少"),
    }
    sentences = []
    for row in frame.to_dicts():
        compared, too_few = words[row["against"]]
        waiting = f"，另有{row['too_short']}项{too_few}，尚不能判断" if row["too_short"] else ""
        sentences.append(f"{compared}：可判断{row['judged']}项{waiting}。")
    return "".join(sentences) + ("单位或一个支部的一个指标项为一项。" if sentences else "")


def values_reading(frame: pl.DataFrame) -> str:
    """How many standards are met, and which figures could not be had."""
    judged = frame.filter(pl.col("status").is_in(JUDGED))
    good = judged.filter(pl.col("status").is_in(GOOD))
    unknown = frame.filter(pl.col("status") == "not_calculable").height
    if judged.is_empty():
        return "本期没有可判定的标准。" + (f"{unknown}项无法计算，原因见“说明”栏。" if unknown else "")
    missed = judged.height - good.height
    rest = f"{good.height}项达标或进度正常，{missed}项未达标或进度滞后" if missed else "全部达标或进度正常"
    return f"可判定的{judged.height}项标准中，{rest}。" + (
        f"{unknown}项无法计算，原因见“说明”栏。" if unknown else ""
    )


def values_table(frame: pl.DataFrame, scope: Scope, unit: str, branch: str | None) -> Table:
    """Indicators by clause, each name leading to where its number comes from."""
    rows: list[list[Cell]] = []
    groups: list[tuple[int, str]] = []
    before = None
    for row in frame.to_dicts():
        if row["dimension"] != before:
            groups.append((len(rows), scope.labels("dimension", row["dimension"])))
            before = row["dimension"]
        rows.append(
            [
                clause_cell(row["clause"], scope),
                scope.unit_link(row["label_zh"], unit, branch, row["indicator"]),
                format.number(row["numerator"]),
                format.number(row["denominator"]),
                value_text(row),
                format.standard(row["standard"], row["unit"], row["compare"]),
                status_cell(row, scope),
                format.measure(row["peer_median"], 1, row["unit"])
                if row["peer_median"] is not None
                else format.NOTHING,
                scope.labels("peer_position", row["peer_position"]),
                (row["reason"] or "") if row["standard"] is not None or row["value"] is None else "",
            ]
        )
    columns = [
        Column("条款", narrow=True),
        Column("指标"),
        *(Column(name, figures=True) for name in ("分子", "分母", "数值", "标准")),
        Column("状态", narrow=True),
        Column("同类中位数", figures=True),
        Column("同类位置", narrow=True),
        Column("说明"),
    ]
    return Table(
        f"{scope.period_zh}指标",
        columns,
        rows,
        "本期没有指标：该单位本期不需报送，或本期不填报相关指标项。",
        groups,
    )


def by_turn(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The indicators that this period has something to say about, and those whose turn is yet to come."""
    waits = (pl.col("status") == "not_due").fill_null(value=False) & pl.col("value").is_null()
    return frame.filter(waits.not_()), frame.filter(waits)


def waiting_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Indicators that are not asked in this quarter."""
    rows: list[list[Cell]] = [
        [
            clause_cell(row["clause"], scope),
            row["label_zh"],
            format.standard(row["standard"], row["unit"], row["compare"]),
            scope.labels("per", row["per"]),
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("条款", narrow=True),
        Column("指标"),
        Column("标准", figures=True),
        Column("频次", narrow=True),
    ]
    return Table(f"{scope.period_zh}不填报的指标", columns, rows, "本期填报全部指标。")


def branches_table(frame: pl.DataFrame, scope: Scope, unit: str) -> Table:
    """The branches, those with most standards missed first."""
    rows: list[list[Cell]] = [
        [
            scope.unit_link(row["name"], unit, row["unit_code"]),
            row["unit_code"],
            scope.labels("category", row["category"]),
            *(format.number(row[key]) for key in ("members", "judged", "good", "missed", "not_calculable")),
            _flagged(row),
        ]
        for row in frame.to_dicts()
    ]
    figures = ("党员数", "可判定标准", "达标或进度正常", "未达标或滞后", "无法计算", "预警")
    columns = [Column("支部"), Column("代码", narrow=True), Column("类别", narrow=True)]
    columns += [Column(name, figures=True) for name in figures]
    return Table(f"{scope.period_zh}各支部情况", columns, rows, "名册中该单位没有支部。")


def _flagged(row: Row) -> str:
    """How many flags, and how long the longest has been raised."""
    longest = f"（{lasting(row['times'])}）" if row["times"] > 1 else ""
    return f"{format.number(row['flags'])}{longest}"


def submissions_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Every version received, newest first."""
    rows: list[list[Cell]] = [
        [
            row["period"] or format.NOTHING,
            format.number(row["version"]),
            Badge(row["state"], scope.labels("state", row["state"])),
            "是" if row["counts"] else "否",
            scope.labels.local_time(row["received_at"]),
            {True: "是", False: "否", None: format.NOTHING}[row["on_time"]],
            *(format.number(row[key]) for key in ("n_block", "n_explain", "n_inform")),
            _compared(row, scope),
            format.file_name(row["file"]),
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("报告期", narrow=True), Column("版本", figures=True), Column("状态", narrow=True)]
    columns += [Column("用于计算"), Column("收到时间", narrow=True), Column("按时")]
    columns += [Column(name, figures=True) for name in ("强制", "待说明", "提示")]
    columns += [Column("版本差异", narrow=True), Column("文件名")]
    return Table("历次报送", columns, rows, "没有收到过该单位的报送。")


def _compared(row: Row, scope: Scope) -> Cell:
    """The way to what a version changed; the first has none before it, and what was refused says nothing."""
    version = row["version"]
    if version is None or version == 1:
        return format.NOTHING
    before = version - 1
    return scope.versions_link(f"与第{before}版比较", row["unit_code"], row["period"], (before, version))


def findings_table(frame: pl.DataFrame, scope: Scope, sent: bool) -> Table:
    """Findings with sheet and cell, gravest first; `sent` says whether the unit has reported at all."""
    rows: list[list[Cell]] = [
        [
            Badge(row["severity"], scope.labels("severity", row["severity"])),
            row["rule_zh"] or row["rule"],
            row["sheet"] or format.NOTHING,
            row["cell"] or format.NOTHING,
            row["message"],
            row["explanation"] or "",
        ]
        for row in frame.to_dicts()
    ]
    columns = [
        Column("程度", narrow=True),
        Column("规则"),
        Column("工作表", narrow=True),
        Column("单元格", narrow=True),
    ]
    columns += [Column("问题与改法", grow=True), Column("单位的说明")]
    empty = (
        "本期最新一版报送没有校验问题。" if sent else "本期没有收到该单位可以读取的报送，因此没有校验问题。"
    )
    return Table(f"{scope.period_zh}校验问题", columns, rows, empty)
