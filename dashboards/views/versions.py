"""版本差异: what one version of a unit's submission says differently from another, cell by cell."""

from __future__ import annotations

import io
from functools import partial

import streamlit as st

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import registry
from dashboards.queries import versions as queries
from dashboards.scope import Scope
from dashboards.tables import versions as tables
from pipelines.exports.versions import reading, write_differences
from pipelines.marts.published import PublishedRun
from pipelines.marts.versions import compare


def show(scope: Scope) -> None:
    """Draw the page."""
    run, period = scope.run, scope.period
    parts.title("版本差异", scope)
    names = dict(ask(registry.units, run).select("unit_code", "name").rows())
    if not names:
        st.html(markup.empty_state("名册中没有单位。请先接收名册（registry/units.csv）和报送文件。"))
        return
    resubmitted = ask(queries.resubmitted, run, period)
    places = st.columns([4, 1, 1])
    unit = parts.unit(places[0], names, next(iter(resubmitted["unit_code"]), next(iter(names))), scope)
    known = ask(compare, run, unit, period)
    if known.before is not None and known.after is not None:
        options = [str(version) for version in known.versions["version"]]
        defaults = (str(known.before["version"]), str(known.after["version"]))
        first, last = (
            int(parts.select(place, label, name, options, default, _version_zh, keep=False))
            for place, label, name, default in zip(
                places[1:], ("原版本", "新版本"), ("from", "to"), defaults, strict=True
            )
        )
        _differences(scope, unit, first, last)
    else:
        st.html(markup.empty_state(reading(known)))
    parts.section("收到的版本", names[unit])
    parts.table(tables.versions_table(known, scope), "versions")
    parts.section("多次报送的单位", "与最近一次已采用的版本相比")
    parts.table(
        tables.resubmitted_table(resubmitted, scope), "resubmitted", scope.file_name("多次报送的单位")
    )


def _version_zh(version: str) -> str:
    return f"第{version}版"


def _differences(scope: Scope, unit: str, first: int, last: int) -> None:
    comparison = ask(compare, scope.run, unit, scope.period, first, last)
    parts.section("差别")
    parts.reading(reading(comparison))
    parts.table(tables.differences_table(comparison), "differences")
    if comparison.cells.height:
        st.download_button(
            "下载差别（.xlsx）",
            partial(_xlsx, scope.run, unit, scope.period, first, last),
            scope.file_name(f"版本差异_{unit}_第{first}版_第{last}版", "xlsx"),
            parts.XLSX,
            on_click="ignore",
        )


def _xlsx(run: PublishedRun, unit: str, period: str, first: int, last: int) -> bytes:
    buffer = io.BytesIO()
    write_differences(run, compare(run, unit, period, first, last), buffer)
    return buffer.getvalue()
