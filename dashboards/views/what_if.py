"""示范点，试算: other weights, quotas and gates, and what they would choose, beside the official list that they do not touch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import markup, parts
from dashboards.marts import ask
from dashboards.queries import selection as queries
from dashboards.scope import Scope
from dashboards.tables import selection as tables
from dashboards.views import list_downloads
from pipelines.failures import UserMistake
from pipelines.selection.pool import DIMENSIONS
from pipelines.selection.what_if import GATES_ZH, KINDS, LARGEST, MOST, NOT_ASKED, QUARTERS_ZH

PERCENT = (*(f"weights.{name}" for name in DIMENSIONS), "gates.coverage")
POINTS = ("gates.least_score",)


def show(scope: Scope, year: int) -> None:
    """Draw the inputs and the result."""
    declared = ask(queries.declared, scope.run, year)
    st.html(
        markup.note(
            "试算只供研究参考：改动只在本页有效，正式名单和规定不变。“条件”一栏清空的，表示该项不作要求。按回车键或点击别处后重新试算。"
        )
    )
    _inputs(scope, year, declared)
    st.button("恢复为现行规定", on_click=_reset, args=(year, declared), icon=":material/undo:")
    try:
        with st.spinner("正在按改动后的条件重新计算，一般需要几秒，请稍候……"):
            tried = ask(queries.tried, scope.run, year, _changes(year, declared))
    except UserMistake as mistake:
        st.html(markup.banner(str(mistake)))
        return
    parts.section("试算结果", "与正式名单对照")
    parts.reading(tables.trial_reading(tried))
    parts.table(tables.trial_table(tried, scope), "trial")
    if tried.words:
        with st.container(horizontal=True):
            list_downloads.show(tried.run, year, f"试算_三型_示范点名单_{year}")


def _inputs(scope: Scope, year: int, declared: dict[str, str]) -> None:
    weights, quotas, gates = st.columns([3, 3, 5], gap="large")
    with weights:
        parts.section("权重（%）")
        for place, name in zip(_pairs(len(DIMENSIONS)), DIMENSIONS, strict=True):
            with place:
                _number(year, f"weights.{name}", scope.labels("dimension", name), declared)
    with quotas:
        parts.section("名额")
        named = {f"quotas.{kind}": scope.labels("kind", kind) for kind in KINDS}
        named |= {"most_per_city": "每市入选上限"}
        for place, (key, label) in zip(_pairs(len(named)), named.items(), strict=True):
            with place:
                _number(year, key, label, declared)
    with gates:
        parts.section("条件")
        for place, (gate, label) in zip(_pairs(len(GATES_ZH)), GATES_ZH.items(), strict=True):
            with place:
                if gate == "quality":
                    _quarters(year, label, declared)
                else:
                    _number(year, f"gates.{gate}", f"{label}{_unit(f'gates.{gate}')}", declared)


def _pairs(count: int) -> list[DeltaGenerator]:
    """So many places, two a line."""
    return [place for _ in range(0, count, 2) for place in st.columns(2)][:count]


def _number(year: int, key: str, label: str, declared: dict[str, str]) -> None:
    widget = _widget(year, key)
    st.session_state.setdefault(widget, _shown(key, declared[key]))
    is_share = key in (*PERCENT, *POINTS)
    step: float | int = 1.0 if is_share else 1
    most: float | int = 100.0 if is_share else MOST.get(key, LARGEST)
    least: float | int = (0.0 if is_share else 0) if key != "most_per_city" else 1
    # only a gate can be left empty: a weight or a quota that is cleared is its least
    empty: dict[str, Any] = {"value": None, "placeholder": NOT_ASKED} if key.startswith("gates.") else {}
    shown = "%g" if is_share else "%d"
    st.number_input(label, min_value=least, max_value=most, step=step, format=shown, key=widget, **empty)


def _unit(key: str) -> str:
    return "（%）" if key in PERCENT else "（分）" if key in POINTS else ""


def _quarters(year: int, label: str, declared: dict[str, str]) -> None:
    widget = _widget(year, "gates.quality")
    st.session_state.setdefault(widget, declared["gates.quality"])
    options = [*QUARTERS_ZH, NOT_ASKED]
    st.selectbox(label, options, format_func=lambda code: QUARTERS_ZH.get(code, code), key=widget)


def _changes(year: int, declared: dict[str, str]) -> str:
    """The keys that differ from what is declared; all four weights where one does, so that nothing moves unasked."""
    given = {key: _given(key, st.session_state[_widget(year, key)]) for key in declared}
    differs = {key for key, value in given.items() if value is None or not _same(value, declared[key])}
    if any(key.startswith("weights.") for key in differs):
        differs |= {key for key in declared if key.startswith("weights.")}
    return "\n".join(f"{key}={given[key] or NOT_ASKED}" for key in declared if key in differs)


def _reset(year: int, declared: dict[str, str]) -> None:
    for key, text in declared.items():
        st.session_state[_widget(year, key)] = text if key == "gates.quality" else _shown(key, text)


def _widget(year: int, key: str) -> str:
    return f"trial:{year}:{key}"


def _shown(key: str, text: str) -> float | int | None:
    """The declared value as the input shows it."""
    if text == NOT_ASKED:
        return None
    if key in POINTS:
        return float(text)
    return float(Decimal(text) * 100) if key in PERCENT else int(text)


def _given(key: str, value: Any) -> str | None:
    """What stands in the input, as the text of a change; None where a gate is left empty, and 0 where a number is."""
    if value is None:
        return NOT_ASKED if key.startswith("gates.") else "0"
    if key in POINTS:
        return f"{Decimal(str(value)).normalize():f}"
    return f"{Decimal(str(value)).normalize():f}%" if key in PERCENT else str(value)


def _same(text: str, declared: str) -> bool:
    if NOT_ASKED in (text, declared) or text in QUARTERS_ZH:
        return text == declared
    number = Decimal(text.removesuffix("%"))
    return (number / 100 if text.endswith("%") else number) == Decimal(declared)
