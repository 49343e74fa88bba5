"""The worklist of flags as files: what is flagged, of whom, why and since when. Every row that was asked for, and what was asked for.

Reads the rows as the dashboard's query gives them (dashboards/queries/worklist.py: told).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from pipelines.exports.cells import csv_bytes, legal
from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

SHEET = "预警清单"
COLUMNS = (
    "级别", "单位名称", "支部名称", "所在地区", "种类", "条款", "原因", "依据", "自何期起", "持续期数", "状态", "解除原因",
    "单位代码", "支部代码", "单位类型", "指标", "最近评价期",
)  # fmt: skip
# What goes on paper; the rest is there to filter by.
PRINTED, PRINTED_CLOSED = COLUMNS.index("状态") + 1, COLUMNS.index("解除原因") + 1
WIDTHS = {
    "级别": 6,
    "单位名称": 24,
    "支部名称": 16,
    "所在地区": 9,
    "种类": 9,
    "条款": 6,
    "原因": 54,
    "依据": 22,
    "自何期起": 9,
    "持续期数": 9,
    "状态": 11,
    "解除原因": 18,
    "支部代码": 15,
}
STANDINGS_ZH = {
    "new": "本期新增",
    "lasting": "持续",
    "earlier": "以前各期未解除",
    "closed": "本期解除",
}
MEANING = (
    ("本期新增", "本期评出，上一次评价时没有。"),
    ("持续", "本期评出，并已连续两期以上；持续期数只计作过评价的报告期。"),
    ("以前各期未解除", "以前的报告期评出，本期没有再作评价，或该期报表至今未改正、未补报。"),
    ("本期解除", "本期达到解除条件，原因见“解除原因”。"),
    ("原因", "可直接转发有关单位，请按其中的要求办理。"),
)


def rows(frame: pl.DataFrame, labels: Labels) -> Iterator[list[object]]:
    """The flags under COLUMNS."""
    for row in frame.iter_rows(named=True):
        yield _row(row, labels)


def worklist_csv(frame: pl.DataFrame, labels: Labels) -> bytes:
    """The flags as CSV that Excel and WPS open right."""
    return csv_bytes(COLUMNS, rows(frame, labels))


def write_worklist(
    run: PublishedRun,
    period_zh: str,
    chosen: str,
    reading: str,
    frame: pl.DataFrame,
    labels: Labels,
    target: BinaryIO | Path,
) -> None:
    """Write the flags as .xlsx. chosen: what the list was narrowed to; reading: what it comes to, in words."""
    title = f"{period_zh}预警清单"
    remark = legal(f"筛选条件：{chosen}　共{frame.height}条　数据批次 {run.name}")
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    with Workbook(target, title, run.clock.replace(tzinfo=None), remark, warning) as book:
        printed = PRINTED_CLOSED if "closed" in frame["standing"] else PRINTED
        listed = rows(frame, labels)
        book.sheet(
            SHEET,
            title,
            COLUMNS,
            listed,
            reading,
            count=frame.height,
            widths=WIDTHS,
            printed=printed,
            fitted=True,
        )
        facts = [("报告期", period_zh), ("筛选条件", chosen), ("结果", reading), ("数据批次", run.name)]
        book.sheet("说明", f"{title}说明", ("项目", "内容"), [*facts, *MEANING], "")


def _row(row: dict[str, Any], labels: Labels) -> list[object]:
    branch = bool(row["is_branch"])
    return [
        labels("level", row["level"]),
        row["parent"] if branch else row["name"],
        row["name"] if branch else None,
        row["city"],
        labels("flag_kind", row["kind"]),
        row["clause"],
        row["reason"],
        row["evidence"],
        row["since"],
        row["times"],
        STANDINGS_ZH[row["standing"]],
        labels("closing", row["closing"]) if row["closing"] else None,
        row["parent_code"] if branch else row["unit_code"],
        row["unit_code"] if branch else None,
        labels("kind", row["unit_kind"]),
        row["label_zh"],
        row["period"],
    ]
