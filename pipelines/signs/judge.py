"""The tests of a quarter, a family for each kind of sign: which are raised, and what a reviewer is told of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from expectations import Catalogue, Period
from pipelines.signs.bunching import bunching_tests
from pipelines.signs.constancy import constancy_tests
from pipelines.signs.copies import copy_tests
from pipelines.signs.digits import digit_tests
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch
from pipelines.statistics.multiple import benjamini_hochberg_of_groups
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
        raised_by_batch = [
            _raised(batch, adjusted, figures, period)
            for batch, adjusted in zip(batches, adjusted_by_kind(batches), strict=True)
        ]
        asked = _once(raised_by_batch, figures, period)
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


def adjusted_by_kind(batches: list[Batch]) -> list[pl.Series]:
    """The p of every test, adjusted over the tests of its kind alone, times the number of kinds that have a test which could be judged.

    So the list of each kind is held at its part of the declared rate, and all of them together at the whole of it: what is raised of all is at
    least what is raised of each, so that the false shares of kinds add up to no more than their parts do.
    """
    judged = len({batch.sign for batch in batches if batch.rows["p"].null_count() < batch.rows.height})
    every = pl.concat([
        pl.DataFrame(
            {"kind": batch.sign, "test": [f"{i}:{code}" for code in _tested_as(batch)], "p": batch.rows["p"]},
            schema={"kind": pl.String, "test": pl.String, "p": pl.Float64},
        )
        for i, batch in enumerate(batches)
    ])  # fmt: skip
    p, kind, test = every["p"].to_numpy(), every["kind"].to_numpy(), every["test"].to_numpy()
    adjusted = np.full(len(p), np.nan)
    for one in np.unique(kind):
        adjusted[kind == one] = benjamini_hochberg_of_groups(p[kind == one], test[kind == one])
    told = pl.Series("p_adjusted", np.minimum(adjusted * judged, 1.0), dtype=pl.Float64)
    ends = np.cumsum([0, *(batch.rows.height for batch in batches)]).tolist()
    return [told[start:end] for start, end in pairwise(ends)]


def _tested_as(batch: Batch) -> pl.Series:
    """For each row, what names the test that it belongs to."""
    return batch.rows["unit_code" if batch.by_unit else "scope_code"]


def _raised(batch: Batch, adjusted: pl.Series, figures: Figures, period: Period) -> list[dict[str, Any]]:
    signs = figures.catalogue.signs
    words = signs.of(batch.sign)  # type: ignore[arg-type]
    listed = batch.rows.with_columns(p_adjusted=adjusted.fill_nan(None)).with_row_index("row")
    listed = listed.filter(
        pl.col("p_adjusted") <= float(signs.false_discovery_rate), pl.col("p") <= float(signs.attainable)
    )
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


def _once(raised: list[list[dict[str, Any]]], figures: Figures, period: Period) -> list[list[dict[str, Any]]]:
    """Without a branch's constancy where another sign explains it: its unit is asked about the same question, its own row is asked about as a
    copy, or its unit crowded at the standard in a quarter that the constancy looks back at. Figures held at a standard, or rounded, hardly vary.
    """
    if not any(sign["sign"] == "too_constant" for signs in raised for sign in signs):
        return raised
    wider = {(s["unit_code"], s["question"]) for signs in raised for s in signs if s["scope_kind"] == "unit"}
    wider |= _crowded(figures, period)
    copies = {s["branch_code"] for signs in raised for s in signs if s["sign"] == "copied_rows"}

    def is_second(sign: dict[str, Any]) -> bool:
        explained = (sign["unit_code"], sign["question"]) in wider or sign["branch_code"] in copies
        return sign["sign"] == "too_constant" and explained

    return [[sign for sign in signs if not is_second(sign)] for signs in raised]


def _crowded(figures: Figures, period: Period) -> set[tuple[str, str | None]]:
    """Unit and question of each bunching in the quarters before that constancy looks back at, every test by itself.

    Worked out from the figures and not from what was raised then, so that a quarter is judged alike whatever else is made anew.
    """
    signs = figures.catalogue.signs
    longest = max((quarters for test in signs.too_constant.tests for quarters in test.quarters), default=1)
    batches = (
        bunching_tests(figures, test, before)
        for before in figures.window(period, longest)[:-1]
        for test in signs.bunching.tests
        if test.over == "unit"
    )
    return {
        (unit, batch.question)
        for batch in batches
        if batch is not None
        for unit in batch.rows.filter(pl.col("p") <= float(signs.attainable))["unit_code"]
    }


def _counted(batch: Batch, period: Period, raised: int, rate: float) -> dict[str, Any]:
    tests = batch.rows.height
    judged = tests - batch.rows["p"].null_count()
    return {
        "period": str(period), "sign": batch.sign, "test": batch.test, "question": batch.question,
        "tests": tests, "judged": judged, "raised": raised, "rate": rate,
    }  # fmt: skip
