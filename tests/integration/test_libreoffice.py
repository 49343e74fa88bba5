"""A workbook that went through LibreOffice is still our workbook: re-saved without loss, and filled by hand as by code."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from expectations import load_catalogue
from pipelines.intake.reading import Reading, read_submission
from pipelines.registry.model import Registry
from pipelines.workbook import layout
from pipelines.workbook.form import Slot, UnitForm, Value
from pipelines.workbook.write import write_workbook
from tests.libreoffice.office import Errand, run_errands
from tests.workbooks import filled_form

Place = tuple[str, str]
Case = tuple[str, str]  # kind of unit and period
LOCKED: Place = (layout.LEDGER, "A8")  # a branch's code: typing there must change nothing
CASES: tuple[Case, ...] = (("school", "2025Q2"), ("university", "2025Q4"), ("city", "2025Q1"))
EACH_CASE = pytest.mark.parametrize("case", CASES, ids="-".join)


def read_values(workbook: Path) -> dict[Place, object]:
    """Every value by sheet and cell."""
    values: dict[Place, object] = {}
    book = CalamineWorkbook.from_path(workbook)
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        top, left = sheet.start or (0, 0)
        for row, cells in enumerate(sheet.to_python(skip_empty_area=True), top + 1):
            for column, value in enumerate(cells, left):
                if value != "":
                    values[name, f"{_letters(column)}{row}"] = value
    return values


def _letters(column: int) -> str:
    return chr(65 + column) if column < 26 else _letters(column // 26 - 1) + chr(65 + column % 26)


@dataclass(frozen=True)
class Journey:
    """One form on its ways: written by code and re-saved by LibreOffice; its template, and that typed into and saved."""

    form: UnitForm
    written: Path
    resaved: Path
    template: Path
    by_hand: Path

    @cached_property
    def typed(self) -> dict[Place, str]:
        """What a clerk types: every value that the written workbook has and its template lacks."""
        blank = read_values(self.template)
        values = read_values(self.written)
        return {place: as_typed(value) for place, value in values.items() if value != blank.get(place)}


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, Journey]:
    """Every case, taken through one LibreOffice."""
    catalogue, folder = load_catalogue(), tmp_path_factory.mktemp("libreoffice")
    journeys: dict[Case, Journey] = {}
    for kind, period in CASES:
        form = filled_form(kind, period, catalogue)
        names = [f"{kind}_{period}_{way}.xlsx" for way in ("written", "resaved", "template", "by_hand")]
        journeys[kind, period] = journey = Journey(form, *(folder / name for name in names))
        write_workbook(form, catalogue, journey.written)
        # What is pre-filled has changed since, so that the clerk types over it.
        stocks: dict[Slot, Value] = {
            slot: 1 for slot in form.current if catalogue.question[slot.question].prefill
        }
        template = dataclasses.replace(form, current=stocks, explanations={})
        write_workbook(template, catalogue, journey.template)
    errands = [Errand(journey.written, journey.resaved) for journey in journeys.values()]
    errands += [
        Errand(journey.template, journey.by_hand, journey.typed | {LOCKED: "改"})
        for journey in journeys.values()
    ]
    run_errands(errands, folder / "profile")
    return journeys


@EACH_CASE
def test_resaved_values_are_the_same(case: Case, journeys: dict[Case, Journey]) -> None:
    values = read_values(journeys[case].written)
    assert len(values) > 150
    assert read_values(journeys[case].resaved) == values


@EACH_CASE
def test_resaved_form_is_the_same(case: Case, journeys: dict[Case, Journey]) -> None:
    written, resaved = load_workbook(journeys[case].written), load_workbook(journeys[case].resaved)
    assert resaved.sheetnames == written.sheetnames
    for sheet in written:
        again = resaved[sheet.title]
        for aspect in (protection, validations, panes_and_merges, printing):
            assert aspect(again) == aspect(sheet), (sheet.title, aspect.__name__)
        assert column_widths(again) == pytest.approx(column_widths(sheet), rel=0.05), sheet.title


@EACH_CASE
def test_filled_by_hand_is_as_filled_by_code(case: Case, journeys: dict[Case, Journey]) -> None:
    journey = journeys[case]
    assert len(journey.typed) == len(journey.form.current) + len(journey.form.explanations)
    assert read_values(journey.by_hand) == read_values(journey.written)


@EACH_CASE
def test_our_reader_reads_all_three_the_same(case: Case, journeys: dict[Case, Journey]) -> None:
    """Written by code, re-saved, filled by hand: the same answers at the same cells, and every answer that was given."""
    journey = journeys[case]
    written = reading(journey.written, journey.form)
    assert len(written.answers) == len(journey.form.current) > 10
    assert all(answer.raw is not None for answer in written.answers)
    assert reading(journey.resaved, journey.form) == written
    assert reading(journey.by_hand, journey.form) == written


def reading(workbook: Path, form: UnitForm) -> Reading:
    """What the intake makes of a workbook, received after the period."""
    registry = Registry((form.unit, *form.branches), "")
    received_at = datetime(2026, 1, 5, tzinfo=UTC)
    read = read_submission(workbook.read_bytes(), load_catalogue(), registry, received_at)
    assert read.findings == []
    return read


def as_typed(value: object) -> str:
    """What a clerk types for a value: 12, 95.5, 是."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def protection(sheet: Worksheet) -> dict[str, object]:
    return {
        "protected": sheet.protection.sheet,
        "selecting": (sheet.protection.selectLockedCells, sheet.protection.selectUnlockedCells),
        "open": {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked},
    }


def validations(sheet: Worksheet) -> dict[str, tuple[object, ...]]:
    """What may be typed into each cell, and what the clerk is told."""
    return {
        cell.coordinate: (
            entry.type, entry.operator or "between", entry.formula1, None if entry.type == "list" else entry.formula2, entry.allow_blank,
            entry.promptTitle, entry.prompt, entry.errorTitle, entry.error, entry.errorStyle or "stop",
        )
        for entry in sheet.data_validations.dataValidation
        for span in entry.sqref.ranges
        for row in sheet[span.coord if ":" in span.coord else f"{span.coord}:{span.coord}"]
        for cell in row
    }  # fmt: skip


def panes_and_merges(sheet: Worksheet) -> dict[str, object]:
    return {"frozen": sheet.freeze_panes, "merged": {str(merged) for merged in sheet.merged_cells.ranges}}


def printing(sheet: Worksheet) -> dict[str, object]:
    return {
        "paper": sheet.page_setup.paperSize,
        "orientation": sheet.page_setup.orientation,
        "fit": sheet.sheet_properties.pageSetUpPr.fitToPage,
        "pages": (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight),
        "rows": sheet.print_title_rows,
        "columns": sheet.print_title_cols,
        "footer": [
            part.text for part in (sheet.oddFooter.left, sheet.oddFooter.center, sheet.oddFooter.right)
        ],
        "header": sheet.oddHeader.right.text,
    }


def column_widths(sheet: Worksheet) -> dict[str, float]:
    widths: dict[str, float] = {}
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, min(dimension.max, sheet.max_column) + 1):
            widths[_letters(column - 1)] = dimension.width
    return widths
