"""What a mark is: the colour of a severity, and the words in a cell's comment, which remember the cell's own fill.

Addresses go stale when rows move, and office programs drop authors and hidden parts; the text of a comment travels with its
cell. So a mark is known by its first and last line, and the last line holds what is needed to take the mark away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

AUTHOR = "三型报送系统"
_FIRST = f"【{AUTHOR}核验意见】"
_LAST = "本格原底色："
_KEEP = "；再次报送时自动恢复，请保留此行）"
_MARK = re.compile(rf"\n?{_FIRST}.*?（{_LAST}([^；）\s]{{1,60}})\s*；[^）]*）", re.DOTALL)
_LONGEST = 4000


class Severity(NamedTuple):
    """A severity: its word, and the colour of its cells. The word stands beside the colour wherever the colour does."""

    label: str
    colour: str


# Worst first: a cell with several findings takes the colour of the worst. Dark text reads on all three.
SEVERITIES = {
    "block": Severity("强制", "F4A6A0"),
    "explain": Severity("核实", "FFD966"),
    "inform": Severity("提示", "9DC9F0"),
}
COLOURS = frozenset(severity.colour for severity in SEVERITIES.values())


def mark_text(lines: Sequence[str], fill: str) -> str:
    """The comment of a marked cell: one line a finding, and the cell's own fill as a word (styles.py)."""
    said = "\n".join(lines).replace(_FIRST, "").replace(_LAST, "")[:_LONGEST]
    return f"{_FIRST}\n{said}\n（{_LAST}{fill}{_KEEP}"


def find_mark(text: str) -> tuple[int, int, str] | None:
    """Where a mark stands in a comment's text, and the fill that it remembers; None where there is none."""
    match = _MARK.search(text)
    return (match.start(), match.end(), match[1]) if match else None
