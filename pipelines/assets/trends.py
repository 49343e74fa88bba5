"""The marts of trends: one step, since units, branches and groups share their arrays. Whole tables: a new point moves all limits."""

from collections.abc import Iterator

import dagster as dg

from pipelines.checks import check_results, check_specs
from pipelines.resources import Workplace
from pipelines.trends.make import TREND_TABLES, make_trends


def trends_asset() -> dg.AssetsDefinition:
    """TREND_TABLES, made of `trend_points`."""

    @dg.multi_asset(
        name="trends_made",
        specs=[dg.AssetSpec(name, group_name="marts", deps=["trend_points"]) for name in TREND_TABLES],
        check_specs=[spec for name in TREND_TABLES for spec in check_specs(name)],
        required_resource_keys={"workplace"},
    )
    def trends_made(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Limits and signals of each indicator by month, quarter and year, for units, branches and groups."""
        workplace: Workplace = context.resources.workplace
        workplace.report("计算 trends")
        warehouse = workplace.warehouse
        make_trends(warehouse, workplace.catalogue)
        for name in TREND_TABLES:
            yield dg.MaterializeResult(asset_key=name, check_results=check_results(warehouse, name))

    return trends_made
