"""疑点核查: questions that a reviewer may ask about how figures came about. Only with `sanxing dashboard --review`."""

from __future__ import annotations

import io

import polars as pl
import streamlit as st

from dashboards import markup, parts, sign_charts
from dashboards.marts import ask
from dashboards.queries import signs as queries
from dashboards.scope import Scope
from dashboards.tables import signs as tables
from pipelines.exports.signs import WHAT_A_SIGN_IS, write_signs


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("疑点核查", scope)
    st.html(markup.banner(WHAT_A_SIGN_IS))
    tests = ask(queries.tests, scope.run, scope.period)
    if tests.is_empty():
        st.html(markup.empty_state("本期没有可以检验的数据：还没有采用任何单位的报送。"))
        return
    st.html(markup.figures(tables.key_figures(tests)))
    found = ask(queries.signs, scope.run, scope.period)
    chosen = _filtered(scope, found)
    parts.reading(tables.reading(chosen, scope))
    shown = tables.signs_table(chosen, scope)
    parts.table(shown, "signs")
    if chosen.height:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                "下载疑点（.xlsx）",
                _xlsx(scope, chosen),
                scope.file_name("填报疑点", "xlsx"),
                parts.XLSX,
                on_click="ignore",
            )
            parts.download(shown, "signs", scope.file_name("填报疑点"), workbook=False)
        _one(scope, chosen)
    with st.expander("各种类的检验"):
        parts.table(tables.tests_table(tests, scope), "tests")


def _filtered(scope: Scope, found: pl.DataFrame) -> pl.DataFrame:
    first, second, third = st.columns([2, 2, 4])
    kinds = ["", *found["sign"].unique().sort()]
    cities = {
        code: name or code
        for code, name in found.select("city_code", "city").unique().sort("city_code").rows()
        if code
    }
    units = {
        code: name or code
        for code, name in found.select("unit_code", "unit_name").unique().sort("unit_code").rows()
        if code
    }
    sign = parts.select(
        first,
        "种类",
        "sign",
        kinds,
        "",
        lambda code: scope.labels("sign", code) if code else "全部",
        keep=False,
    )
    city = parts.select(
        second, "地区", "city", ["", *cities], "", lambda code: cities.get(code, "全部"), keep=False
    )
    unit = parts.select(
        third, "单位", "about", ["", *units], "", lambda code: units.get(code, "全部"), keep=False
    )
    return queries.narrowed(found, sign or None, city or None, unit or None)


def _one(scope: Scope, chosen: pl.DataFrame) -> None:
    """One sign as a picture."""
    parts.section("查看一处疑点")
    rows = {row["sign_id"]: row for row in chosen.to_dicts()}
    first = next(iter(rows))
    which = parts.select(
        st.container(),
        "疑点",
        "which",
        list(rows),
        first,
        lambda code: tables.choice_zh(rows[code], scope),
        keep=False,
    )
    row = rows[which]
    parts.reading(row["facts"])
    named = f"疑点_{scope.labels('sign', row['sign'])}_{row['scope_code']}"
    if row["sign"] == "copied_rows":
        parts.table(tables.rows_table(row, scope), f"rows:{which}", scope.file_name(named))
    else:
        drawn = {
            "bunching": sign_charts.beside_standard,
            "too_constant": lambda seen: sign_charts.month_shares(seen, "本支部各月"),
            "digit_preference": sign_charts.last_digits,
        }
        figure = drawn[row["sign"]](tables.seen(row))
        parts.chart(figure, f"sign:{which}", row["facts"], scope.file_name(named, "png"))
        with st.expander("数据表"):
            parts.table(tables.seen_table(row), f"seen:{which}", scope.file_name(named))
    where = [("涉及", row["place"])] if row["place"] else []
    st.html(markup.facts([*where, ("需要询问", row["asks"]), ("可能的正常原因", row["innocent"])]))


def _xlsx(scope: Scope, chosen: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    write_signs(scope.run, scope.period, chosen, scope.labels, buffer)
    return buffer.getvalue()
