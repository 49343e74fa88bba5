"""One file's bytes to the returned workbook's bytes: old marks off, new marks on, the list in front. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pipelines.intake.bounds import check_size, inflate
from pipelines.intake.formats import sniff
from pipelines.intake.grid import Workbook, open_workbook
from pipelines.intake.refusal import Refusal
from pipelines.returned.book import Sheet, is_list_name, put_first, sheets_of, take_out
from pipelines.returned.cells import SheetPart
from pipelines.returned.comments import Comments
from pipelines.returned.list_sheet import TITLE, Head, list_sheets
from pipelines.returned.marks import COLOURS, SEVERITIES, mark_text
from pipelines.returned.package import WORKBOOK, Package
from pipelines.returned.remarks import Remark
from pipelines.returned.styles import UNKNOWN_FILL, Styles, fill_of_word
from pipelines.returned.unfit import Unfit


class Task(NamedTuple):
    """What a process of its own gets: a file, what is to be said of it, and the head of the list."""

    content: bytes
    remarks: list[Remark]
    head: Head


def edit_apart(task: Task, shared: None) -> bytes | None:
    """`returned` as a process of its own does it; None for a file that cannot be edited by its bytes."""
    try:
        return returned(*task)
    except (Unfit, Refusal):
        return None


def returned(content: bytes, remarks: Sequence[Remark], head: Head) -> bytes:
    """The returned workbook of an .xlsx or .xlsm. Raises Unfit, and Refusal for a file that intake does not open."""
    book = _opened(content)
    package = Package(content)
    styles_name, styles = _styles(package)
    _unmark(package, styles, book)
    _mark(package, styles, remarks)
    linked = [sheet.name for sheet in sheets_of(package)]
    lists = list_sheets(remarks, head, styles, linked)
    package.write(styles_name, styles.to_bytes())
    put_first(package, lists)
    return _receivable(package)


def _opened(content: bytes) -> Workbook:
    """The file through the reader, so that nothing is edited that intake would not open."""
    check_size(content)
    if not sniff(content).is_sheet_xml:
        raise Unfit("no .xlsx")
    return open_workbook(content)


def _receivable(package: Package) -> bytes:
    """The package's bytes, which must pass the bounds that it will meet when it is sent again."""
    content = package.to_bytes()
    check_size(content)
    inflate(content)
    return content


def _styles(package: Package) -> tuple[str, Styles]:
    found = package.related(WORKBOOK, "styles")
    if found is None:
        raise Unfit("no styles")
    return found[1], Styles(package.read(found[1]))


def _unmark(package: Package, styles: Styles, book: Workbook) -> None:
    """Take away the lists and marks of an earlier return. A fill that someone has changed since is left as it is."""
    lists = frozenset(
        name
        for name, grid in book.grids.items()
        if is_list_name(name) and grid.rows and grid.text_at(0, 0) == TITLE
    )
    take_out(package, lists)
    for number, sheet in enumerate(sheets_of(package), 1):
        comments = Comments(package, sheet.part, number)
        if not sheet.is_worksheet or not comments.hold_marks():
            continue
        part = SheetPart(package.read(sheet.part))
        fills = {mark.cell: mark.fill for mark in comments.take_marks(part)}
        formats = {
            cell: styles.with_fill(style, fills[cell])
            for cell, style in part.formats(list(fills)).items()
            if styles.fill_of(style) in COLOURS and _is_fill(fills[cell])
        }
        part.set_formats(formats)
        package.write(sheet.part, part.to_bytes())


def _is_fill(word: str) -> bool:
    """Whether a word from a comment tells a fill; a comment's text may have been edited."""
    try:
        fill_of_word(word)
    except ValueError:
        return False
    return True


def _mark(package: Package, styles: Styles, remarks: Iterable[Remark]) -> None:
    by_sheet: dict[str, dict[str, list[Remark]]] = {}
    for remark in remarks:
        if remark.sheet is not None and remark.cell is not None:
            by_sheet.setdefault(remark.sheet, {}).setdefault(remark.cell, []).append(remark)
    for number, sheet in enumerate(sheets_of(package), 1):
        if sheet.is_worksheet and sheet.name in by_sheet:
            _mark_sheet(package, styles, sheet, number, by_sheet[sheet.name])


def _mark_sheet(
    package: Package,
    styles: Styles,
    sheet: Sheet,
    number: int,
    cells: Mapping[str, list[Remark]],
) -> None:
    part = SheetPart(package.read(sheet.part))
    order = list(SEVERITIES)
    formats: dict[str, int] = {}
    texts: dict[str, str] = {}
    for cell, style in part.formats(list(cells)).items():
        said = sorted(cells[cell], key=lambda remark: order.index(remark.severity))
        fill = styles.fill_of(style)
        if fill != UNKNOWN_FILL:
            formats[cell] = styles.with_fill(style, SEVERITIES[said[0].severity].colour)
        texts[cell] = mark_text(
            [f"{SEVERITIES[remark.severity].label}：{remark.sentence}" for remark in said], fill
        )
    part.set_formats(formats)
    Comments(package, sheet.part, number).add(part, texts)
    package.write(sheet.part, part.to_bytes())
