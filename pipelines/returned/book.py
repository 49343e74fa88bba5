"""The workbook part: which sheets there are; sheets put in front or taken out, with all that counts or lists sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count, islice
from typing import NamedTuple

from pipelines.returned import tags
from pipelines.returned.list_sheet import ListSheet
from pipelines.returned.package import CONTENT, OFFICE, ROOT, WORKBOOK, Package
from pipelines.returned.tags import Edit, Element
from pipelines.returned.unfit import Unfit
from pipelines.workbook.layout import RETURNED_LIST

_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
# What a sheet of the list can have got from programs and clerks, and takes with it.
_OWN = frozenset({"comments", "threadedComment", "vmlDrawing", "drawing", "printerSettings"})


class Sheet(NamedTuple):
    """A sheet: its name, its part, and whether that is a worksheet (and not a chart)."""

    name: str
    part: str
    key: str
    is_worksheet: bool


def sheets_of(package: Package) -> list[Sheet]:
    """All sheets in the order of their tabs."""
    relations = package.relations(WORKBOOK)
    found = []
    for element in _sheets(tags.parse(package.read(WORKBOOK))).children:
        values = element.attributes
        key = next((value for name, value in values.items() if name.endswith(":id")), "")
        if key not in relations:
            raise Unfit("a sheet without a part")
        found.append(
            Sheet(values.get("name", ""), relations[key].part, key, relations[key].kind == "worksheet")
        )
    return found


def _sheets(root: Element) -> Element:
    sheets = root.child("sheets")
    if sheets is None or not sheets.children:
        raise Unfit("no sheets")
    return sheets


def take_out(package: Package, names: frozenset[str]) -> None:
    """Remove the sheets of these names with their parts and their defined names."""
    if not names:
        return
    sheets = sheets_of(package)
    if all(sheet.name in names for sheet in sheets):
        raise Unfit("no other sheet")
    kept = [index for index, sheet in enumerate(sheets) if sheet.name not in names]
    part = package.read(WORKBOOK)
    root = tags.parse(part)
    elements = _sheets(root).children
    edits = [tags.removed(elements[index]) for index in range(len(sheets)) if index not in kept]
    edits += _moved(root, {old: new for new, old in enumerate(kept)})
    package.write(WORKBOOK, tags.apply(part, edits))
    for sheet in sheets:
        if sheet.name in names:
            for key, relation in package.relations(sheet.part).items():
                if relation.kind in _OWN:
                    package.cut(sheet.part, key)
            package.cut(WORKBOOK, sheet.key)


def put_first(package: Package, lists: Sequence[ListSheet]) -> None:
    """Put the sheets of the list in front of all others and show the first."""
    _unselect(package)
    _forget_titles(package)
    names = _free_names(package, len(lists))
    keys = [_add_part(package, sheet) for sheet in lists]
    part = package.read(WORKBOOK)
    root = tags.parse(part)
    sheets = _sheets(root)
    ids = [tags.whole(sheet.attributes.get("sheetId", "0")) for sheet in sheets.children]
    entries = "".join(
        f'<{root.prefix}sheet name="{name}" sheetId="{max(ids) + index}" xmlns:r="{OFFICE}" r:id="{key}"/>'
        for index, (name, key) in enumerate(zip(names, keys, strict=True), 1)
    )
    edits: list[Edit] = [(sheets.inner, sheets.inner, entries.encode())]
    edits += _moved(root, {index: index + len(lists) for index in range(len(ids))})
    titles = "".join(
        f'<{root.prefix}definedName name="_xlnm.Print_Titles" localSheetId="{index}">{name}!${sheet.head_rows}:${sheet.head_rows}'
        f"</{root.prefix}definedName>"
        for index, (name, sheet) in enumerate(zip(names, lists, strict=True))
    )
    edits.append(_with_names(root, titles))
    edits += _showing_first(root)
    package.write(WORKBOOK, tags.apply(part, edits))


def _free_names(package: Package, size: int) -> list[str]:
    taken = {sheet.name for sheet in sheets_of(package)}
    names = chain([RETURNED_LIST], (f"{RETURNED_LIST}{number}" for number in count(2)))
    return list(islice((name for name in names if name not in taken), size))


def _add_part(package: Package, sheet: ListSheet) -> str:
    """The list's part, under a name that no program's own numbering reaches; the id of the relation to it."""
    name = package.free("xl/worksheets/sheet9{:03}.xml")
    package.add(name, sheet.part, f"{CONTENT}spreadsheetml.worksheet+xml")
    return package.relate(WORKBOOK, "worksheet", name)


def _unselect(package: Package) -> None:
    """No sheet is a selected tab any more: two selected tabs would be edited together."""
    for sheet in sheets_of(package):
        part = package.read(sheet.part)
        if b"tabSelected" not in part:
            continue
        views = tags.parse(part, opaque="sheetData").child("sheetViews")
        edits = [
            tags.changed(view, tabSelected=None)
            for view in (views.children if views is not None else ())
            if "tabSelected" in view.attributes
        ]
        package.write(sheet.part, tags.apply(part, edits))


def _forget_titles(package: Package) -> None:
    """Take the sheets' titles out of the document's properties, where no program needs them; Excel writes them anew."""
    found = package.related(ROOT, "extended-properties")
    if found is None or not package.has(found[1]):
        return
    part = package.read(found[1])
    root = tags.parse(part)
    titles = [*root.all("HeadingPairs"), *root.all("TitlesOfParts")]
    package.write(found[1], tags.apply(part, [tags.removed(element) for element in titles]))


def _moved(root: Element, places: Mapping[int, int]) -> list[Edit]:
    """The names of single sheets under the sheets' new positions; those of a sheet that is gone go with it."""
    names = root.child("definedNames")
    edits = []
    local = [
        (entry, int(entry.attributes["localSheetId"]))
        for entry in (names.children if names is not None else ())
        if entry.attributes.get("localSheetId", "").isdecimal()
    ]
    if names is not None and len(local) == len(names.children) and not any(n in places for _, n in local):
        return [tags.removed(names)]
    for entry, number in local:
        new = places.get(number)
        edits.append(tags.removed(entry) if new is None else tags.changed(entry, localSheetId=str(new)))
    return edits


def _with_names(root: Element, entries: str) -> Edit:
    names = root.child("definedNames")
    if names is not None:
        return tags.appended(names, entries.encode())
    after = [child for child in root.children if child.local in _BEFORE_NAMES][-1]
    tag = f"{root.prefix}definedNames"
    return after.end, after.end, f"<{tag}>{entries}</{tag}>".encode()


def _showing_first(root: Element) -> list[Edit]:
    views = root.child("bookViews")
    return [
        tags.changed(view, activeTab="0", firstSheet="0")
        for view in (views.children if views is not None else ())
    ]


def is_list_name(name: str) -> bool:
    """Whether a sheet of this name can be a list of ours; a sender may have one of that name too."""
    return re.fullmatch(rf"{RETURNED_LIST}\d*", name) is not None
