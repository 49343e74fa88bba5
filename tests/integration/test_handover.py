"""What `receive` has read is taken over by the next run, and nothing hangs on it: without it the originals say the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines import read_stage
from pipelines.read_stage import apart
from pipelines.sample.make import REGISTRY
from tests.conftest import Home, Province


@pytest.fixture(scope="module")
def received(small: Province, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a sample received and not yet run."""
    home = Home(tmp_path_factory.mktemp("handover"))
    home.sanxing("receive", small.sample, check=False)
    return home


@pytest.fixture
def home(received: Home, tmp_path: Path) -> Home:
    shutil.copytree(received.data, tmp_path / "home" / "data")
    return Home(tmp_path / "home")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a run has set processes to open originals."""
    times: list[int] = []

    def watched(*given: object) -> object:
        times.append(1)
        return apart(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(read_stage, "apart", watched)
    return times


def parts(home: Home) -> list[Path]:
    folder = home.data / "handover"
    return list(folder.glob("*/*")) if folder.is_dir() else []


def rebuilt(home: Home, folder: Path) -> dict[str, str]:
    """The checksums of what follows from data/raw alone."""
    again = Home(folder)
    shutil.copytree(home.data / "raw", again.data / "raw")
    again.run()
    return again.checksums()


def test_a_run_opens_nothing_that_was_read_on_receipt(home: Home, opened: list[int], small: Province) -> None:
    assert parts(home)
    home.run()
    assert opened == []
    assert parts(home) == [], "what was taken over is gone"
    assert home.checksums() == small.checksums()


def test_what_was_read_with_another_registry_is_read_anew(
    home: Home, opened: list[int], tmp_path: Path
) -> None:
    (edition,) = (home.data / "raw" / "registry").glob("*.csv")
    newer = tmp_path / "in" / REGISTRY
    newer.parent.mkdir(parents=True)
    newer.write_text(edition.read_text("utf-8").replace("示例", "示范", 1), "utf-8")
    home.sanxing("receive", newer.parents[1])
    home.run()
    assert opened
    assert parts(home) == [], "nobody will take them"
    assert home.checksums() == rebuilt(home, tmp_path / "rebuilt")


def test_a_part_that_a_crash_has_spoilt_costs_a_reading_and_nothing_else(
    home: Home, opened: list[int], small: Province
) -> None:
    """Three copies of what was handed over, each with another table spoilt: none is taken."""
    (part,) = parts(home)
    for number, name in enumerate(("answers", "findings")):
        copy = shutil.copytree(part, part.with_name(f"999{number}"))
        (copy / f"{name}.parquet").write_bytes(b"")
    (part / "readings.parquet").write_bytes(b"")
    (part.parent / ".DS_Store").write_bytes(b"of a file manager")
    home.run()
    assert opened
    assert [path.name for path in parts(home)] == [".DS_Store"]
    assert home.checksums() == small.checksums()


def test_what_comes_while_a_run_works_waits_for_the_next(home: Home, received: Home, tmp_path: Path) -> None:
    """A run knows the files that were there when it began; readings of later ones it leaves alone."""
    (part,) = parts(home)
    stranger = pl.read_parquet(part / "readings.parquet").with_columns(submission_id=pl.lit("f" * 16))
    later = part.with_name("9999")
    shutil.copytree(part, later)
    stranger.write_parquet(later / "readings.parquet")
    home.run()
    assert parts(home) == [later]


def test_a_part_that_a_kill_left_half_made_is_never_taken(home: Home, opened: list[int]) -> None:
    (part,) = parts(home)
    part.rename(part.with_name(part.name + ".making"))
    (part.with_name(part.name + ".making") / "answers.parquet").unlink()
    home.run()
    assert opened
