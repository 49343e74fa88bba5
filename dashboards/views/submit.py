"""报送: a unit fetches its pre-filled form, has a filled one looked at, sees what it changes, and hands it in."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboards import desk, markup, parts
from dashboards.marts import ask
from dashboards.queries import submit as queries
from dashboards.scope import Scope
from dashboards.tables import submit as tables
from dashboards.tables.versions import differences_table
from expectations import Period
from pipelines.desk.files import MEGABYTES
from pipelines.desk.form import prefilled_workbook
from pipelines.desk.register import open_register
from pipelines.desk.standing import Standing, begun_periods, locked_zh, standing
from pipelines.failures import UserMistake
from pipelines.registry.model import RegistryEntry
from pipelines.settings import Settings


def show(scope: Scope) -> None:
    """Draw the page."""
    parts.title("报送", scope, with_period=False)
    try:
        catalogue, registry = desk.register(scope.run)
    except UserMistake as reason:  # no registry yet, or one that cannot be read
        st.html(markup.empty_state(str(reason)))
        return
    names = {entry.unit_code: entry.name for entry in registry.entries if not entry.is_branch}
    if not names:
        st.html(markup.empty_state("名册中没有单位。请先接收名册（registry/units.csv）。"))
        return
    now = datetime.now(UTC)
    left, right = st.columns([3, 2])
    unit = registry.unit(parts.unit(left, names, next(iter(names)), scope))
    assert unit is not None
    periods = {str(period): period for period in begun_periods(catalogue, unit, now)}
    if not periods:
        st.html(markup.empty_state("所选单位现在没有需要报送的报告期。请选择其他单位。"))
        return
    default = scope.period if scope.period in periods else next(iter(periods))
    period = periods[
        parts.select(
            right,
            "报送哪个报告期",
            "report",
            list(periods),
            default,
            lambda code: periods[code].label_zh,
            keep=False,
        )
    ]
    stands = standing(Settings().raw, catalogue, unit.unit_code, period, now)
    versions = ask(queries.versions, scope.run, unit.unit_code, str(period))
    st.html(markup.facts(tables.standing_facts(stands, versions, scope, now)))
    if stands.closed_on is not None:
        st.html(markup.banner(locked_zh(period, stands.closed_on)))
    _form(unit, period)
    visit = _file(scope, unit, period, stands)
    if visit is not None:
        _found(scope, visit)
        _differences(scope, visit)
        _handing_in(scope, visit, unit, period, stands)


def _form(unit: RegistryEntry, period: Period) -> None:
    parts.section("一、下载预填报表", "单位、支部和已知的答案都已填好，只需核对和补充")
    st.download_button(
        "下载预填报表（.xlsx）",
        lambda: prefilled_workbook(Settings(), open_register(Settings()).catalogue, unit.unit_code, period)[
            1
        ],
        f"{period}三型党组织报表（{unit.name}）.xlsx",
        parts.XLSX,
        on_click="ignore",
        icon=":material/download:",
    )


def _file(scope: Scope, unit: RegistryEntry, period: Period, stands: Standing) -> desk.Visit | None:
    """The uploaded file, looked at; None where there is none, or it could not be looked at."""
    parts.section("二、上传并检查", "检查不保存文件；确认报送之后才会收下")
    uploaded = st.file_uploader(
        f"选择填好的报表（.xlsx，不超过{MEGABYTES}MB）", max_upload_size=MEGABYTES, key="submit:file"
    )
    if uploaded is None:
        desk.leave()
        return None
    try:
        with st.spinner("正在检查，一般需要几秒到半分钟，请稍候……"):
            return desk.visit(
                scope.run, unit.unit_code, str(period), uploaded.name, uploaded.getvalue(), stands.newest
            )
    except UserMistake as reason:
        st.html(markup.banner(str(reason)))
        return None


def _found(scope: Scope, visit: desk.Visit) -> None:
    looked = visit.looked
    if looked.elsewhere is not None:
        st.html(markup.banner(looked.elsewhere))
    if looked.status < 2:
        waiting = visit.count("explain", open_only=True)
        explained = visit.count("explain") - waiting
        st.html(
            markup.figures(
                tables.key_figures(visit.count("block"), waiting, explained, visit.count("inform"))
            )
        )
    parts.reading(f"{visit.name}：{looked.summary}")
    if not looked.findings:
        return
    shown = tables.findings_table(looked.findings, scope)
    parts.table(shown, "found")
    with st.container(horizontal=True, vertical_alignment="center"):
        if looked.returned is not None and looked.returned_name is not None:
            st.download_button(
                "下载标明问题的报表（.xlsx）",
                looked.returned,
                looked.returned_name,
                parts.XLSX,
                on_click="ignore",
                icon=":material/rate_review:",
            )
        parts.download(shown, "found", scope.file_name("检查发现的问题"), workbook=looked.returned is None)
    if looked.returned is not None:
        st.html(
            markup.note(
                "原文件不变：有问题的单元格已着色并加批注，前面附问题清单。可以直接在这份上改正后再上传。"
            )
        )
    elif looked.not_returned is not None:
        st.html(markup.note(looked.not_returned))


def _differences(scope: Scope, visit: desk.Visit) -> None:
    if not visit.looked.fits:
        return
    parts.section("三、与现用版本的差别", "现用版本：计入统计的一版")
    if visit.comparison is None:
        st.html(markup.empty_state("本单位本期还没有计入统计的版本，没有可以比较的内容。"))
        return
    parts.reading(tables.comparison_reading(visit.comparison))
    if visit.comparison.cells.height:
        parts.table(
            differences_table(visit.comparison),
            "changed",
            scope.file_name(f"与现用版本的差别_{visit.unit_code}"),
        )


def _handing_in(
    scope: Scope, visit: desk.Visit, unit: RegistryEntry, period: Period, stands: Standing
) -> None:
    parts.section("四、报送")
    named = f"{unit.name}（{unit.unit_code}）"
    blocked, waiting = visit.count("block"), visit.count("explain", open_only=True)
    unsettled = tables.open_findings(blocked, waiting)
    if visit.receipt is not None:
        parts.reading(tables.receipt_reading(visit.receipt))
        receipt = tables.receipt_table(visit.receipt, named, period.label_zh, unsettled, scope)
        parts.table(receipt, "receipt", scope.file_name(f"报送回执_{unit.unit_code}"))
        return
    if visit.refusal is not None:
        st.html(markup.banner(visit.refusal))
    if stands.closed_on is not None:
        st.html(markup.empty_state(locked_zh(period, stands.closed_on)))
        return
    if not visit.looked.fits:
        st.html(markup.empty_state("这份文件不能报送，原因见上。请按所列办法处理后重新上传。"))
        return
    if not visit.asked:
        st.button("报送这份报表", type="primary", on_click=_ask, args=(visit, True))
        return
    versions = ask(queries.versions, scope.run, unit.unit_code, str(period))
    replaced = tables.replaces(tables.counting(versions), tables.waiting(stands, versions), blocked)
    parts.reading("请确认报送以下报表：")
    st.html(
        markup.facts(
            [
                ("单位", named),
                ("报告期", period.label_zh),
                ("文件", visit.name),
                ("未决问题", unsettled),
                ("与现用版本", replaced),
            ]
        )
    )
    with st.container(horizontal=True):
        confirmed = st.button("确认报送", type="primary")
        st.button("返回", on_click=_ask, args=(visit, False))
    if confirmed:
        with st.spinner("正在接收……"):
            desk.hand_in(visit, stands.newest)
        st.rerun()


def _ask(visit: desk.Visit, asked: bool) -> None:
    visit.asked = asked
