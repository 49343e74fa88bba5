"""How units are grouped, scored and chosen: selection.yaml."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import model_validator

from expectations.models.base import CatalogueEntry, Words
from expectations.models.policy import Respondent, UnitKind


class Band(CatalogueEntry):
    """A size band: units with at least `from` members, up to the next band."""

    code: str
    label_zh: Words
    from_members: int

    @model_validator(mode="before")
    @classmethod
    def _from(cls, value: object) -> object:
        return (
            {("from_members" if k == "from" else k): v for k, v in value.items()}
            if isinstance(value, dict)
            else value
        )


class PeerGroups(CatalogueEntry):
    """The size bands of one kind, smallest first; the first begins at 0."""

    kind: Respondent
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _ordered(self) -> PeerGroups:
        starts = [band.from_members for band in self.bands]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("bands must begin at 0 and rise")
        return self


class Scoring(CatalogueEntry):
    """Weights of the dimensions in the total; they add up to 1."""

    weights: dict[Literal["learning", "service", "innovation", "leadership"], Decimal]

    @model_validator(mode="after")
    def _whole(self) -> Scoring:
        if len(self.weights) != 4 or sum(self.weights.values()) != 1:
            raise ValueError("the weights of the four dimensions must add up to 1")
        return self


class Shortlist(CatalogueEntry):
    """Gates and quotas of the yearly shortlist of model units.

    quality_quarters: the quarters of the year whose data must pass the gate of quality.yaml.
    """

    minimum_coverage: Decimal
    quality_quarters: Literal["every", "last"]
    quotas: dict[UnitKind, int]
    most_per_city: int
    alternative_weight_share: Decimal

    @model_validator(mode="after")
    def _possible(self) -> Shortlist:
        if not 0 <= self.minimum_coverage <= 1 or not 0 < self.alternative_weight_share < 1:
            raise ValueError(
                "minimum_coverage must be a share from 0 to 1, alternative_weight_share one between them"
            )
        if min(self.quotas.values(), default=0) < 0 or self.most_per_city < 1:
            raise ValueError("quotas cannot be negative, and most_per_city is at least 1")
        return self


class Selection(CatalogueEntry):
    """selection.yaml as a whole."""

    peer_groups: tuple[PeerGroups, ...]
    scoring: Scoring
    shortlist: Shortlist

    def bands_of(self, kind: str) -> tuple[Band, ...]:
        return next(group.bands for group in self.peer_groups if group.kind == kind)
