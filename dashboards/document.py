"""The document with which every address of the pages answers: Streamlit's scripts, and about them what is ours.

Streamlit's own is made once for all apps: in English, and without a place for a style, a script or a policy.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import streamlit as st

from dashboards.theme import MARK, NAME, STYLE

HERE = Path(__file__).parent
STREAMLIT = Path(st.__file__).parent / "static"
OURS = ("server.js", "frame.js", "history.js", "links.js", "print.js")
HEAD = 8_192  # characters within which a script says what it imports
IMPORTED = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')
KEPT_LINKS = frozenset({"modulepreload", "stylesheet"})


class _Tags(HTMLParser):
    """The tags by which a document takes in scripts and styles of files."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if (tag == "link" and named.get("rel") in KEPT_LINKS) or (tag == "script" and named.get("src")):
            # at the root, however deep the page's own address is
            text = (self.get_starttag_text() or "").replace('"./', '"/')
            self.found.append(text + ("</script>" if tag == "script" else ""))


def streamlit_tags() -> list[str]:
    """The scripts and styles of Streamlit's own document."""
    tags = _Tags()
    tags.feed((STREAMLIT / "index.html").read_text("utf-8"))
    return tags.found


def for_charts() -> list[str]:
    """Streamlit's script for charts and those that it imports, by their addresses.

    It is five megabytes, for which Streamlit asks when the first chart has come; a document that tells of it has it read while the page is
    worked out. Where a later Streamlit names it otherwise there is none to tell of, and charts come as they do without.
    """
    folder = STREAMLIT / "static" / "js"
    names = [path.name for path in folder.glob("PlotlyChart.*.js")]
    for name in tuple(names):
        with (folder / name).open(encoding="utf-8") as script:
            names += IMPORTED.findall(script.read(HEAD))
    return [f"/static/js/{name}" for name in names]


def document() -> str:
    """The document as HTML."""
    charts = [f'<link rel="modulepreload" crossorigin href="{escape(script)}">' for script in for_charts()]
    ours = [f"<script>{script}</script>" for script in our_scripts()]
    return "\n".join([
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="UTF-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(NAME)}</title>",
        f'<link rel="icon" href="data:image/svg+xml;base64,{base64.b64encode(MARK.read_bytes()).decode()}">',
        *streamlit_tags(),
        *charts,
        "</head>\n<body>",
        "<noscript>请在浏览器的设置中允许本页运行 JavaScript，然后重新打开本页。</noscript>",
        '<div id="root"></div>',
        f"<style>{STYLE.read_text('utf-8')}</style>",  # in the body: after all that Streamlit's scripts put into the head
        *ours,
        "</body>\n</html>\n",
    ])  # fmt: skip


def our_scripts() -> list[str]:
    """Our own scripts in the browser, in their order."""
    return [(HERE / name).read_text("utf-8") for name in OURS]


def policy() -> str:
    """What a browser may do with the document (Content Security Policy Level 3): run the scripts of the server and ours, and no other.

    Nothing is fetched from elsewhere or sent there, and no other site shows the pages in a frame. Streamlit's scripts count in WebAssembly;
    they and Plotly's write styles into the page; charts are turned into pictures by way of data and blobs.
    """
    known = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in our_scripts()
    )
    return "; ".join([
        "default-src 'self'",
        f"script-src 'self' 'wasm-unsafe-eval' {known}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ])  # fmt: skip
