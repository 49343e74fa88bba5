"""What comes of each class of file that an office may send, read as the product reads it: in a process of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from pipelines.intake.formats import decoded
from pipelines.intake.grid import CSV_SHEET
from pipelines.intake.reading import Reading, Received, read_received
from pipelines.intake.workers import Lost, apart
from pipelines.reading_frames import answer_frame
from pipelines.validation.validate import validate_answers
from pipelines.workbook.form import Slot
from tests.file_classes import (
    CATALOGUE,
    FORM,
    GOOD,
    IDENTITY,
    MOBILE,
    NAME,
    REGISTRY,
    FileClass,
    classes,
    commented,
    edited,
    saved_by_office,
)
from tests.libreoffice.office import Errand, run_errands

LATER = datetime(2026, 1, 25, tzinfo=UTC)
Read = Callable[[bytes], Reading]
# What a finding quotes for a cell that holds nothing it could quote.
UNQUOTED = {"formula_without_result", "formula_error", "personal_data", "over_limits"}


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    with apart(read_received, (CATALOGUE, REGISTRY)) as readings:

        def one(content: bytes) -> Reading:
            (reading,) = readings([Received(content, LATER)])
            assert not isinstance(reading, Lost)
            return reading

        yield one


def test_there_are_enough_classes() -> None:
    assert len(classes()) >= 100


def test_each_class_of_file(read: Read, subtests: pytest.Subtests) -> None:
    """The findings at their cells and no others; every other answer as it was put down."""
    for name, made in classes().items():
        with subtests.test(name):
            assert_outcome(read(made.content), made)


def assert_outcome(reading: Reading, made: FileClass) -> None:
    assert tuple((f.rule, f.sheet, f.cell) for f in reading.findings) == made.rules
    assert reading.refused == made.refused
    if made.refused:
        assert reading.answers == []
        return
    expected = {**FORM.current, **made.changed}
    found = {
        Slot(a.question, a.branch_code, a.month): a.text if a.text is not None else a.number
        for a in reading.answers
    }
    for slot, value in expected.items():
        if slot in made.lost:
            assert found.get(slot) is None, slot
        else:
            assert found[slot] == (Decimal(str(value)) if isinstance(value, float) else value), slot


def test_a_finding_quotes_what_another_library_finds_in_its_cell(
    read: Read, subtests: pytest.Subtests
) -> None:
    for name, made in classes().items():
        quoted = [f for f in read(made.content).findings if f.cell and f.rule not in UNQUOTED]
        for finding in quoted:
            with subtests.test(name):
                value = cell_value(made.content, finding.sheet, finding.cell)
                assert ("空白" if value in (None, "") else str(value).strip()) == finding.found


def test_a_finding_of_the_rules_quotes_what_stands_in_its_cell(read: Read) -> None:
    """Those of the answers as well: blank, too large, not of the kind asked, in a percentage as the cell shows it."""
    # No other library of the tests opens an .xlsb.
    opened = {name: made for name, made in classes().items() if not made.refused and "xlsb" not in name}
    readings = [(name, read(made.content)) for name, made in opened.items()]
    found = validate_answers(answer_frame(readings, REGISTRY), CATALOGUE)
    named = [(name, finding) for name, finding in found if finding.cell]
    assert {finding.rule for _, finding in named} >= {"type", "presence", "bounds"}
    for name, finding in named:
        assert finding.found in shown(opened[name].content, finding.sheet, finding.cell), (name, finding)


@cache
def book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def shown(content: bytes, sheet: str | None, address: str | None) -> set[str]:
    """The ways in which a clerk may see what another library finds in a cell."""
    if not content.startswith(b"PK"):
        return {str(cell_value(content, sheet, address))}
    cell = book(content)[sheet][address]
    if cell.value is None:
        return {"空白"}
    if isinstance(cell.value, bool):
        return {str(cell.value).upper()}
    if isinstance(cell.value, float) and cell.number_format.endswith("%"):
        return {f"{cell.value:.0%}"}
    return {str(cell.value), str(cell.value).removesuffix(" 00:00:00")}


def cell_value(content: bytes, sheet: str | None, cell: str | None) -> object:
    if sheet == CSV_SHEET:
        rows = list(csv.reader(io.StringIO(decoded(content) or "")))
        row, column = openpyxl.utils.cell.coordinate_to_tuple(cell)
        return rows[row - 1][column - 1] if row <= len(rows) else None
    return openpyxl.load_workbook(io.BytesIO(content))[sheet][cell].value


def test_a_person_is_named_nowhere(read: Read) -> None:
    """Not in a finding, whatever it says. What is kept of such a file: test_persons.py."""
    for name, made in classes().items():
        if made.rules and made.rules[0][0] == "personal_data":
            said = repr(read(made.content))
            assert not [value for value in (IDENTITY, MOBILE, NAME, "甲") if value in said], name


def test_persons_in_comments_saved_by_libreoffice(read: Read, tmp_path: Path) -> None:
    """An .ods names the sheet; an .xls has no parser for comments, and is looked through by its bytes."""
    source = tmp_path / "commented.xlsx"
    source.write_bytes(edited(commented))
    targets = {ending: tmp_path / f"saved{ending}" for ending in (".xlsx", ".xls", ".ods")}
    run_errands([Errand(source, target) for target in targets.values()], tmp_path / "profile")
    found = {ending: read(target.read_bytes()).findings for ending, target in targets.items()}
    assert {name: [(f.rule, f.sheet, f.cell) for f in findings] for name, findings in found.items()} == {
        ".xlsx": [("personal_data", "学习型", "D5")],
        ".xls": [("personal_data", None, None)],
        ".ods": [("personal_data", "学习型", None)],
    }
    assert MOBILE not in repr(found)


def test_files_saved_by_an_office_program(read: Read, tmp_path: Path) -> None:
    """What a cell shows is read the same from .xlsx, .xls and .ods, at the same cells; a password is told in each."""
    written = read(GOOD)
    made = dict(saved_by_office(tmp_path))
    assert len(made) >= 26
    for name, one in made.items():
        reading = read(one.content)
        try:
            assert_outcome(reading, one)
        except AssertionError as error:
            raise AssertionError(name) from error
        if name.endswith("as handed out"):
            assert reading.columns == written.columns, name
