"""The catalogue: whole as it stands, light enough to fill, and refused with file, line, key and reason when one thing is wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
import yaml

from expectations import Catalogue, CatalogueError, Period, load_catalogue
from expectations.catalogue import HERE
from expectations.forms import load
from expectations.models.indicator import Indicator
from expectations.models.question import Question
from expectations.suites import FOLDER, stored_suites
from pipelines.dimensions import dim_label

LEARNING, SERVICE, LEADERSHIP = (
    "questions/learning.yaml",
    "questions/service.yaml",
    "questions/leadership.yaml",
)
INDICATORS, SERVICE_INDICATORS = "indicators/learning.yaml", "indicators/service.yaml"
QUALITY, FORMULA = "quality.yaml", "- effective_from: 2016-03-27"
PAIRS, SELECTION, CLAUSES = "rules/pairs.yaml", "selection.yaml", "policy/clauses.yaml"
# A question and an indicator of today's form, to be added with one thing wrong.
QUESTION = (
    "- {code: X1a, name: extra, clause: L3.1, who: [school], asked: yearly, type: count, nature: flow, "
    "label_zh: 多, label_en: Extra, unit: 次, min: 0, max: 9, hint: 填数。}\n"
)
INDICATOR = (
    "- {indicator: extra, clause: L3.1, grain: unit, label_zh: 多, label_en: Extra, unit: 次, rollup: ratio_of_sums, "
    "numerator: {sum: [L3.1a]}, denominator: {one: true}}\n"
)
RULE = "- {rule: extra, check: compare, severity: block, left: [L3.2b], compare: at_most, right: [L3.2a], cell: L3.2b, label_zh: 多, mend: 请改正}\n"
HISTORY = "- {rule: extra, check: history, severity: explain, label_zh: 多, mend: 请改正}\n"
READING = "- {rule: empty_file, check: reading, severity: block, label_zh: 多, mend: 请改正}\n"
OUTLIERS = "outliers.yaml"
OUTLIER = "- {question: L1.9z, per: L3.4a, scale: log, season: none, peers: {threshold: 3.5, points: 8, times: 3, difference: 5}}\n"


class Change(NamedTuple):
    """One change to one file, and the fault that must be named: on which line (the one that holds `at`), key and reason."""

    file: str
    old: str
    new: str
    at: str
    key: str
    reason: str


def put(file: str, entry: str, old: str, new: str, key: str, reason: str) -> Change:
    """Add an entry to a file, with `old` in it replaced by `new`; the entry's own line is named."""
    assert old in entry, f"«{old}» is not in the entry"
    changed = entry.replace(old, new, 1)
    return Change(file, "", changed, changed.strip(), key, reason)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The YAML files of the real catalogue, to be spoilt."""
    copy = tmp_path / "expectations"
    for path in HERE.rglob("*.yaml"):
        target = copy / path.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return copy


def change(folder: Path, file: str, old: str, new: str) -> str:
    """Replace `old` in a file (append where it is empty); the new text."""
    path = folder / file
    text = path.read_text("utf-8")
    assert not old or text.count(old) >= 1, f"«{old}» is not in {file}: the case tests nothing"
    text = text.replace(old, new, 1) if old else f"{text}\n{new}"
    path.write_text(text, "utf-8")
    return text


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def refusal(folder: Path) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return caught.value


def test_an_unchanged_copy_is_taken(folder: Path, catalogue: Catalogue) -> None:
    """So that every refusal below comes from its own change alone."""
    assert load_catalogue(folder).sha256 == catalogue.sha256


BETWEEN = {
    "two questions with one code": put(LEARNING, QUESTION, "X1a", "L3.1a", "code", "stands already at questions/learning.yaml"),
    "two questions with one name": put(LEARNING, QUESTION, "extra", "members", "name", "stands already"),
    "two indicators with one code": put(INDICATORS, INDICATOR, "extra", "centre_group_sessions", "indicator", "stands already at indicators/learning.yaml"),
    "two rules with one code": put(PAIRS, RULE, "extra", "answered_within_received", "rule", "stands already"),
    "two clauses with one id": Change(CLAUSES, "{id: L2.1,", "{id: L1.1,", "study methods used", "id", "stands already"),
    "two cities with one code": Change("cities.yaml", "'320200'", "'320100'", "无锡", "code", "stands already at expectations/cities.yaml:2"),
    "unused question": put(LEARNING, QUESTION, "X1a", "X1a", "code", "feeds no indicator and no rule"),
    "unknown question in a numerator": put(INDICATORS, INDICATOR, "[L3.1a]", "[L9.9z]", "numerator.sum", "no question «L9.9z»"),
    "unknown question in a denominator": put(INDICATORS, INDICATOR, "{one: true}", "{asked: [L9.9z]}", "denominator.asked", "no question «L9.9z»"),
    "unknown question in a rule": put(PAIRS, RULE, "right: [L3.2a]", "right: [L9.9z]", "compare", "no question «L9.9z»"),
    "unknown clause of a question": Change(LEARNING, "clause: L3.1,", "clause: L8.8,", "code: L3.1a", "clause", "no clause «L8.8»"),
    "unknown clause of an indicator": put(INDICATORS, INDICATOR, "clause: L3.1", "clause: L8.8", "clause", "no clause «L8.8»"),
    "unknown clause of a rule": put(PAIRS, RULE, "severity: block", "severity: block, clause: L8.8", "clause", "no clause «L8.8»"),
    "unknown clause of a fulfilment": Change("policy/fulfilment.yaml", "clause: O2.1", "clause: O8.8", "O8.8", "clause", "no clause «O8.8»"),
    "clause without indicator": Change(INDICATORS, "clause: L3.2,", "clause: L3.1,", "id: L3.2,", "id", "clause «L3.2» has no indicator"),
    "process clause without fulfilment": Change("policy/fulfilment.yaml", "- {clause: O2.1", "# - {clause: O2.1", "id: O2.1,", "id", "process clause «O2.1» is fulfilled by no part"),
    "clause of no dimension": Change(CLAUSES, "{id: L1.1,", "{id: X1.1,", "id: X1.1", "id", "belongs to no dimension"),
    "branch grain over a unit question": put(INDICATORS, INDICATOR, "grain: unit", "grain: branch", "numerator.sum", "grain is branch, but «L3.1a» is asked of units"),
    "sum over a yes-no": put(INDICATORS, INDICATOR, "[L3.1a]", "[L3.3a]", "numerator.sum", "«L3.3a» is no number"),
    "minus over a choice": put(INDICATORS, INDICATOR, "{sum: [L3.1a]}", "{sum: [L3.1a], minus: [O2.2a]}", "numerator.minus", "«O2.2a» is no number"),
    "a text counted as in place": put(INDICATORS, INDICATOR, "{sum: [L3.1a]}", "{in_place: [O2.2b]}", "numerator.in_place", "«O2.2b» is a text"),
    "last year's answer to an unknown question": put(LEARNING, QUESTION, "hint", "last_year_of: L9.9z, hint", "last_year_of", "no question «L9.9z»"),
    "last year's answer to a quarterly question": put(LEARNING, QUESTION, "hint", "last_year_of: L3.1a, hint", "last_year_of", "«L3.1a» is not asked once a year"),
    "no rule for missing answers": Change("rules/basic.yaml", "check: presence", "check: type", "# Rules that follow", "check", "one rule of check «presence», not 0"),
    "a finding of the reader without a rule": Change("rules/reading.yaml", "- {rule: wrong_period,", "# - {rule: wrong_period,", "# What is found", "rule", "the reader's rule «wrong_period» is not declared"),
    "a rule that the reader knows nothing of": put("rules/reading.yaml", READING, "empty_file", "extra", "rule", "«extra» is nothing that the reader finds"),
    "an outlier rule that is missing": Change("rules/history.yaml", "- {rule: outlier_peers, check: outlier", "- {rule: members_fall, check: history", "# Rules that ask", "rule", "the rule «outlier_peers» is not declared"),
    "a rule that no search for outliers finds": put("rules/history.yaml", READING, "empty_file, check: reading", "extra, check: outlier", "rule", "«extra» is nothing that the search for outliers finds"),
    "an outlier question that is unknown": put(OUTLIERS, OUTLIER, "L1.9z", "L9.9z", "question", "no question «L9.9z»"),
    "an outlier question that is no number": put(OUTLIERS, OUTLIER, "L1.9z", "S4.5a", "question", "«S4.5a» is no number"),
    "a divisor that is unknown": put(OUTLIERS, OUTLIER, "L1.9z, per: L3.4a", "S4.2a, per: L9.9z", "per", "no question «L9.9z»"),
    "a divisor of the unit for a branch": put(OUTLIERS, OUTLIER, "L1.9z, per: L3.4a", "S4.2a, per: L3.5a", "per", "«L3.5a» is asked of the unit"),
    "a divisor by month for a quarter": put(OUTLIERS, OUTLIER, "L1.9z, per: L3.4a", "S4.2a, per: L3.7a", "per", "«L3.7a» is asked by month"),
    "a divisor that is asked less often": put(OUTLIERS, OUTLIER, "L1.9z, per: L3.4a", "S4.2a, per: S4.8a", "per", "«S4.8a» is not asked each time"),
    "a question held twice at once": put(OUTLIERS, OUTLIER, "L1.9z", "L3.4b", "question", "another entry of «L3.4b» holds at the same time"),
    "a question on two scales": put(OUTLIERS, OUTLIER, "L1.9z, per: L3.4a, scale: log", "L3.4b, per: L3.4a, scale: as_is, effective_from: 2030-01-01", "scale", "with another per or scale"),
    "questions of different kinds of unit": put(PAIRS, RULE, "left: [L3.2b], compare: at_most, right: [L3.2a], cell: L3.2b", "left: [S1.3a], compare: at_most, right: [S3.4a], cell: S1.3a", "compare", "never stand on one form in one quarter"),
    "a rule across forms": put(PAIRS, RULE, "right: [L3.2a]", "right: [L3.4a]", "compare", "must stand on one form"),
    "a month compared with a quarter": put(PAIRS, RULE, "left: [L3.2b], compare: at_most, right: [L3.2a], cell: L3.2b", "left: [L3.7b], compare: at_most, right: [L3.4a], cell: L3.7b", "compare", "monthly and quarterly questions cannot be compared"),
}  # fmt: skip
LATER_LINES = {
    "a name twice, on a later line": Change(
        LEARNING,
        "",
        QUESTION.replace("name: extra", "\n   name: members"),
        "name: members, clause: L3.1,",
        "name",
        "stands already",
    ),
    "an unknown clause, on a later line": Change(
        LEARNING,
        "",
        QUESTION.replace("clause: L3.1", "\n   clause: L8.8"),
        "clause: L8.8",
        "clause",
        "no clause «L8.8»",
    ),
    "a wrong value, on a later line": Change(
        LEARNING, "", QUESTION.replace("max: 9", "\n   max: many"), "max: many", "max", "valid decimal"
    ),
}
INSIDE = {
    "unknown key": put(LEARNING, QUESTION, "code:", "colour: red, code:", "colour", "Extra inputs are not permitted"),
    "missing key": put(LEARNING, QUESTION, ", hint: 填数。", "", "hint", "Field required"),
    "unknown type": put(LEARNING, QUESTION, "type: count", "type: integer", "type", "Input should be 'count'"),
    "unknown respondent": put(LEARNING, QUESTION, "[school]", "[academy]", "who.0", "Input should be 'city'"),
    "bound that is no number": put(LEARNING, QUESTION, "max: 9", "max: many", "max", "valid decimal"),
    "min above max": put(LEARNING, QUESTION, "min: 0", "min: 10", "Question", "min is above max"),
    "number without unit": put(LEARNING, QUESTION, "unit: 次, ", "", "Question", "a number needs min, max and unit"),
    "number without bounds": put(LEARNING, QUESTION, ", max: 9", "", "Question", "a number needs min, max and unit"),
    "choice without options": put(LEARNING, QUESTION, "type: count", "type: choice", "Question", "a choice needs options"),
    "asked of units and branches": put(LEARNING, QUESTION, "[school]", "[school, branch]", "Question", "not of both"),
    "months outside the ledger": put(LEARNING, QUESTION, "asked:", "monthly: true, asked:", "Question", "only the ledger has months"),
    "pre-filled from two sources": put(LEARNING, QUESTION, "nature: flow", "nature: stock, prefill: true, last_year_of: S4.1a", "Question", "not from both"),
    "a pre-filled flow": put(LEARNING, QUESTION, "nature: flow", "nature: flow, prefill: true", "Question", "cannot be pre-filled"),
    "a side with questions and one": put(INDICATORS, INDICATOR, "{sum: [L3.1a]}", "{sum: [L3.1a], one: true}", "numerator", "a side is either"),
    "an empty side": put(INDICATORS, INDICATOR, "{sum: [L3.1a]}", "{sum: []}", "numerator", "a side is either"),
    "share that meets no standard": put(INDICATORS, INDICATOR, "ratio_of_sums", "share_meeting", "Indicator", "needs a standard"),
    "a share of branches that meet": put(INDICATORS, INDICATOR, "grain: unit, label_zh: 多, label_en: Extra, unit: 次, rollup: ratio_of_sums", "grain: branch, label_zh: 多, label_en: Extra, unit: 次, rollup: share_meeting, standards: [{value: 2, compare: at_least, effective_from: 2021-01-01}]", "Indicator", "rolls its branches up as a ratio of sums"),
    "a quarter's answer as last year's": put(LEARNING, QUESTION, "asked: yearly", "asked: quarterly, last_year_of: S1.4a", "Question", "can be last year's answer"),
    "standards out of order": put(INDICATORS, INDICATOR, "denominator: {one: true}", "denominator: {one: true}, standards: [{value: 2, compare: at_least, effective_from: 2022-01-01}, {value: 1, compare: at_least, effective_from: 2021-01-01}]", "Indicator", "in the order of their effective dates"),
    "held against nothing": put(OUTLIERS, OUTLIER, ", peers: {threshold: 3.5, points: 8, times: 3, difference: 5}", "", "OutlierSeries", "held against nothing"),
    "divided by itself": put(OUTLIERS, OUTLIER, "L1.9z", "L3.4a", "OutlierSeries", "cannot be divided by itself"),
    "too few points": put(OUTLIERS, OUTLIER, "points: 8", "points: 3", "peers.points", "greater than or equal to 5"),
    "a factor that is none": put(OUTLIERS, OUTLIER, "times: 3", "times: 1", "peers.times", "greater than 1"),
    "a scale that is none": put(OUTLIERS, OUTLIER, "scale: log", "scale: cube", "scale", "Input should be"),
    "a comparison without sides": put(PAIRS, RULE, "left: [L3.2b], ", "", "left", "Field required"),
    "a finding beside its comparison": put(PAIRS, RULE, "cell: L3.2b", "cell: L3.1a", "Rule", "cell must be one of the questions compared"),
    "a condition without a question": put(PAIRS, RULE, "check: compare", "check: required_if, equals: issued", "question", "Field required"),
    "a condition with the keys of a comparison": put(PAIRS, RULE, "check: compare", "check: required_if, equals: issued", "left", "Extra inputs are not permitted"),
    "a check that there is not": put(PAIRS, RULE, "check: compare", "check: compares", "check", "does not match any of the expected tags"),
    "a rule that ends before it begins": put(PAIRS, RULE, "severity: block", "severity: block, effective_from: 2025-01-01, effective_to: 2024-12-31", "Rule", "effective_to is before effective_from"),
    "a label that another rule has": put(PAIRS, RULE, "label_zh: 多", "label_zh: 经费支出超过预算", "label_zh", "the rule «spent_within_budget» has the same label at rules/pairs.yaml:"),
    "a label that another rule has, later": put(PAIRS, RULE, "mend: 请改正", "mend: 请改正, changes: [{effective_from: 2025-01-01, label_zh: 应填未填}]", "changes.0.label_zh", "the rule «presence» has the same label at rules/basic.yaml:3"),
    "a rule that says nothing": put(PAIRS, RULE, "label_zh: 多", "label_zh: ' '", "label_zh", "at least 1 character"),
    "a rule that mends nothing": put(PAIRS, RULE, "mend: 请改正", "mend: ''", "mend", "at least 1 character"),
    "a breach in no words": put(PAIRS, RULE, "label_zh: 多", "label_zh: 多, says: ''", "says", "at least 1 character"),
    "a question without a hint": put(LEARNING, QUESTION, "hint: 填数。", "hint: ''", "hint", "at least 1 character"),
    "a share finer than the SQL": put(PAIRS, RULE, "at_most", "near, within: {share: '0.00001', least: 1}", "within.share", "no more than 4 decimal places"),
    "a least finer than the SQL": put(PAIRS, RULE, "at_most", "near, within: {share: '0.1', least: '0.00001'}", "within.least", "no more than 4 decimal places"),
    "a least beyond all numbers": put(PAIRS, RULE, "at_most", "near, within: {share: '0.1', least: 1e30}", "within.least", "less than or equal to"),
    "a date on what is read": Change("rules/reading.yaml", "{rule: empty_file, check: reading,", "{rule: empty_file, check: reading, effective_from: 2025-01-01,", "rule: empty_file", "Rule", "has no effective dates"),
    "an end of what is read": Change("rules/reading.yaml", "{rule: empty_file, check: reading,", "{rule: empty_file, check: reading, effective_to: 2025-01-01,", "rule: empty_file", "Rule", "has no effective dates"),
    "a rule whose name is a path": put("rules/history.yaml", HISTORY, "rule: extra", "rule: ../../marts/cells", "rule", "String should match pattern"),
    "a rule whose name is no word": put(PAIRS, RULE, "rule: extra", "rule: Extra rule", "rule", "String should match pattern"),
    "a rule without a check": put(PAIRS, RULE, "check: compare, ", "", "Rule", "Unable to extract tag"),
    "a rule that refuses but does not read": put(PAIRS, RULE, "severity: block", "severity: block, refuses: true", "refuses", "Extra inputs are not permitted"),
    "weights that do not add to 1": Change(SELECTION, "learning: '0.30'", "learning: '0.31'", "scoring:", "scoring", "must add up to 1"),
    "a dimension without weight": Change(SELECTION, ", leadership: '0.15'}", "}", "scoring:", "scoring", "must add up to 1"),
    "a likeness that nobody weighs": Change(SELECTION, "    branches: '0.5'\n", "", "neighbours:", "neighbours", "must be those of"),
    "a likeness below 0": Change(SELECTION, "branches: '0.5'", "branches: '-0.5'", "neighbours:", "neighbours", "cannot be negative"),
    "a pace that falls": Change("calendar.yaml", "'0.5', '0.65'", "'0.5', '0.45'", "first_period", "Calendar", "must rise"),
    "bands that do not begin at 0": Change(SELECTION, "label_zh: 不足50人, from: 0", "label_zh: 不足50人, from: 5", "kind: school", "peer_groups.2", "must begin at 0"),
    "a day that February lacks": Change("calendar.yaml", "due_day: 20", "due_day: 30", "first_period", "Calendar", "1 to 28"),
    "a last period before the first": Change("calendar.yaml", "last_period: 2030Q4", "last_period: 2020Q4", "first_period", "Calendar", "before first_period"),
    "a frequency without quarters": Change("calendar.yaml", "  yearly: [4]\n", "", "first_period", "Calendar", "quarterly, semester and yearly"),
    "quality weights that do not add to 100": Change(QUALITY, "weight: 60", "weight: 61", FORMULA, "QualityFormula", "must add up to 100"),
    "a part of the grade left out": Change(QUALITY, "part: stability", "part: validity", FORMULA, "QualityFormula", "once each"),
    "a part that nobody counts": Change(QUALITY, "part: stability", "part: style", "part: style", "parts.4.part", "Input should be"),
    "a part's words with another count": Change(QUALITY, "可用{good}格", "可用{usable}格", "可用{usable}格", "parts.0", "{whole}, {good} and {lacking} only"),
    "grades out of order": Change(QUALITY, "label_zh: 乙级, from: 90", "label_zh: 乙级, from: 96", FORMULA, "QualityFormula", "from the best to the last"),
    "points that no grade has": Change(QUALITY, "label_zh: 丁级, from: 0", "label_zh: 丁级, from: 1", FORMULA, "QualityFormula", "the last begin at 0"),
    "a grade twice": Change(QUALITY, "grade: B,", "grade: A,", FORMULA, "QualityFormula", "a grade stands twice"),
    "a bound finer than the points": Change(QUALITY, "from: 95}", "from: 94.995}", "from: 94.995}", "grades.0.from", "no more than 2 decimal places"),
    "a gate that is no grade": Change(QUALITY, "gate: C", "gate: E", FORMULA, "QualityFormula", "gate must be one of the grades"),
    "periods without a formula": Change(QUALITY, "effective_from: 2016-03-27", "effective_from: 2022-01-01", "- effective_from: 2022-01-01\n".strip(), "effective_from", "2021Q1 must be graded by one formula, not 0"),
    "quarters that nobody knows": Change(SELECTION, "quality: every", "quality: some", "quality: some", "shortlist.gates.quality", "Input should be 'every' or 'last'"),
    "a gate beyond a year": Change(SELECTION, "late_quarters: 0", "late_quarters: 5", "late_quarters: 5", "shortlist.gates.late_quarters", "less than or equal to 4"),
    "a gate that nobody knows": Change(SELECTION, "late_quarters: 0", "late_weeks: 0", "late_weeks", "shortlist.gates.late_weeks", "Extra inputs"),
    "no alternatives": Change(SELECTION, "draws: 1000", "draws: 0", "draws: 0", "scoring.alternatives.draws", "greater than or equal to 1"),
    "a method twice": Change(SELECTION, "[arithmetic, geometric]", "[arithmetic, arithmetic]", "alternatives:", "scoring.alternatives", "stands twice"),
    "ties left open": Change(SELECTION, ", unit_code]", "]", "shortlist:", "shortlist", "unit_code last"),
    "a quota below 0": Change(SELECTION, "school: 15", "school: -1", "school: -1", "shortlist.quotas.school", "greater than or equal to 0"),
    "a power above 1": Change(SELECTION, "members_exponent: '0.5'", "members_exponent: '1.5'", "members_exponent", "contact_points.members_exponent", "less than or equal to 1"),
    "a period that is none": Change("calendar.yaml", "first_period: 2021Q1", "first_period: 2021Q5", "first_period", "first_period", "“2021Q5”不是报告期"),
}  # fmt: skip
YAML = {
    "the key stands twice": put(LEARNING, QUESTION, "code: X1a", "code: X1a, code: X1b", "code", "the key stands twice"),
    "the key stands twice, deeper": put(INDICATORS, INDICATOR, "{sum: [L3.1a]}", "{sum: [L3.1a], sum: [L3.2a]}", "sum", "the key stands twice"),
    "a bracket is closed twice": put(LEARNING, QUESTION, "}", "}}", "learning.yaml", "not valid YAML"),
    "a day that no month has": put(INDICATORS, INDICATOR, "denominator: {one: true}", "denominator: {one: true}, standards: [{value: 1, compare: at_least, effective_from: 2021-02-30}]", "learning.yaml", "not valid YAML"),
    "a tag of another program": put(LEARNING, QUESTION, "hint: 填数。", "hint: !!python/name:os.system ''", "learning.yaml", "not valid YAML"),
    "an entry that holds itself": put(PAIRS, "- &x {rule: r, check: *x}\n", "r,", "r,", "pairs.yaml", "cannot be used again by a name"),
    "a value by its name": put(PAIRS, "- {rule: &x r, check: compare, cell: *x}\n", "r,", "r,", "pairs.yaml", "cannot be used again by a name"),
    "a character that YAML forbids": put(LEARNING, QUESTION, "填数", "填\x07数", "learning.yaml", "not valid YAML"),
    "an entry that is a word": put(LEARNING, "- word\n", "word", "word", "learning.yaml", "must be a mapping"),
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for name, case in {**BETWEEN, **LATER_LINES, **INSIDE}.items()]
)
def test_one_wrong_thing_is_refused_with_its_place(case: Change, folder: Path) -> None:
    change(folder, case.file, case.old, case.new)
    error = refusal(folder)
    named = {(place.file.relative_to(folder).as_posix(), place.line) for place, key, reason in error.faults if key == case.key and case.reason in reason}  # fmt: skip
    assert named, str(error)
    expected = {
        (file.relative_to(folder).as_posix(), line)
        for file in folder.rglob("*.yaml")
        for line, text in enumerate(file.read_text("utf-8").splitlines(), 1)
        if case.at in text
    }
    assert len(expected) == 1, "the case names one line"
    assert named == expected, str(error)
    place, line = next(iter(expected))
    assert f"{Path(place).name}:{line}: {case.key}: " in str(error)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in YAML.items()])
def test_bad_yaml_is_refused_with_its_place(case: Change, folder: Path) -> None:
    changed = change(folder, case.file, case.old, case.new)
    (place, key, reason), *_ = refusal(folder).faults
    assert place.file == folder / case.file
    assert key == case.key
    assert case.reason in reason
    assert place.line == line_of(changed, case.at)


@pytest.mark.parametrize(
    "file", [QUALITY, CLAUSES, "policy/fulfilment.yaml", "cities.yaml", "kinds.yaml", "calendar.yaml", SELECTION, "catalogue.yaml"]
)  # fmt: skip
def test_a_missing_file_is_named(file: str, folder: Path) -> None:
    (folder / file).unlink()
    error = refusal(folder)
    assert f"{Path(file).name}:1: {Path(file).name}: the file is missing" in str(error)


def test_a_mapping_where_a_list_belongs(folder: Path) -> None:
    (folder / "rules" / "basic.yaml").write_text("presence: {severity: block}\n", "utf-8")
    assert "rules/basic.yaml:1: basic.yaml: must be a list of entries" in str(refusal(folder))


@pytest.mark.parametrize(
    "content", [b"", b"# nothing but a comment\n", b"\xff\xfe\x00", b"a: 1\n---\nb: 2\n"]
)
def test_an_unreadable_file_is_named(content: bytes, folder: Path) -> None:
    (folder / "kinds.yaml").write_bytes(content)
    assert "expectations/kinds.yaml:" in str(refusal(folder))


def test_a_rule_over_questions_that_follow_one_another_is_refused(folder: Path) -> None:
    """Both are asked of the same units, and never in the same quarter."""
    change(folder, LEARNING, "{code: L3.2a,", "{code: L3.2a, effective_to: 2024-12-31,")
    change(folder, LEARNING, "{code: L3.2b,", "{code: L3.2b, effective_from: 2025-01-01,")
    assert "compare: its questions never stand on one form in one quarter" in str(refusal(folder))


@pytest.mark.parametrize("name", ["rules/extra.yaml", "questions/extra.yaml"])
def test_a_folder_in_place_of_a_file_cannot_be_read(name: str, folder: Path) -> None:
    (folder / name).mkdir()
    assert f"{name}:1: extra.yaml: cannot be read: Is a directory" in str(refusal(folder))


@pytest.mark.parametrize(
    "name", ["rules/extra.yml", "questions/more.YAML", "indicators/old.yaml.bak", "rules/more"]
)
def test_a_file_that_would_not_be_read_is_refused(name: str, folder: Path) -> None:
    (folder / name).write_text(RULE, "utf-8")
    assert f"{name}:1: {Path(name).name}: is not read: a file here must end in .yaml" in str(refusal(folder))


def test_no_formula_for_the_grade_is_refused(folder: Path) -> None:
    (folder / QUALITY).write_text("[]\n", "utf-8")
    assert "quality.yaml:1: quality.yaml: there must be a formula" in str(refusal(folder))


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("grade: A, label_zh: 甲级", "grade: A, label_zh: 优", "grades.0.label_zh", "«A» is «甲级» at expectations/quality.yaml:{}: give the new grade a letter of its own"),
        ("grade: B, label_zh: 乙级, from: 90", "grade: B, label_zh: 甲级, from: 85", "grades.1.label_zh", "«B» is «乙级» at expectations/quality.yaml:{}"),
        ("label_zh: 及时性", "label_zh: 按时", "parts.3.label_zh", "«timeliness» is «及时性» at expectations/quality.yaml:{}: keep its name"),
    ],
)  # fmt: skip
def test_a_later_formula_keeps_the_names_of_grades_and_parts(
    old: str, new: str, key: str, reason: str, folder: Path
) -> None:
    """A page names an old quarter's grade by its letter: it must not get a word that nobody judged it by."""
    first = (folder / QUALITY).read_text("utf-8").replace(FORMULA, f"{FORMULA}\n  effective_to: 2024-12-31")
    assert first.count(old) == 1
    later = first.replace("2016-03-27\n  effective_to: 2024-12-31", "2025-01-01")
    (folder / QUALITY).write_text(first + later.replace(old, new), "utf-8")
    lines = first.splitlines()
    line = next(number for number, text in enumerate(lines, 1) if old.split(", from", maxsplit=1)[0] in text)
    (place, found_key, found), *more = refusal(folder).faults
    assert (place.line, found_key, more) == (line + len(lines) - 1, key, [])
    assert found.startswith(reason.format(line))


def test_a_later_formula_may_move_bounds_and_bring_letters(folder: Path) -> None:
    first = (folder / QUALITY).read_text("utf-8").replace(FORMULA, f"{FORMULA}\n  effective_to: 2024-12-31")
    later = first.replace("2016-03-27\n  effective_to: 2024-12-31", "2025-01-01")
    later = later.replace("from: 95}", "from: 96}").replace(
        "{grade: B, label_zh: 乙级", "{grade: E, label_zh: 良好"
    )
    (folder / QUALITY).write_text(first + later, "utf-8")
    changed = load_catalogue(folder)
    assert [grade.grade for grade in changed.quality_in(Period.parse("2025Q1")).grades] == [
        "A",
        "E",
        "C",
        "D",
    ]
    labels = dim_label(changed).filter(pl.col("enumeration") == "grade").select("code", "label_zh").rows()
    assert labels == [("A", "甲级"), ("B", "乙级"), ("C", "丙级"), ("D", "丁级"), ("E", "良好")]


def test_all_faults_come_at_once(folder: Path) -> None:
    change(folder, LEARNING, "", QUESTION)
    change(folder, INDICATORS, "", INDICATOR.replace("[L3.1a]", "[L9.9z]"))
    change(folder, PAIRS, "", RULE.replace("[L3.2a]", "[L9.9y]"))
    assert len(refusal(folder).faults) == 3


def test_a_new_question_needs_yaml_alone(folder: Path) -> None:
    """A policy officer's whole work: a question, and an indicator over it."""
    change(folder, LEARNING, "", QUESTION)
    change(folder, INDICATORS, "", INDICATOR.replace("[L3.1a]", "[X1a]"))
    changed = load_catalogue(folder)
    assert "X1a" in {question.code for question in changed.asked_in(Period.parse("2025Q4"))}
    assert changed.indicator["extra"].questions == ("X1a",)


def test_any_change_changes_the_hash(folder: Path, catalogue: Catalogue) -> None:
    change(folder, LEARNING, "min: 0, max: 30,", "min: 0, max: 31,")
    assert load_catalogue(folder).sha256 != catalogue.sha256


# ---- the real catalogue -------------------------------------------------------------------------------------------------


def test_every_clause_of_the_policy_is_answered(catalogue: Catalogue) -> None:
    """All 51 clauses: a process clause names the part that fulfils it, every other has a question and an indicator."""
    register = yaml.safe_load((HERE / CLAUSES).read_text("utf-8"))
    assert len(register) == len(catalogue.clauses) == 51
    asked = {question.clause for question in catalogue.questions}
    measured = {indicator.clause for indicator in catalogue.indicators}
    fulfilled = {fulfilment.clause for fulfilment in catalogue.fulfilments}
    process = {clause["id"] for clause in register if clause["kind"] == "process"}
    others = {clause["id"] for clause in register} - process
    assert fulfilled == process
    assert asked == measured == others


def test_the_label_of_a_rule_names_the_breach_and_no_demand(catalogue: Catalogue) -> None:
    """It stands alone where the rule is broken: in the list of a returned workbook, and as what is broken most on a page."""
    labels = [version.label_zh for rule in catalogue.rules for version in rule.versions]
    demands = re.compile(r"不大于|不小于|不高于|不低于|不得|不超过|应不|应当|必须|必填|应填(?!未填)|请")
    assert [label for label in labels if demands.search(label)] == []


def test_a_clause_is_asked_of_whom_the_policy_names(catalogue: Catalogue) -> None:
    """Nobody is asked for a duty that the register does not lay on them."""
    for question in catalogue.questions:
        duty = set(catalogue.clause[question.clause].who)
        allowed = duty | ({"school"} if "private_school" in duty else set())
        assert set(question.who) <= allowed, question.code


@pytest.mark.parametrize(("quarter", "branch", "school"), [(1, 12, 15), (3, 12, 15), (4, 30, 60)])
def test_the_load_on_schools_and_branches(
    catalogue: Catalogue, quarter: int, branch: int, school: int
) -> None:
    """Issue 2: a branch's row at most 12 cells in Q1 and Q3 and 30 in Q4; a school's form 15 and 60. Source: clause S1.4."""
    cells = {row["respondent"]: int(row["cells"]) for row in load(catalogue) if row["quarter"] == quarter}
    assert 0 < cells["branch"] <= branch
    assert 0 < cells["school"] <= school


def test_the_load_counts_the_cells_of_the_form(catalogue: Catalogue) -> None:
    """Counted another way: a staff branch of a school in the first quarter, month by month."""
    period = Period.parse("2030Q1")
    codes = [q for q in catalogue.asked_in(period) if q.is_for_branch and q.applies_to("school", "staff")]
    cells = {row["respondent"]: row["cells"] for row in load(catalogue) if row["quarter"] == 1}
    assert cells["branch"] == sum(3 if question.monthly else 1 for question in codes)
    assert cells["school"] == sum("school" in question.who for question in catalogue.asked_in(period))


def test_the_calendar_alone_names_the_time_zone(catalogue: Catalogue) -> None:
    named = re.compile(rf"{catalogue.calendar.time_zone}|interval\s+'?\d+'?\s*hours?|hours=\d", re.IGNORECASE)
    sources = [
        path
        for room in ("expectations", "pipelines", "dashboards")
        for path in (HERE.parent / room).rglob("*")
        if path.suffix in (".py", ".sql", ".yaml")
    ]
    assert [p.name for p in sources if named.search(p.read_text("utf-8"))] == ["calendar.yaml"]


def test_nothing_is_asked_of_persons(catalogue: Catalogue) -> None:
    """It counts organisations: no question takes a name, an identity number or a phone number; one text is a document number."""
    assert [question.code for question in catalogue.questions if question.type == "text"] == ["O2.2b"]
    for question in catalogue.questions:
        assert not re.search("姓名|身份证|电话|手机|联系人", question.label_zh + question.hint), question.code


def test_stored_suites_are_those_of_the_catalogue(catalogue: Catalogue) -> None:
    """What a reader opens in expectations/suites is what is run; nothing is missing and nothing is left over."""
    built = stored_suites(catalogue)
    assert set(FOLDER.iterdir()) == set(built)
    for path, text in built.items():
        assert path.read_text("utf-8") == text, path.name


# ---- effective dates ----------------------------------------------------------------------------------------------------


def test_a_standard_is_used_only_from_its_period_on(catalogue: Catalogue) -> None:
    """A standard tightened on 2025-07-01 leaves every earlier period as it was judged."""
    old = catalogue.indicator["centre_group_attendance"]
    raised = {"value": "0.95", "compare": "at_least", "stated": True, "effective_from": "2025-07-01"}
    changed = Indicator.model_validate(
        {**old.model_dump(), "standards": [*old.model_dump()["standards"], raised]}
    )
    values = {}
    for text in ("2016Q1", "2015Q4", "2024Q1", "2025Q2", "2025Q3", "2030Q4"):
        standard = changed.standard_in(Period.parse(text))
        values[text] = standard and str(standard.value)
    assert values == {
        "2015Q4": None, "2016Q1": "0.90", "2024Q1": "0.90", "2025Q2": "0.90", "2025Q3": "0.95", "2030Q4": "0.95"
    }  # fmt: skip


def test_a_standard_may_end(catalogue: Catalogue) -> None:
    old = catalogue.indicator["centre_group_attendance"].model_dump()
    old["standards"][0]["effective_to"] = "2025-06-30"
    ended = Indicator.model_validate(old)
    assert ended.standard_in(Period.parse("2025Q2")) is not None
    assert ended.standard_in(Period.parse("2025Q3")) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2025-04-01", None, ["2025Q2", "2025Q3", "2025Q4"]),
        ("2025-06-30", None, ["2025Q2", "2025Q3", "2025Q4"]),
        ("2025-07-01", None, ["2025Q3", "2025Q4"]),
        ("2016-03-27", "2025-06-29", ["2025Q1"]),
        ("2016-03-27", "2025-06-30", ["2025Q1", "2025Q2"]),
    ],
)
def test_a_question_holds_on_the_last_day_of_a_period(
    start: str, end: str | None, expected: list[str], catalogue: Catalogue
) -> None:
    fields = catalogue.question["L3.1a"].model_dump() | {"effective_from": start, "effective_to": end}
    question = Question.model_validate(fields)
    periods = Period.parse("2025Q1").to(Period.parse("2025Q4"))
    assert [str(period) for period in periods if question.holds_in(period)] == expected


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("effective_from: 2025-07-01", ["2025Q3", "2025Q4"]),
        ("effective_to: 2025-06-30", ["2025Q1", "2025Q2"]),
    ],
)
def test_the_form_leaves_out_what_is_not_in_force(key: str, asked: list[str], folder: Path) -> None:
    change(folder, LEARNING, "{code: L3.1a,", f"{{code: L3.1a, {key},")
    changed = load_catalogue(folder)
    periods = Period.parse("2025Q1").to(Period.parse("2025Q4"))
    assert [str(p) for p in periods if changed.question["L3.1a"] in changed.asked_in(p)] == asked
