"""Which quarters a run has to work on: what the warehouse was made of, held against the inputs."""

from __future__ import annotations

from pipelines.plan import Inputs, is_published
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, open_warehouse


def done_digests(warehouse: Warehouse) -> dict[str, str]:
    """The digests that the warehouse was worked on with, by period."""
    return dict(warehouse.run("period_inputs", "select period, digest from period_inputs"))


def due_periods(settings: Settings, inputs: Inputs) -> list[str]:
    """The periods that a run has to work on, in order: none where everything is published. Raises WarehouseBusy."""
    if is_published(inputs, settings) or not inputs.periods:
        return []
    with open_warehouse(settings.warehouse) as warehouse:
        due = inputs.due(done_digests(warehouse))
    # Only files without a period are new, or publishing was cut short: the last quarter carries the run.
    return due or [str(inputs.periods[-1])]
