"""Processes that parse: what a file does to one costs that file, is told in one sentence, and reaches nobody's terminal."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest

from pipelines.intake.workers import Lost, apart

DIED = Lost("读取时程序中断，多为内容过大或已损坏")
NO_MEMORY = Lost("读取所需内存过大")


class Panic(BaseException):
    """As pyo3 raises it for a panic in Rust: no Exception, and of a module that cannot be imported."""


Panic.__module__ = "pyo3_runtime"


def work(item: str, shared: None) -> int:
    """The number of the process that did it, unless the item is poisoned."""
    if item == "panic":
        raise Panic
    if item == "exit":
        raise SystemExit(0)
    if item == "abort":
        os.abort()
    if item == "memory":
        bytearray(8 * 1024**3)
    if item == "mistake":
        raise ValueError("a fault of ours")
    return os.getpid()


@pytest.mark.parametrize(
    ("poison", "lost"), [("panic", DIED), ("exit", DIED), ("abort", DIED), ("memory", NO_MEMORY)]
)
def test_a_poisoned_item_is_lost_alone_and_its_process_is_not_used_again(poison: str, lost: Lost) -> None:
    with apart(work, None) as do:
        (first,) = do(["good"])
        before, found, *after = do(["good", poison, "good", "good"])
    assert found == lost
    assert first not in (before, *after), "done again, in a new process"
    assert all(isinstance(result, int) for result in (before, *after))


def test_a_fault_of_ours_is_raised() -> None:
    with pytest.raises(ValueError, match="a fault of ours"), apart(work, None) as do:
        list(do(["good", "mistake"]))


@pytest.mark.parametrize(("items", "processes"), [(0, 0), (1, 1), (24, 1), (25, 2), (500, 3)])
def test_no_more_processes_than_there_is_work_for(
    items: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    with apart(work, None) as do:
        assert len(list(do(["good"] * items))) == items
        started = [p for p in multiprocessing.active_children() if p.name == "pebble_pool_worker"]
        assert len(started) == processes


class Loud:
    """Prints where it is unpickled, as a process does that fails before it has begun."""

    def __reduce__(self) -> tuple[object, tuple[int, bytes]]:
        return os.write, (2, b"Traceback (most recent call last)")


def test_what_a_process_prints_while_it_starts_reaches_nobody() -> None:
    script = (
        "from pipelines.intake.workers import apart\n"
        "from tests.unit.test_workers import Loud, work\n"
        "with apart(work, Loud()) as do: print(len(list(do(['good', 'panic']))))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2\n", "")
