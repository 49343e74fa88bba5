"""报送 in tables and words: what is open, what it replaces, and a receipt; and names of files that are words, never paths."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.markup import Badge
from dashboards.scope import Scope
from dashboards.tables import submit as tables
from pipelines.desk.files import client_name
from pipelines.desk.messages import HandedIn, Looked
from pipelines.desk.standing import Standing
from pipelines.exports.labels import Labels
from pipelines.labels import ENUMERATIONS
from pipelines.marts.published import PublishedRun
from pipelines.marts.versions import compare_file
from pipelines.store.submissions import StoredSubmission
from pipelines.validation.schema import ANSWER_SCHEMA
from tests.marts import publish

AT = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 1, 20, 15, 59, 59, tzinfo=UTC)
LABELS = [
    {"enumeration": name, "code": code, "label_zh": zh}
    for name, labels in ENUMERATIONS.items()
    for code, zh, _ in labels
]


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    publish(tmp_path, {"dim_label": LABELS})
    run = PublishedRun.open(tmp_path)
    return Scope(run, Labels.of(run), "2025Q4", "2025年第四季度", DUE, is_due=True)


def stored(name: str) -> StoredSubmission:
    return StoredSubmission(name, name, "S1", "2025Q4", AT, f"{name}.xlsx", name, AT)


def versions(*rows: tuple[str, int | None, str, bool]) -> pl.DataFrame:
    """Submissions that the run knows: id, version, state, whether it counts."""
    return pl.DataFrame(
        [(*row, AT) for row in rows],
        schema=["submission_id", "version", "state", "counts", "received_at"],
        orient="row",
    )


def found(severity: str, *, explained: bool | None = None, **columns: Any) -> dict[str, Any]:
    return {"severity": severity, "explained": explained, "sheet": "学习型", "cell": "D6", "question": "L1.1a",
            "message": severity, "explanation": None, **columns}  # fmt: skip


def test_what_must_be_corrected_comes_first_and_then_what_is_still_to_be_explained(scope: Scope) -> None:
    listed = [
        found("inform"),
        found("explain", explained=True, explanation="疫情期间停课"),
        found("explain", explained=False),
        found("block", sheet=None, cell=None, question=None),
    ]
    table = tables.findings_table(listed, scope)
    badges = [row[0] for row in table.rows]
    assert [badge.code for badge in badges if isinstance(badge, Badge)] == [
        "block",
        "explain",
        "explain",
        "inform",
    ]
    assert [row[-1] for row in table.rows] == ["", "待说明", "已说明：疫情期间停课", ""]
    assert list(table.rows[0][1:4]) == ["整个文件", "—", "—"]


@pytest.mark.parametrize(
    ("rows", "unheard", "blocked", "words"),
    [
        ([], 0, 0, "本单位本期的第一份"),
        ([], 0, 2, "本单位本期的第一份"),
        ([("a", 1, "accepted", True)], 0, 0, "替代第1版"),
        ([("a", 1, "accepted", True)], 0, 1, "不替代：有强制问题的一份会被退回，仍以已采用的第1版为准"),
        ([("a", 1, "superseded", False), ("b", 2, "returned", True)], 0, 1, "替代第2版"),
        (
            [("a", 1, "accepted", True)],
            1,
            0,
            "另有1份已收到、等待运行；以最后报送且可以采用的一份为准",
        ),
        ([("a", None, "refused", False)], 0, 0, "本单位本期的第一份"),
    ],
)
def test_what_the_file_takes_the_place_of(
    rows: list[tuple[str, int | None, str, bool]], unheard: int, blocked: int, words: str
) -> None:
    counting = tables.counting(versions(*rows)) if rows else None
    assert tables.replaces(counting, unheard, blocked) == words


@pytest.mark.parametrize(
    ("blocked", "to_explain", "words"),
    [(0, 0, "没有"), (2, 0, "强制2处"), (0, 1, "待说明1处"), (1, 3, "强制1处、待说明3处")],
)
def test_what_is_open(blocked: int, to_explain: int, words: str) -> None:
    assert tables.open_findings(blocked, to_explain) == words


def test_where_a_unit_stands(scope: Scope) -> None:
    known = versions(("a", 1, "accepted", True))
    stands = Standing(DUE, None, exempt=False, received=(stored("a"), stored("b")))
    facts = dict(tables.standing_facts(stands, known, scope, AT))
    assert facts == {
        "报送截止": "2026-01-20 23:59",
        "已收到": "2份，其中1份等待下一次运行",
        "现用版本": "第1版（2026-01-10 10:00收到，已采用）",
    }
    late = datetime(2026, 2, 1, tzinfo=UTC)
    assert "计为逾期" in str(dict(tables.standing_facts(stands, known, scope, late))["报送截止"])
    shut = Standing(DUE, date(2026, 1, 31), exempt=False, received=())
    assert "计为逾期" not in str(dict(tables.standing_facts(shut, known, scope, late))["报送截止"])
    let = Standing(DUE, None, exempt=True, received=())
    assert "例外" in str(dict(tables.standing_facts(let, known, scope, late))["锁定"])


@pytest.mark.parametrize(
    ("already", "words"), [(False, "已经收到。下一次运行后生效"), (True, "没有重复接收")]
)
def test_a_receipt_says_all_that_is_needed_to_ask_after_it(scope: Scope, already: bool, words: str) -> None:
    receipt = HandedIn(
        submission_id="ab", sha256="abcd", file="=1+1.xlsx", stored_as="submissions/2025Q4/x.xlsx",
        received_at=AT, already=already, remarks=["另有说明。"],
    )  # fmt: skip
    assert words in tables.receipt_reading(receipt)
    table = tables.receipt_table(receipt, "一小（S1）", "2025年第四季度", "没有", scope)
    lines = {str(row[0]): row[1] for row in table.rows}
    assert (lines["收到时间"], lines["SHA-256校验值"], lines["报送编号"]) == (
        "2026-01-10 10:00",
        "abcd",
        "ab",
    )
    assert lines["说明"] == "另有说明。"
    assert b"\n=1+1" not in table.csv()
    assert b",=1+1" not in table.csv()


def answers(**cells: int) -> pl.DataFrame:
    """A file's answers as it was read."""
    rows = [
        {
            "question": question.replace("_", "."),
            "number": value,
            "raw": str(value),
            "sheet": "学习型",
            "cell": "D6",
        }
        for question, value in cells.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"number": pl.Decimal(18, 4)}).select(
        pl.col(name) if name in rows[0] else pl.lit(None, dtype=kind).alias(name)
        for name, kind in ANSWER_SCHEMA.items()
    )


def test_a_file_is_compared_with_the_version_that_counts(tmp_path: Path) -> None:
    base = {"unit_code": "S1", "period": "2025Q4"}
    publish(tmp_path, {
        "dim_unit": [{"unit_code": "S1", "name": "一小", "kind": "school"}], "dim_period": [{"period": "2025Q4"}],
        "submissions": [
            {**base, "submission_id": "new", "version": 2, "counts": False, "n_block": 3},
            {**base, "submission_id": "old", "version": 1, "counts": True, "n_block": 0},
        ],
        "answers": [
            {**base, "submission_id": "old", "question": "L1", "value": 5, "raw": "5", "sheet": "学习型", "cell": "D6"},
            {**base, "submission_id": "new", "question": "L1", "value": 9, "raw": "9", "sheet": "学习型", "cell": "D6"},
        ],
    })  # fmt: skip
    run = PublishedRun.open(tmp_path)
    told = compare_file(run, "S1", "2025Q4", answers(L1=9, L2=1))
    assert told is not None
    assert [(row["change"], row["question"], row["was_accepted"]) for row in told.cells.to_dicts()] == [
        ("changed", "L1", True),
        ("added", "L2", False),
    ]
    assert tables.comparison_reading(told).startswith("本文件与现用的第1版相比，改动1格、新增1格。")
    same = compare_file(run, "S1", "2025Q4", answers(L1=5))
    assert same is not None
    assert tables.comparison_reading(same) == "本文件与现用的第1版相比，没有差别。"
    assert compare_file(run, "S1", "2025Q3", answers(L1=5)) is None


@given(st.text(max_size=300))
def test_a_clients_name_is_a_word_and_never_a_path(name: str) -> None:
    own = client_name(name)
    assert own
    assert len(own) <= 120
    assert not {"/", "\\", "\0", "\n"} & set(own)
    assert own not in (".", "..")


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\报表.xlsx", "报表.xlsx"),
        ("", "报表.xlsx"),
        ("..", "报表.xlsx"),
        ("a" * 200 + ".xlsx", "a" * 115 + ".xlsx"),
        ("一\n二.xlsx", "一␊二.xlsx"),
    ],
)
def test_a_clients_name(name: str, own: str) -> None:
    assert client_name(name) == own


def test_an_answer_comes_back_as_it_was_given() -> None:
    looked = Looked(
        status=1,
        unit_code="S1",
        period="2025Q4",
        summary="x",
        returned=bytes(range(256)),
        findings=[found("block")],
    )
    assert Looked.model_validate_json(looked.model_dump_json()) == looked
