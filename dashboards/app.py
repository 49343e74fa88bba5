"""The dashboard's entry: `python -m streamlit run dashboards/app.py`.

Opens the run, chooses the period, shows a page.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboards import address, markup
from dashboards.marts import ask, labels, open_run
from dashboards.queries.registry import periods
from dashboards.scope import Scope
from dashboards.theme import LOGO, STYLE
from dashboards.views import (
    clauses,
    compare,
    load,
    overview,
    quality,
    reporting,
    shortlist,
    signs,
    trends,
    unit,
    versions,
)
from pipelines.labels import SYNTHETIC_PAGE
from pipelines.marts.published import MartsUnavailable, PublishedRun
from pipelines.settings import Settings

START = "start"  # the first page answers at /; Streamlit wants a name for it all the same
PAGES: tuple[tuple[str, str, str, Callable[[Scope], None]], ...] = (
    ("总览", START, ":material/dashboard:", overview.show),
    ("趋势", "trends", ":material/trending_up:", trends.show),
    ("报送情况", "reporting", ":material/outgoing_mail:", reporting.show),
    ("单位画像", "unit", ":material/account_balance:", unit.show),
    ("对比", "compare", ":material/compare_arrows:", compare.show),
    ("数据质量", "quality", ":material/fact_check:", quality.show),
    ("版本差异", "versions", ":material/difference:", versions.show),
    ("示范点", "shortlist", ":material/workspace_premium:", shortlist.show),
    ("填报负担", "load", ":material/edit_note:", load.show),
    ("条款与指标", "clauses", ":material/gavel:", clauses.show),
)
# Only where the pages were started with --review: elsewhere they do not exist.
REVIEW_PAGES: tuple[tuple[str, str, str, Callable[[Scope], None]], ...] = (
    ("疑点核查", "signs", ":material/contact_support:", signs.show),
)


def main() -> None:
    """One interaction: a whole page from one published run, or a clear word on why there is none."""
    st.set_page_config(page_title="三型 · 党组织建设统计", page_icon=str(LOGO), layout="wide")
    st.html(STYLE)
    st.logo(str(LOGO), size="large")
    try:
        _page(open_run())
    except MartsUnavailable as error:
        _unavailable(str(error))
    except FileNotFoundError:  # the run was replaced while this page was read: once more, from the new one
        if not st.session_state.get("replaced"):
            st.session_state["replaced"] = True
            st.rerun()
        _unavailable("结果正在更新，暂时读不全。请稍后重新读取；如一直如此，请重新运行 sanxing run。")
    st.session_state["replaced"] = False


def _page(run: PublishedRun) -> None:
    known = {row["period"]: row for row in ask(periods, run).to_dicts()}
    if not known:
        raise MartsUnavailable(
            "还没有任何报告期的数据。请先接收报送文件（sanxing receive），再运行 sanxing run。"
        )
    latest = next((period for period, row in known.items() if row["is_due"]), next(iter(known)))
    period = address.choice("period", list(known), latest)
    row = known[period]
    scope = Scope(run, labels(run), period, row["label_zh"], row["due_at"], row["is_due"], Settings().review)

    def page_of(show: Callable[[Scope], None]) -> Callable[[], None]:
        return lambda: show(scope)

    pages = [
        st.Page(page_of(show), title=title, url_path=path, icon=icon, default=path == START)
        for title, path, icon, show in (*PAGES, *(REVIEW_PAGES if scope.review else ()))
    ]
    by_name = st.Page(
        lambda: st.switch_page(pages[0]), title="总览", url_path="overview", visibility="hidden"
    )
    page = st.navigation([*pages, by_name])
    with st.sidebar:
        st.selectbox(
            "报告期",
            list(known),
            format_func=lambda code: known[code]["label_zh"],
            key="period",
            on_change=address.moved,
            args=("period",),
        )
        version = run.manifest["catalogue"]["version"]
        st.html(markup.note(f"目录版本 {version}") + markup.note(f"数据批次 {run.name[:24]}"))
    if run.is_synthetic:
        st.html(markup.banner(SYNTHETIC_PAGE))
    page.run()


def _unavailable(reason: str) -> None:
    st.html(markup.heading("暂时没有可以查看的结果", level=1))
    st.html(markup.empty_state(reason))
    st.button("重新读取", type="primary")


main()
