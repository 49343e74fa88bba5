"""What a number format makes of a number, and what an .ods cell shows: told from what is written in the file."""

from __future__ import annotations

import pytest

from pipelines.intake.marks import Mark, percent_mark
from pipelines.intake.marks_ods import read_ods_marks

SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ("0%", Mark.PERCENT), ("0.00%", Mark.PERCENT), ("0 %", Mark.PERCENT), ("[Red]0%;-0%", Mark.PERCENT), ('"约"0%', Mark.PERCENT),
        ('0"%"', Mark.PERCENT_SIGN), (r"0\%", Mark.PERCENT_SIGN), ('0"% 左右"', Mark.PERCENT_SIGN), ("0[$%]", Mark.PERCENT_SIGN),
        ("0.00", None), ("General", None), ("0_%", None), ("0*%", None), ('0"人"', None), ("", None), ('0"', None),
    ],
)  # fmt: skip
def test_a_percent_sign_that_is_only_written_makes_no_percentage(code: str, mark: Mark | None) -> None:
    assert percent_mark(code) is mark


def cell(attributes: str, shown: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        (cell('office:value-type="percentage" office:value="0.5"', "50%"), Mark.PERCENT),
        (cell('office:value-type="float" office:value="0.5"', "50%"), Mark.PERCENT),
        (cell('office:value-type="float" office:value="0.0512"', "5%"), Mark.PERCENT),
        (cell('office:value-type="float" office:value="5"', "5%"), Mark.PERCENT_SIGN),
        (cell('office:value-type="float" office:value="5"', "5"), None),
        (cell('office:value-type="boolean" office:boolean-value="true"', "是"), Mark.BOOLEAN),
        (cell('table:formula="of:=TRUE()" office:value-type="float" office:value="1"', "TRUE"), Mark.BOOLEAN),
        (cell('table:formula="of:=1/0" calcext:value-type="error" office:value-type="string"', "#DIV/0!"), Mark.ERROR),
        (cell('table:formula="of:=1/0" office:value-type="float" office:value="0"', "#DIV/0!"), Mark.ERROR),
        (cell('table:formula="of:=x(" office:value-type="string"', "Err:508"), Mark.ERROR),
        (cell('office:value-type="string"', "#N/A"), None),
        ('<table:table-cell table:formula="of:=1+1"/>', Mark.UNCALCULATED),
        (cell('table:formula="of:=&quot;&quot;" office:value-type="string"'), None),
    ],
)  # fmt: skip
def test_a_cell_of_an_ods_is_what_it_shows(written: str, mark: Mark | None) -> None:
    """Also where another cell, or a comment's text, stands before it."""
    comment = "<office:annotation><text:p>9%</text:p></office:annotation>"
    cells = f'<table:table-cell table:number-columns-repeated="2"/>{written.replace("><", f">{comment}<", 1)}'
    rows = f'<table:table-row table:number-rows-repeated="3"/><table:table-row-group><table:table-row>{cells}</table:table-row></table:table-row-group>'
    content = f'<office:document-content {SPACES} {CALC}><office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    marks = read_ods_marks({"content.xml": content.encode()})
    assert marks == {"表": {} if mark is None else {(3, 2): mark}}


def test_a_format_of_a_whole_sheet_costs_no_more_than_the_largest_sheet() -> None:
    written = cell(
        'office:value-type="percentage" office:value="0.5" table:number-columns-repeated="16384"', "50%"
    )
    rows = f'<table:table-row table:number-rows-repeated="2">{written}</table:table-row>'
    content = f'<office:document-content {SPACES}><office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    assert len(read_ods_marks({"content.xml": content.encode()})["表"]) == 800
