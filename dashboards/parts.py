"""The parts that pages are laid out with.

With app.py, served.py, document.py, address.py, desk.py, marts.py and the views the only users of Streamlit.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import address, markup, search
from dashboards.markup import Table
from dashboards.marts import ask, run_read
from dashboards.scope import Scope
from pipelines.exports.page_table import write_page_table
from pipelines.marts.published import PublishedRun

PAGE_ROWS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Plotly's own bar with the one button that saves the picture; what Plotly says around it is said in Chinese.
CHART_CONFIG: dict[str, Any] = {
    "displayModeBar": "hover",
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "scrollZoom": False,
    "responsive": True,
    "locale": "zh-CN",
    "locales": {
        "zh-CN": {
            "dictionary": {
                "Download plot as a PNG": "下载图片（.png）",
                "Download plot": "下载图片（.png）",
                "Preparing image - this may take a few seconds": "正在生成图片，请稍候",
                "Image download succeeded": "图片已保存",
                "Sorry, there was a problem downloading your image!": "图片没有生成，请再试一次。",
            },
            "format": {},
        }
    },
}
SHARPNESS = 2  # pixels of the picture for each of the page: it is put into papers


def title(text: str, scope: Scope, with_period: bool = True) -> None:
    """The page's heading, with its period and due date."""
    aside = f"{scope.period_zh}　报送截止 {scope.labels.local_time(scope.due_at)}" if with_period else ""
    if with_period and not scope.is_due:
        aside += "（尚未截止）"
    st.html(markup.heading(text, aside, level=1))


def section(text: str, aside: str = "", on_paper: bool = True) -> None:
    """A heading inside the page; on_paper: whether the remark beside it is for those too who hold the page in hand."""
    st.html(markup.heading(text, aside, on_paper=on_paper))


def reading(text: str) -> None:
    """The sentence that says what a chart or table shows."""
    st.html(markup.reading(text))


def select(
    place: DeltaGenerator,
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    text: Callable[[str], str],
    keep: bool = True,
) -> str:
    """A list to choose from, whose choice stands in the address under `name`."""
    chosen = address.choice(name, options, default, keep=keep)
    place.selectbox(label, options, format_func=text, key=name, on_change=address.moved, args=(name,))
    return chosen


def typed(
    place: DeltaGenerator,
    label: str,
    name: str,
    example: str,
    longest: int,
    on_change: Callable[[str], None] = address.moved,
) -> str:
    """A text to type, which stands in the address under `name`, without blanks around it."""
    text = address.typed(name, longest)
    place.text_input(
        label,
        placeholder=example,
        key=name,
        max_chars=longest,
        on_change=on_change,
        args=(name,),
    )
    return text.strip()


def unit_kind(place: DeltaGenerator, scope: Scope) -> str | None:
    """The kind of unit that the page is about; None for all of them."""
    kinds = ["", "city", "university", "school"]
    chosen = select(
        place,
        "单位类型",
        "kind",
        kinds,
        "",
        lambda code: scope.labels("kind", code) if code else "全部",
        keep=False,
    )
    return chosen or None


def units_offered(
    place: DeltaGenerator,
    names: Mapping[str, str],
    chosen: str,
    scope: Scope,
    on_search: Callable[[str], None] = address.moved,
) -> tuple[list[str], str]:
    """A field to search units by, and the units for a list beside it, with a word on which they are (search.offered).

    names: code → name, in order; also of units that the run does not know yet, which are found by name and code.
    """
    text = typed(place, "查找单位", "find", "名称、代码或拼音首字母", search.LONGEST, on_search)
    found = None
    if text:
        found = {*ask(search.found, scope.run, text)["unit_code"], *search.named(names, text)}
        if found.isdisjoint(names):
            st.html(markup.banner(f"没有名称、代码或拼音首字母含“{text}”的单位。"))
    return search.offered(list(names), found, chosen)


def unit(place: DeltaGenerator, names: Mapping[str, str], default: str, scope: Scope) -> str:
    """The unit to show, of the registry's (code → name); an unknown one in the address is said to be unknown.

    A search that was just typed shows the first unit that it finds, unless the one shown is among them; at any other time the unit that was
    chosen is shown, whatever is searched for.
    """
    asked = st.query_params.get("unit")
    if asked and asked not in names:
        st.html(markup.banner(f"名册中没有代码为“{asked}”的单位，改为显示下面选中的单位。"))
    left, right = place.columns([2, 5])
    chosen = next((code for code in (asked, address.held("unit")) if code and code in names), None)
    options, which = units_offered(left, names, chosen or default, scope, address.sought)
    if address.is_sought() and chosen not in options:
        address.dropped("unit")
    elif chosen and chosen not in options:
        options = [chosen, *options]
    first = default if default in options else options[0]
    return select(right, f"单位（{which}）", "unit", options, first, lambda code: f"{names[code]}（{code}）")


def segments(
    place: DeltaGenerator,
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    text: Callable[[str], str],
    keep: bool = True,
    shown: bool = True,
    narrows: bool = True,
) -> str:
    """A few options side by side, the choice in the address under `name`.

    shown: whether the label is, or only read out; narrows: whether the page's tables change with the choice.
    """
    chosen = address.choice(name, options, default, keep=keep)
    place.segmented_control(
        label,
        options,
        format_func=text,
        key=name,
        required=True,
        on_change=address.moved,
        args=(name, narrows),
        label_visibility="visible" if shown else "collapsed",
    )
    return chosen


def tabs(name: str, titles: Mapping[str, str], default: str | None = None) -> tuple[str, DeltaGenerator]:
    """Tabs (code → title), of which the open one stands in the address under `name`: its code, and the panel to draw it on.

    The others are not drawn: opening one is a step of the reader, like any other choice.
    """
    key = f"tabs_{name}"
    opened = address.choice(name, list(titles), default or next(iter(titles)), keep=False)
    st.session_state[key] = titles[opened]

    def turned() -> None:
        label = st.session_state[key]
        st.session_state[name] = next(code for code, title in titles.items() if title == label)
        address.moved(name, narrows=False)

    panels = st.tabs([*titles.values()], key=key, on_change=turned)
    return opened, panels[list(titles).index(opened)]


def chart(figure: go.Figure, key: str, alt: str, image: str) -> None:
    """A figure in the dashboard's own theme; `alt` is read to those who cannot see it. image: the name of its picture as a file."""
    saved = {"format": "png", "filename": image.removesuffix(".png"), "scale": SHARPNESS}
    config = {**CHART_CONFIG, "toImageButtonOptions": saved}
    st.plotly_chart(figure, theme=None, config=config, key=f"chart:{key}", alt=alt)


def table(shown: Table, key: str, file_name: str | None = None, rows: int = PAGE_ROWS) -> None:
    """A table, in pages of `rows` rows where it is longer, with its download where a file name is given."""
    start = first_row(len(shown.rows), key, rows)
    st.html(shown.html(start, start + rows))
    if file_name and shown.rows:
        download(shown, key, file_name)


def first_row(count: int, key: str, rows: int = PAGE_ROWS) -> int:
    """The first row of the page of `rows` rows that the reader turned to, of `count` in all; nothing to turn where they fit on one.

    The page stands in the address under the table's `key`.
    """
    pages = -(-count // rows)
    if pages <= 1:
        return 0
    start = (address.turned_to(key, pages) - 1) * rows
    left, right = st.columns([2, 3], vertical_alignment="center")
    with right.container(horizontal_alignment="right"):
        st.pagination(pages, key=address.turning(key), on_change=address.turned, args=(key,))
    left.html(markup.note(f"共{count}行，本页为第{start + 1}至{min(start + rows, count)}行。"))
    return start


def download(shown: Table, key: str, file_name: str, workbook: bool = True) -> None:
    """The whole table as CSV that Excel and WPS open right, and as a workbook unless the page gives a fuller one."""
    stem = file_name.removesuffix(".csv")
    forms: list[tuple[str, str, Callable[[], bytes]]] = [
        *([(".xlsx", XLSX, partial(_workbook, run_read(), shown))] if workbook else []),
        (".csv", "text/csv", shown.csv),
    ]
    with st.container(horizontal=True, gap="small"):
        for ending, kind, made in forms:
            st.download_button(
                f"下载表格（{ending}）",
                made,
                f"{stem}{ending}",
                kind,
                key=f"download:{key}{ending}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _workbook(run: PublishedRun, shown: Table) -> bytes:
    written = io.BytesIO()
    header = [column.title for column in shown.columns]
    rows = [[markup.text_of(cell) for cell in row] for row in shown.rows]
    write_page_table(run, shown.caption, header, rows, written)
    return written.getvalue()


def chart_with_table(figure: go.Figure, words: str, shown: Table, key: str, file_name: str) -> None:
    """A chart with its reading above and its table folded below."""
    reading(words)
    chart(figure, key, words, file_name.removesuffix(".csv"))
    with st.expander("数据表"):
        table(shown, key, file_name)
