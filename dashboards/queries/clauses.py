"""The policy as the product asks and measures it: clause, questions, indicators, standards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.queries.registry import policy_order
from pipelines.marts.published import PublishedRun

Row = dict[str, Any]


@dataclass(frozen=True)
class Clause:
    """A clause (its row of dim_clause), its indicators (rows of dim_indicator with the `questions` of
    each), and the questions of the clause that only rules use.
    """

    row: Row
    indicators: list[Row]
    questions: list[Row]

    def mentions(self, text: str) -> bool:
        """Whether the text stands in a code, in the policy's words, or in a Chinese name of the clause."""
        words = [self.row[key] or "" for key in ("clause", "section", "label_zh", "fulfilled_by")]
        for entry in (
            *self.indicators,
            *self.questions,
            *(q for i in self.indicators for q in i["questions"]),
        ):
            words += [entry["label_zh"], entry.get("question") or entry["indicator"]]
        return text.strip().lower() in "\n".join(words).lower()


def clauses(run: PublishedRun) -> list[Clause]:
    """All clauses in the order of the policy, with the indicators' standards now in force."""
    questions = {row["question"]: row for row in run.read("dim_question").sort("question").to_dicts()}
    used: dict[str, list[Row]] = {}
    for indicator, code in (
        run.scan("dim_indicator_question")
        .filter(pl.col("question").is_not_null())
        .select("indicator", "question")
        .unique()
        .sort("question")
        .collect()
        .rows()
    ):
        used.setdefault(indicator, []).append(questions[code])
    counted = {row["question"] for rows in used.values() for row in rows}
    latest = (
        run.read("dim_indicator").sort("effective_from").unique("indicator", keep="last").sort("indicator")
    )
    measured = [{**row, "questions": used.get(row["indicator"], [])} for row in latest.to_dicts()]
    return [
        Clause(
            row,
            [indicator for indicator in measured if indicator["clause"] == row["clause"]],
            [q for q in questions.values() if q["clause"] == row["clause"] and q["question"] not in counted],
        )
        for row in run.read("dim_clause").sort(*policy_order()).to_dicts()
    ]


def narrowed(rows: list[Clause], dimension: str | None, text: str) -> list[Clause]:
    """The clauses of one dimension that mention the text."""
    return [row for row in rows if dimension in (None, row.row["dimension"]) and row.mentions(text)]
