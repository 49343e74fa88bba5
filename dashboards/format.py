"""Numbers and times as the pages show them: those of every output, and those that only pages have. No frames, no HTML, no Streamlit."""

from __future__ import annotations

from pipelines.exports.figures import (
    MOST_DECIMALS,
    NOTHING,
    WHOLE_OR_NONE,
    Number,
    exact,
    file_name,
    measure,
    number,
    rate,
    rounded,
    side,
    standard,
)

__all__ = [
    "MOST_DECIMALS",
    "NOTHING",
    "WHOLE_OR_NONE",
    "difference",
    "file_name",
    "interval",
    "measure",
    "number",
    "rank",
    "rate",
    "rounded",
    "score",
    "side",
    "standard",
]


def interval(low: float, high: float) -> str:
    """The ends of an interval of shares, to one decimal: nothing is judged by them."""
    return "～".join(f"{rounded(exact(end) * 100)}%" for end in (low, high))


def difference(now: Number | None, before: Number | None) -> str:
    """The change between two shares, in percentage points; empty where one of them is
    missing.
    """
    if now is None or before is None:
        return ""
    change = rounded((exact(now) - exact(before)) * 100)
    return "持平" if change == 0 else f"{'上升' if change > 0 else '下降'}{abs(change)}个百分点"


def score(value: float | None) -> str:
    """A score from 0 to 100, to one decimal."""
    return NOTHING if value is None else f"{rounded(exact(value))}"


def rank(place: int | None, low: int | None, high: int | None, peers: int) -> str:
    """Rank among peers with the range that missing indicators leave open: 3（2～5）/ 24."""
    if place is None:
        return NOTHING
    spread = f"（{low}～{high}）" if low is not None and high is not None and low != high else ""
    return f"{place}{spread} / {peers}"
