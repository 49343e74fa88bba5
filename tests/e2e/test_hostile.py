"""Names and words that come from outside are text on every page and in every file, whatever they look like."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.reading import go, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import download
from tests.marts import BLANKS, Rows, publish

IMAGE = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://x/","点我")'
NOW = "2025Q4"


def of(unit: str, **columns: Any) -> dict[str, Any]:
    return {"unit_code": unit, "period": NOW, **columns}


TABLES: dict[str, Rows] = {
    "dim_period": [{"period": NOW, "year": 2025, "quarter": 4, "label_zh": IMAGE, "is_due": True}],
    "dim_city": [{"city_code": "320100", "name": IMAGE, "short": IMAGE}],
    "dim_unit": [
        {"unit_code": "S1", "name": IMAGE, "kind": "school", "category": IMAGE, "city_code": "320100", "city": IMAGE,
         "peer_group": IMAGE},
        {"unit_code": "S2", "name": FORMULA, "kind": "school", "city_code": "320100", "city": IMAGE, "peer_group": "x"},
        {"unit_code": "S1-1", "name": IMAGE, "kind": "branch", "parent_code": "S1", "city_code": "320100", "city": IMAGE},
    ],
    "dim_label": [{"enumeration": "dimension", "code": "learning", "label_zh": IMAGE},
                  {"enumeration": "kind", "code": "school", "label_zh": IMAGE}],
    "dim_clause": [{"clause": "L1.1", "label_zh": f'"{IMAGE}', "dimension": "learning", "section": IMAGE, "who": IMAGE}],
    "dim_question": [{"question": "L1.1a", "label_zh": IMAGE, "clause": "L1.1"}],
    "dim_indicator": [{"indicator": "study", "label_zh": IMAGE, "dimension": "learning", "clause": "L1.1", "unit": IMAGE,
                       "standard": Decimal(1), "compare": "at_least"}],
    "dim_indicator_question": [{"indicator": "study", "side": "numerator", "operation": "sum", "question": "L1.1a"}],
    "dim_rule": [{"rule": "bounds", "label_zh": IMAGE}],
    "reporting": [{"group_kind": "province", "group_code": "province", "period": NOW, "expected": 2, "received": 2},
                  {"group_kind": "city", "group_code": "320100", "period": NOW, "expected": 2, "received": 2, "completeness": 0.5},
                  {"group_kind": "kind", "group_code": "school", "period": NOW, "expected": 2, "received": 2}],
    "unit_reporting": [of("S1", state="returned", owes="correction", submission_id="a", stands_since=BLANKS["TIMESTAMP"], to_correct=1, n_versions=2,
                          days_late=2, first_received_at=BLANKS["TIMESTAMP"], cells=4, usable=1),
                       of("S2", state="not_reported", owes="report", cells=4)],
    "question_reporting": [{"period": NOW, "unit_kind": "school", "city_code": "320100", "question": "L1.1a", "cells": 8, "usable": 1}],
    "load": [{"period": NOW, "unit_kind": "school", "form": "own", "units": 1, "respondents": 1, "asked": 4, "typed": 4}],
    "question_use": [{"question": "L1.1a", "suggest_removal": True, "reason": IMAGE, "common_answer": FORMULA}],
    "submissions": [of("S1", submission_id="a", version=1, state="returned", counts=True, file=f"{IMAGE}.xlsx", n_block=1),
                    of("S1", submission_id="c", version=2, state="returned", file=IMAGE),
                    {"submission_id": "b", "state": "refused", "file": IMAGE, "stored_as": IMAGE}],
    "answers": [of("S1", submission_id="a", question="L1.1a", value=1, raw=IMAGE, sheet=IMAGE, cell="D5"),
                of("S1", submission_id="c", question="L1.1a", text=IMAGE, raw=IMAGE, sheet=IMAGE, cell=IMAGE, explanation=FORMULA)],
    "findings": [of("S1", finding_id="f1", submission_id="a", branch_code="S1-1", rule="bounds", severity="block",
                    sheet=IMAGE, cell="D5", message=IMAGE, explanation=FORMULA),
                 {"finding_id": "f2", "submission_id": "b", "rule": "bounds", "severity": "block", "message": IMAGE}],
    "indicator_values": [of(code, indicator="study", status="not_met", numerator=1, denominator=2, value=0.5, standard=1,
                            reason=IMAGE) for code in ("S1", "S1-1")],
    "group_values": [{"group_kind": "province", "group_code": "province", "period": NOW, "indicator": "study", "units": 2,
                      "units_met": 1, "standard": 1}],
    "scores": [of("S1", dimension="learning", score=50.0, rank=1, rank_low=1, rank_high=2, peers=2)],
    "trends": [{"unit_code": "S1", "indicator": "study", "grain": "quarter", "point": NOW, "value": 0.5, "signal": "none"}],
    "trend_tests": [{"unit_code": "S1", "indicator": "study", "grain": "quarter", "points": 1, "first_point": NOW, "last_point": NOW}],
    "group_trends": [{"group_kind": "province", "group_code": "province", "indicator": "study", "grain": "quarter", "point": IMAGE},
                     {"group_kind": "province", "group_code": "province", "indicator": "study", "grain": "quarter", "point": NOW},
                     {"group_kind": "city", "group_code": "320100", "indicator": "study", "grain": "quarter", "point": NOW, "signal": "none"}],
    "group_trend_tests": [{"group_kind": "city", "group_code": "320100", "indicator": "study", "grain": "quarter", "points": 1,
                           "first_point": NOW, "last_point": NOW}],
    "flags": [of("S1", kind="performance", level="red", indicator="study", clause="L1.1", reason=IMAGE, evidence=IMAGE),
              of("S1-1", kind=IMAGE, level="red", reason=IMAGE, evidence=IMAGE),
              of("S1-1", kind="trend", level="red", run_since=NOW, reason=IMAGE)],
    "shortlist": [{"year": 2025, "unit_code": "S1", "kind": "school", "score": 50.0, "rank": 2, "selected": True, "probability": 0.5, "reason": IMAGE},
                  {"year": 2025, "unit_code": "S2", "kind": "school", "score": 60.0, "rank": 1, "selected": True, "reason": FORMULA}],
    "candidates": [{"year": 2025, "unit_code": code, "kind": "school", "red_indicators": IMAGE} for code in ("S1", "S2")],
    "contact_points": [{"year": 2025, "unit_code": "S1", "kind": "school", "selected": True, "reason": IMAGE}],
}  # fmt: skip
ADDRESSES = {
    f"/?measure={quote(IMAGE)}": "总览",
    f"/flags?about=L1.1&level={quote(IMAGE)}": "预警",
    f"/flags?q={quote(IMAGE)}": "预警",
    "/unit?unit=S1&indicator=study": "单位画像",
    "/unit?unit=S1&branch=S1-1": "单位画像",
    f"/unit?unit={quote(IMAGE)}": "单位画像",
    "/trends?scope=city&city=320100": "趋势",
    f"/trends?scope=unit&unit=S1&trend={quote(IMAGE)}&grain={quote(IMAGE)}": "趋势",
    "/compare?units=S1,S2": "对比",
    f"/compare?units={quote(IMAGE)}": "对比",
    "/quality": "数据质量",
    "/reporting?city=320100": "报送情况",
    f"/reporting?kind={quote(IMAGE)}&office={quote(IMAGE)}": "报送情况",
    "/load": "填报负担",
    "/versions?unit=S1": "版本差异",
    f"/versions?unit=S1&from={quote(IMAGE)}&to=1": "版本差异",
    "/shortlist": "示范点",
    "/shortlist?view=trial": "示范点",
    "/shortlist?view=contacts": "示范点",
    "/clauses": "条款与指标",
}


MARKUP = "img[src='x'], [onerror]"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("hostile")
    publish(home / "data" / "marts", TABLES)
    with Server(home) as server:
        yield server


@pytest.mark.parametrize("path", ADDRESSES)
def test_markup_in_names_is_shown_as_it_is_written(page: Page, hostile: Server, path: str) -> None:
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    go(page, hostile.url + path, ADDRESSES[path])
    expect(page.locator("#root")).to_contain_text(IMAGE)
    expect(page.locator(MARKUP)).to_have_count(0)
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        panel = page.locator(f"[id='{tab.get_attribute('aria-controls')}']")
        expect(panel.locator(".stHtml").first).to_be_visible()
        settled(page)
        expect(page.locator(MARKUP)).to_have_count(0)
    assert not [url for url in asked_for if url.endswith("/x")]


def test_a_name_like_a_formula_is_text_on_the_page(page: Page, hostile: Server) -> None:
    go(page, f"{hostile.url}/unit?unit=S2", "单位画像")
    expect(page.get_by_label("单位（可输入名称或代码查找）")).to_have_value(f"{FORMULA}（S2）")
    go(page, f"{hostile.url}/shortlist", "示范点")
    assert {row["单位"] for row in rows(page, "名单")} == {IMAGE, FORMULA}
    expect(page.locator("a[href*='http://x/']")).to_have_count(0)


def test_a_name_like_a_formula_is_text_in_the_files(page: Page, hostile: Server, tmp_path: Path) -> None:
    go(page, f"{hostile.url}/shortlist", "示范点")
    book = openpyxl.load_workbook(download(page, "下载名单（.xlsx）", tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == FORMULA]
    assert len(cells) >= 4
    assert {cell.data_type for cell in cells} == {"s"}
    go(page, f"{hostile.url}/reporting", "报送情况")
    chased = openpyxl.load_workbook(download(page, "下载催报单（.xlsx）", tmp_path))["催报清单"]
    assert {
        cell.data_type for row in chased.iter_rows() for cell in row if cell.value in (FORMULA, IMAGE)
    } == {"s"}
    go(page, f"{hostile.url}/shortlist", "示范点")
    content = download(page, "下载全部候选（.csv）", tmp_path).read_text("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(content)))
    assert {row["单位名称"] for row in listed} == {IMAGE, f"'{FORMULA}"}
