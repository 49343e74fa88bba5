"""Signs of form-filling (疑点): which figures are tested together, over which quarters, from what size on, and what a reviewer asks."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator, model_validator

from expectations.models.base import CatalogueEntry, Words

SignName = Literal["bunching", "copied_rows", "too_constant", "digit_preference"]
SIGNS: tuple[SignName, ...] = ("bunching", "copied_rows", "too_constant", "digit_preference")


class Sign(CatalogueEntry):
    """What every sign says: its name, and in Chinese what to ask and the innocent explanations."""

    label_zh: Words
    label_en: Words
    asks: str
    innocent: tuple[str, ...] = Field(min_length=1)

    @field_validator("asks")
    @classmethod
    def _a_request(cls, asks: str) -> str:
        if not asks.startswith("请") or not asks.endswith("。"):
            raise ValueError("must be a request: begin with «请» and end with «。»")
        return asks


class BunchingTest(CatalogueEntry):
    """Figures of an indicator beside its standard in force, over a unit's branches (each month) or a city's units.

    quarters: taken together; fewest: figures that lie beside the standard; width: how far beside, in what is counted.
    """

    indicator: str
    over: Literal["unit", "city"]
    quarters: int = Field(default=1, ge=1, le=4)
    fewest: int = Field(ge=2)
    width: int = Field(default=1, ge=1)


class Bunching(Sign):
    """Just at the standard far oftener than just under it."""

    tests: tuple[BunchingTest, ...]


class CopiedRows(Sign):
    """A branch's row that is another unit's row, or its own of the last quarter.

    questions: compared, those that set a row's scale first; fewest: figures above 0; already_asked: rules whose finding asks about the
    whole ledger, which is then not asked about row by row.
    """

    questions: tuple[str, ...] = Field(min_length=1)
    fewest: int = Field(ge=1)
    already_asked: tuple[str, ...] = ()


class ConstancyTest(CatalogueEntry):
    """A branch's shares of an indicator, month by month. quarters: windows, each tested; fewest: months."""

    indicator: str
    quarters: tuple[int, ...] = Field(min_length=1)
    fewest: int = Field(ge=2)


class TooConstant(Sign):
    """Shares that vary less from month to month than chance allows."""

    tests: tuple[ConstancyTest, ...]


class DigitTest(CatalogueEntry):
    """Last whole digits over a unit's branches, and over a city's units that are too small alone.

    Either of a question, whose last digits come near to equal frequency, or of the counts of an indicator, where the size of each group says what to expect.
    quarters: taken together; least: smaller figures are left out; fewest: figures.
    """

    question: str | None = None
    indicator: str | None = None
    quarters: int = Field(ge=1, le=8)
    least: int = Field(ge=10)
    fewest: int = Field(ge=10)

    @model_validator(mode="after")
    def _one_of_them(self) -> DigitTest:
        if (self.question is None) == (self.indicator is None):
            raise ValueError("a test of last digits names either a question or an indicator")
        return self


class DigitPreference(Sign):
    """Last digits that are not as even as counted figures' are."""

    tests: tuple[DigitTest, ...]


class Signs(CatalogueEntry):
    """signs.yaml as a whole.

    false_discovery_rate: of all signs of a quarter, the share that chance may have put there; attainable: a sign has a p of at most
    this, and a test that could not give it «cannot be judged».
    """

    false_discovery_rate: Decimal = Field(gt=0, lt=1)
    attainable: Decimal = Field(gt=0, lt=1)
    bunching: Bunching
    copied_rows: CopiedRows
    too_constant: TooConstant
    digit_preference: DigitPreference

    def of(self, name: SignName) -> Sign:
        return {
            "bunching": self.bunching,
            "copied_rows": self.copied_rows,
            "too_constant": self.too_constant,
            "digit_preference": self.digit_preference,
        }[name]
