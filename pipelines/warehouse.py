"""The one place that runs SQL: the DuckDB file, which only the pipeline opens. A failure carries the table's name and statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.failures import UserMistake
from pipelines.program import program_digest

SQL = Path(__file__).parent / "sql"
# Millions of rows that need not be there twice.
_VIEWS = frozenset({"answers"})


class WarehouseError(Exception):
    """A statement that failed: a fault of this program. Holds the table and the statement."""


class WarehouseBusy(UserMistake):
    """Another process has the warehouse open. The message is Chinese and says what to do."""

    def __init__(self) -> None:
        super().__init__("另一个运行正在进行，请等它结束后再试。")


class WarehouseDamaged(UserMistake):
    """The warehouse file cannot be opened. It is derived: the message says in Chinese how to have it made anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"中间库文件已损坏：{path}。它可以由原件重新生成：请删除该文件后重新运行 sanxing run。"
        )


class Warehouse:
    """An open connection to the warehouse; made by `open_warehouse`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, table: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement for a table and fetch its rows. Raises WarehouseError."""
        try:
            return self._connection.execute(statement, list(values)).fetchall()
        except duckdb.Error as error:
            raise WarehouseError(f"{table}: {error}\n{statement}") from error

    def frame(self, table: str, query: str) -> pl.DataFrame:
        """A query's rows as a frame. Raises WarehouseError."""
        try:
            rows: pl.DataFrame = self._connection.sql(query).pl()
        except duckdb.Error as error:
            raise WarehouseError(f"{table}: {error}\n{query}") from error
        return rows

    def replace(self, table: str, frame: pl.DataFrame) -> None:
        """Make a table anew from a frame, with the frame's columns."""
        with self._registered(frame):
            self.run(table, f'create or replace table "{table}" as select * from incoming')

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Add a frame's rows by column name."""
        if not frame.is_empty():
            with self._registered(frame):
                self.run(table, f'insert into "{table}" by name select * from incoming')

    def make(self, table: str) -> None:
        """Make a table anew from its SQL file; one that only shows another table is a view of it."""
        kind = "view" if table in _VIEWS else "table"
        self.run(table, f'create or replace {kind} "{table}" as {mart_sql(table)}')

    def remake_periods(self, table: str) -> None:
        """Replace a table's rows of the periods in `due` by what its SQL file yields for them.

        The empty table is made in a transaction of its own: DuckDB 2.0.0 loses the rows of an insert of more than 122,880 into a
        table that was made empty in the same transaction (count(*) still counts them).
        """
        self.run(table, f'create table if not exists "{table}" as from ({mart_sql(table)}) limit 0')
        with self.transaction():
            self.run(table, f'delete from "{table}" where period in (select period from due)')
            self.run(table, f'insert into "{table}" by name {mart_sql(table)}')

    def set_due(self, periods: Sequence[str]) -> None:
        """Say which periods the statements of this connection are about (temporary table `due`)."""
        self.run(
            "due",
            "create or replace temporary table due as select unnest(?::varchar[]) as period",
            [list(periods)],
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.run("transaction", "begin")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self.run("transaction", "commit")

    @contextmanager
    def _registered(self, frame: pl.DataFrame) -> Iterator[None]:
        self._connection.register("incoming", frame)
        try:
            yield
        finally:
            self._connection.unregister("incoming")


@contextmanager
def open_warehouse(path: Path | None) -> Iterator[Warehouse]:
    """Open the warehouse (in memory for None) and make its base tables. Raises WarehouseBusy, WarehouseDamaged."""
    connection = _connect(path)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(_text(SQL / "schema.sql"))
        yield Warehouse(connection)
    finally:
        connection.close()


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse of this version of the program: one that another version made is removed, and made anew."""
    if path is None:
        return duckdb.connect(":memory:")
    path.parent.mkdir(parents=True, exist_ok=True)
    made_by = path.with_suffix(".program")
    try:
        connection = duckdb.connect(str(path))
        if not made_by.is_file() or made_by.read_text("ascii") != program_digest():
            connection.close()
            path.unlink()
            made_by.write_text(program_digest(), "ascii")
            connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusy from error
        raise WarehouseDamaged(path) from error
    return connection


def mart_sql(table: str) -> str:
    """The SELECT that makes a table: sql/marts/<table>.sql."""
    return _text(SQL / "marts" / f"{table}.sql").strip().rstrip(";")


def rule_sql(rule: str) -> str:
    """The SELECT behind a history rule: sql/rules/<rule>.sql."""
    return _text(SQL / "rules" / f"{rule}.sql").strip().rstrip(";")


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")
