"""Running: again with nothing new, after deleting what is derived, with news, killed in the middle, and twice at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import openpyxl
import polars as pl
import pytest

from expectations import Catalogue
from pipelines import run
from pipelines.assets import submissions
from pipelines.assets.partitions import range_tags
from pipelines.definitions import JOB, build_defs
from pipelines.failures import RunFailed
from pipelines.read_stage import read_files
from pipelines.run import run_due
from pipelines.run_lock import one_run
from pipelines.settings import Settings
from pipelines.warehouse import WarehouseBusy, open_warehouse
from tests.conftest import SANXING, Home, Province


@pytest.fixture(scope="module")
def sample(small: Province) -> Path:
    return small.sample


@pytest.fixture(scope="module")
def finished(small: Province, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which everything was received and run once, undisturbed."""
    return small.copy(tmp_path_factory.mktemp("finished"))


def test_a_second_run_has_nothing_to_do(finished: Home) -> None:
    before = (finished.data / "marts" / "manifest.json").stat().st_mtime_ns
    done = finished.sanxing("run")
    assert "没有需要处理的新内容" in done.stdout
    assert (finished.data / "marts" / "manifest.json").stat().st_mtime_ns == before


def test_raw_data_is_enough_to_rebuild_every_byte(finished: Home, tmp_path: Path) -> None:
    rebuilt = Home(tmp_path)
    shutil.copytree(finished.data / "raw", rebuilt.data / "raw")
    rebuilt.run()
    assert rebuilt.checksums() == finished.checksums()


def test_order_and_number_of_runs_leave_no_trace(finished: Home, sample: Path, tmp_path: Path) -> None:
    """Received and run quarter by quarter, the marts are those of one run over everything."""
    home = Home(tmp_path / "home")
    for period in ("2025Q1", "2025Q2"):
        part = tmp_path / period
        shutil.copytree(
            sample,
            part,
            ignore=lambda folder, names, p=period: [
                n for n in names if Path(folder).name == "workbooks" and n != p
            ],
        )
        home.sanxing("receive", part, check=False)
        home.run()
    assert home.checksums() == finished.checksums()


def test_one_new_file_changes_only_what_follows_from_it(finished: Home, sample: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(finished.data, home.data)
    old = home.read("answers")
    photo = tmp_path / "照片.xlsx"
    photo.write_bytes(b"\xff\xd8\xff not a workbook")
    done = home.sanxing("receive", photo, check=False)
    assert (done.returncode, "文件实际是图片" in done.stdout) == (1, True)
    home.run()
    sent = home.read("submissions")
    assert sent.filter(pl.col("file") == "照片.xlsx")["state"].to_list() == ["refused"]
    assert home.read("answers").equals(old)
    assert home.sanxing("run").stdout.startswith("没有需要处理的新内容")


@pytest.mark.parametrize("stage", ["读取报送文件", "计算 indicator_values", "发布结果"])
def test_killed_in_the_middle_and_run_again(finished: Home, tmp_path: Path, stage: str) -> None:
    """SIGKILL when the stage is announced: nothing is half-published, and the next run ends in the same marts."""
    home = Home(tmp_path)
    shutil.copytree(finished.data / "raw", home.data / "raw")
    kill_at(home, stage)
    assert not (home.data / "marts" / "manifest.json").exists()
    home.run()
    assert home.checksums() == finished.checksums()
    assert [path.name for path in (home.data / "marts").iterdir() if path.is_dir()] == [home.published().name]


def kill_at(home: Home, stage: str) -> None:
    script = (
        "import os, signal, sys\n"
        "from expectations import load_catalogue\n"
        "from pipelines.run import run_due\n"
        "from pipelines.settings import Settings\n"
        "def report(line):\n"
        "    if line == sys.argv[1]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "run_due(Settings(), load_catalogue(), report)\n"
    )
    python = SANXING.with_name("python")
    done = subprocess.run(
        [python, "-c", script, stage], env=home.environment, capture_output=True, timeout=600, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("arguments", [["run"], ["run", "--period", "2025Q2"]])
def test_a_run_while_another_runs_is_told_so_and_touches_nothing(
    finished: Home, tmp_path: Path, arguments: list[str]
) -> None:
    """Also where nothing is due: what lies among the marts is about to be published by the other."""
    home = Home(tmp_path)
    shutil.copytree(finished.data, home.data)
    part = home.data / "marts" / ".part-1"
    part.mkdir()
    with one_run(Settings(home=home.path)):
        done = home.command(*arguments, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "另一个运行正在进行" in done.stderr
    assert "Traceback" not in done.stderr
    assert part.is_dir()
    home.sanxing("run")
    assert not part.is_dir()


def test_a_run_holds_its_lock_before_it_knows_what_is_due_and_until_it_has_published(
    finished: Home, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two lie seconds of imports."""
    home, stages = Home(tmp_path), []
    shutil.copytree(finished.data, home.data)
    settings = Settings(home=home.path)

    def watched(stage: str) -> None:
        with pytest.raises(WarehouseBusy), one_run(settings):
            pass
        stages.append(stage)

    due = run.due_periods
    monkeypatch.setattr(run, "due_periods", lambda *given: watched("due") or due(*given))
    run_due(settings, catalogue, watched, "2025Q2")
    assert (stages[0], stages[-1]) == ("due", "发布结果")
    with one_run(settings):
        pass


def test_a_run_from_dagsters_page_holds_the_same_lock(finished: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    shutil.copytree(finished.data, home.data)
    settings = Settings(home=home.path)
    run.prepare_dagster_home(settings.dagster_home)
    job = build_defs(settings).resolve_job_def(JOB)
    with dg.DagsterInstance.get() as instance:
        with one_run(settings):
            refused = job.execute_in_process(
                instance=instance, tags=range_tags("2025Q1", "2025Q2"), raise_on_error=False
            )
        again = job.execute_in_process(instance=instance, tags=range_tags("2025Q1", "2025Q2"))
    assert (refused.success, again.success) == (False, True)
    assert home.checksums() == finished.checksums()


def test_a_warehouse_that_another_program_has_open_is_said(finished: Home) -> None:
    """While another process holds the warehouse, a run says so and ends; nothing is damaged."""
    holder = subprocess.Popen(
        [SANXING.with_name("python"), "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()",
         str(finished.data / "warehouse" / "sanxing.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        done = finished.command("run", "--period", "2025Q2", check=False)
    finally:
        holder.communicate("")
    assert done.returncode == 2
    assert "另一个运行正在进行" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_contract_keeps_the_last_good_marts(
    finished: Home, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that breaks its contract (here: a SQL file that repeats its rows) stops publication; what was published stays."""
    home = Home(tmp_path)
    shutil.copytree(finished.data, home.data)
    before = home.checksums()
    (home.data / "warehouse" / "sanxing.duckdb").unlink()
    (home.data / "marts" / "manifest.json").write_text(
        (home.data / "marts" / "manifest.json")
        .read_text("utf-8")
        .replace('"inputs": "', '"inputs": "older '),
        "utf-8",
    )
    from pipelines import warehouse

    sql = warehouse.mart_sql
    monkeypatch.setattr(
        warehouse,
        "mart_sql",
        lambda table: f"{sql(table)} union all {sql(table)}" if table == "reporting" else sql(table),
    )
    with pytest.raises(RunFailed, match="reporting"):
        run_due(Settings(home=home.path), catalogue, lambda line: None)
    assert home.checksums() == before


def test_quality_results_are_asset_checks_with_counts(finished: Home, catalogue: Catalogue) -> None:
    os.environ["DAGSTER_HOME"] = str(finished.data / "dagster")
    with dg.DagsterInstance.get() as instance:
        records = instance.get_event_records(
            dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION), limit=200
        )
    events = [record.event_log_entry.dagster_event for record in records]
    found = [event.asset_check_evaluation_data for event in events if event is not None]
    evaluations = {
        (evaluation.asset_key.to_user_string(), evaluation.check_name): evaluation for evaluation in found
    }
    block = evaluations["findings", "block"]
    expected = finished.read("findings").filter(pl.col("severity") == "block")
    assert block.metadata["findings"].value == expected.height > 0
    worst = expected.group_by("rule").len().sort("len", "rule", descending=[True, False])
    assert dict(worst.iter_rows()) == block.metadata["worst_rules"].value
    contracts = [key for key in evaluations if key[1] == "contract"]
    assert len(contracts) == len(build_defs_marts())
    assert all(evaluations[key].passed for key in contracts)


def build_defs_marts() -> set[str]:
    """The marts that the code location checks."""
    keys = build_defs().resolve_asset_graph().asset_check_keys
    return {key.asset_key.to_user_string() for key in keys if key.name == "contract"}


def test_the_same_folder_twice_is_received_once(finished: Home, sample: Path) -> None:
    before = sorted(path.name for path in (finished.data / "raw").rglob("*"))
    done = finished.sanxing("receive", sample, check=False)
    assert "新收到0个文件" in done.stdout
    assert sorted(path.name for path in (finished.data / "raw").rglob("*")) == before


@dataclass(frozen=True)
class Corrected(Home):
    """A home with one more file, a correction of the first quarter. read: how many files the run opened, of each kind; before: the old figure."""

    read_files: list[int]
    unit: str
    before: int


SESSIONS = (pl.col("indicator") == "centre_group_sessions") & (pl.col("period") == "2025Q2")


@pytest.fixture(scope="module")
def corrected(finished: Home, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    folder = tmp_path_factory.mktemp("corrected")
    home = Home(folder / "home")
    shutil.copytree(finished.data, home.data)
    figures = home.read("indicator_values").filter(SESSIONS, pl.col("value").is_not_null())
    accepted = home.read("submissions").filter(
        pl.col("state") == "accepted",
        pl.col("period") == "2025Q1",
        pl.col("unit_code").is_in(figures["unit_code"].to_list()),
    )
    first = accepted.sort("unit_code").row(0, named=True)
    answer = home.read("answers").filter(
        pl.col("submission_id") == first["submission_id"], pl.col("question") == "L3.1a"
    )
    book = openpyxl.load_workbook(sample / first["file"])
    book[answer["sheet"].item()][answer["cell"].item()].value = int(answer["value"].item()) + 5
    book.save(folder / "更正.xlsx")
    home.sanxing("receive", folder / "更正.xlsx")
    read: list[int] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(submissions, "read_files", lambda *given: read.append(read_files(*given)) or read[-1])
        home.run()
    before = figures.filter(pl.col("unit_code") == first["unit_code"])["numerator"].item()
    return Corrected(home.path, read, first["unit_code"], before)


def test_old_periods_due_again_when_a_correction_comes(corrected: Corrected) -> None:
    """A correction of the first quarter reaches the cumulated values of the second."""
    after = corrected.read("indicator_values").filter(SESSIONS, pl.col("unit_code") == corrected.unit)
    assert after["numerator"].item() == corrected.before + 5


def test_one_new_file_is_the_only_one_read(corrected: Corrected, tmp_path: Path) -> None:
    """Also where it is of the first quarter, so that every quarter is due: what was read with the same rules stays."""
    assert sorted(corrected.read_files) == [0, 1], "one of the quarters, none without a quarter"
    rebuilt = Home(tmp_path / "rebuilt")
    shutil.copytree(corrected.data / "raw", rebuilt.data / "raw")
    rebuilt.run()
    assert rebuilt.checksums() == corrected.checksums()


def test_a_warehouse_of_another_program_is_made_anew(finished: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    shutil.copytree(finished.data, home.data)
    (home.data / "warehouse" / "sanxing.program").write_text("another", "ascii")
    with open_warehouse(home.data / "warehouse" / "sanxing.duckdb") as warehouse:
        assert warehouse.run("files", "select count(*) from files") == [(0,)]
