"""Finding what a user named by its code in a published run; an unknown code is answered with near ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.failures import UserMistake
from pipelines.marts.published import PublishedRun

MOST = 3


class UnknownCode(UserMistake):
    """The run holds nothing under this code. The message is Chinese and names near ones."""


def near(asked: str, names: Mapping[str, str]) -> str:
    """Codes like the one asked for, or whose name holds it, as a sentence; empty where nothing is near. names: code → name."""
    by_name = [code for code, name in names.items() if asked and (asked in name or name in asked)]
    by_code = difflib.get_close_matches(asked, list(names), MOST, 0.6)
    alike = difflib.get_close_matches(asked, list(names.values()), MOST, 0.6)
    by_likeness = [code for code, name in names.items() if name in alike]
    found = list(dict.fromkeys([*by_name, *by_code, *by_likeness]))[:MOST]
    listed = "、".join(f"{code}（{names[code]}）" for code in found)
    return f"相近的有：{listed}。" if listed else ""


def holder(run: PublishedRun, code: str) -> dict[str, Any]:
    """A unit or branch: its row of dim_unit, and of the unit that submits for it the code, name and kind
    (`submits`, `submitter`, `submitter_kind`).

    Raises UnknownCode.
    """
    registry = run.scan("dim_unit")
    found = registry.filter(pl.col("unit_code") == code).collect()
    if found.is_empty():
        names = dict(registry.select("unit_code", "name").sort("unit_code").collect().rows())
        raise UnknownCode(f"名册中没有代码为“{code}”的单位或支部。{near(code, names)}请核对代码。")
    row = found.row(0, named=True)
    submits = row["parent_code"] if row["kind"] == "branch" else code
    above = registry.filter(pl.col("unit_code") == submits).collect().row(0, named=True)
    return {**row, "submits": submits, "submitter": above["name"], "submitter_kind": above["kind"]}


def period_row(run: PublishedRun, period: str) -> dict[str, Any]:
    """A period: its row of dim_period. Raises UnknownCode."""
    known = run.read("dim_period").sort("period")
    found = known.filter(pl.col("period") == period)
    if found.is_empty():
        have = f"{known['period'][0]}至{known['period'][-1]}" if known.height else "无"
        raise UnknownCode(f"没有{period}的结果。已有结果的报告期：{have}。")
    return found.row(0, named=True)
