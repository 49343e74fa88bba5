"""The inputs of a trial: weights, quotas and gates as declared, but for what was changed, which stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import address, markup, parts
from dashboards.scope import Scope
from pipelines.selection.pool import DIMENSIONS
from pipelines.selection.what_if import GATES_ZH, KINDS, LARGEST, MOST, NOT_ASKED, QUARTERS_ZH

PERCENT = (*(f"weights.{name}" for name in DIMENSIONS), "gates.coverage")
POINTS = ("gates.least_score",)
LONGEST = 1_000  # characters of a trial in the address


class UnreadError(ValueError):
    """A change in the address that no input can show."""


def show(scope: Scope, year: int, declared: Mapping[str, str]) -> str:
    """Draw the inputs. declared: key → text. The keys that were changed, as lines key=value; all four weights where one is."""
    shown, unread = _asked(year, declared)
    for key, value in shown.items():
        widget = _widget(year, key)
        if widget not in st.session_state or st.session_state[widget] != value:
            st.session_state[widget] = value
    if unread:
        st.html(markup.banner(_unread_zh(unread, scope)))
    _inputs(scope, year, declared)
    st.button("恢复为现行规定", on_click=address.cleared, args=([_tried(year)],), icon=":material/undo:")
    return "\n".join(_changes(year, declared))


def _tried(year: int) -> str:
    """The name of a year's trial in the address: key=value, parted by semicolons, as the command what-if takes them."""
    return f"try_{year}"


def _asked(year: int, declared: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What each input shows: as declared, or as the address says; and the keys of what it says that no input can show."""
    shown = {key: _shown(key, text) for key, text in declared.items()}
    unread = []
    for change in filter(None, address.typed(_tried(year), LONGEST).split(";")):
        key, _, text = change.partition("=")
        try:
            shown[key] = read_change(key, text, declared)
        except UnreadError:
            unread.append(key)
    return shown, unread


def read_change(key: str, text: str, declared: Mapping[str, str]) -> float | int | str | None:
    """A change of the address as its input shows it. Raises UnreadError where no input can."""
    if key not in declared:
        raise UnreadError(key)
    if key == "gates.quality":
        if text not in (*QUARTERS_ZH, NOT_ASKED):
            raise UnreadError(text)
        return text
    if text == NOT_ASKED and key.startswith("gates."):
        return None
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation as error:
        raise UnreadError(text) from error
    least, most = _range(key)
    is_share = key in (*PERCENT, *POINTS)
    if not number.is_finite() or not least <= number <= most or (key in PERCENT) != text.endswith("%"):
        raise UnreadError(text)
    if not is_share and number % 1:
        raise UnreadError(text)
    return float(number) if is_share else int(number)


def _range(key: str) -> tuple[int, int]:
    """The least and the most that an input takes."""
    least = 1 if key == "most_per_city" else 0
    return least, 100 if key in (*PERCENT, *POINTS) else MOST.get(key, LARGEST)


def _moved(year: int, declared: Mapping[str, str]) -> None:
    """What was changed becomes the address."""
    st.session_state[_tried(year)] = ";".join(_changes(year, declared))
    address.moved(_tried(year))


def _unread_zh(keys: list[str], scope: Scope) -> str:
    """How many changes were not taken, and which of them are about something that can be changed: no word of the address itself."""
    labels = _labels(scope)
    known = "、".join(dict.fromkeys(labels[key] for key in keys if key in labels))
    return f"网址中有{len(keys)}项改动无法识别，未予采用{f'（其中：{known}）' if known else ''}。"


def _labels(scope: Scope) -> dict[str, str]:
    """What each input is called."""
    return {
        **{f"weights.{name}": scope.labels("dimension", name) for name in DIMENSIONS},
        **{f"quotas.{kind}": scope.labels("kind", kind) for kind in KINDS},
        "most_per_city": "每市入选上限",
        **{f"gates.{gate}": f"{label}{_unit(f'gates.{gate}')}" for gate, label in GATES_ZH.items()},
    }


def _inputs(scope: Scope, year: int, declared: Mapping[str, str]) -> None:
    labels = _labels(scope)
    titles = {"权重（%）": ("weights.",), "名额": ("quotas.", "most_per_city"), "条件": ("gates.",)}
    for column, (title, keys) in zip(st.columns([3, 3, 5], gap="large"), titles.items(), strict=True):
        named = {key: label for key, label in labels.items() if key.startswith(keys)}
        with column:
            parts.section(title)
            for place, (key, label) in zip(_pairs(len(named)), named.items(), strict=True):
                with place:
                    if key == "gates.quality":
                        _quarters(year, label, declared)
                    else:
                        _number(year, key, label, declared)


def _pairs(count: int) -> list[DeltaGenerator]:
    """So many places, two a line."""
    return [place for _ in range(0, count, 2) for place in st.columns(2)][:count]


def _number(year: int, key: str, label: str, declared: Mapping[str, str]) -> None:
    is_share = key in (*PERCENT, *POINTS)
    kind = float if is_share else int
    least, most = map(kind, _range(key))
    # only a gate can be left empty: a weight or a quota that is cleared is its least
    empty: dict[str, Any] = {"value": None, "placeholder": NOT_ASKED} if key.startswith("gates.") else {}
    shown = "%g" if is_share else "%d"
    st.number_input(
        label, min_value=least, max_value=most, step=kind(1), format=shown, key=_widget(year, key), on_change=_moved,
        args=(year, declared), **empty,
    )  # fmt: skip


def _unit(key: str) -> str:
    return "（%）" if key in PERCENT else "（分）" if key in POINTS else ""


def _quarters(year: int, label: str, declared: Mapping[str, str]) -> None:
    st.selectbox(
        label, [*QUARTERS_ZH, NOT_ASKED], format_func=lambda code: QUARTERS_ZH.get(code, code), key=_widget(year, "gates.quality"),
        on_change=_moved, args=(year, declared),
    )  # fmt: skip


def _changes(year: int, declared: Mapping[str, str]) -> list[str]:
    """The keys that differ from what is declared; all four weights where one does, so that nothing moves unasked."""
    given = {key: _given(key, st.session_state[_widget(year, key)]) for key in declared}
    differs = {key for key, value in given.items() if value is None or not _same(value, declared[key])}
    if any(key.startswith("weights.") for key in differs):
        differs |= {key for key in declared if key.startswith("weights.")}
    return [f"{key}={given[key] or NOT_ASKED}" for key in declared if key in differs]


def _widget(year: int, key: str) -> str:
    return f"trial:{year}:{key}"


def _shown(key: str, text: str) -> float | int | str | None:
    """The declared value as the input shows it."""
    if key == "gates.quality":
        return text
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
