"""Streamlit's own script for charts, five megabytes, for which it asks when the first chart has come: served.py and app.py ask for it before.

Where a later Streamlit names it otherwise nothing is asked for, and charts come as they do without.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

_FOLDER = Path(st.__file__).parent / "static" / "static" / "js"
_HEAD = 8_192  # characters within which a script says what it imports
_IMPORTED = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')

CHART_SCRIPT: str | None = next(
    (f"./static/js/{path.name}" for path in _FOLDER.glob("PlotlyChart.*.js")), None
)


def needed() -> list[str]:
    """The script and those that it imports, as a page's address has them; none where there is no such script."""
    if CHART_SCRIPT is None:
        return []
    with (_FOLDER / Path(CHART_SCRIPT).name).open(encoding="utf-8") as script:
        imported = _IMPORTED.findall(script.read(_HEAD))
    return [CHART_SCRIPT, *(f"./static/js/{name}" for name in imported)]
