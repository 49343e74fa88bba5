"""Every page of a real run, opened as a visitor does, shows the numbers that the marts hold."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Province
from tests.e2e.marts import Marts
from tests.e2e.reading import counted, facts, figures, go, number, rows, settled, shows_share
from tests.e2e.server import Server

NOW, NOW_ZH = "2025Q4", "2025年第四季度"
PAGES = (
    ("总览", "?", "总览"),
    ("预警", "flags", "预警"),
    ("趋势", "trends", "趋势"),
    ("报送情况", "reporting", "报送情况"),
    ("单位画像", "unit", "单位画像"),
    ("数据质量", "quality", "数据质量"),
    ("版本差异", "versions", "版本差异"),
    ("示范点", "shortlist", "示范点"),
    ("填报负担", "load", "填报负担"),
    ("条款与指标", "clauses", "条款与指标"),
)
CURRENT_FINDINGS = """
    select f.* from findings f join submissions s using (submission_id)
    where f.period = ? and s.state not in ('superseded', 'refused')
"""


def test_every_page_opens_from_the_navigation_without_a_fault(page: Page, dashboard: Server) -> None:
    go(page, dashboard.url, "总览")
    for name, path, heading in PAGES:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        settled(page)
        assert path in page.url
        expect(page.get_by_role("note")).to_contain_text("示例数据")
        expect(page.locator(".sx-table").first).to_be_attached()


def test_the_overviews_name_leads_to_it(page: Page, dashboard: Server) -> None:
    go(page, f"{dashboard.url}/overview?period=2025Q3", "总览")
    expect(page.locator(".sx-aside").first).to_contain_text("2025年第三季度")


class TestOverview:
    @pytest.mark.parametrize(("period", "label"), [(NOW, NOW_ZH), ("2025Q2", "2025年第二季度")])
    def test_figures(self, page: Page, dashboard: Server, marts: Marts, period: str, label: str) -> None:
        go(page, f"{dashboard.url}/?period={period}", "总览")
        self.reporting(page, marts, period, label)
        self.standards(page, marts, period, label)
        self.flags(page, marts, period, label)

    def reporting(self, page: Page, marts: Marts, period: str, label: str) -> None:
        """Owed, received, on time, accepted: of the province and of each city."""
        owed = marts.one("select * from reporting where group_kind = 'province' and period = ?", period)
        shown = figures(page)
        names = {
            "expected": "应报送单位",
            "received": "已报送",
            "on_time": "按时报送",
            "accepted": "已采用",
        }
        assert counted(names, shown) == {name: owed[name] for name in names}
        remarks = page.locator("dl.sx-figures small").all_inner_texts()
        for name, remark in zip(("received", "on_time", "accepted"), remarks[1:], strict=True):
            share = re.match(r"占([\d.]+%)", remark)
            assert share, remark
            assert shows_share(share.group(1), owed[name], owed["expected"])

        cities = marts.dicts(
            "select name, expected, received, on_time, accepted from reporting join dim_city on city_code = group_code "
            "where group_kind = 'city' and period = ? order by city_code",
            period,
        )
        listed = rows(page, f"{label}各地区报送与达标情况")
        assert len(listed) == 13
        names = {"expected": "应报送", "received": "已报送", "on_time": "按时", "accepted": "已采用"}
        assert [(row["地区"], counted(names, row)) for row in listed if row["应报送"] != "—"] == [
            (city["name"], {name: city[name] for name in names}) for city in cities
        ]

    def standards(self, page: Page, marts: Marts, period: str, label: str) -> None:
        """How the units' standards stand, by dimension and as a share."""
        stood: dict[str, Counter[str]] = {}
        for dimension, status, count in marts.rows(
            "select i.dimension, v.status, count(*) from indicator_values v "
            "join dim_unit u on u.unit_code = v.unit_code and u.kind <> 'branch' "
            "join (select distinct indicator, dimension from dim_indicator) i using (indicator) "
            "where v.period = ? and v.status is not null group by all",
            period,
        ):
            stood.setdefault(dimension, Counter())[status] = count
        statuses, dimensions = marts.labels("status"), marts.labels("dimension")
        listed = {row["维度"]: row for row in rows(page, f"{label}各维度达标情况（项次）")}
        assert set(listed) == {dimensions[code] for code in stood}
        for code, counts in stood.items():
            row = listed[dimensions[code]]
            for status in ("met", "on_pace", "behind", "not_met", "not_calculable"):
                assert int(row[statuses[status]]) == counts[status], (code, status)
        whole = sum(stood.values(), Counter())
        good = whole["met"] + whole["on_pace"]
        judged = good + whole["behind"] + whole["not_met"]
        words = page.locator(".sx-reading", has_text="可判定的").inner_text()
        said = re.search(r"可判定的(\d+)项次中，(\d+)项次达标或进度正常（([\d.]+%)）", words)
        assert said, words
        assert (int(said[1]), int(said[2])) == (judged, good)
        assert shows_share(said[3], good, judged)

    def flags(self, page: Page, marts: Marts, period: str, label: str) -> None:
        """Flags by kind and level."""
        levels, kinds = marts.labels("level"), marts.labels("flag_kind")
        raised = {
            (kinds[kind], levels[level]): count
            for kind, level, count in marts.rows(
                "select kind, level, count(*) from flags where period = ? and kind <> 'pattern' group by all",
                period,
            )
        }
        shown = {
            (row["预警种类"], level): int(row[level])
            for row in rows(page, f"{label}预警（条）")
            for level in levels.values()
        }
        assert {key: count for key, count in shown.items() if count} == raised
        red = sum(count for (_, level), count in raised.items() if level == levels["red"])
        expect(page.get_by_text(f"本期共{sum(raised.values())}条预警，其中红色{red}条")).to_be_visible()


@pytest.fixture(scope="module")
def weak(marts: Marts) -> str:
    """A school that misses standards and has scores: the page has most to say about it."""
    (found,) = marts.rows(
        "select unit_code from indicator_values join dim_unit using (unit_code) join scores using (unit_code, period) "
        "where dim_unit.kind = 'school' and period = ? and status = 'not_met' and dimension = 'total' and score is not null "
        "group by all order by count(*) desc, unit_code limit 1",
        NOW,
    )
    return str(found[0])


class TestUnit:
    def test_figures(self, page: Page, dashboard: Server, marts: Marts, weak: str) -> None:
        go(page, f"{dashboard.url}/unit?unit={weak}&period={NOW}", "单位画像")
        self.scores(page, marts, weak)
        self.indicators(page, marts, weak)

    def scores(self, page: Page, marts: Marts, weak: str) -> None:
        """Who it is, its scores, and its ranks with their range."""
        entry = marts.one("select * from dim_unit where unit_code = ?", weak)
        assert (facts(page, 0)["代码"], facts(page, 0)["名册党员数"]) == (weak, str(entry["members"]))
        dimensions = marts.labels("dimension")
        scored = {
            dimensions[row["dimension"]]: row
            for row in marts.dicts("select * from scores where unit_code = ? and period = ?", weak, NOW)
        }
        listed = {row["维度"]: row for row in rows(page, f"{NOW_ZH}得分与名次")}
        assert set(listed) == set(scored)
        for name, row in listed.items():
            mart = scored[name]
            assert abs((number(row["得分"]) or 0) - Decimal(mart["score"])) <= Decimal("0.05")
            bounds = (
                ""
                if mart["rank_low"] == mart["rank_high"]
                else f"（{mart['rank_low']}～{mart['rank_high']}）"
            )
            assert row["同类组名次"] == f"{mart['rank']}{bounds} / {mart['peers']}"
            assert shows_share(row["可计算指标占比"], mart["coverage"])

    def indicators(self, page: Page, marts: Marts, weak: str) -> None:
        """Every indicator: numerator, denominator, value on its side of the standard, status."""
        statuses = marts.labels("status")
        held = {
            row["label_zh"]: row
            for row in marts.dicts(
                "select v.*, i.label_zh, i.clause, i.unit, i.compare, c.label_zh as duty from indicator_values v "
                "join dim_indicator i on i.indicator = v.indicator and v.standard is not distinct from i.standard "
                "join dim_clause c using (clause) where v.unit_code = ? and v.period = ?",
                weak,
                NOW,
            )
        }
        listed = rows(page, f"{NOW_ZH}指标")
        assert len(listed) > 25
        assert sorted(row["指标"] for row in listed) == sorted(held)
        seen: Counter[str | None] = Counter()
        for row in listed:
            mart = held[row["指标"]]
            assert row["条款"] == mart["clause"]
            assert (number(row["分子"]), number(row["分母"])) == (mart["numerator"], mart["denominator"])
            judged = mart["standard"] is not None or mart["status"] not in (None, "not_applicable")
            assert row["状态"].endswith(statuses[mart["status"]] if judged else "不设标准")
            if mart["value"] is None:
                assert row["数值"] == "—"
                continue
            scale = 100 if mart["unit"] == "%" else 1
            exact = mart["numerator"] / mart["denominator"] * scale
            shown = number(row["数值"])
            assert shown is not None
            assert abs(shown - exact) <= Decimal("0.05")
            if mart["standard"] is not None:
                limit = mart["standard"] * scale
                assert (shown < limit, shown > limit) == (exact < limit, exact > limit), row
            seen[mart["status"]] += 1
        assert seen["not_met"] >= 1
        assert seen["met"] >= 10
        duty = page.locator("abbr", has_text=re.compile(r"^L3\.1$")).first
        assert (
            duty.get_attribute("data-meaning")
            == marts.one("select label_zh from dim_clause where clause = 'L3.1'")["label_zh"]
        )

    def test_the_answers_behind_a_number_stand_in_their_cells(
        self, page: Page, dashboard: Server, marts: Marts, province: Province, weak: str
    ) -> None:
        """From the figure on the page by a click to its cells, and from there into the original workbook."""
        go(page, f"{dashboard.url}/unit?unit={weak}&period={NOW}", "单位画像")
        page.get_by_role("link", name="党员参学率", exact=True).click()
        expect(page.get_by_role("tab", name="数字来源")).to_have_attribute("aria-selected", "true")
        settled(page)
        assert "indicator=" in page.url
        mart = marts.one(
            "select v.*, i.label_zh from indicator_values v join dim_indicator i using (indicator) "
            "where i.label_zh = '党员参学率' and v.unit_code = ? and v.period = ? "
            "and v.standard is not distinct from i.standard",
            weak,
            NOW,
        )
        source = facts(page, 1)
        assert (number(source["分子"]), number(source["分母"])) == (mart["numerator"], mart["denominator"])
        behind = marts.dicts(
            "select a.period, a.question, a.branch_code, a.month, a.value, a.raw, a.sheet, a.cell, s.file, s.stored_as "
            "from answers a join submissions s using (submission_id) "
            "where a.unit_code = ? and s.counts and (a.question, a.period) in "
            "(select (question, source_period) from indicator_sources where indicator = ? and period = ?)",
            weak,
            mart["indicator"],
            NOW,
        )
        caption = "党员参学率：数字来自哪些单元格"
        expect(page.locator(f'.sx-scroll[aria-label="{caption}"]')).to_be_visible()
        listed = rows(page, caption)
        pages = page.get_by_test_id("stPagination")
        if len(behind) > len(listed):
            expect(pages).to_be_visible()
        assert len(listed) == min(len(behind), 50) > 5
        known = {
            (a["period"], a["question"], a["sheet"], a["cell"], a["file"].rsplit("/", 1)[-1]): a
            for a in behind
        }
        for row in listed:
            answer = known[row["报告期"], row["代码"], row["工作表"], row["单元格"], row["文件"]]
            assert number(row["采用值"]) == answer["value"]
            assert row["单元格原文"] == ("—" if answer["raw"] is None else answer["raw"])
        first = known[
            listed[0]["报告期"],
            listed[0]["代码"],
            listed[0]["工作表"],
            listed[0]["单元格"],
            listed[0]["文件"],
        ]
        original = openpyxl.load_workbook(province.data / "raw" / first["stored_as"], data_only=True)
        assert str(original[first["sheet"]][first["cell"]].value) == listed[0]["单元格原文"]


class TestQuality:
    def test_figures(self, page: Page, dashboard: Server, marts: Marts) -> None:
        go(page, f"{dashboard.url}/quality?period={NOW}", "数据质量")
        self.counts(page, marts)
        self.findings(page, marts)
        self.refused(page, marts)

    def counts(self, page: Page, marts: Marts) -> None:
        """Findings by severity and by rule, in versions that have not been superseded."""
        found = Counter(
            dict(marts.rows(f"select severity, count(*) from ({CURRENT_FINDINGS}) group by all", NOW))
        )
        names, shown = marts.labels("severity"), figures(page)
        assert found["block"] > 0
        for severity, name in names.items():
            assert int(shown[f"{name}问题"]) == found[severity], severity
        rules = {
            (rule, names[severity]): (count, units)
            for rule, severity, count, units in marts.rows(
                f"select r.label_zh, f.severity, count(*), count(distinct f.unit_code) from ({CURRENT_FINDINGS}) f "
                "join dim_rule r using (rule) group by all",
                NOW,
            )
        }
        assert {
            (row["规则"], row["程度"][1:]): (int(row["问题数"]), int(row["涉及单位"]))
            for row in rows(page, f"{NOW_ZH}校验问题（按规则）")
        } == rules

    def findings(self, page: Page, marts: Marts) -> None:
        """Every finding with its sheet and cell."""
        names = marts.labels("severity")
        held = Counter(
            (names[severity], unit, sheet or "—", cell or "—", message)
            for severity, unit, sheet, cell, message in marts.rows(
                f"select f.severity, u.name, f.sheet, f.cell, f.message from ({CURRENT_FINDINGS}) f "
                "join dim_unit u using (unit_code)",
                NOW,
            )
        )
        assert 3 < held.total() <= 50  # one page of the table
        listed = rows(page, f"{NOW_ZH}校验问题")
        assert held == Counter(
            (row["程度"][1:], row["单位"], row["工作表"], row["单元格"], row["问题与改法"]) for row in listed
        )
        assert sum(row["单元格"] != "—" for row in listed) >= 3

    def refused(self, page: Page, marts: Marts) -> None:
        """Files that could not be read, with the reason."""
        refused = marts.rows(
            "select file, stored_as from submissions where state = 'refused' and (period is null or period = ?)",
            NOW,
        )
        assert refused
        assert int(figures(page)["未能受理的文件"]) == len(refused)
        assert Counter((row["文件名"], row["原件存放"]) for row in rows(page, "未能受理的文件")) == Counter(
            (file.rsplit("/", 1)[-1], stored) for file, stored in refused
        )
        assert all(row["原因"] for row in rows(page, "未能受理的文件"))

    def test_findings_are_searched(self, page: Page, dashboard: Server, marts: Marts) -> None:
        go(page, f"{dashboard.url}/quality?period={NOW}&severity=block", "数据质量")
        unit, count = marts.rows(
            f"select u.name, count(*) from ({CURRENT_FINDINGS}) f join dim_unit u using (unit_code) "
            "where f.severity = 'block' group by all order by 2 desc, 1 limit 1",
            NOW,
        )[0]
        search = page.get_by_label("查找")
        search.fill(unit)
        search.press("Enter")
        table = page.locator(f'.sx-scroll[aria-label="{NOW_ZH}校验问题"]')
        expect(table.locator("tbody tr")).to_have_count(count)
        assert {row["单位"] for row in rows(page, f"{NOW_ZH}校验问题")} == {unit}


def test_the_most_alike_lead_to_each_other_and_say_why(
    page: Page, dashboard: Server, marts: Marts, weak: str
) -> None:
    caption = f"{NOW_ZH}最相近的单位"
    go(page, f"{dashboard.url}/unit?unit={weak}&period={NOW}", "单位画像")
    near = marts.dicts(
        "select u.*, n.place from neighbours n join dim_unit u on u.unit_code = n.neighbour_code where n.unit_code = ? order by n.place", weak
    )  # fmt: skip
    own, categories = marts.one("select * from dim_unit where unit_code = ?", weak), marts.labels("category")
    first, *others = rows(page, caption)
    assert (first["单位"], first["与本单位相同或相近之处"]) == (own["name"], "（本单位）")
    assert [row["单位"] for row in others] == [row["name"] for row in near]

    def sort_of(row: dict[str, object]) -> str:
        return categories[str(row["category"])] + ("（民办）" if row["is_private"] else "")

    shared = 0
    for row, mart in zip(others, near, strict=True):
        same_sort, same_city = sort_of(mart) == sort_of(own), mart["city"] == own["city"]
        assert row["类别"] == ("✓ " if same_sort else "") + sort_of(mart)
        assert row["地区"] == ("✓ " if same_city else "") + mart["city"]
        assert (f"同在{own['city']}" in row["与本单位相同或相近之处"]) == same_city
        assert row["与本单位相同或相近之处"]
        shared += same_sort or same_city
    assert shared, "of thirty units some are of the same category or city"
    link = page.locator(f'.sx-scroll[aria-label="{caption}"]').get_by_role("link", name=near[0]["name"])
    go(page, f"{dashboard.url}/{str(link.get_attribute('href')).lstrip('./')}", "单位画像")
    assert facts(page, 0)["代码"] == near[0]["unit_code"]


def test_the_shortlist_names_who_was_chosen_with_their_scores(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    go(page, f"{dashboard.url}/shortlist?year=2025", "示范点")
    candidates = marts.dicts(
        "select s.*, u.name, u.kind from shortlist s join dim_unit u using (unit_code) where year = 2025"
    )
    for caption, selected in (("名单", True), ("未入选", False)):
        held = {row["name"]: row for row in candidates if row["selected"] is selected}
        listed = {row["单位"]: row for row in rows(page, caption)}
        assert set(listed) == set(held), caption
        for name, row in listed.items():
            mart = held[name]
            assert row["名次"] == ("—" if mart["rank"] is None else str(mart["rank"]))
            assert row["理由"] == mart["reason"]
            if mart["score"] is None:
                assert row["得分"] == "—"
            else:
                assert abs((number(row["得分"]) or 0) - Decimal(mart["score"])) <= Decimal("0.05")
    chosen = Counter(row["kind"] for row in candidates if row["selected"])
    assert chosen
    kinds = marts.labels("kind")
    assert {row["单位类型"]: int(row["入选"]) for row in rows(page, "名额与入选") if row["入选"] != "0"} == {
        kinds[kind]: count for kind, count in chosen.items()
    }
    assert {(row["单位"], number(row["得分"]), row["结果"]) for row in rows(page, "候选单位得分")} == {
        (row["name"], round(Decimal(row["score"]), 1), "入选" if row["selected"] else "未入选")
        for row in candidates
        if row["score"] is not None
    }


def test_all_51_clauses_with_duty_indicator_and_standard_and_searched_by_their_words(
    page: Page, dashboard: Server, marts: Marts
) -> None:
    go(page, f"{dashboard.url}/clauses", "条款与指标")
    expect(page.get_by_text("显示51条。")).to_be_visible()
    own: dict[str, str] = {}
    indicators: list[tuple[str, str, Decimal | None]] = []
    clause = ""
    for row in rows(page, "条款、指标项、指标与标准"):
        clause = row["条款"] or clause
        if row["条款"]:
            own[clause] = row["条款内容"]
        if row["指标"] not in ("—", "只用于核对"):
            indicators.append((clause, row["指标"], number(row["标准"])))
    duties = dict(marts.rows("select clause, label_zh from dim_clause"))
    assert len(duties) == 51
    assert own == duties
    assert Counter(indicators) == Counter(
        (clause, label, None if standard is None else standard * (100 if unit == "%" else 1))
        for clause, label, standard, unit in marts.rows(
            "select clause, label_zh, standard, unit from dim_indicator "
            "qualify row_number() over (partition by indicator order by effective_from desc) = 1"
        )
    )

    duty = marts.one("select label_zh from dim_clause where clause = 'S1.3'")["label_zh"]
    search = page.get_by_label("查找")
    search.fill(duty)
    search.press("Enter")
    expect(page.get_by_text("显示1条。")).to_be_visible()
    settled(page)
    assert rows(page, "条款、指标项、指标与标准")[0]["条款"] == "S1.3"
