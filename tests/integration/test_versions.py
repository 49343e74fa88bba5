"""Resubmissions as real files: what the unit is told, what the reviewer sees, which version counts, and what `check` says before."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.check import SHOWN
from tests.conftest import Home, Province

PERIOD = "2025Q2"


@dataclass(frozen=True)
class Resent(Home):
    """A home with a clean submission and what was sent after it: name → file, in the order of receipt."""

    unit: str
    files: dict[str, Path]
    checked: dict[str, list[dict[str, str | None]]]

    def findings_of(self, name: str) -> list[tuple[str | None, ...]]:
        return sorted(
            self.read("findings").join(self._ids(name), on="submission_id").select(SHOWN).rows(), key=str
        )

    def checked_before(self, name: str) -> list[tuple[str | None, ...]]:
        return sorted((tuple(finding[key] for key in SHOWN) for finding in self.checked[name]), key=str)

    def rules_of(self, name: str) -> list[str]:
        return sorted(row[0] for row in self.findings_of(name) if row[0])

    def _ids(self, name: str) -> pl.DataFrame:
        found = self.read("submissions").filter(pl.col("file").str.ends_with(self.files[name].name))
        assert found.height == 1
        return found.select("submission_id")


def edited(source: Path, target: Path, cells: dict[str, tuple[str, int | str | None]]) -> Path:
    """A copy, saved anew, with other contents in some cells; cells: cell → (sheet, content)."""
    book = openpyxl.load_workbook(source)
    for cell, (sheet, content) in cells.items():
        book[sheet][cell].value = content
    book.save(target)
    return target


@pytest.fixture(scope="module")
def resent(small: Province, tmp_path_factory: pytest.TempPathFactory) -> Resent:
    """A clean second version, then: the same again, one answer changed, then unreadable, then as changed but in full-width digits."""
    folder = tmp_path_factory.mktemp("versions")
    home = small.copy(folder / "home")
    accepted = home.read("submissions").filter(
        (pl.col("state") == "accepted") & (pl.col("period") == PERIOD) & (pl.col("version") == 1)
    )
    first = accepted.sort("unit_code").row(0, named=True)
    original = small.sample / first["file"]
    sent = folder / "sent"
    sent.mkdir()
    where = {"D5": ("学习型", 9)}
    files = {
        "same": edited(original, sent / "重发.xlsx", {}),
        "changed": edited(original, sent / "改动.xlsx", where),
        "unreadable": edited(original, sent / "文字.xlsx", {"D5": ("学习型", "五次")}),
        "rewritten": edited(original, sent / "全角.xlsx", {"D5": ("学习型", "９")}),
    }
    checked = {}
    for name, file in files.items():
        checked[name] = json.loads(home.sanxing("check", "--json", file, check=False).stdout)[0]["findings"]
        home.sanxing("receive", file)
        home.run()
    return Resent(home.path, first["unit_code"], {"first": original, **files}, checked)


def test_each_version_is_told_what_it_changed(resent: Resent) -> None:
    assert {name: resent.rules_of(name) for name in resent.files} == {
        "first": [],
        "same": ["resubmission_unchanged"],
        "changed": ["accepted_answer_changed", "resubmission"],
        "unreadable": ["accepted_answer_changed", "resubmission", "type"],
        "rewritten": ["resubmission", "value_repaired"],
    }


def test_the_reviewer_reads_the_old_and_the_new_answer(resent: Resent) -> None:
    before = openpyxl.load_workbook(resent.files["first"])["学习型"]["D5"].value
    (told,) = [row for row in resent.findings_of("changed") if row[0] == "accepted_answer_changed"]
    assert told[1:8] == ("inform", None, "L3.1a", "学习型", "D5", "9", f"改动了第2版已采用的“{before}”")
    assert f"填的是“9”，改动了第2版已采用的“{before}”" in str(told[8])


def test_check_says_before_what_the_pipeline_says_after(resent: Resent) -> None:
    for name in resent.checked:
        assert resent.checked_before(name) == resent.findings_of(name), name


def test_check_of_a_received_file_keeps_its_place(resent: Resent) -> None:
    """The second version is still the one that changed nothing, whatever has come since."""
    again = json.loads(resent.sanxing("check", "--json", resent.files["same"]).stdout)[0]["findings"]
    assert [finding["rule"] for finding in again] == ["resubmission_unchanged"]


def test_the_latest_accepted_version_counts_and_all_stay(resent: Resent) -> None:
    versions = resent.read("submissions").filter(
        (pl.col("unit_code") == resent.unit) & (pl.col("period") == PERIOD)
    )
    assert versions.sort("version").select("version", "state").rows() == [
        (1, "superseded"), (2, "superseded"), (3, "superseded"), (4, "superseded"), (5, "accepted"),
    ]  # fmt: skip
    found = json.loads(resent.sanxing("trace", resent.unit, PERIOD, "centre_group_sessions", "--json").stdout)
    last = [answer for answer in found["answers"] if answer["period"] == PERIOD]
    assert [(answer["value"], answer["raw"], answer["version"], answer["cell"]) for answer in last] == [
        (9, "９", 5, "D5")
    ]


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        (("1", "2"), "第2版与第1版相比，没有差别。"),
        (("2", "3"), "第3版与第2版相比，改动1格。其中1格是第2版中已通过校验的答案。"),
        (("3", "4"), "第4版与第3版相比，改动1格。其中1格是第3版中已通过校验的答案。"),
        (("4", "5"), "第5版与第4版相比，改动1格。"),
        (("3", "5"), "第5版与第3版相比，答案没有变化；另有只改写法1格。"),
    ],
)
def test_diff_of_any_two_versions(resent: Resent, versions: tuple[str, str], says: str) -> None:
    first, last = versions
    assert says in resent.sanxing("diff", resent.unit, PERIOD, "--from", first, "--to", last).stdout


def test_the_last_two_versions_unless_told_otherwise(resent: Resent) -> None:
    printed = resent.sanxing("diff", resent.unit, PERIOD).stdout
    assert "第5版与第4版相比" in printed
    assert "五次（不能识别） → 9（原文“９”）　学习型!D5" in printed


def test_one_run_over_all_versions_gives_the_same_marts(resent: Resent, tmp_path: Path) -> None:
    """Findings about history hang on the order of receipt, not on the runs between."""
    rebuilt = Home(tmp_path)
    shutil.copytree(resent.data / "raw", rebuilt.data / "raw")
    rebuilt.run()
    assert rebuilt.checksums() == resent.checksums()
