"""Dagster's files stay open for the length of a run, so that not every event waits for the disk; and not a moment longer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from pipelines.event_log import Events, KeptOpen, Runs
from pipelines.run import prepare_dagster_home

ASSET = dg.AssetKey("answers")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dagster's folder as a run prepares it."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    prepare_dagster_home(tmp_path / "dagster")
    return tmp_path / "dagster"


def store(instance: dg.DagsterInstance, number: int) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(ASSET, metadata={"number": number}))


def stored(instance: dg.DagsterInstance) -> list[object]:
    records = instance.fetch_materializations(ASSET, limit=10, ascending=True).records
    return [
        record.asset_materialization.metadata["number"].value
        for record in records
        if record.asset_materialization is not None
    ]


def test_the_journal_is_copied_once_and_nothing_is_lost(home: Path) -> None:
    """The journal beside the file goes when its last connection closes: with every event, or at the end."""
    file, journal = (home / "history" / "runs" / name for name in ("index.db", "index.db-wal"))
    with dg.DagsterInstance.get() as instance:
        for number in (1, 2, 3):
            store(instance, number)
            assert journal.exists()
        with sqlite3.connect(file) as other:
            assert other.execute("select count(*) from event_logs").fetchone() == (3,), (
                "others can read meanwhile"
            )
        other.close()
    assert not journal.exists()
    assert list(home.rglob("*-wal")) == [], "afterwards nothing is kept"
    with dg.DagsterInstance.get() as instance:
        store(instance, 4)
        assert stored(instance) == [1, 2, 3, 4]


def test_what_dagsters_own_storage_wrote_is_read_on(home: Path) -> None:
    """A folder from before, with the settings of then."""
    config = home / "dagster.yaml"
    config.write_text("telemetry:\n  enabled: false\n", "utf-8")
    with dg.DagsterInstance.get() as instance:
        assert not isinstance(instance.event_log_storage, Events)
        store(instance, 1)
    prepare_dagster_home(home)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, Events)
        assert isinstance(instance.run_storage, Runs)
        store(instance, 2)
        assert stored(instance) == [1, 2]


def test_the_files_of_earlier_runs_are_closed(tmp_path: Path) -> None:
    """However many runs Dagster's page shows, no more than two files of events are held open."""
    storage = KeptOpen(str(tmp_path))
    for run in ("first", "second"):
        assert list(storage.event_log_storage.get_logs_for_run(run)) == []
    open_files = {path.name for path in tmp_path.rglob("*.db-wal")}
    assert "second.db-wal" in open_files
    assert "first.db-wal" not in open_files
    storage.dispose()
    assert list(tmp_path.rglob("*-wal")) == []
