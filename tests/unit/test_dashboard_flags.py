"""The flags tab of a unit: what stands open, what closed in the period and why, what closed before; reviewers' questions apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboards.queries import flags as queries
from dashboards.scope import Scope
from dashboards.tables import flags as tables
from pipelines.exports.labels import Labels
from pipelines.labels import ENUMERATIONS
from pipelines.marts.published import PublishedRun
from tests.marts import BLANKS, publish

LAST, NOW, NEXT = "2025Q2", "2025Q3", "2025Q4"


def run_of(
    code: str,
    kind: str,
    since: str,
    last: str,
    times: int,
    closed_in: str | None,
    closing: str | None,
    **other: Any,
) -> dict[str, Any]:
    return {"unit_code": code, "kind": kind, "since": since, "last_period": last, "times": times, "closed_in": closed_in, "closing": closing,
            "level": "amber", "reason": f"{code}{kind}。", "evidence": "", **other}  # fmt: skip


RUNS = [
    run_of("S1", "performance", LAST, NOW, 2, None, None, indicator="study", level="red"),
    run_of("S1-1", "performance", LAST, LAST, 1, None, None, indicator="yearly"),  # not judged since
    run_of("S1", "reporting", LAST, LAST, 1, NOW, "submitted"),
    run_of("S1", "quality", NOW, NOW, 1, NOW, "explained"),  # put right in the same quarter
    run_of("S1-1", "performance", "2024Q4", "2025Q1", 2, LAST, "met", indicator="study"),
    run_of("S1", "trend", NOW, NOW, 1, NEXT, "steady", indicator="study", level="watch"),  # later
    run_of("S1", "pattern", NOW, NOW, 1, None, None, level="watch"),
    run_of(
        "S2", "quality", "2025Q1", "2025Q1", 1, None, None
    ),  # never mended, though the next quarter was clean
    run_of("S2", "quality", LAST, LAST, 1, NOW, "locked", level="red"),
    run_of("S2", "reporting", NOW, NOW, 1, None, None),  # a school below S1's city, no branch
]


def rows_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    periods = ["2024Q4", "2025Q1", LAST, NOW, NEXT]
    judged = [p for p in periods if run["since"] <= p <= run["last_period"]][-run["times"] :]
    if run["closed_in"] == run["since"]:
        return []
    kept = {
        key: run.get(key)
        for key in ("unit_code", "kind", "indicator", "since", "level", "reason", "evidence")
    }
    return [kept | {"period": p, "times": n, "run_since": run["since"]} for n, p in enumerate(judged, 1)]


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    labels = [{"enumeration": name, "code": code, "label_zh": zh, "label_en": en} for name, entries in ENUMERATIONS.items() for code, zh, en in entries]  # fmt: skip
    units = [
        {"unit_code": "S1", "name": "一小", "kind": "city"},
        {"unit_code": "S1-1", "name": "第一支部", "kind": "branch", "parent_code": "S1"},
        {"unit_code": "S2", "name": "二小", "kind": "school", "parent_code": "S1"},
    ]
    flags = [row for run in RUNS for row in rows_of(run)]
    run: PublishedRun = publish(
        tmp_path, {"dim_label": labels, "dim_unit": units, "flag_runs": RUNS, "flags": flags}
    )
    return Scope(run, Labels.of(run), NOW, "2025年第三季度", BLANKS["TIMESTAMP"], is_due=True)


def test_open_ones_come_first_also_those_not_judged_this_quarter(scope: Scope) -> None:
    standing = queries.open_flags(scope.run, "S1", NOW)
    assert standing.select("unit_code", "kind", "period", "times").rows() == [
        ("S1", "performance", NOW, 2),
        ("S1-1", "performance", LAST, 1),
        ("S1", "trend", NOW, 1),
    ]
    shown = tables.open_table(standing, scope, "S1", "S1").rows
    assert [row[2] for row in shown] == ["本级", "第一支部", "本级"]
    assert [row[-3:] for row in shown] == [[LAST, "连续2期", NOW], [LAST, "首次", LAST], [NOW, "首次", NOW]]


def test_what_closed_says_why(scope: Scope) -> None:
    closed = queries.closed_flags(scope.run, "S1", NOW)
    assert [row[-2:] for row in tables.closed_table(closed, scope, "S1", "S1").rows] == [
        [NOW, "该期报表已说明"],
        [NOW, "其后一期已按时报送"],
    ]
    assert (
        tables.reading(queries.open_flags(scope.run, "S1", NOW), closed)
        == "未解除的预警3条，其中红色1条，最长的已连续2期；本期解除2条。"
    )


def test_history_stays(scope: Scope) -> None:
    past = queries.past_flags(scope.run, "S1", NOW)
    assert [row[-4:] for row in tables.past_table(past, scope, "S1", "S1").rows] == [
        ["2024Q4", "连续2期", LAST, "已达标"]
    ]
    then = queries.open_flags(scope.run, "S1", LAST)
    assert sorted(then.select("unit_code", "kind").rows()) == [
        ("S1", "performance"),
        ("S1", "reporting"),
        ("S1-1", "performance"),
    ]


def test_a_branch_has_its_own(scope: Scope) -> None:
    assert queries.open_flags(scope.run, "S1-1", NOW)["kind"].to_list() == ["performance"]


def test_questions_of_reviewers_are_shown_for_review_only(scope: Scope) -> None:
    assert "pattern" not in queries.open_flags(scope.run, "S1", NOW)["kind"]
    assert "pattern" in queries.open_flags(scope.run, "S1", NOW, review=True)["kind"]


def test_nothing_open_is_said(scope: Scope) -> None:
    nobody = queries.open_flags(scope.run, "S2", "2024Q4")
    assert tables.reading(nobody, queries.closed_flags(scope.run, "S2", "2024Q4")) == "没有未解除的预警。"


def test_what_its_own_quarter_must_mend_stands_open_until_it_is(scope: Scope) -> None:
    standing = queries.open_flags(scope.run, "S2", NOW)
    assert standing.select("kind", "period").rows() == [("quality", "2025Q1"), ("reporting", NOW)]
    closed = tables.closed_table(queries.closed_flags(scope.run, "S2", NOW), scope, "S2", "S2").rows
    assert [row[-2:] for row in closed] == [[NOW, "该期已锁定，补报、更正须先批准例外"]]
