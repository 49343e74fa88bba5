"""The signs of a quarter as a file for reviewers. Says on every sheet what a sign is, and is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import polars as pl

from expectations.period import Period
from pipelines.exports.figures import NOTHING
from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

WHAT_A_SIGN_IS = "疑点只是需要询问的问题，不是结论，不作为评价依据，不发给报送单位。"
COLUMNS = (
    "种类", "地区", "单位代码", "单位名称", "支部", "看到的情况", "检验方法", "数据个数", "p值", "调整后p值", "需要询问", "可能的正常原因", "持续自", "涉及的行",
)  # fmt: skip
TINY = 1e-6


def p_zh(p: float | None, least: float = TINY) -> str:
    """A p as a reader takes it in: two figures, and what is under `least` told as such."""
    if p is None:
        return NOTHING
    if p < least:
        return f"＜{least:.6f}".rstrip("0")
    return f"{float(f'{p:.2g}'):.8f}".rstrip("0").rstrip(".")


def period_zh(code: str) -> str:
    """2025年第四季度 of 2025Q4."""
    return Period.parse(code).label_zh


def table_row(row: dict[str, object], labels: Labels) -> list[object]:
    """A sign under COLUMNS. row: as dashboards' query gives it."""
    text = {key: str(value or "") for key, value in row.items()}
    return [
        labels("sign", text["sign"]),
        text["city"],
        text["unit_code"],
        text["unit_name"],
        text["branch"],
        text["facts"],
        labels("sign_test", text["test"]),
        row["n"],
        p_zh(row["p"]),  # type: ignore[arg-type]
        p_zh(row["p_adjusted"]),  # type: ignore[arg-type]
        text["asks"],
        text["innocent"],
        period_zh(text["since"]),
        text["place"],
    ]


def write_signs(
    run: PublishedRun, period: str, frame: pl.DataFrame, labels: Labels, target: BinaryIO | Path
) -> None:
    """Write these signs of the period as .xlsx."""
    due = run.read("dim_period").filter(pl.col("period") == period)["due_at"]
    created = due[0].replace(tzinfo=UTC) if due.len() else datetime(2021, 1, 1, tzinfo=UTC)
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    title = f"{period_zh(period)}填报疑点（供核查人员询问）"
    with Workbook(target, title, created, f"{WHAT_A_SIGN_IS}　数据批次 {run.name}", warning) as book:
        rows = [table_row(row, labels) for row in frame.to_dicts()]
        book.sheet("填报疑点", title, COLUMNS, rows, "没有需要询问的疑点。")
