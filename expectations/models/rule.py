"""A rule: what is checked, how severe a breach is, and what the clerk is told. One class for each check; `check` says which."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from expectations.models.base import DatedEntry

Severity = Literal["block", "explain", "inform"]
Compare = Literal["at_most", "at_least", "equal"]
# What the reader names when it finds it; each is one entry of rules/reading.yaml.
READER_RULES = frozenset({
    "empty_file", "not_a_workbook", "encrypted_file", "damaged_file", "over_limits", "unreadable_file", "personal_data", "not_our_form",
    "unknown_unit", "unit_name_differs", "unit_not_valid", "wrong_period", "period_closed", "mixed_table", "column_repeated",
    "old_template", "older_template", "macros_ignored", "sheet_renamed", "sheet_ignored", "sheet_missing", "row_missing", "row_repeated",
    "head_repeated", "unknown_code", "unknown_branch", "branch_missing", "formula_without_result", "formula_error", "value_repaired",
})  # fmt: skip
# Checks that hold for all questions at once, and need one rule each to give a breach its severity and words.
GENERAL_CHECKS = ("presence", "type", "bounds")


class _Rule(DatedEntry):
    """What all rules have.

    label_zh: the breach in a few words; mend: what to do; says: the facts of a breach as a clerk reads them, with {found} and
    {expected}; without it they are put together from label_zh.
    """

    rule: str
    severity: Severity
    label_zh: str
    mend: str
    says: str | None = None
    clause: str | None = None

    @model_validator(mode="after")
    def _says_what_is_known(self) -> _Rule:
        if self.says is not None and set(re.findall(r"\{(.*?)\}", self.says)) - {"found", "expected"}:
            raise ValueError("says may hold {found} and {expected} only")
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions that the rule is about; none where it is about all, or about none."""
        return ()


class GeneralRule(_Rule):
    """Holds for each question by itself: it is answered, readable as its type, within its bounds."""

    check: Literal["presence", "type", "bounds"]


class CompareRule(_Rule):
    """Two sums over answers of one form, or of one branch's row; the finding stands at `cell`."""

    check: Literal["compare"]
    left: tuple[str, ...] = Field(min_length=1)
    compare: Compare
    right: tuple[str, ...] = Field(min_length=1)
    cell: str

    @model_validator(mode="after")
    def _stands_at_its_own(self) -> CompareRule:
        if self.cell not in self.questions:
            raise ValueError("cell must be one of the questions compared")
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        return self.left + self.right


class RequiredRule(_Rule):
    """`question` must be answered where the answer to `when` is the option `equals`."""

    check: Literal["required_if"]
    question: str
    when: str
    equals: str

    @property
    def questions(self) -> tuple[str, ...]:
        return (self.question, self.when)


class ReadingRule(_Rule):
    """What the reader finds in a file, by this name; `refuses`: the file is not taken as a submission at all."""

    check: Literal["reading"]
    refuses: bool = False


class HistoryRule(_Rule):
    """What the SQL file of this name finds about other submissions."""

    check: Literal["history"]


Rule = Annotated[
    GeneralRule | CompareRule | RequiredRule | ReadingRule | HistoryRule, Field(discriminator="check")
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
