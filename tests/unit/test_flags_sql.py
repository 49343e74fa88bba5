"""The gate in flags.sql: a unit whose data do not pass, and its branches, are flagged for quality and never for performance."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipelines.warehouse import open_warehouse

YEAR = ("2025Q1", "2025Q2", "2025Q3")
NUMBER = pl.Decimal(18, 4)
BRANCH = "U-1"


def flags(
    under: dict[str, bool], findings: int = 0, on_time: bool = True, time_zone: str = "Asia/Shanghai"
) -> list[dict[str, Any]]:
    """Flags of a unit and its branch that miss one standard in every period; under: period → whether the data are under the gate."""
    with open_warehouse(None) as warehouse:
        unit = {"unit_code": "U", "name": "一小", "kind": "school", "parent_code": None, "valid_from": date(2020, 1, 1), "valid_to": None}  # fmt: skip
        branch = unit | {"unit_code": BRANCH, "name": "第一支部", "kind": "branch", "parent_code": "U"}
        kinds = {"parent_code": pl.String, "valid_to": pl.Date}
        # A school below a city's bureau is no branch of it.
        city = unit | {"unit_code": "C", "name": "市教育工委", "kind": "city"}
        warehouse.replace("dim_unit", pl.DataFrame([unit | {"parent_code": "C"}, branch, city], schema_overrides=kinds))  # fmt: skip
        due = {"is_due": True, "due_at": datetime(2025, 12, 1, 17), "time_zone": time_zone}  # noqa: DTZ001
        warehouse.replace("dim_period", pl.DataFrame([{"period": p, "label_zh": p, "last_day": date(2025, 3, 28), **due} for p in YEAR]))  # fmt: skip
        sent = [
            {"submission_id": f"{code}{p}", "unit_code": code, "period": p, "state": "accepted", "counts": True, "on_time": on_time, "version": 1,
             "n_block": 0, "n_explain": findings, "received_at": due["due_at"]}
            for code in ("U", "C") for p in YEAR
        ]  # fmt: skip
        warehouse.replace("submissions", pl.DataFrame(sent))
        graded = [
            {"submission_id": s["submission_id"], "unit_code": s["unit_code"], "period": s["period"], "gate_points": Decimal(80),
             "points": Decimal("79.99") if low else Decimal(80), "grade_zh": "丁级" if low else "丙级", "passes": not low, "reason": "理由。"}
            for s in sent
            for low in (s["unit_code"] == "U" and under.get(s["period"], False),)
        ]  # fmt: skip
        warehouse.replace(
            "grades", pl.DataFrame(graded, schema_overrides={"points": NUMBER, "gate_points": NUMBER})
        )
        values = [
            {"unit_code": code, "period": p, "indicator": "X", "status": "not_met", "value": 0.5, "standard": Decimal("0.9"), "due_share": 1.0,
             "numerator": Decimal(1), "denominator": Decimal(2), "stated": True, "compare": "at_least"}
            for code in ("U", BRANCH, "C") for p in YEAR
        ]  # fmt: skip
        amounts = dict.fromkeys(("standard", "numerator", "denominator"), NUMBER)
        warehouse.replace("indicator_values", pl.DataFrame(values, schema_overrides=amounts))
        warehouse.replace("indicator_periods", pl.DataFrame([{"period": p, "indicator": "X", "label_zh": "参学率", "unit": "%", "clause": "L1.1"} for p in YEAR]))  # fmt: skip
        no_signs = dict.fromkeys(("unit_code", "period", "sign"), pl.String) | {"p_adjusted": pl.Float64}
        warehouse.replace("signs", pl.DataFrame(schema=no_signs))
        warehouse.replace("dim_label", pl.DataFrame(schema=dict.fromkeys(("enumeration", "code", "label_zh"), pl.String)))  # fmt: skip
        warehouse.make("flags")
        return warehouse.frame("flags", "select * from flags order by unit_code, period, kind").to_dicts()


def kinds_of(found: list[dict[str, Any]], code: str) -> dict[str, list[str]]:
    return {p: [f["kind"] for f in found if f["unit_code"] == code and f["period"] == p] for p in YEAR}


def test_data_that_pass_are_judged_by_performance() -> None:
    found = flags({})
    assert kinds_of(found, "U") == kinds_of(found, BRANCH) == {p: ["performance"] for p in YEAR}
    assert {f["level"] for f in found if f["unit_code"] == "U"} == {"red"}


def test_data_under_the_gate_are_flagged_for_quality_alone() -> None:
    """Neither red nor amber nor watch: no performance flag at all, of the unit or of its branches; others keep theirs."""
    found = flags({"2025Q2": True})
    assert kinds_of(found, "U") == {
        "2025Q1": ["performance"],
        "2025Q2": ["quality"],
        "2025Q3": ["performance"],
    }
    assert kinds_of(found, BRANCH)["2025Q2"] == []
    assert kinds_of(found, "C")["2025Q2"] == ["performance"]
    (flag,) = [f for f in found if f["kind"] == "quality"]
    assert flag["level"] == "red"
    assert flag["reason"].startswith("一小2025Q2报表数据质量为丁级（79.99分，达到80分方可作为依据），")
    assert "不作绩效预警" in flag["reason"]
    assert flag["reason"].endswith("理由。请按问题清单改正或说明后重新报送。")


def test_a_quarter_under_the_gate_says_nothing_of_how_long_a_standard_has_been_missed() -> None:
    found = flags({"2025Q2": True})
    (last,) = [f for f in found if f["unit_code"] == "U" and f["period"] == "2025Q3"]
    assert last["since"] == "2025Q1"


def test_open_findings_of_data_that_pass_are_no_bar() -> None:
    found = flags({}, findings=1)
    assert kinds_of(found, "U")["2025Q1"] == ["performance", "quality"]
    (flag,) = [f for f in found if (f["unit_code"], f["period"], f["kind"]) == ("U", "2025Q1", "quality")]
    assert (flag["level"], "相关数据暂不采用" in flag["reason"]) == ("amber", True)


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", "2025-12-02"), ("Europe/London", "2025-12-01")])
def test_days_in_a_flag_are_those_of_the_calendars_time_zone(zone: str, day: str) -> None:
    late = [f for f in flags({}, on_time=False, time_zone=zone) if f["kind"] == "reporting"]
    assert {f["evidence"] for f in late} == {f"截止{day}，首次收到{day}"}
