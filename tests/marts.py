"""A published run made of a few rows, with the columns and types of the contract; nothing here is a real organisation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.marts.published import MANIFEST_FORMAT, PublishedRun
from pipelines.marts.tables import MARTS, Mart
from pipelines.unit_search import unit_search

Rows = Sequence[Mapping[str, Any]]
TYPES: dict[str, Any] = {
    "VARCHAR": pl.String,
    "BOOLEAN": pl.Boolean,
    "INTEGER": pl.Int32,
    "DOUBLE": pl.Float64,
    "DATE": pl.Date,
    "TIMESTAMP": pl.Datetime("us"),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
}
BLANKS: dict[str, Any] = {
    "VARCHAR": "",
    "BOOLEAN": False,
    "INTEGER": 0,
    "DOUBLE": 0.0,
    "DATE": date(2021, 1, 1),
    "TIMESTAMP": datetime(2026, 1, 20),  # noqa: DTZ001 — the marts hold UTC without a zone
    "DECIMAL(18,4)": Decimal(0),
}
SELECTION = {
    "peer_groups": [
        {"kind": "school", "bands": [{"code": "small", "label_zh": "不足50人", "from": 0}]},
        {"kind": "city", "bands": [{"code": "all", "label_zh": "全部", "from": 0}]},
    ],
    "minimum_peers": 8,
    "neighbours": {
        "count": 2,
        "weights": {
            "members": "1",
            "branches": "0.5",
            "category": "1",
            "is_private": "0.5",
            "city_code": "0.25",
        },
    },
    "scoring": {
        "weights": {"learning": "0.30", "service": "0.35", "innovation": "0.20", "leadership": "0.15"},
        "alternatives": {
            "draws": 40,
            "weight_share": "0.25",
            "methods": ["arithmetic", "geometric"],
            "leave_out": True,
            "seed": 1,
            "coverage": "0.90",
            "floor": "0.01",
        },
    },
    "shortlist": {
        "gates": {
            "quality": "every",
            "missing_quarters": 0,
            "late_quarters": 0,
            "red_flags": 0,
            "coverage": "0.90",
            "years_of_record": 1,
            "least_score": "60",
        },
        "quotas": {"city": 1, "school": 2},
        "most_per_city": 3,
        "ties": ["learning", "coverage", "unit_code"],
        "near_misses": 2,
        "clauses_named": 3,
    },
    "contact_points": {
        "gates": {"quality": "last", "missing_quarters": 1, "coverage": "0.80"},
        "quotas": {"school": 1},
        "most_per_city": 1,
        "indicators": "stated",
        "members_exponent": "0.5",
    },
}


def publish(
    folder: Path,
    tables: Mapping[str, Rows] | None = None,
    *,
    name: str = "run-1",
    synthetic: bool = True,
    selection: Mapping[str, Any] | None = None,
    time_zone: str = "Asia/Shanghai",
) -> PublishedRun:
    """Write the run and open it as the dashboard does. Tables that are not given are empty, but its units can be searched for; columns that
    a row leaves out are null where the contract allows it, else blank."""
    run = folder / name
    run.mkdir(parents=True)
    for table, mart in MARTS.items():
        _frame(mart, (tables or {}).get(table, ())).write_parquet(run / f"{table}.parquet")
    units = (tables or {}).get("dim_unit", ())
    unit_search(
        (
            str(row["unit_code"]),
            str(row.get("name", "")),
            row.get("parent_code") if row.get("kind") == "branch" else None,
        )
        for row in units
    ).write_parquet(run / "unit_search.parquet")
    manifest = {
        "format": MANIFEST_FORMAT,
        "run": name,
        "synthetic": synthetic,
        "catalogue": {"version": "2021.1", "sha256": "c" * 64},
        "inputs": "a" * 64,
        "clock": "2026-01-25T02:00:00+00:00",
        "time_zone": time_zone,
        "periods": {},
        "selection": selection or SELECTION,
        "tables": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return PublishedRun.open(folder)


def _frame(mart: Mart, rows: Rows) -> pl.DataFrame:
    types = {name: mart.column(name).type for name in mart.columns}
    filled = [
        {name: row.get(name, None if name in mart.nullable else BLANKS[kind]) for name, kind in types.items()}
        for row in rows
    ]
    for row in rows:
        if unknown := set(row) - set(mart.columns):
            raise KeyError(f"{mart.name}: {unknown}")
    return pl.DataFrame(filled, schema={name: TYPES[kind] for name, kind in types.items()}, orient="row")
