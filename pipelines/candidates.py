"""Rows of the table `candidates` as candidates of the shortlist, with the gates that they do not pass in Chinese."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from expectations.models.selection import Selection
from expectations.period import Period
from pipelines.shortlist import Candidate


def candidates(table: pl.DataFrame, selection: Selection) -> list[Candidate]:
    """table: year, unit_code, kind, category, city_code, dimensions, points, owed, accepted, on_time, in_last, red_flags,
    gated_periods, gated_grades (quarters under the quality gate, and their grades in Chinese), coverage."""
    return [
        Candidate(
            year=row["year"],
            unit_code=row["unit_code"],
            kind=row["kind"],
            category=row["category"],
            city_code=row["city_code"],
            scores=dict(zip(row["dimensions"] or [], row["points"] or [], strict=True)),
            obstacles=tuple(_obstacles(row, selection)),
        )
        for row in table.iter_rows(named=True)
    ]


def _obstacles(row: dict[str, Any], selection: Selection) -> list[str]:
    """The gates of selection.yaml that a unit does not pass."""
    found = []
    if not row["in_last"]:
        found.append("年末已不在名册中")
    if row["accepted"] < row["owed"]:
        found.append(f"本年应报{row['owed']}个季度，已采用{row['accepted']}个")
    if row["on_time"] < row["owed"]:
        found.append(f"本年有{row['owed'] - row['on_time']}个季度未按时报送")
    if row["red_flags"]:
        found.append(f"有{row['red_flags']}项政策规定的标准未达到")
    if gated := _gated(row, selection):
        found.append(f"{'、'.join(gated)}，数据不足以作为依据")
    if row["coverage"] < float(selection.shortlist.minimum_coverage):
        found.append(
            f"可计算的指标占{math.floor(row['coverage'] * 1000) / 10:g}%，低于{selection.shortlist.minimum_coverage:.0%}"
        )
    if not row["dimensions"]:
        found.append("没有可以计分的指标")
    return found


def _gated(row: dict[str, Any], selection: Selection) -> list[str]:
    """The quarters that count for the list and whose data do not pass the quality gate, with their grades."""
    graded = [
        (Period.parse(code), grade)
        for code, grade in zip(row["gated_periods"], row["gated_grades"], strict=True)
    ]
    return [
        f"{period.label_zh}数据质量为{grade}"
        for period, grade in graded
        if selection.shortlist.quality_quarters == "every" or period.quarter == 4
    ]
