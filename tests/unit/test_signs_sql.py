"""Since when a sign lasts, how tests add up by kind, and the one flag of a unit: signs.sql, sign_tests.sql, flags.sql."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.dimensions import dim_label
from pipelines.signs.judge import COUNTED, RAISED
from pipelines.warehouse import open_warehouse

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
    signs = [
        sign("2025Q4", "copied_rows", "S1-1"), sign("2025Q4", "bunching", "S1"), sign("2025Q3", "bunching", "S1"),
        sign("2025Q4", "bunching", "320100"),
    ]  # fmt: skip
    moment, day = datetime(2026, 1, 20), date(2020, 1, 1)  # noqa: DTZ001 — the warehouse holds UTC without a zone
    with open_warehouse(None) as warehouse:
        warehouse.replace("signs", pl.DataFrame(signs))
        warehouse.replace("dim_label", dim_label(catalogue))
        warehouse.replace("dim_unit", pl.DataFrame(
            [{"unit_code": "S1", "name": "一小", "kind": "school", "parent_code": None, "valid_from": day, "valid_to": None}],
            schema_overrides={"valid_to": pl.Date, "parent_code": pl.String},
        ))  # fmt: skip
        warehouse.replace("dim_period", pl.DataFrame([
            {"period": p, "label_zh": f"{p}期", "is_due": False, "due_at": moment, "last_day": Period.parse(p).last_day, "time_zone": "Asia/Shanghai"} for p in PERIODS
        ]))  # fmt: skip
        warehouse.run(
            "indicator_values",
            "create table indicator_values (unit_code varchar, period varchar, indicator varchar, numerator decimal(18, 4), denominator decimal(18, 4), value double, standard decimal(18, 4), status varchar, due_share double, stated boolean, compare varchar)",
        )
        warehouse.run(
            "indicator_periods",
            "create table indicator_periods (period varchar, indicator varchar, label_zh varchar, unit varchar, clause varchar)",
        )
        warehouse.run(
            "submissions",
            "create table submissions (unit_code varchar, period varchar, state varchar, on_time boolean, received_at timestamp, counts boolean, n_block integer, n_explain integer, version integer, submission_id varchar)",
        )
        warehouse.run(
            "grades",
            "create table grades (submission_id varchar, unit_code varchar, period varchar, passes boolean, grade_zh varchar, points decimal(18, 4), gate_points decimal(18, 4), reason varchar)",
        )
        warehouse.make("flags")
        flags = warehouse.frame("flags", "select * from flags order by period").to_dicts()
    assert [(f["period"], f["kind"], f["level"], f["since"]) for f in flags] == [
        ("2025Q3", "pattern", "watch", "2025Q3"),
        ("2025Q4", "pattern", "watch", "2025Q3"),
    ]
    assert flags[1]["reason"] == "一小2025Q4期有2处填报数字需要向单位了解情况，请核对原始记录。"
    assert flags[1]["evidence"] == "台账行相同、紧贴标准线"
