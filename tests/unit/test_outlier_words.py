"""What a clerk reads of a far number."""

from __future__ import annotations

import polars as pl
import pytest

from dashboards.tables.unit import coverage_reading
from expectations import Catalogue
from pipelines.outliers.words import expected_zh


@pytest.mark.parametrize(
    ("question", "per", "season", "low", "high", "words"),
    [
        ("L3.4b", "L3.4a", "peers", 83.2, 260.7, "按本支部以往各期的情况，并以本期“党员数”折算，一般在84至260人学时之间"),
        ("L3.4b", "L3.4a", None, 83.2, 260.7, "按同类支部同期的情况，并以本期“党员数”折算，一般在84至260人学时之间"),
        ("L3.1a", None, "peers", -3.0, 7.6, "按本单位以往各期的情况，一般在0至7次之间"),
        ("L3.5a", None, "none", 4.0, 15.0, "按本单位以往各期的情况，一般在4至15人之间"),
        ("L3.5a", None, "same_quarter", 3.1, 3.4, "按本单位以往同季度的情况，一般在4至4人之间"),
        ("S4.1a", "L3.4a", None, 1.234, 9.876, "按同类单位同期的情况，并以本期“党员数”折算，一般在1.24至9.87万元之间"),
        ("L3.6a", None, "peers", 0.0, 90.0, "按本支部以往各期的情况，一般在0至20次之间"),
    ],
)  # fmt: skip
def test_the_range_is_plain_and_never_holds_what_was_found(
    catalogue: Catalogue,
    question: str,
    per: str | None,
    season: str | None,
    low: float,
    high: float,
    words: str,
) -> None:
    known = catalogue.question
    assert expected_zh(low, high, known[question], known[per] if per else None, season) == words


def test_how_much_could_be_judged_is_said_on_the_units_page() -> None:
    schema = {"against": pl.String, "judged": pl.Int32, "too_short": pl.Int32}
    frame = pl.DataFrame([("own_history", 23, 7), ("peers", 30, 0)], schema=schema, orient="row")
    assert coverage_reading(frame) == (
        "与以往各期比较：可判断23项，另有7项以往期数不足，尚不能判断。与同类比较：可判断30项。单位或一个支部的一个指标项为一项。"
    )
    assert coverage_reading(frame.clear()) == ""
