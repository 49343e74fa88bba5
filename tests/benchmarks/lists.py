"""Processor seconds and memory of writing a province's list in each form, and of verifying it: `python -m tests.benchmarks.lists --units 6000`.

The list is made up: every unit passes every gate and has 50 indicators, so that the sheets are as long as they can be. Each form is
written and verified in a process of its own, so that the memory is its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import polars as pl

from pipelines.exports.list_files import WRITERS, list_files
from pipelines.marts.published import PublishedRun
from pipelines.verification.verify import verify
from tests.marts import publish

INDICATORS = 50
DIMENSIONS = ("learning", "service", "innovation", "leadership")


def make(folder: Path, units: int) -> None:
    """A published run whose list of 2025 has so many candidates."""
    run = publish(folder)
    number = pl.int_range(units, eager=True)
    score = (95 - number / units * 40).round(6)
    unit = pl.DataFrame(
        {
            "year": pl.Series([2025] * units, dtype=pl.Int32),
            "unit_code": [f"U{n:06}" for n in number],
            "score": score,
        }
    )
    term = pl.DataFrame(
        {
            "indicator": [f"indicator_{n:02}" for n in range(INDICATORS)],
            "dimension": [DIMENSIONS[n % 4] for n in range(INDICATORS)],
            "clause": [f"L{n % 9}.{n % 7}" for n in range(INDICATORS)],
        }
    )
    tables = {
        "dim_unit": unit.select("unit_code", name=pl.concat_str(pl.lit("某市示例第一小学"), "unit_code"), kind=pl.lit("school"), city=pl.lit("南京市")),
        "candidates": unit.select("year", "unit_code", kind=pl.lit("school"), coverage=pl.lit(1.0)),
        "shortlist": unit.with_columns(
            kind=pl.lit("school"), eligible=pl.lit(True), rank=pl.int_range(1, units + 1), selected=pl.int_range(units) < 15,
            reason=pl.lit("未入选：同类符合条件的单位中得分第99名，本类单位名额已满。"), strengths=pl.lit("条款L1.1“学习内容”高于同类平均1.2分、" * 3),
            gaps=pl.lit("条款L1.1“学习内容”失1.2分、" * 3), what_would_change=pl.lit("得分比入选线低2.2分。"),
        ),
        "shortlist_scores": unit.join(term, how="cross").with_columns(
            numerator=pl.lit(87), denominator=pl.lit(100), value=pl.col("score") / 100, standard=pl.lit(0.9), due_share=pl.lit(1.0),
            direction=pl.lit("higher"), attainment=pl.col("score") / 97, weight=pl.lit(4 / INDICATORS),
        ),
        "shortlist_dimensions": unit.join(pl.DataFrame({"dimension": DIMENSIONS}), how="cross").with_columns(weight=pl.lit(0.25)),
        "shortlist_gates": unit.join(pl.DataFrame({"gate": [f"gate_{n}" for n in range(8)]}), how="cross").with_columns(
            required=pl.lit("不低于90%"), found=pl.lit("95.5%"), passes=pl.lit(True)
        ),
        "contact_points": unit.with_columns(reason=pl.lit("不列入：可计算的政策规定标准均已达到或十分接近。")),
    }  # fmt: skip
    for name, frame in tables.items():
        blank = run.read(name)
        known = frame.select(column for column in frame.columns if column in blank.columns)
        filled = known.with_columns(
            pl.lit(None, dtype=kind).alias(column)
            for column, kind in blank.schema.items()
            if column not in known.columns
        )
        filled.select(blank.columns).cast(dict(blank.schema)).write_parquet(run.folder / f"{name}.parquet")


def measure(folder: Path, ending: str) -> tuple[float, float, float, float]:
    """Processor seconds to write, megabytes of the file, processor seconds to verify, and the most megabytes that the process held."""
    run = PublishedRun.open(folder)
    start = time.process_time()
    files = list_files(run, 2025, ending)
    wrote = time.process_time() - start
    target = folder / f"list{ending}"
    for added, content in files.items():
        target.with_name(target.name + added).write_bytes(content)
    size = len(files[""]) / 1e6
    del files
    start = time.process_time()
    verdict = verify(target, run)
    checked = time.process_time() - start
    if verdict.state != "consistent":
        raise SystemExit(f"{target}: {verdict}")
    return wrote, size, checked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print one line a form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=6000)
    parser.add_argument("--only", choices=sorted(WRITERS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, asked.units)
        for ending in [asked.only] if asked.only else sorted(WRITERS):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                wrote, size, checked, held = pool.apply(measure, (folder, ending))
            print(
                f"{asked.units:>6} units {ending:<5} written in {wrote:5.1f} s, {size:5.1f} MB; verified in {checked:5.1f} s; {held:5.0f} MB held"
            )


if __name__ == "__main__":
    main()
