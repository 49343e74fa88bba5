"""How long each page of the dashboard takes over a whole province, beside the bare query that it needs.

    .venv/bin/python -m tests.benchmarks.pages --units 6000 --keep FOLDER

The marts are made once, from drawn answers by the real assets (comparison.py, stored.py), and stay in FOLDER. Then the real
`sanxing dashboard` is started over them, its first page is opened once, and of each page as many views as there are rounds, which differ
in unit and period, are measured:

- `first`: at the server, in a session of its own, from the request to the last word of the answer (visitor.py), after the server has
  forgotten all that it remembers of the run. What the system has read of the files it may keep, and the registry of the page 报送, which is
  parsed once for each edition that is received (`first` of its first visit after a start is printed apart).
- `again`: the next visitor of the same view.
- `choices`: every list, row of buttons, tab, search field, number and every table's pages that the page offers, in turn, each set to something
  else, drawn; also at the server, nothing forgotten.
- `bare`: the page's leading question as one DuckDB statement over the same Parquet files.
- `anew`, `link`, `menu`, `period`: in a headless Chromium, from the press, or from the start of the navigation, to the last change of anything on the page, charts with
  it: the whole page opened anew by its address, scripts of Streamlit and Plotly with it; a link of another page; a click in the menu; another period. For the first
  three the server has forgotten all. The time is taken in the browser, so that waiting for it costs nothing.
- `blank`: what Streamlit itself takes for a page of one line, at the server and in the browser.
- `memory`: the server's, with ten sessions open on ten views.

Exit 1 where a floor is missed: FLOOR_SERVER_MS at the 95th percentile of `first` and of `choices`, FLOOR_BROWSER_MS of the browser's four,
FLOOR_MEBIBYTES. Other work on the machine is in the figures: its load is printed with them.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlencode

import duckdb
from playwright.sync_api import Page, expect, sync_playwright
from rich.console import Console
from rich.table import Table

from dashboards.pages import PAGES, START
from expectations import Period, load_catalogue
from pipelines.marts.published import PublishedRun
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse
from tests.benchmarks.comparison import PERIODS, READING, fill, run_assets
from tests.benchmarks.processes import memory_of
from tests.benchmarks.stored import make_answers, store_registry
from tests.benchmarks.visitor import Visitor
from tests.e2e.conftest import ARGUMENTS, LAPTOP
from tests.e2e.reading import settled
from tests.e2e.server import LOOPBACK, Server, free_port, wait_until_healthy

FLOOR_SERVER_MS, FLOOR_BROWSER_MS, FLOOR_MEBIBYTES = 300, 1000, 1024
SESSIONS = 10
TITLES = {path: title for title, path, *_ in PAGES}
BLANK_ROUNDS = 5
BLANK_TITLE = "1"
QUIET_MS = 400  # without a change, and the page is taken to stand
# When the reader pressed, and when anything last changed on the page, in milliseconds since the document was asked for.
WATCHED = """
window.pressed = window.changed = 0;
for (const act of ['pointerdown', 'keydown']) addEventListener(act, () => { window.pressed = performance.now(); }, true);
new MutationObserver((changes) => {
    const inMain = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest('[data-testid=stMain]');
    if (changes.some((change) => inMain(change.target))) window.changed = performance.now();
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
STANDS = """([title, quiet]) => performance.now() - window.changed > quiet && performance.now() - window.pressed > quiet &&
    document.querySelector('[data-test-script-state=notRunning] h1')?.textContent.trim() === title &&
    [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(chart => !chart.checkVisibility() || chart.querySelector('.main-svg'))"""
LINK = """address => document.querySelector('h1').insertAdjacentHTML('beforeend', `<a id="measured" href="${address}">链接</a>`)"""
_HOME = "home"


@dataclass(frozen=True)
class View:
    """A page with its choices; bare: the leading question, with the choices as named parameters."""

    name: str
    page: str
    choices: Mapping[str, str]
    bare: str

    @property
    def path(self) -> str:
        return "" if self.page == START else self.page


UNIT_VALUES = "select * from indicator_values where unit_code = $unit and period = $period"
SHOWN = ("first", "again", "choices", "bare", "anew", "link", "menu", "period")
BARE = {
    START: "select i.dimension, v.status, count(*) from indicator_values v join dim_unit u using (unit_code) "
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
    "trial": "select unit_code, score from shortlist where year = 2025 order by score desc",
    "load": "select * from load order by period",
    "clauses": "select * from dim_indicator",
}


PAGE_OF = {"trial": "shortlist"}  # views that are no pages of their own
ASKED = {"trial": {"view": "trial", "year": "2025", "try_2025": "gates.least_score=55"}}


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
            yield View(page, PAGE_OF.get(page, page), {**choices, **ASKED.get(page, {})}, BARE[page])


@dataclass
class Times:
    """Milliseconds of one page's views."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    choices: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)
    link: list[float] = field(default_factory=list)
    menu: list[float] = field(default_factory=list)
    period: list[float] = field(default_factory=list)


def server_times(server: Server, asked: Sequence[View], found: Mapping[str, Times], seed: int) -> None:
    """Views of the pages in sessions without a browser, and every choice that they offer; the slowest choice of each page is printed."""
    draw = random.Random(seed)
    slowest: dict[str, tuple[float, str]] = {}
    with Visitor(server.url) as visitor:
        visitor.open("", {})  # imports and templates are there before the first visitor comes
    for view in asked:
        with Visitor(server.url) as visitor:
            visitor.forget_all()
            found[view.name].first.append(visitor.open(view.path, view.choices))
        with Visitor(server.url) as visitor:
            found[view.name].again.append(visitor.open(view.path, view.choices))
            # numbers first: a choice of another list takes a trial's away
            for choice in sorted(visitor.choices.values(), key=lambda choice: choice.kind != "number_input"):
                if choice.widget not in visitor.choices:
                    continue  # an earlier choice has taken it away
                option = choice.other(draw)
                taken = visitor.choose(choice, option)
                found[view.name].choices.append(taken)
                slowest[view.name] = max(
                    slowest.get(view.name, (0.0, "")), (taken, f"{choice.label}→{option}")
                )
    for name, times in found.items():
        if name == "submit":
            print(f"submit with the registry to parse: {times.first.pop(0):.0f} ms")
    for name, (taken, what) in slowest.items():
        print(f"slowest choice of {name}: {what}, {taken:.0f} ms")


@contextmanager
def blank_server() -> Iterator[str]:
    """The address of a page of one line, served by Streamlit."""
    with tempfile.TemporaryDirectory() as folder:
        page, port = Path(folder) / "blank.py", free_port()
        page.write_text(f"import streamlit as st\nst.title('{BLANK_TITLE}')\n", "utf-8")
        options = {"port": port, "address": LOOPBACK, "headless": "true", "fileWatcherType": "none"}
        told = [f"--server.{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "streamlit", "run", str(page), *told]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            url = f"http://{LOOPBACK}:{port}"
            assert wait_until_healthy(url)
            yield url
            process.terminate()


def blank_times(rounds: int) -> list[float]:
    """Milliseconds at the server for a page of one line."""
    found = []
    with blank_server() as url:
        for _ in range(rounds + 1):
            with Visitor(url) as visitor:
                found.append(visitor.open("", {}))
    return found[1:]


def bare_times(marts: Path, asked: Sequence[View], found: Mapping[str, Times]) -> None:
    """Each page's leading question."""
    with duckdb.connect() as database:
        for file in marts.glob("*.parquet"):
            database.execute(f"create view {file.stem} as from read_parquet('{file}')")
        for view in asked:
            named = {name: value for name, value in view.choices.items() if f"${name}" in view.bare}
            began = time.perf_counter()
            database.execute(view.bare, named).fetchall()
            found[view.name].bare.append((time.perf_counter() - began) * 1000)


def browser_times(
    server: Server, asked: Sequence[View], found: Mapping[str, Times]
) -> tuple[float, list[float]]:
    """From an address, a link, the menu and another period to the settled page; the server's memory with SESSIONS open sessions in MiB, and
    milliseconds to a page of one line."""
    blank: list[float] = []
    with sync_playwright() as playwright, Visitor(server.url) as visitor:
        chromium = os.environ.get("SANXING_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
        context.add_init_script(WATCHED)
        page = context.new_page()
        visitor.open("", {})
        page.goto(server.url)
        settled(page)
        for view in asked:
            visitor.forget_all()
            page.goto(f"{server.url}/{view.path}?{urlencode(view.choices)}")
            found[view.name].anew.append(_stood(page, TITLES[view.page]))
            found[view.name].period.append(_another_period(page, TITLES[view.page]))
            visitor.forget_all()
            found[view.name].menu.append(_from_menu(page, TITLES[view.page]))
            visitor.forget_all()
            found[view.name].link.append(_from_link(page, view))
        others = []
        for view in asked[:: max(1, len(asked) // SESSIONS)][:SESSIONS]:
            other = context.new_page()
            other.goto(f"{server.url}/{view.path}?{urlencode(view.choices)}")
            settled(other)
            others.append(other)
        assert server.process is not None
        memory = memory_of(server.process.pid)
        with blank_server() as url:
            for _ in range(BLANK_ROUNDS):
                page.goto(url)
                blank.append(_stood(page, BLANK_TITLE))
        browser.close()
    return memory, blank[1:]


def _stood(page: Page, title: str) -> float:
    """Milliseconds from the press, or the start of the navigation, to the last change; waits until the page of this title stands.

    It is asked for seldom and little: looking for parts of a page by their roles takes the browser as long as drawing some of them.
    """
    page.wait_for_function(STANDS, arg=[title, QUIET_MS], polling=100)
    taken: float = page.evaluate("Math.max(0, window.changed - window.pressed)")  # 0: nothing is different
    settled(page)
    return taken


def _from_menu(page: Page, title: str) -> float:
    """Milliseconds from the click on a page in the menu to the settled page, from another page."""
    taken = 0.0
    for name in (_other(title), title):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        taken = _stood(page, name)
    return taken


def _from_link(page: Page, view: View) -> float:
    """Milliseconds from the click on a link to the settled page, from another page."""
    title = TITLES[view.page]
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=_other(title), exact=True).click()
    _stood(page, _other(title))
    page.evaluate(LINK, f"{view.path or 'overview'}?{urlencode(view.choices)}")
    page.locator("#measured").click()
    return _stood(page, title)


def _other(title: str) -> str:
    """A page to come from."""
    return TITLES["clauses" if title != TITLES["clauses"] else "load"]


def _another_period(page: Page, title: str) -> float:
    """Milliseconds from the choice of the oldest quarter to the settled page."""
    periods = page.get_by_test_id("stSidebar").get_by_role("combobox", name="报告期")
    oldest = page.get_by_role("option").last
    expect(periods).to_be_enabled()
    periods.press("ArrowDown")
    name = oldest.inner_text()
    oldest.click()
    taken = _stood(page, title)
    expect(periods).to_have_value(name)
    return taken


def percentile(times: Sequence[float], share: float) -> float:
    """The value under which this share of the times lies; 0 of none."""
    ordered = sorted(times) or [0.0]
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
    marts = PublishedRun.open(home / "data" / "marts").folder
    asked = list(views(marts, arguments.page or list(BARE), arguments.rounds, arguments.seed))
    found = {view.name: Times() for view in asked}
    memory, blank_seen = 0.0, list[float]()
    with Server(home) as server:
        server_times(server, asked, found, arguments.seed)
    bare_times(marts, asked, found)
    if not arguments.no_browser:
        with Server(home) as server:
            memory, blank_seen = browser_times(server, asked, found)
    blank = blank_times(BLANK_ROUNDS)
    whole = Times(
        *([time for times in found.values() for time in getattr(times, part.name)] for part in fields(Times))
    )
    console = Console(width=150)
    console.print(
        _table(
            found,
            whole,
            f"pages over {arguments.units} units, {arguments.periods}; milliseconds, median and 95th percentile",
        )
    )
    seen = f", {statistics.median(blank_seen):.0f} ms in the browser" if blank_seen else ""
    console.print(
        f"blank: {statistics.median(blank):.0f} ms at the server{seen}; "
        f"load of the machine's {os.cpu_count()} cores in the last minute: {os.getloadavg()[0]:.1f}"
    )
    if memory:
        console.print(f"memory: {memory:.0f} MiB with {SESSIONS} sessions")
    floors = (
        ("server, first", percentile(whole.first, 0.95), FLOOR_SERVER_MS, "ms"),
        ("server, choices", percentile(whole.choices, 0.95), FLOOR_SERVER_MS, "ms"),
        (
            "browser",
            percentile([*whole.anew, *whole.link, *whole.menu, *whole.period], 0.95),
            FLOOR_BROWSER_MS,
            "ms",
        ),
        ("memory", memory, FLOOR_MEBIBYTES, "MiB"),
    )
    missed = [(what, value, most, unit) for what, value, most, unit in floors if value > most]
    for what, value, most, unit in missed:
        console.print(f"missed: {what} {value:.0f} {unit} of {most}")
    return 1 if missed else 0


def _table(found: Mapping[str, Times], whole: Times, title: str) -> Table:
    table = Table(title=title)
    table.add_column("page")
    for part in SHOWN:
        for head in (part.replace("_", ", "), *(["p95"] if part not in {"again", "bare"} else [])):
            table.add_column(head, justify="right")
    for name, times in (*found.items(), ("all", whole)):
        if name == "all":
            table.add_section()
        row = [name]
        for part in SHOWN:
            measured: list[float] = getattr(times, part)
            shares = (0.5,) if part in {"again", "bare"} else (0.5, 0.95)
            row += [f"{percentile(measured, share):.0f}" if measured else "" for share in shares]
        table.add_row(*row)
    return table


if __name__ == "__main__":
    sys.exit(main())
