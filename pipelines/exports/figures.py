"""Numbers, standards and times as the reader sees them, on pages, in files and on the terminal. No frames, no HTML.

One rule rules the rest: what is shown may not contradict what was judged. A figure has one decimal, and
more where one would carry it to its standard or across: 2249/2500 against 90% shows 89.96%.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from zoneinfo import ZoneInfo

Number = int | float | Decimal | Fraction

DECIMALS = 1
MOST_DECIMALS = 4
WHOLE_OR_NONE = (Fraction(0), Fraction(100))  # what a percentage without a standard may not be rounded to
NOTHING = "—"
COMPARE_ZH = {"at_least": "≥", "above": "＞", "at_most": "≤"}


def exact(number: Number) -> Fraction:
    """The number as it is written: 0.8996 is 2249/2500, not its binary neighbour."""
    return Fraction(Decimal(repr(number)) if isinstance(number, float) else number)


def side(value: Fraction, limit: Fraction) -> int:
    """Where the value stands: -1 below the limit, 0 on it, 1 above it."""
    return (value > limit) - (value < limit)


def rounded(value: Fraction, limits: tuple[Fraction, ...] = ()) -> Decimal:
    """To one decimal, or to as many more (up to four) as keep the figure on the value's side of every limit.

    Halves go up. Where four are not enough, the fourth is rounded away from the limit.
    """
    places = [(limit, side(value, limit)) for limit in limits]

    def agrees(shown: Decimal) -> bool:
        return all(side(Fraction(shown), limit) == place for limit, place in places)

    shown = _candidates(value)
    nearest = next(shown)
    return next(filter(agrees, chain((nearest,), shown)), nearest)


def _candidates(value: Fraction) -> Iterator[Decimal]:
    """What the value may be shown as, the best first: the nearest to ever more decimals, then the next ones under and over it."""
    above, whole = value.numerator, value.denominator
    for decimals in range(DECIMALS, MOST_DECIMALS + 1):
        yield Decimal((2 * above * 10**decimals + whole) // (2 * whole)).scaleb(-decimals)
    below = Decimal(above * 10**MOST_DECIMALS // whole).scaleb(-MOST_DECIMALS)
    yield from (below, below + Decimal(1).scaleb(-MOST_DECIMALS))


def rate(part: Number | None, whole: Number | None = 1) -> str:
    """A share as a percentage; short of everything is never 100.0%, and something is never 0.0%."""
    if part is None or not whole:
        return NOTHING
    value = exact(part) / exact(whole) * 100
    return f"{rounded(value, WHOLE_OR_NONE)}%"


def number(value: Number | None) -> str:
    """A count or an exact sum, as it stands: no rounding, no trailing zeros, no separators."""
    if value is None:
        return NOTHING
    text = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):f}"  # type: ignore[arg-type]
    return text.rstrip("0").rstrip(".") if "." in text else text


def measure(
    numerator: Number | None,
    denominator: Number | None,
    unit: str,
    standard: Number | None = None,
) -> str:
    """An indicator's value in its unit, on the right side of its standard. 0/0 has no value.

    What is divided by 1 is a count and stays whole: 6次, but 6.0次 on the average of branches.
    """
    if numerator is None or not denominator:
        return NOTHING
    scale = 100 if unit == "%" else 1
    if standard is not None:
        limits: tuple[Fraction, ...] = (exact(standard) * scale,)
    else:
        limits = WHOLE_OR_NONE if unit == "%" else ()
    shown = rounded(exact(numerator) / exact(denominator) * scale, limits)
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


def file_name(path: str) -> str:
    """A sender's file without the folders that it came in."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def official_time(moment: datetime, zone: ZoneInfo) -> str:
    """UTC as an official paper writes the offices' time (GB/T 9704-2012, 7.3.5.4: no leading zeros): 2026年2月19日9时, 2026年1月20日23时59分."""
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    minutes = f"{local.minute}分" if local.minute else ""
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{minutes}"


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """UTC as the offices' time, to the minute. zone: the calendar's, as the published run says it."""
    if moment is None:
        return NOTHING
    return moment.replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
