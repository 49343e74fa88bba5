"""The registry as an object: who exists, under whom, since when. Reading its file is file.py."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from expectations import Period

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")


def is_unit_code(text: str) -> bool:
    """Whether a text may be a code of a unit or branch: it becomes part of file names."""
    return _CODE.fullmatch(text) is not None


class RegistryEntry(NamedTuple):
    """A unit or a branch. `members` are those known to the registry; `category` falls inside the kind."""

    unit_code: str
    name: str
    kind: str
    category: str
    is_private: bool
    city_code: str
    parent_code: str | None
    members: int
    valid_from: date
    valid_to: date | None
    is_synthetic: bool

    @property
    def is_branch(self) -> bool:
        return self.kind == "branch"

    def holds_in(self, period: Period) -> bool:
        """True where the entry is valid on the last day of the period."""
        return self.valid_from <= period.last_day and (
            self.valid_to is None or self.valid_to >= period.last_day
        )


@dataclass(frozen=True)
class Registry:
    """One edition of the registry, checked. Codes are unique over units and branches."""

    entries: tuple[RegistryEntry, ...]
    sha256: str

    @cached_property
    def by_code(self) -> dict[str, RegistryEntry]:
        return {entry.unit_code: entry for entry in self.entries}

    @cached_property
    def _branches(self) -> dict[str, list[RegistryEntry]]:
        branches: dict[str, list[RegistryEntry]] = defaultdict(list)
        for entry in self.entries:
            if entry.is_branch and entry.parent_code is not None:
                branches[entry.parent_code].append(entry)
        return branches

    def units_in(self, period: Period) -> list[RegistryEntry]:
        """The units that owe a submission for the period."""
        return [entry for entry in self.entries if not entry.is_branch and entry.holds_in(period)]

    def branches_of(self, unit_code: str, period: Period) -> list[RegistryEntry]:
        """The branches of a unit that are valid in the period, in file order."""
        return [branch for branch in self._branches.get(unit_code, []) if branch.holds_in(period)]

    def unit(self, code: str) -> RegistryEntry | None:
        """The submitting unit with this code; None for an unknown code and for a branch."""
        entry = self.by_code.get(code)
        return None if entry is None or entry.is_branch else entry
