"""The catalogue, the registry and the calendar as tables: the dimensions of the marts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.models.signs import SIGNS
from pipelines.comparison.peer_groups import group_code, group_label_zh, group_of, possible_groups
from pipelines.labels import ENUMERATIONS, Labels
from pipelines.registry.model import Registry
from pipelines.store.closings import Closings

DECIMAL = pl.Decimal(18, 4)
Rows = list[dict[str, Any]]


def dim_label(catalogue: Catalogue) -> pl.DataFrame:
    """Labels of every enumeration: those of the catalogue and those of the marts."""
    kinds = catalogue.kinds
    own: dict[str, Labels] = {
        "kind": [*((k.code, k.label_zh, k.label_en) for k in kinds.units), ("branch", "支部", "Branch")],
        "category": [
            (c.code, c.label_zh, c.label_en)
            for c in (*(c for k in kinds.units for c in k.categories), *kinds.branches)
        ],
        "dimension": [
            *((d.code, d.label_zh, d.label_en) for d in kinds.dimensions),
            ("total", "总分", "Total"),
        ],
        "sign": [(s, catalogue.signs.of(s).label_zh, catalogue.signs.of(s).label_en) for s in SIGNS],
        "grade": [
            (g.grade, g.label_zh, g.grade)
            for g in {g.grade: g for formula in catalogue.quality for g in formula.grades}.values()
        ],
        "quality_part": [
            (p.part, p.label_zh, p.part.capitalize())
            for p in {p.part: p for formula in catalogue.quality for p in formula.parts}.values()
        ],
        "peer_group": [
            (
                group_code(g.kind, bands),
                group_label_zh(catalogue.label_zh[g.kind], bands),
                f"{g.kind}, {' and '.join(band.code for band in bands)}",
            )
            for g in catalogue.selection.peer_groups
            for bands in possible_groups(g)
        ],
    }
    return pl.DataFrame(
        [
            {"enumeration": enumeration, "code": code, "label_zh": zh, "label_en": en}
            for enumeration, labels in {**own, **ENUMERATIONS}.items()
            for code, zh, en in labels
        ]
    )


def dim_city(catalogue: Catalogue) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "city_code": c.code,
                "name": c.name,
                "short": c.short,
                "tile_column": c.column,
                "tile_row": c.row,
            }
            for c in catalogue.cities
        ],
        schema_overrides={"tile_column": pl.Int32, "tile_row": pl.Int32},
    )


def dim_clause(catalogue: Catalogue) -> pl.DataFrame:
    fulfilled = {fulfilment.clause: fulfilment.part_zh for fulfilment in catalogue.fulfilments}
    return pl.DataFrame(
        [
            {
                "clause": c.id, "section": c.section, "label_zh": c.label_zh, "dimension": catalogue.dimension_of(c.id).code, "who": ",".join(c.who),
                "measure": c.measure, "standard_text": c.standard, "stated": c.stated, "per": c.per, "kind": c.kind,
                "fulfilled_by": fulfilled.get(c.id),
            }
            for c in catalogue.clauses
        ],
        schema_overrides={"fulfilled_by": pl.String},
    )  # fmt: skip


def dim_question(catalogue: Catalogue) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "question": q.code, "name": q.name, "label_zh": q.label_zh, "label_en": q.label_en, "clause": q.clause,
                "who": ",".join(q.who), "type": q.type, "unit": q.unit_of_measure, "asked": q.asked, "nature": q.nature,
                "lowest": q.min, "highest": q.max,
            }
            for q in catalogue.questions
        ],
        schema_overrides={"lowest": DECIMAL, "highest": DECIMAL},
    )  # fmt: skip


def dim_indicator(catalogue: Catalogue) -> pl.DataFrame:
    """One row for each version of a standard; an indicator without a standard has one row, from the policy's first day."""
    rows: Rows = []
    for i in catalogue.indicators:
        clause = catalogue.clause[i.clause]
        fixed = {
            "indicator": i.indicator, "label_zh": i.label_zh, "label_en": i.label_en,
            "dimension": catalogue.dimension_of(i.clause).code, "clause": i.clause, "unit": i.unit, "grain": i.grain,
            "rollup": i.rollup, "direction": i.direction, "kind": clause.kind, "per": clause.per,
        }  # fmt: skip
        for s in i.standards:
            rows.append(
                {
                    **fixed,
                    "standard": s.value,
                    "compare": s.compare,
                    "stated": s.stated,
                    "effective_from": s.effective_from,
                }
            )
        if not i.standards:
            start = catalogue.identity.policy_effective_from
            rows.append(
                {**fixed, "standard": None, "compare": None, "stated": False, "effective_from": start}
            )
    return pl.DataFrame(rows, schema_overrides={"standard": DECIMAL, "compare": pl.String})


def dim_indicator_question(catalogue: Catalogue) -> pl.DataFrame:
    """The terms of each indicator; a denominator of «one» has no question."""
    one: list[tuple[str, str | None]] = [("one", None)]
    return pl.DataFrame(
        [
            {"indicator": i.indicator, "side": side, "operation": operation, "question": question}
            for i in catalogue.indicators
            for side, terms in (
                ("numerator", i.numerator.terms()),
                ("denominator", i.denominator.terms() or one),
            )
            for operation, question in terms
        ],
        schema_overrides={"question": pl.String},
    )


def dim_rule(catalogue: Catalogue) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "rule": r.rule,
                "label_zh": r.label_zh,
                "severity": r.severity,
                "clause": r.clause,
                "mend": r.mend,
            }
            for r in catalogue.rules
        ],
        schema_overrides={"clause": pl.String},
    )


CATALOGUE_TABLES: dict[str, Callable[[Catalogue], pl.DataFrame]] = {
    function.__name__: function
    for function in (
        dim_label,
        dim_city,
        dim_clause,
        dim_question,
        dim_indicator,
        dim_indicator_question,
        dim_rule,
    )
}


def dim_unit(catalogue: Catalogue, registry: Registry) -> pl.DataFrame:
    """Units and branches of the registry with their peer groups."""
    groups = group_of(catalogue, registry)
    return pl.DataFrame(
        [
            {
                "unit_code": e.unit_code, "name": e.name, "kind": e.kind, "category": e.category, "is_private": e.is_private,
                "is_synthetic": e.is_synthetic, "city_code": e.city_code, "city": catalogue.city[e.city_code].name,
                "parent_code": e.parent_code, "peer_group": groups[e.unit_code], "members": e.members,
                "valid_from": e.valid_from, "valid_to": e.valid_to,
            }
            for e in registry.entries
        ],
        schema_overrides={"members": pl.Int32, "parent_code": pl.String, "valid_to": pl.Date},
        infer_schema_length=None,
    )  # fmt: skip


def dim_period(
    catalogue: Catalogue, periods: list[Period], clock: datetime, closings: Closings | None = None
) -> pl.DataFrame:
    """The periods known, with `previous_period` and `time_zone` for the SQL; `is_due` is judged at the store's own clock.

    closings: None where nothing asks which of them are closed.
    """
    return pl.DataFrame(
        [
            {
                "period": str(p), "year": p.year, "quarter": p.quarter, "label_zh": p.label_zh,
                "due_at": catalogue.calendar.due_at(p).replace(tzinfo=None), "is_due": catalogue.calendar.due_at(p) < clock, "locked_on": closings.closed_on(str(p)) if closings else None,
                "first_day": p.first_day, "last_day": p.last_day, "previous_period": str(p.previous()), "time_zone": catalogue.calendar.time_zone,
                "pace": catalogue.calendar.pace_of(p),
            }
            for p in periods
        ],
        schema_overrides={"year": pl.Int32, "quarter": pl.Int32, "locked_on": pl.Date, "pace": DECIMAL},
    )  # fmt: skip
