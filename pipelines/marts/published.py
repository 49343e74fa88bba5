"""Reading the published marts: one run at a time, whole. No DuckDB, no Dagster: the dashboard and the exports read through here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.failures import UserMistake
from pipelines.marts.tables import MARTS

MANIFEST = "manifest.json"
MANIFEST_FORMAT = 2
Answer = TypeVar("Answer")


class MartsUnavailable(UserMistake):
    """There is nothing to read, or not all of it. The message is Chinese and says what to do next."""


@dataclass(frozen=True)
class PublishedRun:
    """One published run: the folder of its Parquet files and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, marts: Path) -> PublishedRun:
        """The run that `marts/manifest.json` points to. Raises MartsUnavailable.

        A run that is replaced between the reading of its manifest and of its folder is gone: the new one is opened instead.
        """
        run = cls._pointed_to(marts)
        if run.missing():
            run = cls._pointed_to(marts)
        if missing := run.missing():
            raise MartsUnavailable(
                f"结果不完整，缺少{len(missing)}张表（{missing[0]}{'等' if len(missing) > 1 else ''}）。请重新运行 sanxing run。"
            )
        return run

    @classmethod
    def _pointed_to(cls, marts: Path) -> PublishedRun:
        try:
            manifest = json.loads((marts / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            raise MartsUnavailable(
                "还没有可以查看的结果。请先接收报送文件（sanxing receive），再运行 sanxing run。"
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise MartsUnavailable(
                "结果清单 manifest.json 已损坏。请删除 data/marts 后重新运行 sanxing run。"
            ) from None
        if not isinstance(manifest, dict):
            raise MartsUnavailable(
                "结果清单 manifest.json 已损坏。请删除 data/marts 后重新运行 sanxing run。"
            )
        if manifest.get("format") != MANIFEST_FORMAT:
            raise MartsUnavailable("结果由另一版本的程序生成。请重新运行 sanxing run。")
        return cls(marts / manifest["run"], manifest)

    def missing(self) -> list[str]:
        """The tables that are not there: none of a whole run, all of one that has been replaced."""
        return [name for name in MARTS if not (self.folder / f"{name}.parquet").is_file()]

    @property
    def name(self) -> str:
        """The run's id: a hash of what it holds."""
        return str(self.manifest["run"])

    @property
    def is_synthetic(self) -> bool:
        return bool(self.manifest["synthetic"])

    @property
    def clock(self) -> datetime:
        """What time it is to this run: the latest receipt in the store, UTC. «Overdue» is judged by it."""
        return datetime.fromisoformat(self.manifest["clock"])

    @property
    def time_zone(self) -> ZoneInfo:
        """The offices' time zone, as the calendar declares it: days and times are told in it."""
        return ZoneInfo(self.manifest["time_zone"])

    def scan(self, table: str) -> pl.LazyFrame:
        """A mart, lazily; columns as declared in tables.py."""
        return pl.scan_parquet(self.folder / f"{table}.parquet")

    def read(self, table: str) -> pl.DataFrame:
        return self.scan(table).collect()


def from_published(marts: Path, ask: Callable[[PublishedRun], Answer]) -> Answer:
    """What `ask` gives of the run published now; asked once more where that run was replaced while it was read.

    Frames are read when they are collected, long after the run was opened. Raises MartsUnavailable. A file that is missing elsewhere
    than in the run is no matter of the marts: that error goes through.
    """
    run = PublishedRun.open(marts)
    try:
        return ask(run)
    except FileNotFoundError:
        if not run.missing():
            raise
    run = PublishedRun.open(marts)
    try:
        return ask(run)
    except FileNotFoundError:
        if not run.missing():
            raise
        raise MartsUnavailable("结果正在更新，暂时读不全。请稍后再试。") from None
