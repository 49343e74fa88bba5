"""Cases of the standards from workbook to flag: 9/10, 2249/2500, 20 × 1.2 hours, 0/0, and small branches that miss once and again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period
from pipelines.sample.make import make_sample
from tests.conftest import Home

FIRST, SECOND, THIRD, LAST = (Period(2025, quarter) for quarter in (1, 2, 3, 4))
PERIODS = FIRST.to(LAST)
WHY = "本季度情况特殊，已按考勤和培训的原始记录逐项核对，数字属实"
ATTENDANCE, SHARE, HOURS = "centre_group_attendance", "study_participation", "training_hours_per_member"
# Months of 10 expected in a quarter.
EXPECTED, SEVEN, NINE, TEN = (4, 3, 3), (3, 2, 2), (4, 2, 3), (4, 3, 3)


def own_cells(sheet: Worksheet, code: str) -> tuple[Any, ...]:
    """The row of a question of the own form; its answer is the fourth cell."""
    return next(row for row in sheet.iter_rows(min_row=5) if row[0].value == code)


def put_own(sheet: Worksheet, code: str, value: int) -> None:
    row = own_cells(sheet, code)
    head = next(cells for cells in sheet.iter_rows() if cells[0].value == "代码")
    place = next(i for i, cell in enumerate(head) if cell.value == "情况说明")
    row[3].value, row[place].value = value, f"{WHY}，{code}为{value}"


def put_row(sheet: Worksheet, branch: str, values: dict[str, Any]) -> None:
    """Values of a branch by the codes of the ledger's head, and why they are what they are."""
    rows = list(sheet.iter_rows())
    head = next(row for row in rows if row[0].value == "支部代码")
    columns = {str(cell.value): i for i, cell in enumerate(head)}
    (row,) = (cells for cells in rows if cells[0].value == branch)
    for code, value in values.items():
        row[columns[code]].value = value
    row[columns["情况说明"]].value = f"{branch}{WHY}"


def members_of(sheet: Worksheet, branch: str) -> int:
    rows = list(sheet.iter_rows())
    head = next(row for row in rows if row[0].value == "支部代码")
    place = next(i for i, cell in enumerate(head) if cell.value == "L3.4a")
    return int(next(cells[place].value for cells in rows if cells[0].value == branch))


def months(period: Period, expected: tuple[int, ...], attended: tuple[int, ...]) -> dict[str, int]:
    return {
        f"{code}_{month:02d}": n
        for code, ns in (("L3.7a", expected), ("L3.7b", attended))
        for month, n in zip(period.months, ns, strict=True)
    }


@contextmanager
def workbook(path: Path) -> Iterator[openpyxl.Workbook]:
    book = openpyxl.load_workbook(path)
    yield book
    book.save(path)


class Judged:
    """A home in which the cases stand in workbooks of their own units and branches."""

    def __init__(self, home: Home, holders: dict[str, str]) -> None:
        self.home, self.holders = home, holders

    def value(self, case: str, indicator: str, period: Period) -> dict[str, Any]:
        return self.home.read("indicator_values").filter(
            pl.col("unit_code") == self.holders[case], pl.col("indicator") == indicator, pl.col("period") == str(period)
        ).row(0, named=True)  # fmt: skip

    def levels(self, case: str, indicator: str) -> dict[str, tuple[str, int]]:
        """Level and times of the performance flags on the indicator, by period."""
        flags = self.home.read("flags").filter(
            pl.col("unit_code") == self.holders[case],
            pl.col("indicator") == indicator,
            pl.col("kind") == "performance",
        )
        return {f["period"]: (f["level"], f["times"]) for f in flags.sort("period").to_dicts()}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Judged:
    folder = tmp_path_factory.mktemp("judged")
    make_sample(folder / "in", 14, FIRST, LAST, 5107, catalogue, with_faults=False)
    truth = json.loads((folder / "in" / "truth.json").read_text("utf-8"))
    planted = {
        e["code"].partition("-")[0] for part in ("weak_branches", "worsening_units") for e in truth[part]
    }
    files = healthy(folder / "in", planted)
    universities = [code for code in files if "U" in code]
    schools = [code for code in files if "S" in code]
    holders = {"nine_of_ten": schools[0], "large": universities[0]}
    for case, code in (
        ("hours", schools[1]),
        ("nothing", schools[2]),
        ("seven", schools[3]),
        ("nine", schools[4]),
    ):
        holders[case] = f"{code}-01"
    with workbook(files[holders["nine_of_ten"]][FIRST]) as book:
        put_own(book["学习型"], "L3.2a", 10)
        put_own(book["学习型"], "L3.2b", 9)
    # more than a form takes in one quarter
    for period, attended in ((FIRST, 1125), (SECOND, 1124)):
        with workbook(files[holders["large"]][period]) as book:
            put_own(book["学习型"], "L3.2a", 1250)
            put_own(book["学习型"], "L3.2b", attended)
    with workbook(files[schools[1]][LAST]) as book:
        members = members_of(book["支部台账"], holders["hours"])
    for period, sessions in zip(PERIODS, (7, 3, 6, 4), strict=True):
        with workbook(files[schools[1]][period]) as book:
            put_row(book["支部台账"], holders["hours"], {"L3.4b": sessions * 12 * members / 10})
    with workbook(files[schools[2]][LAST]) as book:
        put_row(book["支部台账"], holders["nothing"], months(LAST, (0, 0, 0), (0, 0, 0)))
    with workbook(files[schools[3]][THIRD]) as book:
        put_row(book["支部台账"], holders["seven"], months(THIRD, EXPECTED, SEVEN))
    for period, attended in zip(PERIODS, (TEN, NINE, NINE, TEN), strict=True):
        with workbook(files[schools[4]][period]) as book:
            put_row(book["支部台账"], holders["nine"], months(period, EXPECTED, attended))
    home = Home(folder / "home")
    home.sanxing("receive", folder / "in")
    home.run()
    return Judged(home, holders)


def healthy(sample: Path, planted: set[str]) -> dict[str, dict[Period, Path]]:
    """The workbooks of units that reported in every quarter and in which nothing is planted, by unit and period."""
    files: dict[str, dict[Period, Path]] = {}
    for path in sorted(sample.rglob("*.xlsx")):
        code = str(openpyxl.load_workbook(path, read_only=True)["封面"]["B4"].value)
        files.setdefault(code, {})[Period.parse(path.parent.name)] = path
    return {
        code: own for code, own in sorted(files.items()) if len(own) == len(PERIODS) and code not in planted
    }


def test_nine_of_ten_is_ninety_per_cent(judged: Judged) -> None:
    value = judged.value("nine_of_ten", ATTENDANCE, FIRST)
    assert (value["numerator"], value["denominator"], value["status"]) == (9, 10, "met")
    assert str(FIRST) not in judged.levels("nine_of_ten", ATTENDANCE)


def test_what_shows_as_ninety_per_cent_may_be_less_and_is_watched(judged: Judged) -> None:
    """2249 of 2500 in the year so far misses 90%, and is what chance makes of 90%: no red flag, and no sentence that says 90.0%."""
    value = judged.value("large", ATTENDANCE, SECOND)
    assert (value["numerator"], value["denominator"], value["status"]) == (2249, 2500, "not_met")
    levels = judged.levels("large", ATTENDANCE)
    assert levels[str(SECOND)] == ("watch", 1)
    assert str(FIRST) not in levels
    flags = judged.home.read("flags").filter(
        pl.col("unit_code") == judged.holders["large"], pl.col("indicator") == ATTENDANCE
    )
    reason = flags.filter(pl.col("period") == str(SECOND))["reason"].item()
    assert "为89.96%，未达到不低于90%的标准" in reason
    assert reason.endswith("差距尚在偶然波动的范围内，先予关注。")


def test_twenty_times_one_hour_and_a_fifth_are_twenty_four(judged: Judged) -> None:
    value = judged.value("hours", HOURS, LAST)
    assert value["numerator"] == 24 * value["denominator"]
    assert value["status"] == "met"
    assert str(LAST) not in judged.levels("hours", HOURS)


def test_nothing_of_nothing_is_not_judged(judged: Judged) -> None:
    assert judged.value("nothing", SHARE, LAST)["status"] == "not_applicable"
    assert str(LAST) not in judged.levels("nothing", SHARE)


def test_a_branch_of_seven_in_ten_is_flagged_at_once(judged: Judged) -> None:
    value = judged.value("seven", SHARE, THIRD)
    assert (value["numerator"], value["denominator"], value["status"]) == (7, 10, "not_met")
    assert judged.levels("seven", SHARE) == {"2025Q3": ("amber", 1)}
    runs = judged.home.read("flag_runs").filter(
        pl.col("unit_code") == judged.holders["seven"], pl.col("indicator") == SHARE
    )
    closed = (
        runs.filter(pl.col("kind") == "performance").select("since", "times", "closed_in", "closing").row(0)
    )
    assert closed == ("2025Q3", 1, "2025Q4", "met")


def test_a_branch_of_nine_in_ten_is_flagged_when_it_happens_again_and_no_graver_than_both_prove(
    judged: Judged,
) -> None:
    """18 of 20 against 95% are what chance makes of it: a flag at the milder level, which says so."""
    assert judged.levels("nine", SHARE) == {"2025Q2": ("watch", 1), "2025Q3": ("watch", 2)}
    flags = judged.home.read("flags").filter(
        pl.col("unit_code") == judged.holders["nine"], pl.col("indicator") == SHARE, pl.col("times") == 2
    )
    assert "已连续2次评价未达到不低于95%的标准" in flags["reason"].item()
    assert flags["evidence"].item().startswith("9÷10；连续2次合计18÷20，恰好达标")
