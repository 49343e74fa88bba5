"""Stored submissions of a period with their published findings, as cases to be given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.marts.published import PublishedRun
from pipelines.returned.give_back import Case
from pipelines.store.submissions import NOT_KEPT


class Stored(NamedTuple):
    """missing: the units asked for that have no submission of the period; cases: the latest file of each other one that has findings."""

    missing: list[str]
    cases: Iterator[Case]


def stored_cases(run: PublishedRun, raw: Path, period: str, units: Sequence[str]) -> Stored:
    """What there is to give back of a period. The run is read here, the files one by one as the cases are taken.

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
    findings = (
        run.scan("findings")
        .join(latest.lazy().select("submission_id"), on="submission_id", how="semi")
        .collect()
    )
    missing = sorted(set(units) - set(latest["unit_code"]))
    return Stored(missing, _cases(raw, period, latest, findings))


def _cases(raw: Path, period: str, latest: pl.DataFrame, findings: pl.DataFrame) -> Iterator[Case]:
    by_file = findings.partition_by("submission_id", as_dict=True)
    for submission_id, unit_code, file, stored_as in latest.iter_rows():
        found = by_file.get((submission_id,))
        if found is not None:
            content = b"" if file == NOT_KEPT else (raw / stored_as).read_bytes()
            yield Case(file, content, list(found.iter_rows(named=True)), unit_code, period, unit_code)


def of_no_unit(run: PublishedRun, period: str, units: Sequence[str]) -> list[tuple[str, str]]:
    """Refused files of which unit or period is not certain: the sender's file name, and why each was refused.

    Those without a period may be of this one. units: of these alone, where it is not empty.
    """
    files = run.scan("submissions").filter(
        pl.col("state") == "refused",
        pl.col("period").is_null() | ((pl.col("period") == period) & pl.col("unit_code").is_null()),
    )
    if units:
        files = files.filter(pl.col("unit_code").is_in(list(units)))
    reasons = run.scan("findings").select("submission_id", "message")
    return (
        files.join(reasons, on="submission_id")
        .sort("file", "submission_id")
        .select("file", "message")
        .collect()
        .rows()
    )
