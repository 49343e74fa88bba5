"""What a template knows of a unit: its last accepted answer to each question, whichever earlier quarter asked it last."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from expectations import Period
from pipelines.marts.accepted import last_accepted_answers
from tests.marts import publish


def sent(code: str, period: str, state: str) -> dict[str, object]:
    return {"submission_id": code, "unit_code": "S1", "period": period, "state": state}


def answered(
    code: str, period: str, question: str, value: int, branch: str | None = None
) -> dict[str, object]:
    return {
        "submission_id": code, "unit_code": "S1", "period": period, "question": question, "value": Decimal(value), "branch_code": branch,
    }  # fmt: skip


TABLES = {
    "submissions": [
        sent("a", "2024Q4", "accepted"), sent("b", "2025Q2", "superseded"), sent("c", "2025Q2", "accepted"),
        sent("d", "2025Q3", "returned"),
    ],
    "answers": [
        answered("a", "2024Q4", "L3.5a", 1), answered("a", "2024Q4", "O1.1a", 4), answered("a", "2024Q4", "L3.4a", 30, "S1-01"),
        answered("b", "2025Q2", "L3.5a", 2), answered("c", "2025Q2", "L3.5a", 3), answered("c", "2025Q2", "L3.4a", 31, "S1-01"),
        answered("d", "2025Q3", "L3.5a", 9),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "known"),
    [
        ("2026Q1", [("L3.4a", "S1-01", 31), ("L3.5a", None, 3), ("O1.1a", None, 4)]),
        ("2025Q2", [("L3.4a", "S1-01", 30), ("L3.5a", None, 1), ("O1.1a", None, 4)]),
    ],
)
def test_the_last_accepted_answer_to_each_question(
    before: str, known: list[tuple[str, str | None, int]], tmp_path: Path
) -> None:
    publish(tmp_path, TABLES)
    found = last_accepted_answers(tmp_path, "S1", Period.parse(before))
    assert found is not None
    rows = found.sort("question").select("question", "branch_code", "value").rows()
    assert rows == [(question, branch, Decimal(value)) for question, branch, value in known]


@pytest.mark.parametrize(("unit", "before"), [("S1", "2024Q4"), ("S2", "2026Q1")])
def test_nothing_is_known_before_the_first(unit: str, before: str, tmp_path: Path) -> None:
    assert last_accepted_answers(tmp_path, unit, Period.parse(before)) is None
    publish(tmp_path, TABLES)
    assert last_accepted_answers(tmp_path, unit, Period.parse(before)) is None
