"""Dagster's event log during a run: it opens and closes its SQLite files for every event, hundreds of times.

The last connection to close makes SQLite copy its journal into the file and wait for the disk. One that is kept open spares that, and in
this mode of the journal a crash can cost the last events, never the file. On an office's disk that is seconds of every run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep a connection to every SQLite file that is opened in here, until the end."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    kept: dict[str, sqlite3.Connection] = {}

    def keep(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("pragma synchronous = normal")
        file = connection.execute("pragma database_list").fetchone()[2]
        if file and file not in kept:
            kept[file] = sqlite3.connect(file, check_same_thread=False)
            kept[file].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", keep)
    try:
        yield
    finally:
        event.remove(Engine, "connect", keep)
        for connection in kept.values():
            connection.close()
