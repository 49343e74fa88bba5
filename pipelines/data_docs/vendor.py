"""The third-party files that the pages load: declared in vendor.yaml with package, version, licence and sha256."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import yaml

_HERE = Path(__file__).parent
_FOLDER = _HERE / "vendor"
_STYLE = _HERE / "docs.css"


class Vendored(NamedTuple):
    """A file of an npm package, as the package brings it."""

    file: str
    package: str
    version: str
    licence: str
    source: str
    sha256: str

    @property
    def path(self) -> Path:
        return _FOLDER / self.file

    @property
    def is_whole(self) -> bool:
        return self.path.is_file() and sha256(self.path.read_bytes()).hexdigest() == self.sha256


def vendored() -> list[Vendored]:
    """All that vendor.yaml declares."""
    entries = yaml.safe_load((_HERE / "vendor.yaml").read_text("utf-8"))
    return [Vendored(**entry) for entry in entries]


def put_beside(folder: Path) -> None:
    """Copy them, and our own style sheet, to folder/static. Raises RuntimeError where a file is not what it is declared to be."""
    static = folder / "static"
    static.mkdir(parents=True)
    for entry in vendored():
        if not entry.is_whole:
            raise RuntimeError(f"{entry.path} is not the file that vendor.yaml declares")
        shutil.copyfile(entry.path, static / entry.file)
    shutil.copyfile(_STYLE, static / _STYLE.name)
