"""对比: two to six units beside each other, or one beside its peers, and how sure the differences are."""

from __future__ import annotations

import io
from functools import partial

import polars as pl
import streamlit as st

from dashboards import address, compare_charts, funnel_charts, markup, parts
from dashboards.markup import Table
from dashboards.marts import ask
from dashboards.queries import compare as queries
from dashboards.queries import registry
from dashboards.scope import Scope
from dashboards.tables import compare as tables
from dashboards.tables import differences, funnel
from dashboards.theme import SERIES
from pipelines.exports.comparison import write_comparison
from pipelines.marts.published import PublishedRun

MOST = len(SERIES)
START = 3  # so many of the nearest stand beside the unit with which the page begins


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("对比", scope)
    names = dict(ask(registry.units, scope.run).select("unit_code", "name").rows())
    if not names:
        st.html(markup.empty_state("名册中没有单位。请先接收名册（registry/units.csv）和报送文件。"))
        return
    start = _start(scope, names)
    chosen, dimension = _choose(scope, names, start)
    if not chosen:
        st.html(markup.empty_state("还没有选择单位。请在上面选择2至6个单位；只选1个时，与它的同类组比较。"))
        st.html(markup.facts([("也可", scope.compare_link("从一组相近的单位开始", start))]))
        return
    codes, least = ",".join(chosen), scope.run.manifest["selection"]["minimum_peers"]
    units = ask(queries.members, scope.run, codes, scope.period, dimension)
    parts.table(tables.members_table(units, scope, dimension), "members")
    if words := tables.groups_reading(units, scope):
        st.html(markup.banner(words))
    if len(chosen) == 1:
        _offer(scope, chosen[0], names)
    frame, waiting = tables.asked_now(ask(queries.values, scope.run, codes, scope.period, dimension))
    parts.section("各项指标", "横线是95%区间：两个单位的区间不重叠，差异才较可靠")
    if frame.is_empty():
        st.html(markup.empty_state(tables.nothing(waiting, scope, dimension)))
        return
    parts.reading(differences.reading(frame, units, scope, dimension))
    _dots(frame, dict(units.select("seat", "name").rows()), scope, dimension)
    if frame["status"].is_in(["on_pace", "behind"]).any():
        st.html(markup.note(tables.YEAR_NOTE))
    shown = tables.values_table(frame, units, scope, least, dimension)
    parts.table(shown, "compared")
    st.html(markup.note(tables.NOTE))
    if waiting:
        st.html(markup.note(f"本期不填报、到期再评价的指标：{'、'.join(waiting)}。"))
    _take_along(shown, scope, codes, dimension)
    _funnel(scope, frame, least)


def _start(scope: Scope, names: dict[str, str]) -> list[str]:
    """Where the page begins: the unit last looked at, else the first, with those most like it."""
    seen = address.kept("unit")
    first = seen if seen in names else next(iter(names))
    return [first, *(code for code in ask(queries.nearest, scope.run, first) if code in names)][: START + 1]


def _choose(scope: Scope, names: dict[str, str], start: list[str]) -> tuple[list[str], str]:
    """The units, in the order of the choice, and the dimension; both stand in the address."""
    chosen, left_out = address.several("units", names, start, MOST)
    left, right = st.columns([2, 5])
    options, which = parts.units_offered(left, names, chosen[0] if chosen else start[0], scope)
    right.multiselect(
        f"单位（选2至6个，或只选1个与同类组比较；{which}）",
        [*chosen, *(code for code in options if code not in chosen)],
        format_func=lambda code: f"{names[code]}（{code}）",
        key="units",
        on_change=address.moved,
        args=("units",),
        placeholder="请选择单位",
        select_all=False,
        wrap=True,
    )
    for unknown in [code for code in left_out if code not in names]:
        st.html(markup.banner(f"名册中没有代码为“{unknown}”的单位，没有列入。"))
    if more := [names[code] for code in left_out if code in names]:
        st.html(
            markup.banner(f"最多比较{MOST}个单位，没有列入：{'、'.join(more)}。请先去掉已选的单位，再加入。")
        )
    dimension = parts.segments(
        st.container(),
        "维度",
        "dimension",
        queries.DIMENSIONS,
        queries.DIMENSIONS[0],
        lambda code: scope.labels("dimension", code),
    )
    return chosen, dimension


def _offer(scope: Scope, code: str, names: dict[str, str]) -> None:
    """The way from one unit to it and those most like it."""
    nearest = [near for near in ask(queries.nearest, scope.run, code) if near in names][: MOST - 1]
    if nearest:
        link = scope.compare_link(f"加上最相近的{len(nearest)}个单位", [code, *nearest])
        st.html(markup.facts([("与同类组比较；也可", link)]))


def _take_along(shown: Table, scope: Scope, codes: str, dimension: str) -> None:
    """The table as it is shown, and as a workbook with all that it rests on."""
    name = f"对比_{scope.labels('dimension', dimension)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "下载对比表（.xlsx）",
            partial(_xlsx, scope.run, scope.period, codes, dimension),
            scope.file_name(name, "xlsx"),
            parts.XLSX,
            on_click="ignore",
        )
        parts.download(shown, "compared", scope.file_name(name), workbook=False)


def _dots(frame: pl.DataFrame, names: dict[int, str], scope: Scope, dimension: str) -> None:
    shares, others = tables.dots(frame)
    alt = f"{scope.labels('dimension', dimension)}各单位对比，数据见下表"
    if shares.height:
        parts.chart(
            compare_charts.percent_dots(shares, names),
            "shares",
            f"百分比指标：{alt}",
            scope.file_name(f"对比_{scope.labels('dimension', dimension)}_百分比", "png"),
        )
    if others.height:
        st.html(markup.heading("其他计量单位的指标", "各用各的坐标，不互相比较", level=3))
        parts.chart(
            compare_charts.measure_dots(others, names),
            "measures",
            f"其他指标：{alt}",
            scope.file_name(f"对比_{scope.labels('dimension', dimension)}_其他", "png"),
        )


def _funnel(scope: Scope, frame: pl.DataFrame, least: int) -> None:
    """One indicator over the peer group of the chosen units; where they are of several, over one of them."""
    parts.section("在同类组中的位置", "漏斗图：分清偶然的起伏和真正的差别")
    called = {row["indicator"]: f"{row['clause']}　{row['label_zh']}" for row in frame.to_dicts()}
    left, right = st.columns([3, 2])
    indicator = parts.select(
        left,
        "指标",
        "funnel",
        list(called),
        funnel.most_telling(frame),
        lambda code: called[code],
        keep=False,
    )
    rows = frame.filter(pl.col("indicator") == indicator)
    groups = rows["peer_group"].unique(maintain_order=True).to_list()
    group = groups[0]
    if len(groups) > 1:
        group = parts.select(
            right, "同类组", "group", groups, group, lambda code: scope.labels("peer_group", code), keep=False
        )
    concerned = rows.filter(pl.col("peer_group") == group).to_dicts()
    if why := funnel.why_none(concerned, least):
        st.html(markup.empty_state(why))
        return
    row = next(row for row in concerned if row["peer_position"] is not None)
    peers = ask(queries.peers, scope.run, scope.period, indicator, group, row["n_peers"])
    measure = funnel.measure_of(row)
    middle = funnel.about(peers, measure)
    drawn = funnel.points(peers, {one["unit_code"]: one["seat"] for one in concerned}, row["unit"], scope)
    lines = funnel.lines(peers, measure, middle)
    words = funnel.reading(drawn, middle, row, scope)
    parts.reading(words)
    parts.chart(
        funnel_charts.funnel(drawn, lines, middle.target, row["standard"], row["unit"]),
        "funnel",
        words,
        scope.file_name(f"漏斗图_{row['label_zh']}", "png"),
    )
    with st.expander("数据表"):
        parts.table(
            funnel.peers_table(drawn, row, scope), "peers", scope.file_name(f"漏斗图_{row['label_zh']}")
        )
        st.download_button(
            f"下载同类组全部{peers.height}个单位（CSV）",
            partial(funnel.peers_csv, peers, row, scope),
            scope.file_name(f"同类组_{indicator}"),
            "text/csv",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
    st.html(markup.note(funnel.NOTES[measure]))


def _xlsx(run: PublishedRun, period: str, codes: str, dimension: str) -> bytes:
    buffer = io.BytesIO()
    units, values = (ask(query, run, codes, period, dimension) for query in (queries.members, queries.values))
    write_comparison(run, period, dimension, units, values, buffer)
    return buffer.getvalue()
