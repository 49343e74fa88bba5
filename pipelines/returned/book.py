"""The workbook part: which sheets there are; sheets put in front or taken out, with all that counts sheets by position."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipelines.returned import tags
from pipelines.returned.list_sheet import ListSheet
from pipelines.returned.package import CONTENT, OFFICE, Package
from pipelines.returned.tags import Edit, Element
from pipelines.returned.unfit import Unfit
from pipelines.workbook.layout import RETURNED_LIST

_WORKBOOK = "xl/workbook.xml"
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")


class Sheet(NamedTuple):
    """A sheet: its name, its part, and whether that is a worksheet (and not a chart)."""

    name: str
    part: str
    key: str
    is_worksheet: bool


def sheets_of(package: Package) -> list[Sheet]:
    """All sheets in the order of their tabs."""
    relations = package.relations(_WORKBOOK)
    found = []
    for element in _sheets(tags.parse(package.read(_WORKBOOK))).children:
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
    part = package.read(_WORKBOOK)
    root = tags.parse(part)
    elements = _sheets(root).children
    edits = [tags.removed(elements[index]) for index in range(len(sheets)) if index not in kept]
    edits += _moved(root, {old: new for new, old in enumerate(kept)})
    package.write(_WORKBOOK, tags.apply(part, edits))
    for sheet in sheets:
        if sheet.name in names:
            for relation in package.relations(sheet.part).values():
                if relation.kind in ("comments", "vmlDrawing", "printerSettings") and package.has(
                    relation.part
                ):
                    package.drop(relation.part)
            package.drop(sheet.part)
            package.unrelate(_WORKBOOK, sheet.key)


def put_first(package: Package, lists: Sequence[ListSheet]) -> None:
    """Put the sheets of the list in front of all others and show the first."""
    taken = {sheet.name for sheet in sheets_of(package)}
    names = [RETURNED_LIST, *(f"{RETURNED_LIST}{n}" for n in range(2, len(taken) + len(lists) + 2))]
    names = [name for name in names if name not in taken][: len(lists)]
    keys = []
    for sheet in lists:
        # Under a name that no program's own numbering reaches.
        place = package.free("xl/worksheets/sheet9{:03}.xml")
        package.add(place, sheet.part, f"{CONTENT}spreadsheetml.worksheet+xml")
        keys.append(package.relate(_WORKBOOK, "worksheet", place))
    part = package.read(_WORKBOOK)
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
    package.write(_WORKBOOK, tags.apply(part, edits))


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
