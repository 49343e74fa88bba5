"""The real `sanxing dashboard` as a subprocess: started on a free port, waited for, ended as Ctrl-C or a service would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.conftest import SANXING

LOOPBACK = "127.0.0.1"
ATTEMPTS = 120
PAUSE_SECONDS = 0.25
LISTENING = "0A"  # the state in /proc/net/tcp


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A dashboard over one SANXING_HOME; a context manager."""

    home: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    options: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # of the environment

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self.port = free_port()
        self.process = subprocess.Popen(
            [SANXING, "dashboard", "--port", str(self.port), *self.options],
            env={**os.environ, **self.extra, "SANXING_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> tuple[int, str]:
        """SIGTERM, then the exit status and what was printed."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output

    def _wait_until_healthy(self) -> None:
        process = self.process
        assert process is not None
        if not wait_until_healthy(self.url, lambda: process.poll() is None):
            raise AssertionError(f"the dashboard did not answer at {self.url}: {self.stop()}")


def wait_until_healthy(url: str, is_alive: Callable[[], bool] = lambda: True) -> bool:
    """Whether the server answers before it dies, or patience ends."""
    for _ in range(ATTEMPTS):
        if not is_alive():
            return False
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(PAUSE_SECONDS)
    return False


def listeners(port: int) -> list[str]:
    """The addresses on which this machine listens at the port, as the kernel writes them (hexadecimal)."""
    found = []
    for table in ("tcp", "tcp6"):
        path = Path("/proc/net") / table
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == LISTENING and int(number, 16) == port:
                found.append(address)
    return found
