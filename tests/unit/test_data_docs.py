"""The Data Docs' pages: whole without an outside, in Chinese, with counts and places and never what someone typed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from expectations import Catalogue, Period
from expectations.catalogue import HERE
from expectations.suites import LEDGER
from pipelines.data_docs.pages import index_page, result_page
from pipelines.data_docs.results import EXAMPLES, SuiteResult, suite_results
from pipelines.data_docs.vendor import Vendored, put_beside, vendored
from pipelines.labels import SYNTHETIC_FILE, SYNTHETIC_PAGE
from pipelines.validation.validate import validate_answers
from tests.benchmarks.quarter import quarter_answers

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def answers(catalogue: Catalogue) -> pl.DataFrame:
    """A small province's first quarter with faults, whose texts and sheets would be markup."""
    made = quarter_answers(20, Period(2025, 1), 3, catalogue)
    return made.with_columns(
        raw=pl.when(pl.col("raw") == "约十").then(pl.lit(HOSTILE)).otherwise(pl.col("raw")),
        sheet=pl.when(pl.col("branch_code").is_null())
        .then(pl.lit(f"表{HOSTILE}"))
        .otherwise(pl.col("sheet")),
    )


@pytest.fixture(scope="module")
def broken(answers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """What the rules find in it, as the documents take it."""
    kind = dict(answers.select("submission_id", "unit_kind").iter_rows())
    rows = [
        (
            LEDGER if finding.branch_code else kind[submission],
            finding.rule,
            f"{finding.question}.m{finding.month}" if finding.month else finding.question,
            submission,
            finding.sheet,
            finding.cell,
        )
        for submission, finding in validate_answers(answers, catalogue)
    ]
    names = ["form", "rule", "column", "unit_code", "sheet", "cell"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


@pytest.fixture(scope="module")
def suites(answers: pl.DataFrame, broken: pl.DataFrame, catalogue: Catalogue) -> list[SuiteResult]:
    form = pl.when(pl.col("branch_code").is_null()).then(pl.col("unit_kind")).otherwise(pl.lit(LEDGER))
    rows = answers.select("submission_id", "branch_code", form=form).unique()
    forms = dict(rows.group_by("form").len().iter_rows())
    return list(suite_results(forms, broken, catalogue, Period(2025, 1)))


@pytest.fixture(scope="module")
def pages(suites: list[SuiteResult]) -> dict[str, str]:
    period, note = "2025年第一季度", "示例数据"
    files = [(f"{suite.result.suite_name}.html", suite) for suite in suites]
    made = {file: result_page(suite, period, note) for file, suite in files}
    return made | {"index.html": index_page(files, period, note)}


class Loads(HTMLParser):
    """What a page names to be loaded or gone to, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.named: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.named += [
            value for name, value in attrs if name in ("src", "href", "action", "data-href") and value
        ]


def test_every_rule_of_every_form_is_there(suites: list[SuiteResult], catalogue: Catalogue) -> None:
    assert [suite.result.suite_name for suite in suites] == [
        "city-q1",
        "ledger-q1",
        "school-q1",
        "university-q1",
    ]
    rules = {
        result.expectation_config.description.split("（")[0]
        for suite in suites
        for result in suite.result.results
    }
    assert {"应填未填", "填写内容的类型不对", "数值超出范围"} < {rule.split("，")[-1] for rule in rules}


def test_counts_are_those_of_the_findings(suites: list[SuiteResult], broken: pl.DataFrame) -> None:
    told = sum(result.result["unexpected_count"] for suite in suites for result in suite.result.results)
    assert told == broken.height > 20
    for suite in suites:
        for result in suite.result.results:
            places = result.result["partial_unexpected_list"]
            assert len(places) == min(result.result["unexpected_count"], EXAMPLES)
            assert result.success == (not places)


def test_pages_load_nothing_from_outside(pages: dict[str, str], tmp_path: Path) -> None:
    put_beside(tmp_path)
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} | set(pages) | {"data:,"}
    for page in pages.values():
        for address in Loads(page).named:
            assert address.startswith("#") or address in there, address
        assert not re.search(r"https?://", page)
        assert not re.search(r"@import|url\((?!['\"]?data:)", page)


def test_no_page_holds_what_was_typed(pages: dict[str, str], answers: pl.DataFrame) -> None:
    """Not even escaped: neither an answer nor a sheet's name of the sender's own."""
    assert answers.filter(pl.col("raw") == HOSTILE).height > 5
    for page in pages.values():
        assert "img" not in Loads(page).tags
        assert "onerror" not in page.replace("表_img_src_x_onerror_alert(1)_", "")
    assert any("表_img_src_x_onerror_alert(1)_" in page for page in pages.values()), "the place is named"


def test_pages_say_nothing_of_machine_or_time(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert not re.search(r"/(?:tmp|root|home|usr)/|__none__|run_id|batch_id", page)


def test_pages_are_in_chinese_and_say_that_they_are_samples(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        assert "示例数据" in page
        shown = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", page)
        english = set(re.findall(r"[A-Za-z]{4,}", shown)) - {"Great", "Expectations", "city", "ledger", "school", "university"}  # fmt: skip
        english -= set(re.findall(r"[A-Za-z]{4,}", "表_img_src_x_onerror_alert(1)_"))
        assert not english, (name, english)


def test_the_same_results_give_the_same_page(suites: list[SuiteResult], pages: dict[str, str]) -> None:
    again = result_page(suites[0], "2025年第一季度", "示例数据")
    assert again == pages[f"{suites[0].result.suite_name}.html"]


@pytest.mark.parametrize("entry", vendored(), ids=lambda entry: entry.file)
def test_third_party_files_are_what_is_declared(entry: Vendored) -> None:
    assert entry.is_whole
    assert entry.licence == "MIT"


def test_nothing_undeclared_is_shipped() -> None:
    folder = vendored()[0].path.parent
    assert {path.name for path in folder.iterdir()} == {entry.file for entry in vendored()}
    licensed = {entry.package for entry in vendored() if "LICENSE" in entry.file}
    assert licensed == {entry.package for entry in vendored()}


def test_the_mark_of_synthetic_data_stands_in_one_place() -> None:
    """The dashboard and the documents beside it say the same, and so do all exported files."""
    sources = [path for room in ("pipelines", "dashboards") for path in (HERE.parent / room).rglob("*.py")]
    for words in (SYNTHETIC_PAGE, SYNTHETIC_FILE):
        assert [p.name for p in sources if f'"{words}"' in p.read_text("utf-8")] == ["labels.py"]
