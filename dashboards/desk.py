"""What a visitor has at the desk of the page 报送: the file that was looked at last, what came of it, and the receipt.

It lives in the session and nowhere else: a session that ends takes it along.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import polars as pl
import streamlit as st

from pipelines.desk.files import client_name
from pipelines.desk.messages import HandedIn, HandIn, Look, Looked
from pipelines.desk.process import hand_in_at, look_at
from pipelines.desk.register import Register, edition, open_register
from pipelines.failures import UserMistake
from pipelines.marts.published import PublishedRun
from pipelines.marts.versions import Comparison, compare_file
from pipelines.settings import Settings

_STATE = "desk:visit"


@dataclass
class Visit:
    """A file at the desk, for a unit and a period, judged beside one published run.

    seen: the newest submission of the unit and period when the file was looked at; asked: whether the sender is being asked to confirm;
    refusal: why it was not received.
    """

    key: tuple[str, ...]
    name: str
    content: bytes
    looked: Looked
    comparison: Comparison | None
    seen: str | None
    asked: bool = False
    receipt: HandedIn | None = None
    refusal: str | None = None

    @property
    def unit_code(self) -> str:
        return self.key[1]

    @property
    def period(self) -> str:
        return self.key[2]

    def count(self, severity: str, *, open_only: bool = False) -> int:
        """Findings of a severity; of those to be explained, with `open_only`, the ones that are not yet."""
        return sum(
            found["severity"] == severity and not (open_only and found["explained"])
            for found in self.looked.findings
        )


def register(run: PublishedRun) -> Register:
    """Catalogue and registry, opened again where a new edition or a new run is there. Raises RegistryMissing."""
    return _opened(edition(Settings()), run.name)


@st.cache_resource(max_entries=1, show_spinner="正在读取单位名册……")
def _opened(edition_name: str, run: str) -> Register:  # both are the key that the memory goes by
    return open_register(Settings())


def visit(run: PublishedRun, unit: str, period: str, name: str, content: bytes, newest: str | None) -> Visit:
    """The file looked at, once for each unit, period and run. Raises UserMistake where it could not be."""
    key = (hashlib.sha256(content).hexdigest(), unit, period, run.name)
    kept = st.session_state.get(_STATE)
    # A receipt stays when a run is published meanwhile; a file that was not handed in is judged anew beside it.
    if isinstance(kept, Visit) and (kept.key == key or (kept.receipt and kept.key[:3] == key[:3])):
        return kept
    leave()
    own = client_name(name)
    asked = Look(name=own, content=content, unit_code=unit, period=period)
    looked = look_at(asked, Settings())
    comparison = _compared(run, looked, unit, period)
    made = Visit(key, own, content, looked, comparison, newest)
    st.session_state[_STATE] = made
    return made


def leave() -> None:
    """Forget the file."""
    st.session_state.pop(_STATE, None)


def hand_in(visit: Visit, newest: str | None) -> None:
    """Hand the file in; the receipt, or why there is none, is noted on the visit.

    newest: the newest submission now, which a sender who tries again after a refusal has seen.
    """
    asked = HandIn(
        name=visit.name,
        content=visit.content,
        unit_code=visit.unit_code,
        period=visit.period,
        seen=visit.seen,
    )
    visit.asked = False
    try:
        visit.receipt, visit.refusal = hand_in_at(asked, Settings()), None
    except UserMistake as reason:
        visit.refusal, visit.seen = str(reason), newest


def _compared(run: PublishedRun, looked: Looked, unit: str, period: str) -> Comparison | None:
    """The file beside the version that counts; None where there is none, or the file cannot stand beside it."""
    if looked.answers is None or not looked.fits:
        return None
    return compare_file(run, unit, period, pl.read_parquet(io.BytesIO(looked.answers)))
