"""The dashboard's pages, which served.py serves: opens the run, chooses the period, shows a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboards import address, markup
from dashboards.marts import ask, labels, open_run, settle
from dashboards.pages import PAGES, REVIEW_PAGES, START
from dashboards.queries.registry import periods
from dashboards.scope import Scope
from dashboards.theme import LOGO, MARK, NAME
from pipelines.labels import SYNTHETIC_PAGE
from pipelines.marts.published import MartsUnavailable, PublishedRun
from pipelines.settings import Settings

# Who may see the pages is decided by who may use this machine: no other address is answered.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def main() -> None:
    """One interaction: a whole page from one published run, or a clear word on why there is none."""
    st.set_page_config(page_title=NAME, page_icon=str(MARK), layout="wide")
    st.logo(str(LOGO), size="large")
    if st.get_option("server.address") not in LOOPBACK:
        _unavailable(
            "看板没有登录和权限控制，只允许在本机打开。请用 sanxing dashboard 启动，或把监听地址设为127.0.0.1。"
        )
        return
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
    address.arrived("period")
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
    page = st.navigation([*pages, by_name], expanded=True)
    st.set_page_config(page_title=f"{page.title} · {NAME}")
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
    if st.session_state.get("run", run.name) != run.name:
        st.html(markup.banner("结果已经更新，本页显示的是最新一次运行的结果。"))
    st.session_state["run"] = run.name
    page.run()
    settle()


def _unavailable(reason: str) -> None:
    st.html(markup.heading("暂时没有可以查看的结果", level=1))
    st.html(markup.empty_state(reason))
    st.button("重新读取", type="primary")


# Streamlit runs this file as __main__; whoever only imports it, such as a process that a page has started, opens no page.
if __name__ == "__main__":
    main()
