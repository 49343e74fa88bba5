"""The choice of a unit in a province larger than a list: nobody is shown whom nobody chose, and whoever is chosen stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import search
from tests.marts import publish

OFFERED = 4
NUMERALS = "零一二三四五六七八九"
UNITS = [
    {"unit_code": f"S{place}", "name": f"{'长沙' if place % 2 else '重庆'}第{numeral}小学", "kind": "school"}
    for place, numeral in enumerate(NUMERALS)
]


def page() -> None:
    from datetime import datetime

    import streamlit as st

    from dashboards import address, parts
    from dashboards.marts import labels, open_run
    from dashboards.queries import registry
    from dashboards.scope import Scope

    run = open_run()
    address.arrived("period")
    names = dict(registry.units(run).select("unit_code", "name").rows()) | {"S99": "新建小学"}
    now = datetime.fromisoformat("2026-01-20T00:00:00")
    scope = Scope(run, labels(run), "2025Q4", "2025年第四季度", now, is_due=True)
    st.html(f"shown:{parts.unit(st.container(), names, 'S0', scope)}")


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    run = publish(tmp_path / "data" / "marts", {"dim_unit": UNITS}, name="choosing")
    monkeypatch.setenv("SANXING_HOME", str(run.folder.parents[2]))
    monkeypatch.setattr(search, "LISTED", OFFERED)
    return AppTest.from_function(page, default_timeout=60)


def shown(visit: AppTest) -> str:
    assert not visit.exception
    said = [str(element.proto.body) for element in visit.get("html")]
    (code,) = [words.removeprefix("shown:") for words in said if words.startswith("shown:")]
    assert visit.query_params["unit"] == visit.selectbox[0].value == code
    return code


def look_for(visit: AppTest, text: str) -> str:
    visit.text_input[0].set_value(text).run()
    return shown(visit)


def offered(visit: AppTest) -> list[str]:
    return [option.rpartition("（")[2].removesuffix("）") for option in visit.selectbox[0].options]


def test_a_first_visit_shows_the_first_and_offers_those_about_it(visit: AppTest) -> None:
    assert shown(visit.run()) == "S0"
    assert offered(visit) == ["S0", "S1", "S2", "S3"]
    assert visit.selectbox[0].label == "单位（列出代码相近的4个，其他单位请先查找）"


def test_the_menu_brings_the_unit_along_and_a_link_without_one_does_not(visit: AppTest) -> None:
    visit.session_state["kept:unit"] = "S7"
    assert shown(visit.run()) == "S7"
    assert "S7" in offered(visit)
    visit.query_params.clear()
    visit.query_params["period"] = "2025Q4"
    assert shown(visit.run()) == "S0"
    assert offered(visit) == ["S0", "S1", "S2", "S3"]


def test_a_search_shows_the_first_that_it_finds(visit: AppTest) -> None:
    visit.query_params["unit"] = "S6"
    visit.run()
    assert look_for(visit, "cs") == "S1"
    assert offered(visit) == ["S1", "S3", "S5", "S7"]
    assert visit.selectbox[0].label == "单位（找到5个，列出前4个，请再写具体些）"


@pytest.mark.parametrize("text", ["cq", "", "没有这样的单位", "S6"])
def test_whoever_is_chosen_stays_where_a_search_finds_them_or_nobody(visit: AppTest, text: str) -> None:
    visit.query_params["unit"] = "S6"
    visit.run()
    look_for(visit, "第六")
    assert look_for(visit, text) == "S6"


def test_a_search_left_on_another_page_chooses_nobody(visit: AppTest) -> None:
    visit.session_state["kept:unit"], visit.session_state["kept:find"] = "S6", "cs"
    assert shown(visit.run()) == "S6"
    assert offered(visit) == ["S6", "S1", "S3", "S5", "S7"]


@pytest.mark.parametrize("text", ["新建", "s99"])
def test_a_unit_that_the_run_does_not_know_yet_is_found(visit: AppTest, text: str) -> None:
    visit.run()
    assert look_for(visit, text) == "S99"
    assert visit.selectbox[0].label == "单位（找到1个）"
