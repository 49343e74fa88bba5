"""Columns and types of the tables that the selection makes, as declared in pipelines/marts."""

from typing import Any

import polars as pl

DECIMAL: Any = pl.Decimal(18, 4)

SCORES = pl.Schema({
    "unit_code": pl.String, "period": pl.String, "dimension": pl.String, "score": pl.Float64, "rank": pl.Int32, "rank_low": pl.Int32,
    "rank_high": pl.Int32, "peer_group": pl.String, "peers": pl.Int32, "coverage": pl.Float64,
})  # fmt: skip
SHORTLIST_GATES = pl.Schema({
    "year": pl.Int32, "unit_code": pl.String, "gate": pl.String, "required": pl.String, "found": pl.String, "passes": pl.Boolean,
})  # fmt: skip
CONTACT_POINTS = pl.Schema({
    "year": pl.Int32, "unit_code": pl.String, "kind": pl.String, "category": pl.String, "city_code": pl.String, "gain": pl.Float64,
    "place": pl.Int32, "selected": pl.Boolean, "reason": pl.String,
})  # fmt: skip
SHORTLIST = pl.Schema({
    "year": pl.Int32, "unit_code": pl.String, "category": pl.String, "city_code": pl.String, "score": pl.Float64, "rank": pl.Int32,
    "selected": pl.Boolean, "probability": pl.Float64, "reason": pl.String, "kind": pl.String, "eligible": pl.Boolean, "rank_low": pl.Int32,
    "rank_high": pl.Int32, "near_miss": pl.Boolean, "strengths": pl.String, "gaps": pl.String, "what_would_change": pl.String,
})  # fmt: skip
SHORTLIST_SCORES = pl.Schema({
    "year": pl.Int32, "unit_code": pl.String, "indicator": pl.String, "dimension": pl.String, "clause": pl.String,
    "numerator": DECIMAL, "denominator": DECIMAL, "value": pl.Float64, "standard": DECIMAL,
    "due_share": pl.Float64, "direction": pl.String, "red_if_missed": pl.Boolean, "attainment": pl.Float64, "weight": pl.Float64,
})  # fmt: skip
SHORTLIST_DIMENSIONS = pl.Schema({
    "year": pl.Int32, "unit_code": pl.String, "dimension": pl.String, "score": pl.Float64, "weight": pl.Float64,
})  # fmt: skip
