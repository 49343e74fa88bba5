"""A question (指标项): one input on a form, and what its answer may be."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import model_validator

from expectations.models.base import CatalogueEntry, VersionedEntry, Words
from expectations.models.policy import BranchCategory, Respondent, UnitKind


class Option(CatalogueEntry):
    """An answer of a choice; `counts` says whether it counts as in place."""

    code: str
    label_zh: Words
    label_en: Words
    counts: bool


YES_NO = (
    Option(code="yes", label_zh="是", label_en="Yes", counts=True),
    Option(code="no", label_zh="否", label_en="No", counts=False),
)


class Question(VersionedEntry):
    """One input. Code and name are unique; `monthly` questions have one cell for each month of the quarter.

    prefill: the last accepted answer stands in the cell; last_year_of: last year's answer to that question does.
    A unit of measure or an option that changes makes another question: its answers could not be added to the old ones.
    """

    CHANGEABLE = frozenset(
        {"label_zh", "label_en", "hint", "min", "max", "decimals", "max_length", "required", "prefill"}
    )

    code: str
    name: str
    clause: str
    who: tuple[Respondent, ...]
    unit_kinds: tuple[UnitKind, ...] = ("city", "university", "school")
    branch_categories: tuple[BranchCategory, ...] = ("staff", "student", "retired")
    asked: Literal["quarterly", "semester", "yearly"]
    monthly: bool = False
    type: Literal["count", "decimal", "yes_no", "choice", "text"]
    nature: Literal["flow", "stock", "state"]
    label_zh: Words
    label_en: Words
    unit: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    decimals: int = 2
    max_length: int = 200
    options: tuple[Option, ...] = ()
    required: bool = True
    prefill: bool = False
    last_year_of: str | None = None
    hint: Words

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        if self.is_number and (self.min is None or self.max is None or not self.unit):
            raise ValueError("a number needs min, max and unit")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        if (self.type == "choice") != bool(self.options):
            raise ValueError("a choice needs options, and nothing else has them")
        if self.is_for_branch and len(self.who) > 1:
            raise ValueError("a question is asked of units or of branches, not of both")
        if self.monthly and not self.is_for_branch:
            raise ValueError("only the ledger has months")
        if self.last_year_of is not None and (
            self.is_for_branch or self.asked != "yearly" or not self.is_number
        ):
            raise ValueError("only a yearly number of the own form can be last year's answer")
        if self.prefill and self.last_year_of is not None:
            raise ValueError("a cell is pre-filled from the last answer or from last year's, not from both")
        if self.prefill and self.nature == "flow":
            raise ValueError("a flow starts anew each period and cannot be pre-filled")
        return self

    @cached_property
    def is_number(self) -> bool:
        return self.type in ("count", "decimal")

    @cached_property
    def is_for_branch(self) -> bool:
        return "branch" in self.who

    @property
    def is_known_before(self) -> bool:
        """Whether the workbook comes with an answer, where there is an earlier one to take it from."""
        return self.prefill or self.last_year_of is not None

    @cached_property
    def choices(self) -> tuple[Option, ...]:
        """The answers that a cell may hold; empty for numbers and text."""
        return YES_NO if self.type == "yes_no" else self.options

    @property
    def unit_of_measure(self) -> str:
        """What stands in the 计量单位 column."""
        return {"yes_no": "是/否", "choice": "选项", "text": "文字"}.get(self.type, self.unit)

    def applies_to(self, unit_kind: str, branch_category: str | None = None) -> bool:
        """Whether this question is asked of a unit (no category) or of a branch of that category inside the unit."""
        if branch_category is None:
            return unit_kind in self.who
        return (
            self.is_for_branch and unit_kind in self.unit_kinds and branch_category in self.branch_categories
        )
