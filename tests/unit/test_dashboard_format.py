"""What the reader sees: figures never contradict the judgement, and nothing from outside becomes markup."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import format
from dashboards.markup import (
    Again,
    Badge,
    Column,
    Link,
    Table,
    Term,
    banner,
    empty_state,
    facts,
    figures,
    heading,
    reading,
)
from pipelines.exports.labels import Labels
from tests.marts import publish

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("numerator", "denominator", "unit", "standard", "shown"),
    [
        (2249, 2500, "%", Decimal("0.9"), "89.96%"),  # a failure must not read 90.0%
        (2250, 2500, "%", Decimal("0.9"), "90.0%"),
        (2251, 2500, "%", Decimal("0.9"), "90.04%"),  # 90.0% is what exactly meets it
        (89996, 100000, "%", Decimal("0.9"), "89.996%"),
        (899996, 1000000, "%", Decimal("0.9"), "89.9996%"),
        (
            89999999,
            100000000,
            "%",
            Decimal("0.9"),
            "89.9999%",
        ),  # at most four decimals, away from the standard
        (90000001, 100000000, "%", Decimal("0.9"), "90.0001%"),
        (2247, 2500, "%", Decimal("0.9"), "89.9%"),  # 89.88%: one decimal says enough
        (1, 3000, "%", Decimal(0), "0.03%"),
        (0, 3000, "%", Decimal(0), "0.0%"),
        (2999, 3000, "%", Decimal(1), "99.97%"),
        (3000, 3000, "%", Decimal(1), "100.0%"),
        (Decimal("361"), Decimal("400"), "%", Decimal("0.9025"), "90.25%"),  # the standard itself
        (Decimal("23.96"), 1, "学时", Decimal(24), "23.96学时"),
        (Decimal("24.04"), 2, "学时", Decimal(12), "12.02学时"),
        (1, 1, "项", Decimal(0), "1项"),
        (4, 100, "项", Decimal(0), "0.04项"),  # breaks «at most 0»
        (-4, 100, "项", Decimal(0), "-0.04项"),
        (6, 1, "次", Decimal(6), "6次"),
        (60, 10, "次", None, "6.0次"),
        (1, 16, "%", None, "6.3%"),  # halves go up
        (3001, 3000, "%", None, "100.03%"),
        (2999, 3000, "%", None, "99.97%"),
        (0, 0, "%", Decimal("0.9"), "—"),
        (None, None, "%", Decimal("0.9"), "—"),
    ],
)
def test_a_value_stands_on_the_side_of_its_standard_where_it_was_judged(
    numerator: Decimal | int | None,
    denominator: Decimal | int | None,
    unit: str,
    standard: Decimal | None,
    shown: str,
) -> None:
    assert format.measure(numerator, denominator, unit, standard) == shown


@given(
    part=st.integers(0, 5_000_000),
    whole=st.integers(1, 5_000_000),
    standard=st.decimals(0, 1, places=4, allow_nan=False),
)
def test_rounding_keeps_the_side_and_moves_by_half_a_tenth_at_most(
    part: int, whole: int, standard: Decimal
) -> None:
    value, limit = Fraction(part, whole) * 100, Fraction(standard) * 100
    shown = format.rounded(value, (limit,))
    assert format.side(Fraction(shown), limit) == format.side(value, limit)
    assert abs(Fraction(shown) - value) <= Fraction(1, 20)
    tenths = Fraction(math.floor(value * 10 + Fraction(1, 2)), 10)
    if format.side(tenths, limit) == format.side(value, limit):
        assert str(shown) == f"{float(tenths):.1f}"  # no more decimals than are needed


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (118, 120, "98.3%"), (120, 120, "100.0%"), (5999, 6000, "99.98%"), (1, 6000, "0.02%"), (0, 6000, "0.0%"),
        (0.99996, 1, "99.996%"), (0.999999999, 1, "99.9999%"), (0.8996, 1, "90.0%"), (None, 5, "—"), (3, 0, "—"),
        (3, None, "—"), (1, 8, "12.5%"), (1, 16, "6.3%"),
    ],
)  # fmt: skip
def test_a_share_is_whole_only_when_it_is_whole(part: float | None, whole: int | None, shown: str) -> None:
    assert format.rate(part, whole) == shown


def test_an_interval_is_rounded_and_no_more() -> None:
    assert format.interval(0.83871, 0.9999999999999998) == "83.9%～100.0%"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "—"), (0, "0"), (1200, "1200"), (Decimal("12.5000"), "12.5"), (Decimal("24.0000"), "24"), (Decimal("-3"), "-3"),
     (Decimal("100.0000"), "100"), (0.1, "0.1")],
)  # fmt: skip
def test_an_exact_number_is_shown_as_it_stands(value: int | Decimal | None, shown: str) -> None:
    assert format.number(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "compare", "shown"),
    [(Decimal("0.9000"), "%", "at_least", "≥90%"), (Decimal(0), "%", "above", "＞0%"), (Decimal(0), "项", "at_most", "≤0项"),
     (Decimal(1), "%", "at_least", "100%"), (Decimal(24), "学时", "at_least", "≥24学时"), (None, "%", None, "—"),
     (Decimal("0.9025"), "%", "at_least", "≥90.25%")],
)  # fmt: skip
def test_a_standard_is_shown_with_its_sign(
    value: Decimal | None, unit: str, compare: str | None, shown: str
) -> None:
    assert format.standard(value, unit, compare) == shown


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        (0.95, 0.9, "上升5.0个百分点"),
        (0.9, 0.95, "下降5.0个百分点"),
        (0.9, 0.9, "持平"),
        (0.9, None, ""),
        (None, 0.9, ""),
    ],
)
def test_a_change_is_said_in_percentage_points(now: float | None, before: float | None, shown: str) -> None:
    assert format.difference(now, before) == shown


@pytest.mark.parametrize(
    ("zone", "shown"), [("Asia/Shanghai", "2026-01-20 23:59"), ("Asia/Urumqi", "2026-01-20 21:59")]
)
def test_times_are_shown_in_the_calendars_time_zone(zone: str, shown: str, tmp_path: Path) -> None:
    """As the published run says it, and nothing else."""
    told = Labels.of(publish(tmp_path, time_zone=zone))
    assert told.local_time(datetime(2026, 1, 20, 15, 59, 59)) == shown  # noqa: DTZ001 — as the marts hold it
    assert told.local_time(None) == format.NOTHING


def test_a_rank_shows_the_range_that_missing_indicators_leave() -> None:
    assert format.rank(3, 2, 5, 24) == "3（2～5） / 24"
    assert format.rank(3, 3, 3, 24) == "3 / 24"
    assert format.rank(None, None, None, 24) == "—"


@pytest.mark.parametrize(
    "html",
    [
        heading(HOSTILE, HOSTILE), reading(HOSTILE), empty_state(HOSTILE), banner(HOSTILE), figures([(HOSTILE,) * 3]),
        facts([(HOSTILE, HOSTILE), ("上级", Link(HOSTILE, "unit", (("unit", HOSTILE),)))]), Badge(HOSTILE, HOSTILE).html(),
        Term(HOSTILE, HOSTILE).html(),
        Table(HOSTILE, [Column(HOSTILE)], [[HOSTILE], [Link(HOSTILE, "unit", ())]], "", [(0, HOSTILE)]).html(),
        Table("", [], [], HOSTILE).html(),
    ],
)  # fmt: skip
def test_text_never_becomes_markup(html: str) -> None:
    assert "<img" not in html


def test_a_link_leads_inside_the_dashboard_only() -> None:
    html = Link("x", "unit", (("unit", '"><script>'), ("period", "javascript:alert(1)"))).html()
    assert 'href="unit?unit=%22%3E%3Cscript%3E&amp;period=javascript%3Aalert%281%29"' in html


def test_a_table_says_why_it_is_empty_and_files_repeat_what_the_eye_may_skip() -> None:
    columns = [Column("条款"), Column("指标", figures=True)]
    assert "本期没有预警" in Table("", columns, [], "本期没有预警。").html()
    table = Table("", columns, [["L1.1", "甲"], [Again("L1.1"), "=乙"]], "")
    assert table.html().count("L1.1") == 1
    assert table.csv().decode("utf-8-sig") == "条款,指标\r\nL1.1,甲\r\nL1.1,'=乙\r\n"


def test_labels_fall_back_to_the_code() -> None:
    labels = Labels(
        {("status", "met"): "达标", ("kind", "school"): "学校", ("who", "province"): "省委教育工委"},
        ZoneInfo("Asia/Shanghai"),
    )
    assert labels("status", "met") == "达标"
    assert labels("status", "new_one") == "new_one"
    assert labels("status", None) == "—"
    assert labels.who("school,school,province,other") == "学校、省委教育工委、other"
