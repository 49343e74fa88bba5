"""From files to published marts, next to reading the same files with calamine and nothing else.

    .venv/bin/python -m tests.benchmarks.intake --units 600 --units 6000 --period 2025Q4

For each size, in one run: a quarter of a synthetic province is made; calamine reads every cell of its files on as many processes as
there are cores (the floor); `sanxing receive` and `sanxing run` take them to published marts; ten of the files change and go the same way.
A first quarter asks least, a fourth one most; the smallest province shows what a run costs before it does anything.
Beside them, pandas with openpyxl reads the first 600 files. Imports and start-up are measured apart, by commands that do nothing else.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook
from rich.console import Console
from rich.table import Table

from expectations import Period, load_catalogue
from pipelines.sample.make import make_sample
from tests.benchmarks.processes import Cost, cores, run_measured

SANXING = Path(sys.executable).with_name("sanxing")
CHANGED = 10
BY_HAND = 600
PERIOD = "2025Q1"
# What each command imports before it looks at the first file, in a process of its own.
START_UP_RECEIVE = "import pipelines.cli.main, pipelines.intake.receive, pipelines.reading_frames"
START_UP = "import great_expectations, pipelines.definitions, pipelines.run, pipelines.validation.validate"


@dataclass(frozen=True)
class Measured:
    """The costs of one size, in seconds and MiB."""

    units: int
    files: int
    floor: float
    receive: Cost
    run: Cost
    start_receive: float
    start_run: float
    again_receive: Cost
    again_run: Cost
    by_hand: float
    by_hand_files: int

    @property
    def work(self) -> float:
        """From files to marts, start-up apart."""
        return self.receive.seconds + self.run.seconds - self.start_receive - self.start_run

    @property
    def again(self) -> float:
        """Ten changed files to marts, start-up apart."""
        return self.again_receive.seconds + self.again_run.seconds - self.start_receive - self.start_run

    @property
    def peak(self) -> float:
        return max(self.receive.mebibytes, self.run.mebibytes, self.again_run.mebibytes)


def read_every_cell(path: Path) -> int:
    """The floor: what no reader of these files can do without."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return sum(
        len(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
    )


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def on_all_cores(files: list[Path]) -> None:
    with ProcessPoolExecutor(cores()) as pool:
        assert sum(pool.map(read_every_cell, files, chunksize=24)) > 0


def by_hand(files: list[Path]) -> None:
    """As one would write it first: pandas, all sheets."""
    for file in files:
        pd.read_excel(file, sheet_name=None, header=None, engine="openpyxl")


def change(files: list[Path], folder: Path) -> None:
    """Ten files with another value in a cell each, as a clerk would send them again."""
    folder.mkdir()
    for file in files[:: max(1, len(files) // CHANGED)][:CHANGED]:
        book = openpyxl.load_workbook(file)
        cell = book["学习型"]["D5"]
        cell.value = 1 if cell.value != 1 else 2
        book.save(folder / file.name)


def measure(units: int, period: Period, folder: Path) -> Measured:
    sample, home = folder / "in", folder / "home"
    make_sample(sample, units, period, period, 1, load_catalogue())
    files = sorted((sample / "workbooks").rglob("*.xlsx"))
    environment = {**os.environ, "SANXING_HOME": str(home)}
    on_all_cores(files)  # once to warm the disk's cache for all that follow
    floor = seconds_of(lambda: on_all_cores(files))
    start_receive = run_measured([sys.executable, "-c", START_UP_RECEIVE], environment).seconds
    start_run = run_measured([sys.executable, "-c", START_UP], environment).seconds
    receive = run_measured([str(SANXING), "receive", str(sample)], environment)
    run = run_measured([str(SANXING), "run"], environment)
    change(files, folder / "changed")
    again_receive = run_measured([str(SANXING), "receive", str(folder / "changed")], environment)
    again_run = run_measured([str(SANXING), "run"], environment)
    some = files[:BY_HAND]
    return Measured(
        units, len(files), floor, receive, run, start_receive, start_run, again_receive, again_run, seconds_of(lambda: by_hand(some)), len(some)
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--units",
        type=int,
        action="append",
        help="submitting units; may be given more than once (default: 600)",
    )
    parser.add_argument("--period", default=PERIOD, help=f"the quarter (default: {PERIOD})")
    arguments = parser.parse_args()
    period = Period.parse(arguments.period)
    table = Table(title=f"files to marts on {cores()} cores, one quarter ({period})")
    heads = (
        "units",
        "files",
        "floor s",
        "receive s",
        "run s",
        "start-up s",
        "÷ floor",
        "again s",
        "again %",
        "peak MiB",
        "pandas s",
    )
    for head in heads:
        table.add_column(head, justify="right")
    for units in arguments.units or [600]:
        folder = Path(tempfile.mkdtemp(prefix="benchmark"))
        try:
            m = measure(units, period, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        table.add_row(
            str(m.units), str(m.files), f"{m.floor:.2f}", f"{m.receive.seconds:.1f}", f"{m.run.seconds:.1f}",
            f"{m.start_receive:.1f} + {m.start_run:.1f}", f"{m.work / m.floor:.1f}", f"{m.again:.1f}", f"{100 * m.again / m.work:.1f}",
            f"{m.peak:.0f}", f"{m.by_hand:.0f} ({m.by_hand_files} files)",
        )  # fmt: skip
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
