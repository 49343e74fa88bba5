"""Every page in states that a browser reaches slowly: a province of nobody, of one unit, without a history, with nothing calculable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.pages import PAGES, REVIEW_PAGES
from tests.addresses import BEHIND
from tests.marts import Rows, publish
from tests.visiting import visited, words

WORDS = re.compile(r"(?<![\w-])[A-Za-z]+(?![\w-])")
PATHS = [path for _, path, *_ in (*PAGES, *REVIEW_PAGES)]
PERIOD = {"period": "2025Q4", "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "is_due": True}
UNIT = {"unit_code": "S1", "name": "第一小学", "kind": "school", "category": "primary", "city_code": "3201", "city": "南京市", "peer_group": "school:small"}  # fmt: skip
CITY = {"city_code": "3201", "name": "南京市", "short": "南京", "tile_column": 1, "tile_row": 1}
INDICATOR = {
    "indicator": "study_participation", "label_zh": "学习参与率", "dimension": "learning", "clause": "L3.7", "unit": "%", "grain": "branch",
    "standard": 0.9, "compare": "at_least", "direction": "higher", "kind": "rate", "per": "month", "stated": True,
}  # fmt: skip
CLAUSE = {
    "clause": "L3.7",
    "label_zh": "学习教育",
    "dimension": "learning",
    "who": "city,university,school",
    "per": "month",
}
OWED = {
    "group_kind": "province", "group_code": "province", "period": "2025Q4", "expected": 1, "received": 1, "on_time": 1, "accepted": 1,
    "completeness": 1.0, "timeliness": 1.0,
}  # fmt: skip
KNOWN: dict[str, Rows] = {
    "dim_period": [PERIOD], "dim_unit": [UNIT], "dim_city": [CITY], "dim_indicator": [INDICATOR], "dim_clause": [CLAUSE], "reporting": [OWED],
}  # fmt: skip
VALUE: dict[str, Any] = {
    "unit_code": "S1", "period": "2025Q4", "indicator": "study_participation", "numerator": 9, "denominator": 10, "value": 0.9, "standard": 0.9,
    "status": "met", "peer_group": "school:small", "n_peers": 1,
}  # fmt: skip
MISSING = VALUE | {
    "numerator": None,
    "denominator": None,
    "value": None,
    "status": "not_calculable",
    "reason": "有1格未填",
}
STATES: dict[str, dict[str, Rows]] = {
    "nobody": {"dim_period": [PERIOD]},
    "one unit that has not reported": KNOWN,
    "one quarter": {**KNOWN, "indicator_values": [VALUE]},
    "nothing calculable": {**KNOWN, "indicator_values": [MISSING]},
}


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_something_and_fails_nowhere(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pages remember what they have asked of a run by its name
    publish(tmp_path / "data" / "marts", STATES[state], name=state.replace(" ", "-"))
    monkeypatch.setenv("SANXING_HOME", str(tmp_path))
    monkeypatch.setenv("SANXING_REVIEW", "true")
    for path, choices in [*((path, dict[str, str]()) for path in PATHS), *BEHIND]:
        app = visited(path, choices)
        assert not app.exception, f"{path}: {app.exception[0].message}"
        said = words(app)
        assert "<h1>" in said, path
        assert "暂时没有可以查看的结果" not in said, path
        assert not {"None", "nan", "null"} & set(WORDS.findall(said)), path
