"""How many forms are judged at once: memory is bounded, and no form is left out or judged twice."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import read_stage
from pipelines.read_stage import judged_together

COUNTED = st.lists(
    st.tuples(
        st.integers(0, 30).map(lambda n: f"s{n:02d}"),
        st.sampled_from(["school", "ledger"]),
        st.sampled_from(["Q1", "Q4"]),
        st.integers(1, 12),
    ),
    unique_by=lambda row: row[:3],
).map(lambda rows: sorted(rows, key=lambda row: (row[1], row[2], row[0])))
MOST = 20


@given(COUNTED)
def test_every_form_is_judged_once_with_forms_of_its_suite(counted: list[tuple[str, str, str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(read_stage, "_ANSWERS_AT_ONCE", MOST)
        batches = list(judged_together(counted))
    judged = Counter((submission, form) for form, ids in batches for submission in ids)
    assert judged == Counter((submission, form) for submission, form, *_ in counted)
    answers = {row[:3]: row[3] for row in counted}
    quarters = [quarter for _, quarter in (key for key, _ in groupby(counted, key=lambda row: row[1:3]))]
    assert len(batches) >= len(quarters)
    for form, ids in batches:
        fitting = [q for q in ("Q1", "Q4") if all((i, form, q) in answers for i in ids)]
        assert any(sum(answers[i, form, q] for i in ids) <= MOST for q in fitting) or len(ids) == 1
