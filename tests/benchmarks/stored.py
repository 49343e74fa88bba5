"""A province's stored answers over many quarters, in a warehouse of its own: what a benchmark of the comparison begins with.

No workbook is written or read: 120,000 of them take an hour. Everything else is as `receive` and the first steps of a run leave it:
the registry, one accepted submission a unit and quarter, received in time, and every cell of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl

from expectations import Catalogue, Period, load_catalogue
from pipelines.plan import Inputs
from pipelines.registry.file import parse_registry, write_registry
from pipelines.registry.model import Registry
from pipelines.sample.answers import UnitAnswers
from pipelines.sample.model import load_model
from pipelines.sample.province import make_entries
from pipelines.sample.truth import plant
from pipelines.sample.world import World
from pipelines.settings import Settings
from pipelines.store.closings import Closings
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import StoredSubmission
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.warehouse import open_warehouse
from tests.benchmarks.processes import cores
from tests.benchmarks.quarter import answer_rows

SEED = 1
_REGISTRY, _ANSWERS, _DONE = "units.csv", "answers", "made.json"
_UNITS_AT_ONCE = 60
_BEFORE_DUE, _AFTER_DUE = timedelta(days=2), timedelta(days=1)


def make_answers(folder: Path, units: int, first: Period, last: Period) -> None:
    """Draw the answers of all units in these quarters, as Parquet files in `folder`; what is there already stays."""
    asked = {"units": units, "first": str(first), "last": str(last), "seed": SEED}
    done = folder / _DONE
    if done.is_file() and json.loads(done.read_text("utf-8")) == asked:
        return
    (folder / _ANSWERS).mkdir(parents=True, exist_ok=True)
    entries = make_entries(SEED, units, first, last, load_catalogue())
    (folder / _REGISTRY).write_bytes(write_registry(list(entries)))
    codes = [entry.unit_code for entry in entries if not entry.is_branch]
    batches = [codes[at : at + _UNITS_AT_ONCE] for at in range(0, len(codes), _UNITS_AT_ONCE)]
    with ProcessPoolExecutor(cores(), initializer=_start, initargs=(folder, first, last)) as pool:
        list(pool.map(_draw, batches, range(len(batches))))
    done.write_text(json.dumps(asked), "utf-8")


# What a process needs for every batch: put here once, when it starts.
_given: dict[str, tuple[World, Path]] = {}


def _start(folder: Path, first: Period, last: Period) -> None:
    catalogue, periods = load_catalogue(), first.to(last)
    registry = read_registry(folder, catalogue)
    planted = plant(SEED, registry, periods)
    _given["world"] = (World(SEED, catalogue, load_model(), registry, tuple(periods), planted), folder)


def _draw(codes: Sequence[str], batch: int) -> None:
    world, folder = _given["world"]
    units = [UnitAnswers(world, world.registry.by_code[code]) for code in codes]
    rows = [
        row
        for unit in units
        for period in world.periods
        if unit.unit.holds_in(period)
        for row in answer_rows(unit, period, submission_id(unit.unit.unit_code, period))
    ]
    pl.DataFrame(rows, schema=ANSWER_SCHEMA, orient="row").write_parquet(
        folder / _ANSWERS / f"{batch:04}.parquet"
    )


def submission_id(unit_code: str, period: Period | str) -> str:
    """As the store makes one of a file's hash: 16 digits."""
    return sha256(f"{unit_code} {period}".encode("ascii")).hexdigest()[:16]


def read_registry(folder: Path, catalogue: Catalogue) -> Registry:
    content = (folder / _REGISTRY).read_bytes()
    return parse_registry(content, catalogue)


def store_registry(folder: Path, settings: Settings, last: Period) -> None:
    """Put the registry away as `receive` does: the desk of the pages reads it there."""
    catalogue = load_catalogue()
    content = (folder / _REGISTRY).read_bytes()
    RegistryStore(settings.raw).add(content, catalogue.calendar.due_at(last), catalogue)


def gathered(folder: Path, catalogue: Catalogue, first: Period, last: Period) -> Inputs:
    """The inputs as a run would find them, the originals apart."""
    registry, calendar = read_registry(folder, catalogue), catalogue.calendar
    submissions = [
        StoredSubmission(
            submission_id(entry.unit_code, period),
            sha256(f"{entry.unit_code} {period}".encode("ascii")).hexdigest(),
            entry.unit_code,
            str(period),
            calendar.due_at(period) - _BEFORE_DUE,
            f"{entry.unit_code}_{period}.xlsx",
            f"submissions/{period}/{entry.unit_code}.xlsx",
            calendar.due_at(period) - _BEFORE_DUE,
        )
        for entry in registry.entries
        if not entry.is_branch
        for period in first.to(last)
        if entry.holds_in(period)
    ]
    clock = calendar.due_at(last) + _AFTER_DUE
    return Inputs(
        catalogue,
        registry,
        ((clock, registry),),
        tuple(submissions),
        Closings((), calendar.local_date),
        clock,
    )


def fill_warehouse(folder: Path, settings: Settings, inputs: Inputs) -> int:
    """Put the answers into the warehouse of `settings` as a run's first steps leave them; how many cells."""
    settings.warehouse.unlink(missing_ok=True)
    files = pl.DataFrame(
        [
            (s.submission_id, s.unit_code, s.period, s.file, s.stored_as, s.sha256, s.received_at, False, inputs.read_key(s))
            for s in inputs.submissions
        ],
        schema=["submission_id", "unit_code", "period", "file", "stored_as", "sha256", "received_at", "refused", "read_with"],
        orient="row",
    ).with_columns(pl.col("received_at").dt.replace_time_zone(None))  # fmt: skip
    with open_warehouse(settings.warehouse) as warehouse:
        warehouse.append("files", files)
        warehouse.run(
            "answers_read",
            "insert into answers_read by name select * from read_parquet(?) order by period, unit_code",
            [str(folder / _ANSWERS / "*.parquet")],
        )
        return int(warehouse.run("answers_read", "select count(*) from answers_read")[0][0])
