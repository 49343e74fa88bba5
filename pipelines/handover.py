"""What `receive` has read is handed over to the next run, which then need not open the same files again.

Derived, and bound to the program, catalogue and registry that read it: a run of any others reads the originals, as it does for whatever
cannot be read here. A part is a folder; it goes when a run has taken all that it knows of it.
"""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from expectations import Catalogue
from pipelines.intake.reading import Reading
from pipelines.intake.receive import Keep
from pipelines.program import reader_key
from pipelines.registry.model import Registry

if TYPE_CHECKING:
    import polars as pl

    from pipelines.reading_frames import ReadFrames

_FILES_A_PART = 500
_MARK = ".making"


@contextmanager
def hand_over(folder: Path, catalogue: Catalogue, registry: Registry) -> Iterator[Keep]:
    """A function that takes readings by submission id and puts them down as parts below `folder`. The caller holds the store's lock."""
    waiting: list[tuple[str, Reading]] = []

    def keep(submission_id: str, reading: Reading) -> None:
        waiting.append((submission_id, reading))
        if len(waiting) == _FILES_A_PART:
            put_down()

    def put_down() -> None:
        # Seconds of imports that receiving nothing new should not pay.
        from pipelines.reading_frames import read_frames

        frames = read_frames(waiting, catalogue, registry)._asdict()
        waiting.clear()
        for left in folder.glob(f"*/*{_MARK}"):  # of a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        part = folder / reader_key(catalogue, registry) / f"{time.time_ns()}-{os.getpid()}"
        making = part.with_name(part.name + _MARK)
        try:
            making.mkdir(parents=True)
            for name, frame in frames.items():
                content = io.BytesIO()
                frame.write_parquet(content, compression="lz4")
                (making / f"{name}.parquet").write_bytes(content.getvalue())
            making.rename(part)
        except OSError:  # a full disk: the originals are in the store, and the run reads them
            shutil.rmtree(making, ignore_errors=True)

    yield keep
    if waiting:
        put_down()


class HandedOver:
    """The parts that readers of this key have put down."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key

    def take(self, wanted: set[str]) -> Iterator[ReadFrames]:
        """The readings of these submissions, part by part; what is not there, or cannot be read, is not yielded."""
        from pipelines.reading_frames import ReadFrames

        for part in self._parts():
            ids = _ids(part) & wanted
            frames = [_frame(part, name) for name in ReadFrames._fields] if ids else []
            whole = [frame for frame in frames if frame is not None]
            if ids and len(whole) == len(frames):
                yield ReadFrames(*whole).of(sorted(ids))
                wanted -= ids

    def sweep(self, known: set[str], needed: set[str]) -> None:
        """Remove the parts of which everything is known and nothing needed any more, and those of other readers."""
        for part in self._parts():
            if _ids(part) <= known - needed:
                shutil.rmtree(part, ignore_errors=True)
        for other in self._folder.iterdir() if self._folder.is_dir() else ():
            if other.name != self._key:
                shutil.rmtree(other, ignore_errors=True)

    def _parts(self) -> list[Path]:
        folder = self._folder / self._key
        parts = folder.iterdir() if folder.is_dir() else ()
        return sorted(part for part in parts if part.is_dir() and part.suffix != _MARK)


def _ids(part: Path) -> set[str]:
    """The submissions of a part; none where it cannot be read."""
    readings = _frame(part, "readings")
    return set(readings["submission_id"]) if readings is not None else set()


def _frame(part: Path, name: str) -> pl.DataFrame | None:
    """One table of a part; None where a crash or a full disk has left something else."""
    import polars as pl

    try:
        return pl.read_parquet(part / f"{name}.parquet")
    except (OSError, pl.exceptions.PolarsError):
        return None
