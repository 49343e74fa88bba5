"""Searching for units and branches: by name, code and pinyin initials; characters with several readings as their word is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import search
from pipelines.unit_search import initials, unit_search
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
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("name", "query", "is_found"),
    [
        ("长沙市第一中学", "cs", True),
        ("长沙市第一中学", "CSSD", True),
        ("长沙市第一中学", "zs", False),
        ("长沙市第一中学", "第一", True),
        ("长沙市第一中学", "cs 中学", True),
        ("长沙市第一中学", "cs 小学", False),
        ("长沙市第一中学", "ｃｓ", True),
        ("长沙市第一中学", "U", True),
        ("长沙市第一中学", "", True),
        ("长沙市第一中学", "   ", True),
        ("长沙市第一中学", ".*", False),
        ("A[1]校", "[1]", True),
    ],
)
def test_every_word_of_a_search_must_be_found(tmp_path: Path, name: str, query: str, is_found: bool) -> None:
    run = publish(tmp_path, {"dim_unit": [{"unit_code": "U", "name": name, "kind": "school"}]})
    assert search.found(run, query)["unit_code"].to_list() == (["U"] if is_found else [])


@given(st.text(max_size=60))
def test_a_name_is_held_by_itself_and_by_its_initials_whatever_it_is(name: str) -> None:
    held = unit_search([("U", name, None)])["sought_as"][0]
    assert all(word in held for word in search.words(name))
    assert all(word in held for word in search.words(initials(name)))
    assert all(letter.isalnum() for letter in initials(name))


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

    def codes(query: str) -> list[str]:
        return search.found(run, query)["unit_code"].to_list()

    assert codes("cslxx") == ["S1", "S1-1"]
    assert codes("CSL dyzb") == ["S1-1"]
    assert codes("cq") == ["C1"]
    assert codes("s1-1") == ["S1-1"]
    assert codes("") == ["C1", "S1", "S1-1", "S2"]
    assert codes("没有") == []


CODES = [f"S{number:04}" for number in range(1000)]
MANY, FEW = set(CODES[100:900]), {"S0007", "S0900", "B1"}


@pytest.mark.parametrize(
    ("codes", "found", "chosen", "offered", "words"),
    [
        (CODES[:300], None, "S0100", CODES[:300], "可输入名称或代码查找"),
        (CODES, None, "S0500", CODES[350:650], "列出代码相近的300个，其他单位请先查找"),
        (CODES, None, "S0003", CODES[:300], "列出代码相近的300个，其他单位请先查找"),
        (CODES, None, "S0999", CODES[700:], "列出代码相近的300个，其他单位请先查找"),
        (CODES, None, "gone", CODES[:300], "列出代码相近的300个，其他单位请先查找"),
        (CODES, FEW, "S0500", ["S0007", "S0900"], "找到2个"),
        (CODES, MANY, "S0500", CODES[100:400], "找到800个，列出前300个，请再写具体些"),
        (CODES, {"B1"}, "S0500", CODES[350:650], "没有找到，列出代码相近的300个"),
        (CODES[:3], set(), "S0001", CODES[:3], "没有找到，列出全部单位"),
    ],
)
def test_a_list_offers_what_is_found_else_what_stands_about_the_unit_chosen(
    codes: list[str], found: set[str] | None, chosen: str, offered: list[str], words: str
) -> None:
    assert search.offered(codes, found, chosen) == (offered, words)


@given(st.sets(st.sampled_from(CODES)), st.sampled_from(CODES), st.integers(1, 1000))
def test_a_list_holds_the_unit_chosen_and_never_more_than_it_can_offer(
    found: set[str], chosen: str, many: int
) -> None:
    codes = CODES[:many]
    everything, _ = search.offered(codes, None, chosen)
    assert len(everything) == min(many, search.LISTED)
    assert (chosen in everything) == (chosen in codes)
    listed, _ = search.offered(codes, found, chosen)
    assert len(listed) <= search.LISTED
    assert listed == sorted(set(listed))
    assert set(listed) <= found or found.isdisjoint(codes)
