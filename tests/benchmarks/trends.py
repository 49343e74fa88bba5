"""How often control charts cry wolf on healthy units, and how soon they see planted changes, in provinces without faults.

    .venv/bin/python -m tests.benchmarks.trends --seed 21 --seed 22 --units 60 --periods 2021Q1:2025Q4

Each province is made, received and run by the real command line. Counted are points that can be judged, by grain; healthy are units in
which nothing is planted, no weak branch either, and branches of such units. `summer` is the rate of third quarters or of July and August
alone. A change is found at a quarter with a signal on its side: `marked` counts quarters from its beginning to the first such point on
today's charts, `seen` to the first quarter in which the charts of that day had one (limits take twelve quarters, so nothing is seen
before the twelfth). `wrong` are changed units with a signal on the other side eight quarters on or later.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from expectations import Period, load_catalogue
from pipelines.marts.published import PublishedRun
from pipelines.trends.make import make_trends
from pipelines.warehouse import Warehouse
from tests.benchmarks.detection import make_province

SEEDS = (21, 22)
SUMMER = r"(Q3|-07|-08)$"
CHANGES = {"worsening_units": "low", "improving_units": "high"}


def healthy_points(marts: Path, truth: dict[str, Any]) -> pl.DataFrame:
    """The judged points of healthy units and branches, with `is_branch`."""
    run = PublishedRun.open(marts)
    registry = run.read("dim_unit").select("unit_code", "parent_code", is_branch=pl.col("kind") == "branch")
    touched = {entry["code"] for part in (*CHANGES, "weak_branches") for entry in truth[part]}
    weak = registry.filter(pl.col("unit_code").is_in(list(touched)), "is_branch")["parent_code"].to_list()
    touched |= set(weak)
    healthy = registry.filter(
        pl.col("unit_code").is_in(list(touched)).not_(),
        (pl.col("is_branch") & pl.col("parent_code").is_in(list(touched))).not_(),
    )
    judged = run.read("trends").filter(pl.col("grain") != "year", pl.col("signal") != "too_few_points")
    return judged.join(healthy, on="unit_code")


def changes(place: Path, truth: dict[str, Any]) -> list[dict[str, Any]]:
    """For each planted change its code, part, and the quarters until it was marked and seen; None where it never was."""
    database = next((place / "home").rglob("*.duckdb"))
    with duckdb.connect(str(database)) as connection:
        warehouse = Warehouse(connection, database)
        periods = [
            period
            for (period,) in warehouse.run("dim_period", "select period from dim_period order by period")
        ]
        charts = {}
        warehouse.run("trend_points", "create table all_points as from trend_points")
        for last in periods[11:]:
            warehouse.run(
                "trend_points",
                "create or replace table trend_points as from all_points where period <= ?",
                [last],
            )
            make_trends(warehouse, load_catalogue())
            charts[last] = warehouse.frame(
                "trends", "select * from trends where grain = 'quarter' and side is not null"
            )
    return [_found(entry, part, charts, periods[-1]) for part in CHANGES for entry in truth[part]]


def _found(entry: dict[str, str], part: str, charts: dict[str, pl.DataFrame], last: str) -> dict[str, Any]:
    since, side = entry["since"], CHANGES[part]
    own = {
        day: chart.filter(pl.col("unit_code") == entry["code"], pl.col("point") >= since)
        for day, chart in charts.items()
    }
    right = {day: chart.filter(pl.col("side") == side) for day, chart in own.items()}
    marked = right[last]["point"].min()
    seen = next((day for day, chart in right.items() if day >= since and chart.height), None)
    settled = str(Period.parse(since).shift(8))
    wrong = own[last].filter(pl.col("side") != side, pl.col("point") >= settled).height > 0
    return {
        "part": part, "code": entry["code"], "since": since, "marked": _apart(since, marked), "seen": _apart(since, seen), "wrong": wrong,
    }  # fmt: skip


def _apart(since: str, until: Any) -> int | None:
    return None if until is None else len(Period.parse(since).to(Period.parse(str(until)))) - 1


def _rates(points: pl.DataFrame) -> Table:
    kinds = ("astronomical", "shift", "trend", "two_of_three")
    table = Table(title="signals per 1,000 judged points of healthy units and branches")
    for name in ("grain", "of", "points", *kinds, "any", "summer"):
        table.add_column(name, justify="left" if name in ("grain", "of") else "right")
    for (grain, is_branch), part in points.sort("grain", "is_branch").group_by(
        "grain", "is_branch", maintain_order=True
    ):
        shares = [part.filter(pl.col("signal") == kind).height / part.height for kind in kinds]
        summer = part.filter(pl.col("point").str.contains(SUMMER))
        shares += [(frame["signal"] != "none").mean() for frame in (part, summer)]  # type: ignore[misc]
        of = "branches" if is_branch else "units"
        table.add_row(str(grain), of, str(part.height), *(f"{share * 1000:.1f}" for share in shares))
    return table


def _soon(found: list[dict[str, Any]]) -> Table:
    table = Table(title="planted changes, in quarters from their beginning")
    for name in ("part", "code", "since", "marked", "seen", "wrong"):
        table.add_column(name)
    for row in found:
        table.add_row(*("never" if value is None else str(value) for value in row.values()))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seed", type=int, action="append", help=f"may be given more than once (default: {SEEDS})"
    )
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--periods", default="2021Q1:2025Q4")
    arguments = parser.parse_args()
    points: list[pl.DataFrame] = []
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="trends") as folder:
        for seed in arguments.seed or SEEDS:
            place = Path(folder) / str(seed)
            marts, _ = make_province(place, arguments.units, arguments.periods, seed, "--without-faults")
            truth = json.loads((place / "in" / "truth.json").read_text("utf-8"))
            points.append(healthy_points(marts, truth))
            found += changes(place, truth)
    console = Console(width=110)
    console.print(_rates(pl.concat(points)))
    console.print(_soon(found))
    return 1 if any(row["marked"] is None or row["wrong"] for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
