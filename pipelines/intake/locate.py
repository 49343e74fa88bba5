"""Which sheet is which: by its name, and where that was changed, by what stands on it. What could be two things is neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.intake.answers import Finding
from pipelines.intake.grid import Grid, squeezed
from pipelines.intake.values import code_text
from pipelines.workbook import layout


@dataclass(frozen=True)
class Located:
    """The sheets of a form by their standard names, and which of them were found under another name."""

    sheets: dict[str, Grid]
    findings: list[Finding] = field(default_factory=list)
    ambiguous: frozenset[str] = frozenset()

    def missing(self, name: str) -> Finding:
        """Why this sheet cannot be read: it is not there, lacks its heads, or two sheets could be it."""
        if name in self.ambiguous:
            found = "有几张表都像这张表，无法认定"
        else:
            found = "没有表头" if name in self.sheets else "没有这张表"
        return Finding("sheet_missing", sheet=name, found=found, expected=f"有一张“{name}”表")


def locate(grids: dict[str, Grid], letters: Mapping[str, str]) -> Located:
    """Find cover, dimension sheets and ledger. Sheets that keep their names are never second-guessed; one like them is said.

    letters: the standard sheet name of each dimension, by the letter that its codes begin with.
    """
    sheets = {name: grid for name, grid in grids.items() if name in layout.SHEETS}
    candidates: dict[str, list[Grid]] = {}
    findings = []
    for name, grid in grids.items():
        role = _role(grid, letters) if name not in layout.SHEETS and layout.is_read(name) else None
        if role in sheets:
            findings.append(Finding("sheet_ignored", sheet=name, found=name, expected=f"“{role}”"))
        elif role is not None:
            candidates.setdefault(role, []).append(grid)
    for role, found in candidates.items():
        if len(found) == 1:
            sheets[role] = found[0]
            findings.append(
                Finding("sheet_renamed", sheet=found[0].name, found=found[0].name, expected=f"“{role}”")
            )
    ambiguous = frozenset(role for role, found in candidates.items() if len(found) > 1)
    return Located(sheets, findings, ambiguous)


def _role(grid: Grid, letters: Mapping[str, str]) -> str | None:
    """The standard name of a sheet, from its heads and codes; None for a sheet that is none of ours."""
    if grid.find_row(layout.BRANCH_CODE) is not None:
        return layout.LEDGER
    head = grid.find_row(layout.CODE, layout.CURRENT)
    if head is not None:
        return _dimension(grid, *head, letters)
    labels = {squeezed(text).rstrip("：:") for _, _, text in grid.texts()}
    return layout.COVER if {layout.UNIT_CODE, layout.PERIOD} <= labels else None


def _dimension(grid: Grid, head: int, columns: dict[str, int], letters: Mapping[str, str]) -> str | None:
    """The one dimension that all codes below the head begin with."""
    codes = (code_text(grid.at(row, columns[layout.CODE])) for row in range(head + 1, len(grid.rows)))
    names = {letters[code[0].upper()] for code in codes if code and code[0].upper() in letters}
    return names.pop() if len(names) == 1 else None
