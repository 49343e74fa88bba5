"""A unit's flags on the page: open ones first, then what closed in the quarter and why, then earlier ones; how long on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipelines.labels import ENUMERATIONS
from tests.e2e.reading import go, rows, settled
from tests.e2e.server import Server
from tests.marts import publish

BEFORE, NOW = "2025Q3", "2025Q4"
LABEL = "2025年第四季度"


def flag(code: str, period: str, times: int, **other: Any) -> dict[str, Any]:
    return {
        "unit_code": code, "period": period, "kind": "performance", "level": "amber", "indicator": "study", "clause": "L3.2",
        "reason": f"{code}未达到标准。", "evidence": "7÷10", "since": BEFORE, "times": times, "run_since": BEFORE, **other,
    }  # fmt: skip


def run_of(
    flagged: dict[str, Any], closed_in: str | None = None, closing: str | None = None
) -> dict[str, Any]:
    kept = {name: value for name, value in flagged.items() if name not in ("period", "run_since")}
    return kept | {
        "since": flagged["run_since"],
        "last_period": flagged["period"],
        "closed_in": closed_in,
        "closing": closing,
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home: Path = tmp_path_factory.mktemp("flags")
    standing = flag("S1-1", NOW, 2)
    late = flag("S1", BEFORE, 1, kind="reporting", indicator=None, reason="一小报表逾期报送。")
    past = flag("S1", "2025Q1", 1, since="2025Q1", run_since="2025Q1", level="red")
    spoilt = flag(
        "S1", BEFORE, 1, kind="quality", indicator=None, level="red", reason="一小报表有3处必须改正。"
    )
    city = {"city_code": "320100", "city": "南京市"}
    labels = [{"enumeration": name, "code": code, "label_zh": zh} for name, entries in ENUMERATIONS.items() for code, zh, _ in entries]  # fmt: skip
    publish(home / "data" / "marts", {
        "dim_label": labels,
        "dim_period": [
            {"period": period, "year": 2025, "quarter": quarter, "label_zh": f"2025年第{name}季度", "is_due": True}
            for period, quarter, name in ((BEFORE, 3, "三"), (NOW, 4, "四"))
        ],
        "dim_city": [{"city_code": "320100", "name": "南京市", "short": "南京"}],
        "dim_unit": [
            {"unit_code": "S1", "name": "一小", "kind": "school", **city},
            {"unit_code": "S1-1", "name": "第一支部", "kind": "branch", "parent_code": "S1", **city},
        ],
        "reporting": [{"group_kind": "province", "group_code": "province", "period": NOW, "expected": 1, "received": 1}],
        "flags": [flag("S1-1", BEFORE, 1), standing, late, past, spoilt],
        "flag_runs": [
            run_of(standing), run_of(late, NOW, "submitted"), run_of(past, BEFORE, "met"), run_of(spoilt),
        ],
    })  # fmt: skip
    with Server(home) as running:
        yield running


def test_open_flags_come_first_and_closed_ones_say_why(page: Page, server: Server) -> None:
    go(page, f"{server.url}/unit?unit=S1&period={NOW}", "单位画像")
    page.get_by_role("tab", name="预警").click()
    expect(page.get_by_text("未解除的预警2条，其中红色1条，最长的已连续2期；本期解除1条。")).to_be_visible()
    spoilt, standing = rows(page, f"{LABEL}预警")
    assert (spoilt["原因"], spoilt["最近评价期"]) == ("一小报表有3处必须改正。", BEFORE)
    assert (standing["对象"], standing["自何期起"], standing["持续"]) == ("第一支部", BEFORE, "连续2期")
    (closed,) = rows(page, f"{LABEL}解除的预警")
    assert (closed["原因"], closed["解除于"], closed["解除原因"]) == (
        "一小报表逾期报送。",
        NOW,
        "其后一期已按时报送",
    )
    page.get_by_text("以前解除的预警（1条）").click()
    (past,) = rows(page, f"{LABEL}以前解除的预警")
    assert (past["解除于"], past["解除原因"]) == (BEFORE, "已达标")
    tables = page.locator(".sx-scroll[aria-label*='预警']")
    names = [str(table.get_attribute("aria-label")) for table in tables.all() if table.is_visible()]
    assert names == [f"{LABEL}预警", f"{LABEL}解除的预警", f"{LABEL}以前解除的预警"]


def test_the_overview_says_how_long(page: Page, server: Server) -> None:
    go(page, f"{server.url}/?period={NOW}", "总览")
    (row,) = rows(page, f"{LABEL}重点预警单位和支部")
    assert (row["单位或支部"], row["持续"]) == ("一小 第一支部", "连续2期")
    expect(page.get_by_text("1条已连续2期以上。")).to_be_visible()
    page.locator("dl.sx-facts").get_by_role("link", name="1条").nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("预警")
    settled(page)
    expect(page).to_have_url(re.compile("standing=earlier"))
    (spoilt,) = rows(page, f"{LABEL}预警清单")
    assert (spoilt["单位或支部"], spoilt["自何期起"], spoilt["级别"]) == ("一小", BEFORE, "▲红色")


def test_a_units_branches_say_how_long(page: Page, server: Server) -> None:
    go(page, f"{server.url}/unit?unit=S1&period={NOW}", "单位画像")
    page.get_by_role("tab", name="支部").click()
    (row,) = rows(page, f"{LABEL}各支部情况")
    assert row["预警"] == "1（连续2期）"
