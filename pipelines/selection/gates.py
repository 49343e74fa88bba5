"""The gates of selection.yaml: what each asks of a candidate, what was found, and the words for a candidate that misses one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import polars as pl

from expectations.models.selection import Gates
from expectations.period import Period
from pipelines.selection.schemas import SHORTLIST_GATES


class Gate(NamedTuple):
    """One gate of one candidate, in Chinese; `obstacle` is what is said of a candidate that does not pass."""

    name: str
    required: str
    found: str
    passes: bool
    obstacle: str


def gate_rows(candidates: pl.DataFrame, gates: Gates) -> tuple[pl.DataFrame, dict[str, list[str]]]:
    """The mart's rows of one year's candidates (the table `candidates`), and the obstacles of each unit that has some."""
    rows, obstacles = [], {}
    for candidate in candidates.iter_rows(named=True):
        judged = judge(candidate, gates)
        rows += [(candidate["year"], candidate["unit_code"], *gate[:4]) for gate in judged]
        if missed := [gate.obstacle for gate in judged if not gate.passes]:
            obstacles[candidate["unit_code"]] = missed
    return pl.DataFrame(rows, schema=SHORTLIST_GATES, orient="row"), obstacles


def judge(candidate: dict[str, Any], gates: Gates) -> list[Gate]:
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
        judged.append(_coverage(candidate["coverage"], float(gates.coverage), f"{gates.coverage:.0%}"))
    if gates.years_of_record is not None:
        judged.append(_record(candidate["full_years"], gates.years_of_record))
    return [*judged, _scored(candidate["coverage"])]


def _most(number: int, noun: str) -> str:
    return f"0{noun}" if number == 0 else f"不超过{number}{noun}"


def _in_registry(candidate: dict[str, Any]) -> Gate:
    there = bool(candidate["in_registry"])
    return Gate("in_registry", "年末在册", "年末在册" if there else "年末不在册", there, "年末已不在名册中")


def _reported(candidate: dict[str, Any], most: int) -> Gate:
    owed, accepted = candidate["owed"], candidate["accepted"]
    return Gate(
        "missing_quarters", _most(most, "个季度未采用"), f"{owed - accepted}个季度未采用（应报{owed}个，已采用{accepted}个）",
        owed - accepted <= most, f"本年应报{owed}个季度，已采用{accepted}个",
    )  # fmt: skip


def _on_time(candidate: dict[str, Any], most: int) -> Gate:
    late = candidate["owed"] - candidate["on_time"]
    return Gate(
        "late_quarters", _most(most, "个季度未按时"), f"{late}个季度未按时", late <= most, f"本年有{late}个季度未按时报送"
    )  # fmt: skip


def _red_flags(candidate: dict[str, Any], most: int) -> Gate:
    flags = candidate["red_flags"]
    named = f"：{candidate['red_indicators']}" if candidate["red_indicators"] else ""
    return Gate(
        "red_flags", _most(most, "项红色绩效预警"), f"{flags}项红色绩效预警{named}", flags <= most, f"有{flags}项政策规定的标准未达到"
    )  # fmt: skip


def _quality(candidate: dict[str, Any], quarters: str) -> Gate:
    low = [part.split("=") for part in (candidate["low_quality"] or "").split(",") if part]
    named = [
        f"{Period.parse(code).label_zh}数据质量为{grade}"
        for code, grade in low
        if quarters == "every" or Period.parse(code).quarter == 4
    ]
    found = "、".join(named)
    of = "各季度" if quarters == "every" else "第四季度"
    return Gate(
        "quality",
        f"{of}数据质量均达到采信线",
        found or f"{of}均达到",
        not named,
        f"{found}，数据不足以作为依据",
    )


def _coverage(coverage: float, least: float, least_zh: str) -> Gate:
    passes = coverage >= least
    # cut, not rounded: «90%，低于90%» would be read as a fault of the program
    shown = f"{math.floor(coverage * 1000) / 10:g}%"
    return Gate("coverage", f"不低于{least_zh}", shown, passes, f"可计算的指标占{shown}，低于{least_zh}")


def _record(years: int, least: int) -> Gate:
    return Gate(
        "years_of_record", f"不少于{least}个完整年度", f"{years}个完整年度", years >= least,
        f"各季度报表均已采用的完整年度只有{years}个，不足{least}个",
    )  # fmt: skip


def _scored(coverage: float) -> Gate:
    there = coverage > 0
    return Gate("scored", "有可以计分的指标", "有" if there else "没有", there, "没有可以计分的指标")
