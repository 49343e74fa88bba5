"""What is due: a new time of the store is published, and asks for no quarter again."""

from __future__ import annotations

from datetime import UTC, datetime

from expectations import Catalogue
from pipelines.plan import Inputs
from pipelines.registry.model import Registry
from pipelines.store.closings import Closings


def test_a_later_receipt_alone_is_published_anew(catalogue: Catalogue) -> None:
    """The chase list counts its days to the store's clock, which the manifest carries."""
    registry = Registry((), "0" * 64)
    earlier, later = (
        Inputs(
            catalogue,
            registry,
            ((datetime(2026, 1, 1, tzinfo=UTC), registry),),
            (),
            Closings([], catalogue.calendar.local_date),
            datetime(2026, 2, day, tzinfo=UTC),
        )
        for day in (1, 2)
    )
    assert earlier.digest != later.digest
    assert earlier.digests == later.digests
