"""A rule: what is checked, how severe a breach is, and what the clerk is told. One class for each check; `check` says which."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter, model_validator

from expectations.models.base import CatalogueEntry, VersionedEntry, Words
from expectations.models.term import AnswerTerm, BesideTerm, LastTerm, Term

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


class _Rule(VersionedEntry):
    """What all rules have.

    label_zh: the breach in a few words, of this rule alone; mend: what to do; says: the facts of a breach as a clerk reads them, with {found} and
    {expected}; without it they are put together from label_zh.
    """

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset({"severity", "label_zh", "mend", "says"})

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    severity: Severity
    label_zh: Words
    mend: Words
    says: Words | None = None
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

    @property
    def asks_history(self) -> bool:
        """Whether other submissions are asked about, over the whole history."""
        return False


class GeneralRule(_Rule):
    """Holds for each question by itself: it is answered, readable as its type, within its bounds."""

    check: Literal["presence", "type", "bounds"]


class Within(CatalogueEntry):
    """How far two sums may be apart: a share of the right one, or `least` where that is more.

    Four decimals at most, as all answers and the SQL have them.
    """

    share: Decimal = Field(ge=0, le=10, decimal_places=4)
    least: Decimal = Field(ge=0, le=1_000_000_000, decimal_places=4)


class CompareRule(_Rule):
    """Two sums of terms over one form, or over one branch's row; the finding stands at `cell`. A missing part compares nothing."""

    CHANGEABLE = _Rule.CHANGEABLE | {"within"}

    check: Literal["compare"]
    left: tuple[Term, ...] = Field(min_length=1)
    compare: Literal["at_most", "at_least", "equal", "near"]
    right: tuple[Term, ...] = Field(min_length=1)
    within: Within | None = None
    cell: str

    @model_validator(mode="after")
    def _consistent(self) -> CompareRule:
        if (self.compare == "near") != (self.within is not None):
            raise ValueError("near needs within, and nothing else has it")
        if self.cell not in self.here:
            raise ValueError("cell must be one of the questions compared")
        beside = [term for term in self.terms if isinstance(term, BesideTerm)]
        if self.asks_history and beside:
            raise ValueError("what was answered last is compared with answers of the same form or row alone")
        return self

    @property
    def terms(self) -> tuple[Term, ...]:
        return self.left + self.right

    @property
    def here(self) -> tuple[str, ...]:
        """The questions that must stand on the rule's own form or row, once each."""
        return tuple(dict.fromkeys(code for term in self.terms for code in term.here))

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for term in self.terms for code in term.questions))

    @property
    def asks_history(self) -> bool:
        return any(isinstance(term, LastTerm) for term in self.terms)

    @property
    def is_steady(self) -> bool:
        """Whether one number is held against itself the last time: then a return to what it was before a jump is no jump."""
        if len(self.left) != 1 or len(self.right) != 1 or self.compare != "near":
            return False
        left, right = self.left[0], self.right[0]
        return isinstance(left, AnswerTerm) and isinstance(right, LastTerm) and left.answer == right.last


class UniqueRule(_Rule):
    """No two units give the same text in one period; the later one is asked."""

    check: Literal["unique"]
    question: str

    @property
    def questions(self) -> tuple[str, ...]:
        return (self.question,)

    @property
    def asks_history(self) -> bool:
        return True


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
    """What the reader finds in a file, by this name; `refuses`: the file is not taken as a submission at all.

    It has no versions and no dates: a file that is refused may belong to no period.
    """

    CHANGEABLE = frozenset()

    check: Literal["reading"]
    refuses: bool = False

    @model_validator(mode="after")
    def _always_holds(self) -> ReadingRule:
        if self.model_fields_set & {"effective_from", "effective_to"}:
            raise ValueError("what the reader finds holds always: it has no effective dates")
        return self


class HistoryRule(_Rule):
    """What the SQL file of this name finds about other submissions."""

    check: Literal["history"]

    @property
    def asks_history(self) -> bool:
        return True


class OutlierRule(_Rule):
    """What the search for outliers finds, by this name; what it holds against what stands in outliers.yaml."""

    check: Literal["outlier"]

    @property
    def asks_history(self) -> bool:
        return True


Rule = Annotated[
    GeneralRule | CompareRule | RequiredRule | UniqueRule | ReadingRule | HistoryRule | OutlierRule,
    Field(discriminator="check"),
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
