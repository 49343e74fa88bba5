"""A published run with a small list, made by the selection itself, for tests of what is written of a list and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.labels import ENUMERATIONS
from pipelines.marts.published import PublishedRun
from pipelines.selection.contact_points import make_contact_points
from pipelines.selection.shortlist import make_lists
from tests.marts import publish
from tests.selecting import CLAUSE, INDICATOR_NAMES, INDICATORS, NAMES, frames, rules, unit

CITIES = {"320100": "南京市", "320500": "苏州市"}
KINDS = {"school": "学校", "city": "市委教育工委", "university": "高校"}
UNITS = [
    unit("S1", 0.95),
    unit("S2", 0.9, city_code="320500"),
    unit("S3", 0.8),
    unit("S4", 0.99, red_flags=1, red_indicators="“集中学习次数”"),
    unit("S5", {"learning_1": None, "learning": 0.7}, coverage=0.875),
    unit("C1", 0.85, kind="city", category="bureau"),
]
FORMULA_NAME = "=HYPERLINK(1)\x0b"


def published(
    folder: Path,
    units: Sequence[dict[str, Any]] = tuple(UNITS),
    *,
    name: str = "run-1",
    synthetic: bool = True,
) -> PublishedRun:
    """The run whose marts hold the list of 2025 of these units: two places for schools, one for cities, two units a city at most."""
    declared = rules({"school": 2, "city": 1}, most_per_city=2, near_misses=2)
    candidates, terms = frames(units)
    lists = make_lists(candidates, terms, NAMES, declared)
    listed = lists.shortlist.filter("selected").select("year", "unit_code")
    contacts = make_contact_points(candidates, terms, NAMES, listed, declared)
    tables = {
        "candidates": candidates,
        "shortlist": lists.shortlist,
        "shortlist_scores": lists.scores,
        "shortlist_dimensions": lists.dimensions,
        "shortlist_gates": lists.gates,
        "contact_points": contacts,
    }
    marts: dict[str, Any] = {table: frame.to_dicts() for table, frame in tables.items()}
    marts["dim_unit"] = [
        {
            "unit_code": each["unit_code"], "name": FORMULA_NAME if each["unit_code"] == "S1" else f"单位{each['unit_code']}",
            "kind": each["kind"], "city": CITIES[each["city_code"]], "city_code": each["city_code"], "peer_group": f"{each['kind']}:small",
        }
        for each in units
    ]  # fmt: skip
    marts["dim_clause"] = INDICATOR_NAMES.select("clause", label_zh="clause_zh").to_dicts()
    marts["dim_indicator"] = [
        {"indicator": code, "label_zh": f"指标{code}", "dimension": dimension, "clause": CLAUSE[code], "unit": "%", "compare": "at_least"}
        for code, dimension in INDICATORS.items()
    ]  # fmt: skip
    labels = {"kind": KINDS, "dimension": NAMES.dimensions}
    labels |= {
        enumeration: {code: zh for code, zh, _ in ENUMERATIONS[enumeration]}
        for enumeration in ("gate", "direction")
    }
    marts["dim_label"] = [
        {"enumeration": enumeration, "code": code, "label_zh": zh}
        for enumeration, names in labels.items()
        for code, zh in names.items()
    ]
    return publish(folder, marts, name=name, synthetic=synthetic, selection=declared.model_dump(mode="json"))


def chosen(run: PublishedRun) -> list[str]:
    """The codes of who is chosen."""
    return sorted(run.read("shortlist").filter(pl.col("selected"))["unit_code"])
