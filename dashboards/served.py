"""The server of the pages: Streamlit's own, with a document of ours.

`sanxing dashboard` starts it: `python -m streamlit run dashboards/served.py`. The pages themselves are app.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.document import document, policy

FILES = ("/static/", "/media/", "/component/")  # where Streamlit keeps what is no page
ASKED_BEFORE = frozenset({b"if-none-match", b"if-modified-since"})


class Documents:
    """Answers with our document wherever Streamlit would with its own: at the address of every page, and at any that no page has.

    Whether a browser knows Streamlit's own from before, of whichever app, is not asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ours = HTMLResponse(
            document(), headers={"cache-control": "no-cache", "content-security-policy": policy()}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FILES):
            await self._app(scope, receive, send)
            return
        asked = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in ASKED_BEFORE]}
        answered = False

        async def answer(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
                if answered:
                    await self._ours(scope, receive, send)
            if not answered:
                await send(message)

        await self._app(asked, receive, answer)


import_module("dashboards.pages")  # now, and not while the first visitor waits
app = st.App(Path(__file__).parent / "app.py", middleware=[Middleware(Documents)])
