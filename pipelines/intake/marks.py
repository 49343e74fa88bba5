"""What a cell of an .xlsx looks like to the clerk and not to the parser: formulas without a result, error values, percentages.

The parser gives a blank for the first two and 0.95 for a cell that shows 95%. Both would be read wrongly without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from pipelines.intake.refusal import Refusal


class Mark(Enum):
    """What stands in a cell beside its value."""

    UNCALCULATED = "uncalculated"
    ERROR = "error"
    PERCENT = "percent"


Marks = dict[str, dict[str, Mark]]
_REL_ID = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_PERCENT_BUILTIN = {9, 10}
# Styles up to this size are as thousands of forms have them: what they say is remembered.
_USUAL_STYLES = 256 * 1024
# Cheap signs that a part has something to look for; a form as we hand it out has none, and is not parsed a second time.
# Each begins with plain bytes, which are found many times faster than a choice of them.
_FORMULAS = (re.compile(rb"<f[\s>/]"), re.compile(rb":f[\s>/]"))
_ERRORS = (b'"e"', b"'e'")
_PERCENT = re.compile(rb"""numFmtId\s*=\s*["'](?:9|10)["']|formatCode\s*=\s*["'][^"']*%""")


def read_marks(parts: dict[str, bytes]) -> Marks:
    """Marks by sheet name and cell address, from the XML parts of a package. Raises Refusal (damaged_file)."""
    percent_styles = _percent_styles(parts.get("xl/styles.xml", b""))
    wanted = {
        name for name, part in parts.items() if b"worksheet" in part and (percent_styles or _has_signs(part))
    }
    if not wanted:
        return {}
    return {
        sheet: marks
        for sheet, part in sheet_parts(parts).items()
        if part in wanted and (marks := dict(_marks_of(root_of(parts[part]), percent_styles)))
    }


def _has_signs(part: bytes) -> bool:
    return any(sign in part for sign in _ERRORS) or any(sign.search(part) for sign in _FORMULAS)


def _marks_of(root: ET.Element, percent_styles: frozenset[str]) -> Iterator[tuple[str, Mark]]:
    for cell in root.iter():
        if local_name(cell) != "c" or "r" not in cell.attrib:
            continue
        children = {local_name(child): child for child in cell}
        value = children.get("v")
        has_value = value is not None and bool(value.text)
        if cell.get("t") == "e":
            yield cell.attrib["r"], Mark.ERROR
        elif "f" in children and not has_value and cell.get("t") != "str":
            yield cell.attrib["r"], Mark.UNCALCULATED
        elif has_value and cell.get("t", "n") == "n" and cell.get("s") in percent_styles:
            yield cell.attrib["r"], Mark.PERCENT


def _percent_styles(styles: bytes) -> frozenset[str]:
    """The indexes of the cell formats that show a number as a percentage."""
    return _percent_formats(styles) if len(styles) <= _USUAL_STYLES else _percent_formats.__wrapped__(styles)


@lru_cache(maxsize=8)
def _percent_formats(styles: bytes) -> frozenset[str]:
    if not _PERCENT.search(styles):
        return frozenset()
    root = root_of(styles)
    percent = {
        int(entry.get("numFmtId", "0"))
        for entry in root.iter()
        if local_name(entry) == "numFmt" and "%" in entry.get("formatCode", "")
    } | _PERCENT_BUILTIN
    formats = next((entry for entry in root if local_name(entry) == "cellXfs"), None)
    return frozenset(
        str(index)
        for index, entry in enumerate(formats if formats is not None else ())
        if entry.get("numFmtId", "").isdecimal() and int(entry.get("numFmtId", "0")) in percent
    )


def sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    targets = {
        entry.get("Id"): normpath(join("xl", entry.get("Target", ""))).lstrip("/")
        for entry in root_of(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"))
    }
    sheets = [
        entry
        for entry in root_of(parts.get("xl/workbook.xml", b"<none/>")).iter()
        if local_name(entry) == "sheet"
    ]
    named = (
        (sheet.get("name", ""), next((sheet.get(key) for key in _REL_ID if sheet.get(key)), None))
        for sheet in sheets
    )
    return {name: targets[rel] for name, rel in named if rel in targets and targets[rel] in parts}


def root_of(part: bytes) -> ET.Element:
    """The root of an XML part. Raises Refusal (damaged_file)."""
    # Parts with a DOCTYPE are refused before: no entity can be declared in what is parsed here.
    try:
        return ET.fromstring(part)  # noqa: S314
    # The last two: an encoding that no office program writes.
    except (ET.ParseError, ValueError, LookupError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None


def local_name(element: ET.Element) -> str:
    """A tag without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
