"""Thousands of spoilt copies of good workbooks: none crashes the reader or hangs it, and none gives a wrong value unnoticed.

A byte or a zip record that is spoilt can be told from the sums of the package: the file is refused, or read exactly as before.
XML that is changed inside a sound package is another workbook: what we read of it is what another library reads in the same cells.
"""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest

from expectations import load_catalogue
from pipelines.intake.answers import Answer
from pipelines.intake.reading import Reading, Received, read_received
from pipelines.intake.values import NO_RESULT
from pipelines.intake.workers import Lost, apart
from pipelines.registry.model import Registry
from tests.edits import package_of, parts_of
from tests.workbooks import filled_form, workbook_bytes

CATALOGUE = load_catalogue()
FORM = filled_form("school", "2025Q1", CATALOGUE)
GOOD = workbook_bytes(FORM, CATALOGUE)
REGISTRY = Registry((FORM.unit, *FORM.branches), "r" * 64)
LATER = datetime(2026, 1, 5, tzinfo=UTC)
BYTES, ZIPS, XMLS = 2000, 1000, 1000
Mutate = Callable[[random.Random], bytes]


def read_all(contents: list[bytes]) -> list[Reading | Lost]:
    with apart(read_received, (CATALOGUE, REGISTRY)) as readings:
        return list(readings([Received(content, LATER) for content in contents]))


def with_bytes(dice: random.Random) -> bytes:
    """Some bytes flipped, taken out, put in, doubled, or the end cut off."""
    content = bytearray(GOOD)
    for _ in range(dice.choice((1, 1, 1, 2, 8))):
        at, length = dice.randrange(len(content)), dice.choice((1, 1, 2, 16, 200))
        kind = dice.randrange(5)
        if kind == 0:
            content[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del content[at : at + length]
        elif kind == 2:
            content[at:at] = dice.randbytes(length)
        elif kind == 3:
            content[at:at] = content[at : at + length]
        else:
            content = content[: max(at, 1)] if dice.random() < 0.2 else content
        content = content or bytearray(b"P")
    return bytes(content)


def with_records(dice: random.Random) -> bytes:
    """The zip's own records spoilt: any field of a local head, of the directory or of its end."""
    content = bytearray(GOOD)
    signature = dice.choice((b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    start = dice.choice([match.start() for match in re.finditer(re.escape(signature), GOOD)])
    size = {b"PK\x03\x04": 30, b"PK\x01\x02": 46, b"PK\x05\x06": 22}[signature]
    for _ in range(dice.choice((1, 1, 2))):
        at = start + dice.randrange(4, size - 3)
        if dice.random() < 0.5:
            content[at] = dice.choice((0, 1, 8, 0x7F, 0xFF, dice.randrange(256)))
        else:
            struct.pack_into(
                "<L", content, at, dice.choice((0, 1, 2**31, 2**32 - 1, dice.randrange(len(GOOD))))
            )
    return bytes(content)


PARTS = parts_of(GOOD)
SPOILS = (b"", b"<", b">", b"&#0;", b"&unknown;", b"\xff", b'"', b"]]>", b"<row>", b"9", b"\0", b"-", b".", b"e9", b"</c>", b' t="s"', b' t="e"', b"<f>1</f>", b"<!---->", b"<![CDATA[7]]>")  # fmt: skip


def with_xml(dice: random.Random) -> bytes:
    """A part changed inside, in a sound package: a sheet or the shared texts mostly, the rest now and then."""
    names = sorted(PARTS)
    likely = [name for name in names if "sheet" in name or "sharedStrings" in name]
    name = dice.choice(likely if dice.random() < 0.85 else names)
    part = PARTS[name]
    for _ in range(dice.choice((1, 1, 2))):
        at, taken = dice.randrange(len(part)), dice.choice((0, 0, 1, 3, 40))
        part = part[:at] + dice.choice(SPOILS) + part[at + taken :]
    return package_of(PARTS | {name: part})


def made(mutate: Mutate, count: int, seed: int) -> list[bytes]:
    dice = random.Random(seed)
    return [mutate(dice) for _ in range(count)]


def outcome_is_declared(reading: Reading) -> bool:
    """Refused with one rule that refuses, or read with rules that the catalogue has."""
    rules = [CATALOGUE.rule[finding.rule] for finding in reading.findings]
    return (len(rules) == 1 and rules[0].refuses and not reading.answers) if reading.refused else True


@pytest.mark.parametrize(("mutate", "count"), [(with_bytes, BYTES), (with_records, ZIPS)])
def test_a_spoilt_package_is_refused_or_read_as_before(mutate: Mutate, count: int) -> None:
    (good,) = read_all([GOOD])
    assert isinstance(good, Reading)
    read = 0
    for reading in read_all(made(mutate, count, 20251)):
        assert isinstance(reading, Reading), "no process was lost"
        assert outcome_is_declared(reading)
        if not reading.refused:
            read += 1
            assert reading.answers == good.answers
            assert reading.findings == []
    assert 0 < read < count, "some mutations touch nothing that counts, most do"


def test_a_changed_part_gives_what_another_library_reads() -> None:
    compared = 0
    contents = made(with_xml, XMLS, 20252)
    for content, reading in zip(contents, read_all(contents), strict=True):
        assert isinstance(reading, Reading), "no process was lost"
        assert outcome_is_declared(reading)
        if not reading.refused:
            for answer, value in seen_by_another(content, reading.answers):
                compared += 1
                assert answer.raw == value, (answer, value)
    assert compared > 4000


def seen_by_another(content: bytes, answers: list[Answer]) -> Iterator[tuple[Answer, str | None]]:
    """The answers whose cells openpyxl reads too, with what it finds there as we would write it."""
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:  # noqa: BLE001  openpyxl is stricter in what it opens, and raises as it comes
        return
    for answer in answers:
        if answer.sheet in book and answer.raw != NO_RESULT:
            value = book[answer.sheet][answer.cell].value
            yield answer, as_raw(value)


def as_raw(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).upper()
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value).strip() or None
