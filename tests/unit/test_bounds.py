"""Hostile files: each ends in a refusal with a Chinese reason and nothing else; a good workbook passes.

Files that would take gigabytes, or abort the process, are read as the product reads them: in a process of its own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import load_catalogue
from pipelines.intake.bounds import LARGEST_FILE, MOST_ENTRIES, MOST_SHEETS, inflate
from pipelines.intake.reading import Claim, Reading, Received, identify, read_received, read_submission
from pipelines.intake.refusal import Refusal
from pipelines.intake.workers import Lost, apart
from pipelines.registry.model import Registry
from tests.edits import ole, package_of, parts_of
from tests.workbooks import filled_form, workbook_bytes

CATALOGUE = load_catalogue()
FORM = filled_form("school", "2025Q1", CATALOGUE)
GOOD = workbook_bytes(FORM, CATALOGUE)
REGISTRY = Registry((FORM.unit, *FORM.branches), "r" * 64)
LATER = datetime(2026, 1, 5, tzinfo=UTC)
SHEET = "xl/worksheets/sheet1.xml"
ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(cells: str, *, sheet: str = SHEET, **parts: str) -> bytes:
    """A minimal workbook whose one sheet stands at `sheet`."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{}" Target="{}"/></Relationships>'
    target = (
        sheet.replace("\\", "/").lower().replace("xl/", "", 1)
        if "Work" in sheet or "\\" in sheet
        else sheet.replace("xl/", "", 1)
    )
    return package_of({
        "_rels/.rels": relation.format(f"{office}/officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relation.format(f"{office}/worksheet", target),
        "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        sheet: f"<worksheet {NAMESPACE}><sheetData>{cells}</sheetData></worksheet>",
        **parts,
    })  # fmt: skip


def read(content: bytes) -> Reading:
    return read_submission(content, CATALOGUE, REGISTRY, LATER)


ReadApart = Callable[[bytes], Reading | Lost]


@pytest.fixture(scope="module")
def read_apart() -> Iterator[ReadApart]:
    """Reading as `receive`, `run` and `check` do it."""
    with apart(read_received, (CATALOGUE, REGISTRY)) as readings:
        yield lambda content: next(readings([Received(content, LATER)]))


def rule_of(reading: Reading | Lost) -> str:
    """The one rule that refuses a file; a process that was lost is the rule «unreadable_file»."""
    if isinstance(reading, Lost):
        return "unreadable_file"
    assert reading.refused
    assert (reading.unit_code, reading.period, reading.answers) == (None, None, [])
    (finding,) = reading.findings
    assert CATALOGUE.rule[finding.rule].refuses
    return finding.rule


def test_a_good_workbook_passes(read_apart: ReadApart) -> None:
    reading = read_apart(GOOD)
    assert reading == read(GOOD)
    assert isinstance(reading, Reading)
    assert not reading.refused
    assert reading.findings == []


OLE = ole()


@pytest.mark.parametrize(
    ("content", "rule", "found"),
    [
        (b"", "empty_file", "文件是空的"),
        (b" \r\n\0\0", "empty_file", "文件是空的"),
        (b"not a zip at all", "not_a_workbook", "文件实际是文字文件"),
        (b"\x01\x02\x03\x04", "not_a_workbook", "文件内容不是工作簿"),
        ("单位,一季度\n".encode(), "not_our_form", "长表的第1行应有unit、period、branch、month、question、value六列"),
        ("单位,一季度\n".encode("gb18030"), "not_our_form", "长表的第1行应有unit、period、branch、month、question、value六列"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not_a_workbook", "文件实际是图片"),
        (b"\x89PNG\r\n\x1a\n", "not_a_workbook", "文件实际是图片"),
        (b"GIF89a", "not_a_workbook", "文件实际是图片"),
        (b"%PDF-1.7\n", "not_a_workbook", "文件实际是PDF文件"),
        (OLE, "damaged_file", "文件已损坏或不完整"),
        (ole("EncryptionInfo", "EncryptedPackage"), "encrypted_file", "文件设有打开密码"),
        (ole("WordDocument"), "not_a_workbook", "文件实际是Word文档"),
        (ole("PowerPoint Document"), "not_a_workbook", "文件实际是PPT演示文稿"),
        (ole("Workbook"), "damaged_file", "文件已损坏或不完整"),
        (b"Rar!\x1a\x07\x01\x00", "not_a_workbook", "文件实际是RAR压缩包"),
        (b"7z\xbc\xaf\x27\x1c", "not_a_workbook", "文件实际是7z压缩包"),
        (b"<html><table></table></html>", "not_a_workbook", "文件实际是网页或XML文件"),
        (b"PK", "damaged_file", "文件已损坏或不完整"),
        (b"PK\x03\x04" + b"\0" * 200, "damaged_file", "文件已损坏或不完整"),
        (GOOD[: len(GOOD) // 2], "damaged_file", "文件已损坏或不完整"),
        (GOOD[:-1], "damaged_file", "文件已损坏或不完整"),
        (package_of({"notes.txt": "no workbook"}), "not_a_workbook", "文件实际是压缩包"),
        (package_of({"word/document.xml": "<w/>", "[Content_Types].xml": "<t/>"}), "not_a_workbook", "文件实际是Word文档"),
        (package_of({"ppt/presentation.xml": "<p/>"}), "not_a_workbook", "文件实际是PPT演示文稿"),
        (package_of({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"}), "not_a_workbook", "文件实际是ODF文字文档"),
        (package_of({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<o/>"}), "damaged_file", "文件已损坏或不完整"),
        (package_of({"xl/workbook.bin": b"\0\1"}), "damaged_file", "文件已损坏或不完整"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_what_is_no_workbook_is_refused_with_its_reason(
    content: bytes, rule: str, found: str, read_apart: ReadApart
) -> None:
    reading = read_apart(content)
    assert rule_of(reading) == rule
    assert isinstance(reading, Reading)
    assert reading.findings[0].found == found
    claim = identify(content, CATALOGUE)
    assert claim.refusal is not None
    assert (claim, claim.refusal.rule) == (Claim(refusal=claim.refusal), rule)


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
    content = package_of({"xl/workbook.xml": "<workbook>" + "<sheet/>" * 400, SHEET: ONE_CELL}, compression)
    assert rule_of(read(flipped(content, "xl/workbook.xml"))) == "damaged_file"


def test_an_encrypted_part_is_refused() -> None:
    spoilt = bytearray(package_of({"xl/workbook.xml": "<workbook/>"}))
    spoilt[spoilt.find(b"PK\x01\x02") + 8] |= 1
    spoilt[6] |= 1
    assert rule_of(read(bytes(spoilt))) == "encrypted_file"


def test_a_bomb_is_counted_by_what_really_inflates(read_apart: ReadApart) -> None:
    """150 MB of noise that repeats, and of blanks; the directory may say what it likes."""
    for filler in (b" ", bytes(range(256)) * 4):
        size = 150 * 1024 * 1024
        bomb = package_of(
            {"xl/workbook.xml": "<workbook/>", "xl/media/image1.png": filler * (size // len(filler))}
        )
        assert len(bomb) < 2_000_000
        reading = read_apart(bomb)
        assert rule_of(reading) == "over_limits"
        assert isinstance(reading, Reading)
        assert "展开后大于120MB" in (reading.findings[0].found or "")


def test_a_part_of_nothing_but_repetition_is_refused() -> None:
    bomb = package_of({"xl/workbook.xml": "<workbook/>", SHEET: b"<worksheet>" + b" " * (5 * 1024 * 1024)})
    with pytest.raises(Refusal, match="不足250分之一"):
        inflate(bomb)


def test_a_large_file_is_refused_unopened() -> None:
    assert rule_of(read(b"PK" + bytes(LARGEST_FILE))) == "over_limits"


@pytest.mark.parametrize(("extra", "is_refused"), [(0, False), (1, True)])
def test_the_number_of_parts_is_bounded(extra: int, is_refused: bool) -> None:
    parts: dict[str, str | bytes] = {"xl/workbook.xml": "<workbook/>"}
    content = package_of(parts | {f"xl/media/{i}": b"" for i in range(MOST_ENTRIES - 1 + extra)})
    if is_refused:
        with pytest.raises(Refusal, match=f"文件内含{MOST_ENTRIES + 1}个部件"):
            inflate(content)
    else:
        inflate(content)


def test_the_number_of_sheets_is_bounded() -> None:
    sheets: dict[str, str | bytes] = {
        f"xl/worksheets/sheet{i}.xml": "<worksheet/>" for i in range(MOST_SHEETS + 1)
    }
    with pytest.raises(Refusal, match=f"文件内含{MOST_SHEETS + 1}张工作表"):
        inflate(package_of({"xl/workbook.xml": "<workbook/>"} | sheets))


FAR = {
    "far corner": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "single quotes": "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "blanks around": '<row r = "1048576"><c\nr\t=\n" XFD1048576"><v>1</v></c></row>',
    "lower case": '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>',
    "row alone": '<row r="20001"><c><v>1</v></c></row>',
    "cell alone": '<c r="A20001"><v>1</v></c>',
    "column alone": '<row r="2"><c r="OK2"><v>1</v></c></row>',
    "prefixed": '<x:row x:r="1048576"><x:c x:r="XFD1048576"/></x:row>',
    "a mark of the end inside an attribute": '<row r="1"><c x=">" r="XFD1048576"><v>1</v></c></row>',
    "a row with a mark of the end inside an attribute": "<row x='/>' r='1048576'><c r='A1048576'><v>1</v></c></row>",
    "far into the part": '<row r="2" ht="15"/>' * 20_000 + '<row r="30000"><c r="A30000"><v>1</v></c></row>',
    # calamine counts on past ZZZ: four letters are 18,279 columns, eight are hundreds of billions.
    "four letters": '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
    # Without references a row follows the last and a cell the one before: 100,001 rows × 16,001 columns in two kilobytes.
    "rows without reference": "<row/>" * 100_000 + "<row><c><v>1</v></c></row>",
    "cells without reference": "<row>" + "<c/>" * 16_000 + "<c><v>1</v></c></row>",
}


AS_PROGRAMS_WRITE = (
    "far corner",
    "row alone",
    "far into the part",
    "four letters",
    "a mark of the end inside an attribute",
)


@pytest.mark.parametrize("cells", FAR.values(), ids=FAR.keys())
def test_a_far_cell_costs_its_file_and_nothing_else(cells: str, read_apart: ReadApart) -> None:
    """Seen before a parser makes room for it, or met by the limits of the process that parses; the next file is read."""
    content = workbook(ONE_CELL + cells)
    assert len(content) < 20_000, "small, as such files are"
    assert rule_of(read_apart(content)) in ("over_limits", "unreadable_file", "damaged_file", "not_our_form")
    assert isinstance(read_apart(GOOD), Reading)


@pytest.mark.parametrize(
    "empty",
    [
        '<row r="1048576" s="3"/>',
        '<row r="2"><c r="XFD2" s="3"/></row>',
        '<row r="30000"><c r="A30000" x=">"/></row>',
    ],
)
def test_formats_far_out_are_no_content(empty: str) -> None:
    """Office programs leave them where a whole row or column was formatted; no parser makes room for them."""
    assert SHEET in inflate(workbook(ONE_CELL + empty))


def test_where_a_far_cell_stands_is_said() -> None:
    with pytest.raises(Refusal) as refused:
        inflate(
            workbook(ONE_CELL + '<row r="30000" s="3"><c r="A30000" s="3"/><c r="C30000"><v>1</v></c></row>')
        )
    assert (refused.value.sheet, refused.value.cell) == ("S", "C30000")


@pytest.mark.parametrize("cells", [FAR[name] for name in AS_PROGRAMS_WRITE], ids=AS_PROGRAMS_WRITE)
def test_a_far_cell_as_programs_write_it_is_seen_before_it_is_parsed(cells: str) -> None:
    with pytest.raises(Refusal, match="而报表最多20000行、400列"):
        inflate(workbook(ONE_CELL + cells))


@pytest.mark.parametrize(
    "sheet",
    ["xl/other/sheet1.xml", "xl/worksheets/sheet1.dat", "xl/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml", "xl/sheet1.xml"],
)  # fmt: skip
def test_a_far_cell_is_found_wherever_the_sheet_stands(sheet: str) -> None:
    """The workbook names the part of each sheet; it need not be called xl/worksheets/*.xml."""
    with pytest.raises(Refusal, match="而报表最多20000行、400列"):
        inflate(workbook(ONE_CELL + FAR["far corner"], sheet=sheet))


@pytest.mark.parametrize("count", ["count", "uniqueCount"])
def test_a_promise_of_billions_of_texts_is_refused(count: str, read_apart: ReadApart) -> None:
    """A parser makes room for as many shared texts as the part says it has: at 4 billion the process is aborted."""
    texts = f'<sst {NAMESPACE} {count}="4000000000"><si><t>a</t></si></sst>'
    assert rule_of(read_apart(workbook(ONE_CELL, **{"xl/sharedStrings.xml": texts}))) == "over_limits"


@pytest.mark.parametrize(
    "cells", ['<row r="19999"/>', '<row r="1"><c r="OJ1"/></row>', "<row><c/><c/></row>" * 50]
)
def test_a_sheet_inside_the_bounds_passes(cells: str) -> None:
    inflate(workbook(cells))


def test_a_theme_that_says_r_is_no_sheet() -> None:
    """Excel's own theme has `r="50000"` in its gradients."""
    theme = '<a:fillToRect l="50000" t="50000" r="50000" b="50000"/>'
    inflate(workbook(ONE_CELL, **{"xl/theme/theme1.xml": theme}))


@pytest.mark.parametrize(
    "declared", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>', '<!doctype x SYSTEM "file:///etc/passwd">']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_entity_is_ever_declared(declared: str, encoding: str) -> None:
    part = f"<?xml version='1.0'?>{declared}<worksheet/>".encode(encoding)
    with pytest.raises(Refusal, match="办公软件不会写入"):
        inflate(package_of({"xl/workbook.xml": "<workbook/>", SHEET: part}))


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
    identify(content, CATALOGUE)


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


PARTS = parts_of(GOOD)


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
    outcome(package_of(dict(spoilt), zipfile.ZIP_STORED))
