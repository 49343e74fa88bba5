"""Where Dagster keeps its runs and events: its own SQLite files, with their connections kept.

Dagster's storage makes an engine and opens and closes a connection for each of the thousand statements of a run. Each engine has to
compile its statements anew, and the last connection to close makes SQLite copy its journal into the file and wait for the disk: together
more than a third of a small run. Here a file is opened once. In this mode of the journal a crash can cost the last events, never the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import (
    DagsterSqliteStorage,
    _event_logs_directory,
    _runs_directory,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event


def opened(address: str) -> Engine:
    """An engine that keeps its connections; a commit does not wait for the disk, a checkpoint does."""
    engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
    return engine


class Runs(SqliteRunStorage):
    """The runs, in a file of their own."""

    @cached_property
    def _engine(self) -> Engine:
        return opened(self._conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()
        super().dispose()


class Events(SqliteEventLogStorage):
    """The events: a file for each run, and one over all. That one and the last run's are kept open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._close(set(self._engines) - {INDEX_SHARD_NAME})
            self._engines[shard] = opened(self.conn_string_for_shard(shard))
        if shard not in self._initialized_dbs:
            self._initdb(self._engines[shard])
            self._initialized_dbs.add(shard)
        return self._engines[shard]

    def _close(self, shards: set[str]) -> None:
        for shard in shards:
            self._engines.pop(shard).dispose()

    def wipe(self) -> None:
        with self._db_lock:
            self._close(set(self._engines))
        super().wipe()

    def dispose(self) -> None:
        super().dispose()
        with self._db_lock:
            self._close(set(self._engines))


class KeptOpen(DagsterSqliteStorage):
    """Dagster's storage with the two above; dagster.yaml names it. `base_dir` is DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = Runs.from_local(_runs_directory(base_dir))
        self._event_log_storage = Events(_event_logs_directory(base_dir))

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptOpen:
        return cls.from_local(inst_data=inst_data, **config_value)
