"""What commands share in talking to a terminal: errors, progress, tables, and options that name a period."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from expectations import Period
from expectations.models.calendar import Calendar
from pipelines.failures import UserMistake
from pipelines.visible import visible

console = Console(highlight=False, emoji=False)
errors = Console(stderr=True, highlight=False, emoji=False)


class PeriodParameter(click.ParamType[Period]):
    """`2025Q3` as a Period."""

    name = "报告期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        if isinstance(value, Period):
            return value
        try:
            return Period.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DayParameter(click.ParamType[date]):
    """`2026-02-10` as a date."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，例如2026-02-10。", param, ctx)


PERIOD, DAY = PeriodParameter(), DayParameter()


def require_period(period: Period | None, calendar: Calendar) -> None:
    """Raise UserMistake where a period is given that the calendar does not know."""
    if period is not None and period not in calendar.periods:
        raise UserMistake(f"{period}不在指标目录的日历之内。")


def fail(message: str) -> int:
    """Print an error and give the exit status for input that cannot be used."""
    with suppress(OSError):  # where this cannot be printed either, the status has to say it
        for line in message.split("\n"):
            errors.print(visible(line), markup=False, soft_wrap=True)
    return 2


def say(line: str) -> None:
    """One line of output, exactly as it is; what cannot be seen is made visible."""
    console.print(visible(line), markup=False, soft_wrap=True)


def say_json(data: object) -> None:
    """Data as JSON: as it is where the output can take it, in escapes elsewhere."""
    is_unicode = console.encoding.lower().startswith("utf")
    click.echo(json.dumps(data, ensure_ascii=not is_unicode, indent=1))


@contextmanager
def counting(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for work that is counted: yields a function of (done, all)."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def stages(label: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done now: yields a function of the stage's name."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=errors,
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda stage: bar.update(task, description=f"{label}：{stage}")


def table(title: str, heads: list[str], rows: list[tuple[Any, ...]]) -> None:
    """A small table."""
    shown = Table(title=title, title_justify="left")
    for head in heads:
        shown.add_column(head, overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else visible(str(cell)) for cell in row))
    console.print(shown, markup=False)
