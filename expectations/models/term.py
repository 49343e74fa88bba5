"""A term of a comparison: where one number of its two sums comes from. A plain code is an answer of the same form or row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from expectations.models.base import CatalogueEntry
from expectations.models.policy import BranchCategory


class _Term(CatalogueEntry):
    @property
    def here(self) -> tuple[str, ...]:
        """The questions that must stand on the same form or row in the same period."""
        return ()

    @property
    def questions(self) -> tuple[str, ...]:
        """Every question that the term takes an answer from."""
        return self.here


class AnswerTerm(_Term):
    """The answer to a question of the same form, or of the same branch's row."""

    answer: str

    @property
    def here(self) -> tuple[str, ...]:
        return (self.answer,)


class ProductTerm(_Term):
    """The product of the answers to two questions of the same form or row."""

    product: tuple[str, str]

    @property
    def here(self) -> tuple[str, ...]:
        return self.product


class LedgerTerm(_Term):
    """The sum of a ledger column over the unit's branches; missing where a branch's answer is."""

    ledger: str

    @property
    def questions(self) -> tuple[str, ...]:
        return (self.ledger,)

    @property
    def column(self) -> str:
        """Its name among what is known beside the form's own answers."""
        return f"ledger:{self.ledger}"


class BranchesTerm(_Term):
    """How many branches of a category (or all) the unit's ledger has in the period, after the registry."""

    branches: BranchCategory | Literal["all"]

    @property
    def column(self) -> str:
        return f"branches:{self.branches}"


class RegistryTerm(_Term):
    """What the registry knows of the unit, or of the branch of the row."""

    registry: Literal["members"]

    @property
    def column(self) -> str:
        return f"registry:{self.registry}"


class LastTerm(_Term):
    """The answer that the same unit (or branch) gave the last time the question was asked, in the version that counts.

    same_year: nothing where that was in an earlier year, as for a figure that is cumulated anew each year.
    """

    last: str
    same_year: bool = False

    @property
    def questions(self) -> tuple[str, ...]:
        return (self.last,)


BesideTerm = LedgerTerm | BranchesTerm | RegistryTerm
_KINDS = ("answer", "product", "ledger", "branches", "registry", "last")


def _from_code(value: Any) -> Any:
    return {"answer": value} if isinstance(value, str) else value


def _kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, _Term) else ()
    return next((kind for kind in _KINDS if kind in keys), "term")


Term = Annotated[
    Annotated[AnswerTerm, Tag("answer")]
    | Annotated[ProductTerm, Tag("product")]
    | Annotated[LedgerTerm, Tag("ledger")]
    | Annotated[BranchesTerm, Tag("branches")]
    | Annotated[RegistryTerm, Tag("registry")]
    | Annotated[LastTerm, Tag("last")],
    Discriminator(
        _kind,
        custom_error_type="term",
        custom_error_message=f"must be a question's code or one of {', '.join(f'{{{kind}: …}}' for kind in _KINDS[1:])}",
    ),
    BeforeValidator(_from_code),
]
