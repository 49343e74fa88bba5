"""Rows that are made when they are read: the same as a list of them, and no more of them than are shown."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards.markup import Column, Table
from dashboards.rows import Rows

FRAME = pl.DataFrame({"name": [f"<b>{place}" for place in range(120)]})


def test_a_page_makes_the_rows_that_it_shows_and_a_file_all_of_them() -> None:
    made: list[str] = []

    def cells(row: dict[str, Any]) -> list[str]:
        made.append(row["name"])
        return [row["name"]]

    late = Table("名单", [Column("名称")], Rows(FRAME, cells), "没有。")
    early = Table("名单", [Column("名称")], [[name] for name in FRAME["name"]], "没有。")
    assert late.html(50, 100) == early.html(50, 100)
    assert made == FRAME["name"].to_list()[50:100]
    assert late.csv() == early.csv()


def test_rows_are_counted_and_found_by_their_place() -> None:
    rows = Rows(FRAME, lambda row: [row["name"]])
    assert len(rows) == 120
    assert rows[-1] == ["<b>119"]
    assert rows[118:130] == [["<b>118"], ["<b>119"]]
    assert not Rows(FRAME.clear(), lambda row: [row["name"]])
