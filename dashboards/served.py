"""The server of the pages: Streamlit's own, which tells a browser with its first answer what the pages will need.

`sanxing dashboard` starts it: `python -m streamlit run dashboards/served.py`. The pages themselves are app.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
HEAD = 8_192  # characters within which a script says what it imports
IMPORTED = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')


def for_charts() -> list[str]:
    """Streamlit's script for charts and those that it imports, as a page's address has them.

    It is five megabytes, for which Streamlit asks when the first chart has come. Where a later Streamlit names it otherwise there is none
    to tell of, and charts come as they do without.
    """
    names = [path.name for path in SCRIPTS.glob("PlotlyChart.*.js")]
    for name in tuple(names):
        with (SCRIPTS / name).open(encoding="utf-8") as script:
            names += IMPORTED.findall(script.read(HEAD))
    return [f"./static/js/{name}" for name in names]


class Preloading:
    """Tells a browser of the script for charts together with the document: it is read while the page is worked out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._link = ", ".join(f"<{script}>; rel=modulepreload" for script in for_charts())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if self._link and headers.get("content-type", "").startswith("text/html"):
                    headers["link"] = self._link
            await send(message)

        await self._app(scope, receive, tell)


app = st.App(Path(__file__).parent / "app.py", middleware=[Middleware(Preloading)])
