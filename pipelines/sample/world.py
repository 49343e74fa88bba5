"""The world of one sample: all that the answers follow from. Small enough to be handed to another process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from expectations import Catalogue, Period
from expectations.forms import LedgerColumn, ledger_columns, unit_questions
from expectations.models.question import Question
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.sample.model import Model
from pipelines.sample.truth import Planted


@dataclass(frozen=True)
class World:
    """Seed, catalogue, model of answering, registry, periods and planted truth."""

    seed: int
    catalogue: Catalogue
    model: Model
    registry: Registry
    periods: tuple[Period, ...]
    planted: Planted

    @cached_property
    def branches(self) -> dict[str, list[RegistryEntry]]:
        """All branches that a unit ever has, in file order."""
        branches: dict[str, list[RegistryEntry]] = {}
        for entry in self.registry.entries:
            if entry.is_branch and entry.parent_code is not None:
                branches.setdefault(entry.parent_code, []).append(entry)
        return branches

    def form(self, unit_kind: str, period: Period) -> tuple[tuple[Question, ...], tuple[LedgerColumn, ...]]:
        """The questions of the own form and the columns of the ledger; looked up once for a kind and period."""
        key = (unit_kind, period)
        if key not in self._forms:
            self._forms[key] = (
                unit_questions(self.catalogue, unit_kind, period),
                ledger_columns(self.catalogue, unit_kind, period),
            )
        return self._forms[key]

    @cached_property
    def _forms(self) -> dict[tuple[str, Period], tuple[tuple[Question, ...], tuple[LedgerColumn, ...]]]:
        return {}

    @property
    def owed(self) -> list[tuple[RegistryEntry, Period]]:
        """Every submission that the registry owes, by unit and period."""
        return [
            (unit, period)
            for unit in self.registry.entries
            if not unit.is_branch
            for period in self.periods
            if unit.holds_in(period)
        ]
