"""Processes of our own that share work out, forked from a server that runs nothing of the program itself.

The first who asks starts the server, which imports the module that its processes need; those of a later one import theirs themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from pebble import ProcessPool

_FIRST_IMPORT = "pipelines.unheard"


@contextmanager
def forked(processes: int, module: str, **options: Any) -> Iterator[ProcessPool]:
    """So many processes for the functions of `module`; they are stopped where the caller fails. options: as of pebble.ProcessPool."""
    context = get_context("forkserver")
    context.set_forkserver_preload([_FIRST_IMPORT, module])
    with ProcessPool(processes, context=context, **options) as pool:
        try:
            yield pool
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise
