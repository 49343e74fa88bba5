"""Like compared with like: which bands are joined, what is said of it, and whom it leaves unjudged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import Catalogue
from expectations.models.selection import Band, PeerGroups
from pipelines.comparison.peer_groups import group_label_zh, joined, note_zh, possible_groups

BANDS = ("small", "medium", "large")
SCHOOLS = PeerGroups(
    kind="school",
    bands=tuple(
        Band.model_validate({"code": code, "label_zh": label, "from": start})
        for code, label, start in zip(
            BANDS, ("不足50人", "50人至149人", "150人及以上"), (0, 50, 150), strict=True
        )
    ),
)


@pytest.mark.parametrize(
    ("sizes", "codes"),
    [
        ((8, 8, 8), ["school:small", "school:medium", "school:large"]),
        ((7, 8, 8), ["school:small+medium", "school:large"]),
        ((8, 7, 8), ["school:small", "school:medium+large"]),
        ((8, 8, 7), ["school:small", "school:medium+large"]),
        ((3, 3, 8), ["school:small+medium+large"]),
        ((3, 5, 8), ["school:small+medium", "school:large"]),
        ((9, 1, 1), ["school:small+medium+large"]),
        ((1, 1, 1), ["school:small+medium+large"]),
        ((0, 0, 20), ["school:small+medium+large"]),
    ],
)
def test_a_band_of_too_few_joins_the_next_larger_one(sizes: tuple[int, ...], codes: list[str]) -> None:
    assert [group.code for group in joined(SCHOOLS, sizes, 8)] == codes


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3))
def test_no_group_has_too_few_unless_the_kind_has(sizes: list[int]) -> None:
    groups = joined(SCHOOLS, sizes, 8)
    assert [band.code for group in groups for band in group.bands] == list(BANDS)
    assert sum(group.units for group in groups) == sum(sizes)
    assert all(group.units >= 8 for group in groups) or len(groups) == 1


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        ((8, 8, 8), None),
        ((5, 9, 8), "“不足50人”5个单位，不足8个，与相邻规模合并比较。"),
        (
            (1, 1, 1),
            "“不足50人”1个单位、“50人至149人”1个单位、“150人及以上”1个单位，不足8个，与相邻规模合并比较；同类只有3个单位，不足8个，只列数值，不评定高低。",
        ),
    ],
)
def test_what_is_said_of_a_group(sizes: tuple[int, ...], note: str | None) -> None:
    assert note_zh(joined(SCHOOLS, sizes, 8)[0], 8) == note


def test_every_group_that_can_come_of_it_has_a_label(catalogue: Catalogue) -> None:
    for declared in catalogue.selection.peer_groups:
        labels = {bands: group_label_zh(declared.kind, bands) for bands in possible_groups(declared)}
        assert len(set(labels.values())) == len(labels)
    assert group_label_zh("学校", SCHOOLS.bands[:2]) == "学校·不足50人、50人至149人"
