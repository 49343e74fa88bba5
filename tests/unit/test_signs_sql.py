"""Since when a sign lasts, how tests add up by kind, and the one flag of a unit: signs.sql, sign_tests.sql, judged_pattern.sql."""

from __future__ import annotations

from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.signs.judge import COUNTED, RAISED
from pipelines.warehouse import open_warehouse
from tests.flagging import Province

PERIODS = [str(p) for p in Period(2024, 4).to(Period(2025, 4))]


def sign(period: str, sign: str, scope: str, test: str = "t", question: str | None = "Q") -> dict[str, Any]:
    kind = "city" if scope.startswith("32") else "branch" if "-" in scope else "unit"
    return {
        "sign_id": f"{sign}{scope}{period}{test}", "sign": sign, "test": test, "question": question, "period": period,
        "scope_kind": kind, "scope_code": scope, "unit_code": None if kind == "city" else scope[:2],
    }  # fmt: skip


def count(
    period: str, sign: str, test: str = "t", question: str | None = "Q", raised: int = 1
) -> dict[str, Any]:
    return {
        "period": period,
        "sign": sign,
        "test": test,
        "question": question,
        "tests": 9,
        "judged": 4,
        "raised": raised,
        "rate": 0.05,
    }


def made(table: str, signs: list[dict[str, Any]], counts: list[dict[str, Any]]) -> pl.DataFrame:
    with open_warehouse(None) as warehouse:
        warehouse.replace("signs_found", pl.DataFrame(signs, schema=RAISED))
        warehouse.replace("sign_counts", pl.DataFrame(counts, schema=COUNTED))
        warehouse.make(table)
        return warehouse.frame(table, f"select * from {table}")


def since(signs: list[dict[str, Any]], counts: list[dict[str, Any]]) -> dict[str, str]:
    return dict(made("signs", signs, counts).sort("sign_id").select("sign_id", "since").rows())


def test_a_sign_lasts_since_its_unbroken_run_began() -> None:
    counts = [count(period, "a") for period in PERIODS]
    found = since([sign(p, "a", "S1") for p in (PERIODS[0], PERIODS[2], PERIODS[3], PERIODS[4])], counts)
    assert list(found.values()) == [PERIODS[0], PERIODS[2], PERIODS[2], PERIODS[2]]


def test_quarters_that_do_not_ask_the_question_interrupt_nothing() -> None:
    halves = ["2024Q4", "2025Q2", "2025Q4"]
    found = since(
        [sign(p, "a", "S1") for p in halves],
        [count(p, "a") for p in halves] + [count(p, "a", question="R") for p in PERIODS],
    )
    assert set(found.values()) == {"2024Q4"}


def test_runs_of_other_scopes_tests_and_questions_are_their_own() -> None:
    variants: list[dict[str, Any]] = [{}, {"test": "u"}, {"question": None}]
    counts = [count(p, "a", **variant) for p in PERIODS for variant in variants]
    signs = [
        sign(PERIODS[0], "a", "S1"),
        sign(PERIODS[1], "a", "S2"),
        sign(PERIODS[1], "a", "S1", **variants[1]),
    ]
    signs += [sign(p, "a", "S1", **variants[2]) for p in PERIODS[1:3]]
    found = since(signs, counts)
    assert [found[s["sign_id"]] for s in signs] == [
        PERIODS[0],
        PERIODS[1],
        PERIODS[1],
        PERIODS[1],
        PERIODS[1],
    ]


def test_tests_add_up_by_kind() -> None:
    counts = [count("2025Q4", "a"), count("2025Q4", "a", test="u", raised=0), count("2025Q4", "b")]
    rows = made("sign_tests", [], counts).sort("sign").rows()
    assert rows == [("2025Q4", "a", 18, 8, 10, 1, 0.05), ("2025Q4", "b", 9, 4, 5, 1, 0.05)]


def test_a_unit_has_one_flag_that_asks_and_a_city_none(catalogue: Catalogue) -> None:
    found = [
        ("2025Q4", "copied_rows", "S1"),
        ("2025Q4", "bunching", "S1"),
        ("2025Q3", "bunching", "S1"),
        ("2025Q4", "bunching", None),
    ]
    signs = [{"period": period, "sign": kind, "unit_code": code} for period, kind, code in found]
    flagged = Province(catalogue, ("2025Q2", *PERIODS, "2026Q1"), signs=signs).flagged()
    flags = flagged.of("pattern")
    assert len(flagged.flags) == len(flags)
    assert [(f["period"], f["level"], f["since"], f["times"]) for f in flags.values()] == [
        ("2025Q3", "watch", "2025Q3", 1),
        ("2025Q4", "watch", "2025Q3", 2),
    ]
    assert flags["2025Q4"]["reason"] == "一小2025年第四季度有2处填报数字需要向单位了解情况，请核对原始记录。"
    assert flags["2025Q4"]["evidence"] == "台账行相同、紧贴标准线"
    assert flagged.runs_of("pattern") == [("2025Q3", "2025Q4", 2, "2026Q1", "nothing_to_ask")]
