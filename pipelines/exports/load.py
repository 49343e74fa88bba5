"""The load of filling in (减负) in words and lines: what was asked, pre-filled and typed, and the questions proposed for removal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.exports.figures import NOTHING, number, rate, rounded
from pipelines.exports.labels import Labels
from pipelines.marts.published import PublishedRun

KIND_ORDER = ("city", "university", "school")
FORM_ORDER = ("own", "ledger")
COUNTS = ("asked", "prefilled", "changed", "typed", "blank")
# Six columns at most: a terminal of 80 columns shows them.
LOAD_HEAD = ("报告期", "填报对象", "应填", "预填", "手工填写", "未填")
REMOVAL_HEAD = ("代码", "指标项", "答案数", "最常见的占", "用途", "理由")

Row = dict[str, Any]


def load_rows(run: PublishedRun, period: str | None = None) -> pl.DataFrame:
    """The mart `load` of one period or of all, in the order of period, kind and form."""
    rows = run.scan("load")
    if period is not None:
        rows = rows.filter(pl.col("period") == period)
    return rows.sort("period", _order("unit_kind", KIND_ORDER), _order("form", FORM_ORDER)).collect()


def removal_rows(run: PublishedRun) -> pl.DataFrame:
    """The questions proposed for removal, with label_zh, clause, who, asked, type and unit, in the order of the policy."""
    return use_rows(run).filter("suggest_removal")


def use_rows(run: PublishedRun) -> pl.DataFrame:
    """Every question of `question_use` with label_zh, clause, who, asked, type and unit, in the order of the policy."""
    named = run.scan("dim_question").select("question", "label_zh", "clause", "who", "asked", "type", "unit")
    clauses = run.scan("dim_clause").select("clause", "dimension")
    dimensions = ("learning", "service", "innovation", "leadership")
    return (
        run.scan("question_use")
        .join(named, on="question")
        .join(clauses, on="clause", how="left")
        .sort(_order("dimension", dimensions), "clause", "question")
        .collect()
    )


def load_line(row: Row, labels: Labels) -> list[str]:
    """A row of `load` under LOAD_HEAD."""
    forms = number(row["respondents"])
    return [
        row["period"],
        f"{labels('kind', row['unit_kind'])}{labels('form', row['form'])}（{number(row['units'])}个单位，{forms}份）",
        f"{number(row['asked'])}（每份{each(row['asked'], row['respondents'])}）",
        f"{number(row['prefilled'])}（改动{number(row['changed'])}）",
        f"{number(row['typed'])}（每份{each(row['typed'], row['respondents'])}）",
        number(row["blank"]),
    ]


def removal_line(row: Row, labels: Labels) -> list[str]:
    """A question under REMOVAL_HEAD."""
    return [
        row["question"], row["label_zh"], number(row["answers"]), share_zh(row), labels("feeds", row["feeds"]), row["reason"],
    ]  # fmt: skip


def share_zh(row: Row) -> str:
    """The share of the most common answer, never rounded to 100% where there is another; a dash without answers."""
    return NOTHING if row["common_share"] is None else rate(row["common_share"])


def each(cells: int, fillers: int) -> str:
    """Cells for each form, unit or branch, to one decimal; some are never 0.0."""
    return NOTHING if not fillers else f"{rounded(Fraction(cells, fillers), (Fraction(0),))}"


def removal_reading(rows: pl.DataFrame, questions: int) -> str:
    """How many questions are proposed, and that people decide."""
    if rows.is_empty():
        return "没有建议研究取消的指标项。"
    never = rows.filter(pl.col("varies").eq(pl.lit(value=False)).fill_null(value=False)).height
    unused = rows.filter(~pl.col("feeds_decision")).height
    parts = [f"{never}项的答案几乎没有差别"] if never else []
    parts += [f"{unused}项不进入任何指标"] if unused else []
    return f"{questions}项指标项中有{rows.height}项建议研究取消：{'，'.join(parts)}。是否取消由主管部门决定。"


def _order(column: str, order: Sequence[str]) -> pl.Expr:
    return pl.col(column).replace_strict(
        {code: place for place, code in enumerate(order)}, default=len(order), return_dtype=pl.Int32
    )
