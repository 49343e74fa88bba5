"""What a cell looks like to the clerk and not to the parser: formulas without a result, error values, percentages.

The parser gives a blank for the first two and 0.95 for a cell that shows 95%. Both would be read wrongly without a word.
What is common to all formats stands here, and how an .xlsx says it; the other formats say it in ways of their own (marks_*.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    PERCENT_SIGN = "percent sign"  # only written behind the number: 5 is shown as 5%
    BOOLEAN = "boolean"  # where the parser gives 1 or 0


Marks = dict[str, dict[str, Mark]]
Places = dict[str, dict[tuple[int, int], Mark]]  # by sheet, and row and column from 0
PERCENT_BUILTIN = {9, 10}
# What a number format puts down as it stands ("..." and \x and [...]), leaves room for (_x), or fills with (*x).
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')
_REL_ID = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
# Styles up to this size are as thousands of forms have them: what they say is remembered.
_USUAL_STYLES = 256 * 1024
# Cheap signs that a part has something to look for; a form as we hand it out has none, and is not parsed a second time.
# Each begins with plain bytes, which are found many times faster than a choice of them.
_FORMULAS = (re.compile(rb"<f[\s>/]"), re.compile(rb":f[\s>/]"))
_ERRORS = (b'"e"', b"'e'")
_PERCENT = re.compile(rb"""numFmtId\s*=\s*["'](?:9|10)["']|formatCode\s*=\s*["'][^"']*%""")


def percent_mark(code: str) -> Mark | None:
    """What a number format makes of a number: a percentage of it, the number with a % behind, or None for neither."""
    if "%" not in code:
        return None
    if "%" in _LITERALS.sub("", code):
        return Mark.PERCENT
    is_shown = any("%" in literal and literal[0] not in "_*" for literal in _LITERALS.findall(code))
    return Mark.PERCENT_SIGN if is_shown else None


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


def _marks_of(root: ET.Element, percent_styles: Mapping[str, Mark]) -> Iterator[tuple[str, Mark]]:
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
        elif has_value and cell.get("t", "n") == "n" and (mark := percent_styles.get(cell.get("s", ""))):
            yield cell.attrib["r"], mark


def _percent_styles(styles: bytes) -> Mapping[str, Mark]:
    """The indexes of the cell formats that show a number with a percent sign."""
    return _percent_formats(styles) if len(styles) <= _USUAL_STYLES else _percent_formats.__wrapped__(styles)


@lru_cache(maxsize=8)
def _percent_formats(styles: bytes) -> Mapping[str, Mark]:
    if not _PERCENT.search(styles):
        return {}
    root = root_of(styles)
    marks = dict.fromkeys(map(str, PERCENT_BUILTIN), Mark.PERCENT)
    for entry in root.iter():
        if local_name(entry) == "numFmt" and (mark := percent_mark(entry.get("formatCode", ""))):
            marks[entry.get("numFmtId", "")] = mark
    formats = next((entry for entry in root if local_name(entry) == "cellXfs"), None)
    return {
        str(index): marks[entry.get("numFmtId", "")]
        for index, entry in enumerate(formats if formats is not None else ())
        if entry.get("numFmtId", "") in marks
    }


def sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    targets = targets_of(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"))
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


def targets_of(relations: bytes) -> dict[str | None, str]:
    """The parts that a workbook points to, by the keys that it points with. Raises Refusal (damaged_file)."""
    return {
        entry.get("Id"): normpath(join("xl", entry.get("Target", ""))).lstrip("/")
        for entry in root_of(relations)
    }


def root_of(part: bytes) -> ET.Element:
    """A part as XML. Raises Refusal (damaged_file)."""
    # Parts with a DOCTYPE are refused before: no entity can be declared in what is parsed here.
    try:
        return ET.fromstring(part)  # noqa: S314
    # The last two: an encoding that no office program writes.
    except (ET.ParseError, ValueError, LookupError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None


def local_name(element: ET.Element) -> str:
    """A tag without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
