"""How a submission is graded, and which grade its figures need to be judged by: quality.yaml."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, get_args

from pydantic import Field, model_validator

from expectations.models.base import CatalogueEntry, DatedEntry, Words

# What the SQL counts for each part stands in pipelines/sql/marts/grades.sql.
Part = Literal["completeness", "validity", "explained", "timeliness", "stability"]
PARTS: tuple[Part, ...] = get_args(Part)


class QualityPart(CatalogueEntry):
    """A part of the formula: whole points that it can cost, and how its counts are told.

    says may hold {whole}, {good} and {lacking}.
    """

    part: Part
    weight: int = Field(ge=0, le=100)
    label_zh: Words
    says: Words

    @model_validator(mode="after")
    def _tellable(self) -> QualityPart:
        if set(re.findall(r"\{(.*?)\}", self.says)) - {"whole", "good", "lacking"}:
            raise ValueError("says may hold {whole}, {good} and {lacking} only")
        return self


class Grade(CatalogueEntry):
    """A grade and its lowest number of points.

    Two decimals at most: points are cut to two, so that what is shown is what is judged.
    """

    grade: str = Field(pattern=r"^[A-Z]$")
    label_zh: Words
    from_points: Decimal = Field(alias="from", ge=0, le=100, decimal_places=2)


class QualityFormula(DatedEntry):
    """One entry of quality.yaml: the parts, the grades from the best, and the lowest grade that passes."""

    parts: tuple[QualityPart, ...]
    grades: tuple[Grade, ...] = Field(min_length=2)
    gate: str

    @model_validator(mode="after")
    def _whole(self) -> QualityFormula:
        if sorted(part.part for part in self.parts) != sorted(PARTS):
            raise ValueError(f"parts must be {', '.join(PARTS)}, once each")
        if sum(part.weight for part in self.parts) != 100:
            raise ValueError("the weights of the parts must add up to 100")
        bounds = [grade.from_points for grade in self.grades]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
            raise ValueError("grades must stand from the best to the last, and the last begin at 0")
        if len({grade.grade for grade in self.grades}) < len(self.grades):
            raise ValueError("a grade stands twice")
        if self.gate not in {grade.grade for grade in self.grades}:
            raise ValueError("gate must be one of the grades")
        return self

    @property
    def gate_points(self) -> Decimal:
        """The lowest number of points that passes."""
        return next(grade.from_points for grade in self.grades if grade.grade == self.gate)
