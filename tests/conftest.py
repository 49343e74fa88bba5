"""Fixtures that many tests share: the catalogue, and one synthetic province received and run through Dagster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations import Catalogue, Period, load_catalogue
from pipelines.marts.published import PublishedRun
from pipelines.run import run_due
from pipelines.sample.make import make_sample
from pipelines.settings import Settings

SANXING = Path(sys.executable).with_name("sanxing")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@dataclass(frozen=True)
class Home:
    """A SANXING_HOME of its own, worked on through the command line as a user would."""

    path: Path

    def sanxing(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; with `check`, a status other than 0 fails the test with what it printed."""
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
        return {**os.environ, "SANXING_HOME": str(self.path), "COLUMNS": "200"}

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


@pytest.fixture(scope="session")
def province(make_province: Callable[[int, str, str, int], Province]) -> Province:
    """30 units over a whole year. Tests read it and leave it as it is."""
    return make_province(30, "2025Q1", "2025Q4", 20250)
