"""Assets made of the catalogue, the registry and the calendar alone: the dimensions, and what the SQL needs to know beside them."""

from collections.abc import Callable, Iterator

import dagster as dg
import polars as pl

from expectations import Catalogue
from pipelines.checks import check_results, check_specs
from pipelines.comparison.neighbours import neighbours
from pipelines.comparison.peer_groups import dim_peer_group
from pipelines.dimensions import CATALOGUE_TABLES, dim_period, dim_unit
from pipelines.flagging import flag_rules, indicator_evidence, miss_levels, trend_levels
from pipelines.grading import quality_grades, quality_parts
from pipelines.plan import Inputs
from pipelines.resources import Workplace
from pipelines.unit_search import unit_search
from pipelines.windows import (
    indicator_periods,
    indicator_sources,
    point_sources,
    question_asked,
    question_prefill,
)

Build = Callable[[Inputs], pl.DataFrame]


def _of_catalogue(build: Callable[[Catalogue], pl.DataFrame]) -> Build:
    """In the versions of the newest quarter."""
    return lambda inputs: build(
        inputs.catalogue.as_of(inputs.periods[-1]) if inputs.periods else inputs.catalogue
    )


TABLES: dict[str, Build] = {
    **{name: _of_catalogue(build) for name, build in CATALOGUE_TABLES.items()},
    "dim_unit": lambda inputs: dim_unit(inputs.catalogue, inputs.registry),
    "unit_search": lambda inputs: unit_search(
        (entry.unit_code, entry.name, entry.parent_code if entry.is_branch else None)
        for entry in inputs.registry.entries
    ),
    "dim_peer_group": lambda inputs: dim_peer_group(inputs.catalogue, inputs.registry),
    "neighbours": lambda inputs: neighbours(inputs.registry, inputs.catalogue.selection.neighbours),
    "dim_period": lambda inputs: dim_period(inputs.catalogue, inputs.periods, inputs.clock, inputs.closings),
    "question_asked": lambda inputs: question_asked(inputs.catalogue, inputs.periods),
    "question_prefill": lambda inputs: question_prefill(inputs.catalogue, inputs.periods),
    "indicator_periods": lambda inputs: indicator_periods(inputs.catalogue, inputs.periods),
    "indicator_sources": lambda inputs: indicator_sources(inputs.catalogue, inputs.periods),
    "point_sources": lambda inputs: point_sources(inputs.catalogue, inputs.periods),
    "quality_parts": lambda inputs: quality_parts(inputs.catalogue, inputs.periods),
    "quality_grades": lambda inputs: quality_grades(inputs.catalogue, inputs.periods),
    "indicator_evidence": lambda inputs: indicator_evidence(inputs.catalogue, inputs.periods),
    "flag_rules": lambda inputs: flag_rules(inputs.catalogue, inputs.periods),
    "miss_levels": lambda inputs: miss_levels(inputs.catalogue, inputs.periods),
    "trend_levels": lambda inputs: trend_levels(inputs.catalogue, inputs.periods),
}


def dimension_assets() -> dg.AssetsDefinition:
    """TABLES as assets, made in one step: a step of its own for each costs more than all the tables."""

    @dg.multi_asset(
        name="dimensions",
        specs=[dg.AssetSpec(name, group_name="dimensions") for name in TABLES],
        check_specs=[spec for name in TABLES for spec in check_specs(name)],
        required_resource_keys={"workplace"},
    )
    def dimensions(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        workplace: Workplace = context.resources.workplace
        for name, build in TABLES.items():
            frame = build(workplace.inputs)
            workplace.warehouse.replace(name, frame)
            results = check_results(workplace.warehouse, name)
            yield dg.MaterializeResult(asset_key=name, metadata={"rows": frame.height}, check_results=results)

    return dimensions
