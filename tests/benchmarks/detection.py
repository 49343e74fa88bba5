"""Precision and recall of each class of fault and sign, against the planted truth of provinces that no one has looked at.

    .venv/bin/python -m tests.benchmarks.detection --seed 11 --seed 12 --seed 13 --units 120 --periods 2021Q1:2025Q4

Each province is made, received and run by the real command line in a home of its own; one more is made without faults. The counts of all
provinces are added up, and the table says what was planted, what of it was found, what was raised, and what of that is true.

How it is counted:
- A fault of a cell is found by a finding of a rule of its class, at exactly its file, sheet and cell. A finding of these rules is true at any
  cell where a fault is planted, since one fault may break two rules, and in a copied ledger, but not on the own form beside it; it is false
  anywhere else. An explained finding is not raised; a good explanation that was not believed counts against `unexplained` and stands in the column `elsewhere`.
- A fault of a whole file is found by a finding of its rules in that file; `late` by the submission's on_time; `absent` by a red reporting flag,
  which is true also where nothing that came could be read. `resubmitted`, and any class unknown here, is found by any block or explain finding at its cell.
- An outlier is one scope (unit, branch, since): one slip, or one unit of measure misread, whichever cells it stands in (expected and attended of
  one list). No two are planted in one scope, for a unit slips once in a quarter, and nobody both slips and misreads (pipelines/sample/signs/plan.py).
  It is found by a finding of either outlier rule at any of its questions in a period in which they are planted. Such a finding is true also where
  a fault of that cell, a copied ledger or a copied row put a foreign figure, of a copied row only in
  what is copied (quarterly flows). At a weak branch or a changing
  unit, or beside a good explanation, it is false, and told apart in the column `elsewhere`.
  Slips are planted in what is counted anew each quarter or half-year, each plain at twice the largest or half of the least of its cell; misread are
  hours, days and budgets (pipelines/sample/signs/slips.py, misreadings.py). A second table has both classes by question.
- A sign is one scope (unit, branch, since), found by a sign of its class and question for that branch or its unit in any period in which it is
  planted. A raised sign is false where nothing of its class and question is planted in that period in its scope (branch, unit, or a unit of the
  city); `elsewhere` counts those of them where another class or question is planted. A row of a copied ledger is a copied row.
- precision is true / raised, that is 1 minus the false discovery rate; what is elsewhere is not true. Outliers and signs last, so that raised,
  true and elsewhere count their scopes: of an outlier all quarters of a rule in one series (unit, branch, question), of a sign a run of quarters
  (scope, question, since). A scope is true where every one of its quarters is; the column `rows` says how many quarters of scopes were raised.
- Without faults, every submission is clean, and every finding of severity explain counts. Every sign is false there: of its quarters at most the
  share that expectations/signs.yaml leaves to chance, and one in any case, may have any.

Exit 1 where a floor of scores.FLOORS is missed, each listed; rules or marts that do not exist are «not there», and missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from expectations import load_catalogue
from pipelines.marts.published import PublishedRun
from tests.benchmarks.scores import (
    Published,
    Quiet,
    Score,
    copied_questions,
    missed_floors,
    outliers_by_question,
    pooled,
    scores,
)

SANXING = Path(sys.executable).with_name("sanxing")
SEEDS = (11, 12, 13)


def make_province(
    folder: Path, units: int, periods: str, seed: int, *options: str
) -> tuple[Path, dict[str, float]]:
    """Make, receive and run a province in `folder`; the folder of its marts, and the seconds of each step. Raises RuntimeError."""
    environment = {**os.environ, "SANXING_HOME": str(folder / "home")}
    steps = (
        ["sample", str(folder / "in"), "--units", str(units), "--periods", periods, "--seed", str(seed), *options],
        ["receive", str(folder / "in")],
        ["run"],
    )  # fmt: skip
    seconds = {}
    for step in steps:
        began = time.perf_counter()
        done = subprocess.run([SANXING, *step], env=environment, capture_output=True, text=True, check=False)
        # 1 from receive: files that need attention, as the planted ones do
        if done.returncode not in ((0, 1) if step[0] == "receive" else (0,)):
            raise RuntimeError(done.stdout + done.stderr)
        seconds[step[0]] = time.perf_counter() - began
    return folder / "home" / "data" / "marts", seconds


def read_published(marts: Path) -> Published:
    """The rows that scores are made of."""
    run = PublishedRun.open(marts)
    findings = run.read("findings").join(
        run.read("submissions").select("submission_id", "file"), on="submission_id", how="left"
    )
    units = run.read("dim_unit")
    return Published(
        findings.to_dicts(),
        run.read("submissions").to_dicts(),
        run.read("flags").to_dicts(),
        run.read("signs").to_dicts() if "signs" in run.manifest["tables"] else None,
        dict(units.select("unit_code", "city_code").iter_rows()),
    )


def table_of(found: Sequence[Score], title: str) -> Table:
    table = Table(title=title)
    for head in ("class", "planted", "found", "recall", "raised", "true", "elsewhere", "precision", "rows"):
        table.add_column(head, justify="left" if head == "class" else "right")
    for score in found:
        if not score.there:
            table.add_row(score.name, str(score.planted), "not there")
            continue
        counts = (score.raised, score.true, score.elsewhere)
        shown = ("—" if count is None else str(count) for count in counts)
        table.add_row(
            score.name,
            str(score.planted),
            str(score.found),
            _share(score.recall),
            *shown,
            _share(score.precision),
            "—" if score.rows is None else str(score.rows),
        )
    return table


def _share(share: float | None) -> str:
    return "—" if share is None else f"{share:.3f}"


def province_arguments(doc: str | None, seeds: Sequence[int]) -> argparse.Namespace:
    """What a benchmark over provinces is asked for: seed (a list), units, periods, keep. Exits where `keep` holds anything."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--seed", type=int, action="append", help=f"may be given more than once (default: {tuple(seeds)})"
    )
    parser.add_argument("--units", type=int, default=120)
    parser.add_argument("--periods", default="2021Q1:2025Q4")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="leave the provinces there (default: removed)"
    )
    arguments = parser.parse_args()
    if arguments.keep and arguments.keep.exists() and any(arguments.keep.iterdir()):
        parser.error(f"{arguments.keep} is not empty; what is left there would be received again")
    arguments.seed = arguments.seed or list(seeds)
    return arguments


def main() -> int:
    arguments = province_arguments(__doc__, SEEDS)
    seeds = arguments.seed
    catalogue = load_catalogue()
    console = Console(width=120)
    provinces: list[list[Score]] = []
    by_question: list[list[Score]] = []
    with tempfile.TemporaryDirectory(prefix="detection") as temporary:
        folder = arguments.keep or Path(temporary)
        for seed in seeds:
            place = folder / str(seed)
            marts, seconds = make_province(place, arguments.units, arguments.periods, seed)
            truth = json.loads((place / "in" / "truth.json").read_text("utf-8"))
            published = read_published(marts)
            provinces.append(scores(truth, published, catalogue.rules, catalogue.questions))
            copied = copied_questions(catalogue.questions)
            by_question.append(outliers_by_question(truth, published.findings, copied))
            console.print(f"seed {seed}: {_seconds(seconds)}")
        place = folder / f"{seeds[0]}-without-faults"
        marts, seconds = make_province(
            place, arguments.units, arguments.periods, seeds[0], "--without-faults"
        )
        quiet = Quiet.of(read_published(marts), catalogue.signs.false_discovery_rate)
        console.print(f"seed {seeds[0]} without faults: {_seconds(seconds)}")
    found = pooled(provinces)
    console.print(
        table_of(found, f"seeds {', '.join(map(str, seeds))}; {arguments.units} units, {arguments.periods}")
    )
    outliers = sorted(pooled(by_question), key=lambda score: score.name)
    console.print(table_of(outliers, "outliers by question"))
    console.print(
        f"without faults: {quiet.submissions} clean submissions, {quiet.block} block findings, {quiet.explain} explain findings "
        f"({quiet.explain_per_50:.2f} per 50), signs {'not there' if quiet.signs is None else quiet.signs}, "
        f"in {quiet.with_signs} of {quiet.quarters} quarters"
    )
    missed = missed_floors(found, quiet)
    for line in missed:
        console.print(f"missed: {line}")
    return 1 if missed else 0


def _seconds(seconds: dict[str, float]) -> str:
    return ", ".join(f"{step} {spent:.0f} s" for step, spent in seconds.items())


if __name__ == "__main__":
    sys.exit(main())
