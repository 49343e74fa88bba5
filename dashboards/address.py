"""Choices that stand in the page's address, so that a link opens the same view and back and forward work.

The address leads: a choice is read from it, and a change of a widget is written to it
(`on_change=moved`). What is absent from the address, because the navigation clears it, comes from the
session.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import streamlit as st


def choice(name: str, options: Sequence[str], default: str, *, keep: bool = True) -> str:
    """The option in force under this name.

    The address, else the session, else the default; only valid ones count.

    Call it before the widget with the key `name` is drawn. With `keep=False` a default is not written to
    the address.
    """
    asked, kept = st.query_params.get(name), st.session_state.get(_kept(name))
    named = [value for value in (asked, kept) if value is not None and value in options]
    chosen: str = named[0] if named else default
    if keep or named:
        _write(name, chosen)
    if st.session_state.get(name) != chosen:
        st.session_state[name] = chosen
    return chosen


def several(
    name: str, options: Container[str], default: Sequence[str], most: int
) -> tuple[list[str], list[str]]:
    """The options in force under this name, in their order, at most so many; and what was asked for besides and is left out.

    Address and session as in `choice`; in the address a comma parts them. Whoever has emptied the choice keeps it empty.
    """
    asked = st.query_params.get(name, st.session_state.get(_kept(name)))
    named = list(default) if asked is None else list(dict.fromkeys(part for part in asked.split(",") if part))
    chosen = [value for value in named if value in options][:most]
    _write(name, ",".join(chosen))
    if st.session_state.get(name) != chosen:
        st.session_state[name] = chosen
    return chosen, [value for value in named if value not in chosen]


def kept(name: str) -> str | None:
    """What was last chosen under this name in this session, on whichever page."""
    chosen: str | None = st.session_state.get(_kept(name))
    return chosen


def typed(name: str, longest: int) -> str:
    """What has been typed under this name: the address, else the session, else nothing; no more than `longest` characters of it.

    Call it before the text field with the key `name` is drawn.
    """
    asked = st.query_params.get(name)
    text: str = (st.session_state.get(_kept(name), "") if asked is None else asked)[:longest]
    _write(name, text)
    if st.session_state.get(name) != text:
        st.session_state[name] = text
    return text


def cleared(names: Sequence[str]) -> None:
    """Nothing is chosen or typed under these names any more."""
    for name in names:
        st.session_state[name] = ""
        _write(name, "")


def moved(name: str) -> None:
    """The widget's new value becomes the address."""
    value = st.session_state[name]
    _write(name, value if isinstance(value, str) else ",".join(value))


def _write(name: str, chosen: str) -> None:
    st.session_state[_kept(name)] = chosen
    if not chosen:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != chosen:
        st.query_params[name] = chosen


def _kept(name: str) -> str:
    return f"kept:{name}"
