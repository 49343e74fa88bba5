"""When a question is proposed for removal because its answers never vary."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from expectations.models.base import CatalogueEntry


class QuestionUse(CatalogueEntry):
    """question_use.yaml. quarters: looked at; fewest_*: what a judgement needs; same_answer: share of answers from which nothing varies."""

    quarters: int = Field(ge=1)
    fewest_quarters: int = Field(ge=1)
    fewest_units: int = Field(ge=1)
    same_answer: Decimal = Field(gt=Decimal("0.5"), le=1)

    @model_validator(mode="after")
    def _possible(self) -> QuestionUse:
        if self.fewest_quarters > self.quarters:
            raise ValueError("fewest_quarters is more than the quarters looked at")
        return self
