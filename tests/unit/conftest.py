"""Fixtures of the tests of receiving: a folder as an office sends it, and an empty store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.receiving import REGISTRY, WORKBOOKS


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder as a city's office sends it: workbooks in folders, the registry, and what lies about."""
    folder = tmp_path / "in"
    (folder / "2025Q1").mkdir(parents=True)
    (folder / "registry").mkdir()
    (folder / "registry" / "units.csv").write_bytes(REGISTRY)
    for number, content in enumerate(WORKBOOKS):
        (folder / "2025Q1" / f"{number}.xlsx").write_bytes(content)
    for name in (
        "~$0.xlsx",
        ".~lock.0.xlsx#",
        ".DS_Store",
        "Thumbs.db",
        "truth.json",
        "说明.txt",
        "desktop.ini",
        "模板.lnk",
    ):
        (folder / name).write_bytes(b"not a submission")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._0.xlsx").write_bytes(b"not a submission")
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "data" / "raw"
