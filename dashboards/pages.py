"""The pages: title, address, icon and view, in the order of the menu."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.scope import Scope
from dashboards.views import (
    clauses,
    compare,
    load,
    overview,
    quality,
    reporting,
    shortlist,
    signs,
    submit,
    trends,
    unit,
    versions,
    worklist,
)

START = "start"  # the first page answers at /; Streamlit wants a name for it all the same
PAGES: tuple[tuple[str, str, str, Callable[[Scope], None]], ...] = (
    ("总览", START, ":material/dashboard:", overview.show),
    ("预警", "flags", ":material/flag:", worklist.show),
    ("趋势", "trends", ":material/trending_up:", trends.show),
    ("报送情况", "reporting", ":material/outgoing_mail:", reporting.show),
    ("报送", "submit", ":material/upload_file:", submit.show),
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
