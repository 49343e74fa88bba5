"""The choice of a unit and of one of its branches, as the pages that are about one unit offer it."""

from __future__ import annotations

from collections.abc import Mapping

from streamlit.delta_generator import DeltaGenerator

from dashboards import parts
from dashboards.marts import ask
from dashboards.queries import registry
from dashboards.queries import unit as queries
from dashboards.scope import Scope
from dashboards.tables.trend_overview import unit_address
from dashboards.tables.trends import Holder


def unit_and_branch(scope: Scope, names: Mapping[str, str], place: DeltaGenerator) -> tuple[str, str | None]:
    """The unit and, where one is chosen, the branch; both stand in the address. names: code → name, not empty."""
    left, right = place.columns([3, 2])
    unit = parts.unit(left, names, next(iter(names)), scope)
    branches = ask(queries.branches, scope.run, unit, scope.period, scope.review).sort("unit_code")
    called = dict(branches.select("unit_code", "name").rows())
    branch = parts.select(
        right,
        "支部",
        "branch",
        ["", *called],
        "",
        lambda code: f"{called[code]}（{code}）" if code else "单位本级",
    )
    return unit, branch or None


def holder(scope: Scope, unit: str, branch: str | None) -> Holder:
    """The unit or branch as the holder of its trends."""
    entry = ask(registry.entry, scope.run, branch or unit)
    name = f"{entry['parent']}　{entry['name']}" if branch else str(entry["name"])
    return Holder("unit", branch or unit, name, unit_address(unit, branch))
