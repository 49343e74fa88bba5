"""The published run that a page reads, opened once a page, and the memory of what was asked of it.

Answers are remembered by the run's name, so a new publication shows at the next interaction. All sessions share them: nobody changes an answer.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from threading import Condition
from typing import NamedTuple, TypeVar, cast

import polars as pl
import streamlit as st
from cachetools import LRUCache, cached

from pipelines.exports.labels import Labels
from pipelines.marts.published import PublishedRun
from pipelines.settings import Settings

T = TypeVar("T")
MEBIBYTES_REMEMBERED = 192  # about, of all sessions together; the answers used least recently make room


_read: ContextVar[PublishedRun] = ContextVar("read")


def open_run() -> PublishedRun:
    """The run published now, for the whole interaction. Raises MartsUnavailable."""
    run = PublishedRun.open(Settings().marts)
    _read.set(run)
    return run


def run_read() -> PublishedRun:
    """The run that this interaction reads: a page opens one, once."""
    return _read.get()


def ask(query: Callable[..., T], run: PublishedRun, *args: str | int | tuple[str, ...] | None) -> T:
    """`query(run, *args)`, remembered for this run.

    Raises FileNotFoundError when the run has been replaced meanwhile.
    """
    name = (run.name, query.__module__, query.__qualname__, *args)
    return cast("T", _memory()(name, lambda: query(run, *args)).found)


def labels(run: PublishedRun) -> Labels:
    """The Chinese names of this run's codes."""
    return ask(Labels.of, run)


@cache
def settle() -> None:
    """Tell Python, once the first page is drawn, that the program itself is no garbage.

    Streamlit looks for garbage after each interaction, before the page's last word goes out: a tenth of a second over all modules, and
    nothing over what one interaction has made.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _memory() -> Callable[[tuple[object, ...], Callable[[], object]], _Answer]:
    """What a name stands for, worked out by the first who asks; whoever asks meanwhile waits for it. Streamlit empties it with its own caches."""

    @cached(
        LRUCache(MEBIBYTES_REMEMBERED * 2**20, getsizeof=lambda answer: answer.size),
        key=lambda name, _work_out: name,
        condition=Condition(),
    )
    def remembered(_name: tuple[object, ...], work_out: Callable[[], object]) -> _Answer:
        found = work_out()
        return _Answer(found, _bytes(found))  # weighed here: what is remembered waits for nobody's weighing

    return remembered


class _Answer(NamedTuple):
    """What was found, and about how many bytes it takes."""

    found: object
    size: int


def _bytes(answer: object) -> int:
    return int(answer.estimated_size()) if isinstance(answer, pl.DataFrame) else len(pickle.dumps(answer))
