"""Choices that stand in the page's address, so that a link opens the same view and back and forward work.

The address leads: a choice is read from it, and a change of a widget is written to it
(`on_change=moved`). The navigation clears it; then, and only then, what was chosen before on whichever page
comes from the session. An address that says anything says all: what it leaves out is not chosen, so that a link, and going back, show
what they showed.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import streamlit as st

_BARE = "bare"
_PAGE = "page_"
_SOUGHT = "sought"
DIGITS = 9  # of a page's number; a longer one is nobody's


def arrived(name: str) -> None:
    """Note, before anything is chosen, whether the address is bare: whether `name`, which every page writes to it, is absent."""
    st.session_state[_BARE] = name not in st.query_params


def choice(name: str, options: Sequence[str], default: str, *, keep: bool = True) -> str:
    """The option in force under this name.

    The address, else the session, else the default; only valid ones count.

    Call it before the widget with the key `name` is drawn. With `keep=False` a default is not written to
    the address.
    """
    asked, kept = st.query_params.get(name), held(name)
    named = [value for value in (asked, kept) if value is not None and value in options]
    chosen: str = named[0] if named else default
    if keep or named:
        _write(name, chosen)
    _show(name, chosen)
    return chosen


def several(
    name: str, options: Container[str], default: Sequence[str], most: int
) -> tuple[list[str], list[str]]:
    """The options in force under this name, in their order, at most so many; and what was asked for besides and is left out.

    Address and session as in `choice`; in the address a comma parts them. Whoever has emptied the choice keeps it empty: the name then
    stands in the address with nothing behind it.
    """
    asked = st.query_params.get(name, held(name))
    named = list(default) if asked is None else list(dict.fromkeys(part for part in asked.split(",") if part))
    chosen = [value for value in named if value in options][:most]
    _list(name, chosen)
    _show(name, chosen)
    return chosen, [value for value in named if value not in chosen]


def kept(name: str) -> str | None:
    """What was last chosen under this name in this session, on whichever page."""
    chosen: str | None = st.session_state.get(_kept(name))
    return chosen


def held(name: str) -> str | None:
    """What was chosen before under this name, where the address is bare."""
    chosen: str | None = st.session_state.get(_kept(name)) if st.session_state.get(_BARE, True) else None
    return chosen


def typed(name: str, longest: int) -> str:
    """What has been typed under this name: the address, else the session, else nothing; no more than `longest` characters of it.

    Call it before the text field with the key `name` is drawn.
    """
    asked = st.query_params.get(name)
    text: str = ((held(name) or "") if asked is None else asked)[:longest]
    _write(name, text)
    _show(name, text)
    return text


def turned_back() -> None:
    """Every long table opens at its first page."""
    for name in [name for name in st.query_params if name.startswith(_PAGE)]:
        del st.query_params[name]


def cleared(names: Sequence[str]) -> None:
    """Nothing is chosen or typed under these names any more."""
    turned_back()
    for name in names:
        st.session_state[name] = ""
        _write(name, "")


def turned_to(table: str, pages: int) -> int:
    """The page of a long table that the address asks for, from 1; the nearest that there is, and the first where it names none.

    Call it before the widget with the key `turning(table)` is drawn. The first page stands in no address.
    """
    asked = st.query_params.get(turning(table), "")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) <= DIGITS else 1
    _show(turning(table), page)
    return page


def turned(table: str) -> None:
    """The page that the reader turned to becomes the address."""
    page = st.session_state[turning(table)]
    if page == 1:
        st.query_params.pop(turning(table), None)
    else:
        st.query_params[turning(table)] = str(page)


def turning(table: str) -> str:
    """The name in the address under which the page of a table stands, and the key of its widget."""
    return f"{_PAGE}{table}"


def moved(name: str, narrows: bool = True) -> None:
    """The widget's new value becomes the address; narrows: whether tables change with it, and are read from their first page."""
    if narrows:
        turned_back()
    value = st.session_state[name]
    if isinstance(value, str):
        _write(name, value)
    else:
        _list(name, value)


def sought(name: str) -> None:
    """A search that was typed becomes the address; what it leads to is chosen by whoever asks `is_sought`."""
    moved(name)
    st.session_state[_SOUGHT] = True


def is_sought() -> bool:
    """Whether this answer is to a search that was just typed; said once."""
    return bool(st.session_state.pop(_SOUGHT, False))


def dropped(name: str) -> None:
    """What was chosen under this name is no longer chosen."""
    st.session_state[_kept(name)] = ""
    st.query_params.pop(name, None)


def _show(key: str, value: str | int | list[str]) -> None:
    """Have the widget with this key show the value.

    The widget of another page that bore the key may have left it there: this page's own shows nothing all the same until it is told.
    """
    page, told_on = st.context.url, f"told on:{key}"
    if st.session_state.get(key) != value or st.session_state.get(told_on) != page:
        st.session_state[key], st.session_state[told_on] = value, page


def _write(name: str, chosen: str) -> None:
    st.session_state[_kept(name)] = chosen
    if not chosen:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != chosen:
        st.query_params[name] = chosen


def _list(name: str, chosen: Sequence[str]) -> None:
    text = ",".join(chosen)
    st.session_state[_kept(name)] = text
    if st.query_params.get(name) != text:
        st.query_params[name] = text


def _kept(name: str) -> str:
    return f"kept:{name}"
