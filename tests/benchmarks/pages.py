"""How long each page of the dashboard takes over a whole province, beside the bare query that it needs.

    .venv/bin/python -m tests.benchmarks.pages --units 6000 --keep FOLDER

The marts are made once, from drawn answers by the real assets (comparison.py, stored.py), and stay in FOLDER. Then:

- `server`: each page and interaction in a session of its own, by Streamlit's own test runner, in this process: from the request to the
  last element. `first` with nothing remembered, `again` for the next visitor of the same view. Views differ in unit, indicator and period.
- `bare`: the page's leading question as one DuckDB statement over the same Parquet files, nothing remembered.
- `browser`: the real server and a headless Chromium, from the click on a link to the settled page.
- `memory`: the server's, with ten sessions open on ten pages.

Exit 1 where a floor is missed: FLOOR_SERVER_MS at the 95th percentile of `first`, FLOOR_BROWSER_MS of the browser's, FLOOR_MEBIBYTES.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from expectations import Period, load_catalogue
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse
from tests.benchmarks.comparison import PERIODS, READING, fill, run_assets
from tests.benchmarks.processes import memory_of
from tests.benchmarks.stored import make_answers, store_registry

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
FLOOR_SERVER_MS, FLOOR_BROWSER_MS, FLOOR_MEBIBYTES = 300, 1000, 1024
SESSIONS = 10
_HOME = "home"


@dataclass(frozen=True)
class View:
    """A page with its choices; bare: the leading question, with the choices as named parameters."""

    name: str
    page: str
    choices: Mapping[str, str]
    bare: str


UNIT_VALUES = "select * from indicator_values where unit_code = $unit and period = $period"
BARE = {
    "start": "select i.dimension, v.status, count(*) from indicator_values v join dim_unit u using (unit_code) "
    "join (select distinct indicator, dimension from dim_indicator) i using (indicator) "
    "where v.period = $period and u.kind <> 'branch' group by all",
    "flags": "select level, kind, count(*) from flags where period = $period group by all",
    "trends": "select * from group_trends where group_kind = 'province' order by indicator, point",
    "compare": "select * from indicator_values where unit_code in (select neighbour_code from neighbours where unit_code = $unit) "
    "and period = $period",
    "unit": UNIT_VALUES,
    "reporting": "select period, state, count(*) from unit_reporting where period <= $period group by all",
    "submit": "select * from submissions where unit_code = $unit",
    "quality": "select rule, severity, count(*) from findings where period = $period group by all",
    "versions": "select * from submissions where unit_code = $unit and period = $period",
    "shortlist": "select * from shortlist where year = 2025 order by kind, rank",
    "load": "select * from load order by period",
    "clauses": "select * from dim_indicator",
}


def prepared(folder: Path, units: int, periods: Sequence[Period]) -> Path:
    """A home with the published marts of a province; made unless it is there."""
    home = folder / _HOME
    os.environ["SANXING_HOME"] = str(home)
    if not (home / "data" / "marts" / "manifest.json").is_file():
        make_answers(folder, units, periods[0], periods[-1])
        fill(folder, list(periods))
        draw_findings()
        run_assets(folder, list(periods), READING | {"data_docs"})
    store_registry(folder, Settings(), periods[-1])
    return home


def draw_findings() -> None:
    """Remarks on one answer in 33: some 26,000 a quarter of 6,000 units, as many as planted faults make. They stop no answer."""
    remark = next(rule for rule in load_catalogue().rules if rule.severity == "inform")
    with open_warehouse(Settings().warehouse) as warehouse:
        warehouse.run(
            "findings_found",
            "insert into findings_found by name "
            "select 'answers' as source, md5(concat_ws('|', submission_id, branch_code, question, month)) as finding_id, submission_id, ? as rule, "
            "'inform' as severity, branch_code, question, month, sheet, cell, raw as found, '与同期相近' as expected, "
            "'与以往相比变化较大，请核对原始记录。' as message, null as clause, null as explanation, null as explained "
            "from answers_read where hash(submission_id, branch_code, question, month) % 33 = 0",
            [remark.rule],
        )


def views(marts: Path, pages: Sequence[str], rounds: int, seed: int) -> Iterator[View]:
    """Each page `rounds` times: another unit, another of the last eight periods."""
    draw = random.Random(seed)
    with duckdb.connect() as database:
        units = [row[0] for row in database.execute(
            "select unit_code from read_parquet(?) where kind <> 'branch' and valid_to is null order by 1", [str(marts / "dim_unit.parquet")]
        ).fetchall()]  # fmt: skip
        known = [row[0] for row in database.execute(
            "select period from read_parquet(?) order by 1 desc limit 8", [str(marts / "dim_period.parquet")]
        ).fetchall()]  # fmt: skip
    for page in pages:
        for _ in range(rounds):
            choices = {"period": draw.choice(known), "unit": draw.choice(units)}
            yield View(page, page, choices, BARE[page])


def server_times(home: Path, asked: Sequence[View]) -> dict[str, tuple[list[float], list[float]]]:
    """Of each page the milliseconds of first visits and of those that come again."""
    os.environ["SANXING_HOME"] = str(home)
    import streamlit as st
    from streamlit import config
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    config.set_option("server.address", "127.0.0.1")  # as the pages are started

    def visit(view: View) -> float:
        app = AppTest.from_file(str(APP), default_timeout=600)
        for name, value in view.choices.items():
            app.query_params[name] = value
        # a page that st.navigation names has no file to switch to
        app._page_hash = calc_hash("" if view.page == "start" else view.page)
        began = time.perf_counter()
        app.run()
        taken = (time.perf_counter() - began) * 1000
        if app.exception:
            raise RuntimeError(f"{view.page} {dict(view.choices)}: {app.exception[0].value}")
        return taken

    visit(asked[0])  # imports, fonts and templates are there before the first visitor comes
    found: dict[str, tuple[list[float], list[float]]] = {}
    for view in asked:
        st.cache_data.clear()
        first, again = found.setdefault(view.name, ([], []))
        first.append(visit(view))
        again.append(visit(view))
    return found


def bare_times(marts: Path, asked: Sequence[View]) -> dict[str, list[float]]:
    """Milliseconds of each page's leading question."""
    found: dict[str, list[float]] = {}
    with duckdb.connect() as database:
        for file in marts.glob("*.parquet"):
            database.execute(f"create view {file.stem} as from read_parquet('{file}')")
        for view in asked:
            named = {name: value for name, value in view.choices.items() if f"${name}" in view.bare}
            began = time.perf_counter()
            database.execute(view.bare, named).fetchall()
            found.setdefault(view.name, []).append((time.perf_counter() - began) * 1000)
    return found


def browser_times(home: Path, asked: Sequence[View]) -> tuple[dict[str, list[float]], float]:
    """Milliseconds from a link to the settled page, and the server's memory with SESSIONS open sessions in MiB."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import ARGUMENTS, LAPTOP
    from tests.e2e.reading import settled
    from tests.e2e.server import Server

    found: dict[str, list[float]] = {}
    with Server(home) as server, sync_playwright() as playwright:
        chromium = os.environ.get("SANXING_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
        page = context.new_page()
        page.goto(server.url)
        settled(page)
        for view in asked:
            query = "&".join(f"{name}={value}" for name, value in view.choices.items())
            path = "" if view.page == "start" else view.page
            began = time.perf_counter()
            page.goto(f"{server.url}/{path}?{query}")
            page.get_by_role("heading", level=1).first.wait_for()
            settled(page)
            found.setdefault(view.name, []).append((time.perf_counter() - began) * 1000)
        others = []
        for view in asked[:: max(1, len(asked) // SESSIONS)][:SESSIONS]:
            other = context.new_page()
            query = "&".join(f"{name}={value}" for name, value in view.choices.items())
            other.goto(f"{server.url}/{'' if view.page == 'start' else view.page}?{query}")
            settled(other)
            others.append(other)
        assert server.process is not None
        memory = memory_of(server.process.pid)
        browser.close()
    return found, memory


def percentile(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=6000)
    parser.add_argument("--periods", default=PERIODS, help=f"first:last (default: {PERIODS})")
    parser.add_argument("--rounds", type=int, default=8, help="views of each page (default: 8)")
    parser.add_argument("--seed", type=int, default=1, help="of the choices")
    parser.add_argument("--page", action="append", help="only this one; may be given more than once")
    parser.add_argument("--no-browser", action="store_true", help="the server alone")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the marts stay for the next time")
    arguments = parser.parse_args()
    first, last = (Period.parse(code) for code in arguments.periods.split(":"))
    with tempfile.TemporaryDirectory(prefix="pages") as temporary:
        home = prepared(
            (arguments.keep or Path(temporary)) / str(arguments.units), arguments.units, first.to(last)
        )
        return report(home, arguments)


def report(home: Path, arguments: argparse.Namespace) -> int:
    """Measure, print, and say what is missed."""
    from pipelines.marts.published import PublishedRun

    marts = PublishedRun.open(home / "data" / "marts").folder
    asked = list(views(marts, arguments.page or list(BARE), arguments.rounds, arguments.seed))
    server, bare = server_times(home, asked), bare_times(marts, asked)
    browser, memory = ({}, 0.0) if arguments.no_browser else browser_times(home, asked)
    table = Table(
        title=f"pages over {arguments.units} units, {arguments.periods}; milliseconds, median and 95th percentile"
    )
    for head in ("page", "server, first", "p95", "server, again", "bare query", "browser", "p95"):
        table.add_column(head, justify="left" if head == "page" else "right")
    rows: list[tuple[str, list[float], list[float], list[float], list[float]]] = [
        (name, *server[name], bare[name], browser.get(name, [])) for name in server
    ]
    every: list[Any] = [[time for row in rows for time in row[place]] for place in range(1, 5)]
    for name, first, again, floor, seen in (*rows, ("all", *every)):
        if name == "all":
            table.add_section()
        shown = [
            statistics.median(first),
            percentile(first, 0.95),
            statistics.median(again),
            statistics.median(floor),
        ]
        shown += [statistics.median(seen), percentile(seen, 0.95)] if seen else []
        table.add_row(name, *(f"{value:.0f}" for value in shown))
    console = Console(width=120)
    console.print(table)
    missed = []
    if percentile(every[0], 0.95) > FLOOR_SERVER_MS:
        missed.append(f"server p95 {percentile(every[0], 0.95):.0f} ms of {FLOOR_SERVER_MS}")
    if not arguments.no_browser:
        console.print(f"server with {SESSIONS} sessions: {memory:.0f} MiB")
        if percentile(every[3], 0.95) > FLOOR_BROWSER_MS:
            missed.append(f"browser p95 {percentile(every[3], 0.95):.0f} ms of {FLOOR_BROWSER_MS}")
        if memory > FLOOR_MEBIBYTES:
            missed.append(f"memory {memory:.0f} MiB of {FLOOR_MEBIBYTES}")
    for line in missed:
        console.print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
