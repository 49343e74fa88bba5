"""Numbers and times as the reader sees them. No frames, no HTML, no Streamlit.

One rule rules the rest: what is shown may not contradict what was judged. A figure that rounding would
carry across its standard is rounded away from it: 2249/2500 against 90% shows 89.9%.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

Number = int | float | Decimal | Fraction
Compare = Literal["at_least", "above", "at_most"]

NOTHING = "—"
BEIJING = ZoneInfo("Asia/Shanghai")
COMPARE_ZH = {"at_least": "≥", "above": "＞", "at_most": "≤"}


def exact(number: Number) -> Fraction:
    """The number as it is written: 0.8996 is 2249/2500, not its binary neighbour."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def passes(value: Fraction, standard: Fraction, compare: str) -> bool:
    """Whether the value meets the standard, exactly."""
    if compare == "at_most":
        return value <= standard
    return value > standard if compare == "above" else value >= standard


def rounded(value: Fraction, bounds: tuple[tuple[Fraction, str], ...] = (), decimals: int = 1) -> Decimal:
    """The nearest of the two neighbours that stands on the same side of every bound as the value; halves
    go up.
    """
    scaled = value * 10**decimals
    low, high = math.floor(scaled), math.ceil(scaled)
    nearest = (high, low) if high - scaled <= scaled - low else (low, high)

    def agrees(candidate: int) -> bool:
        shown = Fraction(candidate, 10**decimals)
        return all(passes(shown, limit, how) == passes(value, limit, how) for limit, how in bounds)

    chosen = next((candidate for candidate in nearest if agrees(candidate)), nearest[0])
    return Decimal(chosen).scaleb(-decimals)


def rate(part: Number | None, whole: Number | None = 1) -> str:
    """A share as a percentage; short of everything is never 100.0%, and something is never 0.0%."""
    if part is None or not whole:
        return NOTHING
    value = exact(part) / exact(whole) * 100
    return f"{rounded(value, ((Fraction(100), 'at_least'), (Fraction(0), 'above')))}%"


def difference(now: Number | None, before: Number | None) -> str:
    """The change between two shares, in percentage points; empty where one of them is
    missing.
    """
    if now is None or before is None:
        return ""
    change = rounded((exact(now) - exact(before)) * 100)
    return "持平" if change == 0 else f"{'上升' if change > 0 else '下降'}{abs(change)}个百分点"


def number(value: Number | None) -> str:
    """A count or an exact sum, as it stands: no rounding, no trailing zeros, no separators."""
    if value is None:
        return NOTHING
    text = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):f}"  # type: ignore[arg-type]
    return text.rstrip("0").rstrip(".") if "." in text else text


def score(value: float | None) -> str:
    """A score from 0 to 100, to one decimal."""
    return NOTHING if value is None else f"{rounded(exact(value))}"


def measure(
    numerator: Number | None,
    denominator: Number | None,
    unit: str,
    standard: Number | None = None,
    compare: str | None = None,
) -> str:
    """An indicator's value in its unit, to one decimal, on the right side of its standard. 0/0 has no value.

    What is divided by 1 is a count and stays whole: 6次, but 6.0次 on the average of branches.
    """
    if numerator is None or not denominator:
        return NOTHING
    scale = 100 if unit == "%" else 1
    bounds: tuple[tuple[Fraction, str], ...] = ()
    if standard is not None:
        bounds = ((exact(standard) * scale, compare or "at_least"),)
    elif unit == "%":
        bounds = ((Fraction(100), "at_least"), (Fraction(0), "above"))
    value = exact(numerator) / exact(denominator) * scale
    shown = rounded(value, bounds)
    if unit == "%":
        return f"{shown}%"
    return f"{number(shown) if exact(denominator) == 1 else shown}{unit}"


def standard(value: Number | None, unit: str, compare: str | None) -> str:
    """A standard with its sign.

    ≥90%, ＞0%, ≤0项, and 100% alone where all is asked; a dash where there is none.
    """
    if value is None:
        return NOTHING
    scaled = exact(value) * (100 if unit == "%" else 1)
    text = number(Decimal(scaled.numerator) / Decimal(scaled.denominator))
    if unit == "%" and scaled == 100:
        return "100%"
    return f"{COMPARE_ZH[compare or 'at_least']}{text}{unit}"


def rank(place: int | None, low: int | None, high: int | None, peers: int) -> str:
    """Rank among peers with the range that missing indicators leave open: 3（2～5）/ 24."""
    if place is None:
        return NOTHING
    spread = f"（{low}～{high}）" if low is not None and high is not None and low != high else ""
    return f"{place}{spread} / {peers}"


def file_name(path: str) -> str:
    """A sender's file without the folders that it came in."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def local_time(moment: datetime | None) -> str:
    """UTC as Beijing time, to the minute."""
    if moment is None:
        return NOTHING
    return moment.replace(tzinfo=UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
