"""预警: which units and branches need attention in the period, why, since when, and where to look; to narrow, follow and take along."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import polars as pl
import streamlit as st

from dashboards import address, charts, markup, parts, search
from dashboards.marts import ask
from dashboards.queries import worklist as queries
from dashboards.queries.overview import LEVELS
from dashboards.queries.registry import DIMENSIONS, cities
from dashboards.queries.worklist import Choice
from dashboards.scope import Scope
from dashboards.tables import worklist as tables
from pipelines.exports.worklist import STANDINGS_ZH, worklist_csv, write_worklist

ALL = "全部"
TABS = {"list": "清单", "parts": "分布"}
UNIT_KINDS = ("city", "university", "school")
KINDS = ("performance", "trend", "peer", "reporting", "quality")
FIELDS = (
    "level",
    "flag",
    "kind",
    "city",
    "about",
    "who",
    "standing",
    "q",
)  # in the address


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("预警", scope)
    known = ask(queries.board, scope.run, scope.period, scope.review)
    if why := tables.nothing(known, scope):
        st.html(markup.empty_state(why))
        return
    open_ = queries.counted(queries.narrowed(known, Choice()))
    st.html(markup.figures(tables.key_figures(queries.standings(known), open_)))
    if not scope.is_due:
        st.html(markup.banner(tables.not_due(scope)))
    choice, names = _choose(scope)
    found = ask(search.found, scope.run, choice.text) if choice.text else None
    rows = queries.narrowed(known, choice, found)
    words = tables.reading(queries.counted(rows), tables.chosen_zh(choice, scope, names))
    if rows.is_empty():
        st.html(markup.empty_state(words))
        st.button("清除筛选条件", on_click=address.cleared, args=(FIELDS,), icon=":material/filter_alt_off:")
        return
    opened, panel = parts.tabs("shown", TABS)
    with panel:
        if opened == "list":
            _list(scope, rows, choice, tables.chosen_zh(choice, scope, names), words)
        else:
            _distribution(scope, rows)


def _choose(scope: Scope) -> tuple[Choice, dict[str, str]]:
    """What the reader asks for, all of it in the address; and the cities' names."""
    names = dict(ask(cities, scope.run).select("city_code", "name").rows())
    clauses = ask(queries.clauses, scope.run)["clause"].to_list()
    label = scope.labels
    places = iter([*st.columns(4), *st.columns(4)])

    def pick(
        title: str, name: str, options: Iterable[str], text: Callable[[str], str], every: str = ALL
    ) -> str:
        return parts.select(
            next(places),
            title,
            name,
            ["", *options],
            "",
            lambda code: text(code) if code else every,
            keep=False,
        )

    choice = Choice(
        level=pick("级别", "level", LEVELS, lambda code: label("level", code)),
        kind=pick(
            "种类",
            "flag",
            [*KINDS, *(["pattern"] if scope.review else [])],
            lambda code: label("flag_kind", code),
        ),
        unit_kind=pick("单位类型", "kind", UNIT_KINDS, lambda code: label("kind", code)),
        city=pick("地区", "city", names, lambda code: names[code]),
        about=pick(
            "维度或条款",
            "about",
            [*DIMENSIONS[:-1], *clauses],
            lambda code: tables.about_zh(code, scope),
        ),
        who=pick("单位或支部", "who", tables.WHO, lambda code: tables.WHO[code]),
        standing=pick(
            "情况",
            "standing",
            queries.STANDINGS,
            lambda code: STANDINGS_ZH[code],
            "未解除（含新增、持续、以前）",
        ),
        text=parts.typed(next(places), "查找", "q", "名称、代码或拼音首字母", search.LONGEST),
    )
    return choice, names


def _list(scope: Scope, rows: pl.DataFrame, choice: Choice, chosen: str, words: str) -> None:
    parts.reading(words)
    left, right = st.columns([2, 1], vertical_alignment="center")
    left.html(
        markup.note(
            "级别重的在前，同一级别持续久的在前。点名称看该单位全部预警，点依据看数字来源。", on_paper=False
        )
    )
    with right.container(horizontal=True, horizontal_alignment="right"):
        _downloads(scope, rows, chosen, words)
    start = parts.first_row(rows.height, "list")
    told = queries.told(scope.run, rows.slice(start, parts.PAGE_ROWS), scope.period)
    st.html(tables.table(told, scope).html())


def _distribution(scope: Scope, rows: pl.DataFrame) -> None:
    by = parts.segments(
        st.container(), "分布按", "by", list(tables.BY), "kind", lambda key: tables.BY[key], keep=False
    )
    counts = queries.distribution(rows, by)
    levels = [(level, scope.labels("level", level)) for level in LEVELS]
    parts.chart_with_table(
        charts.stacked_counts(tables.parts_frame(counts, by, scope), levels, "条"),
        tables.distribution_reading(counts, by, scope),
        tables.distribution_table(counts, by, scope),
        "flags",
        scope.file_name("预警分布"),
    )


def _downloads(scope: Scope, rows: pl.DataFrame, chosen: str, words: str) -> None:
    """Every row that was asked for, made when it is asked for."""

    def xlsx() -> bytes:
        buffer, told = io.BytesIO(), queries.told(scope.run, rows, scope.period)
        write_worklist(scope.run, scope.period_zh, chosen, words, told, scope.labels, buffer)
        return buffer.getvalue()

    def csv() -> bytes:
        return worklist_csv(queries.told(scope.run, rows, scope.period), scope.labels)

    st.download_button(
        "下载预警清单（.xlsx）", xlsx, scope.file_name("预警清单", "xlsx"), parts.XLSX, on_click="ignore"
    )
    st.download_button(
        "下载（.csv）",
        csv,
        scope.file_name("预警清单"),
        "text/csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
