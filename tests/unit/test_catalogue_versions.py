"""Versions of questions and rules: an old period keeps its own, and what cannot be a version is refused with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from expectations import Catalogue, CatalogueError, Period, load_catalogue
from expectations.catalogue import HERE
from expectations.suites import build_suite
from expectations.wording import hints
from tests.workbooks import blank_form, workbook_bytes

LEARNING, PAIRS = "questions/learning.yaml", "rules/pairs.yaml"
OLD, NEW = Period.parse("2025Q2"), Period.parse("2025Q3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "expectations"
    for path in HERE.rglob("*.yaml"):
        target = copy / path.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return copy


def with_key(folder: Path, file: str, entry: str, key: str) -> tuple[Path, int]:
    """Put a key on a line of its own right behind the name of an entry; the file and that line."""
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(f"{entry},") == 1
    path.write_text(text.replace(f"{entry},", f"{entry},\n   {key},"), "utf-8")
    return path, 1 + next(n for n, line in enumerate(text.splitlines(), 1) if f"{entry}," in line)


QUESTION, RULE = "{code: L3.1a", "{rule: study_attended_within_expected"


@pytest.mark.parametrize(
    ("file", "entry", "changes", "key", "reason"),
    [
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, code: L3.1z}]", "changes.0.code", "«code» cannot change"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, type: decimal}]", "changes.0.type", "«type» cannot change"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, unit: 场}]", "changes.0.unit", "«unit» cannot change"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01}]", "changes.0", "nothing changes"),
        (LEARNING, QUESTION, "[{max: 40}]", "changes.0.effective_from", "Field required"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, max: many}]", "changes.0.max", "valid decimal"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, max: -1}]", "changes.0", "min is above max"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, max: 40}, {effective_from: 2025-07-01, max: 41}]", "changes.1.effective_from", "does not come after"),
        (LEARNING, QUESTION, "[{effective_from: 2016-03-27, max: 40}]", "changes.0.effective_from", "does not come after"),
        (LEARNING, QUESTION, "[{effective_from: 2025-07-01, max: 40}], effective_to: 2025-06-30", "changes.0.effective_from", "where the entry ends"),
        (PAIRS, RULE, "[{effective_from: 2025-07-01, rule: other}]", "changes.0.rule", "«rule» cannot change"),
        (PAIRS, RULE, "[{effective_from: 2025-07-01, severity: warn}]", "changes.0.severity", "Input should be 'block'"),
        (PAIRS, RULE, "[{effective_from: 2025-07-01, within: {share: 1, least: 1}}]", "changes.0", "near needs within"),
        (PAIRS, RULE, "[{effective_from: 2025-07-01, says: '{value}'}]", "changes.0", "says may hold"),
        ("rules/reading.yaml", "{rule: empty_file", "[{effective_from: 2025-07-01, mend: 请改正}]", "changes.0.mend", "what can: nothing"),
    ],
)  # fmt: skip
def test_what_is_no_version_is_refused_with_its_line(
    folder: Path, file: str, entry: str, changes: str, key: str, reason: str
) -> None:
    path, line = with_key(folder, file, entry, f"changes: {changes}")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    ((place, named, said),) = caught.value.faults
    assert (place.file, place.line, named) == (path, line, key)
    assert reason in said


def test_a_fault_in_a_later_change_names_the_line_of_that_change(folder: Path) -> None:
    two = "changes: [{effective_from: 2025-07-01, max: 40},\n   {effective_from: 2026-01-01, nature: stock}]"
    path, line = with_key(folder, LEARNING, QUESTION, two)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    ((place, named, _),) = caught.value.faults
    assert (place.file, place.line, named) == (path, line + 1, "changes.1.nature")


@pytest.fixture
def changed(folder: Path) -> Catalogue:
    with_key(folder, LEARNING, QUESTION, "changes: [{effective_from: 2025-07-01, max: 40, label_zh: 中心组学习总次数}, {effective_from: 2026-01-01, max: 50}]")  # fmt: skip
    with_key(folder, LEARNING, "{code: L3.5b", "changes: [{effective_from: 2025-07-01, required: false}]")  # fmt: skip
    with_key(folder, PAIRS, RULE, "changes: [{effective_from: 2025-07-01, severity: explain}]")
    return load_catalogue(folder)


def test_each_period_has_its_version(changed: Catalogue) -> None:
    versions = {
        text: next(q for q in changed.asked_in(Period.parse(text)) if q.code == "L3.1a")
        for text in ("2021Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2030Q4")
    }
    assert {text: (str(q.max), q.label_zh) for text, q in versions.items()} == {
        "2021Q1": ("30", "中心组集中学习次数"), "2025Q2": ("30", "中心组集中学习次数"), "2025Q3": ("40", "中心组学习总次数"),
        "2025Q4": ("40", "中心组学习总次数"), "2026Q1": ("50", "中心组学习总次数"), "2030Q4": ("50", "中心组学习总次数"),
    }  # fmt: skip
    assert changed.as_of(Period.parse("2025Q3")) is changed.as_of(Period.parse("2025Q4"))
    assert changed.as_of(NEW).as_of(OLD) is changed.as_of(OLD)
    assert {q.code for q in changed.as_of(OLD).asked_in(NEW)} == {q.code for q in changed.asked_in(NEW)}


def test_a_catalogue_without_changes_is_itself_in_every_period(catalogue: Catalogue) -> None:
    assert {id(catalogue.as_of(period)) for period in catalogue.calendar.periods} == {id(catalogue)}


def test_a_suite_has_the_bounds_and_severities_of_its_period(changed: Catalogue) -> None:
    def facts(period: Period) -> tuple[object, ...]:
        made = build_suite(changed, "school", period)["expectations"]
        bounds = next(
            e["kwargs"]["max_value"]
            for e in made
            if e["meta"]["rule"] == "bounds" and e["meta"]["column"] == "L3.1a"
        )
        asked = any(
            e["meta"] for e in made if e["meta"]["rule"] == "presence" and e["meta"]["column"] == "L3.5b"
        )
        ledger = build_suite(changed, "ledger", period)["expectations"]
        severity = {e["severity"] for e in ledger if e["meta"]["rule"] == "study_attended_within_expected"}
        return bounds, asked, severity

    assert facts(OLD) == (30, True, {"critical"})
    assert facts(NEW) == (40, False, {"warning"})


def test_a_template_shows_the_bounds_and_names_of_its_period(changed: Catalogue, tmp_path: Path) -> None:
    shown = {}
    for period in (OLD, NEW):
        path = tmp_path / f"{period}.xlsx"
        path.write_bytes(workbook_bytes(blank_form("school", str(period)), changed))
        sheet = openpyxl.load_workbook(path)["学习型"]
        row = next(row for row in sheet.iter_rows(min_row=5) if row[0].value == "L3.1a")
        rule = next(v for v in sheet.data_validations.dataValidation if row[3].coordinate in v.sqref)
        shown[str(period)] = (row[1].value, rule.formula2, "0至40之间" in str(rule.prompt))
    assert shown == {
        "2025Q2": ("中心组集中学习次数", "30", False),
        "2025Q3": ("中心组学习总次数", "40", True),
    }


def test_a_hint_follows_the_rules_of_its_period(changed: Catalogue) -> None:
    assert hints(changed, OLD)["L3.7b"].endswith("不大于“参学应到人次”。")
    assert hints(changed, NEW)["L3.7b"].endswith("大于“参学应到人次”的，请在“情况说明”栏写明原因。")
