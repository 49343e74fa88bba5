"""Stored submissions of a period with their published findings, as cases to be given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from pipelines.marts.published import PublishedRun
from pipelines.returned.give_back import Case
from pipelines.store.submissions import NOT_KEPT


def stored_cases(
    run: PublishedRun, raw: Path, period: str, units: Sequence[str]
) -> tuple[list[str], Iterator[Case]]:
    """The units that have no submission of the period, and the latest file of each other one that has findings.

    units: codes; all units where it is empty. A file whose content was not kept comes as a case without bytes.
    """
    files = run.scan("submissions").filter(pl.col("period") == period, pl.col("unit_code").is_not_null())
    if units:
        files = files.filter(pl.col("unit_code").is_in(list(units)))
    latest = (
        files.sort("received_at", "submission_id")
        .unique("unit_code", keep="last", maintain_order=True)
        .sort("unit_code")
        .select("submission_id", "unit_code", "file", "stored_as")
        .collect()
    )
    missing = sorted(set(units) - set(latest["unit_code"]))
    return missing, _cases(run, raw, period, latest)


def _cases(run: PublishedRun, raw: Path, period: str, latest: pl.DataFrame) -> Iterator[Case]:
    findings = (
        run.scan("findings")
        .join(latest.lazy().select("submission_id"), on="submission_id", how="semi")
        .collect()
    )
    by_file = findings.partition_by("submission_id", as_dict=True)
    for submission_id, unit_code, file, stored_as in latest.iter_rows():
        found = by_file.get((submission_id,))
        if found is not None:
            content = b"" if file == NOT_KEPT else (raw / stored_as).read_bytes()
            yield Case(file, content, list(found.iter_rows(named=True)), unit_code, period, unit_code)
