"""A visitor without a browser: speaks Streamlit's own protocol with a running server, and waits for the last word of each answer.

What a browser would do with the answer costs nothing here: the time is the server's alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 120
KEPT = 3  # of several that are chosen, so many stay beside another
SEARCHES = ("njs", "第一", "xx 示例", "dx", "没有这样的单位")  # typed into each field


@dataclass(frozen=True)
class Choice:
    """A list, a row of buttons, tabs, the pages of a table, or a field, by its label, with what may be chosen or typed and what is.

    several: of a list of which several may be chosen, those that are. is_set: whether the server has set it, which a browser tells it again
    with each answer.
    """

    widget: str
    kind: str
    label: str
    options: tuple[str | float, ...]
    chosen: str | float | None
    several: tuple[str, ...] = ()
    is_set: bool = False

    def other(self, draw: random.Random) -> str | float:
        """Another option than the one in force."""
        return draw.choice([option for option in self.options if option != self.chosen])

    def state(self, option: str | float) -> WidgetState:
        """The widget with this option chosen, as a browser tells it."""
        if self.kind == "number_input":
            return WidgetState(id=self.widget, double_value=float(option))
        if self.kind == "multiselect":
            return _of_several(self.widget, (*self.several[:KEPT], str(option)))
        if self.kind == "pagination":
            return WidgetState(id=self.widget, int_value=int(option))
        if self.kind == "button_group":
            return _of_several(self.widget, (str(option),))
        return WidgetState(id=self.widget, string_value=str(option))


@dataclass
class Visitor:
    """One session; a context manager. `choices` are those of the page that was answered last."""

    url: str
    address: str = ""
    choices: dict[str, Choice] = field(default_factory=dict)
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _page: str = ""
    _line: ClientConnection | None = None

    def __enter__(self) -> Self:
        line = f"{self.url.replace('http', 'ws', 1)}/_stcore/stream"
        self._line = connect(line, max_size=None, compression=None)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._line is not None
        self._line.close()

    def open(self, page: str, choices: Mapping[str, str]) -> float:
        """Milliseconds to the whole page at this address."""
        self.address, self._page, self._states = urlencode(choices), page, {}
        return self._answered()

    def choose(self, choice: Choice, option: str | float) -> float:
        """Milliseconds to the whole page with another option chosen."""
        self._states[choice.widget] = choice.state(option)
        return self._answered()

    def forget_all(self) -> None:
        """Make the server forget what it remembers, for all its visitors."""
        self._send(BackMsg(clear_cache=True))

    def _answered(self) -> float:
        asked = BackMsg()
        asked.rerun_script.query_string = self.address
        asked.rerun_script.page_name = self._page
        asked.rerun_script.widget_states.widgets.extend(self._states.values())
        found: dict[str, Choice] = {}
        tabs: dict[tuple[int, ...], tuple[Any, list[str]]] = {}  # by where they stand
        began = time.perf_counter()
        self._send(asked)
        while True:
            told = self._receive()
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                found.update((choice.widget, choice) for choice in _choices(told.delta.new_element))
                if told.delta.new_element.WhichOneof("type") == "exception":
                    raise RuntimeError(
                        f"{self._page}?{self.address}: {told.delta.new_element.exception.message}"
                    )
            elif kind == "delta" and told.delta.WhichOneof("type") == "add_block":
                _note_tabs(told.delta.add_block, tuple(told.metadata.delta_path), tabs)
            elif kind == "page_info_changed":
                self.address = told.page_info_changed.query_string
            elif kind == "script_finished":
                taken = (time.perf_counter() - began) * 1000
                if told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        for bar, titles in tabs.values():
            found[bar.id] = Choice(bar.id, "tabs", "tabs", tuple(titles), titles[bar.default_tab_index])
        self.choices = found
        self._states |= {
            choice.widget: choice.state(choice.chosen)
            for choice in found.values()
            if choice.is_set and choice.chosen is not None
        }
        self._states |= {
            choice.widget: _of_several(choice.widget, choice.several)
            for choice in found.values()
            if choice.is_set and choice.kind == "multiselect"
        }
        return taken

    def _send(self, message: BackMsg) -> None:
        assert self._line is not None
        self._line.send(message.SerializeToString())

    def _receive(self) -> ForwardMsg:
        assert self._line is not None
        told = ForwardMsg()
        told.ParseFromString(self._line.recv(timeout=PATIENCE_SECONDS))
        return told


def _of_several(widget: str, chosen: tuple[str, ...]) -> WidgetState:
    state = WidgetState(id=widget)
    state.string_array_value.data.extend(chosen)
    return state


def _note_tabs(
    block: Any, place: tuple[int, ...], tabs: dict[tuple[int, ...], tuple[Any, list[str]]]
) -> None:
    """A bar of tabs that tells the server which is open, or one of its tabs."""
    if block.WhichOneof("type") == "tab_container" and block.tab_container.id:
        tabs[place] = (block.tab_container, [])
    elif block.WhichOneof("type") == "tab" and place[:-1] in tabs:
        tabs[place[:-1]][1].append(block.tab.label)


def _choices(element: Any) -> Iterator[Choice]:
    """The choice that an element offers, where it offers one among several."""
    kind = element.WhichOneof("type")
    told = getattr(element, kind)
    options: tuple[str | float, ...] = ()
    chosen: str | float | None = None
    several: tuple[str, ...] = ()
    if kind == "pagination":
        options = tuple(range(1, told.num_pages + 1))
        chosen = told.value if told.set_value else told.default
    elif kind == "selectbox":
        options = tuple(told.options)
        chosen = told.raw_value if told.set_value else (told.options[told.default] if told.options else None)
    elif kind == "button_group":
        options = tuple(option.content for option in told.options)
        chosen = told.raw_values[0] if told.set_value and told.raw_values else None
    elif kind == "multiselect":
        several = tuple(told.raw_values)
        options = tuple(option for option in told.options if option not in told.raw_values)
    elif kind == "text_input":
        options, chosen = SEARCHES, told.value if told.set_value else told.default
    elif kind == "number_input":
        chosen = told.value if told.set_value else told.default
        near = (chosen - told.step, chosen + told.step)
        options = tuple(value for value in near if told.min <= value <= told.max)
    if options and options != (chosen,) and not told.disabled:
        yield Choice(
            told.id, kind, getattr(told, "label", "") or kind, options, chosen, several, told.set_value
        )
