"""A table of a page as .xlsx, just as it is read there. What it holds beyond its text stands in the page's own exports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pipelines.exports.cells import legal
from pipelines.exports.sheets import Workbook
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

EMPTY = "没有可以列出的内容。"
SHEET_NAME_LENGTH = 31  # Excel's limit
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_WHOLE = re.compile(r"-?\d{1,9}")


def write_page_table(
    run: PublishedRun,
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    target: BinaryIO | Path,
) -> None:
    """Write a table under its caption, with the run it was read from. Whole numbers are numbers; all else is the text that is shown,
    so that no figure is rounded anew."""
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    with Workbook(target, caption, run.clock.replace(tzinfo=None), f"数据批次 {run.name}", warning) as book:
        lines = [[_cell(text) for text in row] for row in rows]
        book.sheet(sheet_name(caption), caption, headings(header), lines, EMPTY)


def sheet_name(caption: str) -> str:
    """A name that Excel takes for a sheet."""
    return _NOT_IN_A_NAME.sub("", legal(caption))[:SHEET_NAME_LENGTH].strip() or "数据表"


def headings(titles: Sequence[str]) -> list[str]:
    """The columns' titles as a native table takes them: none empty, no two alike in any case."""
    found: list[str] = []
    for place, title in enumerate(titles, start=1):
        first = name = title or f"列{place}"
        again = 1
        while name.casefold() in {other.casefold() for other in found}:
            again += 1
            name = f"{first}（{again}）"
        found.append(name)
    return found


def _cell(text: str) -> object:
    # a code such as 001 is no number
    is_number = _WHOLE.fullmatch(text) and str(int(text)) == text
    return int(text) if is_number else text
