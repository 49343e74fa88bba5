"""Two versions of a submission in words: for the terminal, the page and a file. Reads what pipelines/marts/versions.py compared."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.exports.figures import NOTHING, file_name, number
from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.exports.trace import one_line, plain_data
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun
from pipelines.marts.versions import ANSWER_CHANGES, CHANGES, KEY, SIDES, Comparison, Row

CHANGES_ZH = {
    "changed": "改动",
    "added": "新增",
    "removed": "删去",
    "rewritten": "只改写法",
    "explained": "只改说明",
}
NUMBERS = ("count", "decimal")
BLANK = "空白"
COLUMNS = (
    "变化", "代码", "指标项", "支部", "月份", "原答案", "新答案", "原单元格", "新单元格", "原文", "新原文", "原说明", "新说明", "提示",
)  # fmt: skip
REMARK = "改动已采用的答案"


def lines(comparison: Comparison, labels: Labels) -> list[str]:
    """The versions, what the comparison comes to, and each difference with both cells."""
    unit, period = comparison.unit, comparison.period
    told = [f"{one_line(unit['name'])}（{unit['unit_code']}）　{period['label_zh']}"]
    for row in comparison.versions.to_dicts():
        told.append(f"  第{row['version']}版　{_receipt(row, labels)}　强制问题{row['n_block']}个")
    for row in comparison.refused.to_dicts():
        told.append(f"  未能受理，没有可以比较的内容　{_receipt(row, labels)}")
    told.append(reading(comparison))
    return told + [_line(row) for row in in_order(comparison)]


def reading(comparison: Comparison) -> str:
    """What the comparison comes to, in one or two sentences; why, where there is nothing to compare."""
    before, after = comparison.before, comparison.after
    if after is None:
        reason = "收到的文件都未能受理" if comparison.refused.height else "没有收到该单位的报送"
        return f"{comparison.period['label_zh']}{reason}，没有可以比较的版本。"
    if before is None:
        return f"第{after['version']}版是收到的第一版，没有更早的版本可以比较。"
    return told_of(comparison, f"第{after['version']}版与第{before['version']}版相比")


def told_of(comparison: Comparison, pair: str) -> str:
    """What two versions differ in. pair: which two, as the sentence begins."""
    before = comparison.before
    assert before is not None
    if comparison.cells.is_empty():
        return f"{pair}，没有差别。"
    counts = {change: comparison.count(change) for change in CHANGES}
    answers = [
        f"{CHANGES_ZH[change]}{counts[change]}格"
        for change in ("changed", "added", "removed")
        if counts[change]
    ]
    beside = [f"只改写法{counts['rewritten']}格"] if counts["rewritten"] else []
    beside += [f"只改情况说明{counts['explained']}处"] if counts["explained"] else []
    told = f"{pair}，{'、'.join(answers) or '答案没有变化'}{'；另有' + '、'.join(beside) if beside else ''}。"
    if comparison.accepted_changed:
        told += f"其中{comparison.accepted_changed}格是第{before['version']}版中已通过校验的答案。"
    return told


def shown(row: Row, side: str) -> str:
    """An answer as a reader sees it: a number as a number, all else as it stood in the cell."""
    raw, value = row[f"{side}_raw"], row[f"{side}_value"]
    if row["question"] is None:
        return NOTHING
    if raw is None:
        return BLANK
    if value is None and row[f"{side}_text"] is None:
        return f"{raw}（不能识别）"
    return number(value) if row["type"] in NUMBERS else str(raw)


def answer_zh(row: Row, side: str) -> str:
    """An answer, and what stood in the cell where that reads differently: 12（原文“１２”）."""
    answer, raw = shown(row, side), row[f"{side}_raw"]
    return answer if not raw or answer.startswith(raw) else f"{answer}（原文“{raw}”）"


def explanation_zh(row: Row) -> str:
    """The explanation beside an answer; both, where it differs."""
    before, after = row["before_explanation"], row["after_explanation"]
    return (after or "") if before == after else f"“{before or BLANK}”改为“{after or BLANK}”"


def place(row: Row, side: str) -> str:
    """`学习型!D7`; the sheet alone for an explanation of a branch's row; a dash where the row is not in that version."""
    sheet, cell = row[f"{side}_sheet"], row[f"{side}_cell"]
    return NOTHING if sheet is None else f"{sheet}!{cell}" if cell else str(sheet)


def table_row(row: Row) -> list[str]:
    """A difference under COLUMNS, as plain text."""
    return [
        CHANGES_ZH[row["change"]],
        row["question"] or NOTHING,
        row["label_zh"] or "情况说明",
        row["branch"] or row["branch_code"] or "本级",
        f"{row['month']}月" if row["month"] else NOTHING,
        shown(row, "before"),
        shown(row, "after"),
        place(row, "before"),
        place(row, "after"),
        row["before_raw"] or "",
        row["after_raw"] or "",
        row["before_explanation"] or "",
        row["after_explanation"] or "",
        REMARK if row["was_accepted"] else "",
    ]


def in_order(comparison: Comparison) -> list[Row]:
    """The differences, those of answers first."""
    rows = comparison.cells.to_dicts()
    return [row for row in rows if row["change"] in ANSWER_CHANGES] + [
        row for row in rows if row["change"] not in ANSWER_CHANGES
    ]


def write_differences(run: PublishedRun, comparison: Comparison, target: BinaryIO | Path) -> None:
    """Write the differences of two versions as .xlsx."""
    before, after = comparison.before, comparison.after
    assert before is not None
    assert after is not None
    title = f"{comparison.unit['name']}{comparison.period['label_zh']}第{before['version']}版与第{after['version']}版的差别"
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    created = after["received_at"].replace(tzinfo=UTC)
    with Workbook(target, title, created, f"数据批次 {run.name}", warning) as book:
        book.sheet(
            "版本差异", title, COLUMNS, [table_row(row) for row in in_order(comparison)], reading(comparison)
        )


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The same as plain data; times are UTC."""
    receipt = ("submission_id", "version", "file", "received_at", "state", "n_block")
    version = [{key: plain_data(row[key]) for key in receipt} for row in comparison.versions.to_dicts()]
    refused = [{key: plain_data(row[key]) for key in receipt} for row in comparison.refused.to_dicts()]
    columns = (
        "change", *KEY, "label_zh", "branch", *(f"{side}_{part}" for side in ("before", "after") for part in SIDES), "was_accepted",
    )  # fmt: skip
    return {
        "unit_code": comparison.unit["unit_code"], "name": comparison.unit["name"], "period": comparison.period["period"],
        "versions": version, "refused": refused,
        "from": comparison.before["version"] if comparison.before else None,
        "to": comparison.after["version"] if comparison.after else None,
        "message": reading(comparison),
        "differences": [{key: plain_data(row[key]) for key in columns} for row in in_order(comparison)],
    }  # fmt: skip


def _receipt(row: Row, labels: Labels) -> str:
    return f"{labels.local_time(row['received_at'])}收到　{labels('state', row['state'])}　{one_line(file_name(row['file']))}"


def _line(row: Row) -> str:
    at, to = place(row, "before"), place(row, "after")
    where = at if at == to else f"{at} → {to}"
    if row["change"] == "explained":
        told = f"情况说明“{row['before_explanation'] or BLANK}” → “{row['after_explanation'] or BLANK}”"
    elif row["change"] == "rewritten":
        told = f"原文“{row['before_raw']}” → “{row['after_raw']}”，值不变"
    else:
        told = f"{answer_zh(row, 'before')} → {answer_zh(row, 'after')}"
    change, *subject = table_row(row)[:5]
    about = "　".join(part for part in subject if part != NOTHING)
    remark = f"　（{REMARK}）" if row["was_accepted"] else ""
    return "  " + one_line(f"[{change}] {about}：{told}　{where}{remark}")
