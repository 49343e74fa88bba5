"""signs.yaml: a sign that could never be tested, or says nothing to a reviewer, is refused with line, key and reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from expectations import Catalogue, CatalogueError, load_catalogue
from expectations.catalogue import HERE

SIGNS = "signs.yaml"


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("indicator: study_participation, over: unit", "indicator: study_partaking, over: unit", "bunching", "«study_partaking» is not declared"),
        ("indicator: study_participation, over: unit", "indicator: study_participation, over: city", "bunching", "no figures of units"),
        ("indicator: study_participation, over: unit", "indicator: members_in_contact, over: unit", "bunching", "under 1"),
        ("indicator: study_participation, over: unit", "indicator: party_day_participation, over: unit", "bunching", "no standard"),
        ("indicator: study_participation, over: unit", "indicator: training_hours_per_member, over: unit", "bunching", "not one count over another"),
        ("indicator: study_participation, quarters: [3, 4]", "indicator: party_day_participation, quarters: [3, 4]", "too_constant", "not asked by month"),
        ("[L3.7a, L3.7b, L3.6a, L3.4b]", "[L3.7a, L3.4a]", "copied_rows", "«L3.4a» is no number that every quarter's ledger counts anew"),
        ("[L3.7a, L3.7b, L3.6a, L3.4b]", "[L9.9z]", "copied_rows", "«L9.9z» is not declared"),
        ("already_asked: [ledger_copied_from_last_period", "already_asked: [presence", "copied_rows", "no rule about other submissions"),
        ("question: L3.4b, quarters", "question: L3.1a, quarters", "digit_preference", "no number of a branch's ledger"),
        ("question: L3.4b, quarters", "question: L3.4b, indicator: study_participation, quarters", "digit_preference.tests.1", "either a question or an indicator"),
        ("false_discovery_rate: '0.02'", "false_discovery_rate: '1.5'", "false_discovery_rate", "less than 1"),
        ("    - {indicator: study_participation, over: unit, quarters: 1, fewest: 8}", "    - {indicator: study_participation, over: unit, quarters: 1, fewest: 8}\n    - {indicator: study_participation, over: unit, quarters: 2, fewest: 8, width: 2}", "bunching", "2 tests are about «L3.7b» of the same unit"),
        ("quarters: [3, 4], fewest: 8}", "quarters: [3, 4], fewest: 8}\n    - {indicator: study_participation, quarters: [4], fewest: 9}", "too_constant", "2 tests are about «L3.7b» of the same branch"),
        ("question: S4.8b, quarters", "question: L3.4b, quarters", "digit_preference", "2 tests are about «L3.4b» of the same unit"),
        ("asks: 请核对各月签到记录", "asks: 涉嫌造假", "too_constant.asks", "must be a request"),
        ("label_zh: 台账行相同", "label_zh: 台账行相同\n  guilt: yes", "copied_rows.guilt", "Extra inputs"),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_refused(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(HERE, folder)
    text = (folder / SIGNS).read_text("utf-8")
    assert text.count(old) == 1
    (folder / SIGNS).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    (place, named, why), *_ = caught.value.faults
    assert (place.file.name, named) == (SIGNS, key)
    assert reason in why


def test_every_sign_speaks_to_a_reviewer_without_a_charge(catalogue: Catalogue) -> None:
    for name in ("bunching", "copied_rows", "too_constant", "digit_preference"):
        sign = catalogue.signs.of(name)  # type: ignore[arg-type]
        said = sign.label_zh + sign.asks + "".join(sign.innocent)
        assert not [word for word in ("造假", "虚报", "弄虚作假", "违规", "作弊", "None") if word in said]
        assert len(sign.innocent) >= 2


def test_no_standard_is_written_a_second_time() -> None:
    text = (HERE / SIGNS).read_text("utf-8")
    assert "0.9" not in text
    assert "standard:" not in text
