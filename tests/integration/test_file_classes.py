"""What comes of each class of file that an office may send, read as the product reads it: in a process of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from pipelines.intake.formats import decoded
from pipelines.intake.grid import CSV_SHEET
from pipelines.intake.reading import Reading, Received, read_received
from pipelines.intake.workers import Lost, apart
from pipelines.workbook.form import Slot
from tests.file_classes import (
    CATALOGUE,
    CLASSES,
    FORM,
    GOOD,
    IDENTITY,
    MOBILE,
    NAME,
    REGISTRY,
    FileClass,
    commented,
    converted,
    edited,
)

LATER = datetime(2026, 1, 25, tzinfo=UTC)
Read = Callable[[bytes], Reading]
# What a finding quotes for a cell that holds nothing it could quote.
UNQUOTED = {"formula_without_result", "formula_error", "personal_data"}


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    with apart(read_received, (CATALOGUE, REGISTRY)) as readings:

        def one(content: bytes) -> Reading:
            (reading,) = readings([Received(content, LATER)])
            assert not isinstance(reading, Lost)
            return reading

        yield one


def test_there_are_enough_classes() -> None:
    assert len(CLASSES) >= 100


@pytest.mark.parametrize("made", CLASSES.values(), ids=CLASSES.keys())
def test_each_class_of_file(made: FileClass, read: Read) -> None:
    """The findings at their cells and no others; every other answer as it was put down."""
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


@pytest.mark.parametrize("made", CLASSES.values(), ids=CLASSES.keys())
def test_a_finding_quotes_what_another_library_finds_in_its_cell(made: FileClass, read: Read) -> None:
    quoted = [f for f in read(made.content).findings if f.cell and f.rule not in UNQUOTED]
    for finding in quoted:
        assert str(cell_value(made.content, finding.sheet, finding.cell)).strip() == finding.found


def cell_value(content: bytes, sheet: str | None, cell: str | None) -> object:
    if sheet == CSV_SHEET:
        rows = list(csv.reader(io.StringIO(decoded(content) or "")))
        row, column = openpyxl.utils.cell.coordinate_to_tuple(cell)
        return rows[row - 1][column - 1]
    return openpyxl.load_workbook(io.BytesIO(content))[sheet][cell].value


def test_a_person_is_named_nowhere(read: Read) -> None:
    """Not in a finding, whatever it says. What is kept of such a file: test_persons.py."""
    for name, made in CLASSES.items():
        if made.rules and made.rules[0][0] == "personal_data":
            said = repr(read(made.content))
            assert not [value for value in (IDENTITY, MOBILE, NAME, "甲") if value in said], name


def test_persons_in_comments_saved_by_libreoffice(read: Read, tmp_path: Path) -> None:
    """An .ods names the sheet; an .xls has no parser for comments, and is looked through by its bytes."""
    saved = converted(tmp_path, "xlsx", "xls", "ods", content=edited(commented))
    found = {name: read(content).findings for name, content in saved.items()}
    assert {name: [(f.rule, f.sheet, f.cell) for f in findings] for name, findings in found.items()} == {
        "xlsx": [("personal_data", "学习型", "D5")],
        "xls": [("personal_data", None, None)],
        "ods": [("personal_data", "学习型", None)],
    }
    assert MOBILE not in repr(found)


def test_files_saved_by_libreoffice(read: Read, tmp_path: Path) -> None:
    """.xls and .ods as an office program writes them, and .xlsx saved again: the same answers at the same cells."""
    written = read(GOOD)
    for name, content in converted(tmp_path, "xlsx", "xls", "ods").items():
        reading = read(content)
        assert reading.findings == [], name
        assert [a[:-3] for a in reading.answers] == [a[:-3] for a in written.answers], name
        assert [a[-2:] for a in reading.answers] == [a[-2:] for a in written.answers], name
