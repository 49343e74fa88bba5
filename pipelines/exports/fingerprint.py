"""What a row says, whatever file it stands in, as a short digest: an office program that opens and saves a list changes no row.

A number counts to twelve digits, and one that was saved as text counts as the number; the order of rows counts for nothing, because native
tables are there to be sorted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

# No more digits than a number keeps through every program, and no zero in front: a code stays a code.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,11})(?:\.\d{1,25})?(?:[eE][-+]?\d{1,3})?")
_BETWEEN = "\x1f"
REMEMBERED = 20_000  # what a long table repeats, line by line

RowDigest = bytes


def cell_text(value: object) -> str:
    """A cell as it is compared: empty for nothing, a number to twelve digits, a text without the blanks around it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return _number(value)
    return _text(str(value))


@lru_cache(maxsize=REMEMBERED)
def _text(value: str) -> str:
    text = value.strip()
    return _number(float(text)) if _NUMBER.fullmatch(text) else text


@lru_cache(maxsize=REMEMBERED)
def _number(value: float) -> str:
    # xlsxwriter writes 16 digits: what a file holds is rounded twice, and so is this
    shown = f"{float(f'{value:.16G}'):.12g}"
    return "0" if shown == "-0" else shown


def row_digest(cells: Sequence[object]) -> RowDigest:
    """The digest of a row: 16 bytes. Empty cells at its end count for nothing."""
    text = _BETWEEN.join(map(cell_text, cells)).rstrip(_BETWEEN)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def digests(lines: Iterable[Sequence[object]]) -> Iterator[RowDigest]:
    """The digest of each line that says anything: blank lines count for nothing."""
    return (digest for digest in map(row_digest, lines) if digest != BLANK)


def rows_digest(digests: Iterable[RowDigest]) -> str:
    """The digest of rows in any order, in hexadecimal."""
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()


BLANK = row_digest(())
