"""The desk's process: one request on its input, one answer on its output, and an end. `python -m pipelines.desk`, started by process.py.

Exit status 0 with an answer; MISTAKE with a sentence for the user; any other is a fault of ours, told on the terminal of the server.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

from expectations import CatalogueError, load_catalogue
from pipelines.desk.messages import HandIn, Message, Request
from pipelines.desk.process import MISTAKE
from pipelines.failures import UserMistake
from pipelines.settings import Settings
from pipelines.system_errors import about, sentence_zh


def main() -> int:
    """Answer the request."""
    signal.signal(signal.SIGTERM, _end)
    # Whatever a library prints is for the terminal: the output carries the answer and nothing else.
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    status, said = _said(sys.stdin.buffer.read())
    try:
        with os.fdopen(output, "wb") as out:
            out.write(said)
    except BrokenPipeError:  # the server has ended meanwhile
        return 1
    return status


def _said(request: bytes) -> tuple[int, bytes]:
    """The answer, or what to tell the user."""
    try:
        return 0, _answer(Request.model_validate_json(request)).model_dump_json().encode("utf-8")
    except UserMistake as error:
        sentence: str | None = str(error)
    except CatalogueError as error:
        sentence = f"指标目录（expectations/）有误，请交管理人员改正后再试：{error}"
    except OSError as error:
        sentence = sentence_zh(error)
        if sentence is None:
            raise
    assert sentence is not None
    return MISTAKE, sentence.encode("utf-8")


def _answer(request: Request) -> Message:
    settings, catalogue, asked = Settings(), load_catalogue(), request.asked
    if isinstance(asked, HandIn):
        from pipelines.desk.handing_in import hand_in

        with about(settings.data):
            return hand_in(asked, settings, catalogue, datetime.now(UTC))
    # Seconds of imports that handing in should not pay.
    from pipelines.desk.looking import look

    return look(asked, settings, catalogue)


def _end(_: int, __: FrameType | None) -> NoReturn:
    """End as a program ends, so that what runs beside us ends too and leaves nothing behind."""
    raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
