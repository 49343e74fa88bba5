"""The records that reading yields: answers with their addresses, and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

# Many answers as one tuple for each field of Answer: half the work to hand to another process.
Columns = tuple[tuple[Any, ...], ...]


class Answer(NamedTuple):
    """One cell that was asked: where it stands, what stood in it, and its value. branch_code and month are None on the own form."""

    question: str
    branch_code: str | None
    month: int | None
    number: Decimal | None
    text: str | None
    raw: str | None
    explanation: str | None
    sheet: str
    cell: str


def as_columns(answers: Sequence[Answer]) -> Columns:
    """Answers by field."""
    return tuple(zip(*answers, strict=True)) if answers else ((),) * len(Answer._fields)


NO_ANSWERS = as_columns([])


@dataclass(frozen=True)
class Finding:
    """A rule that a cell, a sheet or a file breaks. `found` and `expected` are Chinese texts for the clerk."""

    rule: str
    sheet: str | None = None
    cell: str | None = None
    branch_code: str | None = None
    question: str | None = None
    month: int | None = None
    found: str | None = None
    expected: str | None = None
    explanation: str | None = None

    def id_in(self, submission_id: str) -> str:
        """A stable id: the same fault in the same file has the same id in every run."""
        parts = (
            submission_id,
            self.rule,
            self.sheet,
            self.cell,
            self.branch_code,
            self.question,
            str(self.month),
        )
        return hashlib.sha256("\x1f".join(part or "" for part in parts).encode("utf-8")).hexdigest()[:20]
