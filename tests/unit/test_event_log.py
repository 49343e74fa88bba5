"""Dagster's files stay open for the length of a run, so that not every event waits for the disk; and not a moment longer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy
from sqlalchemy.pool import NullPool

from pipelines.event_log import kept_open


def store(file: Path, number: int) -> None:
    """One event, as Dagster stores it: an engine, a connection and a commit of its own."""
    engine = sqlalchemy.create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("insert into events values (:number)"), {"number": number})


def test_the_journal_is_copied_once_and_nothing_is_lost(tmp_path: Path) -> None:
    """The journal beside the file goes when its last connection closes: with every event, or at the end."""
    file, journal = tmp_path / "log.db", tmp_path / "log.db-wal"
    with sqlite3.connect(file) as made:
        made.execute("pragma journal_mode = wal")
        made.execute("create table events (number integer)")
    made.close()
    store(file, 0)
    assert not journal.exists(), "without it, each event closes the file"
    with kept_open():
        for number in (1, 2, 3):
            store(file, number)
            assert journal.exists()
    assert not journal.exists()
    store(file, 4)
    assert not journal.exists(), "afterwards nothing is kept"
    read = sqlite3.connect(file)
    assert read.execute("select number from events order by number").fetchall() == [
        (0,),
        (1,),
        (2,),
        (3,),
        (4,),
    ]
    read.close()
