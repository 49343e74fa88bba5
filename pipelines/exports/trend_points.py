"""The points of one control chart as .xlsx: what the page draws, with the figures behind it. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from pipelines.exports.cells import seen
from pipelines.exports.figures import measure
from pipelines.exports.sheets import Workbook
from pipelines.exports.trend_signals import named, signal_of
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

POINTS = "各点"
HEAD = ("时间", "数值", "显示为", "中心线", "控制下限", "控制上限", "标准", "同类中位数", "判断", "含义")
NUMBERS = ("centre", "lower", "upper", "standard", "peer_median")
WIDTHS = {"时间": 12, "数值": 12, "显示为": 14, "判断": 30, "含义": 60, "同类中位数": 12}
EMPTY = "没有可以列出的数值。"
MISSING = ("没有数值", "未报送，或数据未通过校验，或本期没有这项工作")


def write_points(
    run: PublishedRun,
    title: str,
    points: pl.DataFrame,
    choice: Mapping[str, Any],
    remarks: Sequence[tuple[str, str]],
    target: BinaryIO | Path,
) -> None:
    """Write the points of a series, oldest first.

    points: the mart's columns, a row without a value for a point that is missing. choice: unit, direction and grain of the indicator.
    remarks: (subject, sentence) for the sheet that explains.
    """
    rows = [_row(row, choice) for row in seen(points).to_dicts()]
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    with Workbook(target, title, run.clock.replace(tzinfo=None), f"数据批次 {run.name}", warning) as book:
        book.sheet(POINTS, title, HEAD, rows, EMPTY, widths=WIDTHS)
        book.sheet("说明", f"{title}：说明", ("项目", "内容"), remarks, EMPTY)


def _row(row: Mapping[str, Any], choice: Mapping[str, Any]) -> list[object]:
    numbers = [row[name] for name in NUMBERS]
    if row["value"] is None:
        return [row["point"], None, None, *numbers, *MISSING]
    known = signal_of(row["signal"], row["side"], choice["grain"])
    told = named(row["signal"], row["side"], choice["grain"], choice["direction"])
    shown = measure(row["value"], 1, choice["unit"], row["standard"])
    return [row["point"], row["value"], shown, *numbers, told, known.meaning]
