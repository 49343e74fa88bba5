"""Whoever has only the .xlsx recomputes every score and every choice from its sheets.

Nothing of the project is imported for that: openpyxl reads the file, and the rules are read from the words of 方法与参数.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.conftest import Province

Row = dict[str, Any]
Sheets = dict[str, list[Row]]
DIGITS = 6


@pytest.fixture(
    scope="module", params=[(), ("--what-if", "weights.learning=0.5", "--what-if", "quotas.school=4")]
)
def sheets(
    request: pytest.FixtureRequest, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> Sheets:
    """The sheets of the official list, and of a trial."""
    folder = tmp_path_factory.mktemp("list")
    province.sanxing("shortlist", "--year", "2025", *request.param, "-o", folder / "试算.xlsx")
    return read(folder / "试算.xlsx")


def read(path: Path) -> Sheets:
    book = load_workbook(path, read_only=True)
    sheets = {}
    for page in book:
        head, *rows = page.iter_rows(min_row=4, values_only=True)
        sheets[page.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return sheets


def method(sheets: Sheets) -> dict[str, str]:
    return {row["项目"]: row["内容"] for row in sheets["方法与参数"]}


def numbers(sheets: Sheets, item: str, unit: str) -> dict[str, float]:
    """Parameters like 权重：学习型 → 30%, by what stands behind the colon."""
    found = {}
    for name, text in method(sheets).items():
        kind, _, of = name.partition("：")
        if kind == item:
            found[of] = float(re.fullmatch(rf"([\d.]+){unit}", text)[1])  # type: ignore[index]
    return found


def by_unit(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["单位代码"]].append(row)
    return found


def test_a_figure_is_its_numerator_over_its_denominator(sheets: Sheets) -> None:
    known = [row for row in sheets["评分明细"] if row["实际值"] is not None]
    assert len(known) > 500
    for row in known:
        assert row["实际值"] == pytest.approx(row["分子"] / row["分母"], abs=1e-9)


def test_attainment_follows_from_the_figure_its_standard_and_the_peers(sheets: Sheets) -> None:
    peers: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in sheets["评分明细"]:
        if row["实际值"] is not None and row["标准"] is None:
            peers[row["同类组"], row["指标"]].append(row["实际值"])
    seen = Counter[str]()
    for row in sheets["评分明细"]:
        if row["实际值"] is None:
            assert row["达成度"] is None
        elif row["标准"] is None:
            group = peers[row["同类组"], row["指标"]]
            worse = sum(other < row["实际值"] for other in group)
            if row["方向"] == "越低越好":
                worse = sum(other > row["实际值"] for other in group)
            same = sum(other == row["实际值"] for other in group) - 1
            assert row["达成度"] == pytest.approx((worse + same / 2) / (len(group) - 1), abs=1e-9), row
            seen["peers"] += 1
        else:
            assert row["达成度"] == pytest.approx(attainment(row), abs=1e-9), row
            seen["standard"] += 1
    assert min(seen["peers"], seen["standard"]) > 100


def attainment(row: Row) -> float:
    value, due = row["实际值"], row["标准"] * row["应完成比例"]
    met = {"≥": value >= due - 1e-12, "≤": value <= due + 1e-12, "＞": value > due}[row["比较"]]
    if met:
        return 1.0
    if due == 0:
        return 0.0
    return max(0.0, min(1.0, value / due if row["方向"] == "越高越好" else due / value))


def test_every_score_follows_from_its_terms_and_weights(sheets: Sheets) -> None:
    weights = {name: share / 100 for name, share in numbers(sheets, "权重", "%").items()}
    assert sum(weights.values()) == pytest.approx(1)
    terms, dimensions = by_unit(sheets["评分明细"]), by_unit(sheets["维度得分"])
    scored = 0
    for unit in sheets["理由"]:
        code = unit["单位代码"]
        inside: dict[str, list[Row]] = defaultdict(list)
        for row in terms.get(code, []):
            if row["达成度"] is not None:
                inside[row["维度"]].append(row)
        listed = {row["维度"]: row for row in dimensions.get(code, [])}
        assert set(listed) == set(inside)
        if not listed:
            assert unit["得分"] is None
            continue
        whole, total = sum(weights[name] for name in listed), 0.0
        for name, rows in inside.items():
            assert all(row["维度内权重"] == pytest.approx(1 / len(rows)) for row in rows)
            score = 100 * sum(row["达成度"] * row["维度内权重"] for row in rows)
            assert listed[name]["维度得分"] == pytest.approx(score, abs=2e-6)
            assert listed[name]["占总分权重"] == pytest.approx(weights[name] / whole)
            total += listed[name]["维度得分"] * listed[name]["占总分权重"]
        assert unit["得分"] == pytest.approx(total, abs=2e-6)
        scored += 1
    assert scored > 20


def test_coverage_and_eligibility_follow_from_terms_and_gates(sheets: Sheets) -> None:
    terms, gates = by_unit(sheets["评分明细"]), by_unit(sheets["资格条件"])
    asked = {
        name.partition("：")[2]: text
        for name, text in method(sheets).items()
        if name.startswith("资格条件：")
    }
    failed = 0
    for unit in sheets["理由"]:
        rows, mine = terms.get(unit["单位代码"], []), gates[unit["单位代码"]]
        known = sum(row["达成度"] is not None for row in rows)
        assert unit["可计算指标比例"] == pytest.approx(known / max(len(rows), 1), abs=1e-6)
        assert {row["条件"]: row["要求"] for row in mine} == asked
        for row in mine:
            assert (row["是否符合"] == "是") == passes(row), row
        is_eligible = all(row["是否符合"] == "是" for row in mine)
        assert (unit["名次"] is not None) == is_eligible
        failed += not is_eligible
    assert 0 < failed < len(sheets["理由"])


def passes(row: Row) -> bool:
    """A requirement in words held against what was found, as one reads the two side by side."""
    asked, found = row["要求"], row["实际情况"]
    number = [float(text) for text in re.findall(r"[\d.]+", found)]
    if limit := re.match(r"不低于([\d.]+)(?:%|分)|不少于(\d+)", asked):
        return bool(number) and number[0] >= float(limit[1] or limit[2])
    if limit := re.match(r"(?:不超过)?(\d+)(?:个|项)", asked):
        return number[0] <= float(limit[1])
    return found in (asked, "有") or found.endswith("均达到")


def test_every_choice_follows_from_scores_gates_quotas_and_ties(sheets: Sheets) -> None:
    said = method(sheets)
    quotas = numbers(sheets, "名额", "个")
    most = int(re.match(r"(\d+)个", said["每个设区市名额上限"])[1])  # type: ignore[index]
    scores = {(row["单位代码"], row["维度"]): row["维度得分"] for row in sheets["维度得分"]}

    def order(unit: Row) -> tuple[Any, ...]:
        """As 得分相同时 words it: dimension by dimension, coverage, code."""
        keys: list[Any] = [-unit["得分"]]
        for tie in re.findall(r"[^、，依次比较]+?（[^）]*）", said["得分相同时"]):
            name = tie.partition("（")[0]
            if name.endswith("维度得分"):
                keys.append(-scores.get((unit["单位代码"], name.removesuffix("维度得分")), -1))
            else:
                keys.append(-unit["可计算指标比例"] if name == "可计算指标比例" else unit["单位代码"])
        assert len(keys) >= 2
        return tuple(keys)

    eligible = sorted((unit for unit in sheets["理由"] if unit["名次"] is not None), key=order)
    by_kind, by_city, places, chosen = Counter[str](), Counter[str](), Counter[str](), []
    for unit in eligible:
        places[unit["单位类型"]] += 1
        assert unit["名次"] == places[unit["单位类型"]]
    assert "按“（2×名次－1）÷本类名额”由小到大" in said["选取办法"]
    kinds = re.search(r"名额也相等的，依次为([^）]*)）", said["选取办法"])[1].split("、")  # type: ignore[index]

    def turn(unit: Row) -> tuple[Any, ...]:
        """As 选取办法 words it: kinds take turns."""
        kind = unit["单位类型"]
        quota = int(quotas[kind])
        return (Fraction(2 * unit["名次"] - 1, quota) if quota else float("inf")), quota, kinds.index(kind)

    for unit in sorted(eligible, key=turn):
        kind, city = unit["单位类型"], unit["所在地区"]
        if by_kind[kind] < quotas[kind] and by_city[city] < most:
            by_kind[kind] += 1
            by_city[city] += 1
            chosen.append(unit["单位代码"])
    assert chosen
    assert sorted(chosen) == sorted(unit["单位代码"] for unit in sheets["理由"] if unit["结果"] == "入选")
    assert sorted(chosen) == sorted(row["单位代码"] for row in sheets["名单"])


def test_near_misses_are_the_next_of_each_kind(sheets: Sheets) -> None:
    limit = int(re.search(r"前(\d+)个", method(sheets)["接近入选的单位"])[1])  # type: ignore[index]
    next_ones: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for unit in sheets["理由"]:
        if unit["名次"] is not None and unit["结果"] == "未入选":
            next_ones[unit["单位类型"]].append((unit["名次"], unit["单位代码"]))
    expected = sorted(code for units in next_ones.values() for _, code in sorted(units)[:limit])
    listed = sorted(row["单位代码"] for row in sheets["接近入选"] if row.get("单位代码"))
    assert listed == expected
