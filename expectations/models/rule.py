"""A rule: what is checked, how severe a breach is, and what the clerk is told."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import model_validator

from expectations.models.base import DatedEntry

Severity = Literal["block", "explain", "inform"]
# What the reader names when it finds it; each is one entry of rules/reading.yaml.
READER_RULES = frozenset({
    "empty_file", "not_a_workbook", "encrypted_file", "damaged_file", "over_limits", "unreadable_file", "personal_data", "not_our_form",
    "unknown_unit", "unit_name_differs", "unit_not_valid", "wrong_period", "period_closed", "mixed_table", "column_repeated",
    "old_template", "older_template", "macros_ignored", "sheet_renamed", "sheet_ignored", "sheet_missing", "row_missing", "row_repeated",
    "head_repeated", "unknown_code", "unknown_branch", "branch_missing", "formula_without_result", "formula_error", "value_repaired",
})  # fmt: skip
# Checks that hold for all questions at once, and need one rule each to give a breach its severity and words.
GENERAL_CHECKS = ("presence", "type", "bounds")
# What the search for outliers finds (outliers.yaml); each is one entry of rules/history.yaml.
OUTLIER_RULES = frozenset({"outlier_own_history", "outlier_peers"})


class Rule(DatedEntry):
    """One rule. `check` says who runs it: Great Expectations (presence … required_if), the reader, SQL over history, or the search for outliers.

    says: the facts of a breach as a clerk reads them, with {found} and {expected}; without it they are put together from label_zh.
    """

    rule: str
    check: Literal["presence", "type", "bounds", "compare", "required_if", "reading", "history", "outlier"]
    severity: Severity
    label_zh: str
    mend: str
    says: str | None = None
    clause: str | None = None
    refuses: bool = False
    left: tuple[str, ...] = ()
    compare: Literal["at_most", "at_least", "equal"] | None = None
    right: tuple[str, ...] = ()
    cell: str | None = None
    question: str | None = None
    when: str | None = None
    equals: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Rule:
        if self.check == "compare" and not (self.left and self.compare and self.right and self.cell):
            raise ValueError("a comparison needs left, compare, right and cell")
        if self.check == "compare" and self.cell not in self.left + self.right:
            raise ValueError("cell must be one of the questions compared")
        if self.check == "required_if" and not (self.question and self.when and self.equals):
            raise ValueError("a conditional requirement needs question, when and equals")
        if self.refuses and self.check != "reading":
            raise ValueError("only the reader refuses a file")
        if self.says is not None and set(re.findall(r"\{(.*?)\}", self.says)) - {"found", "expected"}:
            raise ValueError("says may hold {found} and {expected} only")
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        return self.left + self.right + tuple(filter(None, (self.question, self.when)))
