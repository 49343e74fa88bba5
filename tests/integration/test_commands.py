"""The command line on real files: what a user gets, and what a user's mistake gets."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.cli.main import cli
from pipelines.marts.published import MartsUnavailable, PublishedRun
from tests.conftest import SANXING, Home, Province


def first(province: Province, state: str) -> dict[str, str]:
    """A submission in this state, of a unit that goes on."""
    lasting = province.read("dim_unit").filter(pl.col("valid_to").is_null()).select("unit_code")
    submissions = province.read("submissions").filter(pl.col("state") == state)
    row: dict[str, str] = submissions.join(lasting, on="unit_code").sort("submission_id").row(0, named=True)
    return row


def test_check_says_what_the_pipeline_says(province: Province) -> None:
    """The same findings, at the same cells, for every file with a fault at a cell."""
    returned = first(province, "returned")
    done = province.command("check", "--json", province.sample / returned["file"], check=False)
    assert done.returncode == 1
    checked = json.loads(done.stdout)[0]
    stored = province.read("findings").filter(pl.col("submission_id") == returned["submission_id"])
    columns = ("rule", "severity", "sheet", "cell", "found", "message")
    assert sorted(tuple(map(str, (f[c] for c in columns))) for f in checked["findings"]) == sorted(
        tuple(map(str, row)) for row in stored.select(columns).iter_rows()
    )


def test_check_of_a_clean_file(province: Province) -> None:
    done = province.command("check", province.sample / first(province, "accepted")["file"], check=False)
    assert done.returncode == 0
    assert "可以报送" in done.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.xlsx", b""),
        ("照片.xlsx", b"\xff\xd8\xff\xe0 a photo"),
        ("半个.xlsx", None),
        ("没有.xlsx", "missing"),
        ("网页.xlsx", b"<html>"),
    ],
)
def test_check_of_what_is_no_submission(
    province: Province, tmp_path: Path, name: str, content: bytes | str | None
) -> None:
    file = tmp_path / name
    if content is None:
        whole = (province.sample / first(province, "accepted")["file"]).read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    elif isinstance(content, bytes):
        file.write_bytes(content)
    done = province.sanxing("check", file, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stdout.strip().splitlines()) in (1, 2)


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        (b"\xff\xfe.xlsx", {"PYTHONIOENCODING": "utf-8:strict"}),
        ("报表.xlsx".encode("gb18030"), {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (b"\x1b[31m[red]\n.xlsx", {"PYTHONIOENCODING": "gb18030"}),
    ],
)
def test_any_name_can_be_checked_marked_and_received_in_any_terminal(
    province: Province, tmp_path: Path, name: bytes, environment: dict[str, str]
) -> None:
    returned, file = first(province, "returned"), tmp_path / "in" / os.fsdecode(name)
    file.parent.mkdir()
    shutil.copy(province.sample / returned["file"], file)
    home = Home(tmp_path / "home")
    shutil.copytree(province.data / "raw" / "registry", home.data / "raw" / "registry")
    for arguments, status in (
        (["check", "--json"], 1), (["check", "--annotate", tmp_path / "out"], 1), (["receive"], 0),
    ):  # fmt: skip
        asked = [SANXING, *map(str, arguments), file]
        done = subprocess.run(asked, env=home.environment | environment, capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (status, False), done.stderr
        assert b"\x1b" not in done.stdout
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_template_is_prefilled_from_the_last_accepted_submission(province: Province, tmp_path: Path) -> None:
    accepted = province.read("submissions").filter(
        (pl.col("state") == "accepted") & (pl.col("period") == "2025Q4")
    )
    row = accepted.sort("submission_id").row(0, named=True)
    target = tmp_path / "下期.xlsx"
    province.sanxing("template", "--unit", row["unit_code"], "--period", "2026Q1", "-o", target)
    answers = province.read("answers").filter(
        (pl.col("submission_id") == row["submission_id"]) & (pl.col("question") == "L3.5a")
    )
    sheet = openpyxl.load_workbook(target)["学习型"]
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=5)}
    assert rows["L3.5a"][3].value == rows["L3.5a"][4].value == answers["value"].item()
    assert rows["L3.1a"][3].value is None


def test_a_filled_template_comes_back_clean(province: Province, tmp_path: Path) -> None:
    """Out by `template`, filled in, and looked at by `check`: blank cells are the only findings before, none after."""
    unit = first(province, "accepted")["unit_code"]
    target = tmp_path / "报表.xlsx"
    province.sanxing("template", "--unit", unit, "--period", "2026Q1", "-o", target)
    found = json.loads(province.sanxing("check", "--json", target, check=False).stdout)[0]["findings"]
    assert {finding["rule"] for finding in found} == {"presence"}
    book = openpyxl.load_workbook(target)
    for finding in found:
        book[finding["sheet"]][finding["cell"]].value = 1
    book.save(target)
    assert province.sanxing("check", target, check=False).returncode == 0


def test_shortlist_files_hold_what_the_marts_hold(province: Province, tmp_path: Path) -> None:
    chosen = province.read("shortlist").filter(pl.col("selected") & (pl.col("year") == 2025))
    csv_file = tmp_path / "名单.csv"
    province.command("shortlist", "--year", "2025", "-o", csv_file)
    assert csv_file.read_bytes().startswith(b"\xef\xbb\xbf")
    text = csv_file.read_text("utf-8-sig")
    assert chosen.height > 0
    for code in chosen["unit_code"]:
        assert code in text
    assert list(csv.reader(text.splitlines()))


def test_trace_leads_to_the_cells_of_the_originals(province: Province) -> None:
    """From a printed number to the files: each answer stands in the stored original where the command says."""
    values = province.read("indicator_values").filter(
        (pl.col("indicator") == "study_participation")
        & pl.col("value").is_not_null()
        & (pl.col("period") == "2025Q4")
    )
    row = values.sort("unit_code").row(0, named=True)
    done = province.sanxing("trace", row["unit_code"], "2025Q4", "study_participation", "--json")
    found = json.loads(done.stdout)
    assert (found["numerator"], found["denominator"]) == (row["numerator"], row["denominator"])
    stored = dict(province.read("submissions").select("submission_id", "stored_as").rows())
    books = {
        code: openpyxl.load_workbook(province.data / "raw" / stored[code], data_only=True)
        for code in {answer["submission_id"] for answer in found["answers"]}
    }
    sums = {"numerator": 0, "denominator": 0}
    for answer in found["answers"]:
        assert books[answer["submission_id"]][answer["sheet"]][answer["cell"]].value == answer["value"]
        sums[answer["sides"]] += answer["value"]
    assert sums == {"numerator": found["numerator"], "denominator": found["denominator"]}
    printed = province.sanxing("trace", row["unit_code"], "2025Q4", "study_participation").stdout
    assert f"数值：{found['value']}" in printed
    assert printed.count("支部台账!") == len(found["answers"]) > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "还没有单位名册"),
        (["shortlist", "--year", "2025", "-o", "x.xlsx"], "还没有可以查看的结果"),
        (["shortlist", "--year", "2025", "-o", "x.pdf"], "不能导出为"),
        (["template", "--unit", "1", "--period", "2025Q9", "-o", "x.xlsx"], "2025Q9"),
        (["receive"], "缺少"),
        (["sample", "x", "--units", "1"], "单位"),
        (["trace", "S1", "2025Q4", "study_participation"], "还没有可以查看的结果"),
        (["nonsense"], "命令写法有误"),
        (["run", "--nonsense"], "没有选项"),
        (["check", "x.xlsx"], "还没有单位名册"),
        (["run", "--period", "2040Q1"], "2040Q1不在指标目录的日历之内"),
        (["catalogue", "rules", "--period", "2040Q1"], "2040Q1不在指标目录的日历之内"),
    ],
)
def test_a_users_mistake_is_one_clear_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = Home(tmp_path).sanxing(*arguments, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_registry_is_refused_and_the_old_one_stays(province: Province, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(province.data / "raw" / "registry", home.data / "raw" / "registry")
    edition = tmp_path / "in" / "registry" / "units.csv"
    edition.parent.mkdir(parents=True)
    text = (province.sample / "registry" / "units.csv").read_text("utf-8")
    edition.write_text(text.replace(",school,", ",hospital,", 1), "utf-8")
    done = home.sanxing("receive", tmp_path / "in", check=False)
    assert done.returncode == 2
    assert "hospital" in done.stderr
    assert "第" in done.stderr
    assert len(list((home.data / "raw" / "registry").glob("*.csv"))) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["trace", "UNIT", "2025Q2", "study_participation"],
        ["diff", "UNIT", "2025Q2"],
        ["return", "2025Q2", "-o", "OUT"],
        ["template", "--unit", "UNIT", "--period", "2026Q1", "-o", "OUT/x.xlsx"],
        ["shortlist", "--year", "2025", "-o", "OUT/x.csv"],
        ["check", "FILE"],
    ],
    ids=lambda command: command[0],
)
def test_a_run_that_is_replaced_while_it_is_read_is_read_anew(
    province: Province,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    """The command says what it says of the run that took the place of the other."""
    accepted = first(province, "accepted")
    words = {"UNIT": accepted["unit_code"], "FILE": str(province.sample / accepted["file"])}
    monkeypatch.setenv("SANXING_HOME", str(province.path))
    opened, gone = PublishedRun.open, [False, True]

    def replaced(marts: Path) -> PublishedRun:
        run = opened(marts)
        return replace(run, folder=tmp_path / "gone") if gone.pop() else run

    def said(folder: str) -> tuple[object, str]:
        asked = [words.get(word, word.replace("OUT", str(tmp_path / folder))) for word in command]
        status = cli(asked, standalone_mode=False)
        return status, capsys.readouterr().out.replace(folder, "")

    usual = said("usual")
    monkeypatch.setattr(PublishedRun, "open", replaced)
    assert said("again") == usual
    assert gone == [], "opened twice"
    gone[:] = [True, True]
    if command[0] in ("trace", "diff", "return", "shortlist"):
        with pytest.raises(MartsUnavailable, match="请稍后再试"):
            said("never")


def test_receive_says_what_it_skipped(tmp_path: Path) -> None:
    """All are counted, and some are named."""
    (tmp_path / "in").mkdir()
    for number in range(12):
        (tmp_path / "in" / f"{number:02}.txt").write_bytes(b"x")
    done = Home(tmp_path / "home").sanxing("receive", tmp_path / "in")
    assert "略过12个文件" in done.stdout
    assert "：00.txt、01.txt、" in done.stdout
    assert "、09.txt等。" in done.stdout
    with zipfile.ZipFile(tmp_path / "空.zip", "w"):
        pass
    done = Home(tmp_path / "home").sanxing("receive", tmp_path / "空.zip", check=False)
    assert (done.returncode, "空.zip：压缩包里没有可收的文件。" in done.stdout) == (1, True)


def test_catalogue_commands(tmp_path: Path) -> None:
    home = Home(tmp_path)
    clauses = home.command("catalogue", "clauses")
    assert "共51条，已落实51条。" in clauses.stdout
    rules = home.sanxing("catalogue", "rules").stdout
    assert "检查内容" in rules
    assert "要求" not in rules.splitlines()[2]
    assert "支部（台账一行）" in home.sanxing("catalogue", "load").stdout
