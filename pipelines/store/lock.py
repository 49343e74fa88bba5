"""One writer at a time in data/raw: an advisory lock that the operating system drops when the process ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing(raw: Path) -> Iterator[None]:
    """Hold the store's lock; wait for another writer to finish."""
    raw.mkdir(parents=True, exist_ok=True)
    with (raw / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
