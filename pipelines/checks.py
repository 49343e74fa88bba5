"""Asset checks, each made by the step that makes its table: the blocking contract of a mart, and quality results that only warn."""

import dagster as dg

from pipelines.marts.contract import breaches
from pipelines.marts.tables import MARTS
from pipelines.warehouse import Warehouse

_SEVERITIES = ("block", "explain", "inform")


def check_specs(table: str) -> list[dg.AssetCheckSpec]:
    """The checks of a table. Its contract, where it is a mart: a breach stops publication, and the last good marts stay.

    Of the findings also how many there are by severity, which never blocks: bad data is not bad code.
    """
    specs = []
    if table in MARTS:
        grain = f"Grain: {MARTS[table].grain}"
        specs.append(dg.AssetCheckSpec("contract", asset=table, blocking=True, description=grain))
    if table == "findings":
        specs += [
            dg.AssetCheckSpec(severity, asset=table, description=f"Findings of severity {severity}")
            for severity in _SEVERITIES
        ]
    return specs


def check_results(warehouse: Warehouse, table: str) -> list[dg.AssetCheckResult]:
    """What the checks of a table say, for each of its `check_specs`."""
    results = [_contract(warehouse, table)] if table in MARTS else []
    if table == "findings":
        results += [_quality(warehouse, severity) for severity in _SEVERITIES]
    return results


def _contract(warehouse: Warehouse, table: str) -> dg.AssetCheckResult:
    found = breaches(warehouse, MARTS[table])
    rows = warehouse.run(table, f'select count(*) from "{table}"')[0][0]
    metadata = {"breaches": found, "rows": rows}
    return dg.AssetCheckResult(asset_key=table, check_name="contract", passed=not found, metadata=metadata)


def _quality(warehouse: Warehouse, severity: str) -> dg.AssetCheckResult:
    count, worst = _counted(warehouse, severity)
    return dg.AssetCheckResult(
        asset_key="findings",
        check_name=severity,
        passed=count == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"findings": count, "worst_rules": worst},
    )


def _counted(warehouse: Warehouse, severity: str) -> tuple[int, dict[str, int]]:
    rows = warehouse.run(
        "findings",
        "select rule, count(*) from findings where severity = ? group by rule order by count(*) desc, rule",
        [severity],
    )
    return sum(count for _, count in rows), dict(rows[:10])
