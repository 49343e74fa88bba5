"""Answers as rows: one shape from the reader to the rules."""

from __future__ import annotations

from typing import Any

import polars as pl

# What `validate_answers` takes; unit_kind and period say under which suite a row falls.
ANSWER_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String,
    "unit_code": pl.String,
    "unit_kind": pl.String,
    "period": pl.String,
    "branch_code": pl.String,
    "month": pl.Int32,
    "question": pl.String,
    "number": pl.Decimal(18, 4),
    "text": pl.String,
    "raw": pl.String,
    "explanation": pl.String,
    "sheet": pl.String,
    "cell": pl.String,
}
