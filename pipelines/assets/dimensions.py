"""Assets made of the catalogue, the registry and the calendar alone: the dimensions, and what the SQL needs to know beside them."""

from collections.abc import Callable

import dagster as dg
import polars as pl

from expectations import Catalogue
from pipelines.dimensions import CATALOGUE_TABLES, dim_period, dim_unit
from pipelines.plan import Inputs
from pipelines.resources import Workplace
from pipelines.windows import dimension_weights, indicator_periods, indicator_sources, question_asked

Build = Callable[[Inputs], pl.DataFrame]


def _of_catalogue(build: Callable[[Catalogue], pl.DataFrame]) -> Build:
    return lambda inputs: build(inputs.catalogue)


TABLES: dict[str, Build] = {
    **{name: _of_catalogue(build) for name, build in CATALOGUE_TABLES.items()},
    "dim_unit": lambda inputs: dim_unit(inputs.catalogue, inputs.registry),
    "dim_period": lambda inputs: dim_period(inputs.catalogue, inputs.periods, inputs.clock),
    "question_asked": lambda inputs: question_asked(inputs.catalogue, inputs.periods),
    "indicator_periods": lambda inputs: indicator_periods(inputs.catalogue, inputs.periods),
    "indicator_sources": lambda inputs: indicator_sources(inputs.catalogue, inputs.periods),
    "dimension_weights": lambda inputs: dimension_weights(inputs.catalogue),
}


def dimension_assets() -> list[dg.AssetsDefinition]:
    """One asset for each of TABLES."""
    return [_dimension(name, build) for name, build in TABLES.items()]


def _dimension(name: str, build: Build) -> dg.AssetsDefinition:
    @dg.asset(name=name, group_name="dimensions", required_resource_keys={"workplace"})
    def dimension(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        workplace: Workplace = context.resources.workplace
        frame = build(workplace.inputs)
        workplace.warehouse.replace(name, frame)
        return dg.MaterializeResult(metadata={"rows": frame.height})

    return dimension
