"""Whether units and branches are judged rightly, on provinces that no one has looked at: who is flagged, who is not, and who is chosen.

    .venv/bin/python -m tests.benchmarks.judgement --seed 21 --seed 22 --units 120 --periods 2021Q1:2025Q4

Each province is made, received and run by the real command line in a home of its own; one more is made without faults. Counts of all provinces
are added up. How it is counted (verdicts.py):

- A weak branch is found by a red or amber performance flag in the first two quarters from its planted one on in which it is judged: its unit has
  reported, and its data pass the gate. It has evidence at its size where the exact test at the standard for attendance, at the level that
  expectations/flags.yaml declares, finds it in one of these two with a chance of at least 0.9. That chance is exact: a binomial at the numbers
  that were expected to attend in these quarters, and at the share that the branch attended over all quarters since it is weak. The floor is for
  those with evidence; the others are told apart.
- A flag is false where it is a red or amber performance flag of a healthy branch in a unit in which nothing is planted: neither a weak branch, nor
  that it worsens, nor a sign of form-filling. Faults of cells and files may be planted there: that they are not called performance is what is
  asked. Counted are branches × judged quarters, by the branch's members; each size has its floor. That small branches are flagged no more
  than large ones is held by an exact test over branches, each counted once, since what a branch lacks it lacks in many quarters.
- A worsening unit is found by a trend flag of any level, or a red or amber performance flag, of a run that began in its planted quarter or later.
  Healthy units, watched from the same quarters, say how often that comes by chance. A signal counts from the point at which it is complete;
  the limits themselves are those of all points, also later ones.
- A model unit counts once for each year of the list. Faults are planted in model units too: a red flag or a gate keeps them from the list.
- `gates`: unit-years of the list, by kind of unit, and those that each gate of expectations/selection.yaml keeps from it.
- `noise`: judged quarters of units and branches in which nothing is planted, and those of them with a flag of the kind.

Exit 1 where a floor of verdicts.FLOORS is missed, each listed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from expectations import load_catalogue
from pipelines.marts.published import PublishedRun
from tests.benchmarks import verdicts
from tests.benchmarks.detection import make_province, province_arguments
from tests.benchmarks.verdicts import Band, Barred, Noise, Weak, World

SEEDS = (21, 22)


def world_of(folder: Path, units: int, periods: str, seed: int, *options: str) -> tuple[World, str]:
    """Make, receive and run a province; what came of it, and the seconds that it took."""
    marts, seconds = make_province(folder, units, periods, seed, *options)
    truth = json.loads((folder / "in" / "truth.json").read_text("utf-8"))
    spent = ", ".join(f"{step} {taken:.0f} s" for step, taken in seconds.items())
    return World.of(truth, PublishedRun.open(marts)), spent


def weak_table(weak: Sequence[Weak]) -> Table:
    table = Table(title="weak branches, flagged red or amber within two judged quarters")
    for head in (
        "evidence at their size",
        "branches",
        "flagged",
        "share",
        "expected to attend (two quarters, median)",
    ):
        table.add_column(head, justify="right")
    for name, group in (
        (f"yes (power {verdicts.SURE} or more)", [branch for branch in weak if branch.has_evidence]),
        ("no", [branch for branch in weak if not branch.has_evidence]),
    ):
        flagged = sum(branch.flagged for branch in group)
        sizes = sorted(sum(branch.sizes) for branch in group)
        share = f"{flagged / len(group):.3f}" if group else "—"
        table.add_row(
            name, str(len(group)), str(flagged), share, str(sizes[len(sizes) // 2]) if sizes else "—"
        )
    return table


def bands_table(bands: Sequence[Band]) -> Table:
    table = Table(title="healthy branches of healthy units, falsely flagged red or amber for performance")
    for head in ("members", "branches", "of them ever flagged", "branch-quarters", "flagged", "rate"):
        table.add_column(head, justify="right")
    for band in bands:
        counts = (band.branches, band.flagged_branches, band.periods, band.flagged_periods)
        table.add_row(band.name, *map(str, counts), f"{band.rate:.4f}")
    return table


def gates_table(found: Sequence[Barred]) -> Table:
    table = Table(title="unit-years kept from the list of model units, by gate")
    for head in ("gate", "kind", "unit-years", "kept out", "share"):
        table.add_column(head, justify="left" if head in ("gate", "kind") else "right")
    for row in found:
        if row.barred:
            table.add_row(
                row.gate, row.kind, str(row.asked), str(row.barred), f"{row.barred / row.asked:.2f}"
            )
    return table


def noise_table(found: Sequence[Noise], title: str) -> Table:
    table = Table(title=title)
    for head in ("flags", "of", "judged quarters", "with a flag", "rate"):
        table.add_column(head, justify="right")
    for row in found:
        rate = f"{row.flagged / row.periods:.4f}" if row.periods else "—"
        table.add_row(row.kind, row.of, str(row.periods), str(row.flagged), rate)
    return table


def main() -> int:
    arguments = province_arguments(__doc__, SEEDS)
    seeds = arguments.seed
    console = Console(width=120)
    worlds = []
    with tempfile.TemporaryDirectory(prefix="judgement") as temporary:
        folder = arguments.keep or Path(temporary)
        for seed in seeds:
            world, spent = world_of(folder / str(seed), arguments.units, arguments.periods, seed)
            worlds.append(world)
            console.print(f"seed {seed}: {spent}")
        place = folder / f"{seeds[0]}-without-faults"
        clean, spent = world_of(place, arguments.units, arguments.periods, seeds[0], "--without-faults")
        console.print(f"seed {seeds[0]} without faults: {spent}")
    return report(
        console,
        worlds,
        clean,
        f"seeds {', '.join(map(str, seeds))}; {arguments.units} units, {arguments.periods}",
    )


def report(console: Console, worlds: Sequence[World], clean: World, what: str) -> int:
    """Print all figures; 1 where a floor is missed."""
    catalogue = load_catalogue()
    console.print(
        f"{what}: {sum(w.units.height for w in worlds)} units and branches, {sum(w.judged.height for w in worlds)} judged quarters"
    )
    weak = [branch for world in worlds for branch in verdicts.weak_branches(world, catalogue)]
    bands = verdicts.pooled(map(verdicts.false_flags, worlds))
    console.print(weak_table(weak))
    console.print(bands_table(bands))
    p = verdicts.small_are_flagged_more(bands[0], bands[-1])
    console.print(f"small branches flagged more than large ones: p = {p:.3f}")
    for words, kinds in (
        ("trend flags", ("trend",)),
        ("trend or performance flags", ("trend", "performance")),
    ):
        found = [entry for world in worlds for entry in verdicts.worsening(world, kinds)]
        console.print(
            f"worsening units, by {words}: {verdicts.spread([entry for entry in found if entry.planted])}"
        )
        healthy = verdicts.spread([entry for entry in found if not entry.planted])
        console.print(f"  healthy units from the same quarters: {healthy}")
    units, listed = (sum(counts) for counts in zip(*map(verdicts.models, worlds), strict=True))
    console.print(f"model units on the list: {listed} of {units} unit-years")
    console.print(gates_table(verdicts.barred(worlds)))
    console.print(noise_table(verdicts.pooled(map(verdicts.noise, worlds)), "noise where nothing is planted"))
    console.print(noise_table(verdicts.noise(clean), "noise in a province without faults"))
    missed = verdicts.missed_floors(weak, bands, (units, listed))
    for line in missed:
        console.print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
