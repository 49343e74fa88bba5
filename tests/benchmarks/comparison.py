"""All comparison marts of a province from its stored answers, step by step, in seconds and MiB.

    .venv/bin/python -m tests.benchmarks.comparison --units 600 --units 6000 --periods 2021Q1:2025Q4

For each size: the answers of all units and quarters are drawn (stored.py; with --keep they are drawn once) and put into a warehouse;
then the real assets from the cells to the shortlist run over all quarters at once, in a process of its own, by Dagster. Findings, reading
and publication are not in it. `growth` is the largest size's seconds over the smallest's, for each step: how a step grows with the province.
Exit 1 where a size takes longer than FLOOR_SECONDS, signs of form-filling apart, or more memory than FLOOR_MEBIBYTES.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from expectations import Period, load_catalogue
from pipelines.settings import Settings
from tests.benchmarks.processes import Cost, cores, run_measured
from tests.benchmarks.stored import fill_warehouse, gathered, make_answers

PERIODS = "2021Q1:2025Q4"
# What is not made from answers by the tables: what reads and judges files, and what comes after the marts.
READING = frozenset({"files_read", "unidentified_files", "answer_findings", "history_findings"})
AFTER = frozenset({"quarters_done", "published_marts", "data_docs"})
# A province of 6,000 units and 20 quarters.
FLOOR_SECONDS, FLOOR_MEBIBYTES = 180, 4096
_SIGNS = "signs_found"
_STEPS, _HOME, _FILLED = "steps.json", "home", "filled.json"


def run_assets(folder: Path, periods: list[Period], left_out: frozenset[str]) -> dict[str, float]:
    """Run all assets but those left out, over all periods; the seconds of each step. In this process."""
    import dagster as dg

    from pipelines.assets.partitions import range_tags
    from pipelines.definitions import JOB, build_defs
    from pipelines.run import prepare_dagster_home

    settings, catalogue = Settings(), load_catalogue()
    inputs = gathered(folder, catalogue, periods[0], periods[-1])
    prepare_dagster_home(settings.dagster_home)
    defs = build_defs(settings, lambda: catalogue, lambda line: None, inputs)
    keys = [
        key for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) for key in asset.keys
    ]
    wanted = [key for key in keys if key.to_user_string() not in left_out]
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(JOB).execute_in_process(
            instance=instance,
            tags=range_tags(str(periods[0]), str(periods[-1])),
            asset_selection=wanted,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return {
        str(event.step_key): event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success
    }


def measure(folder: Path, units: int, periods: list[Period]) -> tuple[int, int, Cost, dict[str, float]]:
    """Branches, cells, the cost of the process, and the seconds of each step."""
    make_answers(folder, units, periods[0], periods[-1])
    environment = {**os.environ, "SANXING_HOME": str(folder / _HOME)}
    span = f"{periods[0]}:{periods[-1]}"
    me = [sys.executable, "-m", "tests.benchmarks.comparison", "--periods", span]
    run_measured([*me, "--fill", str(folder)], environment)
    cost = run_measured([*me, "--work", str(folder)], environment)
    filled = json.loads((folder / _FILLED).read_text("utf-8"))
    return filled["branches"], filled["cells"], cost, json.loads((folder / _STEPS).read_text("utf-8"))


def fill(folder: Path, periods: list[Period]) -> None:
    catalogue = load_catalogue()
    inputs = gathered(folder, catalogue, periods[0], periods[-1])
    cells = fill_warehouse(folder, Settings(), inputs)
    branches = sum(entry.is_branch for entry in inputs.registry.entries)
    (folder / _FILLED).write_text(json.dumps({"cells": cells, "branches": branches}), "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--units", type=int, action="append", help="may be given more than once (default: 600)"
    )
    parser.add_argument("--periods", default=PERIODS, help=f"first:last (default: {PERIODS})")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="where the answers stay for the next time"
    )
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    first, last = (Period.parse(code) for code in arguments.periods.split(":"))
    periods = first.to(last)
    if arguments.fill:
        fill(arguments.fill, periods)
        return 0
    if arguments.work:
        steps = run_assets(arguments.work, periods, READING | AFTER)
        (arguments.work / _STEPS).write_text(json.dumps(steps), "utf-8")
        return 0
    with tempfile.TemporaryDirectory(prefix="comparison") as temporary:
        folder = arguments.keep or Path(temporary)
        measured = []
        for units in sorted(arguments.units or [600]):
            began = time.perf_counter()
            measured.append((units, *measure(folder / str(units), units, periods)))
            print(f"{units} units: {time.perf_counter() - began:.0f} s with the drawing", file=sys.stderr)
    Console(width=140).print(table_of(measured, arguments.periods))
    missed = [
        f"{units} units: {seconds:.0f} s of {FLOOR_SECONDS}, {cost.mebibytes:.0f} MiB of {FLOOR_MEBIBYTES}"
        for units, _, _, cost, steps in measured
        for seconds in (compared(steps),)
        if seconds > FLOOR_SECONDS or cost.mebibytes > FLOOR_MEBIBYTES
    ]
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def compared(steps: dict[str, float]) -> float:
    """Seconds of the comparison marts: signs of form-filling are a matter of quality."""
    return sum(seconds for step, seconds in steps.items() if step != _SIGNS)


def table_of(measured: list[tuple[int, int, int, Cost, dict[str, float]]], span: str) -> Table:
    """A line a step, slowest first, and what all of them took; a column a size."""
    table = Table(title=f"comparison marts from stored answers on {cores()} cores, {span}; seconds")
    table.add_column("step")
    for units, branches, cells, _, _ in measured:
        table.add_column(f"{units} units\n{branches} branches\n{cells} cells", justify="right")
    table.add_column("growth", justify="right")
    smallest, largest = measured[0][-1], measured[-1][-1]
    for step in sorted(largest, key=lambda name: -largest[name]):
        seconds = [steps.get(step, 0.0) for *_, steps in measured]
        table.add_row(
            step, *(f"{s:.2f}" for s in seconds), f"{largest[step] / max(smallest[step], 0.001):.1f}"
        )
    sums = [compared(steps) for *_, steps in measured]
    table.add_section()
    table.add_row(f"all steps but {_SIGNS}", *(f"{s:.1f}" for s in sums), f"{sums[-1] / sums[0]:.1f}")
    costs = [cost for *_, cost, _ in measured]
    table.add_row(
        "the process, start-up included", *(f"{cost.seconds:.1f}" for cost in costs),
        f"{costs[-1].seconds / costs[0].seconds:.1f}",
    )  # fmt: skip
    table.add_row(
        "peak, MiB", *(f"{cost.mebibytes:.0f}" for cost in costs),
        f"{costs[-1].mebibytes / costs[0].mebibytes:.1f}",
    )  # fmt: skip
    return table


if __name__ == "__main__":
    sys.exit(main())
