"""The published run that a page reads, opened once a page, and the memory of what was asked of it.

Answers are remembered by the run's name, so a new publication shows at the next interaction.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar, cast

import streamlit as st

from pipelines.exports.labels import Labels
from pipelines.marts.published import PublishedRun
from pipelines.settings import Settings

T = TypeVar("T")
REMEMBERED = 400


_read: ContextVar[PublishedRun] = ContextVar("read")


def open_run() -> PublishedRun:
    """The run published now, for the whole interaction. Raises MartsUnavailable."""
    run = PublishedRun.open(Settings().marts)
    _read.set(run)
    return run


def run_read() -> PublishedRun:
    """The run that this interaction reads: a page opens one, once."""
    return _read.get()


@st.cache_data(max_entries=REMEMBERED, show_spinner=False)
def _remembered(run: str, query: str, args: tuple[object, ...], _ask: Callable[[], object]) -> object:
    """What `_ask` gives; the other arguments are its name in the memory."""
    return _ask()


def ask(query: Callable[..., T], run: PublishedRun, *args: str | int | tuple[str, ...] | None) -> T:
    """`query(run, *args)`, remembered for this run.

    Raises FileNotFoundError when the run has been replaced meanwhile.
    """
    name = f"{query.__module__}.{query.__qualname__}"
    return cast("T", _remembered(run.name, name, args, lambda: query(run, *args)))


def labels(run: PublishedRun) -> Labels:
    """The Chinese names of this run's codes."""
    return ask(Labels.of, run)
