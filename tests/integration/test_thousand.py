"""One poisoned file among a thousand good ones: the thousand land, the one has a finding, and the command says so."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

from expectations import Catalogue
from pipelines.registry.file import write_registry
from pipelines.registry.model import RegistryEntry
from tests.conftest import Home
from tests.edits import package_of, parts_of
from tests.workbooks import blank_form, filled_form, workbook_bytes

THOUSAND = 1000
CITY = blank_form("city", "2025Q1").unit


def units(catalogue: Catalogue) -> tuple[bytes, list[RegistryEntry]]:
    """A workbook without branches, and a thousand units that could have sent it, the first one its own."""
    form = filled_form("school", "2025Q1", catalogue, ())
    school = form.unit._replace(parent_code=CITY.unit_code)
    others = [
        school._replace(unit_code=f"320100T{number:04d}", name=f"示例第{number}小学")
        for number in range(1, THOUSAND)
    ]
    return workbook_bytes(form, catalogue), [school, *others]


def workbooks(content: bytes, entries: list[RegistryEntry], folder: Path) -> None:
    """The same workbook from every unit, with its own code and name."""
    parts = parts_of(content)
    first = entries[0]
    for entry in entries:
        with zipfile.ZipFile(
            folder / f"{entry.unit_code}.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as package:
            for name, part in parts.items():
                named = part.replace(first.name.encode(), entry.name.encode())
                package.writestr(name, named.replace(first.unit_code.encode(), entry.unit_code.encode()))


def poison(content: bytes) -> bytes:
    """A few kilobytes that make the parser ask for all the memory there is: rows and cells without references, and far apart."""
    parts = parts_of(content)
    name = "xl/worksheets/sheet2.xml"
    far = b'<row r = "1048576"><c\nr\t=\n"XFD1048576"><v>1</v></c></row></sheetData>'
    return package_of(parts | {name: parts[name].replace(b"</sheetData>", far)})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    folder = tmp_path_factory.mktemp("thousand")
    content, entries = units(catalogue)
    inbox = folder / "in"
    (inbox / "registry").mkdir(parents=True)
    (inbox / "registry" / "units.csv").write_bytes(write_registry([CITY, *entries]))
    workbooks(content, entries, inbox)
    (inbox / "320100T0500（新）.xlsx").write_bytes(poison((inbox / "320100T0500.xlsx").read_bytes()))
    return Home(folder / "home")


def test_a_thousand_land_beside_one_that_kills_its_reader(home: Home) -> None:
    inbox = home.path.parent / "in"
    done = home.sanxing("receive", inbox, check=False)
    assert done.returncode == 1
    assert f"新收到{THOUSAND + 1}个文件" in done.stdout
    assert "320100T0500（新）.xlsx：" in done.stdout
    (said,) = [line for line in done.stdout.splitlines() if "320100T0500（新）" in line]
    assert "无法正常读取" in said
    assert "请下载新的模板" in said
    home.run()
    submissions, findings = home.read("submissions"), home.read("findings")
    assert submissions["state"].value_counts().sort("count")["count"].to_list() == [1, THOUSAND]
    (poisoned,) = submissions.filter(pl.col("state") == "refused").iter_rows(named=True)
    assert poisoned["file"] == "320100T0500（新）.xlsx"
    rules = findings.filter(pl.col("submission_id") == poisoned["submission_id"])["rule"].to_list()
    assert rules == ["unreadable_file"]
    answers = home.read("answers").group_by("unit_code").len()
    assert answers.height == THOUSAND
    assert answers["len"].n_unique() == 1
