"""A number that is typed ten times too large, in real workbooks: found at its cell, explained, accepted, and no history meanwhile.

Another branch's real jump comes with its explanation at once, and stays explained in every run after.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period
from pipelines.check import SHOWN
from pipelines.sample.make import make_sample
from tests.conftest import Home
from tests.edits import column_of

FIRST, SPOILT, NEXT = "2022Q2", "2024Q3", "2024Q4"
LEDGER, HOURS = "支部台账", "L3.4b"
EXPLAINED = "本季度集中轮训十天，学时按全体党员实际参加的天数逐人折算"
AT_ONCE = "暑期承办全省教师党员示范培训，全体党员均参加封闭学习，学时据实填报"
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Spoilt(Home):
    """A province of ten quarters in the last of which one branch's hours are ten times too large; then the same, explained.

    cell: where; checked: what `check` says of each file before it is received; found: outliers that stood after each step. jumped: the branch
    that explained its jump at once; flags: all flags after each step.
    """

    branch: str
    cell: str
    number: float
    checked: dict[str, list[dict[str, Any]]]
    found: dict[str, pl.DataFrame]
    jumped: str
    flags: dict[str, pl.DataFrame]

    def at_cell(self, step: str) -> pl.DataFrame:
        """The outliers of the branch after a step, superseded versions aside."""
        live = self.read("submissions").filter(pl.col("state") != "superseded")
        found = self.found[step].filter(pl.col("branch_code") == self.branch)
        return found if step != "next" else found.join(live, on="submission_id", how="semi")


def outliers(home: Home) -> pl.DataFrame:
    return home.read("findings").filter(pl.col("rule").str.starts_with("outlier"))


def code_of(file: Path) -> str:
    """The unit that a workbook's ledger names."""
    heading = openpyxl.load_workbook(file, read_only=True)[LEDGER]["A2"].value
    return re.findall(r"（([0-9A-Z]+)）", str(heading))[-1]


def clean_files(folder: Path, period: str) -> Iterator[tuple[str, Path]]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    for file in sorted(truth["clean_files"]):
        if f"/{period}/" in file:
            yield code_of(folder / file), folder / file


def columns(sheet: Worksheet) -> tuple[int, int]:
    """Those of the hours and of the explanation."""
    return column_of(sheet, HOURS), column_of(sheet, "情况说明")


def first_branch(sheet: Worksheet, unit: str) -> int:
    return next(row for row in range(1, 99) if str(sheet.cell(row, 1).value).startswith(f"{unit}-"))


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Spoilt:
    folder = tmp_path_factory.mktemp("outliers")
    source, later = folder / "in", folder / "later"
    make_sample(source, 8, Period.parse(FIRST), Period.parse(NEXT), 78, catalogue, with_faults=False)
    now, after = dict(clean_files(source, SPOILT)), dict(clean_files(source, NEXT))
    unit, other, *_ = sorted(set(now) & set(after))
    book = openpyxl.load_workbook(now[other])
    row = first_branch(book[LEDGER], other)
    hours, note = columns(book[LEDGER])
    jumped = str(book[LEDGER].cell(row, 1).value)
    book[LEDGER].cell(row, hours).value = 10 * float(book[LEDGER].cell(row, hours).value)  # type: ignore[arg-type]
    book[LEDGER].cell(row, note).value = AT_ONCE
    book.save(now[other])
    book = openpyxl.load_workbook(now[unit])
    sheet = book[LEDGER]
    hours, note = columns(sheet)
    row = first_branch(sheet, unit)
    branch, number = str(sheet.cell(row, 1).value), float(sheet.cell(row, hours).value)  # type: ignore[arg-type]
    now[unit].unlink()
    sheet.cell(row, hours).value = 10 * number
    book.save(folder / "多一位.xlsx")
    sheet.cell(row, note).value = EXPLAINED
    book.save(folder / "已说明.xlsx")
    later.mkdir()
    shutil.move(source / "workbooks" / NEXT, later / NEXT)
    home = Home(folder / "home")
    home.sanxing("receive", source, check=False)
    home.run()
    found, flags, checked = {"before": outliers(home)}, {"before": home.read("flags")}, {}
    steps = {"spoilt": folder / "多一位.xlsx", "next": later, "explained": folder / "已说明.xlsx"}
    for name, path in steps.items():
        if path.is_file():
            checked[name] = json.loads(home.sanxing("check", "--json", path, check=False).stdout)[0][
                "findings"
            ]
        home.sanxing("receive", path, check=False)
        home.run()
        found[name], flags[name] = outliers(home), home.read("flags")
    cell = sheet.cell(row, hours).coordinate
    return Spoilt(home.path, branch, cell, 10 * number, checked, found, jumped, flags)


def test_it_is_found_at_its_cell_once(spoilt: Spoilt) -> None:
    assert spoilt.at_cell("before").is_empty()
    (row,) = spoilt.at_cell("spoilt").to_dicts()
    assert (row["rule"], row["severity"], row["period"]) == ("outlier_own_history", "explain", SPOILT)
    assert (row["question"], row["sheet"], row["cell"]) == (HOURS, LEDGER, spoilt.cell)
    assert float(row["found"]) == spoilt.number
    low, high = map(float, re.search(r"一般在([0-9.]+)至([0-9.]+)人学时之间", row["expected"]).groups())  # type: ignore[union-attr]
    assert low < spoilt.number / 10 < high < spoilt.number
    assert "请核对是否多输或少输一位、计量单位是否看错" in row["message"]
    assert row["explained"] is False


def test_no_other_number_of_the_province_is_asked_about(spoilt: Spoilt) -> None:
    others = spoilt.found["explained"].filter(
        pl.col("branch_code").is_in([spoilt.branch, spoilt.jumped]).not_()
    )
    assert others.height <= 1


def test_the_next_quarter_is_held_against_what_was_right(spoilt: Spoilt) -> None:
    assert (
        spoilt.found["next"]
        .filter(pl.col("period") == NEXT, pl.col("branch_code") == spoilt.branch)
        .is_empty()
    )
    assert spoilt.at_cell("explained").filter(pl.col("period") == NEXT).is_empty()


def test_an_explanation_closes_it(spoilt: Spoilt) -> None:
    explained = spoilt.found["explained"].filter(pl.col("explanation") == EXPLAINED)
    assert explained["explained"].to_list() == [True]
    (submission,) = spoilt.read("submissions").join(explained, on="submission_id", how="semi").to_dicts()
    assert (submission["state"], submission["counts"], submission["n_explain"]) == ("accepted", True, 0)


@pytest.mark.parametrize("step", ["before", "spoilt", "next", "explained"])
def test_a_jump_that_came_with_its_explanation_stays_explained(spoilt: Spoilt, step: str) -> None:
    """In the run that finds it and in all later ones, also those that judge the next quarter; it is no fault of the data."""
    (row,) = spoilt.found[step].filter(pl.col("branch_code") == spoilt.jumped).to_dicts()
    assert (row["period"], row["question"], row["explained"], row["explanation"]) == (
        SPOILT, HOURS, True, AT_ONCE,
    )  # fmt: skip
    unit = spoilt.jumped.partition("-")[0]
    flags = spoilt.flags[step].filter(pl.col("unit_code") == unit, pl.col("period") == SPOILT)
    assert "quality" not in flags["kind"]


def test_an_explained_jump_is_used_and_a_jump_explained_later_is_told(spoilt: Spoilt) -> None:
    unit, other = (code.partition("-")[0] for code in (spoilt.jumped, spoilt.branch))
    of_period = spoilt.read("submissions").filter(pl.col("period") == SPOILT)
    at_once = of_period.filter(pl.col("unit_code") == unit).row(0, named=True)
    assert (at_once["state"], at_once["counts"], at_once["n_explain"]) == ("accepted", True, 0)
    runs = spoilt.read("flag_runs").filter(pl.col("kind") == "quality", pl.col("since") == SPOILT)
    assert runs.filter(pl.col("unit_code") == unit).is_empty()
    told = runs.filter(pl.col("unit_code") == other).row(0, named=True)
    assert (told["closed_in"], told["closing"]) == (SPOILT, "explained")
    assert told["reason"].endswith("第1版有1处需要说明，已于第2版说明。")
    kept = spoilt.flags["next"].filter(pl.col("unit_code") == other, pl.col("kind") == "quality")
    assert kept["period"].to_list() == [SPOILT], "a clean next quarter explains nothing of this one"


@pytest.mark.parametrize("name", ["spoilt", "explained"])
def test_check_says_the_same_before(spoilt: Spoilt, name: str) -> None:
    """All that concerns the numbers: what tells of versions is the same too (test_versions.py)."""
    before = [tuple(finding[key] for key in SHOWN) for finding in spoilt.checked[name]]
    found = spoilt.found[name].filter(pl.col("period") == SPOILT, pl.col("branch_code") == spoilt.branch)
    if name == "explained":
        found = found.filter(pl.col("explained"))
    assert [row for row in before if str(row[0]).startswith("outlier")] == found.select(SHOWN).rows() != []


def test_what_could_be_judged_is_counted(spoilt: Spoilt) -> None:
    coverage = spoilt.read("outlier_coverage")
    assert (coverage["series"] == coverage["judged"] + coverage["too_short"]).all()
    own = (
        coverage.filter(pl.col("against") == "own_history")
        .group_by("period")
        .agg(pl.col("judged").sum())
        .sort("period")
    )
    assert own["judged"][0] == 0 < own["judged"][-1]


def test_a_rebuild_gives_the_same_tables(spoilt: Spoilt) -> None:
    before = spoilt.checksums()
    for path in spoilt.data.iterdir():
        if path.name != "raw":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    spoilt.run()
    assert spoilt.checksums() == before
