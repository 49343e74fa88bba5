"""Searching for units and branches: by name, code and pinyin initials; characters with several readings as their word is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import search
from tests.marts import publish


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("重庆", "cq"),
        ("重要", "zy"),
        ("长沙", "cs"),
        ("校长", "xz"),
        ("厦门大学", "xmdx"),
        ("大厦", "ds"),
        ("银行学校", "yhxx"),
        ("行知小学", "xzxx"),
        ("南京市重阳路小学", "njscylxx"),
        ("中心小学（示例）", "zxxxsl"),
        ("第１中学Ａ区", "d1zxaq"),
        ("S0001 实验", "s0001sy"),
        ("", ""),
        ("<img onerror=alert(1)>", "imgonerroralert1"),
    ],
)
def test_initials_are_read_word_by_word(name: str, letters: str) -> None:
    assert search.initials(name) == letters


@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("长沙市第一中学", "cs", True),
        ("长沙市第一中学", "CSSD", True),
        ("长沙市第一中学", "zs", False),
        ("长沙市第一中学", "第一", True),
        ("长沙市第一中学", "cs 中学", True),
        ("长沙市第一中学", "cs 小学", False),
        ("长沙市第一中学", "ｃｓ", True),
        ("长沙市第一中学", "", True),
        ("长沙市第一中学", "   ", True),
        ("长沙市第一中学", ".*", False),
        ("A[1]校", "[1]", True),
    ],
)
def test_every_word_of_a_search_must_be_found(text: str, query: str, is_found: bool) -> None:
    assert search.matches(text, query) is is_found


@given(st.text(max_size=60))
def test_a_name_is_found_by_itself_and_by_its_initials_whatever_it_is(name: str) -> None:
    assert search.matches(name, name)
    assert search.matches(name, search.initials(name))
    assert all(letter.isalnum() for letter in search.initials(name))


def test_a_branch_is_found_by_its_unit_and_a_school_not_by_its_bureau(tmp_path: Path) -> None:
    run = publish(
        tmp_path,
        {
            "dim_unit": [
                {"unit_code": "C1", "name": "重庆市教育局", "kind": "city"},
                {"unit_code": "S1", "name": "长沙路小学", "kind": "school", "parent_code": "C1"},
                {"unit_code": "S1-1", "name": "第一支部", "kind": "branch", "parent_code": "S1"},
                {"unit_code": "S2", "name": "甲小", "kind": "school", "parent_code": "C1"},
            ]
        },
    )
    known = search.keys(run)

    def codes(query: str) -> list[str]:
        return search.found(known, query)["unit_code"].to_list()

    assert codes("cslxx") == ["S1", "S1-1"]
    assert codes("CSL dyzb") == ["S1-1"]
    assert codes("cq") == ["C1"]
    assert codes("s1-1") == ["S1-1"]
    assert codes("") == ["C1", "S1", "S1-1", "S2"]
    assert codes("没有") == []
