"""A unit's workbook for a period as an .xlsx file: cover, one sheet for each dimension asked, and the branch ledger.

The same form and catalogue give the same bytes. What goes into the cells is decided elsewhere (prefill.py, the sample).
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from xlsxwriter.workbook import Workbook

from expectations.catalogue import Catalogue
from expectations.forms import ledger_columns, unit_sheets
from pipelines.workbook.cover import write_cover
from pipelines.workbook.dimension_sheet import write_dimension
from pipelines.workbook.form import UnitForm
from pipelines.workbook.layout import SYNTHETIC
from pipelines.workbook.ledger_sheet import ledger_cells, write_ledger, write_notes
from pipelines.workbook.styles import BODY_FONT, make_styles

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": BODY_FONT, "font_size": 10},
}


def write_workbook(form: UnitForm, catalogue: Catalogue, target: Path | BinaryIO) -> None:
    """Write the workbook of `form` to a path or an open binary file."""
    asked = unit_sheets(catalogue, form.unit.kind, form.period)
    columns = ledger_columns(catalogue, form.unit.kind, form.period)
    # The library writes into the options that it is given: a copy keeps the next workbook the same.
    with Workbook(target, deepcopy(_OPTIONS)) as book:
        book.set_properties(_properties(form, catalogue))
        styles = make_styles(book)
        write_cover(book, styles, form, catalogue, asked, ledger_cells(columns, form))
        for dimension, questions in asked:
            write_dimension(book, styles, form, catalogue, dimension, questions)
        write_ledger(book, styles, form, catalogue, columns)
        write_notes(book, styles, form, catalogue, columns)


def _properties(form: UnitForm, catalogue: Catalogue) -> dict[str, str | datetime]:
    """Document properties: organisations only, and a date that depends on the period alone."""
    return {
        "title": f"{catalogue.identity.title_zh} {form.period}",
        "subject": form.unit.name,
        "author": catalogue.identity.issuer_zh,
        "company": catalogue.identity.issuer_zh,
        "comments": SYNTHETIC if form.unit.is_synthetic else "",
        "created": datetime.combine(form.period.last_day, datetime.min.time()),
    }
