"""Data Docs of a real province: built with a run, on demand and only where stale; swapped whole; never in publication's way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from expectations import Catalogue, Period
from pipelines.data_docs import build
from pipelines.data_docs.build import broken_cells, build_docs, documented_periods, judged_forms
from pipelines.data_docs.results import suite_results
from pipelines.run import run_due
from pipelines.settings import Settings
from tests.conftest import Home, Province


@pytest.fixture
def home(province: Province, tmp_path: Path) -> Home:
    return province.copy(tmp_path / "home")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_run_builds_those_of_every_quarter(home: Home) -> None:
    docs = home.data / "data_docs"
    quarters = ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    assert sorted(path.name for path in docs.iterdir()) == quarters
    pages = {path.name for path in (docs / "2025Q2").glob("*.html")}
    assert pages == {"index.html", "city-q2.html", "ledger-q2.html", "school-q2.html", "university-q2.html"}
    shutil.rmtree(docs / "2025Q2")
    assert "已生成2025Q2的校验文档" in home.sanxing("docs").stdout
    assert sorted(path.name for path in docs.iterdir()) == quarters


def test_counts_are_those_of_the_published_findings(home: Home, catalogue: Catalogue) -> None:
    """Of the submissions that count, by the rules of the suites: what Great Expectations found when it judged them."""
    run = home.published()
    judged = {rule.rule for rule in catalogue.rules if not rule.asks_history and rule.check != "reading"}
    counted = run.read("submissions").filter(pl.col("counts"), pl.col("period") == "2025Q4")
    found = run.read("findings").join(counted, on="submission_id", how="semi")
    wanted = found.filter(pl.col("rule").is_in(judged)).group_by("rule").len().sort("rule")
    assert wanted["len"].sum() > 5
    broken = broken_cells(run, "2025Q4").filter(pl.col("rule").is_in(judged))
    assert broken.group_by("rule").len().sort("rule").equals(wanted)
    told = suite_results(judged_forms(run, "2025Q4"), broken, catalogue, Period(2025, 4))
    shown = sum(result.result["unexpected_count"] for suite in told for result in suite.result.results)
    assert shown == broken.height


def test_what_is_current_is_left_alone(home: Home) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home.data / "data_docs").rglob("*")}
    assert "校验文档已是最新的" in home.sanxing("docs", "--period", "2025Q4").stdout
    assert {path: path.stat().st_mtime_ns for path in (home.data / "data_docs").rglob("*")} == before


def test_the_same_data_give_the_same_pages(home: Home, catalogue: Catalogue) -> None:
    docs = home.data / "data_docs"
    before = tree(docs)
    shutil.rmtree(docs)
    run = home.published()
    assert build_docs(run, catalogue, docs, documented_periods(run), lambda _: None) == documented_periods(
        run
    )
    assert tree(docs) == before


def test_pages_that_were_cut_short_leave_the_old_ones_whole(
    home: Home, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = home.data / "data_docs"
    (docs / "2025Q4" / "built.json").write_text(json.dumps({"key": "older"}), "utf-8")
    before = tree(docs)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "_swap", full)
    with pytest.raises(OSError, match="No space"):
        build_docs(home.published(), catalogue, docs, ["2025Q4"], lambda _: None)
    assert tree(docs) == before


def test_documents_that_cannot_be_built_do_not_undo_publication(
    small: Province, tmp_path: Path, catalogue: Catalogue
) -> None:
    """A file in place of their folder: the run publishes, and says what is missing."""
    home = small.copy(tmp_path)
    docs = home.data / "data_docs"
    shutil.rmtree(docs)
    docs.write_text("in the way", "utf-8")
    shutil.rmtree(home.data / "marts")
    summary = run_due(Settings(home=home.path), catalogue, lambda _: None)
    assert summary.periods
    assert summary.docs_failure
    assert home.published().read("grades").height > 0
    said = home.sanxing("run", "--period", "2025Q2")
    assert "结果已发布，但校验文档没有生成" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


def test_marts_of_another_catalogue_are_refused(home: Home) -> None:
    manifest = home.data / "marts" / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    content["catalogue"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(content), "utf-8")
    done = home.sanxing("docs", check=False)
    assert (done.returncode, "请先运行 sanxing run" in done.stderr) == (2, True)


def test_a_period_without_submissions_is_said(home: Home) -> None:
    done = home.sanxing("docs", "--period", "2021Q1", check=False)
    assert (done.returncode, "没有可以生成的校验文档" in done.stderr) == (2, True)
