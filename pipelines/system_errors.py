"""What the operating system refuses, in Chinese: a full disk, a folder that may not be written. Anything else is a fault of ours."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REASONS = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "超出文件大小的限制",
    errno.EROFS: "磁盘是只读的",
    errno.EACCES: "没有权限",
    errno.EPERM: "操作不被允许",
    errno.EIO: "磁盘读写出错",
    errno.ESTALE: "网络磁盘已断开",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EEXIST: "已有同名的文件",
    errno.ENAMETOOLONG: "文件名过长",
    errno.ELOOP: "链接指向自身",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "打开的文件过多",
}
# What DuckDB and SQLite say of the same.
_PHRASES = {os.strerror(number): number for number in _REASONS} | {
    "database or disk is full": errno.ENOSPC,
    "attempt to write a readonly database": errno.EROFS,
    "unable to open database file": errno.EACCES,
    "disk I/O error": errno.EIO,
}
_SAID = re.compile(r"\[Errno (\d+)\] [^\n]*?(?:: '([^'\n]*)')?$", re.MULTILINE)
_QUOTED = re.compile(r'"(/[^"\n]+)"')


def reason_zh(error: OSError) -> str | None:
    """Why the system refused; None for an error that tells of no such refusal."""
    return _REASONS.get(error.errno) if error.errno is not None else None


def sentence_zh(error: OSError) -> str | None:
    """What to tell the user; None for an error that is no refusal of the system."""
    reason = reason_zh(error)
    if reason is None:
        return None
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "文件或输出"
    is_closed = error.errno == errno.EACCES and Path(name).exists() and not os.access(name, os.R_OK)
    return f"无法{'读取' if is_closed else '写入'} {name}（{reason}）。请检查磁盘空间和权限后重试。"


def refusal_in(text: str, file: Path) -> OSError | None:
    """The refusal that another program's message tells of, about the file that it names, or about `file`; None for any other message."""
    said = _SAID.search(text)
    if said is not None and int(said[1]) in _REASONS:
        return OSError(int(said[1]), os.strerror(int(said[1])), said[2] or str(file))
    number = next((number for phrase, number in _PHRASES.items() if phrase in text), None)
    if number is None:
        return None
    quoted = _QUOTED.search(text)
    return OSError(number, os.strerror(number), quoted[1] if quoted else str(file))


@contextmanager
def about(file: Path) -> Iterator[None]:
    """A refusal inside names this file where the system names none, as it does when bytes are written."""
    try:
        yield
    except OSError as error:
        if error.filename is None and reason_zh(error) is not None:
            error.filename = str(file)
        raise
