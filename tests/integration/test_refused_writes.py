"""A full disk, a place that cannot be written, an output that takes nothing: one sentence, exit 2, and what was done is said.

A limit on the size of files stands for the full disk: the system refuses the same writes, whoever runs the tests.
"""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import SANXING, Home, Province

NEXT = "请检查磁盘空间和权限后重试。"


def sanxing_limited(home: Home, largest: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command that can write no file beyond so many bytes."""
    return subprocess.run(
        [SANXING, *map(str, arguments)],
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
    )


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("无法写入 ")
    assert said.endswith(NEXT)
    for word in words:
        assert word in said


def test_receive_says_what_it_had_taken(province: Province, tmp_path: Path) -> None:
    home = Home(tmp_path)
    files = sorted(province.sample.rglob("*.xlsx"), key=lambda file: file.stat().st_size)
    small, large = files[0], files[-1]
    done = sanxing_limited(home, large.stat().st_size - 1, "receive", small, large)
    assert_refused(done, "超出文件大小的限制", str(home.data / "raw" / "submissions"))
    assert "接收没有完成，以下已经收到" in done.stdout
    assert "新收到1个文件" in done.stdout
    kept = [path for path in (home.data / "raw").rglob("*") if path.suffix in (".xlsx", ".part")]
    assert [path.read_bytes() for path in kept] == [small.read_bytes()]
    assert "新收到1个文件，已有1个" in home.sanxing("receive", small, large, check=False).stdout


def test_run_does_not_call_a_full_disk_damage(small: Province, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.sanxing("receive", small.sample, check=False)
    for largest in (0, 400_000):
        done = sanxing_limited(home, largest, "run")
        assert_refused(done, str(home.data))
        assert "损坏" not in done.stderr
    home.run()
    assert home.checksums() == small.checksums()


@pytest.mark.parametrize(
    "command",
    [
        ["template", "--unit", "UNIT", "--period", "2026Q1", "-o", "PLACE/表.xlsx"],
        ["shortlist", "--year", "2025", "-o", "PLACE/名单.xlsx"],
        ["shortlist", "--year", "2025", "-o", "PLACE/名单.csv"],
        ["sample", "PLACE/示例", "--units", "6"],
    ],
)
def test_a_file_that_cannot_be_written(province: Province, tmp_path: Path, command: list[str]) -> None:
    units = province.read("dim_unit").filter(pl.col("kind") == "school", pl.col("valid_to").is_null())
    unit = units["unit_code"].sort()[0]
    (tmp_path / "file").write_bytes(b"")
    for place, words in ((tmp_path / "file", "文件"), (tmp_path / "new", "超出文件大小的限制")):
        asked = [part.replace("PLACE", str(place)).replace("UNIT", unit) for part in command]
        assert_refused(sanxing_limited(province, 100, *asked), str(place), words)
    assert not [path for path in (tmp_path / "new").glob("*") if path.suffix != ".txt" and path.is_file()]


def test_close_on_a_full_disk(tmp_path: Path) -> None:
    assert_refused(sanxing_limited(Home(tmp_path), 0, "close", "2025Q1"), "closings")


@pytest.mark.parametrize(
    "command", [["check", "FILE"], ["check", "--json", "FILE"], ["catalogue", "load"], ["--help"]]
)
def test_output_that_nobody_takes(province: Province, command: list[str]) -> None:
    file = next(province.sample.rglob("*.xlsx"))
    asked = [SANXING, *(str(file) if part == "FILE" else part for part in command)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(asked, env=province.environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (2, f"无法写入 文件或输出（磁盘已满）。{NEXT}\n")
    with subprocess.Popen(
        asked, env=province.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
