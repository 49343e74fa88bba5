"""Candidates and terms of a year made up for tests of the selection, in the shape of the marts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from expectations import load_catalogue
from expectations.models.selection import Selection
from pipelines.selection.schemas import DECIMAL
from pipelines.selection.shortlist import Lists, make_lists
from pipelines.selection.words import Names

DIMENSIONS = ("learning", "service", "innovation", "leadership")
LETTERS = {"learning": "L", "service": "S", "innovation": "I", "leadership": "O"}
DECLARED = load_catalogue().selection
SOUND: dict[str, Any] = {
    "year": 2025, "unit_code": "A", "kind": "school", "category": "primary", "city_code": "320100", "members": 50, "owed": 4, "accepted": 4,
    "on_time": 4, "in_registry": True, "full_years": 1, "red_flags": 0, "red_indicators": None, "low_quality": None,
    "missing_periods": None, "locked_periods": None, "coverage": 1.0,
}  # fmt: skip
# two indicators a dimension, one a clause
INDICATORS = {f"{dimension}_{number}": dimension for dimension in DIMENSIONS for number in (1, 2)}
INDICATOR_NAMES = pl.DataFrame(
    [
        {
            "indicator": code, "label_zh": f"指标{code}", "unit": "%", "clause": f"{LETTERS[dimension]}{code[-1]}.1",
            "clause_zh": f"条款{code}",
        }
        for code, dimension in INDICATORS.items()
    ]
)  # fmt: skip
NAMES = Names(
    INDICATOR_NAMES,
    {"learning": "学习型", "service": "服务型", "innovation": "创新型", "leadership": "组织领导"},
)
CLAUSE = dict(INDICATOR_NAMES.select("indicator", "clause").rows())


def rules(quotas: Mapping[str, int] | None = None, most_per_city: int = 9, **changed: Any) -> Selection:
    """The declared selection with other quotas, keys of `shortlist` changed, and no least score; 50 alternatives."""
    declared = DECLARED.model_dump(mode="json")
    declared["scoring"]["alternatives"]["draws"] = 50
    declared["shortlist"]["gates"]["least_score"] = None
    declared["shortlist"] |= {
        "quotas": dict(quotas or {"school": 2}),
        "most_per_city": most_per_city,
        **changed,
    }
    return Selection.model_validate(declared)


def unit(code: str, attained: float | Mapping[str, float | None] = 1.0, **changed: Any) -> dict[str, Any]:
    """A sound candidate with its attainments: one number for all, or by indicator or dimension (others 1; None: not calculated).

    changed: columns of SOUND; red_if_missed: whether a miss of its standards would be a red flag.
    """
    return SOUND | changed | {"unit_code": code, "attained": attained}


def frames(units: Sequence[Mapping[str, Any]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """candidates and terms."""
    types = dict.fromkeys(("red_indicators", "low_quality", "missing_periods", "locked_periods"), pl.String)
    columns = [{name: row[name] for name in SOUND} for row in units]
    candidates = pl.DataFrame(columns, schema_overrides=types, infer_schema_length=None) if units else pl.DataFrame(
        schema={name: types.get(name, pl.String if isinstance(value, str) else pl.Float64 if isinstance(value, float) else pl.Int64)
                for name, value in SOUND.items()}
    )  # fmt: skip
    terms = [
        {
            "year": row["year"], "unit_code": row["unit_code"], "indicator": indicator, "dimension": dimension, "clause": CLAUSE[indicator],
            "numerator": None if value is None else Decimal(str(round(90 * value, 4))), "denominator": None if value is None else Decimal(100),
            "value": None if value is None else 0.9 * value, "standard": Decimal("0.9"), "due_share": 1.0, "direction": "higher",
            "stated": True, "red_if_missed": row.get("red_if_missed", False), "attainment": value,
        }
        for row in units
        for indicator, dimension in INDICATORS.items()
        for value in (_attained(row["attained"], indicator, dimension),)
    ]  # fmt: skip
    kinds = {
        "numerator": DECIMAL,
        "denominator": DECIMAL,
        "standard": DECIMAL,
        "value": pl.Float64,
        "attainment": pl.Float64,
    }
    empty = {"year": pl.Int64, "unit_code": pl.String, "indicator": pl.String, "dimension": pl.String, "clause": pl.String, **kinds,
             "due_share": pl.Float64, "direction": pl.String, "stated": pl.Boolean, "red_if_missed": pl.Boolean}  # fmt: skip
    return candidates, pl.DataFrame(
        terms, schema_overrides=kinds, infer_schema_length=None
    ) if terms else pl.DataFrame(schema=empty)


def _attained(given: Any, indicator: str, dimension: str) -> float | None:
    if isinstance(given, Mapping):
        found = given.get(indicator, given.get(dimension, 1.0))
        return None if found is None else float(found)
    return float(given)


def lists(units: Sequence[Mapping[str, Any]], selection: Selection) -> Lists:
    return make_lists(*frames(units), NAMES, selection)


def rows(units: Sequence[Mapping[str, Any]], selection: Selection) -> dict[str, dict[str, Any]]:
    """The shortlist's rows by unit."""
    return {row["unit_code"]: row for row in lists(units, selection).shortlist.iter_rows(named=True)}


def chosen(units: Sequence[Mapping[str, Any]], selection: Selection) -> set[str]:
    return {code for code, row in rows(units, selection).items() if row["selected"]}
