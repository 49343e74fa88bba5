"""The gates of selection.yaml: what each asks of a candidate, what was found, and the words for a candidate that misses one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from expectations.models.selection import Gates, ShortlistGates
from expectations.period import Period
from pipelines.selection.pool import Floats
from pipelines.selection.schemas import SHORTLIST_GATES


class Gate(NamedTuple):
    """One gate of one candidate, in Chinese; `obstacle` is what is said of a candidate that does not pass.

    is_past: whether what stands in the way can no longer be mended this year, by a correction either.
    """

    name: str
    required: str
    found: str
    passes: bool
    obstacle: str
    is_past: bool


def judge_all(candidates: pl.DataFrame, score: Floats, gates: Gates) -> dict[str, list[Gate]]:
    """unit_code → its gates, of one year's candidates (the table `candidates`). score: of each candidate; NaN where there is none."""
    return {
        candidate["unit_code"]: judge(candidate, scored, gates)
        for candidate, scored in zip(candidates.iter_rows(named=True), score.tolist(), strict=True)
    }


def obstacles(judged: Mapping[str, list[Gate]]) -> dict[str, list[Gate]]:
    """The gates that each unit misses, of those that miss some."""
    missed = {code: [gate for gate in gates if not gate.passes] for code, gates in judged.items()}
    return {code: gates for code, gates in missed.items() if gates}


def gate_rows(candidates: pl.DataFrame, judged: Mapping[str, list[Gate]]) -> pl.DataFrame:
    """The mart's rows of the candidates judged."""
    rows = [
        (year, code, *gate[:4])
        for year, code in candidates.select("year", "unit_code").iter_rows()
        for gate in judged[code]
    ]
    return pl.DataFrame(rows, schema=SHORTLIST_GATES, orient="row")


def judge(candidate: dict[str, Any], score: float, gates: Gates) -> list[Gate]:
    """Every gate that is asked, in the order in which a candidate is told of them."""
    judged = [_in_registry(candidate)]
    if gates.missing_quarters is not None:
        judged.append(_reported(candidate, gates.missing_quarters))
    if gates.late_quarters is not None:
        judged.append(_on_time(candidate, gates.late_quarters))
    if gates.red_flags is not None:
        judged.append(_red_flags(candidate, gates.red_flags))
    if gates.quality is not None:
        judged.append(_quality(candidate, gates.quality))
    if gates.coverage is not None:
        judged.append(_coverage(candidate, gates.coverage))
    if gates.years_of_record is not None:
        judged.append(_record(candidate, gates.years_of_record))
    if isinstance(gates, ShortlistGates) and gates.least_score is not None:
        judged.append(_score(candidate, score, gates.least_score))
    return [*judged, _scored(candidate)]


def _most(number: int, noun: str) -> str:
    return f"0{noun}" if number == 0 else f"不超过{number}{noun}"


def _periods(listed: str | None) -> list[str]:
    return (listed or "").split(",") if listed else []


def _is_over(candidate: dict[str, Any]) -> bool:
    """Whether the year's last quarter takes no more corrections."""
    return _holds_the_last(candidate["locked_periods"])


@cache  # asked by four gates of thousands of candidates, who differ in little
def _holds_the_last(periods: str | None) -> bool:
    return any(Period.parse(code).quarter == 4 for code in _periods(periods))


def _locked(candidate: dict[str, Any], periods: Iterable[str]) -> int:
    return len(set(_periods(candidate["locked_periods"])) & set(periods))


def _in_registry(candidate: dict[str, Any]) -> Gate:
    there = bool(candidate["in_registry"])
    return Gate("in_registry", "年末在册", "年末在册" if there else "年末不在册", there, "年末已不在名册中", is_past=True)  # fmt: skip


def _reported(candidate: dict[str, Any], most: int) -> Gate:
    owed, accepted = candidate["owed"], candidate["accepted"]
    missing = _periods(candidate["missing_periods"])
    return Gate(
        "missing_quarters", _most(most, "个季度未采用"), f"{owed - accepted}个季度未采用（应报{owed}个，已采用{accepted}个）",
        owed - accepted <= most, f"本年应报{owed}个季度，已采用{accepted}个", is_past=_locked(candidate, missing) > most,
    )  # fmt: skip


def _on_time(candidate: dict[str, Any], most: int) -> Gate:
    late = candidate["owed"] - candidate["on_time"]
    return Gate(
        "late_quarters", _most(most, "个季度未按时"), f"{late}个季度未按时", late <= most, f"本年有{late}个季度未按时报送", is_past=True
    )  # fmt: skip


def _red_flags(candidate: dict[str, Any], most: int) -> Gate:
    flags = candidate["red_flags"]
    named = f"：{candidate['red_indicators']}" if candidate["red_indicators"] else ""
    found = f"{flags}项红色绩效预警{named}"
    return Gate(
        "red_flags", _most(most, "项红色绩效预警"), found, flags <= most, f"有{found}", _is_over(candidate)
    )


def _quality(candidate: dict[str, Any], quarters: str) -> Gate:
    low = {
        code: f"{Period.parse(code).label_zh}数据质量为{grade}"
        for code, _, grade in (part.partition("=") for part in _periods(candidate["low_quality"]))
        if quarters == "every" or Period.parse(code).quarter == 4
    }
    found, of = "、".join(low.values()), "各季度" if quarters == "every" else "第四季度"
    return Gate(
        "quality", f"{of}数据质量均达到采信线", found or f"{of}均达到", not low, f"{found}，数据不足以作为依据",
        is_past=_locked(candidate, low) > 0,
    )  # fmt: skip


def _coverage(candidate: dict[str, Any], least: Decimal) -> Gate:
    coverage, least_zh = candidate["coverage"], f"{least:.0%}"
    # cut, not rounded: «90%，低于90%» would be read as a fault of the program
    shown = f"{math.floor(coverage * 1000) / 10:g}%"
    return Gate(
        "coverage", f"不低于{least_zh}", shown, coverage >= float(least), f"可计算的指标占{shown}，低于{least_zh}", _is_over(candidate)
    )  # fmt: skip


def _record(candidate: dict[str, Any], least: int) -> Gate:
    years = candidate["full_years"]
    # a year that may still be made whole by what is open
    missing = _periods(candidate["missing_periods"])
    can_grow = candidate["owed"] == 4 and bool(missing) and not _locked(candidate, missing)
    return Gate(
        "years_of_record", f"不少于{least}个完整年度", f"{years}个完整年度", years >= least,
        f"各季度报表均已采用的完整年度只有{years}个，不足{least}个", is_past=years + can_grow < least,
    )  # fmt: skip


def _score(candidate: dict[str, Any], score: float, least: Decimal) -> Gate:
    required = f"不低于{least:f}分"
    if math.isnan(score):
        return Gate("least_score", required, "没有得分", False, "没有得分", _is_over(candidate))
    shown = f"{math.floor(round(score * 100, 4)) / 100:.2f}分"
    return Gate(
        "least_score",
        required,
        shown,
        score >= float(least),
        f"得分为{shown}，低于{least:f}分",
        _is_over(candidate),
    )


def _scored(candidate: dict[str, Any]) -> Gate:
    there = candidate["coverage"] > 0
    return Gate(
        "scored",
        "有可以计分的指标",
        "有" if there else "没有",
        there,
        "没有可以计分的指标",
        _is_over(candidate),
    )
