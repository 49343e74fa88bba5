"""What every catalogue entry shares: frozen, closed to unknown keys, with effective dates and versions where it has them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from expectations.period import Period

# What users read: never blank.
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CatalogueEntry(BaseModel):
    """An immutable entry; a key that the model does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatedEntry(CatalogueEntry):
    """An entry that holds from one date to another; an old period keeps the version that it was judged by."""

    effective_from: date = date(2016, 3, 27)
    effective_to: date | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to is before effective_from")
        return self

    def holds_in(self, period: Period) -> bool:
        """True where the entry is in force on the last day of the period."""
        return self.effective_from <= period.last_day and (
            self.effective_to is None or period.last_day <= self.effective_to
        )


class Change(BaseModel):
    """A later version of an entry: when it begins, and the keys that differ from then on."""

    model_config = ConfigDict(extra="allow", frozen=True)

    effective_from: date

    @property
    def keys(self) -> dict[str, Any]:
        return self.model_extra or {}


class VersionedEntry(DatedEntry):
    """An entry whose `changes` are later versions. Its own keys are those of the first version.

    What an entry is (its code, its check, whom it asks) never changes: CHANGEABLE are the keys that may.
    """

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset()

    changes: tuple[Change, ...] = ()

    @model_validator(mode="after")
    def _changes_hold(self) -> Self:
        faults = [*self._faults_of_dates(), *self._faults_of_keys()]
        if not faults and self.changes:
            faults = self._faults_of_versions()
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    def _faults_of_dates(self) -> list[InitErrorDetails]:
        faults, before = [], self.effective_from
        for number, change in enumerate(self.changes):
            start, place = change.effective_from, ("changes", number, "effective_from")
            if start <= before:
                faults.append(
                    _fault(place, f"{start} does not come after {before}, where the version before it begins")
                )
            elif self.effective_to is not None and start > self.effective_to:
                faults.append(_fault(place, f"{start} comes after {self.effective_to}, where the entry ends"))
            before = max(before, start)
        return faults

    def _faults_of_keys(self) -> list[InitErrorDetails]:
        faults = []
        for number, change in enumerate(self.changes):
            if not change.keys:
                faults.append(_fault(("changes", number), "nothing changes"))
            for key in change.keys.keys() - self.CHANGEABLE:
                may = ", ".join(sorted(self.CHANGEABLE)) or "nothing"
                faults.append(_fault(("changes", number, key), f"«{key}» cannot change; what can: {may}"))
        return faults

    def _faults_of_versions(self) -> list[InitErrorDetails]:
        faults: list[InitErrorDetails] = []
        for number in range(len(self.changes)):
            try:
                self._version(number + 1)
            except ValidationError as error:
                faults += [
                    _fault(("changes", number, *fault["loc"]), fault["msg"]) for fault in error.errors()
                ]
                break
        return faults

    def _version(self, number: int) -> Self:
        """The entry as it stands after so many changes, from that change's start to the day before the next one."""
        starts = [self.effective_from, *(change.effective_from for change in self.changes)]
        ends = [*(start - timedelta(days=1) for start in starts[1:]), self.effective_to]
        fields = {name: getattr(self, name) for name in self.model_fields_set - {"changes"}}
        for change in self.changes[:number]:
            fields |= change.keys
        return type(self).model_validate(
            fields | {"effective_from": starts[number], "effective_to": ends[number]}
        )

    @property
    def versions(self) -> tuple[Self, ...]:
        """Every version with its own dates, in order; the entry itself where it never changes."""
        return self._made if self.changes else (self,)

    @cached_property
    def _made(self) -> tuple[Self, ...]:
        return tuple(self._version(number) for number in range(len(self.changes) + 1))

    def as_of(self, period: Period) -> Self:
        """The version in force on the last day of the period: the latest that has begun, else the first."""
        begun = [version for version in self.versions if version.effective_from <= period.last_day]
        return begun[-1] if begun else self.versions[0]


def _fault(place: tuple[str | int, ...], reason: str) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("change", "{reason}", {"reason": reason}), loc=place, input=None
    )
