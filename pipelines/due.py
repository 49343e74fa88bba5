"""Which quarters a run has to work on: what the warehouse was made of, held against the inputs."""

from __future__ import annotations

from pipelines.plan import Inputs, is_published
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, open_warehouse


def done_digests(warehouse: Warehouse) -> dict[str, str]:
    """The digests that the warehouse was worked on with, by period."""
    return dict(warehouse.run("period_inputs", "select period, digest from period_inputs"))


def due_periods(settings: Settings, inputs: Inputs, again: str | None = None) -> list[str]:
    """The periods that a run has to work on, in order and to the last: from the first that is due, or from `again` if that is earlier.

    None where everything is published and nothing is asked for again. Raises WarehouseBusy, WarehouseDamaged.
    """
    if not inputs.periods or (again is None and is_published(inputs, settings)):
        return []
    with open_warehouse(settings.warehouse) as warehouse:
        due = inputs.due(done_digests(warehouse))
    # Where only files without a period are new, or publishing was cut short, the last quarter carries the run.
    first = min([*due[:1], *([again] if again in inputs.digests else [])], default=str(inputs.periods[-1]))
    return [period for period in inputs.digests if period >= first]
