"""LibreOffice for tests: open workbooks in its window, type into them as a clerk does, save them. UNO itself runs in LibreOffice's Python."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SCRIPT = Path(__file__).parent / "open_type_save.py"
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".docx": "MS Word 2007 XML",
}
_SECONDS = 240

Place = tuple[str, str]  # sheet and cell


class OfficeError(Exception):
    """LibreOffice is missing, died, or did not do what it was asked; the message says what to install or what it said."""


@dataclass(frozen=True)
class Errand:
    """Open `workbook`, type each text into its cell, save as `target` (in the format of its ending), with a password or without."""

    workbook: Path
    target: Path
    typed: Mapping[Place, str] = field(default_factory=dict)
    password: str = ""


def run_errands(errands: Sequence[Errand], profile: Path) -> None:
    """Do the errands in one LibreOffice with the user profile `profile`. Raises OfficeError where one is not done."""
    order = [
        {
            "workbook": errand.workbook.as_uri(),
            "target": errand.target.as_uri(),
            "filter": FILTERS[errand.target.suffix],
            "password": errand.password,
            "typed": [[sheet, cell, text] for (sheet, cell), text in errand.typed.items()],
        }
        for errand in errands
    ]
    pipe = f"sanxing-{profile.parent.name}-{profile.name}"
    with _listening(pipe, profile) as office:
        done = subprocess.run(
            [uno_python(), str(SCRIPT), pipe],
            input=json.dumps(order), capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        ended = office.poll()
    if done.returncode != 0:
        state = "LibreOffice was running" if ended is None else f"LibreOffice had ended with {ended}"
        raise OfficeError(f"errands not done, {state}: {done.stderr.strip()}")


def soffice() -> str:
    """The path of LibreOffice's program."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        raise OfficeError("soffice is not on the path: apt-get install libreoffice-calc libreoffice-writer")
    return found


@cache
def uno_python() -> str:
    """A Python that can import `uno`: Debian's own, or the one that comes with LibreOffice."""
    program = Path(soffice()).resolve().parent
    candidates = [Path("/usr/bin/python3"), program / "python", program / "python3"]
    for candidate in candidates:
        if candidate.exists() and _imports_uno(candidate):
            return str(candidate)
    tried = ", ".join(map(str, candidates))
    raise OfficeError(f"no Python can import uno (tried {tried}): apt-get install python3-uno")


def _imports_uno(python: Path) -> bool:
    return subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0


@contextmanager
def _listening(pipe: str, profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A headless LibreOffice of our own that answers UNO calls on a named pipe; ended on leaving, however we leave.

    Its user profile is its own, so that no running office and no user's settings play a part.
    """
    options = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck")
    place = (f"-env:UserInstallation={profile.as_uri()}", f"--accept=pipe,name={pipe};urp;")
    office = subprocess.Popen(
        [soffice(), *place, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield office
    finally:
        office.terminate()
        try:
            office.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(
                office.pid, signal.SIGKILL
            )  # the program is a launcher; its group holds the office itself
            office.wait()
