"""Fixtures that many tests share: the catalogue, and synthetic provinces received and run through Dagster, each made once a suite."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from expectations import Catalogue, Period, load_catalogue
from pipelines.cli import main
from pipelines.cli.terminal import console
from pipelines.cli.terminal import errors as errors_console
from pipelines.marts.published import PublishedRun
from pipelines.run import run_due
from pipelines.sample.make import make_sample
from pipelines.settings import Settings

SANXING = Path(sys.executable).with_name("sanxing")
TESTS = Path(__file__).parent
WIDTH = 200  # of the terminal, in characters
# Files go whole to a process, in this order and then by name: a long one at the end would leave the other processes idle.
LONGEST_FIRST = (
    "integration/test_run.py",
    "integration/test_commands.py",
    "integration/test_trends.py",
    "integration/test_outliers.py",
    "integration/test_handover.py",
    "integration/test_versions.py",
    "integration/test_signs.py",
    "integration/test_refused_writes.py",
    "integration/test_province.py",
    "integration/test_close.py",
    "integration/test_docs.py",
    "integration/test_reporting.py",
    "integration/test_returned.py",
    "integration/test_judged.py",
    "integration/test_file_classes.py",
    "integration/test_persons.py",
    "e2e/test_figures.py",
    "e2e/test_hostile.py",
    "e2e/test_signs.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    place = {TESTS / name: number for number, name in enumerate(LONGEST_FIRST)}
    gone = [str(path) for path in place if not path.is_file()]
    if gone:
        raise pytest.UsageError(f"LONGEST_FIRST names files that are not there: {gone}")
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Streamlit's test runner leaves the page it ran as __main__, which processes that a later test starts would run again."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@dataclass(frozen=True)
class Home:
    """A SANXING_HOME of its own, worked on through the command line as a user would."""

    path: Path

    def sanxing(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end in this process: the imports are paid once for all tests. `check` as in `command`."""
        asked = ["sanxing", *map(str, arguments)]
        out, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with (
            patch.dict(os.environ, self.environment),
            patch.object(sys, "argv", asked),
            patch.object(console, "_width", WIDTH),  # it has looked at COLUMNS when it was made
            patch.object(errors_console, "_width", WIDTH),
            redirect_stdout(out),
            redirect_stderr(errors),
            pytest.raises(SystemExit) as end,
        ):
            main()
        status = end.value.code
        assert isinstance(status, int)
        said = []
        for stream in (out, errors):
            stream.flush()
            said.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        done = subprocess.CompletedProcess(asked, status, *said)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def command(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command itself, a process of its own; with `check`, a status other than 0 fails the test with what it printed."""
        done = subprocess.run(
            [SANXING, *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def run(self) -> None:
        """`sanxing run`, in this process: the imports are paid once for all tests."""
        run_due(Settings(home=self.path), load_catalogue(), lambda _: None)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SANXING_HOME": str(self.path), "COLUMNS": str(WIDTH)}

    @property
    def data(self) -> Path:
        return self.path / "data"

    def published(self) -> PublishedRun:
        return PublishedRun.open(self.data / "marts")

    def read(self, table: str) -> pl.DataFrame:
        return self.published().read(table)

    def checksums(self) -> dict[str, str]:
        """The sha256 of every published table, as the manifest gives them."""
        manifest: Mapping[str, Any] = self.published().manifest
        return {name: table["sha256"] for name, table in manifest["tables"].items()}


@dataclass(frozen=True)
class Province(Home):
    """A home with a sample received and run, and the sample's folder."""

    sample: Path

    @property
    def truth(self) -> dict[str, Any]:
        truth: dict[str, Any] = json.loads((self.sample / "truth.json").read_text("utf-8"))
        return truth

    def copy(self, home: Path) -> Home:
        """A home in which a test may write."""
        shutil.copytree(self.data, home / "data")
        return Home(home)


@pytest.fixture(scope="session")
def make_province(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Callable[..., Province]:
    """A function of (units, first period, last period, seed) that makes, receives and runs a province; with_faults as in make_sample."""

    def make(units: int, first: str, last: str, seed: int, *, with_faults: bool = True) -> Province:
        path = tmp_path_factory.mktemp(f"province{seed}")
        periods = Period.parse(first), Period.parse(last)
        make_sample(path / "in", units, *periods, seed, catalogue, with_faults=with_faults)
        province = Province(path / "home", path / "in")
        province.sanxing("receive", province.sample, check=False)  # planted faults make it 1
        province.run()
        return province

    return make


@contextmanager
def shared(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Province], None]
) -> Iterator[Province]:
    """A province made by the first process of the suite that asks, and read by all. One that a test has written into is an error."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, made = root / name, root / f"{name}.made.json"
    province = Province(folder / "home", folder / "in")
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(province)
            made.write_text(json.dumps(_written(folder)), "utf-8")
    yield province
    assert _written(folder) == json.loads(made.read_text("utf-8")), f"a test has written into {folder}"


def _written(folder: Path) -> dict[str, list[int]]:
    """Size and time of writing of each file, as JSON gives them back."""
    stats = {path: path.stat() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(path): [found.st_size, found.st_mtime_ns] for path, found in stats.items()}


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Province]:
    """30 units over a whole year. Tests read it and leave it as it is."""

    def make(province: Province) -> None:
        make_sample(province.sample, 30, Period(2025, 1), Period(2025, 4), 20250, catalogue)
        province.sanxing("receive", province.sample, check=False)  # planted faults make it 1
        province.run()

    with shared(tmp_path_factory, "province", make) as made:
        yield made


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Province]:
    """6 units over two quarters, by the commands themselves. Tests work on copies."""

    def make(small: Province) -> None:
        make_sample(small.sample, 6, Period(2025, 1), Period(2025, 2), 77, catalogue)
        small.command("receive", small.sample, check=False)
        small.command("run")

    with shared(tmp_path_factory, "small", make) as made:
        yield made
