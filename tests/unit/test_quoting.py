"""A name in quotation marks: marks of its own become single ones, by Python and by SQL alike; and bands are named by whole members."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import Catalogue
from expectations.wording import quoted

SCHEMA = Path(__file__).parents[2] / "pipelines/sql/schema.sql"
BAND = re.compile(r"不足(?P<below>\d+)人|(?P<first>\d+)人至(?P<last>\d+)人|(?P<up>\d+)人及以上|全部")


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SCHEMA.read_text("utf-8"))
    return connection


@pytest.mark.parametrize(
    ("name", "written"),
    [("集中学习次数", "“集中学习次数”"), ("“三亮三比三评”开展率", "“‘三亮三比三评’开展率”"), ("", "“”")],
)
def test_marks_inside_marks_are_single(name: str, written: str) -> None:
    assert quoted(name) == written


@given(st.text("甲“”‘’'|%乙", max_size=12))
def test_sql_quotes_as_python_does(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(_macro())
        assert connection.execute("select quoted(?)", [name]).fetchall() == [(quoted(name),)]


def test_the_macro_stands_in_the_schema(sql: duckdb.DuckDBPyConnection) -> None:
    assert sql.execute("select quoted('“双强型”负责人比例')").fetchall() == [("“‘双强型’负责人比例”",)]


def test_a_bands_name_says_from_where_to_where(catalogue: Catalogue) -> None:
    """By official usage 以上 and 以下 include the bound, so that two bands would claim it: names count whole members instead."""
    for group in catalogue.selection.peer_groups:
        starts = [band.from_members for band in group.bands]
        for band, following in zip(group.bands, [*starts[1:], None], strict=True):
            named = BAND.fullmatch(band.label_zh)
            assert named, band.label_zh
            said = {key: int(number) for key, number in named.groupdict().items() if number}
            if following is None:
                assert said == ({"up": band.from_members} if band.from_members else {})
            elif band.from_members == 0:
                assert said == {"below": following}
            else:
                assert said == {"first": band.from_members, "last": following - 1}


def _macro() -> str:
    found = re.search(r"create or replace macro quoted.*?;", SCHEMA.read_text("utf-8"), re.DOTALL)
    assert found
    return found[0]
