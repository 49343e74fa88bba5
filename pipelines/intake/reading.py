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
from pipelines.intake.identity import CoverValue, Identity, read_identity
from pipelines.intake.ledger_reader import read_ledger
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.workbook import layout


@dataclass(frozen=True)
class Reading:
    """What one file says. unit_code and period are None where they are not known for certain, which only a refused file's can be."""

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
    unit = _unit_of(identity, registry)
    period = _period_of(identity, catalogue, received_at)
    if isinstance(unit, Finding):
        return _refuse(unit, None, None if isinstance(period, Finding) else period)
    if isinstance(period, Finding):
        return _refuse(period, unit.unit_code)
    if not unit.holds_in(period):
        expected = f"{unit.valid_from}起至{unit.valid_to or '今'}报送"
        return _refuse(_on_cover("unit_not_valid", identity.unit_code, expected), unit.unit_code, period)
    return _read_answers(grids, unit, period, identity, catalogue, registry)


def _refuse(finding: Finding, unit_code: str | None = None, period: Period | None = None) -> Reading:
    return Reading(unit_code, period, findings=[finding], refused=True)


def _unit_of(identity: Identity, registry: Registry) -> RegistryEntry | Finding:
    """Whose file this is, or why that is not certain."""
    code, name = identity.unit_code, identity.unit_name
    if code is None:
        return _on_cover("unknown_unit", None, "本单位的代码")
    unit = registry.unit(code.text)
    if unit is None:
        return _on_cover("unknown_unit", code, "名册中的单位代码")
    if identity.other_unit is not None:
        other, sheet, _ = identity.other_unit
        return _on_cover("unit_name_differs", code, f"与“{sheet}”表的填报单位{other}一致")
    if name is None or name.text != unicodedata.normalize("NFKC", unit.name):
        return _on_cover("unit_name_differs", name, unit.name)
    return unit


def _period_of(identity: Identity, catalogue: Catalogue, received_at: datetime) -> Period | Finding:
    """For which period this file is, or why that is not certain or cannot be reported on yet."""
    given = identity.period
    if identity.contradiction is not None:
        other, sheet, _ = identity.contradiction
        return _on_cover("wrong_period", given, f"与“{sheet}”表的报告期{other}一致")
    period = identity.parsed_period()
    if period is None or not catalogue.calendar.first_period <= period <= catalogue.calendar.last_period:
        return _on_cover("wrong_period", given, "年份加季度，例如2025Q3")
    if catalogue.calendar.local_date(received_at) < period.first_day:
        return _on_cover("wrong_period", given, "已经开始的季度")
    return period


def _on_cover(rule: str, given: CoverValue | None, expected: str) -> Finding:
    found, cell = (given.text, given.cell) if given else ("空白", None)
    return Finding(rule, sheet=layout.COVER, cell=cell, found=found, expected=expected)


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
