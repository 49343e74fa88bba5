"""Publishing: every mart of a run is written beside the old ones and put in their place by replacing one small file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from pipelines.marts.published import MANIFEST, MANIFEST_FORMAT
from pipelines.marts.tables import MARTS, Mart
from pipelines.warehouse import Warehouse

GROUPS = 32
VECTOR, LARGEST_GROUP = 2_048, 122_880  # rows: what DuckDB writes at once, and its own size of a group


def select_mart(mart: Mart) -> str:
    """The published form of a table: declared columns, declared types, in its declared order."""
    columns = ", ".join(f'"{name}"::{mart.column(name).type} as "{name}"' for name in mart.columns)
    order = ", ".join(f'"{name}" nulls first' for name in mart.order)
    return f'select {columns} from "{mart.name}" order by {order}'


def publish(warehouse: Warehouse, marts: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Write all marts and swap them in; the manifest. `facts` (inputs, catalogue, selection …) go into the manifest as they are.

    The run is named by what it holds, so that the same data published twice is the same run.
    """
    marts.mkdir(parents=True, exist_ok=True)
    part = marts / f".part-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    tables = {name: _write(warehouse, mart, part) for name, mart in MARTS.items()}
    run = hashlib.sha256(json.dumps(tables, sort_keys=True).encode("utf-8")).hexdigest()[:16]
    manifest = {"format": MANIFEST_FORMAT, "run": run, **facts, "tables": tables}
    folder = marts / run
    if folder.exists() and _is_whole(folder, tables):
        shutil.rmtree(part)
    else:
        # A damaged run of the same name makes room: its readers reopen.
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    _replace(marts / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    sweep(marts)
    return manifest


def _write(warehouse: Warehouse, mart: Mart, folder: Path) -> dict[str, Any]:
    file = folder / f"{mart.name}.parquet"
    # One thread and one order: the same rows give the same bytes.
    warehouse.run(mart.name, "set threads = 1")
    held = warehouse.run(mart.name, f'select count(*) from "{mart.name}"')[0][0]
    form = f"format parquet, compression zstd, row_group_size {group_rows(held)}"
    rows = warehouse.run(mart.name, f"copy ({select_mart(mart)}) to '{_quoted(file)}' ({form})")
    warehouse.run(mart.name, "reset threads")
    return {"rows": rows[0][0], "bytes": file.stat().st_size, "sha256": _digest(file)}


def group_rows(rows: int) -> int:
    """How many rows of a table lie in one group of its file: a reader that seeks a few opens one group of about GROUPS."""
    wanted = -(-rows // GROUPS)
    return min(max(-(-wanted // VECTOR), 1) * VECTOR, LARGEST_GROUP)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text + "\n", "utf-8")
    part.replace(path)


def _is_whole(folder: Path, tables: dict[str, Any]) -> bool:
    """Whether a published folder holds these tables, byte for byte."""
    files = {name: folder / f"{name}.parquet" for name in tables}
    return all(file.is_file() and _digest(file) == tables[name]["sha256"] for name, file in files.items())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sweep(marts: Path) -> None:
    """Remove older runs, and what a killed run left behind; the run that the manifest names stays."""
    try:
        run = json.loads((marts / MANIFEST).read_text("utf-8"))["run"]
    except (OSError, ValueError, KeyError):
        return
    for path in marts.iterdir():
        if path.is_dir() and path.name != run:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(f".{MANIFEST}."):
            path.unlink(missing_ok=True)
