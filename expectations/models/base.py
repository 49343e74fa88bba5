"""What every catalogue entry shares: frozen, closed to unknown keys, with effective dates where it has them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from expectations.period import Period


class CatalogueEntry(BaseModel):
    """An immutable entry; a key that the model does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatedEntry(CatalogueEntry):
    """An entry that holds from one date to another; an old period keeps the version that it was judged by."""

    effective_from: date = date(2016, 3, 27)
    effective_to: date | None = None

    def holds_in(self, period: Period) -> bool:
        """True where the entry is in force on the last day of the period."""
        return self.effective_from <= period.last_day and (
            self.effective_to is None or period.last_day <= self.effective_to
        )
