"""Declared rules about other submissions, on a few rows: what an answer is held against, and what is said of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl
import pytest

from expectations import Catalogue, Period, load_catalogue
from expectations.models.rule import RULE, Rule
from pipelines.dimensions import dim_period, dim_question
from pipelines.history_rules import asked_before
from pipelines.intake.answers import Finding
from pipelines.read_stage import history_findings
from pipelines.reading_frames import FINDING_SCHEMA
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.warehouse import Warehouse, open_warehouse

CATALOGUE = load_catalogue()
START = datetime(2024, 4, 9)  # noqa: DTZ001 — the warehouse holds UTC without a zone


class Said(NamedTuple):
    """One answer of one file. Files come in the order in which they are first named."""

    file: str
    unit: str
    period: str
    question: str
    raw: str
    branch: str | None = None
    number: str | None = None
    explanation: str | None = None


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(None) as opened:
        yield opened


def found(
    warehouse: Warehouse, said: Sequence[Said], catalogue: Catalogue = CATALOGUE, blocked: Sequence[str] = ()
) -> dict[str, list[Finding]]:
    """The declared rules' findings by file. blocked: files whose answers each have a finding that blocks."""
    files = {answer.file: answer for answer in said}
    warehouse.append("files", pl.DataFrame([
        {"submission_id": name, "unit_code": a.unit, "period": a.period, "file": "", "stored_as": "", "sha256": "", "read_with": "",
         "received_at": START + timedelta(days=day), "refused": False}
        for day, (name, a) in enumerate(files.items())
    ]))  # fmt: skip
    rows = [
        (a.file, a.unit, "city", a.period, a.branch, None, a.question,
         a.number or (a.raw if a.raw.lstrip("-").isdecimal() else None), None if a.raw.isdecimal() else a.raw, a.raw, a.explanation, "表", f"{a.question}{a.branch or ''}")
        for a in said
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=ANSWER_SCHEMA | {"number": pl.String}, orient="row")
    warehouse.append("answers_read", frame.cast({"number": ANSWER_SCHEMA["number"]}))
    blank = dict.fromkeys(FINDING_SCHEMA)
    warehouse.append("findings_found", pl.DataFrame([
        {**blank, "source": "answers", "finding_id": f"{a.file}{a.question}", "submission_id": a.file, "rule": "bounds", "severity": "block",
         "message": "", "question": a.question, "branch_code": a.branch}
        for a in said if a.file in blocked
    ], schema=FINDING_SCHEMA))  # fmt: skip
    periods = [Period.parse(code) for code in sorted({a.period for a in said})]
    warehouse.replace("dim_period", dim_period(catalogue, periods, datetime.now(UTC)))
    warehouse.replace("dim_question", dim_question(catalogue))
    warehouse.replace("judged", pl.DataFrame({"submission_id": list(files)}))
    declared = {rule.rule for rule in catalogue.rules if rule.check in ("compare", "unique")}
    by_file: dict[str, list[Finding]] = {name: [] for name in files}
    for name, finding in history_findings(warehouse, catalogue):
        if finding.rule in declared:
            by_file[name].append(finding)
    return by_file


def members(*numbers: int | None, first: str = "2024Q1") -> list[Said]:
    """A branch's members quarter by quarter, each quarter in a file of its own; None: no file."""
    periods = Period.parse(first).to(Period.parse("2030Q4"))
    return [
        Said(str(period), "C1", str(period), "L3.4a", str(number), "C1-01")
        for period, number in zip(periods, numbers, strict=False)
        if number is not None
    ]


@pytest.mark.parametrize(
    ("numbers", "asked"),
    [
        ((30, 39), []),  # 30% of 30 is 9
        ((30, 40), ["2024Q2"]),
        ((30, 20), ["2024Q2"]),
        ((6, 11), []),  # by 5, though by more than 30%
        ((6, 12), ["2024Q2"]),
        ((30, 45, 31), ["2024Q2"]),  # back where it was
        ((30, 45, 45), ["2024Q2"]),
        ((30, 45, 70), ["2024Q2", "2024Q3"]),
        ((30, 31, 45, 30), ["2024Q3"]),
        ((30, None, 60), ["2024Q3"]),  # the last answer there is
        ((30, None, 31), []),
        ((30, None, None, None, None, 60), []),  # too long ago to say what is usual
    ],
)
def test_a_stock_is_held_against_the_last_time(
    warehouse: Warehouse, numbers: tuple[int | None, ...], asked: list[str]
) -> None:
    by_file = found(warehouse, members(*numbers))
    assert {
        name: [finding.rule for finding in findings] for name, findings in by_file.items() if findings
    } == {name: ["members_jump"] for name in asked}


def test_the_finding_says_what_was_said_the_last_time(warehouse: Warehouse) -> None:
    before, now = members(30, 45)
    by_file = found(warehouse, [before, now._replace(explanation="并入一个支部")])
    assert by_file["2024Q2"] == [
        Finding("members_jump", "表", "L3.4aC1-01", "C1-01", "L3.4a", None, "45",
                "本项与上次填报的“党员数”（30）相差应不超过9人", "并入一个支部")
    ]  # fmt: skip


def test_only_the_version_that_counts_is_held_against(warehouse: Warehouse) -> None:
    """The latest accepted one; of a quarter that was returned altogether, nothing that was blocked."""
    first, now = members(30, 45)
    later = first._replace(file="corrected", raw="44")
    assert found(warehouse, [first, later, now])["2024Q2"] == []
    with open_warehouse(None) as another:
        assert found(another, [first, later, now], blocked=["corrected"])["2024Q2"] != []
    with open_warehouse(None) as another:
        assert found(another, [first, now], blocked=["2024Q1"])["2024Q2"] == []


def test_last_year_is_the_last_time_of_a_yearly_question(warehouse: Warehouse) -> None:
    said = [
        Said("a", "C1", "2024Q4", "S1.4a", "18"), Said("a", "C1", "2024Q4", "O2.2a", "已印发", number="1"),
        Said("b", "C1", "2025Q4", "S1.4b", "17"), Said("b", "C1", "2025Q4", "O2.2a", "起草中", number="0"),
        Said("c", "C2", "2024Q4", "S1.4a", "18"), Said("c", "C2", "2024Q4", "O2.2a", "起草中", number="0"),
        Said("d", "C2", "2025Q4", "S1.4b", "18"), Said("d", "C2", "2025Q4", "O2.2a", "已印发", number="1"),
    ]  # fmt: skip
    by_file = found(warehouse, said)
    assert {f.rule: (f.found, f.expected) for f in by_file["b"]} == {
        "inspections_as_reported_last_year": (
            "17",
            "本项应等于上次填报的“本年对学校的检查评估评比表彰项数”（18）",
        ),
        "issued_rules_stay_issued": ("起草中", "上次填“已印发”的，本次仍应填“已印发”"),
    }
    assert by_file["d"] == []


def test_a_cumulated_figure_must_not_fall_within_the_year(warehouse: Warehouse) -> None:
    """The catalogue asks none on purpose; whoever adds one declares this."""
    rule: Rule = RULE.validate_python(
        {"rule": "cumulated", "check": "compare", "severity": "block", "label_zh": "累计数减少", "mend": "请改正",
         "left": ["L3.1a"], "compare": "at_least", "right": [{"last": "L3.1a", "same_year": True}], "cell": "L3.1a"}
    )  # fmt: skip
    declared = dataclasses.replace(CATALOGUE, rules=(*CATALOGUE.rules, rule))
    said = [
        Said(period, "C1", period, "L3.1a", raw)
        for period, raw in (
            ("2024Q3", "4"),
            ("2024Q4", "6"),
            ("2025Q1", "1"),
            ("2025Q2", "3"),
            ("2025Q3", "2"),
        )
    ]
    by_file = found(warehouse, said, declared)
    assert {name for name, findings in by_file.items() if findings} == {"2025Q3"}
    (finding,) = by_file["2025Q3"]
    assert (finding.found, finding.expected) == ("2", "本项应不小于本年上次填报的“中心组集中学习次数”（3）")


def test_products_and_sums_with_an_earlier_answer_are_exact(warehouse: Warehouse) -> None:
    rule: Rule = RULE.validate_python(
        {"rule": "mixed", "check": "compare", "severity": "explain", "label_zh": "多", "mend": "请改正", "left": ["L3.4b"], "compare": "at_most",
         "right": [{"product": ["L3.4a", "L3.4a"]}, {"last": "L3.4b"}], "cell": "L3.4b"}
    )  # fmt: skip
    declared = dataclasses.replace(CATALOGUE, rules=(rule,))
    said = [
        Said("a", "C1", "2025Q1", "L3.4b", "x", "B1", number="0.1"),
        Said("b", "C1", "2025Q2", "L3.4b", "y", "B1", number="9.1"), Said("b", "C1", "2025Q2", "L3.4a", "3", "B1"),
        Said("c", "C1", "2025Q3", "L3.4b", "z", "B1", number="18.2001"), Said("c", "C1", "2025Q3", "L3.4a", "3", "B1"),
        Said("d", "C1", "2025Q3", "L3.4b", "9", "B2"), Said("d", "C1", "2025Q3", "L3.4a", "99999999", "B2"),  # no overflow
    ]  # fmt: skip
    by_file = found(warehouse, said, declared)
    assert [(f.rule, f.expected) for f in by_file["b"]] == []
    assert [(f.found, f.expected) for f in by_file["c"]] == [
        ("18.2001", "本项应不大于“党员数”乘以“党员数”、上次填报的“集中培训学时”之和（18.1）")
    ]


def test_a_rule_speaks_only_while_it_is_in_force_and_in_its_version(warehouse: Warehouse) -> None:
    rules = [
        RULE.validate_python(
            rule.model_dump()
            | {
                "effective_from": "2024-06-30",
                "changes": [{"effective_from": "2025-01-01", "within": {"share": "0.1", "least": 1}}],
            }
        )
        for rule in CATALOGUE.rules
        if rule.rule == "members_jump"
    ]
    declared = dataclasses.replace(CATALOGUE, rules=tuple(rules))
    by_file = found(warehouse, members(30, 60, 90, 91, first="2023Q4"), declared)
    assert {name for name, findings in by_file.items() if findings} == {"2024Q2"}
    with open_warehouse(None) as another:
        by_file = found(another, members(50, 40, 50, first="2024Q4"), declared)
    assert {name: f[0].expected for name, f in by_file.items() if f} == {
        "2025Q1": "本项与上次填报的“党员数”（50）相差应不超过5人"
    }


def test_the_later_of_two_units_with_one_number_is_asked(warehouse: Warehouse) -> None:
    said = [
        Said("a", "C1", "2024Q4", "O2.2b", "示例〔2024〕7号"),
        Said("b", "C2", "2024Q4", "O2.2b", "示例〔2024〕 7 号"),
        Said("c", "C1", "2025Q4", "O2.2b", "示例〔2024〕7号"),
        Said("d", "C3", "2024Q4", "O2.2b", "示例〔2024〕8号"),
    ]
    by_file = found(warehouse, said)
    assert {
        name: [(f.rule, f.found, f.expected) for f in findings]
        for name, findings in by_file.items()
        if findings
    } == {"b": [("rules_number_unique", "示例〔2024〕 7 号", "本项不应与其他单位相同")]}


@pytest.mark.parametrize(
    ("code", "period", "before"),
    [("L3.4a", "2025Q1", "2024Q4"), ("I2.1b", "2025Q2", "2024Q4"), ("I2.1b", "2025Q1", "2024Q4"), ("S1.4a", "2025Q4", "2024Q4"), ("L3.4a", "2021Q1", None)],
)  # fmt: skip
def test_when_a_question_was_asked_last(code: str, period: str, before: str | None) -> None:
    last = asked_before(CATALOGUE, code, Period.parse(period))
    assert (last and str(last)) == before
