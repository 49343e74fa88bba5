"""Parsing in processes of its own: a file that crashes, hangs or eats memory costs that file a finding, and the run nothing.

Processes are forked from a server that has imported the reader and nothing else, so one that dies is replaced in milliseconds.
"""

from __future__ import annotations

import os
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TimedOut
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipelines.forked import forked

Item = TypeVar("Item")
Result = TypeVar("Result")
Shared = TypeVar("Shared")
Work = Callable[[Item, Shared], Result]

SECONDS_A_FILE = 20
MEMORY_A_PROCESS = 1024 * 1024 * 1024
_FILES_A_TASK = 24
_TASKS_AHEAD = 4
_MOST_PROCESSES = 8
# How a process says with which state of affairs it ends itself.
_PANIC, _NO_MEMORY = 70, 71


class Lost(NamedTuple):
    """An item whose process died, ran out of memory or took too long: why, in Chinese."""

    reason: str


class _Job(NamedTuple):
    """What a process keeps from its start on: the function, and what all items share."""

    work: Callable[[Any, Any], Any]
    shared: Any


_jobs: list[_Job] = []


@contextmanager
def apart(
    work: Work[Item, Shared, Result], shared: Shared
) -> Iterator[Callable[[Iterable[Item]], Iterator[Result | Lost]]]:
    """Processes that do `work(item, shared)`; yields a function from items to results, in the order of the items.

    `work` is a function of a module, and items, results and `shared` can be pickled. An error of `work` is raised here.
    As many processes are started as the first items need.
    """
    most = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    pools: list[ProcessPool] = []
    with ExitStack() as stack:

        def results(items: Iterable[Item]) -> Iterator[Any]:
            batches = _batches(items)
            first = list(islice(batches, most))
            if first and not pools:
                many = forked(len(first), work.__module__, initializer=_start, initargs=[work, shared])
                pools.append(stack.enter_context(many))
            for pool in pools:
                yield from _results(pool, chain(first, batches), most * _TASKS_AHEAD)

        yield results


def _results(pool: ProcessPool, batches: Iterable[list[Item]], ahead: int) -> Iterator[Any]:
    waiting: deque[tuple[list[Item], Future[list[Any]]]] = deque()
    for batch in batches:
        waiting.append((batch, _schedule(pool, batch)))
        if len(waiting) >= ahead:
            yield from _finished(pool, *waiting.popleft())
    while waiting:
        yield from _finished(pool, *waiting.popleft())


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _FILES_A_TASK:
            yield batch
            batch = []
    if batch:
        yield batch


def _schedule(pool: ProcessPool, batch: Sequence[Item]) -> Future[list[Any]]:
    future: Future[list[Any]] = pool.schedule(_do, args=[list(batch)], timeout=SECONDS_A_FILE)
    return future


def _finished(pool: ProcessPool, batch: list[Item], future: Future[list[Any]]) -> Iterator[Any]:
    """The results of a batch; where its process was lost, of its items one by one, so that only the culprit is lost."""
    lost = _lost(future)
    if lost is None:
        yield from future.result()
    elif len(batch) == 1:
        yield lost
    else:
        for item in batch:
            yield from _finished(pool, [item], _schedule(pool, [item]))


def _lost(future: Future[list[Any]]) -> Lost | None:
    try:
        future.result()
    except TimedOut:
        return Lost(f"读取超过{SECONDS_A_FILE}秒")
    except ProcessExpired as end:
        if end.exitcode == _NO_MEMORY:
            return Lost("读取所需内存过大")
        return Lost("读取时程序中断，多为内容过大或已损坏")
    return None


def _start(work: Callable[[Any, Any], Any], shared: Any) -> None:
    """In a new process: keep the job, and take no more memory than a file may cost."""
    _jobs[:] = [_Job(work, shared)]
    in_use = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY_A_PROCESS, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _do(batch: list[Any]) -> list[Any]:
    (job,) = _jobs
    try:
        return [job.work(item, job.shared) for item in batch]
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, MemoryError):
            raise
        # A parser in Rust panicked, or memory was not to be had: nobody knows in what state that leaves this process.
        os._exit(_NO_MEMORY if isinstance(error, MemoryError) else _PANIC)
