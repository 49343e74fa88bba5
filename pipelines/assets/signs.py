"""The signs of form-filling of each quarter: an asset of two tables that the marts `signs` and `sign_tests` are made from."""

import dagster as dg

from pipelines.assets.partitions import ONE_RUN
from pipelines.resources import Workplace
from pipelines.signs.judge import signs_of

SIGN_TABLES = ("signs_found", "sign_counts")


def signs_asset(quarters: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """signs_found and sign_counts."""

    @dg.asset(
        name="signs_found",
        group_name="signs",
        deps=["cells", "answer_findings", "history_findings"],
        partitions_def=quarters,
        backfill_policy=ONE_RUN,
        required_resource_keys={"workplace"},
    )
    def found(context: dg.AssetExecutionContext) -> None:
        """Tests of a quarter's usable answers, and what they lead a reviewer to ask. Grain: scope, kind of sign, test, question.

        How many are found is told to reviewers alone: not on screen, and not in Dagster's record.
        """
        workplace: Workplace = context.resources.workplace
        workplace.report("比较各期数据")
        warehouse, inputs = workplace.warehouse, workplace.inputs
        warehouse.set_due(list(context.partition_keys))
        tables = signs_of(warehouse, inputs.catalogue, list(inputs.periods), context.partition_keys)
        for name, frame in zip(SIGN_TABLES, tables, strict=True):
            warehouse.replace_periods(name, frame)

    return found
