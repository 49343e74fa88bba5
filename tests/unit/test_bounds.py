"""Hostile files: each is refused before a parser sees it, with a Chinese reason; a good workbook passes; nothing raises.

Files that would take gigabytes, or abort the process, are given to `check_bounds` alone.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import load_catalogue
from pipelines.intake.bounds import (
    LARGEST_FILE,
    MOST_ENTRIES,
    NotAWorkbook,
    OutOfBounds,
    check_bounds,
    looks_like,
)
from pipelines.intake.reading import Reading, identify, read_submission
from pipelines.registry.model import Registry
from tests.workbooks import filled_form, workbook_bytes

CATALOGUE = load_catalogue()
FORM = filled_form("school", "2025Q1", CATALOGUE)
GOOD = workbook_bytes(FORM, CATALOGUE)
REGISTRY = Registry((FORM.unit, *FORM.branches), "r" * 64)
LATER = datetime(2026, 1, 5, tzinfo=UTC)
SHEET = "xl/worksheets/sheet1.xml"
ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def package(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return target.getvalue()


def workbook(cells: str, *, sheet: str = SHEET, **parts: str) -> bytes:
    """A minimal workbook whose one sheet stands at `sheet`."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{}" Target="{}"/></Relationships>'
    target = (
        sheet.replace("\\", "/").lower().replace("xl/", "", 1)
        if "Work" in sheet or "\\" in sheet
        else sheet.replace("xl/", "", 1)
    )
    return package({
        "_rels/.rels": relation.format(f"{office}/officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relation.format(f"{office}/worksheet", target),
        "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        sheet: f"<worksheet {NAMESPACE}><sheetData>{cells}</sheetData></worksheet>",
        **parts,
    })  # fmt: skip


def read(content: bytes) -> Reading:
    return read_submission(content, CATALOGUE, REGISTRY, LATER)


def test_a_good_workbook_passes() -> None:
    check_bounds(GOOD)
    reading = read(GOOD)
    assert not reading.refused
    assert reading.findings == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件是空的"),
        (b"not a zip at all", "文件内容不是工作簿"),
        ("单位,一季度\n".encode(), "文件内容不是工作簿"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "图片"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"GIF89a", "图片"),
        (b"%PDF-1.7\n", "PDF文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版.xls格式或加密的工作簿"),
        (b"Rar!\x1a\x07\x01\x00", "RAR压缩包"),
        (b"7z\xbc\xaf\x27\x1c", "7z压缩包"),
        (b"<html><table></table></html>", "网页或XML文件"),
        (b"PK", "文件已损坏或不完整"),
        (b"PK\x03\x04" + b"\0" * 200, "文件已损坏或不完整"),
        (GOOD[: len(GOOD) // 2], "文件已损坏或不完整"),
        (GOOD[:-1], "文件已损坏或不完整"),
        (package({"notes.txt": "no workbook"}), "不是.xlsx工作簿"),
        (package({"word/document.xml": "<w/>", "[Content_Types].xml": "<t/>"}), "不是.xlsx工作簿"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_what_is_no_workbook_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(NotAWorkbook) as caught:
        check_bounds(content)
    assert reason in str(caught.value)
    reading = read(content)
    assert reading.refused
    assert (reading.unit_code, reading.period, reading.answers) == (None, None, [])
    assert [(finding.rule, finding.found) for finding in reading.findings] == [
        ("not_a_workbook", str(caught.value))
    ]
    assert identify(content) == (None, None)


def flipped(content: bytes, name: str) -> bytes:
    """The same package with the compressed bytes of one part spoilt."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        part = made.getinfo(name)
    start = part.header_offset + 30 + len(name) + 9
    spoilt = bytearray(content)
    spoilt[start : start + 12] = bytes(255 - byte for byte in spoilt[start : start + 12])
    return bytes(spoilt)


@pytest.mark.parametrize(
    "compression",
    [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
    ids=["deflate", "bzip2", "lzma"],
)
def test_a_spoilt_part_is_refused(compression: int) -> None:
    content = package({"xl/workbook.xml": "<workbook>" + "<sheet/>" * 400, SHEET: ONE_CELL}, compression)
    with pytest.raises(NotAWorkbook, match="文件"):
        check_bounds(flipped(content, "xl/workbook.xml"))


def test_an_encrypted_part_is_refused() -> None:
    spoilt = bytearray(package({"xl/workbook.xml": "<workbook/>"}))
    spoilt[spoilt.find(b"PK\x01\x02") + 8] |= 1
    spoilt[6] |= 1
    with pytest.raises(NotAWorkbook, match="文件已损坏或不完整"):
        check_bounds(bytes(spoilt))


def test_a_bomb_is_counted_by_what_really_inflates() -> None:
    """150 MB of blanks in some 150 KB; its directory may say what it likes."""
    bomb = package({"xl/workbook.xml": "<workbook/>", "xl/media/image1.png": b" " * (150 * 1024 * 1024)})
    assert len(bomb) < 200_000
    with pytest.raises(OutOfBounds, match="文件展开后大于120MB"):
        check_bounds(bomb)
    assert read(bomb).findings[0].rule == "over_limits"


def test_a_large_file_is_refused_unopened() -> None:
    with pytest.raises(OutOfBounds, match="文件大于20MB"):
        check_bounds(b"PK" + bytes(LARGEST_FILE))


@pytest.mark.parametrize(("extra", "is_refused"), [(0, False), (1, True)])
def test_the_number_of_parts_is_bounded(extra: int, is_refused: bool) -> None:
    parts: dict[str, str | bytes] = {"xl/workbook.xml": "<workbook/>"}
    content = package(parts | {f"xl/media/{i}": b"" for i in range(MOST_ENTRIES - 1 + extra)})
    if is_refused:
        with pytest.raises(OutOfBounds, match=f"文件内含{MOST_ENTRIES + 1}个部件"):
            check_bounds(content)
    else:
        check_bounds(content)


@pytest.mark.parametrize("before", range(1, 18))
def test_a_reference_over_the_edge_of_a_piece_is_seen(before: int) -> None:
    """Parts are inflated in pieces of 256 KB; here the edge falls at each place inside `<row r="1048576"/>`."""
    row = b'<row r="1048576"/>'
    head = b"<worksheet><sheetData><!--"
    sheet = head + b"x" * (256 * 1024 - before - len(head) - 3) + b"-->" + row + b"</sheetData></worksheet>"
    assert sheet.index(row) + before == 256 * 1024
    with pytest.raises(OutOfBounds, match="工作表超过"):
        check_bounds(package({"xl/workbook.xml": "<workbook/>", SHEET: sheet}))


@pytest.mark.parametrize(
    "filler",
    [b" " * 1000, b"".join(b' x%d="%s"' % (i, b"y" * 90) for i in range(1000))],
    ids=["blanks", "attributes"],
)
def test_a_long_tag_over_the_edge_of_a_piece_is_seen(filler: bytes) -> None:
    """Blanks and attributes before the reference may be as many as one likes."""
    row = b"<row" + filler + b' r="1048576"/>'
    head = b"<worksheet><sheetData><!--"
    sheet = (
        head
        + b"x" * (256 * 1024 - len(row) + 20 - len(head) - 3)
        + b"-->"
        + row
        + b"</sheetData></worksheet>"
    )
    with pytest.raises(OutOfBounds, match="工作表超过"):
        check_bounds(package({"xl/workbook.xml": "<workbook/>", SHEET: sheet}))


FAR = {
    "far corner": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "single quotes": "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "blanks around": '<row r = "1048576"><c\nr\t=\n" XFD1048576"><v>1</v></c></row>',
    "lower case": '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>',
    "row alone": '<row r="20001"/>',
    "cell alone": '<c r="A20001"><v>1</v></c>',
    "column alone": '<row r="2"><c r="OK2"><v>1</v></c></row>',
    "prefixed": '<x:row x:r="1048576"><x:c x:r="XFD1048576"/></x:row>',
    "a mark of the end inside an attribute": '<row r="1"><c x=">" r="XFD1048576"><v>1</v></c></row>',
    "a row with a mark of the end inside an attribute": "<row x='/>' r='1048576'><c r='A1048576'><v>1</v></c></row>",
    "far into the part": "<!--" + "x" * 300_000 + '--><row r="1048576"/>',
    # calamine counts on past ZZZ: four letters are 18,279 columns, eight are hundreds of billions.
    "four letters": '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
    # Without references a row follows the last and a cell the one before: 100,001 rows × 16,001 columns in two kilobytes.
    "rows without reference": "<row/>" * 100_000 + "<row><c><v>1</v></c></row>",
    "cells without reference": "<row>" + "<c/>" * 16_000 + "<c><v>1</v></c></row>",
}


@pytest.mark.parametrize("cells", FAR.values(), ids=FAR.keys())
def test_a_far_cell_is_refused_before_a_parser_makes_room_for_it(cells: str) -> None:
    content = workbook(ONE_CELL + cells)
    assert len(content) < 20_000, "small, as such files are"
    with pytest.raises(OutOfBounds, match="工作表超过"):
        check_bounds(content)


@pytest.mark.parametrize(
    "sheet",
    ["xl/other/sheet1.xml", "xl/worksheets/sheet1.dat", "xl/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml", "xl/sheet1.xml"],
)  # fmt: skip
def test_a_far_cell_is_found_wherever_the_sheet_stands(sheet: str) -> None:
    """The workbook names the part of each sheet; it need not be called xl/worksheets/*.xml."""
    with pytest.raises(OutOfBounds, match="工作表超过"):
        check_bounds(workbook(ONE_CELL + FAR["far corner"], sheet=sheet))


@pytest.mark.parametrize("count", ["count", "uniqueCount"])
def test_a_promise_of_billions_of_texts_is_refused(count: str) -> None:
    """A parser makes room for as many shared texts as the part says it has: at 4 billion the process is aborted."""
    texts = f'<sst {NAMESPACE} {count}="4000000000"><si><t>a</t></si></sst>'
    with pytest.raises(OutOfBounds):
        check_bounds(workbook(ONE_CELL, **{"xl/sharedStrings.xml": texts}))


@pytest.mark.parametrize(
    "cells", ['<row r="20000"/>', '<row r="1"><c r="OJ1"/></row>', "<row><c/><c/></row>" * 50]
)
def test_a_sheet_inside_the_bounds_passes(cells: str) -> None:
    check_bounds(workbook(cells))


def test_a_theme_that_says_r_is_no_sheet() -> None:
    """Excel's own theme has `r="50000"` in its gradients."""
    check_bounds(
        workbook(
            ONE_CELL, **{"xl/theme/theme1.xml": '<a:fillToRect l="50000" t="50000" r="50000" b="50000"/>'}
        )
    )


def test_a_file_under_a_wrong_name_is_named_for_what_it_is() -> None:
    assert looks_like(b"\x89PNG....") == "文件实际是图片"
    assert looks_like(b"plain text") == "文件内容不是工作簿"


def outcome(content: bytes) -> None:
    """Every file ends in a refusal with one finding or in a reading of the unit; every finding's rule is declared."""
    reading = read(content)
    assert all(finding.rule in CATALOGUE.rule for finding in reading.findings)
    if reading.refused:
        assert len(reading.findings) == 1
        assert CATALOGUE.rule[reading.findings[0].rule].refuses
        assert reading.answers == []
    else:
        assert (reading.unit_code, reading.period) == (FORM.unit.unit_code, FORM.period)
    identify(content)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    outcome(content)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=4)), min_size=1, max_size=4),
    st.integers(0, 60),
)
def test_a_spoilt_workbook_is_refused_or_read(places: list[tuple[int, bytes]], cut: int) -> None:
    """A good workbook with a few bytes replaced, taken out or put in, and its end perhaps cut off."""
    content = bytearray(GOOD)
    for place, new in places:
        content[place : place + max(1, len(new))] = new
    outcome(bytes(content[: len(content) - cut] if cut > 50 else content))


def parts_of(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        for name in made.namelist():
            yield name, made.read(name)


PARTS = dict(parts_of(GOOD))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(PARTS)), st.floats(0, 1), st.integers(0, 40),
    st.sampled_from([b"", b"<", b">", b"&#0;", b"&unknown;", b"\xff", b'"', b"]]>", b"<row>", b"<c r='B2' t='s'><v>7</v></c>", b"9", b"\0"]),
)  # fmt: skip
def test_a_workbook_with_a_spoilt_part_is_refused_or_read(
    name: str, at: float, taken: int, new: bytes
) -> None:
    """Spoilt inside a part, so that the zip is sound and the parser gets it."""
    part = PARTS[name]
    start = int(at * len(part))
    spoilt = PARTS | {name: part[:start] + new + part[start + taken :]}
    outcome(package(dict(spoilt), zipfile.ZIP_STORED))
