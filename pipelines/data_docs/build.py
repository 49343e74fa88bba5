"""Building the documents of a period from the published marts: beside the old ones, then swapped in whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import polars as pl

from expectations import Catalogue, Period
from expectations.suites import LEDGER
from pipelines.data_docs.results import SuiteResult, suite_results
from pipelines.data_docs.vendor import put_beside
from pipelines.failures import UserMistake
from pipelines.labels import SYNTHETIC_PAGE
from pipelines.marts.published import PublishedRun
from pipelines.program import program_digest

_KEY = "built.json"
INDEX = "index.html"


class DocsRefused(UserMistake):
    """The documents cannot be built from what is published. The message is Chinese and says what to do."""


def documented_periods(run: PublishedRun) -> list[str]:
    """The periods in which a submission counts, in order."""
    counted = run.scan("submissions").filter(pl.col("counts")).select("period").unique().collect()
    return sorted(counted["period"].to_list())


def build_docs(
    run: PublishedRun, catalogue: Catalogue, folder: Path, periods: list[str], report: Callable[[str], None]
) -> list[str]:
    """Build the documents of these periods that are not yet so, below `folder`; the periods built.

    Raises DocsRefused where the marts were made by another catalogue.
    """
    if run.manifest["catalogue"]["sha256"] != catalogue.sha256:
        raise DocsRefused("指标目录在上次运行后有改动，请先运行 sanxing run，再生成校验文档。")
    keys = {period: _key(run, period) for period in periods}
    stale = [period for period in periods if _built(folder / period) != keys[period]]
    for period in stale:
        report(f"生成{period}校验文档")
        forms, broken = judged_forms(run, period), broken_cells(run, period)
        results = suite_results(forms, broken, catalogue, Period.parse(period))
        _build(run, results, folder, period, keys[period])
    return stale


def _build(run: PublishedRun, results: Iterable[SuiteResult], folder: Path, period: str, key: str) -> None:
    # Seconds of imports of the library.
    from pipelines.data_docs.pages import index_page, result_page

    period_zh = run.read("dim_period").filter(pl.col("period") == period)["label_zh"].item()
    suites = [(f"{suite.result.suite_name}.html", suite) for suite in results]
    note = SYNTHETIC_PAGE if run.is_synthetic else ""
    part = folder / f".part-{period}-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    try:
        put_beside(part)
        for file, suite in suites:
            (part / file).write_text(result_page(suite, period_zh, note), "utf-8")
        (part / INDEX).write_text(index_page(suites, period_zh, note), "utf-8")
        (part / _KEY).write_text(json.dumps({"key": key}) + "\n", "utf-8")
        _swap(part, folder / period)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def judged_forms(run: PublishedRun, period: str) -> dict[str, int]:
    """How many forms of each kind of unit, and rows of ledgers, were judged in the submissions that count."""
    rows = _answers(run, period).select("form", "submission_id", "branch_code").unique()
    return dict(rows.group_by("form").len().sort("form").collect().iter_rows())


def broken_cells(run: PublishedRun, period: str) -> pl.DataFrame:
    """What breaks a rule in the submissions that count: form, rule, column (of the suite's frame), unit_code, sheet, cell."""
    month = ((pl.col("month") - 1) % 3 + 1).cast(pl.String)
    cell = ["submission_id", "question", "sheet", "cell"]
    return (
        run.scan("findings")
        .select(*cell, "rule")
        .join(_answers(run, period), on=cell)
        .with_columns(
            column=pl.when(pl.col("month").is_null())
            .then(pl.col("question"))
            .otherwise(pl.col("question") + ".m" + month)
        )
        .select("form", "rule", "column", "unit_code", "sheet", "cell")
        .sort(pl.all())
        .collect()
    )


def _answers(run: PublishedRun, period: str) -> pl.LazyFrame:
    """The answers of the period's submissions that count, each with its form."""
    counted = run.scan("submissions").filter(pl.col("counts"), pl.col("period") == period)
    kinds = run.scan("dim_unit").select("unit_code", unit_kind="kind")
    form = pl.when(pl.col("branch_code").is_null()).then(pl.col("unit_kind")).otherwise(pl.lit(LEDGER))
    return (
        run.scan("answers")
        .filter(pl.col("period") == period)
        .join(counted.select("submission_id"), on="submission_id", how="semi")
        .join(kinds, on="unit_code")
        .with_columns(form=form)
    )


def _key(run: PublishedRun, period: str) -> str:
    """Changes where the documents of the period would: with its submissions, what was found, the registry, the catalogue or the program."""
    counted = run.scan("submissions").filter(pl.col("counts"), pl.col("period") == period)
    found = run.scan("findings").join(counted, on="submission_id", how="semi")
    parts = [
        program_digest(),
        run.manifest["catalogue"]["sha256"],
        run.manifest["tables"]["dim_unit"]["sha256"],
        *sorted(counted.select("submission_id").collect()["submission_id"]),
        *sorted(found.select("finding_id").collect()["finding_id"]),
    ]
    return sha256("\x1e".join(parts).encode("utf-8")).hexdigest()


def _built(folder: Path) -> str | None:
    """What the documents there were built of; None where there are none."""
    try:
        return str(json.loads((folder / _KEY).read_text("utf-8"))["key"])
    except (OSError, ValueError, KeyError):
        return None


def _swap(part: Path, place: Path) -> None:
    """Put a built folder in its place. A reader that comes between the two moves is told that there are no documents."""
    old = place.with_name(f".old-{place.name}-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    part.rename(place)
    shutil.rmtree(old, ignore_errors=True)
