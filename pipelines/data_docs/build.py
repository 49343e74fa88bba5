"""Building the documents of a period from the published marts: beside the old ones, then swapped in whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipelines.data_docs.results import suite_results
from pipelines.data_docs.vendor import put_beside
from pipelines.failures import UserMistake
from pipelines.marts.published import PublishedRun
from pipelines.plan import Inputs
from pipelines.validation.beside import Sender, beside, ledger_questions
from pipelines.validation.engine import SuiteRunner
from pipelines.validation.schema import ANSWER_SCHEMA

_KEY = "built.json"
INDEX = "index.html"
_SYNTHETIC = "示例数据：页面上的单位和数字均为虚构，只用于演示。"


class DocsRefused(UserMistake):
    """The documents cannot be built from what is published. The message is Chinese and says what to do."""


def documented_periods(run: PublishedRun) -> list[str]:
    """The periods in which a submission counts, in order."""
    counted = run.scan("submissions").filter(pl.col("counts")).select("period").unique().collect()
    return sorted(counted["period"].to_list())


def kept_current(run: PublishedRun, folder: Path) -> list[str]:
    """The periods whose documents a run sees to: the last one, and those that someone has had built."""
    known = documented_periods(run)
    return [period for period in known if period == known[-1] or (folder / period).is_dir()]


def build_docs(
    run: PublishedRun, inputs: Inputs, folder: Path, periods: list[str], report: Callable[[str], None]
) -> list[str]:
    """Build the documents of these periods that are not yet so, below `folder`; the periods built.

    Raises DocsRefused where the marts were made by another catalogue, ExpectationError where an expectation could not run.
    """
    if run.manifest["catalogue"]["sha256"] != inputs.catalogue.sha256:
        raise DocsRefused("指标目录在上次运行后有改动，请先运行 sanxing run，再生成校验文档。")
    keys = {period: _key(run, inputs, period) for period in periods}
    stale = [period for period in periods if _built(folder / period) != keys[period]]
    if stale:
        runner = SuiteRunner()
        for period in stale:
            report(f"生成{period}校验文档")
            _build(run, inputs, folder, period, keys[period], runner)
    return stale


def _build(
    run: PublishedRun, inputs: Inputs, folder: Path, period: str, key: str, runner: SuiteRunner
) -> None:
    # Seconds of imports of the library.
    from pipelines.data_docs.pages import index_page, result_page

    period_zh = run.read("dim_period").filter(pl.col("period") == period)["label_zh"].item()
    answers = counted_answers(run, period)
    suites = [
        (f"{suite.result.suite_name}.html", suite)
        for suite in suite_results(answers, _beside(answers, inputs), inputs.catalogue, runner)
    ]
    note = _SYNTHETIC if run.is_synthetic else ""
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


def counted_answers(run: PublishedRun, period: str) -> pl.DataFrame:
    """The answers of the period's submissions that count, as the rules take them (ANSWER_SCHEMA)."""
    counted = run.scan("submissions").filter(pl.col("counts"), pl.col("period") == period)
    kinds = run.scan("dim_unit").select("unit_code", unit_kind="kind")
    return (
        run.scan("answers")
        .filter(pl.col("period") == period)
        .join(counted.select("submission_id"), on="submission_id", how="semi")
        .join(kinds, on="unit_code")
        .rename({"value": "number"})
        .select(ANSWER_SCHEMA.keys())
        .sort("submission_id", "branch_code", "question", "month")
        .collect()
    )


def _beside(answers: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What the submissions are compared with beside their answers, as when they were judged."""
    editions = {stored.submission_id: inputs.edition_of(stored) for stored in inputs.submissions}
    sent_by = answers.select("submission_id", "unit_code", "period").unique(maintain_order=True)
    senders = [Sender(code, unit, period, editions[code]) for code, unit, period in sent_by.iter_rows()]
    summed = answers.filter(
        pl.col("branch_code").is_not_null(), pl.col("question").is_in(ledger_questions(inputs.catalogue))
    )
    ledger = summed.select("submission_id", "branch_code", "question", "number")
    return beside(senders, ledger, inputs.catalogue, inputs.registry)


def _key(run: PublishedRun, inputs: Inputs, period: str) -> str:
    """Changes where the documents of the period would: with a submission, the registry, the catalogue or the program."""
    counted = run.scan("submissions").filter(pl.col("counts"), pl.col("period") == period)
    submissions = set(counted.select("submission_id").collect()["submission_id"])
    parts = sorted(
        f"{s.submission_id}\x1f{inputs.read_key(s)}"
        for s in inputs.submissions
        if s.submission_id in submissions
    )
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
