"""What goes into one unit's workbook: the unit, the period, its branches, and what is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from expectations import Period
from pipelines.registry.model import RegistryEntry


class Slot(NamedTuple):
    """The place of one answer in a workbook: question, branch (None on the own form) and month (None unless monthly)."""

    question: str
    branch_code: str | None = None
    month: int | None = None


# A number, an option's code ("yes", "issued"), or free text.
Value = Decimal | int | str


@dataclass(frozen=True)
class UnitForm:
    """One unit's workbook for one period.

    current: what stands in the input cells (pre-filled, or the answers of a sample);
    previous: last period's answers, for the 上期 column; explanations: 情况说明 by slot (own form) or by branch (ledger; question "").
    """

    unit: RegistryEntry
    period: Period
    branches: tuple[RegistryEntry, ...]
    current: dict[Slot, Value] = field(default_factory=dict)
    previous: dict[Slot, Value] = field(default_factory=dict)
    explanations: dict[Slot, str] = field(default_factory=dict)
