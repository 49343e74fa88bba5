"""示范点，联系点: who would gain most from help, and what to help with."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import selection as queries
from dashboards.scope import Scope
from dashboards.tables import selection as tables


def show(scope: Scope, year: int) -> None:
    """Draw the list and everyone else with the reason."""
    frame = ask(queries.contact_points, scope.run, year)
    chosen = frame.filter("selected")
    parts.reading(f"{year}年度建议联系点{chosen.height}个：由省、市、高校党组织联系帮扶，不是对单位的评价。")
    st.html(
        markup.note(
            "帮扶效果＝达到有关标准可提高的分数，按党员数加权；名额按单位类型和地区分配。"
            "未报送或数据不足的单位不在此列，先按报送和数据质量事项办理。"
        )
    )
    parts.section(f"{year}年度联系点建议名单")
    parts.table(
        tables.contacts_table(chosen, scope, "联系点", "本年度没有需要建议的联系点。"),
        "contacts",
        f"三型_联系点_{year}.csv",
    )
    parts.section("未列入的单位及理由")
    others = tables.contacts_table(
        frame.filter(pl.col("selected").not_()), scope, "未列入联系点", "所有单位都已列入。"
    )
    parts.table(others, "no-contacts")
