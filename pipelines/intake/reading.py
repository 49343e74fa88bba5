"""One file to one reading: identity, answers and what was found on the way. The only entrance to the rest of intake."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions, unit_sheets
from pipelines.intake.answers import NO_ANSWERS, Answer, Columns, Finding, as_columns
from pipelines.intake.form_reader import read_form
from pipelines.intake.formats import Format, decoded
from pipelines.intake.grid import CSV_SHEET, Workbook, open_workbook, squeezed
from pipelines.intake.identity import CoverValue, Identity, read_identity
from pipelines.intake.ledger_reader import read_ledger
from pipelines.intake.locate import Located, locate
from pipelines.intake.long_reader import read_long_identity, read_long_table
from pipelines.intake.person_text import looks_like_name, person_in, person_number
from pipelines.intake.persons import find_persons, find_persons_in_text
from pipelines.intake.refusal import Refusal
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.workbook import layout


@dataclass(frozen=True)
class Reading:
    """What one file says. unit_code and period are None where they are not known for certain, which only a refused file's can be."""

    unit_code: str | None = None
    period: Period | None = None
    columns: Columns = NO_ANSWERS
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False

    @property
    def answers(self) -> list[Answer]:
        """The answers, one by one."""
        return [Answer._make(row) for row in zip(*self.columns, strict=True)]


class Received(NamedTuple):
    """A file's bytes and when they came."""

    content: bytes
    received_at: datetime


@dataclass(frozen=True)
class Claim:
    """What a file says of itself before any registry is asked, and why it cannot be read where that is certain already."""

    unit_code: str | None = None
    period: Period | None = None
    refusal: Refusal | None = None

    @property
    def withheld(self) -> Refusal | None:
        """Why the file's content must not be kept: it holds persons' data."""
        return self.refusal if self.refusal is not None and self.refusal.rule == "personal_data" else None


class Opened(NamedTuple):
    """A file's sheets and what it says of itself. identity is None where it says nothing, and then `refusal` says why."""

    book: Workbook
    located: Located
    identity: Identity | None
    refusal: Refusal | None


def identify(content: bytes, catalogue: Catalogue) -> Claim:
    """Whose file this says it is, for which period, and whether it must not be kept. Needs no registry."""
    opened = _opened(content, catalogue)
    return Claim(refusal=opened) if isinstance(opened, Refusal) else _claim(opened)


def take(received: Received, shared: tuple[Catalogue, Registry | None]) -> tuple[Claim, Reading | None]:
    """What receiving needs of a file, from one opening: whose it is, and its reading where there is a registry to read it with."""
    catalogue, registry = shared
    opened = _opened(received.content, catalogue)
    claim = Claim(refusal=opened) if isinstance(opened, Refusal) else _claim(opened)
    if registry is None or claim.withheld is not None:
        return claim, None
    return claim, _reading(opened, catalogue, registry, received.received_at)


def read_received(received: Received, shared: tuple[Catalogue, Registry]) -> Reading:
    """`read_submission` as a process of its own takes it: one file, and what all files share."""
    return read_submission(received.content, *shared, received.received_at)


def read_submission(
    content: bytes, catalogue: Catalogue, registry: Registry, received_at: datetime
) -> Reading:
    """Read a file. A user's mistake is a finding, never an exception."""
    return _reading(_opened(content, catalogue), catalogue, registry, received_at)


def _opened(content: bytes, catalogue: Catalogue) -> Opened | Refusal:
    """The file, looked through for persons before anything else is said of it; a refusal where it cannot be opened."""
    try:
        book = open_workbook(content)
        located = _located(book, catalogue)
        persons = find_persons(book)
    except Refusal as refusal:
        return _persons_in_unopened(content, refusal) or refusal
    try:
        identity = _identity(book, located)
    except Refusal as refusal:
        return Opened(book, located, None, persons or refusal)
    no_form = Refusal("not_our_form", _looks(book)) if identity is None else None
    return Opened(book, located, identity, persons or no_form)


def _persons_in_unopened(content: bytes, refusal: Refusal) -> Refusal | None:
    """What of persons can be seen without opening a file: any text can be looked through, and a sheet's name must not be repeated."""
    text = decoded(content)
    if text is not None:
        return find_persons_in_text(text)
    what = person_in(refusal.sheet)
    return Refusal("personal_data", f"工作表名称中的{what}") if what else None


def _claim(opened: Opened) -> Claim:
    identity, refusal = opened.identity, opened.refusal
    period = identity.parsed_period() if identity is not None else None
    if identity is None or identity.unit_code is None or not identity.unit_code.text or period is None:
        return Claim(refusal=refusal)
    # The code becomes a file's name: what a person could be found by must not.
    if person_number(identity.unit_code.text) is not None:
        return Claim(refusal=refusal)
    return Claim(identity.unit_code.text, period, refusal)


def _reading(
    opened: Opened | Refusal, catalogue: Catalogue, registry: Registry, received_at: datetime
) -> Reading:
    if isinstance(opened, Refusal):
        return refused(opened)
    book, located, identity, refusal = opened
    if refusal is not None:
        return refused(refusal)
    assert identity is not None
    unit = _unit_of(identity, registry, has_name=book.format is not Format.CSV)
    period = _period_of(identity, catalogue, received_at)
    if isinstance(unit, Finding):
        return _refuse(unit, None, None if isinstance(period, Finding) else period)
    if isinstance(period, Finding):
        return _refuse(period, unit.unit_code)
    if not unit.holds_in(period):
        return _refuse(_not_valid(identity, unit, period), unit.unit_code, period)
    return _read_answers(book, located, unit, period, identity, catalogue, registry)


def refused(refusal: Refusal, unit_code: str | None = None, period: Period | None = None) -> Reading:
    """The reading of a file that is not read any further."""
    finding = Finding(refusal.rule, refusal.sheet, refusal.cell, found=refusal.found)
    return _refuse(finding, unit_code, period)


def unreadable(reason: str) -> Reading:
    """The reading of a file whose process was lost."""
    return refused(Refusal("unreadable_file", reason))


def period_closed(closed_on: date) -> Refusal:
    """Why a file that came after its period was closed is not read."""
    return Refusal("period_closed", closed_on.isoformat())


def _located(book: Workbook, catalogue: Catalogue) -> Located:
    letters = {
        dimension.letter: layout.DIMENSION_SHEETS[dimension.code] for dimension in catalogue.kinds.dimensions
    }
    return Located({}) if book.format is Format.CSV else locate(book.grids, letters)


def _identity(book: Workbook, located: Located) -> Identity | None:
    return (
        read_long_identity(book.grids[CSV_SHEET])
        if book.format is Format.CSV
        else read_identity(located.sheets)
    )


def _looks(book: Workbook) -> str:
    """What a workbook without our cover looks like: its sheets, bounded, a name that could be a person's by its place."""
    if book.format is Format.CSV:
        return "长表的第1行应有unit、period、branch、month、question、value六列"
    names = [
        f"第{number}张" if name not in layout.SHEETS and looks_like_name(name) else name[:20]
        for number, name in enumerate(list(book.grids)[:3], 1)
    ]
    more = f"等{len(book.grids)}张表" if len(book.grids) > len(names) else ""
    return f"没有本系统的封面，工作表为“{'”“'.join(names)}”{more}" if names else "没有工作表"


def _refuse(finding: Finding, unit_code: str | None = None, period: Period | None = None) -> Reading:
    return Reading(unit_code, period, findings=[finding], refused=True)


def _unit_of(identity: Identity, registry: Registry, *, has_name: bool) -> RegistryEntry | Finding:
    """Whose file this is, or why that is not certain. has_name: whether the form gives the unit's name beside its code."""
    code, name = identity.unit_code, identity.unit_name
    if code is None or not code.text:
        return _on_cover("unknown_unit", identity, code, "本单位的代码")
    unit = registry.unit(code.text)
    if unit is None:
        return _on_cover("unknown_unit", identity, code, "名册中的单位代码")
    if identity.other_unit is not None:
        other, sheet, _ = identity.other_unit
        return _on_cover("unit_name_differs", identity, code, f"与“{sheet}”表的填报单位{other}一致")
    if has_name and (name is None or squeezed(name.text) != squeezed(unit.name)):
        return _on_cover("unit_name_differs", identity, name, unit.name)
    return unit


def _period_of(identity: Identity, catalogue: Catalogue, received_at: datetime) -> Period | Finding:
    """For which period this file is, or why that is not certain or cannot be reported on yet."""
    given = identity.period
    if identity.contradiction is not None:
        other, sheet, _ = identity.contradiction
        return _on_cover("wrong_period", identity, given, f"与“{sheet}”表的报告期{other}一致")
    period = identity.parsed_period()
    if period is None or not catalogue.calendar.first_period <= period <= catalogue.calendar.last_period:
        return _on_cover("wrong_period", identity, given, "年份加季度，例如2025Q3")
    if catalogue.calendar.local_date(received_at) < period.first_day:
        return _on_cover("wrong_period", identity, given, "已经开始的季度")
    return period


def _on_cover(rule: str, identity: Identity, given: CoverValue | None, expected: str | None) -> Finding:
    """A finding where the file says whose it is: on its cover, or in a long table's lines."""
    found, cell = (given.text or "空白", given.cell) if given else ("空白", None)
    return Finding(rule, sheet=identity.sheet, cell=cell, found=found, expected=expected)


def _not_valid(identity: Identity, unit: RegistryEntry, period: Period) -> Finding:
    """Why a known unit does not report in this period."""
    assert identity.unit_code is not None
    if unit.valid_to is not None and unit.valid_to < period.last_day:
        expected = f"该单位已于{unit.valid_to}撤销或合并，只报送此前的报告期"
    else:
        expected = f"该单位自{unit.valid_from}起报送"
    return _on_cover("unit_not_valid", identity, identity.unit_code, expected)


def _read_answers(
    book: Workbook,
    located: Located,
    unit: RegistryEntry,
    period: Period,
    identity: Identity,
    catalogue: Catalogue,
    registry: Registry,
) -> Reading:
    branches = registry.branches_of(unit.unit_code, period)
    columns = ledger_columns(catalogue, unit.kind, period)
    if book.format is Format.CSV:
        own = unit_questions(catalogue, unit.kind, period)
        answers, faults = read_long_table(book.grids[CSV_SHEET], own, columns, branches, unit.kind)
        return Reading(unit.unit_code, period, as_columns(answers), faults)
    findings = [*_template_findings(identity, catalogue), *located.findings]
    if book.format is Format.XLSM:
        findings.append(Finding("macros_ignored"))
    answers, faults = read_form(located, unit_sheets(catalogue, unit.kind, period))
    ledger_answers, ledger_faults = read_ledger(located, columns, branches, unit.kind)
    return Reading(
        unit.unit_code, period, as_columns(answers + ledger_answers), findings + faults + ledger_faults
    )


def _template_findings(identity: Identity, catalogue: Catalogue) -> list[Finding]:
    """What there is to say of the template: an older one is taken where its codes are found, an unknown one is not."""
    version, current = identity.template_version, catalogue.identity.template_version
    if version is not None and version.text == current:
        return []
    is_older = version is not None and version.text in catalogue.identity.older_template_versions
    expected = None if is_older else f"模板版本{current}"
    return [_on_cover("older_template" if is_older else "old_template", identity, version, expected)]
