"""The worklist of flags: what stands on it, in which order, how it is narrowed and counted, what it says, and what is taken along."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from dashboards import search
from dashboards.markup import text_of
from dashboards.queries import worklist as queries
from dashboards.queries.worklist import Choice
from dashboards.scope import Scope
from dashboards.tables import overview as overview_tables
from dashboards.tables import worklist as tables
from pipelines.exports.labels import Labels
from pipelines.exports.worklist import COLUMNS, worklist_csv, write_worklist
from pipelines.labels import ENUMERATIONS, SYNTHETIC_FILE
from tests.marts import BLANKS, publish

BEFORE, NOW, NEXT = "2025Q2", "2025Q3", "2025Q4"
CITIES = {"320100": "南京市", "320200": "无锡市"}
FORMULA = '=HYPERLINK("http://x","一小")'
TAG = "<img src=x onerror=alert(1)>"


def flag(code: str, kind: str, level: str, judged: str = NOW, times: int = 1, **other: Any) -> dict[str, Any]:
    """A run of a flag up to the period in which it was judged last; open unless `closed_in` is given."""
    since = other.pop("since", judged)
    return {
        "unit_code": code, "kind": kind, "level": level, "since": since, "last_period": judged, "times": times, "closed_in": None,
        "closing": None, "indicator": None, "clause": "O2.1", "reason": f"{code}{kind}，请改进。", "evidence": "7÷10", **other,
    }  # fmt: skip


RUNS = [
    flag("S1", "performance", "red", times=3, since="2025Q1", indicator="study", clause="L3.2"),
    flag("S1-1", "performance", "amber", indicator="study", clause="L3.2"),
    flag("S2", "performance", "red", indicator="study", clause="L3.2", reason="请查明原因并改进。" * 20),
    flag("S2", "trend", "watch", indicator="study", clause="L3.2", times=5, since="2025Q1"),
    flag("U1", "peer", "amber", indicator="visits", clause="S1.1", times=2, since=BEFORE, evidence=""),
    flag("S2", "reporting", "amber", BEFORE),
    flag("C1", "quality", "red", "2025Q1", times=2, since="2024Q4"),
    flag("S1", "peer", "watch", BEFORE, 2, indicator="visits", clause="S1.1", closed_in=NOW, closing="among_peers"),
    flag("S1", "quality", "amber", closed_in=NOW, closing="corrected"),
    flag("U1", "performance", "red", BEFORE, indicator="visits", clause="S1.1", closed_in=BEFORE, closing="met"),
    flag("S1", "pattern", "watch"),
    flag("S2", "peer", "red", NEXT, indicator="visits", clause="S1.1"),
]  # fmt: skip


def judged(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of `flags` behind a run: one for each judged period of it, where it lasted beyond its own period."""
    if run["closed_in"] == run["last_period"]:
        return []
    kept = {key: value for key, value in run.items() if key not in ("last_period", "closed_in", "closing")}
    past = [{**kept, "period": run["since"], "times": 1, "reason": "旧", "run_since": run["since"]}]
    newest = {**kept, "period": run["last_period"], "run_since": run["since"]}
    return [*(past if run["times"] > 1 else []), newest]


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    labels = [{"enumeration": name, "code": code, "label_zh": zh, "label_en": en} for name, entries in ENUMERATIONS.items() for code, zh, en in entries]  # fmt: skip
    labels += [
        {"enumeration": enumeration, "code": code, "label_zh": zh, "label_en": code}
        for enumeration, code, zh in (
            ("dimension", "learning", "学习型"), ("dimension", "service", "服务型"), ("dimension", "leadership", "组织领导"),
            ("kind", "school", "学校"), ("kind", "university", "高校"), ("kind", "city", "市委教育工委"),
        )
    ]  # fmt: skip
    here, there = ({"city_code": code, "city": name} for code, name in CITIES.items())
    run = publish(
        tmp_path_factory.mktemp("worklist"),
        {
            "dim_label": labels,
            "dim_clause": [
                {"clause": "L3.2", "dimension": "learning", "label_zh": "中心组参学"},
                {"clause": "S1.1", "dimension": "service", "label_zh": "联系群众"},
                {"clause": "O2.1", "dimension": "leadership", "label_zh": "报送数据"},
            ],
            "dim_indicator": [
                {"indicator": "study", "label_zh": "参学率", "dimension": "learning", "clause": "L3.2"},
                {"indicator": "visits", "label_zh": "联系率", "dimension": "service", "clause": "S1.1"},
            ],
            "dim_unit": [
                {"unit_code": "C1", "name": "南京市委教育工委", "kind": "city", **here},
                {"unit_code": "S1", "name": FORMULA, "kind": "school", "parent_code": "C1", **here},
                {"unit_code": "S1-1", "name": TAG, "kind": "branch", "parent_code": "S1", **here},
                {"unit_code": "S2", "name": "重阳路小学", "kind": "school", "parent_code": "C1", **there},
                {"unit_code": "U1", "name": "长江大学", "kind": "university", **there},
            ],
            "flag_runs": RUNS,
            "flags": [row for run in RUNS for row in judged(run)],
        },
    )  # fmt: skip
    return Scope(run, Labels.of(run), NOW, "2025年第三季度", BLANKS["TIMESTAMP"], is_due=True)


@pytest.fixture(scope="module")
def board(scope: Scope) -> pl.DataFrame:
    return queries.board(scope.run, NOW)


def listed(rows: pl.DataFrame) -> list[str]:
    return [f"{code} {kind}" for code, kind in rows.select("unit_code", "kind").rows()]


def test_the_gravest_come_first_then_those_that_run_longest(board: pl.DataFrame) -> None:
    assert board.select("unit_code", "kind", "level", "times", "standing").rows() == [
        ("S1", "performance", "red", 3, "lasting"),
        ("C1", "quality", "red", 2, "earlier"),
        ("S2", "performance", "red", 1, "new"),
        ("U1", "peer", "amber", 2, "lasting"),
        ("S2", "reporting", "amber", 1, "earlier"),
        ("S1", "quality", "amber", 1, "closed"),
        ("S1-1", "performance", "amber", 1, "new"),
        ("S2", "trend", "watch", 5, "lasting"),
        ("S1", "peer", "watch", 2, "closed"),
    ]


def test_what_signs_raise_is_for_reviewers_only(scope: Scope, board: pl.DataFrame) -> None:
    assert "pattern" not in board["kind"]
    assert "pattern" in queries.board(scope.run, NOW, review=True)["kind"]


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(), ["S1 performance", "C1 quality", "S2 performance", "U1 peer", "S2 reporting", "S1-1 performance", "S2 trend"]),
        (Choice(level="red"), ["S1 performance", "C1 quality", "S2 performance"]),
        (Choice(kind="performance", unit_kind="school"), ["S1 performance", "S2 performance", "S1-1 performance"]),
        (Choice(kind="performance", who="unit"), ["S1 performance", "S2 performance"]),
        (Choice(who="branch"), ["S1-1 performance"]),
        (Choice(unit_kind="university"), ["U1 peer"]),
        (Choice(city="320100"), ["S1 performance", "C1 quality", "S1-1 performance"]),
        (Choice(about="service"), ["U1 peer"]),
        (Choice(about="O2.1"), ["C1 quality", "S2 reporting"]),
        (Choice(standing="new"), ["S2 performance", "S1-1 performance"]),
        (Choice(standing="lasting"), ["S1 performance", "U1 peer", "S2 trend"]),
        (Choice(standing="earlier"), ["C1 quality", "S2 reporting"]),
        (Choice(standing="closed"), ["S1 quality", "S1 peer"]),
        (Choice(text="cyl"), ["S2 performance", "S2 reporting", "S2 trend"]),
        (Choice(text="长江"), ["U1 peer"]),
        (Choice(text="s1-1"), ["S1-1 performance"]),
        (Choice(text="cj", level="red"), []),
        (Choice(text="'; drop"), []),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(scope: Scope, board: pl.DataFrame, choice: Choice, found: list[str]) -> None:
    by_text = search.found(scope.run, choice.text) if choice.text else None
    assert listed(queries.narrowed(board, choice, by_text)) == found


def test_key_figures_count_what_is_open_and_what_has_closed_apart(board: pl.DataFrame) -> None:
    figures = tables.key_figures(queries.standings(board), queries.counted(queries.narrowed(board, Choice())))
    assert figures == [
        ("红色预警", "3", "未解除共7条"),
        ("橙色预警", "3", "另有关注1条"),
        ("涉及单位", "4", "另有支部1个"),
        ("本期新增", "2", "其中红色1条"),
        ("持续", "3", "最长连续5期"),
        ("以前各期未解除", "2", "其中红色1条"),
        ("本期解除", "2", "不计入未解除"),
    ]


def test_the_overview_leads_to_each_part(scope: Scope, board: pl.DataFrame) -> None:
    tally = queries.tally(scope.run, NOW)
    assert tally.rows() == [
        (*names, part.height)
        for names, part in sorted(board.partition_by("kind", "level", "standing", as_dict=True).items())
    ]
    links = overview_tables.worklist_links(queries.sums(tally), 0, scope)
    assert [(name, text_of(link)) for name, link in links] == [
        ("未解除的预警", "共7条"),
        ("本期新增", "2条"),
        ("持续", "3条"),
        ("以前各期未解除", "2条"),
        ("本期解除", "2条"),
    ]
    assert links[3][1] == scope.flags_link("2条", standing="earlier")


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (
            Choice(),
            "未解除：共7条预警（红色3条、橙色3条、关注1条），涉及4个单位和1个支部；最长的连续5期。",
        ),
        (
            Choice(level="red", kind="performance", unit_kind="school"),
            "未解除、红色、绩效预警、学校：共2条预警，涉及2个单位；最长的连续3期。",
        ),
        (
            Choice(standing="new", who="branch", about="L3.2"),
            "本期新增、L3.2　中心组参学、只看支部：共1条预警，涉及1个支部。",
        ),
        (
            Choice(city="320200", level="watch", text="zz"),
            "未解除、关注、无锡市、含“zz”：没有符合条件的预警。",
        ),
    ],
)
def test_a_sentence_says_what_is_listed(scope: Scope, board: pl.DataFrame, choice: Choice, said: str) -> None:
    by_text = search.found(scope.run, choice.text) if choice.text else None
    counts = queries.counted(queries.narrowed(board, choice, by_text))
    assert tables.reading(counts, tables.chosen_zh(choice, scope, CITIES)) == said


def test_each_row_says_who_what_and_where_to_look(scope: Scope, board: pl.DataFrame) -> None:
    told = queries.told(scope.run, queries.narrowed(board, Choice()), NOW)
    shown = {f"{text_of(row[1])} {text_of(row[3])}": row for row in tables.table(told, scope).rows}
    row = shown[f"{FORMULA} 绩效"]
    assert [text_of(cell) for cell in row] == [
        "红色", FORMULA, "南京市", "绩效", "L3.2", "S1performance，请改进。", "7÷10", "2025Q1", "连续3期",
    ]  # fmt: skip
    assert row[1] == scope.unit_link(FORMULA, "S1", tab="flags")
    assert row[6] == scope.unit_link("7÷10", "S1", indicator="study")
    branch = shown[f"{FORMULA} {TAG} 绩效"]
    assert branch[6] == scope.unit_link("7÷10", "S1", "S1-1", "study")
    assert shown["重阳路小学 趋势"][6] == scope.unit_link("7÷10", "S2", trend="study")
    assert shown["长江大学 同类比较"][6] == scope.unit_link("查看", "U1", indicator="visits")
    earlier = shown["重阳路小学 报送"]
    assert earlier[6] == scope.unit_link("7÷10", "S2", period=BEFORE, tab="returns")
    assert earlier[8] == "以前未解除\n首次"


def test_names_of_anyones_making_stay_text_on_the_page(scope: Scope, board: pl.DataFrame) -> None:
    html = tables.table(queries.told(scope.run, board, NOW), scope).html()
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_what_closed_says_why(scope: Scope, board: pl.DataFrame) -> None:
    shown = tables.table(
        queries.told(scope.run, queries.narrowed(board, Choice(standing="closed")), NOW), scope
    )
    assert [(text_of(row[5]), text_of(row[-1])) for row in shown.rows] == [
        ("S1quality，请改进。", "该期报表已改正"),
        ("S1peer，请改进。", "已回到同类正常范围"),
    ]


@pytest.mark.parametrize(
    ("by", "groups", "said"),
    [
        (
            "kind",
            ["绩效", "数据质量", "同类比较", "报送", "趋势"],
            "7条预警中，绩效（3条）最多；红色预警中，绩效（2条）最多。",
        ),
        (
            "dimension",
            ["学习型", "服务型", "组织领导"],
            "7条预警中，学习型（4条）最多；红色预警中，学习型（2条）最多。",
        ),
    ],
)
def test_the_chart_says_where_most_are(
    scope: Scope, board: pl.DataFrame, by: str, groups: list[str], said: str
) -> None:
    counts = queries.distribution(queries.narrowed(board, Choice()), by)
    assert tables.distribution_reading(counts, by, scope) == said
    drawn = tables.parts_frame(counts, by, scope)
    assert drawn["group"].unique(maintain_order=True).to_list()[0] == groups[0]
    assert sorted(drawn["group"].unique()) == sorted(groups)
    table = tables.distribution_table(counts, by, scope)
    assert sum(int(str(row[-1])) for row in table.rows) == drawn["count"].sum() == 7


def test_one_group_is_no_contest(scope: Scope, board: pl.DataFrame) -> None:
    counts = queries.distribution(queries.narrowed(board, Choice(who="branch")), "kind")
    assert tables.distribution_reading(counts, "kind", scope) == "1条预警均属绩效，没有红色的。"


def test_an_empty_board_says_why(scope: Scope) -> None:
    nobody = queries.board(scope.run, "2024Q3")
    assert nobody.is_empty()
    assert tables.nothing(nobody, scope) == "本期没有预警，以前各期的预警也均已解除。"
    assert tables.nothing(nobody, replace(scope, is_due=False)).startswith("本期尚未截止（")


@pytest.mark.parametrize(
    ("period", "said"), [("2024Q4", []), (BEFORE, ["C1 quality"]), (NOW, ["C1 quality", "S2 reporting"])]
)
def test_what_earlier_periods_left_open_stays_on_the_list(scope: Scope, period: str, said: list[str]) -> None:
    rows = queries.narrowed(queries.board(scope.run, period), Choice(standing="earlier"))
    assert listed(rows.filter(pl.col("kind").is_in(["quality", "reporting"]))) == said


def test_the_files_hold_every_row_and_what_was_asked_for(
    scope: Scope, board: pl.DataFrame, tmp_path: Path
) -> None:
    told = queries.told(scope.run, queries.narrowed(board, Choice(kind="performance")), NOW)
    target = tmp_path / "flags.xlsx"
    write_worklist(
        scope.run, scope.period_zh, f"未解除、含“{FORMULA}”", "共3条。", told, scope.labels, target
    )
    book = openpyxl.load_workbook(target)
    sheet = book["预警清单"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert f"未解除、含“{FORMULA}”" in str(sheet["A2"].value)
    assert scope.run.name in str(sheet["A2"].value)
    assert sheet["A3"].value == SYNTHETIC_FILE
    (native,) = sheet.tables.values()
    assert native.ref == f"A4:Q{4 + told.height}"
    head, *rows = sheet.iter_rows(min_row=4, values_only=True)
    assert head == COLUMNS
    listed = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["单位代码"], row["单位名称"], row["支部代码"], row["支部名称"]) for row in listed] == [
        ("S1", FORMULA, None, None),
        ("S2", "重阳路小学", None, None),
        ("S1", FORMULA, "S1-1", TAG),
    ]
    heights = [sheet.row_dimensions[line].height for line in (5, 6, 7)]
    assert heights == [30, 120, 30]  # as high as 54 figures a line need
    assert str(sheet.print_area).endswith(f"$K${4 + told.height}")
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    read = list(csv.reader(io.StringIO(worklist_csv(told, scope.labels).decode("utf-8-sig"))))
    assert read[0] == list(COLUMNS)
    assert [row[1] for row in read[1:]] == [f"'{FORMULA}", "重阳路小学", f"'{FORMULA}"]
