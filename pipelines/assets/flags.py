"""What flags need beside their SQL: the exact chance of misses that are repeated."""

from collections.abc import Iterator

import dagster as dg

from pipelines.flagging import with_chance
from pipelines.resources import Workplace
from pipelines.warehouse import mart_sql


@dg.asset(
    name="repeated_misses", group_name="marts", deps=["held_values"], required_resource_keys={"workplace"}
)
def repeated_misses(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Misses running, added up, and their exact chance. Grain: unit or branch, period, indicator."""
    workplace: Workplace = context.resources.workplace
    workplace.report("计算 repeated_misses")
    misses = workplace.warehouse.frame("repeated_misses", mart_sql("repeated_misses"))
    workplace.warehouse.replace("repeated_misses", with_chance(misses))
    yield dg.MaterializeResult()
