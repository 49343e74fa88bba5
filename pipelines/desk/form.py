"""The pre-filled workbook of a unit for a period, as `sanxing template` writes it and the page hands it out."""

from __future__ import annotations

import io

from expectations import Catalogue, Period
from pipelines.failures import UserMistake
from pipelines.marts.accepted import last_accepted_answers
from pipelines.registry.model import RegistryEntry
from pipelines.settings import Settings
from pipelines.store.registry import RegistryStore
from pipelines.workbook.prefill import prefilled_form
from pipelines.workbook.write import write_workbook


def prefilled_workbook(
    settings: Settings, catalogue: Catalogue, unit_code: str, period: Period
) -> tuple[RegistryEntry, bytes]:
    """The unit and its workbook. Raises UserMistake for a unit that there is not, or that does not report in the period."""
    registry = RegistryStore(settings.raw).current(catalogue)
    unit = registry.unit(unit_code)
    if unit is None:
        raise UserMistake(f"名册中没有代码为“{unit_code}”的单位。请核对单位代码。")
    if not unit.holds_in(period) or period not in catalogue.calendar.periods:
        raise UserMistake(f"{unit.name}在{period.label_zh}不需报送。请核对报告期。")
    branches = tuple(registry.branches_of(unit_code, period))
    previous = last_accepted_answers(settings.marts, unit_code, period)
    content = io.BytesIO()
    write_workbook(prefilled_form(unit, period, branches, catalogue, previous), catalogue, content)
    return unit, content.getvalue()
