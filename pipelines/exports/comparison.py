"""Units side by side as .xlsx: the figures as they are read, and line by line with everything that they rest on.

The frames are those of the page (dashboards/queries/compare.py: `members` and `values`); nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from pipelines.exports.cells import seen
from pipelines.exports.figures import measure, standard
from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.lookup import period_row
from pipelines.marts.published import PublishedRun

SIDE_BY_SIDE, DETAIL = "对照", "明细"
DETAIL_HEAD = (
    "条款", "指标", "单位代码", "单位名称", "分子", "分母", "实际值", "计量单位", "显示为", "标准", "状态", "区间下限", "区间上限",
    "同类组", "同类单位数", "同类中位数", "优于同类", "同类位置", "理由",
)  # fmt: skip
WIDEST = 48
EMPTY = "没有可以列出的数值。"
MEANING = (
    ("实际值", "分子除以分母；百分比为0至1之间的数，“显示为”是页面上的写法，不会把未达标四舍五入成达标。"),
    (
        "区间下限、上限",
        "95%区间：比例用威尔逊法，次数用拜尔法；按人数平均的数值没有区间。两个单位的区间重叠时，样本小，差异可能出于偶然。",
    ),
    ("优于同类", "同类组中数值不如该单位的单位所占比例，数值相同的算一半；可比的单位太少时不排位次。"),
    ("同类位置", "在同类组漏斗图中的位置，只说明数值高低，不代替标准。"),
    ("数据质量", "本期数据质量未达要求的单位，数值照列，但不与任何单位比较。"),
)

Row = dict[str, Any]


def write_comparison(
    run: PublishedRun,
    period: str,
    dimension: str,
    units: pl.DataFrame,
    values: pl.DataFrame,
    target: BinaryIO | Path,
) -> None:
    """Write the units' figures of one dimension. Raises UnknownCode for a period without results."""
    labels, known = Labels.of(run), period_row(run, period)
    title = f"{known['label_zh']}{labels('dimension', dimension)}指标对比"
    codes, rows = seen(units).to_dicts(), seen(values).to_dicts()
    # The code comes first: two units may have one name, and a name may begin like a formula.
    head = ("条款", "指标", "标准", *(f"{unit['unit_code']}　{unit['name']}" for unit in codes))
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    with Workbook(target, title, run.clock.replace(tzinfo=None), f"数据批次 {run.name}", warning) as book:
        book.sheet(
            SIDE_BY_SIDE,
            title,
            head,
            _side_by_side(rows, [unit["unit_code"] for unit in codes], labels),
            EMPTY,
            widths={heading: _width(heading) for heading in head[3:]},
        )
        details = [_detail(row, labels) for row in rows]
        book.sheet(
            DETAIL, f"{title}：明细", DETAIL_HEAD, details, EMPTY, widths={"同类组": 46, "同类位置": 26}
        )
        book.sheet("说明", f"{title}：说明", ("项目", "内容"), MEANING, EMPTY)


def _width(heading: str) -> int:
    """A column's width under which a heading stands in one line: a Chinese character takes two."""
    return min(WIDEST, 2 + sum(1 if character.isascii() else 2 for character in heading))


def _side_by_side(rows: list[Row], codes: list[str], labels: Labels) -> list[list[object]]:
    lines: dict[str, dict[str, Row]] = {}
    for row in rows:
        lines.setdefault(row["indicator"], {})[row["unit_code"]] = row
    table: list[list[object]] = []
    for of_unit in lines.values():
        first = next(iter(of_unit.values()))
        asked = standard(first["standard"], first["unit"], first["compare"])
        shown = [_shown(of_unit[code], labels) if code in of_unit else "不填报" for code in codes]
        table.append([first["clause"], first["label_zh"], asked, *shown])
    return table


def _shown(row: Row, labels: Labels) -> str:
    """The value as the page writes it, with its status; without a value the status alone."""
    status = labels("status", row["status"])
    if row["value"] is None:
        return status
    text = measure(row["numerator"], row["denominator"], row["unit"], row["standard"])
    return text if row["standard"] is None else f"{text}（{status}）"


def _detail(row: Mapping[str, Any], labels: Labels) -> list[object]:
    """A row under DETAIL_HEAD; numbers as numbers."""
    numbers = (
        None if row[name] is None else float(row[name]) for name in ("numerator", "denominator", "value")
    )
    can_place = row["can_speak"]
    has_none = row["standard"] is None and row["status"] in {None, "not_applicable"}
    status = "不设标准" if has_none else labels("status", row["status"])
    return [
        row["clause"], row["label_zh"], row["unit_code"], row["name"], *numbers, row["unit"],
        measure(row["numerator"], row["denominator"], row["unit"], row["standard"]),
        None if row["standard"] is None else float(row["standard"]), status, row["ci_low"], row["ci_high"],
        labels("peer_group", row["peer_group"]), row["n_peers"], row["peer_median"], row["peer_percentile"],
        labels("peer_position", row["peer_position"]) if can_place else "数据质量未达要求，不作比较", row["reason"] or "",
    ]  # fmt: skip
