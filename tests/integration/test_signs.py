"""Signs in real workbooks: each kind is found where it was written in, and nothing of it reaches those who reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period
from pipelines.sample.make import make_sample
from pipelines.workbook import layout
from tests.conftest import Home

FIRST, LAST = Period(2025, 1), Period(2025, 4)
PERIODS = FIRST.to(LAST)
EXPECTED, ATTENDED, FLOWS = "L3.7a", "L3.7b", ("L3.7a", "L3.7b", "L3.6a")
HOURS = "L3.4b"
Change = Callable[[int], int]


@dataclass(frozen=True)
class Written:
    """A home in which the workbooks of some units were changed before they were received, and which units show what."""

    home: Home
    units: dict[str, str]
    branch: str


class Ledger:
    """The ledger of one workbook, by branch and code."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self._places: dict[str, Any] = {}
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    self._places.setdefault(cell.value, cell)

    @property
    def branches(self) -> list[str]:
        return sorted(text for text in self._places if "-" in text and text[:6].isdigit())

    def _cell(self, branch: str, code: str) -> Any:
        return self.sheet.cell(self._places[branch].row, self._places[code].column)

    def value(self, branch: str, code: str) -> Any:
        return self._cell(branch, code).value

    def put(self, branch: str, code: str, value: Any) -> None:
        self._cell(branch, code).value = value


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Written:
    folder = tmp_path_factory.mktemp("signs")
    make_sample(folder / "in", 40, FIRST, LAST, 4321, catalogue)
    files = _clean(folder / "in")
    large = sorted((u for u in files if "U" in u), key=lambda u: -_branches(files[u][LAST]))
    small = sorted((u for u in files if "S" in u), key=lambda u: -_branches(files[u][LAST]))
    units = {
        "bunching": large[0], "digit_preference": large[1], "too_constant": small[0], "copied_rows": small[1],
        "copied_from": small[2], "last_period": small[3],
    }  # fmt: skip
    rng = np.random.default_rng(1)
    with _ledger(files[units["bunching"]][LAST]) as ledger:
        for branch in ledger.branches:
            for month in LAST.months:
                expected = ledger.value(branch, f"{EXPECTED}_{month:02d}")
                came = rng.binomial(expected, 0.94)
                ledger.put(branch, f"{ATTENDED}_{month:02d}", max(int(came), -(-95 * expected // 100)))
    branch = ""
    for period in PERIODS:
        with _ledger(files[units["digit_preference"]][period]) as ledger:
            for code in ledger.branches:
                for month in period.months:
                    came = ledger.value(code, f"{ATTENDED}_{month:02d}")
                    ledger.put(code, f"{ATTENDED}_{month:02d}", came - came % 5 if came >= 20 else came)
        with _ledger(files[units["too_constant"]][period]) as ledger:
            branch = branch or max(ledger.branches, key=lambda b: ledger.value(b, "L3.4a"))
            for month in period.months:
                expected = ledger.value(branch, f"{EXPECTED}_{month:02d}")
                ledger.put(branch, f"{ATTENDED}_{month:02d}", round(expected * 0.93))
    _copy(files[units["copied_from"]][LAST], LAST, files[units["copied_rows"]][LAST], 2)
    _copy(files[units["last_period"]][LAST.previous()], LAST.previous(), files[units["last_period"]][LAST], 2)
    home = Home(folder / "home")
    home.sanxing("receive", folder / "in", check=False)
    home.run()
    return Written(home, units, branch)


def _clean(sample: Path) -> dict[str, dict[Period, Path]]:
    """The workbooks of units without a planted fault or sign in any quarter, by unit and period."""
    truth = json.loads((sample / "truth.json").read_text("utf-8"))
    spoilt = {entry["unit_code"] for key in ("faults", "signs", "explained") for entry in truth.get(key, [])}
    files: dict[str, dict[Period, Path]] = {}
    for name in truth["clean_files"]:
        path = sample / name
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            code = next(
                str(c.value)
                for row in book[layout.COVER].iter_rows()
                for c in row
                if str(c.value).startswith("32") and len(str(c.value)) >= 6
            )
            files.setdefault(code, {})[Period.parse(path.parent.name)] = path
    return {unit: known for unit, known in files.items() if len(known) == 4 and unit not in spoilt}


def _branches(path: Path) -> int:
    return len(Ledger(openpyxl.load_workbook(path)[layout.LEDGER]).branches)


class _ledger:
    """The ledger of a workbook, saved when done."""

    def __init__(self, path: Path) -> None:
        self.path, self.book = path, openpyxl.load_workbook(path)

    def __enter__(self) -> Ledger:
        return Ledger(self.book[layout.LEDGER])

    def __exit__(self, *_: object) -> None:
        self.book.save(self.path)


def _copy(source: Path, of: Period, target: Path, rows: int) -> None:
    """The first rows' quarterly figures of one ledger into another: the largest branches, whose rows say most."""
    theirs = Ledger(openpyxl.load_workbook(source)[layout.LEDGER])
    size = lambda ledger: lambda b: -ledger.value(b, "L3.4a")  # noqa: E731
    with _ledger(target) as mine:
        pairs = list(
            zip(
                sorted(mine.branches, key=size(mine)), sorted(theirs.branches, key=size(theirs)), strict=False
            )
        )
        for here, there in pairs[:rows]:
            mine.put(here, HOURS, theirs.value(there, HOURS))
            for code in FLOWS:
                for month, other in zip(LAST.months, of.months, strict=True):
                    mine.put(here, f"{code}_{month:02d}", theirs.value(there, f"{code}_{other:02d}"))


@pytest.mark.parametrize("sign", ["bunching", "digit_preference", "too_constant", "copied_rows"])
def test_each_kind_is_found_in_workbooks(written: Written, sign: str) -> None:
    signs = written.home.read("signs").filter(pl.col("period") == str(LAST), pl.col("sign") == sign)
    wanted = {
        written.units[sign],
        written.units["last_period"] if sign == "copied_rows" else written.units[sign],
    }
    asked = set(signs["unit_code"])
    if sign == "copied_rows":  # of two rows that are the same, the one that came later is asked about
        asked = {
            written.units["copied_rows"] if unit == written.units["copied_from"] else unit for unit in asked
        }
    assert wanted <= asked, signs.select("unit_code", "p_adjusted")
    for row in signs.to_dicts():
        assert row["p_adjusted"] <= 0.02
        assert row["message"].endswith(row["asks"])
        assert row["innocent"]


def test_signs_are_counted_and_flagged_without_a_charge(written: Written) -> None:
    signs, tests = written.home.read("signs"), written.home.read("sign_tests")
    raised = dict(
        signs.group_by("period", "sign").len().select(pl.concat_str("period", "sign"), "len").rows()
    )
    for row in tests.to_dicts():
        assert row["tests"] == row["judged"] + row["too_few"]
        assert row["raised"] == raised.get(row["period"] + row["sign"], 0)
    flags = written.home.read("flags").filter(pl.col("kind") == "pattern")
    told = signs.drop_nulls("unit_code").select("unit_code", "period").unique()
    assert sorted(flags.select("unit_code", "period").rows()) == sorted(told.rows())
    assert set(flags["level"]) == {"watch"}
    assert all("请核对" in reason for reason in flags["reason"])


def test_a_rebuild_gives_the_same_signs(written: Written) -> None:
    before = written.home.checksums()
    written.home.sanxing("run", "--period", "2025Q4")
    assert written.home.checksums() == before


def _words(written: Written) -> list[str]:
    """What only a sign says: its name, what it saw, what it asks."""
    catalogue_words = ["疑点", "填报规律", "向单位了解情况"]
    signs = written.home.read("signs")
    labels = written.home.read("dim_label").filter(pl.col("enumeration").is_in(["sign", "sign_test"]))[
        "label_zh"
    ]
    return [
        *catalogue_words,
        *labels,
        *signs["message"],
        *signs["asks"].unique(),
        *signs["innocent"].unique(),
    ]


def _texts(written: Written, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """All that goes to those who report, or that reports hang on: (what, its text)."""
    home, unit = written.home, written.units["too_constant"]
    findings = home.read("findings")
    yield "findings", "\n".join(str(row) for row in findings.rows())
    yield "shortlist", "\n".join(str(row) for row in home.read("shortlist").rows())
    done = home.sanxing("run")
    yield "run", done.stdout + done.stderr
    named = [part for code in sorted(set(written.units.values())) for part in ("--unit", code)]
    home.sanxing("return", "2025Q4", *named, "-o", tmp_path / "returned", check=False)
    for path in sorted((tmp_path / "returned").rglob("*.xlsx")):
        yield path.name, _sheets(path)
    home.sanxing("shortlist", "--year", "2025", "-o", tmp_path / "list.xlsx")
    yield "shortlist.xlsx", _sheets(tmp_path / "list.xlsx")
    home.sanxing("shortlist", "--year", "2025", "-o", tmp_path / "list.csv")
    yield "shortlist.csv", (tmp_path / "list.csv").read_text("utf-8-sig")
    for code, form in ((unit, []), (written.branch, ["--json"])):
        done = home.sanxing("trace", code, "2025Q4", "study_participation", *form, check=False)
        assert done.stdout
        yield "trace", done.stdout + done.stderr
    stored = home.read("submissions").filter(
        pl.col("period") == "2025Q4", pl.col("unit_code").is_in([unit, written.units["copied_rows"]])
    )
    for path in stored["stored_as"]:
        done = home.sanxing(
            "check", home.data / "raw" / path, "--json", "--annotate", tmp_path / "checked", check=False
        )
        assert done.stdout
        yield "check", done.stdout + done.stderr
    for path in sorted((tmp_path / "checked").rglob("*.xlsx")):
        yield path.name, _sheets(path)


def _sheets(path: Path) -> str:
    """Every text and comment of a workbook."""
    cells = (c for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row)
    return "\n".join(f"{c.value or ''}{c.comment.text if c.comment else ''}" for c in cells)


def test_nothing_of_a_sign_reaches_those_who_report(written: Written, tmp_path: Path) -> None:
    words = _words(written)
    assert len(words) > 10
    told = list(_texts(written, tmp_path))
    assert {"findings", "run", "shortlist.xlsx", "shortlist.csv", "trace", "check"} <= {
        what for what, _ in told
    }
    for what, text in told:
        assert [word for word in words if word in text] == [], what
    # nor is there a rule, or a state of a submission, that a sign could have moved
    assert not set(written.home.read("findings")["rule"]) & {
        "bunching",
        "copied_rows",
        "too_constant",
        "digit_preference",
    }
