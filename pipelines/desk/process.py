"""Asking the desk's process: a new one for each file, a few at a time, each within a time.

The file goes in and the answer comes out through pipes, so that nothing lies about on a disk, however a session ends. Not in the
server's own process: its threads run page scripts as `__main__`, which processes that parse would import again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TypeVar

from pydantic import ValidationError

from pipelines.desk.messages import HandedIn, HandIn, Look, Looked, Message, Request
from pipelines.failures import UserMistake
from pipelines.settings import Settings

Answer = TypeVar("Answer", bound=Message)

MISTAKE = 3
SECONDS = 180
_SECONDS_TO_END = 10
_AT_ONCE = threading.BoundedSemaphore(2)


class DeskFailed(UserMistake):
    """The process gave no answer. The message is Chinese and says what to do."""


def look_at(asked: Look, settings: Settings) -> Looked:
    """`looking.look` in a process of its own. Raises UserMistake."""
    return _ask(asked, Looked, settings, "文件没有检查完")


def hand_in_at(asked: HandIn, settings: Settings) -> HandedIn:
    """`handing_in.hand_in` in a process of its own. Raises UserMistake."""
    return _ask(
        asked, HandedIn, settings, "报送没有完成。请再交一次，同一文件不会重复接收。原因：处理没有结束"
    )


def _ask(asked: Look | HandIn, answer: type[Answer], settings: Settings, failed: str) -> Answer:
    request = Request(asked=asked).model_dump_json().encode("utf-8")
    with _AT_ONCE:
        status, output = _run(request, settings)
    if status == MISTAKE:
        raise UserMistake(output.decode("utf-8"))
    if status is None:
        raise DeskFailed(
            f"{failed}：{SECONDS}秒内没有得到结果，可能系统正在接收其他文件。请稍后再试；一再出现的，请告知管理人员。"
        )
    try:
        if status == 0:
            return answer.model_validate_json(output)
    except ValidationError:
        pass
    raise DeskFailed(f"{failed}：程序出错，详情见看板所在的终端。请告知管理人员。")


def _run(request: bytes, settings: Settings) -> tuple[int | None, bytes]:
    """The exit status and the output; None where it took too long."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "pipelines.desk"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SANXING_HOME": str(settings.home)},
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(request, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            _end(process)
            return None, b""
        except BaseException:
            _end(process)
            raise
    return process.returncode, output


def _end(process: subprocess.Popen[bytes]) -> None:
    """Tell it to end, and what it has started; make it end where it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
