"""Text that is safe to open in an office program, and CSV as Excel and WPS read it. Knows no mart."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

import polars as pl

BOM = "\ufeff"
LONGEST = 32_767  # what a cell of Excel holds, in units of UTF-16
CUT = "……（原文过长，以下从略）"
# Blanks and marks that cannot be seen may stand before the sign: some programs pass them over. A line or a tab begins a cell anew.
_FORMULA = re.compile(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
# Controls, marks that cannot be seen, ends of line and paragraph, and what is no character: no XML may hold the first and last, no cell needs the others.
UNSEEN = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\x{FFFE}\x{FFFF}]"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def seen(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as its texts can be shown: without what cannot be seen, for a name may be anything that someone typed; none longer than a cell."""
    clean = frame.with_columns(pl.col(pl.String).str.replace_all(UNSEEN, ""))
    lengths = clean.select(pl.col(pl.String).str.len_bytes().max()).to_dicts()
    long = [name for each in lengths for name, length in each.items() if (length or 0) > LONGEST]
    return clean.with_columns(
        pl.col(name).map_elements(fitting, return_dtype=pl.String, skip_nulls=True) for name in long
    )


def fitting(text: str) -> str:
    """The text as far as a cell holds it; where that is not all of it, its end says so."""
    if len(text) <= LONGEST // 2:
        return text
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT


def legal(text: str) -> str:
    """The text without what no XML may hold: a file with it would not be written, or not be opened."""
    return _ILLEGAL.sub("", text)


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula (CWE-1236)."""
    return _FORMULA.match(text) is not None


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
    writer.writerow([neutral(heading) for heading in header])
    writer.writerows([["" if value is None else neutral(value) for value in row] for row in rows])
    return (BOM + buffer.getvalue()).encode("utf-8")
