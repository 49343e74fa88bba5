"""What the operating system refuses becomes a sentence; any other error stays one of ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from pebble import ProcessExpired

from pipelines.system_errors import about, refusal_in, sentence_zh

HOME = Path("/srv/data")


def refused(number: int, file: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), file)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refused(errno.ENOSPC, "/srv/报表.xlsx"), "无法写入 /srv/报表.xlsx（磁盘已满）。请检查磁盘空间和权限后重试。"),
        (refused(errno.EROFS, "/srv"), "无法写入 /srv（磁盘是只读的）。请检查磁盘空间和权限后重试。"),
        (refused(errno.EACCES, "/no/such"), "无法写入 /no/such（没有权限）。请检查磁盘空间和权限后重试。"),
        (refused(errno.ENOSPC), "无法写入 文件或输出（磁盘已满）。请检查磁盘空间和权限后重试。"),
        (refused(errno.ENOENT, "/srv"), None),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), None),
        (TimeoutError(), None),
        (ProcessExpired("Abnormal termination"), None),
    ],
)  # fmt: skip
def test_only_what_the_system_refuses_is_told_as_such(error: OSError, words: str | None) -> None:
    assert sentence_zh(error) == words


def test_a_file_that_may_not_be_read_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = sentence_zh(refused(errno.EACCES, str(tmp_path)))
    assert said == f"无法读取 {tmp_path}（没有权限）。请检查磁盘空间和权限后重试。"


@pytest.mark.parametrize(
    ("text", "number", "file"),
    [
        ('IO Error: Could not write file "/srv/w.duckdb": No space left on device', errno.ENOSPC, "/srv/w.duckdb"),
        ('IO Error: Cannot open file "/srv/w.duckdb": Read-only file system', errno.EROFS, "/srv/w.duckdb"),
        ("files_read: OSError: [Errno 28] No space left on device: '/srv/a b'\n\nStack Trace:\n  …", errno.ENOSPC, "/srv/a b"),
        ("files_read: PermissionError: [Errno 13] Permission denied", errno.EACCES, str(HOME)),
        ("(sqlite3.OperationalError) disk I/O error\n[SQL: select 1 from \"runs\"]", errno.EIO, str(HOME)),
        ("(sqlite3.OperationalError) database or disk is full", errno.ENOSPC, str(HOME)),
        ("(sqlite3.OperationalError) no such table: runs", None, None),
        ("files_read: FileNotFoundError: [Errno 2] No such file or directory: '/srv/x'", None, None),
        ('IO Error: The file "/srv/w.duckdb" exists, but it is not a valid DuckDB database file!', None, None),
    ],
)  # fmt: skip
def test_what_other_programs_say_of_a_refusal_is_understood(
    text: str, number: int | None, file: str | None
) -> None:
    refusal = refusal_in(text, HOME)
    assert (refusal and refusal.errno, refusal and refusal.filename) == (number, file)


def test_a_refusal_without_a_name_gets_one(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match="No space left") as caught,
        about(tmp_path),
        Path("/dev/full").open("w") as full,
    ):
        full.write("x")
    assert caught.value.filename == str(tmp_path)
