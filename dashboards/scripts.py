"""What runs in the browser: our own scripts, and Streamlit's for charts.

That one is five megabytes, for which Streamlit asks when the first chart has come: served.py and app.py ask for it before. Where a later
Streamlit names it otherwise nothing is asked for, and charts come as they do without.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st

_OURS = ("frame.js", "history.js", "links.js", "print.js")
_FOLDER = Path(st.__file__).parent / "static" / "static" / "js"
_HEAD = 8_192  # characters within which a script says what it imports
_IMPORTED = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')
_FOR_CHARTS: str | None = next((path.name for path in _FOLDER.glob("PlotlyChart.*.js")), None)


@cache
def in_page() -> str:
    """Our scripts as HTML, and nothing from outside in it; then a word to run the one for charts while the page is still worked out."""
    scripts = [(Path(__file__).parent / name).read_text("utf-8") for name in _OURS]
    if _FOR_CHARTS:
        scripts.append(
            f'import("./static/js/{_FOR_CHARTS}").catch(() => {{}})'
        )  # Streamlit asks again, and says so
    return "".join(f"<script>{script}</script>" for script in scripts)


def for_charts() -> list[str]:
    """The script for charts and those that it imports, as a page's address has them; none where there is no such script."""
    if _FOR_CHARTS is None:
        return []
    with (_FOLDER / _FOR_CHARTS).open(encoding="utf-8") as script:
        imported = _IMPORTED.findall(script.read(_HEAD))
    return [f"./static/js/{name}" for name in (_FOR_CHARTS, *imported)]
