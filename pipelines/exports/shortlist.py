"""The yearly shortlist of model units as rows: who stands in it, in which order, and what every form of it says first."""

from __future__ import annotations

import polars as pl

from pipelines.failures import UserMistake
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

KIND_ORDER = {"city": 0, "university": 1, "school": 2}
DIMENSION_ORDER = {"learning": 0, "service": 1, "innovation": 2, "leadership": 3}
TRIAL = "试算：按改动后的条件推算，不是正式名单"


class ShortlistUnavailable(UserMistake):
    """There is no shortlist of that year. The message is Chinese and names the years that there are."""


def shortlist_years(run: PublishedRun) -> list[int]:
    """The years that have a list, newest first."""
    years = run.scan("shortlist").select("year").unique().collect()["year"]
    return [int(year) for year in years.sort(descending=True)]


def shortlist_rows(run: PublishedRun, year: int) -> pl.DataFrame:
    """All candidates of the year: the selected first, then by kind and rank.

    The mart's columns with name, kind, city and peer_group of the unit. Raises ShortlistUnavailable.
    """
    units = run.scan("dim_unit").select("unit_code", "name", "city", "peer_group")
    kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
    rows = (
        run.scan("shortlist")
        .filter(pl.col("year") == year)
        .join(units, on="unit_code", how="left")
        .with_columns(pl.col("name").fill_null(pl.col("unit_code")))
        .sort(pl.col("selected").not_(), kind, "rank", pl.col("score").neg(), "unit_code", nulls_last=True)
        .collect()
    )
    if rows.is_empty():
        known = "、".join(str(listed) for listed in shortlist_years(run))
        hint = f"已有名单的年份：{known}。" if known else "名单在第四季度的报送处理后生成。"
        raise ShortlistUnavailable(f"没有{year}年的示范点名单。{hint}")
    return rows


def trial_mark(run: PublishedRun) -> str:
    """What stands before each title of a trial's list; nothing before the official one's."""
    return "（试算）" if "trial" in run.manifest else ""


def marks(run: PublishedRun) -> str | None:
    """What every sheet, page and file of the list says first: that it is a trial, that its data are made up; None where neither is so."""
    said = (TRIAL if trial_mark(run) else "", SYNTHETIC_FILE if run.is_synthetic else "")
    return "　".join(filter(None, said)) or None
