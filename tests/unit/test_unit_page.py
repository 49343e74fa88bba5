"""A unit's page in words: what stands there when there is nothing to rank."""

from __future__ import annotations

import polars as pl
import pytest

from dashboards.tables.unit import scores_reading

TOTAL = {"dimension": "total", "score": 99.3, "rank": 2, "rank_low": 1, "rank_high": 4, "peers": 13}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "总分99.3，在同类组13个有得分的单位中名列第2。换用其他计分办法、补齐缺少的指标后，名次在第1至第4之间。"),
        ({"rank_low": 2, "rank_high": 2}, "总分99.3，在同类组13个有得分的单位中名列第2。"),
        (
            {"rank": None, "rank_low": None, "rank_high": None, "peers": 7},
            "总分99.3，同类组有得分的单位只有7个，不足8个，不排名次。",
        ),
        ({"score": None}, "本期没有可用于计分的指标，不计总分和名次。"),
    ],
)  # fmt: skip
def test_the_scores_are_read_out(changed: dict[str, float | None], words: str) -> None:
    assert scores_reading(pl.DataFrame([TOTAL | changed]), least=8) == words
