"""Text that is safe to open in an office program, and CSV as Excel and WPS read it. Knows no mart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import polars as pl

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"
# Controls, marks that cannot be seen, lone surrogates, ends of line and paragraph: no XML may hold the first, no cell needs the others.
UNSEEN = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"


def seen(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with what cannot be seen taken out of its texts: a name may be anything that someone typed."""
    return frame.with_columns(pl.col(pl.String).str.replace_all(UNSEEN, ""))


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula (CWE-1236)."""
    return text.startswith(FORMULA_STARTS)


def neutral(value: object) -> object:
    """The value for a CSV cell.

    Text that would be a formula gets a leading apostrophe; numbers stay numbers.
    """
    return f"'{value}" if isinstance(value, str) and starts_formula(value) else value


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with byte order mark and CRLF, so that Chinese opens right in Excel; nothing is written for
    None.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if value is None else neutral(value) for value in row] for row in rows])
    return (BOM + buffer.getvalue()).encode("utf-8")
