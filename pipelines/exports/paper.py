"""A paper in the layout of an official document, part by part. Knows no mart. The same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table, _Cell

from pipelines.exports.cells import legal
from pipelines.exports.docx_package import pack
from pipelines.exports.paper_styles import (
    CELL,
    DAY,
    DAY_ASIDE,
    HEAD_FONT,
    ORGAN,
    characters,
    lay_out,
    name_fonts,
    set_aside,
)


class OfficialPaper:
    """A paper under way: parts in the order of reading, then `content`."""

    def __init__(self, title: str, created: datetime, warning: str | None) -> None:
        self._paper: Paper = Document()
        self._paper._body.clear_content()
        lay_out(self._paper, warning)
        name_fonts(self._paper)
        facts = self._paper.core_properties
        facts.title, facts.author, facts.last_modified_by = title, "三型", "三型"
        facts.comments, facts.language, facts.revision = warning or "", "zh-CN", 1
        facts.created = facts.modified = created.replace(tzinfo=None)

    def add(self, style: str, text: str) -> None:
        """A paragraph."""
        self._paper.add_paragraph(legal(text), style=style)

    def sign(self, organ: str, day: str) -> None:
        """Who signs, centred above the day, whose last character stands four from the right edge (GB/T 9704-2012, 7.3.5.1)."""
        aside = DAY_ASIDE + (characters(day) - characters(organ)) / 2
        set_aside(self._paper.add_paragraph(organ, style=ORGAN), max(aside, 0.0))
        self._paper.add_paragraph(day, style=DAY)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        *,
        centred: Sequence[bool],
    ) -> None:
        """A table whose head is repeated on each page and whose rows stay whole. widths: in millimetres, 156 in all."""
        table = self._paper.add_table(rows=0, cols=len(header), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _narrow_margins(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        _add_row(table, header, widths, [True] * len(header), is_head=True)
        for row in rows:
            _add_row(table, row, widths, centred)

    def content(self, properties: Mapping[str, str], data: str, namespace: str) -> bytes:
        """The file. properties: facts by name; data: a text for machines, kept as a part of the package under `namespace`."""
        return pack(self._paper, properties, data, namespace)


def _narrow_margins(table: Table) -> None:
    """0.7 mm beside the text of cells: a code stays on one line."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)


def _add_row(
    table: Table,
    texts: Sequence[str],
    widths: Sequence[int],
    centred: Sequence[bool],
    *,
    is_head: bool = False,
) -> None:
    row = table.add_row()  # type: ignore[no-untyped-call]
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, text, width, is_centred in zip(row.cells, texts, widths, centred, strict=True):
        _fill(cell, text, width, is_centred, is_head)


def _fill(cell: _Cell, text: str, width: int, is_centred: bool, is_head: bool) -> None:
    cell.width = Mm(width)
    line = cell.paragraphs[0]
    line.style = CELL
    if is_centred:
        line.alignment = ALIGN.CENTER
    run = line.add_run(legal(text))
    if is_head:
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEAD_FONT)
