"""Whose workbook it is and for which period: read from the cover, and held against what the other sheets say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from expectations import Period
from pipelines.intake.grid import Grid, address, squeezed
from pipelines.workbook import layout

_SHEET_PERIOD = re.compile(rf"{layout.PERIOD}[：:]\s*(\d{{4}}Q[1-4])")
_SHEET_UNIT = re.compile(rf"{layout.REPORTING_UNIT}[：:].*[（(]([0-9A-Za-z_-]+)[）)]")
_LABELS = {*layout.COVER_LABELS, *layout.COVER_LABELS_BESIDE}


@dataclass(frozen=True)
class CoverValue:
    """One value of the cover and the cell that it stands in; the text of a cell that was left blank is empty."""

    text: str
    cell: str


@dataclass(frozen=True)
class Identity:
    """What a workbook says of itself. A value is None where the cover does not even have its label.

    sheet: the name of the sheet that says it. sheet_periods: the periods that the other sheets name, with sheet and cell; one that differs from the cover's is a fault.
    """

    sheet: str
    unit_code: CoverValue | None
    unit_name: CoverValue | None
    period: CoverValue | None
    template_version: CoverValue | None
    sheet_periods: tuple[tuple[str, str, str], ...]
    sheet_units: tuple[tuple[str, str, str], ...] = ()

    @property
    def other_unit(self) -> tuple[str, str, str] | None:
        """The first sheet that is another unit's than the cover says: unit code, sheet, cell."""
        code = self.unit_code.text if self.unit_code else None
        return next((found for found in self.sheet_units if found[0] != code), None)

    @property
    def contradiction(self) -> tuple[str, str, str] | None:
        """The first sheet whose period is not the cover's: period, sheet, cell."""
        if self.period is None:
            return None
        return next((found for found in self.sheet_periods if found[0] != self.period.text), None)

    def parsed_period(self) -> Period | None:
        """The cover's period, where it is one and no sheet contradicts it."""
        if self.period is None or self.contradiction is not None:
            return None
        try:
            return Period.parse(self.period.text)
        except ValueError:
            return None


def read_identity(sheets: dict[str, Grid]) -> Identity | None:
    """The identity of a workbook from its sheets by their standard names; None where it has no cover of ours."""
    cover = sheets.get(layout.COVER)
    if cover is None:
        return None
    values = _cover_values(cover)
    if layout.UNIT_CODE not in values and layout.PERIOD not in values:
        return None
    return Identity(
        sheet=cover.name,
        unit_code=values.get(layout.UNIT_CODE),
        unit_name=values.get(layout.UNIT_NAME),
        period=values.get(layout.PERIOD),
        template_version=values.get(layout.TEMPLATE_VERSION),
        sheet_periods=tuple(_on_sheets(sheets, layout.PERIOD, _SHEET_PERIOD)),
        sheet_units=tuple(_on_sheets(sheets, layout.REPORTING_UNIT, _SHEET_UNIT)),
    )


def _cover_values(cover: Grid) -> dict[str, CoverValue]:
    """The value right of each label: the first cell in the row that is not empty; the blank cell where another label comes first."""
    values: dict[str, CoverValue] = {}
    for row, column, text in cover.texts():
        label = _label(text)
        if label not in layout.COVER_LABELS or (label in values and values[label].text):
            continue
        right = (
            (c, unicodedata.normalize("NFKC", cover.text_at(row, c)))
            for c in range(column + 1, len(cover.rows[row]))
        )
        found = next(((c, value) for c, value in right if value), None)
        if found is None or _label(found[1]) in _LABELS:
            found = column + 1, ""
        values[label] = CoverValue(found[1], address(row, found[0]))
    return values


def _label(text: str) -> str:
    return squeezed(text).rstrip("：:")


def _on_sheets(sheets: dict[str, Grid], label: str, pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """What each sheet but the cover says after a label, first place first: text, sheet, cell."""
    found = []
    for name in (*layout.DIMENSION_SHEETS.values(), layout.LEDGER):
        grid = sheets.get(name)
        if grid is None:
            continue
        labelled = ((text, row, column) for row, column, text in grid.texts() if label in text)
        matches = ((pattern.search(text), row, column) for text, row, column in labelled)
        first = next(
            ((match[1], grid.name, address(row, column)) for match, row, column in matches if match), None
        )
        if first is not None:
            found.append(first)
    return found
