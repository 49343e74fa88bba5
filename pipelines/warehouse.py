"""The one place that runs SQL: the DuckDB file, which only the pipeline opens. A failure carries the table's name and statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.models.rule import HistoryRule, Rule
from pipelines.failures import UserMistake
from pipelines.program import program_digest
from pipelines.system_errors import refusal_in

SQL = Path(__file__).parent / "sql"
# What DuckDB may hold before it spills to a file beside the warehouse: a run fits an office machine of 4 GiB, Python included.
MEMORY = "2GB"
# Millions of rows that need not be there twice.
_VIEWS = frozenset({"answers"})


class WarehouseError(Exception):
    """A statement that failed: a fault of this program. Holds the table and the statement."""


class WarehouseBusy(UserMistake):
    """Another process runs, or has the warehouse open. The message is Chinese and says what to do."""

    def __init__(self) -> None:
        super().__init__("另一个运行正在进行，请等它结束后再试。")


class WarehouseDamaged(UserMistake):
    """The warehouse file cannot be opened. It is derived: the message says in Chinese how to have it made anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"中间库文件已损坏：{path}。它可以由原件重新生成：请删除该文件后重新运行 sanxing run。"
        )


class RuleWithoutSql(UserMistake):
    """A rule of check «history» that has no SQL file. The message is Chinese and says what to do."""

    def __init__(self, rule: str) -> None:
        super().__init__(
            f"校验规则“{rule}”写的是 check: history，却没有同名的查询文件 pipelines/sql/rules/{rule}.sql。"
            "请补上该文件，或改正 expectations/rules/ 中的规则名称，然后再试。"
        )


class Warehouse:
    """An open connection to the warehouse; made by `open_warehouse`. Its methods raise WarehouseError, and OSError where the system refuses."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
        self._connection, self._path = connection, path

    def run(self, table: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement for a table and fetch its rows."""
        try:
            return self._connection.execute(statement, list(values)).fetchall()
        except duckdb.Error as error:
            raise self._failure(error, table, statement) from error

    def frame(self, table: str, query: str, values: Sequence[Any] = ()) -> pl.DataFrame:
        """A query's rows as a frame."""
        try:
            rows: pl.DataFrame = self._connection.sql(query, params=list(values) or None).pl()
        except duckdb.Error as error:
            raise self._failure(error, table, query) from error
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

    def replace_periods(self, table: str, frame: pl.DataFrame) -> None:
        """Replace a table's rows of the periods in `due` by a frame's."""
        with self._registered(frame):
            self.run(table, f'create table if not exists "{table}" as from incoming limit 0')
        with self.transaction():
            self.run(table, f'delete from "{table}" where period in (select period from due)')
            self.append(table, frame)

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
            # A database that could not write has ended the transaction, and itself.
            with suppress(duckdb.Error):
                self._connection.rollback()
            raise
        self.run("transaction", "commit")

    def _failure(self, error: duckdb.Error, table: str, statement: str) -> Exception:
        refusal = refusal_in(str(error), self._path) if self._path is not None else None
        return refusal or WarehouseError(f"{table}: {error}\n{statement}")

    @contextmanager
    def _registered(self, frame: pl.DataFrame) -> Iterator[None]:
        self._connection.register("incoming", frame)
        try:
            yield
        finally:
            self._connection.unregister("incoming")


@contextmanager
def open_warehouse(path: Path | None) -> Iterator[Warehouse]:
    """Open the warehouse (in memory for None) and make its base tables. Raises WarehouseBusy, WarehouseDamaged, OSError."""
    connection = _connect(path)
    warehouse = Warehouse(connection, path)
    try:
        warehouse.run("schema", "set TimeZone = 'UTC'")
        warehouse.run("schema", f"set memory_limit = '{MEMORY}'")
        warehouse.run("schema", _text(SQL / "schema.sql"))
        yield warehouse
    finally:
        connection.close()


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse of this version of the program: one that another version made is removed, and made anew."""
    if path is None:
        return duckdb.connect(":memory:")
    path.parent.mkdir(parents=True, exist_ok=True)
    made_by, is_new = path.with_suffix(".program"), not path.exists()
    try:
        connection = duckdb.connect(str(path))
        if not made_by.is_file() or made_by.read_text("ascii") != program_digest():
            connection.close()
            path.unlink()
            is_new = True
            made_by.write_text(program_digest(), "ascii")
            connection = duckdb.connect(str(path))
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise WarehouseBusy from error
        refusal = refusal_in(str(error), path)
        if refusal is None:
            raise WarehouseDamaged(path) from error
        if is_new:  # half a file would be called damaged next time
            path.unlink(missing_ok=True)
        raise refusal from error
    return connection


def mart_sql(table: str) -> str:
    """The SELECT that makes a table: sql/marts/<table>.sql, or sql/flags/<table>.sql of what flags are made from."""
    flags = SQL / "flags" / f"{table}.sql"
    return _text(flags if flags.is_file() else SQL / "marts" / f"{table}.sql").strip().rstrip(";")


def rule_sql(rule: str) -> str:
    """The SELECT behind a history rule: sql/rules/<rule>.sql. Raises RuleWithoutSql."""
    try:
        return _text(SQL / "rules" / f"{rule}.sql").strip().rstrip(";")
    except FileNotFoundError:
        raise RuleWithoutSql(rule) from None


def require_rule_sql(rules: Iterable[Rule]) -> None:
    """Raise RuleWithoutSql unless each rule about history has its file: nothing is judged by a part of the rules."""
    for rule in rules:
        if isinstance(rule, HistoryRule):
            rule_sql(rule.rule)


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")
