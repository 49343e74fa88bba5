"""One run at a time, from its first look at what is due until it has published; the operating system drops the lock with its process.

DuckDB's own lock begins seconds later, with the first step, and knows nothing of the marts.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.settings import Settings
from pipelines.warehouse import WarehouseBusy


@contextmanager
def one_run(settings: Settings) -> Iterator[None]:
    """Hold the lock of warehouse and marts. Raises WarehouseBusy where another run holds it."""
    settings.run_lock.parent.mkdir(parents=True, exist_ok=True)
    with settings.run_lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WarehouseBusy from None
        yield
