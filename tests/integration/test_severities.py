"""The three severities from a workbook to the marts: what blocks is not used, what wants an explanation is used once it has one, what informs stops nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period
from pipelines.failures import RunFailed
from pipelines.run import run_due
from pipelines.sample.make import make_sample
from pipelines.settings import Settings
from pipelines.validation import validate
from tests.conftest import Home

PERIOD = "2025Q1"
Edit = Callable[[openpyxl.Workbook], tuple[str, str]]


def cell_of(sheet: Worksheet, code: str) -> Any:
    """The input cell of a question of the own form."""
    return next(row[3] for row in sheet.iter_rows(min_row=5) if row[0].value == code)


def ledger_row(sheet: Worksheet, number: int = 0) -> dict[str, Any]:
    """A branch's cells by the code row."""
    rows = list(sheet.iter_rows())
    head = next(i for i, row in enumerate(rows) if row[0].value == "支部代码")
    return {str(code.value): cell for code, cell in zip(rows[head], rows[head + 1 + number], strict=True)}


def beyond_expected(book: openpyxl.Workbook) -> tuple[str, str]:
    attended = cell_of(book["学习型"], "L3.2b")
    attended.value = cell_of(book["学习型"], "L3.2a").value + 1
    return "学习型", attended.coordinate


def many_members(book: openpyxl.Workbook) -> tuple[str, str]:
    members = ledger_row(book["支部台账"])["L3.4a"]
    members.value = 2 * members.value + 6
    return "支部台账", members.coordinate


def many_members_explained(book: openpyxl.Workbook) -> tuple[str, str]:
    ledger_row(book["支部台账"])["情况说明"].value = "本季度由撤并的两个支部整建制转入，名册正在更新。"
    return many_members(book)


def typed_as_text(book: openpyxl.Workbook) -> tuple[str, str]:
    sessions = cell_of(book["学习型"], "L3.1a")
    sessions.value = f"{sessions.value}次"
    return "学习型", sessions.coordinate


EDITS: dict[str, Edit] = {
    "block": beyond_expected,
    "explain": many_members,
    "explained": many_members_explained,
    "inform": typed_as_text,
}


class Sent:
    """A run over one edited workbook for each path: whose it was, and the cell."""

    def __init__(self, home: Home, places: dict[str, tuple[str, str, str]]) -> None:
        self.home, self.places = home, places

    def finding(self, path: str) -> dict[str, Any]:
        unit, sheet, cell = self.places[path]
        rows = self.home.read("findings").filter(
            pl.col("unit_code") == unit, pl.col("sheet") == sheet, pl.col("cell") == cell
        )
        assert rows.height == 1, rows["message"].to_list()
        return rows.row(0, named=True)

    def state(self, path: str) -> str:
        rows = self.home.read("submissions").filter(pl.col("unit_code") == self.places[path][0])
        return str(rows["state"].item())

    def value(self, path: str, indicator: str) -> dict[str, Any]:
        rows = self.home.read("indicator_values").filter(
            pl.col("unit_code") == self.places[path][0], pl.col("indicator") == indicator
        )
        return rows.row(0, named=True)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Sent:
    folder = tmp_path_factory.mktemp("severities")
    period = Period.parse(PERIOD)
    make_sample(folder / "in", 24, period, period, 31, catalogue)
    truth = json.loads((folder / "in" / "truth.json").read_text("utf-8"))
    faulty = {fault["unit_code"] for fault in truth["faults"]}
    clean: dict[str, Path] = {}
    for file in truth["clean_files"]:
        code = openpyxl.load_workbook(folder / "in" / file, read_only=True)["封面"]["B4"].value
        if code not in faulty:
            clean[str(code)] = folder / "in" / file
    places = {}
    for (path, edit), (unit, file) in zip(EDITS.items(), sorted(clean.items()), strict=False):
        book = openpyxl.load_workbook(file)
        places[path] = (unit, *edit(book))
        book.save(file)
    home = Home(folder / "home")
    home.sanxing("receive", folder / "in", check=False)
    home.run()
    return Sent(home, places)


def test_what_blocks_is_not_used_and_must_be_mended(sent: Sent) -> None:
    finding = sent.finding("block")
    assert (finding["rule"], finding["severity"]) == ("centre_group_attended_within_expected", "block")
    assert "改正" in finding["message"]
    assert sent.state("block") == "returned"
    value = sent.value("block", "centre_group_attendance")
    assert (value["status"], value["value"]) == ("not_calculable", None)
    assert "未通过校验" in value["reason"]
    assert sent.value("block", "centre_group_sessions")["value"] is not None, (
        "one bad cell costs what needs it"
    )


def test_what_wants_an_explanation_is_used_once_it_has_one(sent: Sent) -> None:
    open_, explained = sent.finding("explain"), sent.finding("explained")
    assert {open_["rule"], explained["rule"]} == {"members_near_registry"}
    assert (open_["severity"], open_["explained"], explained["explained"]) == ("explain", False, True)
    assert (sent.state("explain"), sent.state("explained")) == ("accepted", "accepted")
    waiting = sent.value("explain", "training_hours_per_member")
    assert (waiting["status"], waiting["value"]) == ("not_calculable", None)
    assert "说明" in waiting["reason"]
    assert sent.value("explained", "training_hours_per_member")["value"] is not None


def test_what_informs_stops_nothing(sent: Sent) -> None:
    finding = sent.finding("inform")
    assert (finding["rule"], finding["severity"]) == ("value_repaired", "inform")
    assert sent.state("inform") == "accepted"
    assert sent.value("inform", "centre_group_sessions")["value"] is not None


def test_an_expectation_that_cannot_run_keeps_the_last_good_marts(
    sent: Sent, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suite that asks for a column which no frame has: our fault, never «no findings»."""
    home = Home(tmp_path)
    shutil.copytree(sent.home.data, home.data)
    before = home.checksums()
    shutil.rmtree(home.data / "warehouse")
    manifest = home.data / "marts" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"inputs": "', '"inputs": "older '), "utf-8")
    built = validate.build_suite

    def spoilt(declared: Catalogue, form: str, period: Period) -> dict[str, Any]:
        suite = built(declared, form, period)
        first = suite["expectations"][0]
        wrong = first | {"kwargs": first["kwargs"] | {"column": "no such column"}}
        return suite | {"expectations": [wrong, *suite["expectations"][1:]]}

    monkeypatch.setattr(validate, "build_suite", spoilt)
    with pytest.raises(RunFailed, match="could not run"):
        run_due(Settings(home=home.path), catalogue, lambda line: None)
    assert home.checksums() == before
