"""The contract of a mart, checked in the warehouse before anything is published."""

from __future__ import annotations

from pipelines.marts.tables import Mart
from pipelines.warehouse import Warehouse


def breaches(warehouse: Warehouse, mart: Mart) -> list[str]:
    """What is wrong with a table: missing columns, nulls where there may be none, repeated keys. Empty where it is sound."""
    present = {
        row[0]
        for row in warehouse.run(
            mart.name, "select column_name from information_schema.columns where table_name = ?", [mart.name]
        )
    }
    missing = [name for name in mart.columns if name not in present]
    if missing:
        return [f"missing columns {missing}"]
    required = [name for name in mart.columns if name not in mart.nullable]
    counts = ", ".join(f'count(*) filter ("{name}" is null)' for name in required)
    key = ", ".join(f'"{name}"' for name in mart.key)
    nulls = warehouse.run(mart.name, f'select {counts} from "{mart.name}"')[0]
    found = [f"{count} nulls in {name}" for name, count in zip(required, nulls, strict=True) if count]
    repeated = warehouse.run(
        mart.name, f'select count(*) from (select {key} from "{mart.name}" group by all having count(*) > 1)'
    )[0][0]
    if repeated:
        found.append(f"{repeated} repeated keys ({key})")
    return found
