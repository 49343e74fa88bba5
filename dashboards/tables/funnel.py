"""One indicator over a peer group: the funnel's lines, who lies outside of them, and where there is none, why.

Centre, spread and lines are those by which the marts judged (pipelines/comparison/positions.py); positions are the marts' own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Table
from dashboards.scope import Scope
from dashboards.tables.differences import mark
from pipelines.comparison.positions import Centre, Measure, centre, limits
from pipelines.exports.cells import csv_bytes
from pipelines.statistics.funnel import POSITIONS

Row = dict[str, Any]
LEVELS = (("95", 0.95), ("998", 0.998))
STEPS = 120
NOTES = {
    "share": "每个点是一个同类单位，横轴是分母（人数、人次等）：分母越小，出于偶然的起伏越大，界限就越宽。界限以同类合计为中心，并按同类之间本来的差别放宽；"
    "是否超出按精确概率判定，个别点可能与图线略有出入。位置只说明高低，不代替标准。",
    "count": "同类单位应完成的份额相同，界限也就相同：每个点是一个单位，同一数值的往上堆。界限以同类平均为中心，并按同类之间本来的差别放宽；"
    "是否超出按精确概率判定，个别点可能与图线略有出入。位置只说明高低，不代替标准。",
}


def measure_of(row: Row) -> Measure:
    """What kind of figure an indicator's row is, as the comparison tells them apart."""
    if row["unit"] == "%":
        return "share"
    return "count" if row["denominator"] == 1 else "amount"


def most_telling(frame: pl.DataFrame) -> str:
    """The indicator to begin with: one in which a chosen unit lies outside, else one that is judged (over as many as can be), else the
    first."""
    judged = frame.drop_nulls("peer_position").sort("denominator", descending=True, maintain_order=True)
    for part in (judged.filter(pl.col("peer_position") != "inside"), judged, frame):
        if part.height:
            return str(part["indicator"][0])
    raise ValueError("no indicator to choose from")


def why_none(rows: list[Row], least: int) -> str:
    """Why there is no funnel over these units' peers, in a sentence; empty where there is one. rows: the chosen units of one group."""
    if any(row["peer_position"] is not None for row in rows):
        return ""
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return f"所选单位本期没有这项指标的数值（{rows[0]['reason'] or '未填报'}），不画漏斗图。"
    if all(measure_of(row) == "amount" for row in known):
        return "这项指标是按人数或支部数平均的数值，从合计数看不出单位之间会有多大的偶然差别，因此不画漏斗图。各单位的数值见上表。"
    peers = max(row["n_peers"] for row in known)
    if peers < least:
        return f"同类组本期只有{peers}个单位有可以比较的数值，不足{least}个，不判断谁高谁低，因此不画漏斗图。"
    if not any(row["can_speak"] for row in known):
        return "所选单位本期数据质量未达要求，不与同类比较，因此不画漏斗图。"
    return "这项指标本期的数值不能按人数或次数判断位置，因此不画漏斗图。"


def about(peers: pl.DataFrame, measure: Measure) -> Centre:
    """The centre and spread of the peers: of shares over their denominators, of counts that were all asked for alike."""
    k = peers["numerator"].cast(pl.Float64).to_numpy()
    n = peers["denominator"].cast(pl.Float64).to_numpy()
    return centre(measure, k, n)


def lines(peers: pl.DataFrame, measure: Measure, middle: Centre) -> pl.DataFrame:
    """The limits at sizes around those of the peers: size, low_95, high_95, low_998, high_998; of counts one row, at 1."""
    sizes = peers["denominator"].cast(pl.Float64)
    least, most = float(sizes.min() or 1), float(sizes.max() or 1)  # type: ignore[arg-type]
    ends = max(1.0, min(least - 1, least * 0.95)), max(most + 1, most * 1.05)
    grid = np.unique(np.round(np.geomspace(*ends, STEPS))) if measure == "share" else np.array([1.0])
    columns = {"size": grid}
    for name, level in LEVELS:
        columns[f"low_{name}"], columns[f"high_{name}"] = limits(measure, grid, middle, level)
    return pl.DataFrame(columns)


def points(peers: pl.DataFrame, chosen: dict[str, int], unit: str, scope: Scope) -> pl.DataFrame:
    """The peers with `seat` of those that were chosen, and `text` for pointing at: who, how much (exactly, of how many), where."""
    positions = {code: scope.labels("peer_position", code) for code in POSITIONS}
    exact = pl.col("numerator").cast(pl.Int64).cast(pl.String)
    size = pl.lit("/") + pl.col("denominator").cast(pl.Int64).cast(pl.String) if unit == "%" else pl.lit(unit)
    where = pl.col("peer_position").replace_strict(positions, return_dtype=pl.String)
    return peers.with_columns(
        seat=pl.col("unit_code").replace_strict(chosen, default=None, return_dtype=pl.Int64),
        text=pl.concat_str("name", pl.lit("　"), exact, size, pl.lit("　"), where),
    )


def reading(drawn: pl.DataFrame, middle: Centre, row: Row, scope: Scope) -> str:
    """How many peers lie outside, and where the chosen ones stand. row: a chosen unit's, of the indicator and group."""
    group, unit = scope.labels("peer_group", row["peer_group"]), row["unit"]
    common = "合计" if unit == "%" else "平均"
    words = f"同类组“{group}”{drawn.height}个可比单位{common}{format.measure(middle.target, 1, unit)}："
    counts = dict(drawn.group_by("peer_position").len().rows())
    sides = []
    for side, name in (("below", "低于"), ("above", "高于")):
        far, near = counts.get(f"{side}_998", 0), counts.get(f"{side}_95", 0)
        if far or near:
            sides.append(f"{far + near}个{name}95%界限" + (f"（其中{far}个{name}99.8%界限）" if far else ""))
    words += "、".join(sides) + "。" if sides else "都在界限之内，差别不超过偶然和平常所能解释的。"
    standing = [
        f"{name}{format.measure(k, n, unit, row['standard'])}，{scope.labels('peer_position', position)}"
        for name, k, n, position in drawn.drop_nulls("seat")
        .sort("seat")
        .select("name", "numerator", "denominator", "peer_position")
        .rows()
    ]
    return words + (f"{'；'.join(standing)}。" if standing else "")


def peers_table(drawn: pl.DataFrame, row: Row, scope: Scope) -> Table:
    """The chosen units, then the peers outside the limits, the lowest first."""
    ordered = (
        drawn.filter(pl.col("seat").is_not_null() | (pl.col("peer_position") != "inside"))
        .sort("seat", "value", "unit_code", nulls_last=True)
        .to_dicts()
    )
    rows: list[list[Cell]] = [
        [
            "" if peer["seat"] is None else mark(peer["seat"]),
            scope.unit_link(peer["name"], peer["unit_code"], indicator=row["indicator"]),
            format.number(peer["numerator"]),
            format.number(peer["denominator"]),
            format.measure(peer["numerator"], peer["denominator"], row["unit"], row["standard"]),
            scope.labels("peer_position", peer["peer_position"]),
        ]
        for peer in ordered
    ]
    columns = [Column("标记", narrow=True), Column("单位")]
    columns += [Column(name, figures=True) for name in ("分子", "分母", "数值")]
    caption = f"{row['label_zh']}：所选单位和界限之外的同类单位"
    return Table(caption, [*columns, Column("同类位置", narrow=True)], rows, "没有可比的同类单位。")


def peers_csv(peers: pl.DataFrame, row: Row, scope: Scope) -> bytes:
    """All peers, by code, as a file."""
    head = ("单位代码", "单位名称", "分子", "分母", f"数值（{row['unit']}）", "同类位置")
    body = (
        [
            code,
            name,
            format.number(k),
            format.number(n),
            format.measure(k, n, row["unit"], row["standard"]),
            scope.labels("peer_position", position),
        ]
        for code, name, k, n, position in peers.select(
            "unit_code", "name", "numerator", "denominator", "peer_position"
        ).rows()
    )
    return csv_bytes(head, body)
