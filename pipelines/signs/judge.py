"""All tests of a quarter as one family: which are raised, and what a reviewer is told of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.signs.bunching import bunching_tests
from pipelines.signs.constancy import constancy_tests
from pipelines.signs.copies import copy_tests
from pipelines.signs.digits import digit_tests
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch
from pipelines.statistics.multiple import benjamini_hochberg
from pipelines.warehouse import Warehouse

RAISED: dict[str, Any] = {
    "sign_id": pl.String, "sign": pl.String, "scope_kind": pl.String, "scope_code": pl.String, "unit_code": pl.String,
    "branch_code": pl.String, "city_code": pl.String, "period": pl.String, "question": pl.String, "test": pl.String, "n": pl.Int32,
    "statistic": pl.Float64, "p": pl.Float64, "p_adjusted": pl.Float64, "message": pl.String, "asks": pl.String, "innocent": pl.String,
    "place": pl.String, "other_unit_code": pl.String, "other_branch_code": pl.String, "seen": pl.String,
}  # fmt: skip
COUNTED: dict[str, Any] = {
    "period": pl.String, "sign": pl.String, "test": pl.String, "question": pl.String,
    "tests": pl.Int32, "judged": pl.Int32, "raised": pl.Int32, "rate": pl.Float64,
}  # fmt: skip


def signs_of(
    warehouse: Warehouse, catalogue: Catalogue, known: list[Period], due: Iterable[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The signs of these periods (RAISED) and how many tests were made (COUNTED). known: all periods that have figures, in order."""
    figures = Figures(warehouse, catalogue, known)
    raised: list[dict[str, Any]] = []
    counted: list[dict[str, Any]] = []
    for period in sorted(map(Period.parse, due)):
        batches = list(batches_of(figures, period))
        asked = _once([
            _raised(batch, adjusted, figures, period)
            for batch, adjusted in zip(batches, adjusted_together(batches), strict=True)
        ])  # fmt: skip
        raised += [sign for signs in asked for sign in signs]
        q = float(catalogue.signs.false_discovery_rate)
        counted += [_counted(b, period, len(signs), q) for b, signs in zip(batches, asked, strict=True)]
        figures.forget(period)
    return pl.DataFrame(raised, schema=RAISED, orient="row"), pl.DataFrame(
        counted, schema=COUNTED, orient="row"
    )


def batches_of(figures: Figures, period: Period) -> Iterator[Batch]:
    """The tests of a period, declaration by declaration."""
    signs = figures.catalogue.signs
    for bunching in signs.bunching.tests:
        if (batch := bunching_tests(figures, bunching, period)) is not None:
            yield batch
    yield from copy_tests(figures, period)
    for constancy in signs.too_constant.tests:
        yield constancy_tests(figures, constancy, period)
    for digits in signs.digit_preference.tests:
        if (batch := digit_tests(figures, digits, period)) is not None:
            yield batch


def adjusted_together(batches: list[Batch]) -> list[pl.Series]:
    """The p of every test, adjusted over all tests of all batches."""
    everything = pl.concat([pl.Series("p", [], dtype=pl.Float64), *(batch.rows["p"] for batch in batches)])
    adjusted = pl.Series("p_adjusted", benjamini_hochberg(everything.to_numpy()))
    ends = [0]
    for batch in batches:
        ends.append(ends[-1] + batch.rows.height)
    return [adjusted[start:end] for start, end in pairwise(ends)]


def _raised(batch: Batch, adjusted: pl.Series, figures: Figures, period: Period) -> list[dict[str, Any]]:
    signs = figures.catalogue.signs
    words = signs.of(batch.sign)  # type: ignore[arg-type]
    listed = batch.rows.with_columns(p_adjusted=adjusted.fill_nan(None)).with_row_index("row")
    listed = listed.filter(pl.col("p_adjusted") <= float(signs.false_discovery_rate))
    names = dict(figures.units.select("unit_code", "name").rows()) if listed.height else {}
    cities = {city.code: city.name for city in figures.catalogue.cities}
    found = []
    for row in listed.iter_rows(named=True):
        told = batch.tell(row["row"])
        identity = (
            batch.sign,
            batch.test,
            row["scope_kind"],
            row["scope_code"],
            str(period),
            batch.question or "",
        )
        who = cities.get(row["scope_code"]) or names.get(row["unit_code"], row["unit_code"])
        branch = f"“{names.get(row['branch_code'], row['branch_code'])}”" if row["branch_code"] else ""
        found.append({
            **{key: row[key] for key in ("scope_kind", "scope_code", "unit_code", "branch_code", "city_code", "n", "statistic", "p", "p_adjusted")},
            "sign_id": hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:16],
            "sign": batch.sign, "test": batch.test, "question": batch.question, "period": str(period),
            "message": f"{who}{branch}{told.facts}。{words.asks}", "asks": words.asks, "innocent": "；".join(words.innocent) + "。",
            "place": told.place or None, "other_unit_code": told.other_unit_code, "other_branch_code": told.other_branch_code,
            "seen": json.dumps(told.seen, ensure_ascii=False, separators=(",", ":")),
        })  # fmt: skip
    return found


def _once(batches: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Without a branch's constancy where its unit is asked about the same question: figures held at a standard, or rounded, hardly vary."""
    wider = {(s["unit_code"], s["question"]) for signs in batches for s in signs if s["scope_kind"] == "unit"}
    return [
        [s for s in signs if s["sign"] != "too_constant" or (s["unit_code"], s["question"]) not in wider]
        for signs in batches
    ]


def _counted(batch: Batch, period: Period, raised: int, rate: float) -> dict[str, Any]:
    tests = batch.rows.height
    judged = tests - batch.rows["p"].null_count()
    return {
        "period": str(period), "sign": batch.sign, "test": batch.test, "question": batch.question,
        "tests": tests, "judged": judged, "raised": raised, "rate": rate,
    }  # fmt: skip
