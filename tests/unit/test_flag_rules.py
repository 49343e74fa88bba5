"""flags.yaml: rules by which no period, or a milder miss, could be judged rightly are refused with line, key and reason; how a miss is proved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from expectations import Catalogue, CatalogueError, Period, load_catalogue
from expectations.catalogue import HERE
from pipelines.flagging import evidence_of, flag_rules, indicator_evidence, miss_levels, trend_levels

FLAGS = "flags.yaml"
LAST = [Period(2025, quarter) for quarter in (1, 2, 3, 4)]


def changed(folder: Path, old: str, new: str) -> int:
    """A copy of the catalogue with one change; the line at which it stands."""
    shutil.copytree(HERE, folder)
    text = (folder / FLAGS).read_text("utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    (folder / FLAGS).write_text(text, "utf-8")
    return text[: text.index(new)].count("\n") + 1 if new else 1


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("quality: {clause: O2.1", "quality: {clause: O9.9", "quality.clause", "there is no clause O9.9"),
        ("evidence: '0.025'", "evidence: '1'", "performance.evidence", "less than 1"),
        ("heads: 1 ", "heads: -1 ", "performance.heads", "greater than or equal to 0"),
        ("periods: 2           # missed", "periods: 1           # missed", "performance.periods", "greater than or equal to 2"),
        ("repeated: '0.2'", "repeated: '0'", "performance.repeated", "greater than 0"),
        ("repeated: '0.2'", "repeated: '0.02'", "performance", "repeated must not ask for more than evidence does"),
        ("{number: 1, share: '0.02'}", "{number: -1, share: '0.02'}", "performance.nearly_all.number", "greater than or equal to 0"),
        ("{number: 1, share: '0.02'}", "{number: 1, share: '1'}", "performance.nearly_all.share", "less than 1"),
        ("branch: {stated: watch, reference: watch}", "branch: {stated: red, reference: watch}", "performance", "milder must not be graver than the plain level"),
        ("doubtful: watch", "doubtful: amber", "performance", "must not be graver than any level of a plain or a milder miss"),
        ("outside_95: watch ", "outside_95: red ", "peer", "must not be graver than outside_998"),
        ("grains: [month, quarter]", "grains: [month, year]", "trend.grains.1", "'month' or 'quarter'"),
        ("signal: shift", "signal: trend", "trend", "each grain and each signal stands once"),
        ("pattern: {clause: O2.1, level: watch}", "pattern: {clause: O2.1, level: red}", "pattern.level", "'watch'"),
        ("effective_from: 2016-03-27", "effective_from: 2025-06-30", "effective_from", "2021Q1 must have one entry of rules, not 0"),
    ],
)  # fmt: skip
def test_a_rule_that_would_judge_wrongly_is_refused(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    line = changed(tmp_path / "expectations", old, new)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path / "expectations")
    ((place, named, why),) = caught.value.faults
    assert (place.file.name, named) == (FLAGS, key)
    assert reason in why
    assert place.line <= line  # a fault between two keys stands at what holds them


def test_no_rules_are_refused(tmp_path: Path) -> None:
    changed(tmp_path / "expectations", "effective_from: 2016-03-27", "effective_from: 2016-03-27")
    (tmp_path / "expectations" / FLAGS).write_text("[]\n", "utf-8")
    with pytest.raises(CatalogueError, match="there must be an entry"):
        load_catalogue(tmp_path / "expectations")


def test_an_old_period_keeps_its_rules(tmp_path: Path) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(HERE, folder)
    text = (folder / FLAGS).read_text("utf-8")
    first = text.replace(
        "effective_from: 2016-03-27", "effective_from: 2016-03-27\n  effective_to: 2025-06-30"
    )
    later = text.replace("effective_from: 2016-03-27", "effective_from: 2025-07-01").replace(
        "evidence: '0.025'", "evidence: '0.05'"
    )
    (folder / FLAGS).write_text(first + later, "utf-8")
    catalogue = load_catalogue(folder)
    assert flag_rules(catalogue, LAST)["evidence_p"].to_list() == [0.025, 0.025, 0.05, 0.05]
    assert miss_levels(catalogue, LAST).height == 4 * 4
    assert trend_levels(catalogue, LAST)["period"].unique().len() == 4


@pytest.mark.parametrize(
    ("indicator", "evidence"),
    [
        ("study_participation", "share"),
        ("members_in_contact", "share"),
        ("centre_group_attendance", "share"),
        ("training_hours_per_member", "per_head"),
        ("field_research_days_per_cadre", "per_head"),
        ("research_reports_per_leader", "per_head"),
        ("centre_group_sessions", "fact"),
        ("monthly_exchange", "fact"),  # a checklist of three months, no sample
        ("digital_services", "fact"),
        ("branch_study_methods", "fact"),
        ("candidates_beyond_seats", "fact"),  # a difference of the branch's own
        ("inspections_increase", "fact"),
    ],
)
def test_how_a_miss_is_proved(catalogue: Catalogue, indicator: str, evidence: str) -> None:
    assert evidence_of(catalogue.indicator[indicator], catalogue) == evidence


def test_a_window_says_whose_answers_are_judged_and_whether_they_are_new(catalogue: Catalogue) -> None:
    rows = {
        (r["indicator"], r["period"]): (r["window_start"], r["is_new"])
        for r in indicator_evidence(catalogue, LAST).to_dicts()
    }
    assert rows["training_hours_per_member", "2025Q3"] == ("2025Q1", True)
    assert rows["study_participation", "2025Q3"] == ("2025Q3", True)
    assert rows["branches_linked_to_class", "2025Q3"] == ("2025Q2", False)
    assert ("branches_linked_to_class", "2025Q1") not in rows
