"""How units are grouped, scored and chosen: selection.yaml."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from expectations.models.base import CatalogueEntry, VersionedEntry, Words
from expectations.models.policy import Respondent, UnitKind
from expectations.period import Period

Dimension = Literal["learning", "service", "innovation", "leadership"]


Likeness = Literal["members", "branches", "category", "is_private", "city_code"]
LIKENESSES: tuple[Likeness, ...] = get_args(Likeness)


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


class Neighbours(CatalogueEntry):
    """How many nearest neighbours a unit has, and the weight of each difference in their distance."""

    count: int = Field(ge=1, le=20)
    weights: dict[Likeness, Decimal]

    @model_validator(mode="after")
    def _measurable(self) -> Neighbours:
        if set(self.weights) != set(LIKENESSES):
            raise ValueError(f"the weights must be those of {', '.join(LIKENESSES)}")
        if min(self.weights.values()) < 0 or not any(self.weights.values()):
            raise ValueError("a weight cannot be negative, and one must be above 0")
        return self


class Alternatives(CatalogueEntry):
    """Ways to score that would be as right as the official one; from them come rank intervals and shares of alternatives."""

    draws: int = Field(ge=1, le=10_000)
    weight_share: Decimal = Field(ge=0, lt=1)
    methods: tuple[Literal["arithmetic", "geometric"], ...] = Field(min_length=1)
    leave_out: bool
    seed: int = Field(ge=0)
    coverage: Decimal = Field(gt=0, lt=1)
    floor: Decimal = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _each_once(self) -> Alternatives:
        if len(set(self.methods)) < len(self.methods):
            raise ValueError("a method stands twice")
        return self


class Scoring(VersionedEntry):
    """Weights of the dimensions in the total, which add up to 1, and the alternatives to them."""

    CHANGEABLE = frozenset({"weights", "alternatives"})

    weights: dict[Dimension, Decimal]
    alternatives: Alternatives

    @model_validator(mode="after")
    def _whole(self) -> Scoring:
        if len(self.weights) != 4 or sum(self.weights.values()) != 1 or min(self.weights.values()) < 0:
            raise ValueError("the weights of the four dimensions must add up to 1, none below 0")
        return self


class Gates(CatalogueEntry):
    """What a unit must pass to be chosen at all; what is left out is not asked.

    quality: the quarters of the year whose data must pass the gate of quality.yaml. missing_quarters, late_quarters, red_flags:
    the most that may be. coverage: the least share of the indicators due. years_of_record: the fewest full years.
    """

    quality: Literal["every", "last"] | None = None
    missing_quarters: int | None = Field(default=None, ge=0, le=4)
    late_quarters: int | None = Field(default=None, ge=0, le=4)
    red_flags: int | None = Field(default=None, ge=0)
    coverage: Decimal | None = Field(default=None, ge=0, le=1)
    years_of_record: int | None = Field(default=None, ge=0)


class ShortlistGates(Gates):
    """The gates of model units. least_score: the lowest total, of 100, with which a unit may be chosen, however few are eligible."""

    least_score: Decimal | None = Field(default=None, ge=0, le=100)


class _List(VersionedEntry):
    """What lists have in common: gates, quotas by kind, and a limit for each city over all kinds."""

    gates: Gates
    quotas: dict[UnitKind, Annotated[int, Field(ge=0)]]
    most_per_city: int = Field(ge=1)


class Shortlist(_List):
    """The yearly list of model units. ties: who comes first at equal totals; the code decides last, so that nothing is left open."""

    CHANGEABLE = frozenset({"gates", "quotas", "most_per_city", "ties", "near_misses", "clauses_named"})

    gates: ShortlistGates
    ties: tuple[Dimension | Literal["coverage", "unit_code"], ...]
    near_misses: int = Field(ge=0)
    clauses_named: int = Field(ge=1)

    @model_validator(mode="after")
    def _decided(self) -> Shortlist:
        if len(set(self.ties)) < len(self.ties) or self.ties[-1:] != ("unit_code",):
            raise ValueError(
                "ties must name each thing once, and unit_code last: without it equals stay equal"
            )
        return self


class ContactPoints(_List):
    """The yearly list of units to be helped: points to gain, weighed by the members whom they reach."""

    CHANGEABLE = frozenset({"gates", "quotas", "most_per_city", "indicators", "members_exponent"})

    indicators: Literal["stated", "all"]
    members_exponent: Decimal = Field(ge=0, le=1)


class Selection(CatalogueEntry):
    """selection.yaml as a whole."""

    peer_groups: tuple[PeerGroups, ...]
    minimum_peers: int = Field(ge=2)
    neighbours: Neighbours
    scoring: Scoring
    shortlist: Shortlist
    contact_points: ContactPoints

    def bands_of(self, kind: str) -> tuple[Band, ...]:
        return next(group.bands for group in self.peer_groups if group.kind == kind)

    def as_of(self, period: Period) -> Selection:
        """With the versions in force on the last day of the period."""
        parts = {
            name: getattr(self, name).as_of(period) for name in ("scoring", "shortlist", "contact_points")
        }
        return self.model_copy(update=parts)
