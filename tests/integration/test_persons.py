"""A person's data sent in any way leaves nothing behind: looked for in every file below SANXING_HOME, and in all that is said."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.registry.file import write_registry
from pipelines.store.submissions import NOT_KEPT
from tests.conftest import Home
from tests.file_classes import FORM, GOOD, IDENTITY, MOBILE, NAME, edited, persons
from tests.workbooks import blank_form

CITY = blank_form("city", "2025Q4").unit
# As they are sent, and as they would read once blanks and marks are gone.
VALUES = (
    IDENTITY,
    MOBILE,
    NAME,
    "110101 19000101",
    "138-0000-0000",
    "138 0000",
    "138）0000",
    "138\u200b0000",
)
CALLED = f"{NAME} {MOBILE}"


@dataclass(frozen=True)
class Sent:
    """A home into which everything was sent, how many files with personal data that were, and what the commands said."""

    home: Home
    withheld: int
    said: str


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    folder = tmp_path_factory.mktemp("persons")
    inbox, home = folder / "in", Home(folder / "home")
    (inbox / "registry").mkdir(parents=True)
    school = FORM.unit._replace(parent_code=CITY.unit_code)
    (inbox / "registry" / "units.csv").write_bytes(write_registry([CITY, school, *FORM.branches]))
    withheld = [
        made.content for _, made in persons() if any(rule == "personal_data" for rule, *_ in made.rules)
    ]
    for number, content in enumerate(withheld):
        (inbox / f"{number:02}.xlsx").write_bytes(content)
    (inbox / f"{CALLED}.xlsx").write_bytes(GOOD)
    (inbox / f"{CALLED}.txt").write_text("说明", "utf-8")
    (inbox / CALLED).mkdir()
    (inbox / CALLED / "报表.xlsx").write_bytes(edited(lambda book: book.create_sheet("说明一")))
    with zipfile.ZipFile(inbox / f"{CALLED}.zip", "w") as package:
        package.writestr(f"{CALLED}.xlsx", edited(lambda book: book.create_sheet("说明二")))
        package.writestr(f"{CALLED}.zip", b"PK\x03\x04 no zip")
    done = [
        home.sanxing("receive", inbox, check=False),
        home.sanxing("run", check=False),
        home.sanxing("check", *sorted(inbox.glob("*.xlsx")), "--annotate", home.path / "back", check=False),
        home.sanxing("check", "--json", *sorted(inbox.glob("*.xlsx")), check=False),
        home.sanxing("return", "2025Q4", "-o", home.path / "back", check=False),
    ]
    return Sent(home, len(withheld), "".join(command.stdout + command.stderr for command in done))


def texts(path: Path) -> Iterator[str]:
    """What a file holds, unpacked where its format packs it."""
    content = path.read_bytes()
    yield from (content.decode(encoding, "replace") for encoding in ("utf-8", "utf-16-le"))
    if path.suffix == ".parquet":
        yield json.dumps(pl.read_parquet(path).to_dicts(), default=str, ensure_ascii=False)
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as connection:
            for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                yield repr(connection.execute(f'from "{table}"').fetchall())
    elif content.startswith(b"SQLite format 3"):
        connection = sqlite3.connect(path)
        yield "\n".join(connection.iterdump())
        connection.close()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name).decode("utf-8", "replace") for name in package.namelist())


def test_each_is_withheld(sent: Sent) -> None:
    submissions = sent.home.read("submissions")
    withheld = submissions.filter(pl.col("file") == NOT_KEPT)
    assert withheld.height == sent.withheld
    assert withheld["state"].unique().to_list() == ["refused"]
    findings = sent.home.read("findings").join(withheld, on="submission_id", how="semi")
    assert findings["rule"].to_list() == ["personal_data"] * sent.withheld


def test_nothing_of_a_person_is_kept(sent: Sent) -> None:
    """Originals, receipts, what is handed over, the warehouse, the marts, Dagster's storage, returned workbooks: names and contents."""
    files = [path for path in sent.home.path.rglob("*") if path.is_file()]
    kinds = {path.relative_to(sent.home.path).parts[:2] for path in files}
    assert {("data", "raw"), ("data", "warehouse"), ("data", "marts"), ("data", "dagster")} <= kinds
    kept = {
        f"{path.relative_to(sent.home.path)}: {value}"
        for path in files
        for text in (path.relative_to(sent.home.path).as_posix(), *texts(path))
        for value in VALUES
        if value in text
    }
    assert kept == set()


def test_nothing_of_a_person_is_said(sent: Sent) -> None:
    """By no command, not even of a file that is called after somebody."""
    assert [value for value in VALUES if value in sent.said] == []
    assert "（文件名含个人信息，未保留）.xlsx" in sent.said
    assert "（文件夹名含个人信息，未保留）" in sent.said


def test_a_file_called_after_a_person_counts_all_the_same(sent: Sent) -> None:
    kept = sent.home.read("submissions").filter(pl.col("file") != NOT_KEPT)
    assert sorted(kept["file"]) == [
        "（文件名含个人信息，未保留）.xlsx",
        "（文件夹名含个人信息，未保留）/报表.xlsx",
        "（文件夹名含个人信息，未保留）/（文件名含个人信息，未保留）.xlsx",
    ]
    assert kept["unit_code"].unique().to_list() == [FORM.unit.unit_code]
    assert "accepted" in kept["state"].to_list() or "returned" in kept["state"].to_list()


def test_a_withheld_file_is_put_to_its_unit_only_where_the_registry_knows_it(sent: Sent) -> None:
    """A code that it does not know could be anything, a telephone number too."""
    receipts = [p.name for p in (sent.home.data / "raw" / "submissions").rglob("*.receipt.json")]
    units = {name.split("_")[0] for name in receipts if "Q" in name}
    assert units == {FORM.unit.unit_code}
