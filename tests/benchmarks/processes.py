"""A command with its wall time and the memory that it and all its children had at once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_EVERY = 0.1
_SHARE = 0.02  # of the time may go into looking: to sum up a large process's pages holds it up


class Cost(NamedTuple):
    """Wall time in seconds, and the most memory in MiB that the process tree was seen to hold at once."""

    seconds: float
    mebibytes: float


def run_measured(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end. Raises RuntimeError with what it printed where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak = _Peak(process.pid)
    peak.start()
    printed, _ = process.communicate()
    seconds = time.perf_counter() - began
    peak.done.set()
    peak.join()
    if process.returncode not in (0, 1):  # 1: files that need attention
        raise RuntimeError(printed)
    return Cost(seconds, peak.largest / 1024)


class _Peak(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.largest, self.done = pid, 0, threading.Event()

    def run(self) -> None:
        took = 0.0
        while not self.done.wait(max(_EVERY, took / _SHARE)):
            began = time.perf_counter()
            self.largest = max(self.largest, _held(self.pid))
            took = time.perf_counter() - began


def _tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        for thread in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            with suppress(OSError):  # it has ended meanwhile
                waiting += map(int, thread.read_text().split())
    return found


def _held(root: int) -> int:
    """What a process and its children hold, in KiB: memory that they share is counted once. One without children tells it at no cost."""
    tree = _tree(root)
    if len(tree) == 1:
        return _field(Path(f"/proc/{root}/status"), "VmRSS:")
    return sum(_field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in tree)


def _field(file: Path, name: str) -> int:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def memory_of(pid: int) -> float:
    """What a process and all its children hold now, in MiB."""
    return _held(pid) / 1024


def cores() -> int:
    return len(os.sched_getaffinity(0))
