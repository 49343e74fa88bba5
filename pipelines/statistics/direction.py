"""Which way is better, in the catalogue's words and in those of the published methods."""

from __future__ import annotations

from typing import Literal

Direction = Literal["higher", "lower", "increase", "decrease", 1, -1]

_SIGNS: dict[str | int, int] = {"higher": 1, "increase": 1, 1: 1, "lower": -1, "decrease": -1, -1: -1}


def sign(direction: Direction) -> int:
    """1 where higher is better, -1 where lower is. ValueError for any other word."""
    try:
        return _SIGNS[direction]
    except KeyError:
        raise ValueError(f"a direction is one of {', '.join(map(str, _SIGNS))}, not {direction!r}") from None
