"""Assets from files to findings: what was received is read, judged by the catalogue, and judged against other submissions."""

import dagster as dg

from pipelines.assets.dimensions import TABLES
from pipelines.assets.partitions import ONE_RUN
from pipelines.read_stage import judge_answers, judge_history, read_files
from pipelines.resources import Workplace


def submission_assets(quarters: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """files_read, unidentified_files, answer_findings, history_findings."""

    @dg.asset(
        group_name="intake",
        deps=list(TABLES),
        partitions_def=quarters,
        backfill_policy=ONE_RUN,
        required_resource_keys={"workplace"},
    )
    def files_read(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Submissions of the quarter as answers with their cells. Grain: file. A file's faults are findings, never errors."""
        workplace: Workplace = context.resources.workplace
        workplace.report("读取报送文件")
        warehouse = workplace.warehouse
        read = read_files(warehouse, workplace.inputs, workplace.settings, context.partition_keys)
        return dg.MaterializeResult(metadata={"files": read})

    @dg.asset(group_name="intake", deps=list(TABLES), required_resource_keys={"workplace"})
    def unidentified_files(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Files whose unit or period is not known. Grain: file. Each has a finding that says why."""
        workplace: Workplace = context.resources.workplace
        warehouse = workplace.warehouse
        read = read_files(warehouse, workplace.inputs, workplace.settings, [None])
        return dg.MaterializeResult(metadata={"files": read})

    @dg.asset(
        group_name="quality",
        deps=[files_read],
        partitions_def=quarters,
        backfill_policy=ONE_RUN,
        required_resource_keys={"workplace"},
    )
    def answer_findings(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Breaches of the catalogue's rules, by Great Expectations. Grain: cell and rule."""
        workplace: Workplace = context.resources.workplace
        workplace.report("按指标目录校验")
        warehouse = workplace.warehouse
        found = judge_answers(warehouse, workplace.inputs, context.partition_keys)
        return dg.MaterializeResult(metadata={"findings": found})

    @dg.asset(
        group_name="quality",
        deps=[answer_findings],
        partitions_def=quarters,
        backfill_policy=ONE_RUN,
        required_resource_keys={"workplace"},
    )
    def history_findings(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Breaches of rules that ask about other submissions, by SQL. Grain: submission, branch or cell.

        After the answers' findings: which version was accepted hangs on them.
        """
        workplace: Workplace = context.resources.workplace
        inputs = workplace.inputs
        warehouse = workplace.warehouse
        found = judge_history(warehouse, inputs.catalogue, inputs.registry, context.partition_keys)
        return dg.MaterializeResult(metadata={"findings": found})

    return [files_read, unidentified_files, answer_findings, history_findings]
