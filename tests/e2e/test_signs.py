"""The reviewers' page: there with --review, absent without, and each kind of sign can be seen and taken along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from pipelines.exports.signs import WHAT_A_SIGN_IS
from pipelines.labels import ENUMERATIONS
from tests.e2e.reading import figures, go, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_accessible import faults
from tests.e2e.test_files import HEAD, download
from tests.e2e.test_print import printed
from tests.marts import publish

NOW, QUIET = "2025Q4", "2025Q3"
SEEN: dict[str, dict[str, Any]] = {
    "bunching": {"standard": "0.95", "expected": 6.4, "k": [19, 38, 20, 17], "n": [20, 40, 20, 20], "least": [19, 38, 19, 19]},
    "copied_rows": {"names": ["参学应到人次（10月）"], "here": [40.0], "there": [40.0], "period": NOW, "other_period": QUIET},
    "too_constant": {"months": ["2025-10", "2025-11"], "k": [19, 38], "n": [20, 40], "low": [0.85, 0.87], "high": [1.0, 1.0]},
    "digit_preference": {"counts": [30, 1, 2, 0, 1, 25, 0, 1, 2, 1], "expected": [9.0] * 10},
}  # fmt: skip
TEST = {
    "bunching": "poisson_binomial",
    "copied_rows": "last_period",
    "too_constant": "exact_dispersion",
    "digit_preference": "last_digit",
}
NAMES = {
    "bunching": "紧贴标准线",
    "copied_rows": "台账行相同",
    "too_constant": "数字过于平稳",
    "digit_preference": "末位数字偏好",
}


def _sign(place: int, sign: str) -> dict[str, Any]:
    is_branch = sign in ("copied_rows", "too_constant")
    branch = "S1-1" if is_branch else None
    return {
        "sign_id": f"s{place}", "sign": sign, "scope_kind": "branch" if is_branch else "unit", "scope_code": branch or "S1",
        "unit_code": "S1", "branch_code": branch, "city_code": "320100", "period": NOW, "question": "L3.7b", "test": TEST[sign],
        "n": 12, "statistic": 3.0, "p": 0.00001, "p_adjusted": 0.001 * (place + 1), "since": QUIET,
        "message": f"一小{'“第一支部”' if is_branch else ''}见到{NAMES[sign]}。请核对。", "asks": "请核对。", "innocent": "人员固定。",
        "place": "2025年第四季度支部台账E9起", "other_unit_code": "S1" if sign == "copied_rows" else None,
        "other_branch_code": branch if sign == "copied_rows" else None, "seen": json.dumps(SEEN[sign], ensure_ascii=False),
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marts of one school with a sign of each kind, and a quarter without any."""
    folder = tmp_path_factory.mktemp("review")
    tests = [(NOW, sign, 100, 60, 1) for sign in SEEN] + [(QUIET, "too_constant", 9, 0, 0)]
    city = {"city_code": "320100", "city": "南京市"}
    publish(folder / "data" / "marts", {
        "dim_period": [
            {"period": period, "year": 2025, "quarter": quarter, "label_zh": f"2025年第{name}季度", "is_due": True}
            for period, quarter, name in ((QUIET, 3, "三"), (NOW, 4, "四"))
        ],
        "dim_city": [{"city_code": "320100", "name": "南京市", "short": "南京"}],
        "dim_unit": [
            {"unit_code": "S1", "name": "一小", "kind": "school", **city},
            {"unit_code": "S1-1", "name": "第一支部", "kind": "branch", "parent_code": "S1", **city},
        ],
        "dim_label": [
            *({"enumeration": "sign", "code": code, "label_zh": name} for code, name in NAMES.items()),
            *({"enumeration": "sign_test", "code": code, "label_zh": name} for code, name, _ in ENUMERATIONS["sign_test"]),
            {"enumeration": "flag_kind", "code": "pattern", "label_zh": "填报规律"},
            {"enumeration": "level", "code": "watch", "label_zh": "关注"},
        ],
        "signs": [_sign(place, sign) for place, sign in enumerate(SEEN)],
        "sign_tests": [
            {"period": p, "sign": s, "tests": t, "judged": j, "too_few": t - j, "raised": r, "false_discovery_rate": 0.05}
            for p, s, t, j, r in tests
        ],
        "flags": [{"unit_code": "S1", "period": NOW, "kind": "pattern", "level": "watch", "reason": "一小有4处需要了解，请核对。", "evidence": "末位数字偏好", "since": NOW, "run_since": NOW}],
        "flag_runs": [{"unit_code": "S1", "kind": "pattern", "since": NOW, "last_period": NOW}],
    })  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def review(home: Path) -> Iterator[Server]:
    with Server(home, options=("--review",)) as server:
        yield server


@pytest.fixture(scope="module")
def everyday(home: Path) -> Iterator[Server]:
    """Without --review, whatever the environment says."""
    with Server(home, extra={"SANXING_REVIEW": "true"}) as server:
        yield server


def test_all_signs_with_what_they_are_and_are_not(page: Page, review: Server, tmp_path: Path) -> None:
    go(page, f"{review.url}/signs?period={NOW}", "疑点核查")
    expect(page.get_by_text(WHAT_A_SIGN_IS)).to_be_visible()
    assert figures(page) == {
        "本期检验": "400",
        "可以判断": "240",
        "尚不能判断": "160",
        "疑点": "4",
        "允许的误报比例": "5.0%",
    }
    listed = rows(page, "2025年第四季度填报疑点")
    assert [row["种类"] for row in listed] == list(NAMES.values())
    assert [row["单位、支部"] for row in listed] == ["一小", "一小第一支部", "一小第一支部", "一小"]
    assert listed[1]["看到的情况"] == "见到台账行相同。"
    assert {row["p值"] for row in listed} == {"＜0.0001"}
    assert {(row["需要询问"], row["可能的正常原因"], row["持续自"]) for row in listed} == {
        ("请核对。", "人员固定。", "2025年第三季度")
    }
    book = openpyxl.load_workbook(download(page, "下载疑点（.xlsx）", tmp_path))
    head, *written = book["填报疑点"].iter_rows(min_row=HEAD, values_only=True)
    assert [row[head.index("种类")] for row in written] == list(NAMES.values())
    assert WHAT_A_SIGN_IS in str(book["填报疑点"]["A2"].value)
    assert "台账行相同" in download(page, "下载表格（.csv）", tmp_path).read_text("utf-8-sig")
    assert WHAT_A_SIGN_IS in printed(page, is_wide=False, choices=["全部"])


def test_a_filter_and_a_chosen_sign_stand_in_the_address(page: Page, review: Server) -> None:
    go(page, f"{review.url}/signs?period={NOW}&sign=copied_rows", "疑点核查")
    assert [row["种类"] for row in rows(page, "2025年第四季度填报疑点")] == ["台账行相同"]
    assert rows(page, "相同的两行") == [
        {
            "指标项": "参学应到人次（10月）",
            "一小第一支部（2025年第四季度）": "40",
            "一小第一支部（2025年第三季度）": "40",
        }
    ]


@pytest.mark.parametrize("sign", [sign for sign in SEEN if sign != "copied_rows"])
def test_a_chosen_sign_is_drawn_with_its_figures(page: Page, review: Server, sign: str) -> None:
    go(page, f"{review.url}/signs?period={NOW}&which=s{list(SEEN).index(sign)}", "疑点核查")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    settled(page)
    assert faults(page) == []
    page.get_by_text("数据表", exact=True).click()
    listed, seen = rows(page, "疑点所依据的数字"), SEEN[sign]
    if sign == "bunching":
        told = {row["与达标所需人数相比"]: int(row["数据个数"]) for row in listed}
        assert told["刚好达到"] == sum(k == least for k, least in zip(seen["k"], seen["least"], strict=True))
        assert sum(told.values()) == len(seen["k"])
    elif sign == "too_constant":
        assert [(row["月份"], row["分子"], row["分母"]) for row in listed] == [
            (month, str(k), str(n)) for month, k, n in zip(seen["months"], seen["k"], seen["n"], strict=True)
        ]
    else:
        assert [int(row["数据个数"]) for row in listed] == seen["counts"]


def test_a_quarter_without_signs_says_so(page: Page, review: Server) -> None:
    go(page, f"{review.url}/signs?period={QUIET}", "疑点核查")
    expect(page.get_by_text("没有需要询问的疑点。")).to_be_visible()
    expect(page.get_by_text("没有符合条件的疑点。")).to_be_visible()


def test_flags_of_signs_are_seen_in_review(page: Page, review: Server) -> None:
    go(page, f"{review.url}/unit?unit=S1&period={NOW}", "单位画像")
    page.get_by_role("tab", name="预警").click()
    expect(page.get_by_text("一小有4处需要了解，请核对。")).to_be_visible()


def test_without_review_there_is_no_such_page_and_no_such_flag(page: Page, everyday: Server) -> None:
    page.goto(f"{everyday.url}/no_such_page?period={NOW}")
    unknown = page.get_by_role("dialog").inner_text()
    page.goto(f"{everyday.url}/signs?period={NOW}")
    assert page.get_by_role("dialog").inner_text().replace("/signs", "/no_such_page") == unknown
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    settled(page)
    for address in (
        "",
        f"unit?unit=S1&period={NOW}",
        f"quality?period={NOW}",
        f"shortlist?period={NOW}",
        f"versions?unit=S1&period={NOW}",
    ):
        page.goto(f"{everyday.url}/{address}")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        settled(page)
        shown = page.content()
        for word in ("疑点", "填报规律", "需要了解", *NAMES.values()):
            assert word not in shown, (address, word)
