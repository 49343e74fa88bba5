"""Lists as files that someone hands in: written as the command writes them, edited, packed anew, forged."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from pipelines.exports.fingerprint import digests, rows_digest
from pipelines.exports.list_files import list_files
from pipelines.exports.list_manifest import SUFFIX
from pipelines.exports.list_rules import parameters_digest
from pipelines.marts.published import PublishedRun
from pipelines.verification.table import read_tables

Bytes = Callable[[bytes], bytes]


def written(folder: Path, run: PublishedRun, ending: str) -> Path:
    """The list as the command writes it."""
    folder.mkdir(exist_ok=True)
    for added, content in list_files(run, 2025, ending).items():
        (folder / f"名单{ending}{added}").write_bytes(content)
    return folder / f"名单{ending}"


def saved(save: Callable[[io.BytesIO], None]) -> bytes:
    content = io.BytesIO()
    save(content)
    return content.getvalue()


def forged(target: Path, **changed: object) -> None:
    """A .csv's manifest with other facts, and all of its digests made to fit."""
    beside = target.with_name(target.name + SUFFIX)
    facts = json.loads(beside.read_text("utf-8")) | changed
    facts["parameters_sha256"] = parameters_digest(facts["parameters"])
    lines = read_tables(target, target)[0].parts["候选单位"]()
    facts["content"] = {"候选单位": rows_digest(digests(cells for _, cells in lines))}
    beside.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


def with_part(name: str, change: Bytes) -> Bytes:
    """A change to one part of a package, which may be a new one."""

    def edit(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {entry: package.read(entry) for entry in package.namelist()}
        return zipped(parts | {name: change(parts.get(name, b""))})

    return edit
