"""The comparison as assets: what the exact figures of a quarter say beside those of their peers."""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from pipelines.ahead import worked_ahead
from pipelines.assets.partitions import ONE_RUN
from pipelines.checks import check_results, check_specs
from pipelines.comparison.values import compared
from pipelines.resources import Workplace

# Figures that cannot speak for their unit are shown, and compared with nobody's.
FACTS = """
    select f.*, b.unit_code is null as can_speak
    from indicator_facts f
    left join barred b on b.unit_code = f.unit_code and b.period = f.period
    where list_contains(?::varchar[], f.period)
"""


def comparison_assets(quarters: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """indicator_values."""

    @dg.asset(
        group_name="marts", deps=["indicator_facts", "barred"], partitions_def=quarters, backfill_policy=ONE_RUN,
        check_specs=check_specs("indicator_values"), required_resource_keys={"workplace"},
    )  # fmt: skip
    def indicator_values(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Exact figures with intervals, evidence and their place among peers. Grain: unit or branch, period, indicator."""
        workplace: Workplace = context.resources.workplace
        workplace.report("计算 indicator_values")
        warehouse, least = workplace.warehouse, workplace.catalogue.selection.minimum_peers
        batches = list(workplace.batches(context.partition_keys))
        facts = (warehouse.frame("indicator_facts", FACTS, [periods]) for periods in batches)
        for periods, values in zip(batches, worked_ahead(partial(compared, least=least), facts), strict=True):
            warehouse.set_due(periods)
            warehouse.replace_periods("indicator_values", values.drop("can_speak"))
        yield dg.MaterializeResult(check_results=check_results(warehouse, "indicator_values"))

    return [indicator_values]
