"""Phrases that several kinds of sign share."""

from __future__ import annotations

from expectations import Period


def months_zh(period: Period, quarters: int) -> str:
    """本期, or 最近4个季度."""
    return "本期" if quarters == 1 else f"最近{quarters}个季度"


def reporters_zh(over: str) -> str:
    """Whose figures are taken together."""
    return "各支部各月" if over == "unit" else "各单位"
