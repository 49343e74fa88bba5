"""Asset checks: one factory makes the blocking contract check of every mart; quality results are checks that only warn."""

import dagster as dg

from pipelines.marts.contract import breaches
from pipelines.marts.tables import MARTS, Mart
from pipelines.resources import Workplace
from pipelines.warehouse import Warehouse

_SEVERITIES = ("block", "explain", "inform")


def mart_checks() -> list[dg.AssetChecksDefinition]:
    """The contract of each mart: a breach stops publication, and the last good marts stay."""
    return [_contract(mart) for mart in MARTS.values()]


def quality_checks() -> list[dg.AssetChecksDefinition]:
    """What was found in the workbooks, by severity, with the worst rules. Never blocks: bad data is not bad code."""
    return [_quality(severity) for severity in _SEVERITIES]


def _contract(mart: Mart) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=mart.name,
        name="contract",
        blocking=True,
        description=f"Grain: {mart.grain}",
        required_resource_keys={"workplace"},
    )
    def contract(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        workplace: Workplace = context.resources.workplace
        warehouse = workplace.warehouse
        found = breaches(warehouse, mart)
        rows = warehouse.run(mart.name, f'select count(*) from "{mart.name}"')[0][0]
        return dg.AssetCheckResult(passed=not found, metadata={"breaches": found, "rows": rows})

    return contract


def _quality(severity: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="findings",
        name=severity,
        description=f"Findings of severity {severity}",
        required_resource_keys={"workplace"},
    )
    def quality(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        workplace: Workplace = context.resources.workplace
        warehouse = workplace.warehouse
        count, worst = _counted(warehouse, severity)
        passed = count == 0
        return dg.AssetCheckResult(
            passed=passed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"findings": count, "worst_rules": worst},
        )

    return quality


def _counted(warehouse: Warehouse, severity: str) -> tuple[int, dict[str, int]]:
    rows = warehouse.run(
        "findings",
        "select rule, count(*) from findings where severity = ? group by rule order by count(*) desc, rule",
        [severity],
    )
    return sum(count for _, count in rows), dict(rows[:10])
