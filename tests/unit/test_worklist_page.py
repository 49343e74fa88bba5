"""The page 预警 in states that a province seldom shows: no flags, a period that is still open, and a list of more than one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.labels import ENUMERATIONS
from tests.marts import publish
from tests.visiting import visited, words

NOW = "2025Q4"


def opened(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, is_due: bool, flagged: int, last: str = NOW
) -> str:
    """All that the page says, over `flagged` units with a flag that was judged last in the period `last`."""
    flags: list[dict[str, Any]] = [
        {"unit_code": f"S{n:03}", "period": last, "kind": "quality", "level": "red", "clause": "O2.1", "reason": f"第{n}所学校请改正。",
         "since": last, "times": 1, "run_since": last}
        for n in range(flagged)
    ]  # fmt: skip
    runs = [
        {key: value for key, value in row.items() if key not in ("period", "run_since")}
        | {"last_period": last}
        for row in flags
    ]
    publish(
        home / "data" / "marts",
        {
            "dim_label": [{"enumeration": name, "code": code, "label_zh": zh} for name, entries in ENUMERATIONS.items() for code, zh, _ in entries],
            "dim_period": [{"period": NOW, "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "is_due": is_due}],
            "dim_unit": [{"unit_code": f"S{n:03}", "name": f"第{n}小学", "kind": "school"} for n in range(max(1, flagged))],
            "flags": flags,
            "flag_runs": runs,
        },
        name=f"{home.name}-{is_due}-{flagged}",
    )  # fmt: skip
    monkeypatch.setenv("SANXING_HOME", str(home))
    app = visited("flags")
    assert not app.exception
    return words(app)


@pytest.mark.parametrize(
    ("is_due", "flagged", "last", "said", "unsaid"),
    [
        (True, 0, NOW, "本期没有预警，以前各期的预警也均已解除。", "预警清单"),
        (False, 0, NOW, "本期尚未截止（", "预警清单"),
        (False, 2, "2025Q3", "目前列出的主要是以前各期未解除的预警。", "本期没有预警"),
        (True, 2, NOW, "未解除：共2条预警，涉及2个单位。", "本页为"),
        (True, 120, NOW, "共120行，本页为第1至50行。", "第50所学校"),
    ],
)
def test_the_page_says_what_there_is_and_why_there_is_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_due: bool,
    flagged: int,
    last: str,
    said: str,
    unsaid: str,
) -> None:
    html = opened(tmp_path, monkeypatch, is_due=is_due, flagged=flagged, last=last)
    assert said in html
    assert unsaid not in html
