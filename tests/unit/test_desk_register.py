"""The register of the page 报送: one edition is parsed once, and a new one is there at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from expectations import Catalogue, Period
from pipelines.desk.register import open_register
from pipelines.registry.file import write_registry
from pipelines.sample.province import make_entries
from pipelines.settings import Settings
from pipelines.store.registry import RegistryMissing, RegistryStore

FIRST = datetime(2026, 1, 5, tzinfo=UTC)


def test_a_new_edition_is_there_at_once(tmp_path: Path, catalogue: Catalogue) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(RegistryMissing):
        open_register(settings)
    store, period = RegistryStore(settings.raw), Period(2025, 4)
    for seed in (1, 2):
        entries = list(make_entries(seed, 20, period, period, catalogue))
        store.add(write_registry(entries), FIRST + timedelta(days=seed), catalogue)
        opened = open_register(settings)
        assert opened.registry.entries == tuple(entries)
        assert open_register(settings).registry is opened.registry
