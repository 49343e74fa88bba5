"""A command with its wall time and the memory that it and all its children had at once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_EVERY = 0.1


class Cost(NamedTuple):
    """Wall time in seconds, and the largest sum of proportional set sizes of the process tree in MiB."""

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
        while not self.done.wait(_EVERY):
            self.largest = max(self.largest, sum(map(_pss, _tree(self.pid))))


def _tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def _pss(pid: int) -> int:
    """Proportional set size in KiB: memory that processes share is counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def memory_of(pid: int) -> float:
    """What a process and all its children hold now, in MiB."""
    return sum(map(_pss, _tree(pid))) / 1024


def cores() -> int:
    return len(os.sched_getaffinity(0))
