"""Our own scripts in the browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_OURS = ("frame.js", "history.js", "links.js", "print.js")


@cache
def in_page() -> str:
    """The scripts as HTML, and nothing from outside in it."""
    scripts = ((Path(__file__).parent / name).read_text("utf-8") for name in _OURS)
    return "".join(f"<script>{script}</script>" for script in scripts)
