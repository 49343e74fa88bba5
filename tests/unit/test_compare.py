"""对比: what may be chance is said to be, what cannot be compared is not, and no name is markup or a formula."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import compare_charts, funnel_charts
from dashboards.markup import text_of
from dashboards.queries import compare as queries
from dashboards.scope import Scope
from dashboards.tables import compare as tables
from dashboards.tables import differences, funnel
from pipelines.comparison.evidence import intervals
from pipelines.comparison.positions import percentiles, positions
from pipelines.exports.comparison import write_comparison
from pipelines.exports.labels import Labels
from pipelines.labels import ENUMERATIONS
from pipelines.marts.published import PublishedRun
from tests.marts import Rows, publish

NOW = "2025Q4"
IMAGE, FORMULA = "<img src=x onerror=alert(1)>", "=1+1"
LEAST = 8
OFFICES = "city:all"


def kinds(k: int, n: int, *, share: bool) -> dict[str, Any]:
    """Figures of an indicator as the pipeline writes them: value and interval."""
    column = [pl.Series([float(part)]).to_numpy() for part in (k, n)]
    flag = pl.Series([share]).to_numpy()
    low, high = intervals(*column, flag, ~flag)
    return {
        "numerator": k,
        "denominator": n,
        "value": k / n,
        "ci_low": float(low[0]),
        "ci_high": float(high[0]),
    }


def school(code: str, k: int, n: int, group: str = "school:all", **columns: Any) -> dict[str, Any]:
    return {"unit_code": code, "period": NOW, "indicator": "study", "standard": Decimal("0.9"), "peer_group": group,
            "status": "met" if 10 * k >= 9 * n else "not_met", "n_peers": 10, **kinds(k, n, share=True)} | columns  # fmt: skip


def compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one group with the places and positions that the pipeline gives them."""
    k, n, value = (
        pl.Series([float(row[name]) for row in rows]).to_numpy()
        for name in ("numerator", "denominator", "value")
    )
    where, places = positions("share", k, n, n, LEAST), percentiles(value, lower_is_better=False)
    median = float(pl.Series(value).median() or 0)  # type: ignore[arg-type]
    return [
        row
        | {
            "peer_position": position,
            "peer_percentile": float(place),
            "peer_median": median,
            "n_peers": len(rows),
        }
        for row, position, place in zip(rows, where, places, strict=True)
    ]


PEERS = compared([school(f"S{i}", k, n) for i, (k, n) in enumerate(
    [(9, 10), (190, 200), (95, 100), (96, 100), (94, 100), (97, 100), (48, 50), (47, 50), (120, 200), (2249, 2500)]
)])  # fmt: skip
NONE = {
    "numerator": None,
    "denominator": None,
    "value": None,
    "ci_low": None,
    "ci_high": None,
    "peer_position": None,
    "peer_percentile": None,
}
LACKING = {"status": "not_calculable", "reason": "有2格未填", **NONE}
PROVINCE: dict[str, Rows] = {
    "dim_period": [{"period": NOW, "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "is_due": True}],
    "dim_unit": [
        *({"unit_code": f"S{i}", "name": f"第{i}小学", "kind": "school", "peer_group": "school:all"} for i in range(2, 10)),
        {"unit_code": "S0", "name": IMAGE, "kind": "school", "peer_group": "school:all"},
        {"unit_code": "S1", "name": FORMULA, "kind": "school", "peer_group": "school:all"},
        *({"unit_code": f"C{i}", "name": f"第{i}市委教育工委", "kind": "city", "peer_group": OFFICES} for i in range(3)),
    ],
    "dim_label": [
        *({"enumeration": name, "code": code, "label_zh": zh} for name, labels in ENUMERATIONS.items() for code, zh, _ in labels),
        {"enumeration": "dimension", "code": "learning", "label_zh": "学习型"},
        {"enumeration": "peer_group", "code": "school:all", "label_zh": "学校·全部"},
        {"enumeration": "peer_group", "code": OFFICES, "label_zh": "市委教育工委·全部"},
    ],
    "dim_indicator": [
        {"indicator": "study", "label_zh": "参学率", "dimension": "learning", "clause": "L3.2", "unit": "%", "standard": Decimal("0.9"),
         "compare": "at_least", "direction": "higher"},
        {"indicator": "hours", "label_zh": "人均学时", "dimension": "learning", "clause": "L3.4", "unit": "学时", "direction": "higher"},
        {"indicator": "talks", "label_zh": "交流次数", "dimension": "learning", "clause": "L3.5", "unit": "次", "direction": "higher"},
        {"indicator": "later", "label_zh": "年终述学", "dimension": "learning", "clause": "L3.8", "unit": "%", "direction": "higher"},
    ],
    "neighbours": [{"unit_code": "S0", "place": place, "neighbour_code": f"S{place}", "distance": place / 4} for place in (1, 2, 3, 4)],
    "grades": [{"unit_code": "S5", "period": NOW, "submission_id": "x", "passes": False}],
    "indicator_values": [
        *PEERS[:4], PEERS[4] | LACKING, PEERS[5] | {"peer_position": None, "peer_percentile": None}, *PEERS[6:],
        *(school(f"C{i}", 19, 20, OFFICES, n_peers=3) for i in range(3)),
        *({"unit_code": f"S{i}", "period": NOW, "indicator": "hours", "numerator": 61, "denominator": 2, "value": 30.5, "peer_group": "school:all",
           "n_peers": 10, "peer_median": 29.0} for i in range(3)),
        *({"unit_code": f"S{i}", "period": NOW, "indicator": "talks", "peer_group": "school:all", "n_peers": 3, **kinds(5 + 30 * i, 1, share=False)} for i in range(2)),
        *({"unit_code": f"S{i}", "period": NOW, "indicator": "later", "status": "not_due", "reason": "本期不填报，到期再评价", "peer_group": "school:all"} for i in range(3)),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    return publish(tmp_path_factory.mktemp("province") / "data" / "marts", PROVINCE, name="compare")


@pytest.fixture(scope="module")
def scope(run: PublishedRun) -> Scope:
    return Scope(
        run, Labels.of(run), NOW, "2025年第四季度", datetime.fromisoformat("2026-01-20T00:00:00"), is_due=True
    )


def chosen(run: PublishedRun, codes: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return queries.members(run, codes, NOW, "learning"), queries.values(run, codes, NOW, "learning")


def one(seat: int, value: float, low: float | None, high: float | None) -> dict[str, Any]:
    return {"seat": seat, "value": value, "ci_low": low, "ci_high": high}


APART = [one(0, 0.5, 0.4, 0.6), one(1, 0.9, 0.8, 0.95)]
FIVE = [one(seat, 0.9 + seat / 100, 0.8, 0.96) for seat in range(4)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (APART[:1], "—"),
        (APART, "区间互不重叠，差异较可靠"),
        ([one(0, 0.5, 0.4, 0.6), one(1, 0.5, 0.3, 0.7)], "数值相同"),
        ([one(0, 30.5, None, None), one(1, 31.0, None, None)], "没有区间，不作判断"),
        ([one(0, 0.5, 0.4, 0.6), one(1, 0.6, 0.6, 0.7)], "●与■：样本小，差异可能出于偶然"),  # ends that touch overlap
        ([one(0, 0.6, 0.6, 0.7), one(1, 0.5, 0.4, 0.6)], "●与■：样本小，差异可能出于偶然"),
        ([*APART, one(2, 0.85, 0.7, 0.99)], "■与◆：样本小，差异可能出于偶然"),
        ([one(0, 0.5, 0.4, 0.6), one(1, 0.55, 0.4, 0.7), one(2, 0.6, 0.3, 0.9)], "各单位之间：样本小，差异可能出于偶然"),
        ([*FIVE, one(4, 0.1, 0.0, 0.2)], "●与▼、■与▼、◆与▼等4对差异较可靠；其余：样本小，差异可能出于偶然"),
    ],
)  # fmt: skip
def test_what_may_be_chance_is_said_of_the_pairs(rows: list[dict[str, Any]], words: str) -> None:
    assert differences.certainty(rows) == words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"can_speak": True, "peer_percentile": 0.5658, "n_peers": 39}, "优于同类56.6%"),
        ({"can_speak": True, "peer_percentile": 0.9996, "n_peers": 3000}, "优于同类99.96%"),
        ({"can_speak": True, "peer_percentile": None, "n_peers": 7}, "同类不足8个，不排位次"),
        ({"can_speak": False, "peer_percentile": None, "n_peers": 39}, "质量未达要求，不作比较"),
    ],
)
def test_a_place_among_peers_or_why_there_is_none(row: dict[str, Any], words: str) -> None:
    assert tables.place_text(row, LEAST) == words


def test_units_stand_in_the_order_of_the_choice_and_each_number_leads_to_its_source(
    run: PublishedRun, scope: Scope
) -> None:
    units, frame = chosen(run, "S9,S0,S2")
    assert units["unit_code"].to_list() == ["S9", "S0", "S2"]
    asked, waiting = tables.asked_now(frame)
    assert waiting == ["年终述学"]
    shown = tables.values_table(asked, units, scope, LEAST, "learning")
    assert [column.title for column in shown.columns][3:6] == ["● 第9小学", f"■ {IMAGE}", "◆ 第2小学"]
    study = shown.rows[0]
    # 2249/2500 misses 90%: the figure is not rounded up to it
    assert text_of(study[3]).startswith("89.96% 未达标")
    html = shown.html()
    assert 'href="unit?unit=S0&amp;period=2025Q4&amp;indicator=study"' in html
    assert "<img" not in html


def test_what_has_no_value_or_is_not_reliable_is_told_and_not_drawn(run: PublishedRun, scope: Scope) -> None:
    units, frame = chosen(run, "S2,S4,S5")
    asked, _ = tables.asked_now(frame)
    shares, others = tables.dots(asked)
    assert shares["seat"].to_list() == [0]  # S4 cannot be calculated, S5 is under the quality gate
    assert others["name"].to_list() == ["第2小学"]
    row = tables.values_table(asked, units, scope, LEAST, "learning").rows[0]
    assert text_of(row[4]) == "无法计算（有2格未填）"
    assert text_of(row[5]) == "97.0% 达标（质量未达要求，不作比较）"
    assert row[6] == "—"
    assert "不作比较" in str(tables.members_table(units, scope, "learning").rows[2][9])


def test_shares_have_one_axis_and_every_other_measure_its_own(run: PublishedRun) -> None:
    _, frame = chosen(run, "S0,S1")
    shares, others = tables.dots(tables.asked_now(frame)[0])
    assert set(shares["unit"]) == {"%"}
    names = {0: IMAGE, 1: FORMULA}
    panels = compare_charts.measure_dots(others, names)
    assert [note.text for note in panels.layout.annotations] == [
        "L3.4　人均学时（学时）",
        "L3.5　交流次数（次）",
    ]
    dots = compare_charts.percent_dots(shares, names)
    drawn = [trace for trace in dots.data if trace.hoverinfo == "text"]
    assert [list(trace.x) for trace in drawn] == [[90.0], [95.0]]
    assert "<img" not in dots.to_json().replace("\\u003c", "<")
    low, high = shares.row(0, named=True)["low"], shares.row(0, named=True)["high"]
    assert (90 - drawn[0].error_x.arrayminus[0], 90 + drawn[0].error_x.array[0]) == pytest.approx((low, high))


def test_units_of_different_groups_are_told_so(run: PublishedRun, scope: Scope) -> None:
    units, _ = chosen(run, "S2,C0")
    words = tables.groups_reading(units, scope)
    assert words.startswith(
        "所选单位不在同一同类组，只供参考：学校·全部（第2小学）；市委教育工委·全部（第0市委教育工委）。"
    )
    assert tables.groups_reading(units.head(1), scope) == ""


def test_one_unit_is_read_against_its_group(run: PublishedRun, scope: Scope) -> None:
    units, frame = chosen(run, "S8")
    words = differences.reading(tables.asked_now(frame)[0], units, scope, "learning")
    assert words.startswith("第8小学与同类组“学校·全部”比较：1项指标有位次，其中0项优于半数以上的同类。")
    assert "参学率（明显低于同类）超出同类的正常范围" in words
    assert words.endswith("未达标或进度滞后：第8小学1项。")
    shown = tables.values_table(frame, units, scope, LEAST, "learning")
    assert shown.columns[-1].title == "同类中位数"


def test_a_group_under_the_minimum_has_no_places_and_no_funnel(run: PublishedRun, scope: Scope) -> None:
    units, frame = chosen(run, "C0,C1")
    row = tables.values_table(frame, units, scope, LEAST, "learning").rows[0]
    assert text_of(row[3]) == "95.0% 达标（同类不足8个，不排位次）"
    assert funnel.why_none(frame.to_dicts(), LEAST) == (
        "同类组本期只有3个单位有可以比较的数值，不足8个，不判断谁高谁低，因此不画漏斗图。"
    )


@pytest.mark.parametrize(
    ("codes", "indicator", "begins"),
    [
        ("S0,S1", "study", ""),
        ("S4", "study", "所选单位本期没有这项指标的数值（有2格未填）"),
        ("S5", "study", "所选单位本期数据质量未达要求"),
        ("S0", "hours", "这项指标是按人数或支部数平均的数值"),
        ("S0", "talks", "同类组本期只有3个单位"),
    ],
)
def test_where_there_is_no_funnel_the_reason_is_said(
    run: PublishedRun, codes: str, indicator: str, begins: str
) -> None:
    _, frame = chosen(run, codes)
    why = funnel.why_none(frame.filter(pl.col("indicator") == indicator).to_dicts(), LEAST)
    assert why.startswith(begins)
    assert bool(why) == bool(begins)


def test_the_funnel_reads_as_the_marts_judged(tmp_path: Path) -> None:
    run = publish(tmp_path, PROVINCE | {"indicator_values": PEERS, "grades": []})
    scope = Scope(run, Labels.of(run), NOW, "", datetime.fromisoformat("2026-01-20T00:00:00"), is_due=True)
    _, frame = chosen(run, "S8,S2")
    peers = queries.peers(run, NOW, "study", "school:all", 10)
    middle = funnel.about(peers, "share")
    drawn = funnel.points(peers, {"S8": 0, "S2": 1}, "%", scope)
    words = funnel.reading(drawn, middle, frame.row(0, named=True), scope)
    outside = peers.filter(pl.col("peer_position") == "below_998").height
    assert outside == 1
    assert words.startswith(
        f"同类组“学校·全部”10个可比单位合计{100 * sum(r['numerator'] for r in PEERS) / sum(r['denominator'] for r in PEERS):.1f}%：1个低于95%界限（其中1个低于99.8%界限）"
    )
    assert words.endswith("第8小学60.0%，明显低于同类；第2小学95.0%，与同类相当。")
    lines = funnel.lines(peers, "share", middle)
    figure = funnel_charts.funnel(drawn, lines, middle.target, Decimal("0.9"), "%")
    assert {trace.name for trace in figure.data} >= {
        "99.8%界限",
        "95%界限",
        "同类合计",
        "标准",
        "第8小学",
        "第2小学",
    }
    listed = funnel.peers_table(drawn, frame.row(0, named=True), scope)
    assert [text_of(row[1]) for row in listed.rows] == ["第8小学", "第2小学"]
    taken = funnel.peers_csv(peers, frame.row(0, named=True), scope).decode("utf-8-sig").splitlines()
    assert len(taken) == 11
    assert taken[2].startswith(f"S1,'{FORMULA},190,200,95.0%")


def test_the_workbook_holds_the_marts_numbers_and_no_formula(run: PublishedRun) -> None:
    units, frame = chosen(run, "S1,S0,S9")
    target = io.BytesIO()
    write_comparison(run, NOW, "learning", units, frame, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["对照", "明细", "说明"]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    head, *rows = book["对照"].iter_rows(min_row=4, values_only=True)
    assert head == ("条款", "指标", "标准", f"S1　{FORMULA}", f"S0　{IMAGE}", "S9　第9小学")
    assert rows[0] == ("L3.2", "参学率", "≥90%", "95.0%（达标）", "90.0%（达标）", "89.96%（未达标）")
    head, *rows = book["明细"].iter_rows(min_row=4, values_only=True)
    first = dict(zip(head, rows[0], strict=True))
    assert (first["单位代码"], first["单位名称"], first["分子"], first["分母"], first["实际值"]) == (
        "S1",
        FORMULA,
        190,
        200,
        0.95,
    )
    assert [row[head.index("状态")] for row in rows] == [
        "达标",
        "达标",
        "未达标",
        *["不设标准"] * 4,
        *["未到填报期"] * 2,
    ]
    assert first["区间下限"] == pytest.approx(PEERS[1]["ci_low"])
    assert first["优于同类"] == pytest.approx(PEERS[1]["peer_percentile"])


def page() -> None:
    """What a visitor's session runs, with the run of the home in the environment."""
    from datetime import datetime

    from dashboards import address
    from dashboards.marts import labels, open_run
    from dashboards.scope import Scope
    from dashboards.views import compare

    run = open_run()
    address.arrived("period")
    compare.show(
        Scope(
            run,
            labels(run),
            "2025Q4",
            "2025年第四季度",
            datetime.fromisoformat("2026-01-20T00:00:00"),
            is_due=True,
        )
    )


@pytest.fixture
def visit(run: PublishedRun, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("SANXING_HOME", str(run.folder.parents[2]))
    return AppTest.from_function(page, default_timeout=60)


def words(visit: AppTest) -> str:
    assert not visit.exception
    return "".join(str(element.proto.body) for element in visit.get("html"))


def test_a_first_visit_begins_with_a_unit_and_those_most_like_it(visit: AppTest) -> None:
    visit.session_state["kept:unit"] = "S0"
    visit.run()
    assert visit.multiselect[0].value == ["S0", "S1", "S2", "S3"]
    assert visit.query_params["units"] == "S0,S1,S2,S3"
    assert "<img" not in words(visit)


def test_one_unit_alone_is_offered_its_neighbours(visit: AppTest) -> None:
    visit.query_params["units"] = "S0"
    visit.run()
    assert "units=S0%2CS1%2CS2%2CS3%2CS4" in words(visit)


def test_unknown_codes_and_more_than_six_are_told(visit: AppTest) -> None:
    visit.query_params["units"] = "S0,nobody,S1,S2,S3,S4,S5,S6"
    visit.run()
    assert visit.multiselect[0].value == ["S0", "S1", "S2", "S3", "S4", "S5"]
    assert "名册中没有代码为“nobody”的单位，没有列入。" in words(visit)
    assert "最多比较6个单位，没有列入：第6小学。" in words(visit)


def test_an_emptied_choice_stays_empty_and_says_what_to_do(visit: AppTest) -> None:
    visit.query_params["period"], visit.query_params["units"] = "2025Q4", "S0,S1"
    visit.run()
    visit.multiselect[0].set_value([]).run()
    for _ in range(2):  # at once, and at the next interaction
        assert visit.multiselect[0].value == []
        assert "还没有选择单位" in words(visit)
        visit.run()


def test_units_without_any_value_are_told_why(visit: AppTest) -> None:
    visit.query_params["units"] = "S4"
    visit.run()
    assert "没有可以比较的数值" in words(visit)
    assert "有2格未填" in words(visit)
    visit.query_params["units"] = "S7,S8"
    visit.query_params["dimension"] = "service"
    visit.run()
    assert "所选单位本期没有service的指标" in words(visit)
