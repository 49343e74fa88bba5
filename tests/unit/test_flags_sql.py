"""Flags in SQL: what raises one, how grave it is, on what evidence, and when it closes. The rules are the catalogue's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Catalogue
from tests.flagging import BRANCH, UNIT, Flagged, Province

YEAR = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
YEARS = tuple(f"{year}Q{quarter}" for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4))
SHARE, HOURS, ATTENDANCE = "study_participation", "training_hours_per_member", "centre_group_attendance"
GRAVITY = {"red": 0, "amber": 1, "watch": 2, None: 3}


CASES: list[tuple[str, str, Decimal | int, int, str | None]] = [
    # attended of expected, against 90% and 95%
    ("unit", ATTENDANCE, 9, 10, None),
    ("unit", ATTENDANCE, 2249, 2500, "watch"),  # 89.96% is missed, and within chance
    ("unit", ATTENDANCE, 2200, 2500, "red"),
    ("unit", ATTENDANCE, 7, 10, "watch"),  # p = 0.070
    ("unit", ATTENDANCE, 6, 10, "red"),  # p = 0.013
    ("unit", ATTENDANCE, 0, 0, None),
    ("branch", SHARE, 9, 10, "watch"),  # p = 0.401
    ("branch", SHARE, 7, 10, "amber"),  # p = 0.0115
    ("branch", SHARE, 0, 0, None),
    ("branch", SHARE, 19, 20, None),
    # hours over heads, against 24
    ("branch", HOURS, Decimal("1.2") * 20, 1, None),
    ("branch", HOURS, Decimal("119.9"), 5, "watch"),
    ("branch", HOURS, 96, 5, "watch"),  # one of five was absent all the year
    ("branch", HOURS, Decimal("95.9"), 5, "amber"),
    ("branch", HOURS, Decimal("1175.9"), 50, "amber"),  # the same 24 hours are a fiftieth
    ("unit", HOURS, Decimal("95.9"), 5, "red"),
    # a count or checklist of its own is a fact
    ("unit", "centre_group_sessions", 5, 1, "red"),
    ("unit", "unit_study_methods", 1, 1, "amber"),  # no number of the policy's
    # of a standard of all, one who is missing proves that it is not all, and alone is no more than that
    ("unit", "cadres_reported_on_study", 4, 5, "amber"),
    ("unit", "cadres_reported_on_study", 3, 5, "red"),
    ("unit", "cadres_reported_on_study", 0, 1, "red"),  # nobody at all
    ("unit", "members_in_contact", 899, 900, "amber"),
    ("unit", "members_in_contact", 882, 900, "amber"),  # a fiftieth
    ("unit", "members_in_contact", 881, 900, "red"),
    ("unit", "monthly_exchange", 17, 18, "amber"),
    ("unit", "monthly_exchange", 16, 18, "red"),
    ("branch", "monthly_exchange", 2, 3, "watch"),
    ("branch", "monthly_exchange", 1, 3, "amber"),
    ("branch", "monthly_exchange", 0, 3, "amber"),
    ("branch", "branch_study_methods", 1, 1, "watch"),
    ("unit", "inspections_increase", 1, 1, "red"),
]  # fmt: skip


def levels_of(
    catalogue: Catalogue, cases: Sequence[tuple[str, str, Decimal | int, int]], period: str = "2025Q4"
) -> list[str | None]:
    """The level of the performance flag of each value alone, None where there is none: (unit or branch, indicator, numerator, denominator)."""
    province = Province(catalogue, (period,))
    codes = [f"T{place}" + ("-1" if grain == "branch" else "") for place, (grain, *_) in enumerate(cases)]
    for code, (_, *value) in zip(codes, cases, strict=True):
        province.judge(code, period, *value)
    found = {f["unit_code"]: f["level"] for f in province.flagged().flags if f["kind"] == "performance"}
    return [found.get(code) for code in codes]


@pytest.fixture(scope="module")
def judged(catalogue: Catalogue) -> dict[tuple[Any, ...], str | None]:
    cases = [case[:4] for case in CASES]
    return dict(zip(cases, levels_of(catalogue, cases), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_miss_is_as_grave_as_its_evidence(
    case: tuple[Any, ...], judged: dict[tuple[Any, ...], str | None]
) -> None:
    assert judged[case[:4]] == case[4]


def test_a_sentence_can_be_forwarded_as_it_is(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR)
    province.judge(BRANCH, "2025Q3", SHARE, 7, 10)
    province.judge(UNIT, "2025Q3", ATTENDANCE, 2249, 2500)
    province.judge(UNIT, "2025Q2", HOURS, 10, 1, status="behind", due_share=0.5)
    flagged = province.flagged()
    (plain,) = flagged.of("performance", BRANCH).values()
    assert (
        plain["reason"]
        == "一小第一支部2025年第三季度“党员参学率”为70.0%，未达到不低于95%的标准（政策规定），请查明原因并改进。"
    )
    assert plain["evidence"] == "7÷10；恰好达标的单位出现同样或更差结果的可能性为1.2%"
    assert (plain["clause"], plain["since"], plain["times"]) == ("L3.7", "2025Q3", 1)
    doubtful, behind = (flagged.of("performance")[p]["reason"] for p in ("2025Q3", "2025Q2"))
    assert doubtful == (
        "一小2025年第三季度“中心组学习参学率”为89.96%，未达到不低于90%的标准（政策规定），差距尚在偶然波动的范围内，先予关注。"
    )
    assert (
        behind
        == "一小2025年第二季度“党员人均集中培训学时”按进度应完成12学时，现完成10学时，落后于全年不低于24学时的进度（政策规定），先予关注。"
    )


def test_a_miss_at_any_size_counts_once_it_is_repeated(catalogue: Catalogue) -> None:
    """9 of 10 three times: 18 of 20 are still what chance makes of 95% (26.4%), 27 of 30 no longer (18.8%)."""
    province = Province(catalogue, YEAR)
    for period in YEAR[:3]:
        province.judge(BRANCH, period, SHARE, 9, 10)
    province.judge(BRANCH, "2025Q4", SHARE, 10, 10)
    flagged = province.flagged()
    assert flagged.levels("performance", BRANCH) == {"2025Q1": "watch", "2025Q2": "watch", "2025Q3": "amber"}
    _, twice, thrice = flagged.of("performance", BRANCH).values()
    assert twice["reason"] == (
        "一小第一支部2025年第二季度“党员参学率”为90.0%，已连续2次评价未达到不低于95%的标准（政策规定），但合计差距尚在偶然波动的范围内，请持续关注。"
    )
    assert twice["evidence"] == "9÷10；连续2次合计18÷20，恰好达标的单位出现同样或更差结果的可能性为26.4%"
    assert thrice["reason"].endswith("已连续3次评价未达到不低于95%的标准（政策规定），请查明原因并改进。")
    assert thrice["evidence"] == "9÷10；连续3次合计27÷30，恰好达标的单位出现同样或更差结果的可能性为18.8%"
    assert [f["times"] for f in flagged.of("performance", BRANCH).values()] == [1, 2, 3]
    assert flagged.runs_of("performance", BRANCH) == [("2025Q1", "2025Q3", 3, "2025Q4", "met")]


REPEATED: list[tuple[str, str, list[tuple[Decimal | int, int]], str]] = [
    ("branch", SHARE, [(14, 15), (14, 15)], "watch"),  # 28 of 30: p = 0.446
    ("unit", SHARE, [(14, 15), (14, 15)], "amber"),
    ("branch", SHARE, [(14, 15), (12, 15)], "amber"),  # the second alone is no evidence (p = 0.036), both are more than chance (0.061)
    ("branch", SHARE, [(7, 10), (94, 99)], "amber"),
    ("branch", SHARE, [(94, 99), (7, 10)], "amber"),  # what is proved alone stays proved
    ("unit", SHARE, [(2374, 2500), (2374, 2500)], "amber"),  # 94.96%
    ("branch", "monthly_exchange", [(2, 3), (2, 3)], "amber"),  # two of six
    ("unit", "monthly_exchange", [(899, 900), (898, 900)], "amber"),  # as near as one time
    ("unit", "monthly_exchange", [(17, 18), (17, 18)], "red"),
]  # fmt: skip


def test_what_is_repeated_is_as_grave_as_all_of_it_proves(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR)
    codes = [f"T{place}" + ("-1" if grain == "branch" else "") for place, (grain, *_) in enumerate(REPEATED)]
    for code, (_, indicator, values, _) in zip(codes, REPEATED, strict=True):
        for period, value in zip(YEAR, values, strict=False):
            province.judge(code, period, indicator, *value)
    flagged = province.flagged()
    found = [flagged.levels("performance", code).get("2025Q2") for code in codes]
    assert found == [level for *_, level in REPEATED]


def test_misses_of_an_amount_per_head_add_up_too(catalogue: Catalogue) -> None:
    """Of 5 heads one head's hours are noise, in a year or over two running; that much in each of two years is not."""
    province = Province(catalogue, YEARS)
    for code, hours in (("S1-1", "119.9"), ("S2-1", "95.9"), ("S1", "119.9"), ("S2", "96")):
        for period in ("2023Q4", "2024Q4"):
            province.judge(code, period, HOURS, Decimal(hours), 5)
    flagged = province.flagged()
    found = {code: flagged.levels("performance", code) for code in ("S1-1", "S2-1", "S1", "S2")}
    assert found == {
        "S1-1": {"2023Q4": "watch", "2024Q4": "watch"},
        "S2-1": {"2023Q4": "amber", "2024Q4": "amber"},
        "S1": {"2023Q4": "watch", "2024Q4": "amber"},
        "S2": {"2023Q4": "watch", "2024Q4": "red"},
    }
    weak = flagged.of("performance", "S1")["2024Q4"]
    assert weak["reason"].endswith(
        "已连续2次评价未达到不低于24学时的标准（政策规定），但合计差距不超过1人的量，请持续关注。"
    )
    assert weak["evidence"] == "119.9÷5；连续2次合计239.8÷10"


def test_each_miss_that_is_added_up_is_held_against_the_mildest_standard(catalogue: Catalogue) -> None:
    """A stricter standard does not make old misses graver: 27 of 30 against 90%, to which the first was held, is none."""
    province = Province(catalogue, YEAR)
    province.judge(BRANCH, "2025Q1", SHARE, 17, 19, standard=Decimal("0.90"))
    province.judge(BRANCH, "2025Q2", SHARE, 10, 11)
    flagged = province.flagged()
    assert flagged.levels("performance", BRANCH) == {"2025Q1": "watch", "2025Q2": "watch"}
    assert "可能性为58.9%" in flagged.of("performance", BRANCH)["2025Q2"]["evidence"]


def test_nearly_all_is_said_to_be_near(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR)
    province.judge(UNIT, "2025Q3", "monthly_exchange", 899, 900)
    province.judge(UNIT, "2025Q4", "monthly_exchange", 898, 900)
    once, twice = province.flagged().of("performance").values()
    assert once["reason"].endswith("为99.9%，未达到不低于100%的标准（政策规定），缺口为1，请尽快补齐。")
    assert twice["reason"].endswith(
        "已连续2次评价未达到不低于100%的标准（政策规定），缺口合计3，请尽快补齐。"
    )
    assert (once["evidence"], twice["evidence"]) == ("899÷900", "898÷900；连续2次合计1797÷1800")


@pytest.mark.parametrize(
    ("indicator", "period", "value", "due_share", "said"),
    [
        (HOURS, "2025Q2", (10, 1), 0.5, "按进度应完成12学时，现完成10学时，落后于全年不低于24学时的进度（政策规定），先予关注。"),
        (HOURS, "2025Q3", (155, 10), 0.65, "按进度应完成15.6学时，现完成15.50学时，落后于"),
        # 0.2 and 0.65 of six meetings are 1.2 and 3.9: whole ones are expected
        ("centre_group_sessions", "2025Q1", (0, 1), 0.2, "按进度应完成1次，现完成0次，落后于全年不低于6次的进度"),
        ("centre_group_sessions", "2025Q3", (2, 1), 0.65, "按进度应完成3次，现完成2次，落后于全年不低于6次的进度"),
    ],
)  # fmt: skip
def test_behind_says_how_much_was_expected_by_now(
    catalogue: Catalogue, indicator: str, period: str, value: tuple[int, int], due_share: float, said: str
) -> None:
    province = Province(catalogue, YEAR)
    province.judge(UNIT, period, indicator, *value, status="behind", due_share=due_share)
    (flag,) = province.flagged().of("performance").values()
    assert said in flag["reason"]


def test_a_yearly_standard_is_repeated_from_year_to_year(catalogue: Catalogue) -> None:
    """A year that grows is one judgement: its quarters share their answers, and before its end it is behind at most."""
    province = Province(catalogue, YEARS)
    for period in YEARS:
        missed_year, is_last = period[:4] in ("2023", "2024"), period.endswith("Q4")
        status = (
            "not_met"
            if missed_year and is_last
            else "behind"
            if missed_year
            else "met"
            if is_last
            else "on_pace"
        )
        province.judge(BRANCH, period, HOURS, 100 if missed_year else 240, 5, status=status)
        # the year so far: the share of 2024Q1 to 2024Q3 is no second miss after that of the quarters before
        province.judge(UNIT, period, ATTENDANCE, 8 if period[:4] == "2024" else 10, 10)
    flagged = province.flagged()
    hours = flagged.levels("performance", BRANCH)
    assert hours == dict.fromkeys(YEARS[:8], "watch") | {"2024Q4": "amber"}
    assert flagged.levels("performance") == dict.fromkeys(YEARS[4:8], "watch")
    assert flagged.runs_of("performance", BRANCH) == [("2023Q1", "2024Q4", 8, "2025Q1", "on_pace")]


def test_the_last_year_counts_against_this_one(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEARS)
    for period in YEARS[4:10]:
        province.judge(UNIT, period, ATTENDANCE, 8, 10)
    levels = province.flagged().levels("performance")
    # 16 of 20 in both years: p = 0.133
    assert levels == dict.fromkeys(YEARS[4:8], "watch") | dict.fromkeys(YEARS[8:10], "red")


def test_answers_of_an_earlier_quarter_are_not_judged_again(catalogue: Catalogue) -> None:
    """Asked in Q2 and Q4: what stands in Q3 is Q2's answer. It neither continues nor closes the flag."""
    province = Province(catalogue, YEAR)
    for period in YEAR[1:]:
        province.judge(BRANCH, period, "branches_linked_to_class", 0, 1)
    flagged = province.flagged()
    assert [(p, f["times"], f["since"]) for p, f in flagged.of("performance", BRANCH).items()] == [
        ("2025Q2", 1, "2025Q2"),
        ("2025Q4", 2, "2025Q2"),
    ]
    assert flagged.runs_of("performance", BRANCH) == [("2025Q2", "2025Q4", 2, None, None)]


def missing(catalogue: Catalogue, **faults: Any) -> Flagged:
    """A unit and its branch that plainly miss a standard in every quarter, have a trend down and stand below their peers."""
    province = Province(catalogue, YEAR, **faults)
    for period in YEAR:
        for code in (UNIT, BRANCH, "C1"):
            province.judge(code, period, SHARE, 70, 100)
            province.judge(
                code,
                period,
                "volunteer_hours_per_member",
                40,
                100,
                peer_position="below_998",
                peer_median=0.95,
            )
            point = {
                "grain": "quarter",
                "point": period,
                "value": 0.4,
                "then_centre": 0.9,
                "then_lower": 0.8,
                "then_upper": 1.0,
            }
            province.trends.append(
                {
                    "unit_code": code,
                    "indicator": SHARE,
                    "then_signal": "astronomical",
                    "then_side": "low",
                    **point,
                }
            )
    return province.flagged()


KINDS = ("performance", "trend", "peer")


def kinds_in(flagged: Flagged, code: str, period: str) -> list[str]:
    return sorted({f["kind"] for f in flagged.flags if (f["unit_code"], f["period"]) == (code, period)})


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"under_gate": frozenset({"2025Q2"})}, ["quality"]),
        ({"absent": frozenset({"2025Q2"})}, ["reporting"]),
    ],
)
def test_bad_data_are_never_called_bad_performance(
    catalogue: Catalogue, faults: dict[str, Any], said: list[str]
) -> None:
    """Neither red nor amber nor watch, of the unit or its branches; others keep theirs, and so do the quarters beside it."""
    flagged = missing(catalogue, **faults)
    for code in (UNIT, BRANCH):
        for period in ("2025Q1", "2025Q3"):
            assert kinds_in(flagged, code, period) == ["peer", "performance", "trend"]
    assert kinds_in(flagged, UNIT, "2025Q2") == said
    assert kinds_in(flagged, BRANCH, "2025Q2") == []
    assert set(KINDS) <= set(kinds_in(flagged, "C1", "2025Q2"))


def test_a_quarter_that_is_not_judged_neither_continues_nor_closes(catalogue: Catalogue) -> None:
    flagged = missing(catalogue, under_gate=frozenset({"2025Q2"}))
    for kind in KINDS:
        rows = flagged.of(kind, BRANCH)
        assert [(p, f["since"], f["times"]) for p, f in rows.items()] == [
            ("2025Q1", "2025Q1", 1), ("2025Q3", "2025Q1", 2), ("2025Q4", "2025Q1", 3),
        ]  # fmt: skip
        assert flagged.runs_of(kind, BRANCH) == [("2025Q1", "2025Q4", 3, None, None)]
    (quality,) = flagged.of("quality").values()
    assert quality["reason"].startswith(
        "一小2025年第二季度报表数据质量为丁级（79.99分，达到80分方可作为依据），"
    )
    assert "不作绩效预警" in quality["reason"]
    assert quality["reason"].endswith("理由。请按问题清单改正或说明后重新报送。")
    assert flagged.runs_of("quality") == [("2025Q2", "2025Q2", 1, None, None)]


def test_open_findings_of_data_that_pass_are_no_bar(catalogue: Catalogue) -> None:
    flagged = missing(catalogue, n_explain=dict.fromkeys(YEAR[:1], 2), n_block={"2025Q1": 1, "2025Q2": 3})
    assert kinds_in(flagged, UNIT, "2025Q1") == ["peer", "performance", "quality", "trend"]
    assert flagged.levels("quality") == {"2025Q1": "red", "2025Q2": "red"}
    assert "1处必须改正、2处需要说明，相关数据暂不采用" in flagged.of("quality")["2025Q1"]["reason"]
    assert [(f["since"], f["times"]) for f in flagged.of("quality").values()] == [
        ("2025Q1", 1),
        ("2025Q1", 2),
    ]


def test_a_quarter_stays_open_until_it_is_mended_itself(catalogue: Catalogue) -> None:
    """The next quarter is clean, and in time; that mends nothing of this one. Lateness is past, and closes with the next in time."""
    province = Province(catalogue, YEAR, n_block={"2025Q1": 1}, n_explain={"2025Q2": 2}, late=frozenset({"2025Q1"}), absent=frozenset({"2025Q3"}))  # fmt: skip
    flagged = province.flagged()
    assert flagged.levels("quality") == {"2025Q1": "red", "2025Q2": "amber"}
    assert flagged.runs_of("quality") == [
        ("2025Q1", "2025Q1", 1, None, None), ("2025Q2", "2025Q2", 1, None, None),
    ]  # fmt: skip
    assert flagged.levels("reporting") == {"2025Q1": "amber", "2025Q3": "red"}
    assert flagged.runs_of("reporting") == [
        ("2025Q1", "2025Q1", 1, "2025Q2", "submitted"), ("2025Q3", "2025Q3", 1, None, None),
    ]  # fmt: skip


def test_lateness_lasts_beyond_a_quarter_that_is_missing_altogether(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR, late=frozenset({"2025Q1", "2025Q3"}), absent=frozenset({"2025Q2"}))
    flagged = province.flagged()
    assert [(f["since"], f["times"], f["run_since"]) for f in flagged.of("reporting").values()] == [
        ("2025Q1", 1, "2025Q1"), ("2025Q1", 2, "2025Q2"), ("2025Q1", 3, "2025Q1"),
    ]  # fmt: skip
    assert flagged.runs_of("reporting") == [
        ("2025Q1", "2025Q3", 2, "2025Q4", "submitted"), ("2025Q2", "2025Q2", 1, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("locked_on", "left_on", "closed"),
    [
        (date(2025, 5, 9), None, ("2025Q1", "locked")),  # in the round of the quarter itself
        (
            date(2025, 9, 30),
            None,
            ("2025Q2", "locked"),
        ),  # when the second quarter was the last that had ended
        (date(2030, 1, 1), None, ("2025Q4", "locked")),
        (date(2025, 11, 1), date(2025, 6, 30), ("2025Q3", "left")),
        (date(2025, 9, 1), date(2025, 6, 30), ("2025Q2", "locked")),
        (None, date(2025, 6, 30), ("2025Q3", "left")),
    ],
)
def test_a_locked_quarter_or_a_unit_that_left_is_waited_for_no_longer(
    catalogue: Catalogue, locked_on: date | None, left_on: date | None, closed: tuple[str, str]
) -> None:
    locked = {"2025Q1": locked_on} if locked_on else {}
    for faults in ({"n_block": {"2025Q1": 1}}, {"absent": frozenset({"2025Q1"})}):
        flagged = Province(catalogue, YEAR, locked=locked, left_on=left_on, **faults).flagged()  # type: ignore[arg-type]
        (run,) = (r for r in flagged.runs if r["kind"] in ("quality", "reporting"))
        assert (run["since"], run["closed_in"], run["closing"]) == ("2025Q1", *closed)
        assert run["reason"]


def test_a_lock_closes_nothing_that_cannot_be_mended(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR[:2], late=frozenset({"2025Q2"}), locked={"2025Q2": date(2025, 8, 1)})
    province.judge(BRANCH, "2025Q2", SHARE, 70, 100)
    flagged = province.flagged()
    assert flagged.runs_of("reporting") == [("2025Q2", "2025Q2", 1, None, None)]
    assert flagged.runs_of("performance", BRANCH) == [("2025Q2", "2025Q2", 1, None, None)]


def test_what_a_later_version_put_right_is_closed_in_its_own_quarter(catalogue: Catalogue) -> None:
    province = Province(
        catalogue, YEAR, first_versions={"2025Q1": (0, 2), "2025Q3": (3, 0)}, n_block={"2025Q2": 1}
    )
    flagged = province.flagged()
    assert flagged.levels("quality") == {"2025Q2": "red"}
    assert flagged.runs_of("quality") == [
        ("2025Q1", "2025Q1", 1, "2025Q1", "explained"), ("2025Q2", "2025Q2", 1, None, None),
        ("2025Q3", "2025Q3", 1, "2025Q3", "corrected"),
    ]  # fmt: skip
    reasons = [run["reason"] for run in flagged.runs if run["kind"] == "quality" and run["closed_in"]]
    assert reasons == [
        "一小2025年第一季度报表第1版有2处需要说明，已于第2版说明。",
        "一小2025年第三季度报表第1版有3处必须改正，已于第2版改正。",
    ]


def test_an_absentee_is_red_and_a_latecomer_amber_until_one_comes_in_time(catalogue: Catalogue) -> None:
    province = Province(catalogue, (*YEAR, "2026Q1"), absent=frozenset({"2025Q2", "2026Q1"}), late=frozenset({"2025Q1"}), not_due=frozenset({"2026Q1"}))  # fmt: skip
    flagged = province.flagged()
    assert flagged.levels("reporting") == {"2025Q1": "amber", "2025Q2": "red"}
    assert (
        flagged.of("reporting")["2025Q2"]["reason"] == "一小2025年第二季度报表至截止时间未报送，请尽快补报。"
    )
    assert [f["times"] for f in flagged.of("reporting").values()] == [1, 2]
    assert {f["clause"] for f in flagged.flags} == {"O2.1"}


def test_who_has_left_the_registry_has_no_open_flag(catalogue: Catalogue) -> None:
    province = Province(catalogue, YEAR, left_on=date(2025, 6, 30))
    province.judge(BRANCH, "2025Q1", SHARE, 70, 100)
    assert province.flagged().runs_of("performance", BRANCH) == [("2025Q1", "2025Q1", 1, "2025Q3", "left")]


def placed(
    catalogue: Catalogue, positions: list[str | None], indicator: str = "party_day_participation"
) -> Flagged:
    """A branch's places among its peers, quarter by quarter; nothing asks this in Q1 and Q3, so that years are run through by halves."""
    periods = [f"{2023 + n // 2}Q{2 + 2 * (n % 2)}" for n in range(len(positions))]
    province = Province(catalogue, periods)
    for period, position in zip(periods, positions, strict=True):
        province.judge(BRANCH, period, indicator, 40, 100, peer_position=position, peer_median=0.95)
    return province.flagged()


@pytest.mark.parametrize(
    ("positions", "levels"),
    [
        (["below_998", "inside"], ["amber", None]),
        (["below_95", "inside", "below_95"], [None, None, None]),
        (["below_95", "below_95", "below_95"], [None, "watch", "watch"]),
        (["below_95", None, "below_95"], [None, None, "watch"]),  # not judged: neither continues nor breaks
        (["below_95", "below_998", "below_95"], [None, "amber", "watch"]),
        (["above_998", "above_95"], [None, None]),
    ],
)
def test_peers_flag_the_worse_side_at_once_or_when_it_lasts(
    catalogue: Catalogue, positions: list[str | None], levels: list[str | None]
) -> None:
    flagged = placed(catalogue, positions)
    periods = [f"{2023 + n // 2}Q{2 + 2 * (n % 2)}" for n in range(len(positions))]
    assert [flagged.levels("peer", BRANCH).get(p) for p in periods] == levels


def test_a_performance_flag_says_it_already(catalogue: Catalogue) -> None:
    """No peer flag beside it, also where it is only watched; and the flag of the quarter before is not closed by that."""
    province = Province(catalogue, YEAR)
    for period, attended in zip(YEAR, (100, 94, 100, 100), strict=True):
        province.judge(
            BRANCH,
            period,
            SHARE,
            attended,
            100,
            peer_position="inside" if period == "2025Q4" else "below_998",
            peer_median=1.0,
        )
    flagged = province.flagged()
    assert flagged.levels("performance", BRANCH) == {"2025Q2": "watch"}
    assert flagged.runs_of("peer", BRANCH) == [("2025Q1", "2025Q3", 2, "2025Q4", "among_peers")]
    assert flagged.of("peer", BRANCH)["2025Q1"]["reason"] == (
        "一小第一支部2025年第一季度“党员参学率”为100.0%，在同类组“学校·不足50人”9个支部中明显偏低，请了解原因。"
    )


def test_a_peer_flag_names_what_the_limits_are_about(catalogue: Catalogue) -> None:
    """What the group has in common is its pooled share, not its median; who has no position is in neither."""
    province = Province(catalogue, YEAR)
    share, small = "party_day_participation", {"peer_median": 0.95, "peer_position": "inside"}
    province.judge(BRANCH, "2025Q2", share, 40, 100, peer_median=0.95, peer_position="below_998")
    province.judge("S2-1", "2025Q2", share, 19, 20, **small)
    province.judge("S2-2", "2025Q2", share, 178, 180, **small)
    province.judge("S2-3", "2025Q2", share, 0, 50)
    province.judge("S3-1", "2025Q2", share, 0, 50, **(small | {"peer_group": "branch:large"}))
    # of counts the mean
    for code, solved in ((UNIT, 1), ("S2", 30), ("S3", 29)):
        position = "below_998" if code == UNIT else "inside"
        province.judge(code, "2025Q4", "problems_solved", solved, peer_position=position)
    flagged = province.flagged()
    assert flagged.of("peer", BRANCH)["2025Q2"]["evidence"] == (
        "同类合计79.0%（237÷300），在按本支部规模计算的99.8%控制限之外"
    )
    assert flagged.of("peer")["2025Q4"]["evidence"] == "同类平均每个单位20件，在该平均数的99.8%控制限之外"


def charted(
    catalogue: Catalogue, points: dict[str, tuple[str, str | None]], grain: str, indicator: str = SHARE
) -> dict[str, str]:
    province = Province(catalogue, YEARS)
    at = {
        "unit_code": UNIT,
        "indicator": indicator,
        "grain": grain,
        "value": 0.8,
        "then_centre": 0.9,
        "then_lower": 0.85,
        "then_upper": 0.95,
    }
    province.trends += [
        {**at, "point": point, "then_signal": signal, "then_side": side}
        for point, (signal, side) in points.items()
    ]
    return province.flagged().levels("trend")


def test_trends_flag_the_worse_side_at_any_point_of_the_quarter(catalogue: Catalogue) -> None:
    months = {"2025-01": ("none", None), "2025-02": ("astronomical", "low"), "2025-03": ("none", None), "2025-06": ("shift", "low"),
              "2025-07": ("none", None), "2025-09": ("astronomical", "high")}  # fmt: skip
    assert charted(catalogue, months, "month") == {"2025Q1": "amber", "2025Q2": "watch"}
    assert charted(catalogue, {"2025Q3": ("too_few_points", None)}, "quarter") == {}
    lower = {"2025Q3": ("astronomical", "high"), "2025Q4": ("astronomical", "low")}
    assert charted(catalogue, lower, "quarter", "inspections_increase") == {"2025Q3": "amber"}


def test_of_several_points_of_a_quarter_the_gravest_is_told(catalogue: Catalogue) -> None:
    months = {"2025-01": ("astronomical", "low"), "2025-02": ("shift", "low"), "2025-03": ("shift", "low")}
    assert charted(catalogue, months, "month") == {"2025Q1": "amber"}


@given(n=st.integers(2, 400), ks=st.lists(st.floats(0, 1), min_size=4, max_size=12), times=st.integers(2, 5))
@settings(max_examples=12, deadline=None)
def test_more_evidence_never_lowers_a_level(
    catalogue: Catalogue, n: int, ks: list[float], times: int
) -> None:
    """One fewer of as many, or the same share of more, is never told more mildly."""
    counts = sorted({round(k * n) for k in ks})
    cases = [("branch", SHARE, k, n) for k in counts] + [
        ("branch", SHARE, k * times, n * times) for k in counts
    ]
    gravity = [GRAVITY[level] for level in levels_of(catalogue, cases)]
    of_n, of_more = gravity[: len(counts)], gravity[len(counts) :]
    assert of_n == sorted(of_n)
    assert all(more <= fewer for fewer, more in zip(of_n, of_more, strict=True))


STATES = {"missed": (70, 100), "met": (100, 100), "silent": (0, 0)}


def told(states: Sequence[str]) -> tuple[list[tuple[str, str, int]], list[tuple[str, str, int, str | None]]]:
    """What a reader would count by hand: (period, since, times) of each flag, and (since, last period, times, closed in) of each run."""
    flags: list[tuple[str, str, int]] = []
    runs: list[tuple[str, str, int, str | None]] = []
    is_open = False
    for period, state in zip(YEARS, states, strict=True):
        if state == "missed":
            since, times = (runs[-1][0], runs[-1][2] + 1) if is_open else (period, 1)
            runs[-1:] = (
                [(since, period, times, None)] if is_open else [*runs[-1:], (since, period, times, None)]
            )
            flags.append((period, since, times))
            is_open = True
        elif state == "met" and is_open:
            runs[-1] = (*runs[-1][:3], period)
            is_open = False
    return flags, runs


@given(st.lists(st.lists(st.sampled_from(sorted(STATES)), min_size=12, max_size=12), min_size=1, max_size=20))
@settings(max_examples=6, deadline=None)
def test_closing_and_reopening_count_right(catalogue: Catalogue, histories: list[list[str]]) -> None:
    """Any turn of missed, met and not judged: since, times and closings are what one counts by hand."""
    province = Province(catalogue, YEARS)
    for place, states in enumerate(histories):
        for period, state in zip(YEARS, states, strict=True):
            province.judge(f"T{place}-1", period, SHARE, *STATES[state])
    flagged = province.flagged()
    for place, states in enumerate(histories):
        flags, runs = told(states)
        rows = flagged.of("performance", f"T{place}-1").items()
        assert [(p, f["since"], f["times"]) for p, f in rows] == flags
        assert [run[:4] for run in flagged.runs_of("performance", f"T{place}-1")] == runs


def test_the_order_of_rows_decides_nothing(catalogue: Catalogue) -> None:
    def shuffled(seed: int | None) -> Flagged:
        province = Province(catalogue, YEARS, under_gate=frozenset({"2024Q2"}), late=frozenset({"2023Q1"}))
        random = Random(1)
        for period in YEARS:
            for code in (UNIT, BRANCH, "C1"):
                position = random.choice(["below_998", "below_95", "inside"])
                province.judge(
                    code,
                    period,
                    SHARE,
                    random.randint(80, 100),
                    100,
                    peer_position=position,
                    peer_median=0.98,
                )
        if seed is not None:
            Random(seed).shuffle(province.values)
        return province.flagged()

    assert shuffled(None) == shuffled(2) == shuffled(3)
