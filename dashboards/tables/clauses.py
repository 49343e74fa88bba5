"""The clauses as a table: one row an indicator, clause by clause."""

from __future__ import annotations

from dashboards import format
from dashboards.markup import Again, Cell, Column, Table
from dashboards.queries.clauses import Clause, Row
from dashboards.scope import Scope
from pipelines.exports.labels import BASIS_ZH


def reading(clauses: list[Clause], scope: Scope) -> str:
    """How much of the policy is measured, and how much of that with a standard."""
    indicators = [indicator for clause in clauses for indicator in clause.indicators]
    with_standard = [indicator for indicator in indicators if indicator["standard"] is not None]
    stated = sum(indicator["stated"] for indicator in with_standard)
    process = sum(clause.row["kind"] == "process" for clause in clauses)
    return (
        f"共{len(clauses)}条，其中{process}条由本系统履行；其余条款对应{len(indicators)}项指标，"
        f"{len(with_standard)}项设有标准"
        f"（政策原文给出{stated}项，本项目理解{len(with_standard) - stated}项），其他指标只与同类比较，不判是否达标。"
    )


def _questions(questions: list[Row]) -> str:
    return "\n".join(f"{row['question']}　{row['label_zh']}" for row in questions)


def _lines(clause: Clause, scope: Scope) -> list[list[Cell]]:
    """The rows of one clause; its own cells stand in the first."""
    row, labels = clause.row, scope.labels
    lines: list[list[Cell]] = [
        [
            _questions(indicator["questions"]),
            indicator["label_zh"],
            format.standard(indicator["standard"], indicator["unit"], indicator["compare"])
            if indicator["standard"] is not None
            else "与同类比较",
            BASIS_ZH[indicator["stated"]] if indicator["standard"] is not None else format.NOTHING,
        ]
        for indicator in clause.indicators
    ]
    if clause.questions:
        lines.append([_questions(clause.questions), "只用于核对", format.NOTHING, format.NOTHING])
    if row["fulfilled_by"]:
        lines.append([f"本系统：{row['fulfilled_by']}", *[format.NOTHING] * 3])
    own = [
        row["clause"],
        row["label_zh"],
        row["section"],
        labels.who(row["who"]),
        f"{labels('clause_kind', row['kind'])}，{labels('per', row['per'])}",
    ]
    again = [Again(text) for text in own]
    return [[*(again if place else own), *line] for place, line in enumerate(lines)] or [
        [*own, *[format.NOTHING] * 4]
    ]


def table(clauses: list[Clause], scope: Scope) -> Table:
    """Clause in the policy's words, questions, indicator, standard and whose standard it is.

    Process clauses come with what fulfils them.
    """
    rows: list[list[Cell]] = []
    groups: list[tuple[int, str]] = []
    before = None
    for clause in clauses:
        if clause.row["dimension"] != before:
            before = clause.row["dimension"]
            groups.append((len(rows), scope.labels("dimension", before)))
        rows += _lines(clause, scope)
    columns = [
        Column("条款", narrow=True),
        Column("条款内容"),
        Column("政策出处", narrow=True),
        Column("适用对象", phrases=True),
        Column("性质与频次", narrow=True),
    ]
    columns += [
        Column("指标项"),
        Column("指标"),
        Column("标准", narrow=True),
        Column("标准依据", narrow=True),
    ]
    return Table("条款、指标项、指标与标准", columns, rows, "没有符合条件的条款。", groups, wide=True)
