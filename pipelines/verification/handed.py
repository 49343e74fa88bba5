"""A file that is handed in, whatever its form: its manifest, whether it is ours to the byte, and what it says next to what ours says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.exports.list_files import WRITERS
from pipelines.exports.list_manifest import SUFFIX, ListManifest
from pipelines.exports.shortlist_csv import csv_manifest
from pipelines.marts.published import PublishedRun
from pipelines.verification.found import Found
from pipelines.verification.package import PIECE, Package, allowed
from pipelines.verification.paper import paper_manifest, read_paper
from pipelines.verification.sheets import read_sheets, sheets_manifest
from pipelines.verification.table import read_tables, table_manifest


def manifest_of(path: Path) -> ListManifest:
    """What the file says of itself. Raises NotOurs."""
    if path.suffix.lower() == ".csv":
        return table_manifest(path)
    with Package(path) as package:
        return paper_manifest(package) if _is_paper(package) else sheets_manifest(package)


def write_ours(run: PublishedRun, manifest: ListManifest, folder: Path) -> Path:
    """The same list as it is exported now. Raises ShortlistUnavailable."""
    path = folder / f"名单.{manifest.form}"
    with path.open("wb") as target:
        WRITERS[path.suffix](run, manifest.year, target)
    if manifest.form == "csv":
        path.with_name(path.name + SUFFIX).write_bytes(csv_manifest(run, manifest.year))
    return path


def is_same(path: Path, ours: Path) -> bool:
    """Whether the file is ours, byte by byte."""
    if path.stat().st_size != ours.stat().st_size:
        return False
    with path.open("rb") as theirs, ours.open("rb") as own:
        while piece := own.read(PIECE):
            if piece != theirs.read(PIECE):
                return False
    return True


@contextmanager
def both(path: Path, ours: Path) -> Iterator[tuple[Found, Found]]:
    """What the file says, and what ours does. Raises NotOurs."""
    if ours.suffix == ".csv":
        yield read_tables(path, ours)
        return
    with Package(path) as theirs, Package(ours) as own:
        theirs.weight(allowed(own.weight()))
        read = read_paper if _is_paper(own) else read_sheets
        yield read(theirs), read(own)


def _is_paper(package: Package) -> bool:
    return package.main().startswith("word/")
