"""Publishing: a broken table is named, a run goes out whole or not at all, and a reader is told what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines import warehouse as warehouse_module
from pipelines.marts import publish as publish_module
from pipelines.marts.contract import breaches
from pipelines.marts.publish import group_rows, publish, select_mart
from pipelines.marts.published import MANIFEST, MartsUnavailable, PublishedRun, from_published
from pipelines.marts.tables import MARTS, Mart
from pipelines.warehouse import Warehouse, WarehouseBusy, WarehouseDamaged, WarehouseError, open_warehouse
from tests.marts import publish as write_run

FACTS: dict[str, Any] = {"inputs": "a" * 64, "synthetic": True}
KEY = {"VARCHAR": "'k{}'", "INTEGER": "{}", "DATE": "date '2025-01-01' + {}"}
VALUE = {
    "VARCHAR": "'v'", "INTEGER": "1", "BOOLEAN": "true", "DOUBLE": "0.5", "DATE": "date '2025-01-01'",
    "TIMESTAMP": "timestamp '2025-01-01 00:00:00'", "DECIMAL(18,4)": "1.5::decimal(18, 4)",
}  # fmt: skip


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """Every mart with two sound rows."""
    with open_warehouse(None) as opened:
        for mart in MARTS.values():
            opened.run(
                mart.name, f'create or replace table "{mart.name}" as {row(mart, 1)} union all {row(mart, 2)}'
            )
        yield opened


def row(mart: Mart, number: int) -> str:
    parts = []
    for name in mart.columns:
        kind = mart.column(name).type
        made = KEY[kind].format(number) if name in mart.key and kind in KEY else VALUE[kind]
        parts.append(f'({made})::{kind} as "{name}"')
    return f"select {', '.join(parts)}"


# ---- the contract -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MARTS)
def test_a_sound_table_has_no_breach(name: str, warehouse: Warehouse) -> None:
    assert breaches(warehouse, MARTS[name]) == []


@pytest.mark.parametrize("name", MARTS)
def test_each_broken_promise_is_named(name: str, warehouse: Warehouse) -> None:
    """For every mart: a column gone, a null in each column that may not be null, a row twice."""
    mart = MARTS[name]
    for column in mart.columns:
        warehouse.run(name, "begin")
        if column not in mart.nullable:
            warehouse.run(name, f'update "{name}" set "{column}" = null')
            assert f"2 nulls in {column}" in breaches(warehouse, mart)
        warehouse.run(name, "rollback")
    warehouse.run(name, f'insert into "{name}" {row(mart, 1)}')
    keys = ", ".join(f'"{key}"' for key in mart.key)
    assert breaches(warehouse, mart) == [f"1 repeated keys ({keys})"]
    warehouse.run(name, f'alter table "{name}" drop column "{mart.columns[-1]}"')
    assert breaches(warehouse, mart) == [f"missing columns {[mart.columns[-1]]}"]


def test_a_null_where_the_contract_allows_it_is_sound(warehouse: Warehouse) -> None:
    for mart in MARTS.values():
        for column in sorted(mart.nullable - set(mart.key)):
            warehouse.run(mart.name, f'update "{mart.name}" set "{column}" = null')
        assert breaches(warehouse, mart) == [], mart.name


@pytest.mark.parametrize("name", MARTS)
def test_a_key_with_null_parts_may_not_repeat_either(name: str, warehouse: Warehouse) -> None:
    """A flag without indicator, an answer without branch: two of them are two of the same."""
    mart = MARTS[name]
    empty = sorted(mart.nullable & set(mart.key))
    if empty:
        sets = ", ".join(f'"{column}" = null' for column in empty)
        warehouse.run(name, f'update "{name}" set {sets}')
        warehouse.run(name, f'insert into "{name}" select * from "{name}" limit 1')
        assert breaches(warehouse, mart) == [
            f"1 repeated keys ({', '.join(chr(34) + key + chr(34) for key in mart.key)})"
        ]
    else:
        assert set(mart.key) <= set(mart.columns)


# What design.md promises to other programs.
PROMISED = {
    "dim_unit": "unit_code name kind category is_private city_code city parent_code peer_group members",
    "dim_indicator": "indicator label_zh label_en dimension clause standard direction kind per stated effective_from",
    "submissions": "submission_id unit_code period version file stored_as sha256 received_at due_at on_time state n_block n_explain n_inform",
    "answers": "submission_id unit_code branch_code period month question value text sheet cell",
    "findings": "finding_id submission_id unit_code branch_code period rule severity question sheet cell found expected message clause explanation",
    "reporting": "group_kind group_code period expected received on_time accepted completeness timeliness",
    "indicator_values": "unit_code period indicator numerator denominator value standard status reason ci_low ci_high peer_group peer_median peer_percentile peer_position n_peers p_below",
    "scores": "unit_code period dimension score rank rank_low rank_high peer_group coverage",
    "trends": "unit_code indicator point value centre lower upper signal",
    "flags": "unit_code period kind level indicator clause reason evidence since",
    "shortlist": "year unit_code category city_code score rank selected probability reason",
}  # fmt: skip


@pytest.mark.parametrize(("name", "columns"), PROMISED.items())
def test_the_promised_columns_are_published(
    name: str, columns: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    publish(warehouse, tmp_path, FACTS)
    published = PublishedRun.open(tmp_path).scan(name).collect_schema()
    assert set(columns.split()) <= set(published.names())
    assert published.names() == list(MARTS[name].columns)
    for column, kind in published.items():
        if column.endswith("_code") or column in ("period", "indicator", "question"):
            assert kind == pl.String, "codes as text"
        assert kind not in (pl.Categorical, pl.Enum)


# ---- publishing ---------------------------------------------------------------------------------------------------------


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def change(warehouse: Warehouse) -> None:
    """Other data: another run."""
    warehouse.run("dim_city", "update dim_city set name = name || '!'")


def test_the_manifest_says_what_is_there(warehouse: Warehouse, tmp_path: Path) -> None:
    import hashlib

    manifest = publish(warehouse, tmp_path, FACTS)
    run = PublishedRun.open(tmp_path)
    assert run.manifest == manifest
    assert (manifest["inputs"], run.is_synthetic) == ("a" * 64, True)
    assert set(manifest["tables"]) == set(MARTS)
    for name, table in manifest["tables"].items():
        content = (run.folder / f"{name}.parquet").read_bytes()
        assert table == {"rows": 2, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert run.read(name).height == 2


def test_the_same_data_twice_is_the_same_run(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path, FACTS)
    before = tree(tmp_path)
    publish(warehouse, tmp_path, FACTS)
    assert tree(tmp_path) == before


def test_the_order_of_rows_in_the_warehouse_leaves_no_trace(warehouse: Warehouse, tmp_path: Path) -> None:
    first = publish(warehouse, tmp_path / "a", FACTS)
    for mart in MARTS.values():
        warehouse.run(
            mart.name, f'create or replace table "{mart.name}" as {row(mart, 2)} union all {row(mart, 1)}'
        )
    assert publish(warehouse, tmp_path / "b", FACTS) == first
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_other_data_replaces_the_run_and_the_old_one_goes(warehouse: Warehouse, tmp_path: Path) -> None:
    old = publish(warehouse, tmp_path, FACTS)["run"]
    change(warehouse)
    new = publish(warehouse, tmp_path, FACTS)["run"]
    assert new != old
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([new, MANIFEST])


def test_a_select_has_declared_columns_in_order_of_the_key() -> None:
    text = select_mart(MARTS["reporting"])
    assert text.startswith('select "group_kind"::VARCHAR as "group_kind", ')
    assert text.endswith(
        'from "reporting" order by "group_kind" nulls first, "group_code" nulls first, "period" nulls first'
    )


class Killed(BaseException):
    """The process ends here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, step: str, after: int) -> None:
    """Let the step run `after` times, then die in its place."""
    real = getattr(publish_module, step)
    done = 0

    def dying(*arguments: Any) -> Any:
        nonlocal done
        if done == after:
            raise Killed
        done += 1
        return real(*arguments)

    monkeypatch.setattr(publish_module, step, dying)


@pytest.mark.parametrize(
    ("step", "after", "is_old"),
    [
        ("_write", 0, True),
        ("_write", 7, True),
        ("_write", len(MARTS) - 1, True),
        ("_replace", 0, True),
        ("sweep", 0, False),
    ],
)
def test_killed_while_publishing(
    step: str, after: int, is_old: bool, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader sees the old run or the new, whole; the next run ends as if nothing had been."""
    old = publish(warehouse, tmp_path, FACTS)
    change(warehouse)
    new = publish(warehouse, tmp_path.parent / "undisturbed", FACTS)
    with monkeypatch.context() as patched:
        kill_at(patched, step, after)
        with pytest.raises(Killed):
            publish(warehouse, tmp_path, FACTS)
    seen = PublishedRun.open(tmp_path)
    assert seen.manifest == (old if is_old else new)
    for name, table in seen.manifest["tables"].items():
        assert seen.read(name).height == table["rows"]
    publish(warehouse, tmp_path, FACTS)
    assert tree(tmp_path) == tree(tmp_path.parent / "undisturbed")


def test_what_other_killed_runs_left_is_swept(warehouse: Warehouse, tmp_path: Path) -> None:
    """Parts of other processes, runs that never got a manifest, and a manifest that was not put in place."""
    for name in (".part-1", ".part-99999", "0123456789abcdef"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "answers.parquet").write_bytes(b"half")
    (tmp_path / f".{MANIFEST}.4242").write_text("{", "utf-8")
    run = publish(warehouse, tmp_path, FACTS)["run"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([run, MANIFEST])


@pytest.mark.parametrize("damage", ["a table is gone", "a table is cut short"])
def test_a_damaged_run_is_made_whole_by_publishing_it_again(
    damage: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    """A run that is only half there (killed while being swept, a disk that was full) is not taken for the whole."""
    run = publish(warehouse, tmp_path, FACTS)["run"]
    before = tree(tmp_path)
    file = tmp_path / run / "answers.parquet"
    if damage == "a table is gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    publish(warehouse, tmp_path, FACTS)
    assert tree(tmp_path) == before


def test_a_folder_with_a_quote_in_its_name(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path / "o'brien 的文件夹", FACTS)
    assert PublishedRun.open(tmp_path / "o'brien 的文件夹").read("dim_city").height == 2


# ---- what a reader is told ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "还没有可以查看的结果。请先接收报送文件"),
        (b"", "manifest.json 已损坏"),
        (b"{", "manifest.json 已损坏"),
        (b"\xff\xfe", "manifest.json 已损坏"),
        (b"[]", "manifest.json 已损坏"),
        (b"{}", "结果由另一版本的程序生成"),
        (b'{"format": 1, "run": "run-1"}', "结果由另一版本的程序生成"),
        (b'{"format": 2, "run": "run-2"}', f"结果不完整，缺少{len(MARTS)}张表"),
    ],
)
def test_a_reader_without_marts_is_told_what_to_do(
    manifest: bytes | None, message: str, tmp_path: Path
) -> None:
    write_run(tmp_path)
    if manifest is None:
        (tmp_path / MANIFEST).unlink()
    else:
        (tmp_path / MANIFEST).write_bytes(manifest)
    with pytest.raises(MartsUnavailable) as caught:
        PublishedRun.open(tmp_path)
    assert message in str(caught.value)
    assert "sanxing run" in str(caught.value)


def test_a_run_with_a_table_missing_is_not_read(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    (run.folder / "flags.parquet").unlink()
    with pytest.raises(MartsUnavailable, match="缺少1张表（flags）"):
        PublishedRun.open(tmp_path)
    shutil.rmtree(run.folder)
    with pytest.raises(MartsUnavailable, match="请重新运行 sanxing run"):
        PublishedRun.open(tmp_path)


def test_a_run_replaced_while_it_is_opened_gives_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old run's folder goes between the reading of its manifest and of its tables."""
    old = write_run(tmp_path)
    manifest = (tmp_path / MANIFEST).read_text("utf-8")
    read_text = Path.read_text

    def replaced_after_reading(path: Path, *args: str) -> str:
        text = read_text(path, *args)
        if path.name == MANIFEST and old.folder.exists():
            old.folder.rename(tmp_path / "run-2")
            path.write_text(manifest.replace(old.name, "run-2"), "utf-8")
        return text

    monkeypatch.setattr(Path, "read_text", replaced_after_reading)
    assert PublishedRun.open(tmp_path).name == "run-2"


def test_a_file_that_is_missing_elsewhere_is_no_matter_of_the_marts(tmp_path: Path) -> None:
    """Else the lack of anything that the question needs would pass for the lack of results."""
    write_run(tmp_path)
    with pytest.raises(FileNotFoundError, match="query"):
        from_published(tmp_path, lambda _: (tmp_path / "query.sql").read_text("utf-8"))


def test_a_run_that_goes_each_time_it_is_read_is_told_as_such(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    kept = shutil.copytree(run.folder, tmp_path / "kept")

    def going(opened: PublishedRun) -> object:
        shutil.rmtree(opened.folder)
        try:
            return opened.read("flags")
        finally:
            if opened.folder.name != "run-2":
                shutil.copytree(kept, tmp_path / "run-2")
                manifest = json.dumps({**run.manifest, "run": "run-2"})
                (tmp_path / MANIFEST).write_text(manifest, "utf-8")

    with pytest.raises(MartsUnavailable, match="请稍后再试"):
        from_published(tmp_path, going)


def test_an_older_manifest_is_not_guessed_at(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps({**run.manifest, "format": 0}), "utf-8")
    with pytest.raises(MartsUnavailable, match="另一版本"):
        PublishedRun.open(tmp_path)


# ---- the warehouse ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A mart of the test's own: sql/marts/trial.sql in a folder of its own."""
    (tmp_path / "marts").mkdir()
    monkeypatch.setattr(warehouse_module, "SQL", tmp_path)
    # What open_warehouse makes first.
    (tmp_path / "schema.sql").write_text("create table if not exists period_inputs (period varchar)", "utf-8")
    return tmp_path / "marts" / "trial.sql"


def counted(warehouse: Warehouse) -> dict[str, int]:
    """Rows by period, really read (count(*) alone can come from the table's statistics)."""
    return {
        row[0]: row[1]
        for row in warehouse.run(
            "trial", "select period, count(number) from trial group by period order by period"
        )
    }


@pytest.mark.parametrize("path", [None, "w.duckdb"])
def test_a_large_first_insert_keeps_all_its_rows(path: str | None, mart: Path, tmp_path: Path) -> None:
    """DuckDB 2.0.0 loses more than 122,880 rows read from a table into one that was made empty in the same transaction."""
    mart.write_text("select period, number from source join due using (period)", "utf-8")
    file = tmp_path / path if path else None
    each = {"2025Q1": 150_000, "2025Q2": 150_000}
    with open_warehouse(file) as opened:
        opened.run(
            "source",
            "create table source as select '2025Q' || (1 + i % 2) as period, i as number from range(300000) t (i)",
        )
        opened.set_due(["2025Q1", "2025Q2"])
        opened.remake_periods("trial")
        assert counted(opened) == each
        assert opened.frame("trial", "select sum(number) as total from trial")["total"].item() == sum(
            range(300_000)
        )
    if file:
        with open_warehouse(file) as again:
            assert counted(again) == each


def test_only_the_due_periods_are_replaced(mart: Path) -> None:
    mart.write_text("select period, unnest(range((select size from sizes))) as number from due", "utf-8")
    with open_warehouse(None) as opened:
        for size, due, expected in [
            (3, ["2025Q1", "2025Q2"], {"2025Q1": 3, "2025Q2": 3}), (5, ["2025Q2"], {"2025Q1": 3, "2025Q2": 5}), (0, ["2025Q1"], {"2025Q2": 5}),
        ]:  # fmt: skip
            opened.run("sizes", "create or replace table sizes as select ?::bigint as size", [size])
            opened.set_due(due)
            opened.remake_periods("trial")
            assert counted(opened) == expected


def test_a_failure_leaves_the_rows_and_names_table_and_statement(mart: Path) -> None:
    mart.write_text(
        "select period, 1 / (select size from sizes)::integer as number, error('stopped') as note from due",
        "utf-8",
    )
    with open_warehouse(None) as opened:
        opened.run("trial", "create table trial as select '2025Q1' as period, 1.0 as number, '' as note")
        opened.run("sizes", "create table sizes as select 0 as size")
        opened.set_due(["2025Q1"])
        with pytest.raises(WarehouseError, match=r"(?s)^trial: .*stopped.*insert into"):
            opened.remake_periods("trial")
        assert counted(opened) == {"2025Q1": 1}, "all or nothing"


def insert_and_die(warehouse: Warehouse) -> None:
    with warehouse.transaction():
        warehouse.run("period_inputs", "insert into period_inputs values ('2025Q1', 'x')")
        raise Killed


def test_a_transaction_is_all_or_nothing() -> None:
    with open_warehouse(None) as opened:
        with pytest.raises(Killed):
            insert_and_die(opened)
        assert opened.run("period_inputs", "from period_inputs") == []
        with opened.transaction():
            opened.run("period_inputs", "insert into period_inputs values ('2025Q2', 'y')")
        assert opened.run("period_inputs", "from period_inputs") == [("2025Q2", "y")]


def test_columns_are_matched_by_name_not_by_place() -> None:
    frame = pl.DataFrame({"digest": ["x"], "period": ["2025Q1"]})
    with open_warehouse(None) as opened:
        opened.append("period_inputs", frame)
        opened.append("period_inputs", frame.clear())
        assert opened.run("period_inputs", "select period, digest from period_inputs") == [("2025Q1", "x")]


def held(path: str, ready: Any, done: Any) -> None:
    """Another process with the warehouse open."""
    with open_warehouse(Path(path)):
        ready.set()
        done.wait()


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    import multiprocessing

    spawn = multiprocessing.get_context("spawn")
    ready, done = spawn.Event(), spawn.Event()
    other = spawn.Process(target=held, args=(str(tmp_path / "w.duckdb"), ready, done))
    other.start()
    try:
        assert ready.wait(60)
        with (
            pytest.raises(WarehouseBusy, match="另一个运行正在进行，请等它结束后再试"),
            open_warehouse(tmp_path / "w.duckdb"),
        ):
            pass
    finally:
        done.set()
        other.join()


def spoilt(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at : at + 50] = bytes(255 - byte for byte in content[at : at + 50])
    file.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"x" * 9000),
        lambda file: file.write_bytes(file.read_bytes()[:4096]),
        lambda file: spoilt(file, 10),
        lambda file: spoilt(file, 4100),
        lambda file: spoilt(file, 12_400),
    ],
    ids=["empty", "not a database", "cut off", "its head", "its second block", "a block of data"],
)
def test_a_damaged_warehouse_is_told_so(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    with open_warehouse(file):
        pass
    spoil(file)
    with pytest.raises(WarehouseDamaged, match="请删除该文件后重新运行"), open_warehouse(file):
        pass


def test_a_warehouse_for_which_there_is_no_room_is_not_called_damaged(tmp_path: Path) -> None:
    """Neither then nor, for what was begun, when there is room again."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from pipelines.warehouse import open_warehouse\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))\n"
        "try:\n"
        "    with open_warehouse(Path(sys.argv[1])): pass\n"
        "except OSError as error: print(error.strerror)\n"
    )
    file = tmp_path / "w.duckdb"
    for largest in ("0", "9000"):
        asked = [sys.executable, "-c", script, file, largest]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("File too large\n", ""), largest
    with open_warehouse(file) as opened:
        assert opened.run("files", "from files") == []


@pytest.mark.parametrize(
    ("rows", "group"), [(0, 2_048), (2_048 * 32, 2_048), (2_048 * 32 + 1, 4_096), (50_000_000, 122_880)]
)
def test_a_file_lies_in_about_so_many_groups_of_rows(rows: int, group: int) -> None:
    assert group_rows(rows) == group


def test_a_mart_is_sorted_by_what_it_is_sought_by_and_then_by_its_key() -> None:
    assert MARTS["answers"].order[:4] == ("unit_code", "period", "submission_id", "branch_code")
    for mart in MARTS.values():
        assert set(mart.key) <= set(mart.order) <= set(mart.columns), mart.name
