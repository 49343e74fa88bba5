"""What a path holds: a file, the files of a folder, or those of a zip, one after another, each within its bounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.intake.archives import is_archive, unpack
from pipelines.intake.bounds import LARGEST_FILE
from pipelines.intake.candidate import Candidate, can_be_submission, is_system_file
from pipelines.system_errors import reason_zh
from pipelines.visible import file_name


def expand(path: Path) -> Iterator[Candidate]:
    """All candidates in a file, folder or zip, in the order of their names. A missing path is a candidate with a problem."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            name = file_name(file.relative_to(path).as_posix())
            is_link = file.is_symlink()
            if is_system_file(name) or (file.is_dir() and not is_link):
                continue
            if is_link or not file.is_file() or not can_be_submission(name):
                yield Candidate(name, None, skipped=True)
            else:
                yield from _expand_file(file, name, f"{name}/")
    elif not path.is_file():
        yield Candidate(file_name(path.name or str(path)), None, "没有这个文件或文件夹")
    else:
        yield from _expand_file(path, file_name(path.name), "")


def _expand_file(file: Path, name: str, inside: str) -> Iterator[Candidate]:
    """A file, or those of a zip. inside: what stands before the names of a zip's files."""
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST_FILE else None
        if is_archive(file, content):
            yield from unpack(file, name, inside)
        elif content is None:
            yield Candidate(name, None, f"文件大于{LARGEST_FILE // 1024 // 1024}MB，未接收")
        else:
            yield Candidate(name, content)
    except OSError as error:
        yield Candidate(name, None, f"文件无法读取（{reason_zh(error) or error.strerror}）")
