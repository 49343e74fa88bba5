"""The published marts, read by DuckDB straight from the Parquet files: nothing of the dashboard's own reading is used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Marts:
    """One published run; every table of it is a view of the same name."""

    folder: Path
    manifest: dict[str, Any]
    database: duckdb.DuckDBPyConnection

    @classmethod
    def of(cls, home: Path) -> Marts:
        published = home / "data" / "marts"
        manifest = json.loads((published / "manifest.json").read_text("utf-8"))
        folder, database = published / manifest["run"], duckdb.connect()
        for path in sorted(folder.glob("*.parquet")):
            database.sql(f"create view {path.stem} as from read_parquet('{path}')")
        return cls(folder, manifest, database)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.execute(query, list(values)).fetchall()

    def dicts(self, query: str, *values: object) -> list[dict[str, Any]]:
        answer = self.database.execute(query, list(values))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def one(self, query: str, *values: object) -> dict[str, Any]:
        """The only row."""
        (row,) = self.dicts(query, *values)
        return row

    def labels(self, enumeration: str) -> dict[str, str]:
        """code → Chinese name."""
        return dict(self.rows("select code, label_zh from dim_label where enumeration = ?", enumeration))
