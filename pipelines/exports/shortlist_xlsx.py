"""The list of a year as .xlsx: whoever has only this file can recompute every score and every choice from its sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from pipelines.exports.list_manifest import SHEET, Line, ListManifest, Noting, shown
from pipelines.exports.list_rules import ITEMS_HEAD, facts
from pipelines.exports.list_tables import ListTable, ListTables
from pipelines.exports.sheets import Workbook
from pipelines.exports.shortlist import marks, trial_mark
from pipelines.marts.published import PublishedRun

ABOVE = 3  # title, remark, warning


def write_shortlist(run: PublishedRun, year: int, target: BinaryIO | Path) -> None:
    """Write the list. The same run gives the same bytes. Raises ShortlistUnavailable."""
    noting = Noting()
    properties = dict(facts(run, year))
    with Workbook(
        target,
        f"{trial_mark(run)}{year}年度示范点名单",
        datetime(year, 12, 31, tzinfo=UTC),
        remark(run),
        marks(run),
        properties,
    ) as book:
        for table in ListTables(run, year).all():
            lines = noting.lines(table.name, _lines(run, table)())
            # what stands above the rows is written by the workbook itself
            for _ in islice(lines, ABOVE + 1):
                pass
            book.sheet(
                table.name, table.title, table.frame.columns, lines, table.empty, count=table.frame.height
            )
        manifest = ListManifest.of(run, year, "xlsx", noting.content())
        book.sheet(
            SHEET,
            f"{trial_mark(run)}{year}年度示范点名单核验信息",
            ITEMS_HEAD,
            shown(run, year, manifest),
            "",
        )


def _lines(run: PublishedRun, table: ListTable) -> Callable[[], Iterable[Line]]:
    """Every line of a sheet, from the title down."""
    above: list[Line] = [(table.title,), (remark(run),), (marks(run) or "",)]
    return lambda: chain(above, table.lines())


def remark(run: PublishedRun) -> str:
    """What stands below the title of every sheet."""
    return f"目录版本 {run.manifest['catalogue']['version']}　数据批次 {run.name}"
