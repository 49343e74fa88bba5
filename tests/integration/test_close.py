"""A closed period, from the command to the marts: late files wait, an exemption lets one in, and raw data alone tells it all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from expectations import Catalogue, Period
from pipelines.sample.make import make_sample
from tests.conftest import Home


def state(home: Home, file: str) -> tuple[str, str | None, list[str]]:
    """State and unit of a submission, and the rules that it breaks."""
    (row,) = home.read("submissions").filter(pl.col("file") == file).iter_rows(named=True)
    findings = home.read("findings").filter(pl.col("submission_id") == row["submission_id"])
    return row["state"], row["unit_code"], sorted(findings["rule"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    folder = tmp_path_factory.mktemp("closing") / "in"
    make_sample(folder, 5, Period.parse("2025Q1"), Period.parse("2025Q1"), 5, catalogue)
    return folder


@pytest.fixture(scope="module")
def home(sample: Path, tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    made = Home(tmp_path_factory.mktemp("closed"))
    made.sanxing("receive", sample, check=False)
    made.run()
    return made


def corrected(home: Home, sample: Path, tmp_path: Path) -> tuple[str, Path]:
    """Unit, and an accepted file of its with one explanation more: a resubmission with nothing wrong."""
    (row, *_) = (
        home.read("submissions")
        .filter(pl.col("state") == "accepted", pl.col("n_explain") == 0)
        .iter_rows(named=True)
    )
    book = openpyxl.load_workbook(sample / row["file"])
    book["学习型"]["G5"] = "补充说明：本季度另有一次专题学习。"
    book.save(tmp_path / "补报.xlsx")
    return row["unit_code"], tmp_path / "补报.xlsx"


def unmended(home: Home) -> list[dict[str, Any]]:
    """Runs of quality flags that no later version has mended."""
    runs = home.read("flag_runs").filter(pl.col("kind") == "quality")
    return runs.filter(pl.col("closing").is_in(["corrected", "explained"]).fill_null(False).not_()).to_dicts()


def test_a_late_file_waits_for_an_exemption(home: Home, sample: Path, tmp_path: Path) -> None:
    unit, late = corrected(home, sample, tmp_path)
    before, (spoilt,) = home.read("answers"), unmended(home)
    assert spoilt["closed_in"] is None
    assert home.read("dim_period")["locked_on"].to_list() == [None]
    assert "已锁定" in home.sanxing("close", "2025Q1").stdout
    home.run()  # a lock alone is something to publish, and changes nothing else
    (locked_on,) = home.read("dim_period")["locked_on"]
    assert str(locked_on) in home.sanxing("close").stdout
    assert home.read("answers").equals(before)
    # and a quarter that takes nothing more is waited for no longer
    assert [(run["unit_code"], run["closed_in"], run["closing"]) for run in unmended(home)] == [
        (spoilt["unit_code"], "2025Q1", "locked")
    ]

    checked = home.sanxing("check", late, check=False)
    assert (checked.returncode, "锁定" in checked.stdout) == (2, True)
    assert "文件已留存，不计入" in home.sanxing("receive", late, check=False).stdout
    home.run()
    assert state(home, "补报.xlsx") == ("refused", unit, ["period_closed"])
    assert home.read("answers").equals(before)

    home.sanxing("close", "2025Q1", "--unit", unit, "--until", "2999-12-31", "--reason", "停电一周")
    assert "停电一周" in home.sanxing("close").stdout
    home.run()
    assert state(home, "补报.xlsx")[:2] == ("accepted", unit)
    assert home.read("dim_period")["locked_on"].to_list() == [locked_on]

    rebuilt = Home(tmp_path / "rebuilt")
    shutil.copytree(home.data / "raw", rebuilt.data / "raw")
    rebuilt.run()
    assert rebuilt.checksums() == home.checksums()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["2024Q5"], "2024Q5"),
        (["2031Q4"], "日历"),
        (["2025Q1", "--unit", "A"], "同时写"),
        (["2025Q1", "--until", "2026-02-10"], "同时写"),
        (["2025Q1", "--unit", "A", "--until", "2026-02-10"], "理由"),
        (["2025Q1", "--unit", "A", "--until", "2026-02-10", "--reason", " "], "理由"),
        (["2025Q1", "--unit", "A", "--until", "2月10日", "--reason", "停电"], "不是日期"),
        (["2025Q1", "--unit", "A", "--until", "2026-02-10", "--reason", "停电" * 200], "超过200字"),
        (["2025Q1", "--unit", "A", "--until", "2026-02-10", "--reason", "请打13800138000"], "个人信息"),
        (["2025Q1", "--reopen", "--reason", "请打138 0013  8000"], "理由中有手机号"),
        (["2025Q1", "--reopen", "--reason", "停电，联系人：张三"], "理由中有姓名"),
        (["2025Q1", "--reopen"], "理由"),
        (["2025Q1", "--reopen", "--reason", "误锁"], "没有锁定"),
        (["2025Q1", "--reason", "误锁"], "不需要理由"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_one_sentence(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = Home(tmp_path).sanxing("close", *arguments, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "raw" / "closings").exists()
