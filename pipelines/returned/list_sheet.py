"""The first sheet of a returned workbook (问题清单): all findings, grouped by cause, worst first, with links to their cells.

No finding is left out: where the rows of one sheet run out the list goes on on the next, as intake takes no sheet of more
than 20,000 rows. All text is inline text, so nothing that a sender wrote becomes a formula.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pipelines.returned.marks import SEVERITIES
from pipelines.returned.package import OFFICE
from pipelines.returned.remarks import Remark
from pipelines.returned.styles import NO_FILL, Styles
from pipelines.returned.tags import escaped, quoted
from pipelines.workbook.layout import RETURNED_LIST, SYNTHETIC
from pipelines.workbook.styles import BODY_FONT, HEAD_FILL, HEAD_FONT, LINE, WARNING, row_height

TITLE = "三型报表问题清单"
MOST_ROWS = 15_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEADS = (
    ("序号", 6), ("级别", 8), ("工作表", 11), ("单元格", 9), ("支部", 20), ("指标", 26), ("填报内容", 18), ("应为", 28), ("改正办法", 34),
)  # fmt: skip
_LAST = "I"
_SHEET_COLUMN, _CELL_COLUMN = 2, 3
HOW_TO = (
    "请在原表中改正后保存，直接重新报送本文件。点“单元格”栏可跳到该处；有底色的单元格附有批注。"
    "本清单、底色和批注在重新报送时自动更新，不需删除。"
)


class Head(NamedTuple):
    """What stands above the list: whose file it is, remarks on how it was made, and whether all of it is synthetic."""

    unit: str
    notes: tuple[str, ...] = ()
    is_synthetic: bool = False


class ListSheet(NamedTuple):
    """One sheet of the list: its part, and how many rows are repeated on each printed page."""

    part: bytes
    head_rows: int


class _Looks(NamedTuple):
    """Numbers of the list's cell formats."""

    title: int
    line: int
    mark: int
    head: int
    group: int
    text: int
    centre: int
    link: int
    severity: dict[str, int]


def list_sheets(
    remarks: Sequence[Remark], head: Head, styles: Styles, linked: Sequence[str]
) -> list[ListSheet]:
    """The sheets of the list. linked: the sheets of the workbook, to which a link can lead."""
    looks = _looks(styles)
    rows = list(_rows(remarks))
    batches = [rows[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS)] or [[]]
    top = [(TITLE, looks.title), *_lines(remarks, head, looks)]
    return [_sheet(top, batch, looks, frozenset(linked), head) for batch in batches]


def _looks(styles: Styles) -> _Looks:
    def font(name: str, size: int, colour: str = "FF000000", extra: str = "") -> str:
        return f'<font>{extra}<sz val="{size}"/><color rgb="{colour}"/><name val="{name}"/><family val="3"/><charset val="134"/></font>'

    side = f'style="thin"><color rgb="FF{LINE[1:]}"/>'
    sides = "".join(f"<{name} {side}</{name}>" for name in ("left", "right", "top", "bottom"))
    grid, none = (
        f"<border>{sides}<diagonal/></border>",
        "<border><left/><right/><top/><bottom/><diagonal/></border>",
    )
    body, left = font(BODY_FONT, 10), 'vertical="center" wrapText="1"'
    centre, inset = f'horizontal="center" {left}', f'horizontal="left" {left} indent="1"'
    link = font(BODY_FONT, 10, "FF0563C1", "<u/>")
    return _Looks(
        title=styles.format(font(HEAD_FONT, 16), NO_FILL, none, centre),
        line=styles.format(body, NO_FILL, none, left),
        mark=styles.format(font(BODY_FONT, 10, f"FF{WARNING[1:]}", "<b/>"), NO_FILL, none, left),
        head=styles.format(font(HEAD_FONT, 10), HEAD_FILL[1:], grid, centre),
        group=styles.format(font(HEAD_FONT, 10), "F7F7F7", grid, inset),
        text=styles.format(body, NO_FILL, grid, inset),
        centre=styles.format(body, NO_FILL, grid, centre),
        link=styles.format(link, NO_FILL, grid, centre),
        severity={key: styles.format(body, s.colour, grid, centre) for key, s in SEVERITIES.items()},
    )


def _lines(remarks: Sequence[Remark], head: Head, looks: _Looks) -> Iterator[tuple[str, int]]:
    counts = (
        f"{severity.label}{sum(remark.severity == key for remark in remarks)}处"
        for key, severity in SEVERITIES.items()
    )
    yield f"{head.unit}　共{len(remarks)}处问题：{'，'.join(counts)}。", looks.line
    yield (
        "强制：数据不采用，须改正；核实：在“情况说明”栏写明原因后采用；提示：仅供参考。" + HOW_TO,
        looks.line,
    )
    yield from ((note, looks.mark) for note in head.notes)
    if head.is_synthetic:
        yield f"{SYNTHETIC}：本表单位和数据均为演示用", looks.mark


def _rows(remarks: Sequence[Remark]) -> Iterator[tuple[int, Remark, int]]:
    """Number and remark, with the number of its group's findings where it begins a group, else 0."""
    order = list(SEVERITIES)
    sizes = Counter((remark.severity, remark.cause) for remark in remarks)
    sorted_remarks = sorted(
        remarks, key=lambda r: (order.index(r.severity), -sizes[r.severity, r.cause], r.cause)
    )
    number = 0
    for key, group in groupby(sorted_remarks, key=lambda r: (r.severity, r.cause)):
        for index, remark in enumerate(group):
            number += 1
            yield number, remark, 0 if index else sizes[key]


def _sheet(
    top: Sequence[tuple[str, int]],
    batch: Sequence[tuple[int, Remark, int]],
    looks: _Looks,
    linked: frozenset[str],
    head: Head,
) -> ListSheet:
    width = sum(width for _, width in _HEADS)
    rows, merges, links = [], [], []
    for row, (text, look) in enumerate(top, 1):
        height = 36 if row == 1 else row_height([(text, width)], 18)
        rows.append(_row(row, [(text, look)], height))
        merges.append(row)
    heads = len(top) + 1
    rows.append(_row(heads, [(name, looks.head) for name, _ in _HEADS], 24))
    row = heads
    for number, remark, size in batch:
        if size:
            row += 1
            label = f"{remark.cause}（{SEVERITIES[remark.severity].label}，共{size}处）"
            rows.append(_row(row, [(label, looks.group)] + [("", looks.group)] * (len(_HEADS) - 1), 22))
            merges.append(row)
        row += 1
        is_linked = remark.cell is not None and remark.sheet in linked
        rows.append(_finding(row, number, remark, looks, is_linked=is_linked))
        if is_linked:
            target = f"'{(remark.sheet or '').replace(chr(39), chr(39) * 2)}'!{remark.cell}"
            links.append(
                f'<hyperlink ref="D{row}" location={quoted(target)} display={quoted(remark.cell or "")}/>'
            )
    return ListSheet(_part(rows, merges, links, heads, row, head), heads)


def _finding(row: int, number: int, remark: Remark, looks: _Looks, *, is_linked: bool) -> str:
    label = SEVERITIES[remark.severity].label + ("（已说明）" if remark.is_explained else "")
    texts = [
        (str(number), looks.centre), (label, looks.severity[remark.severity]), (remark.sheet or "整份文件", looks.centre),
        (remark.cell or "—", looks.link if is_linked else looks.centre), (remark.branch, looks.text), (remark.subject, looks.text),
        (remark.found, looks.text), (remark.expected, looks.text), (remark.mend, looks.text),
    ]  # fmt: skip
    height = row_height([(text, width) for (text, _), (_, width) in zip(texts, _HEADS, strict=True)], 20)
    return _row(row, texts, min(height, 400), is_detail=True)


def _row(row: int, cells: Sequence[tuple[str, int]], height: float, *, is_detail: bool = False) -> str:
    written = "".join(
        f'<c r="{chr(65 + column)}{row}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'
        if text
        else f'<c r="{chr(65 + column)}{row}" s="{look}"/>'
        for column, (text, look) in enumerate(cells)
    )
    level = ' outlineLevel="1"' if is_detail else ""
    return f'<row r="{row}" ht="{height:g}" customHeight="1"{level}>{written}</row>'


def _part(rows: list[str], merges: list[int], links: list[str], heads: int, last: int, head: Head) -> bytes:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}.7109375" customWidth="1"/>'
        for n, (_, width) in enumerate(_HEADS, 1)
    )
    merged = "".join(f'<mergeCell ref="A{row}:{_LAST}{row}"/>' for row in merges)
    linked = f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""
    header = f"<oddHeader>&amp;R{SYNTHETIC}</oddHeader>" if head.is_synthetic else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}" xmlns:r="{OFFICE}">'
        '<sheetPr><tabColor rgb="FFC00000"/><outlinePr summaryBelow="0"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{_LAST}{last}"/><sheetViews><sheetView showGridLines="0" workbookViewId="0">'
        f'<pane ySplit="{heads}" topLeftCell="A{heads + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{heads + 1}" sqref="A{heads + 1}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15" outlineLevelRow="1"/><cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData>'
        f'<mergeCells count="{len(merges)}">{merged}</mergeCells>{linked}<printOptions horizontalCentered="1"/>'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>'
        f"<headerFooter>{header}<oddFooter>&amp;L{RETURNED_LIST}&amp;C第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter></worksheet>"
    ).encode()
