"""All candidates of a year with result and reasons as .csv, and the manifest that lies beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import polars as pl

from pipelines.exports.cells import csv_bytes, neutral
from pipelines.exports.list_manifest import Contents, Line, ListManifest, content_of
from pipelines.exports.list_tables import ListTables
from pipelines.exports.shortlist import marks
from pipelines.marts.published import PublishedRun

PART = "候选单位"


def write_shortlist_csv(run: PublishedRun, year: int, target: BinaryIO) -> None:
    """Write the candidates. The same run gives the same bytes. Raises ShortlistUnavailable."""
    frame = _frame(run, year)
    target.write(csv_bytes(frame.columns, frame.iter_rows()))


def csv_manifest(run: PublishedRun, year: int) -> bytes:
    """The manifest of that file: FILE.manifest.json."""
    manifest = ListManifest.of(run, year, "csv", content_of(csv_contents(run, year)))
    return (manifest.text() + "\n").encode("utf-8")


def csv_contents(run: PublishedRun, year: int) -> Contents:
    """What the file says, line by line, as it is written."""
    frame = _frame(run, year)

    def lines() -> Iterable[Line]:
        yield tuple(frame.columns)
        for row in frame.iter_rows():
            yield tuple(map(neutral, row))

    return {PART: lines}


def _frame(run: PublishedRun, year: int) -> pl.DataFrame:
    frame = ListTables(run, year).reasons().frame
    said = marks(run)
    return frame.with_columns(pl.lit(said).alias("说明")) if said else frame
