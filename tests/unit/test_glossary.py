"""Terms: each is explained once in a text, whole where it is part of a longer one, and nothing of the text is lost or let through unescaped."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import glossary, markup
from dashboards.markup import Column, Table

MEANING = glossary.TERMS["同类组"]
TEXTS = st.lists(st.sampled_from([*glossary.TERMS, "，", "<b>", "最低的是", "控制"])).map("".join)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("本期没有预警。", []),
        ("同类组里，按同类组看", ["同类组"]),
        ("控制上限和控制下限即控制限", ["控制上限", "控制下限", "控制限"]),
        ("数据质量等级不到采信线", ["数据质量等级", "采信线"]),
        ("99.8%界限和95%界限", ["99.8%界限", "95%界限"]),
    ],
)
def test_terms_are_found_once_each_and_the_longest_first(text: str, terms: list[str]) -> None:
    assert [piece for piece, meaning in glossary.pieces(text) if meaning] == terms


@given(TEXTS)
def test_a_text_stays_whole(text: str) -> None:
    assert "".join(piece for piece, _ in glossary.pieces(text)) == text


@pytest.mark.parametrize("words", [*glossary.TERMS.values(), *glossary.HEADS.values()])
def test_a_meaning_is_a_sentence_with_chinese_stops(words: str) -> None:
    assert words.endswith("。")
    assert not set(words) & set(",;:?!()")


@pytest.mark.parametrize(
    "html",
    [
        markup.heading("名次", "在同类组中"),
        markup.reading("在同类组中"),
        markup.note("在同类组中"),
        markup.figures([("同类组", "3", "")]),
        markup.facts([("同类组", "学校")]),
        Table("表", [Column("同类组")], [["学校"]], "").html(),
    ],
)
def test_a_term_has_its_meaning_for_the_eye_the_keyboard_and_the_screen_reader(html: str) -> None:
    term = html[html.index("<abbr") : html.index("</abbr>")]
    assert 'tabindex="0"' in term
    assert f'data-meaning="{MEANING}"' in unescape(term)
    assert f'aria-description="{MEANING}"' in unescape(term)


def test_what_stands_around_a_term_stays_escaped() -> None:
    html = markup.reading("<img onerror=alert(1)>同类组</p>")
    assert html.count("<") == 4  # p and abbr, opened and closed
    assert "&lt;img onerror=alert(1)&gt;<abbr" in html
