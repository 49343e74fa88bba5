"""What a link to a trial may say: each change as its input shows it, or not read at all."""

from __future__ import annotations

import pytest

from dashboards.views.trial_inputs import UnreadError, read_change
from pipelines.selection.what_if import KEYS, NOT_ASKED

DECLARED = dict.fromkeys(KEYS, "1")


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("weights.learning", "30%", 30.0),
        ("weights.learning", "0%", 0.0),
        ("gates.coverage", "87.5%", 87.5),
        ("gates.coverage", NOT_ASKED, None),
        ("gates.least_score", "62.5", 62.5),
        ("gates.quality", "last", "last"),
        ("gates.quality", NOT_ASKED, NOT_ASKED),
        ("quotas.school", "12", 12),
        ("most_per_city", "1", 1),
    ],
)
def test_a_change_is_shown_as_it_was_made(key: str, text: str, shown: float | str | None) -> None:
    assert read_change(key, text, DECLARED) == shown


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("weights.learning", "0.3"),  # a share without its sign could be either
        ("weights.learning", "101%"),
        ("weights.learning", NOT_ASKED),
        ("weights.nothing", "30%"),
        ("gates.quality", "first"),
        ("gates.missing_quarters", "5"),
        ("quotas.school", "1.5"),
        ("quotas.school", "10000"),
        ("quotas.school", "-1"),
        ("quotas.school", "nan"),
        ("quotas.school", "1e999999"),
        ("quotas.school", "<b>1</b>"),
        ("most_per_city", "0"),
        ("", ""),
    ],
)
def test_what_no_input_can_show_is_not_read(key: str, text: str) -> None:
    with pytest.raises(UnreadError):
        read_change(key, text, DECLARED)
