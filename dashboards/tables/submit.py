"""报送 in tables and words: where a unit stands, what was found in its file, and the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Table
from dashboards.scope import Scope
from pipelines.desk.messages import HandedIn
from pipelines.desk.standing import Standing
from pipelines.exports.versions import told_of
from pipelines.marts.versions import Comparison

Row = dict[str, Any]
NEXT = "下一次运行后生效：届时检查结果、是否采用会显示在“单位画像”和“报送情况”。"


def counting(versions: pl.DataFrame) -> Row | None:
    """The version that counts; None where none does."""
    found = versions.filter(pl.col("counts"))
    return found.row(0, named=True) if found.height else None


def waiting(now: Standing, versions: pl.DataFrame) -> int:
    """How many files have been received that the run does not know yet."""
    known = set(versions["submission_id"])
    return sum(submission.submission_id not in known for submission in now.received)


def standing_facts(
    now: Standing, versions: pl.DataFrame, scope: Scope, today: datetime
) -> list[tuple[str, Cell]]:
    """Until when, what has come, and which version counts."""
    counts, unheard = counting(versions), waiting(now, versions)
    remark = "（已截止，仍可报送，计为逾期）" if today > now.due_at and now.closed_on is None else ""
    facts: list[tuple[str, Cell]] = [("报送截止", scope.labels.local_time(now.due_at) + remark)]
    if now.exempt:
        facts.append(("锁定", "本期已锁定，本单位在批准的例外之内，可以补报"))
    received = f"{len(now.received)}份" + (f"，其中{unheard}份等待下一次运行" if unheard else "")
    facts.append(("已收到", received))
    if counts:
        state = scope.labels("state", counts["state"])
        facts.append(
            (
                "现用版本",
                f"第{counts['version']}版（{scope.labels.local_time(counts['received_at'])}收到，{state}）",
            )
        )
    return facts


def key_figures(blocked: int, to_explain: int, explained: int, informed: int) -> list[tuple[str, str, str]]:
    """How many findings there are, by what they ask for."""
    return [
        ("强制问题", str(blocked), "须改正，否则该数值不采用"),
        ("待说明", str(to_explain), "请在“情况说明”栏写明"),
        ("已说明", str(explained), "说明后采用"),
        ("提示", str(informed), "不影响采用"),
    ]


def findings_table(findings: list[Row], scope: Scope) -> Table:
    """All findings, those first that must be corrected, then those that need an explanation."""
    order = ("block", "explain", "inform")
    sorted_rows = sorted(findings, key=lambda row: (order.index(row["severity"]), bool(row["explained"])))
    rows: list[list[Cell]] = [
        [
            Badge(row["severity"], scope.labels("severity", row["severity"])),
            row["sheet"] or "整个文件",
            row["cell"] or format.NOTHING,
            row["question"] or format.NOTHING,
            row["message"],
            _explained(row),
        ]
        for row in sorted_rows
    ]
    columns = [Column("程度", narrow=True), Column("工作表", narrow=True), Column("单元格", narrow=True)]
    columns += [Column("代码", narrow=True), Column("问题和改正办法"), Column("情况说明")]
    return Table("检查发现的问题", columns, rows, "没有发现问题。")


def _explained(row: Row) -> str:
    if row["severity"] != "explain":
        return row["explanation"] or ""
    return f"已说明：{row['explanation']}" if row["explained"] else "待说明"


def comparison_reading(comparison: Comparison) -> str:
    """What the file says differently from the version that counts."""
    assert comparison.before is not None
    return told_of(comparison, f"本文件与现用的第{comparison.before['version']}版相比")


def replaces(counts: Row | None, unheard: int, blocked: int) -> str:
    """What the file takes the place of once it is received."""
    if unheard:
        before = f"另有{unheard}份已收到、等待运行；以最后报送且可以采用的一份为准"
    elif counts is None:
        return "本单位本期的第一份"
    elif blocked and counts["state"] == "accepted":
        return f"不替代：有强制问题的一份会被退回，仍以已采用的第{counts['version']}版为准"
    else:
        return f"替代第{counts['version']}版"
    return before


def open_findings(blocked: int, to_explain: int) -> str:
    """What is still open when it is handed in."""
    parts = [f"强制{blocked}处"] if blocked else []
    parts += [f"待说明{to_explain}处"] if to_explain else []
    return "、".join(parts) or "没有"


def receipt_reading(receipt: HandedIn) -> str:
    """Whether it was received now or before."""
    if receipt.already:
        return "这份文件以前已经收到，内容完全相同，没有重复接收。以下是当时的回执。"
    return f"已经收到。{NEXT}"


def receipt_table(receipt: HandedIn, unit: str, period_zh: str, findings: str, scope: Scope) -> Table:
    """The receipt, to be kept."""
    lines: list[tuple[str, Cell]] = [
        ("报送单位", unit),
        ("报告期", period_zh),
        ("文件名", receipt.file),
        ("收到时间", scope.labels.local_time(receipt.received_at)),
        ("报送编号", receipt.submission_id),
        ("保存为", receipt.stored_as),
        ("SHA-256校验值", receipt.sha256),
        ("检查时的未决问题", findings),
        ("后续", NEXT),
        *(("说明", remark) for remark in receipt.remarks),
    ]
    columns = [Column("项目", narrow=True), Column("内容", path=True)]
    return Table("报送回执", columns, [list(line) for line in lines], "")
