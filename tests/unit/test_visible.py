"""Names from outside: nothing in one acts on a terminal, and whatever its bytes are it can be printed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.intake.sources import expand
from pipelines.visible import file_name, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("南京市　示例小学（一）.xlsx", "南京市　示例小学（一）.xlsx"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\r\nb\tc\0", "a␍␊b␉c␀"),
        ("a\u202excod.xlsx", "a[U+202E]xcod.xlsx"),
        ("a\x7f\x9b\u2028\ufeff", "a[U+007F][U+009B][U+2028][U+FEFF]"),
        ("\udcff", "[U+DCFF]"),
    ],
)
def test_what_cannot_be_seen_is_drawn(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert shown.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("报表.xlsx".encode(), "报表.xlsx"),
        ("报表.xlsx".encode("gb18030"), "报表.xlsx"),
        ("报\n表.xlsx".encode(), "报␊表.xlsx"),
        (b"\xff\xfe.xlsx", "\ufffd\ufffd.xlsx"),
    ],
)
def test_a_file_is_called_by_what_its_sender_meant(name: bytes, shown: str, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    assert file_name(os.fsdecode(name)) == shown
    assert [candidate.name for candidate in expand(tmp_path)] == [shown]
    assert [candidate.name for candidate in expand(tmp_path / os.fsdecode(name))] == [shown]
