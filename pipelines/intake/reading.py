"""One file to one reading: identity, answers and what was found on the way. The only entrance to the rest of intake."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_sheets
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.bounds import NotAWorkbook, OutOfBounds
from pipelines.intake.form_reader import read_form
from pipelines.intake.grid import Grid, open_grids
from pipelines.intake.identity import Identity, read_identity
from pipelines.intake.ledger_reader import read_ledger
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.workbook import layout


@dataclass(frozen=True)
class Reading:
    """What one file says. unit_code and period are None where the file was refused before they could be trusted."""

    unit_code: str | None = None
    period: Period | None = None
    answers: list[Answer] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False


def identify(content: bytes) -> tuple[str | None, Period | None]:
    """Unit code and period from the file alone, without a registry; (None, None) where it does not say both clearly."""
    try:
        identity = read_identity(open_grids(content))
    except (NotAWorkbook, OutOfBounds):
        return None, None
    if identity is None or identity.unit_code is None:
        return None, None
    period = identity.parsed_period()
    return (identity.unit_code.text, period) if period is not None else (None, None)


def read_submission(
    content: bytes, catalogue: Catalogue, registry: Registry, received_at: datetime
) -> Reading:
    """Read a file. A user's mistake is a finding, never an exception."""
    try:
        grids = open_grids(content)
    except NotAWorkbook as error:
        return _refuse(Finding("not_a_workbook", found=str(error), expected="一个.xlsx工作簿"))
    except OutOfBounds as error:
        return _refuse(Finding("over_limits", found=str(error), expected="系统发放的模板大小"))
    identity = read_identity(grids)
    if identity is None:
        return _refuse(Finding("not_our_form", found="没有本系统的封面", expected="系统发放的模板"))
    fault = _identity_fault(identity, catalogue, registry, received_at)
    if fault is not None:
        return _refuse(fault)
    assert identity.unit_code is not None
    unit, period = registry.unit(identity.unit_code.text), identity.parsed_period()
    assert unit is not None
    assert period is not None
    return _read_answers(grids, unit, period, identity, catalogue, registry)


def _refuse(finding: Finding) -> Reading:
    return Reading(findings=[finding], refused=True)


def _identity_fault(
    identity: Identity, catalogue: Catalogue, registry: Registry, received_at: datetime
) -> Finding | None:
    """Why this file cannot be taken as that unit's for that period; None where it can."""
    code, name, period_value = identity.unit_code, identity.unit_name, identity.period
    if code is None:
        return Finding("unknown_unit", sheet=layout.COVER, found="空白", expected="本单位的代码")
    unit = registry.unit(code.text)
    if unit is None:
        return Finding(
            "unknown_unit", sheet=layout.COVER, cell=code.cell, found=code.text, expected="名册中的单位代码"
        )
    if identity.other_unit is not None:
        other, sheet, _ = identity.other_unit
        expected = f"与“{sheet}”表的填报单位{other}一致"
        return Finding(
            "unit_name_differs", sheet=layout.COVER, cell=code.cell, found=code.text, expected=expected
        )
    if name is None or name.text != unicodedata.normalize("NFKC", unit.name):
        found, cell = (name.text, name.cell) if name else ("空白", None)
        return Finding("unit_name_differs", sheet=layout.COVER, cell=cell, found=found, expected=unit.name)
    if identity.contradiction is not None and period_value is not None:
        period_text, sheet, _ = identity.contradiction
        expected = f"与“{sheet}”表的报告期{period_text}一致"
        return Finding(
            "wrong_period",
            sheet=layout.COVER,
            cell=period_value.cell,
            found=period_value.text,
            expected=expected,
        )
    period = identity.parsed_period()
    if period is None or not catalogue.calendar.first_period <= period <= catalogue.calendar.last_period:
        found, cell = (period_value.text, period_value.cell) if period_value else ("空白", None)
        return Finding(
            "wrong_period", sheet=layout.COVER, cell=cell, found=found, expected="年份加季度，例如2025Q3"
        )
    if catalogue.calendar.local_date(received_at) < period.first_day:
        assert period_value is not None
        return Finding(
            "wrong_period",
            sheet=layout.COVER,
            cell=period_value.cell,
            found=period_value.text,
            expected="已经开始的季度",
        )
    if not unit.holds_in(period):
        return Finding(
            "unit_not_valid",
            sheet=layout.COVER,
            cell=code.cell,
            found=code.text,
            expected=f"{unit.valid_from}起至{unit.valid_to or '今'}报送",
        )
    return None


def _read_answers(
    grids: dict[str, Grid],
    unit: RegistryEntry,
    period: Period,
    identity: Identity,
    catalogue: Catalogue,
    registry: Registry,
) -> Reading:
    findings = _template_findings(identity, catalogue)
    answers, faults = read_form(grids, unit_sheets(catalogue, unit.kind, period))
    branches = registry.branches_of(unit.unit_code, period)
    columns = ledger_columns(catalogue, unit.kind, period)
    ledger_answers, ledger_faults = read_ledger(grids.get(layout.LEDGER), columns, branches, unit.kind)
    return Reading(unit.unit_code, period, answers + ledger_answers, findings + faults + ledger_faults)


def _template_findings(identity: Identity, catalogue: Catalogue) -> list[Finding]:
    version, current = identity.template_version, catalogue.identity.template_version
    if version is not None and version.text == current:
        return []
    found, cell = (version.text, version.cell) if version else ("空白", None)
    return [
        Finding("old_template", sheet=layout.COVER, cell=cell, found=found, expected=f"模板版本{current}")
    ]
