"""A command that is written wrongly is told in Chinese, by the names that `--help` gives; an output that cannot be written, in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from pipelines.cli.main import cli
from pipelines.cli.output import write_output
from pipelines.cli.usage import mistake_zh
from pipelines.failures import UserMistake


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chase", "2025Q4"], "缺少“--output 文件”。"),
        (["template", "-o", "x.xlsx", "--unit", "1"], "缺少“--period 报告期”。"),
        (["chase", "-o", "x.xlsx"], "缺少“报告期”。"),
        (["check"], "缺少“文件...”。"),
        (["shortlist", "--year", "去年", "-o", "x.xlsx"], "“--year 年份”的值不能用：应为整数。"),
        (["chase", "2025Q4", "-o", "FOLDER"], "“--output 文件”的值不能用：这是文件夹，应为文件。"),
        (["return", "2025Q4", "-o", "FILE"], "“--output 文件夹”的值不能用：这是文件，应为文件夹。"),
        (["chase", "2025Q9", "-o", "x.xlsx"], "“报告期”的值不能用：“2025Q9”不是报告期"),
        (["chase", "2025Q4", "-o"], "选项“-o”后面缺少值。"),
        (["run", "now"], "多出了“now”。"),
        (["check", "--json=1", "x"], "选项“--json”不带值。"),
        (["nonsense"], "没有命令“nonsense”。"),
        (["run", "--nonsense"], "没有选项“--nonsense”。"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_command_is_told_in_chinese(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = {"FOLDER": str(tmp_path), "FILE": str(tmp_path / "file")}
    with pytest.raises(click.UsageError) as caught:
        cli([places.get(word, word) for word in arguments], standalone_mode=False)
    text = mistake_zh(caught.value)
    assert text.startswith(said)
    assert not re.search(r"[a-z]{3,}", text.replace("nonsense", "").replace("now", "").replace(said, ""))


def test_an_output_that_no_system_can_make_is_told_in_one_sentence(tmp_path: Path) -> None:
    """No reason that has a name of its own: the place is no ordinary folder."""
    gone = tmp_path / "gone"
    gone.symlink_to(tmp_path / "nowhere" / "deeper")
    with pytest.raises(
        UserMistake, match=r"^无法写入 .*x\.xlsx（该位置不能保存文件）。请换一个位置后重试。$"
    ):
        write_output(Path("/proc/x.xlsx"), b"content")
    with pytest.raises((UserMistake, OSError)) as caught:
        write_output(gone / "x.xlsx", b"content")
    assert not isinstance(caught.value, FileNotFoundError)
