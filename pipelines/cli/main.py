"""The group of commands, and the one place where a user's mistake becomes a sentence and an exit status."""

from __future__ import annotations

import io
import os
import sys

import click

from expectations import CatalogueError
from pipelines.cli import catalogue, closing, docs, intake, origins, pages, results, sample, verify
from pipelines.cli.terminal import fail
from pipelines.cli.usage import mistake_zh
from pipelines.failures import RunFailed, UserMistake
from pipelines.system_errors import sentence_zh


@click.group(help="三型：教育系统学习型、服务型、创新型党组织建设情况统计。", no_args_is_help=True)
def cli() -> None:
    """The group itself does nothing."""


for command in (
    *sample.COMMANDS,
    *intake.COMMANDS,
    *closing.COMMANDS,
    *results.COMMANDS,
    *verify.COMMANDS,
    *origins.COMMANDS,
    *docs.COMMANDS,
    *pages.COMMANDS,
    *catalogue.COMMANDS,
):
    cli.add_command(command)


def main() -> None:
    """Entry point: exit status 0 fine, 1 findings or a failed run, 2 the command or its input cannot be used, 130 stopped."""
    try:
        status = _run()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help())
        status = 2
    except click.UsageError as error:
        status = fail(f"命令写法有误：{mistake_zh(error)}请用 sanxing --help 查看用法。")
    except UserMistake as error:
        status = fail(str(error))
    except CatalogueError as error:
        status = fail(f"指标目录（expectations/）有误，请改正后再试：\n{error}")
    except RunFailed as error:
        fail(f"运行中断，原已发布的结果不变。这是程序的问题，请把以下内容交给技术人员：\n{error}")
        status = 1
    except (KeyboardInterrupt, click.Abort):
        status = 130
    except BrokenPipeError:  # whoever read our output has seen enough
        _close_output()
        status = 1
    except OSError as error:
        sentence = sentence_zh(error)
        if sentence is None:
            raise
        _close_output()
        status = fail(sentence)
    sys.exit(status if isinstance(status, int) else 0)


def _run() -> object:
    """Run the command, and put out what it has printed while an error of that can still be told."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the terminal's encoding lacks is no reason to stop.
        sys.stdout.reconfigure(errors="backslashreplace")
    status = cli(standalone_mode=False)
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


def _close_output() -> None:
    """What still waits to be printed would fail again when the interpreter ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
