"""What is wrong with a command line, in Chinese: click finds it, and tells it in English."""

from __future__ import annotations

import re

import click

# click's own words, by what follows the value that it quotes.
_REASONS = (
    (r"does not exist\.$", "没有这个文件或文件夹"),
    (r"is a file\.$", "这是文件，应为文件夹"),
    (r"is a directory\.$", "这是文件夹，应为文件"),
    (r"is not (readable|writable|executable)\.$", "没有权限"),
    (r"is not a valid integer( range)?\.$", "应为整数"),
    (r"is not in the range", "超出允许的范围"),
    (r"is not one of", "不在可选的值之内"),
)
_OTHERS = (
    (r"No such command '(.*)'\.", "没有命令“{}”"),
    (r"Got unexpected extra arguments? \((.*)\)", "多出了“{}”"),
    (r"Option '(.*)' requires an argument\.", "选项“{}”后面缺少值"),
    (r"Option '(.*)' does not take a value\.", "选项“{}”不带值"),
    (r"Option '(.*)' requires \d+ arguments\.", "选项“{}”后面缺少值"),
)


def mistake_zh(error: click.UsageError) -> str:
    """The mistake in one sentence."""
    if isinstance(error, click.NoSuchOption):
        return f"没有选项“{error.option_name}”。"
    if isinstance(error, click.MissingParameter):
        return f"缺少“{_name(error.param)}”。"
    if isinstance(error, click.BadParameter):
        return f"“{_name(error.param)}”的值不能用：{_reason(error.message)}"
    message = error.format_message()
    for pattern, words in _OTHERS:
        if found := re.search(pattern, message):
            return f"{words.format(found[1])}。"
    return f"{message} "


def _name(param: click.Parameter | None) -> str:
    """As `--help` names it: `--output 文件` of an option, `报告期` of an argument."""
    if isinstance(param, click.Option):
        return f"{max(param.opts, key=len)} {param.metavar or ''}".strip()
    return param.human_readable_name if param is not None else ""


def _reason(message: str) -> str:
    """Our own types tell it in Chinese already."""
    return next((f"{words}。" for pattern, words in _REASONS if re.search(pattern, message)), message)
