"""The rules about versions of a submission, on a few rows: which version is compared with which, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import Catalogue
from expectations.models.rule import HistoryRule
from pipelines.check import check_file
from pipelines.failures import UserMistake
from pipelines.marts.versions import ANSWER_CHANGES, differences
from pipelines.plan import Inputs
from pipelines.reading_frames import FINDING_SCHEMA
from pipelines.settings import Settings
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.warehouse import SQL, Warehouse, open_warehouse, rule_sql

START = datetime(2025, 10, 9)  # noqa: DTZ001 — the warehouse holds UTC without a zone
Value = tuple[str | None, Decimal | None, str | None]  # raw, number, text
Answers = dict[tuple[str, str | None, int | None], tuple[Value, str | None]]
SILENT: Value = (None, None, None)


def number(raw: str) -> Value:
    return raw, Decimal(raw), None


def own(raw: Value, explanation: str | None = None) -> Answers:
    return {("L3.1a", None, None): (raw, explanation)}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(None) as opened:
        yield opened


def fill(warehouse: Warehouse, versions: dict[str, Answers], returned: dict[str, str]) -> None:
    """Files of one unit in the order of receipt, with their answers. returned: file → source of its blocking finding."""
    for table in ("files", "answers_read", "findings_found"):
        warehouse.run(table, f"delete from {table}")
    common = {
        "unit_code": "S1",
        "period": "2025Q3",
        "file": "",
        "stored_as": "",
        "sha256": "",
        "read_with": "",
    }
    warehouse.append("files", pl.DataFrame([
        {**common, "submission_id": code, "received_at": START + timedelta(days=day), "refused": False}
        for day, code in enumerate(versions)
    ]))  # fmt: skip
    warehouse.append("answers_read", pl.DataFrame([
        (code, "S1", "school", "2025Q3", branch, month, question, value[1], value[2], value[0], explanation, "学习型", "D5")
        for code, answers in versions.items()
        for (question, branch, month), (value, explanation) in answers.items()
    ], schema=ANSWER_SCHEMA, orient="row"))  # fmt: skip
    blank = dict.fromkeys(FINDING_SCHEMA)
    warehouse.append("findings_found", pl.DataFrame([
        {**blank, "source": source, "finding_id": code, "submission_id": code, "rule": "r", "severity": "block", "message": "m"}
        for code, source in returned.items()
    ], schema=FINDING_SCHEMA))  # fmt: skip
    warehouse.replace("judged", pl.DataFrame({"submission_id": list(versions)}))


@pytest.mark.parametrize(
    ("returned", "counts", "counts_alone"),
    [
        ({}, "c", "c"),
        ({"c": "reading"}, "b", "b"),
        ({"c": "answers", "b": "reading"}, "a", "a"),
        ({"a": "answers", "b": "answers", "c": "reading"}, "c", "c"),
        ({"c": "history"}, "b", "c"),  # what other submissions say of it decides for the marts alone
        ({"c": "history", "b": "answers"}, "a", "c"),
        ({"a": "history", "b": "answers", "c": "answers"}, "c", "a"),
    ],
)
def test_the_version_that_counts_is_defined_once(
    warehouse: Warehouse, returned: dict[str, str], counts: str, counts_alone: str
) -> None:
    fill(warehouse, dict.fromkeys("abc", own(number("3"))), returned)
    assert warehouse.run("counting", "from counting") == [(counts, "S1", "2025Q3")]
    assert warehouse.run("counting_alone", "from counting_alone") == [(counts_alone, "S1", "2025Q3")]


def found(warehouse: Warehouse, rule: str) -> list[tuple[Any, ...]]:
    rows = warehouse.frame(rule, rule_sql(rule)).sort("submission_id", "question", "branch_code", "month")
    return rows.select("submission_id", "found", "expected").rows()


@pytest.mark.parametrize(
    ("first", "second", "changed", "unchanged"),
    [
        (own(number("5")), own(number("6")), "第2版，与上一版相比改动1格", None),
        (own(number("5")), own(SILENT), "第2版，与上一版相比改动1格", None),
        (own(number("5")), {}, "第2版，与上一版相比改动1格", None),
        (own(SILENT), own(number("5")), "第2版，与上一版相比改动1格", None),
        (own(("五", None, None)), own(("六", None, None)), "第2版，与上一版相比改动1格", None),
        (own(number("5")), own(number("6"), "属实"), "第2版，与上一版相比改动1格，并改了情况说明", None),
        (own(number("5")), own(number("5"), "属实"), "第2版，与上一版相比改动0格，并改了情况说明", None),
        (own(number("5")), own(number("5")), None, "第2版与第1版"),
        (own(number("5")), own(("５", Decimal(5), None)), None, "第2版与第1版，只有1格写法不同"),
        (own(("五", None, None)), own(("五", None, None)), None, "第2版与第1版"),
        ({}, {}, None, "第2版与第1版"),
    ],
)
def test_a_version_either_changes_something_or_is_said_to_change_nothing(
    warehouse: Warehouse, first: Answers, second: Answers, changed: str | None, unchanged: str | None
) -> None:
    fill(warehouse, {"a": first, "b": second}, {})
    assert found(warehouse, "resubmission") == ([("b", changed, None)] if changed else [])
    assert found(warehouse, "resubmission_unchanged") == ([("b", unchanged, None)] if unchanged else [])


def test_each_version_is_compared_with_the_last_accepted_one_before_it(warehouse: Warehouse) -> None:
    """b and d were returned: what they say is nobody's accepted answer, so c and e answer to a and c."""
    versions = {code: own(number(raw)) for code, raw in zip("abcde", "56778", strict=True)}
    fill(warehouse, versions, {"b": "answers", "d": "reading"})
    assert found(warehouse, "accepted_answer_changed") == [
        ("b", "6", "改动了第1版已采用的“5”"),
        ("c", "7", "改动了第1版已采用的“5”"),
        ("e", "8", "改动了第3版已采用的“7”"),
    ]


def test_a_rule_about_history_decides_nothing_about_standing(warehouse: Warehouse) -> None:
    """Were it otherwise, the findings of a run would hang on those that the run before it left behind."""
    fill(warehouse, {"a": own(number("5")), "b": own(number("6"))}, {"a": "history"})
    assert found(warehouse, "accepted_answer_changed") == [("b", "6", "改动了第1版已采用的“5”")]


@pytest.mark.parametrize(
    ("accepted", "later", "says"),
    [
        (own(number("5")), own(SILENT), [("b", "空白", "改动了第1版已采用的“5”")]),
        (own(number("5")), own(("五", None, None)), [("b", "五", "改动了第1版已采用的“5”")]),
        (own(("已印发", Decimal(0), "issued")), own(("无", Decimal(0), "none")), [("b", "无", "改动了第1版已采用的“已印发”")]),
        (own(number("5")), own(("５", Decimal(5), None)), []),
        (own(number("5")), own(number("5"), "属实"), []),
        (own(SILENT), own(number("5")), []),
        (own(number("5")), {}, []),
        ({("L3.7a", "B1", month): (number(str(month)), None) for month in (7, 8)},
         {("L3.7a", "B1", month): (number(str(15 - month)), None) for month in (7, 8)},
         [("b", "8", "改动了第1版已采用的“7”"), ("b", "7", "改动了第1版已采用的“8”")]),
    ],
)  # fmt: skip
def test_what_counts_as_a_change_of_an_accepted_answer(
    warehouse: Warehouse, accepted: Answers, later: Answers, says: list[tuple[str, str, str]]
) -> None:
    fill(warehouse, {"a": accepted, "b": later}, {})
    assert found(warehouse, "accepted_answer_changed") == says


def test_the_explanation_beside_a_changed_answer_goes_with_it(warehouse: Warehouse) -> None:
    fill(warehouse, {"a": own(number("5")), "b": own(number("6"), "漏记一次")}, {})
    rows = warehouse.frame("rule", rule_sql("accepted_answer_changed"))
    assert rows.select("question", "sheet", "cell", "explanation").rows() == [
        ("L3.1a", "学习型", "D5", "漏记一次")
    ]


def test_versions_that_came_together_are_told_and_those_that_did_not_are_not(warehouse: Warehouse) -> None:
    fill(warehouse, {code: own(number("5")) for code in "abc"}, {})
    warehouse.run("files", "update files set file = submission_id || '.xlsx'")
    assert found(warehouse, "received_together") == []
    warehouse.run(
        "files",
        "update files set received_at = (select received_at + interval 1 microsecond from files where submission_id = 'a') where submission_id = 'b'",
    )
    assert found(warehouse, "received_together") == [
        ("a", "与“b.xlsx”同时收到", None), ("b", "与“a.xlsx”同时收到", None)
    ]  # fmt: skip


KEYS = st.tuples(
    st.sampled_from(["L3.1a", "L3.7a"]), st.sampled_from([None, "B1"]), st.sampled_from([None, 7])
)
CELLS = st.tuples(
    st.sampled_from(
        [
            SILENT,
            number("5"),
            ("５", Decimal(5), None),
            ("五", None, None),
            ("六", None, None),
            ("甲", None, "甲"),
        ]
    ),
    st.sampled_from([None, "属实"]),
)
VERSIONS = st.dictionaries(KEYS, CELLS, max_size=6)


@given(VERSIONS, VERSIONS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_the_rules_and_the_page_compare_by_one_measure(
    warehouse: Warehouse, one: Answers, other: Answers
) -> None:
    """What SQL counts as changed is what `sanxing diff` lists."""
    fill(warehouse, {"a": one, "b": other}, {})
    counted = warehouse.run("version_changes", "select answers, rewritten from version_changes")
    answers = warehouse.frame("answers_read", "select *, number as value from answers_read")
    before, after = (answers.filter(pl.col("submission_id") == code) for code in ("a", "b"))
    listed = differences(before, after)["change"].to_list()
    assert counted == [(sum(listed.count(change) for change in ANSWER_CHANGES), listed.count("rewritten"))]


@pytest.mark.parametrize("judge", ["run", "check"])
def test_a_rule_without_its_file_stops_before_anything_is_judged(
    judge: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Else `check` would find less than the run, and say that nothing is wrong."""
    extra = HistoryRule(
        rule="no_such_file", check="history", severity="explain", label_zh="多", mend="请改正"
    )
    wider, home = replace(catalogue, rules=(*catalogue.rules, extra)), Settings(home=tmp_path)
    with pytest.raises(UserMistake, match=r"“no_such_file”.*pipelines/sql/rules/no_such_file\.sql"):
        Inputs.gather(home, wider) if judge == "run" else check_file(tmp_path / "a.xlsx", home, wider)


def test_every_rule_about_history_is_one_file_and_every_file_a_rule(catalogue: Catalogue) -> None:
    declared = {rule.rule for rule in catalogue.rules if rule.check == "history"} | {"compare", "unique"}
    assert declared == {path.stem for path in Path(SQL, "rules").glob("*.sql")}
