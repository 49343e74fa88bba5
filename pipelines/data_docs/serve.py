"""The documents over HTTP, for the browser of this machine: files below one folder, read only, on 127.0.0.1 alone.

Streamlit serves files from beside its own program only, not from data/.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.data_docs.build import INDEX

ADDRESS = "127.0.0.1"
_PERIOD = re.compile(r"/(?P<period>\d{4}Q[1-4])/?", re.ASCII)
# A page, or what lies beside it; nothing that begins with a dot, and no folder but this one.
_FILE = re.compile(r"/\d{4}Q[1-4]/(?:static/)?[0-9A-Za-z][0-9A-Za-z_.-]*", re.ASCII)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
# The library's pages have scripts and styles in them; nothing may come from or go to another host.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE = (
    '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="UTF-8"><title>{title}</title><link rel="icon" href="data:,">'
    '<style>body{{font-family:"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:3rem}}</style></head>'
    "<body><h1>{title}</h1>{body}</body></html>"
)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """Serve the documents below `folder` in a thread, as long as the context lasts; yields the address.

    port: where it is taken, any free one. Raises OSError where none is to be had.
    """
    handler = partial(_Documents, folder)
    try:
        server = ThreadingHTTPServer((ADDRESS, port), handler)
    except OSError:
        server = ThreadingHTTPServer((ADDRESS, 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{ADDRESS}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Documents(BaseHTTPRequestHandler):
    """GET and HEAD of the pages and what lies beside them; anything else is not there."""

    server_version, sys_version = "sanxing", ""

    def __init__(self, folder: Path, *args: object) -> None:
        self._folder = folder
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who looked at what is nobody's business."""

    def _answer(self, *, with_body: bool) -> None:
        status, kind, content = self._found()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _found(self) -> tuple[HTTPStatus, str, bytes]:
        path = urlsplit(self.path).path
        if self.headers.get("Host", "").rpartition(":")[0] not in (ADDRESS, "localhost"):
            # A page of another site that has had its own name point here.
            return _told(HTTPStatus.FORBIDDEN, "不能从这个地址查看", "请从看板的“数据质量”页打开。")
        if path == "/":
            return self._listed()
        if whole := _PERIOD.fullmatch(path):
            if not path.endswith("/"):  # the page's own links are relative to its folder
                return _moved(whole["period"])
            path = f"{path}{INDEX}"
        file = self._file(path)
        if file is None:
            period = path.split("/")[1] if _FILE.fullmatch(path) else ""
            return _missing(period)
        return HTTPStatus.OK, _TYPES[file.suffix], file.read_bytes()

    def _file(self, path: str) -> Path | None:
        """The file of a path; None where there is none, or where a link leads anywhere else."""
        root = self._folder.resolve()
        place = root / path.removeprefix("/")
        is_ours = _FILE.fullmatch(path) and place.suffix in _TYPES
        return place if is_ours and place.is_file() and place.resolve() == place else None

    def _listed(self) -> tuple[HTTPStatus, str, bytes]:
        built = sorted(
            (
                p.name
                for p in self._folder.glob("*")
                if _PERIOD.fullmatch(f"/{p.name}") and (p / INDEX).is_file()
            ),
            reverse=True,
        )
        if not built:
            return _missing("")
        links = "".join(f'<li><a href="{period}/">{period}</a></li>' for period in built)
        return _told(HTTPStatus.OK, "校验文档", f"<ul>{links}</ul>", is_html=True)


def _told(
    status: HTTPStatus, title: str, body: str, *, is_html: bool = False
) -> tuple[HTTPStatus, str, bytes]:
    page = _PAGE.format(title=escape(title), body=body if is_html else f"<p>{escape(body)}</p>")
    return status, _TYPES[".html"], page.encode("utf-8")


def _moved(period: str) -> tuple[HTTPStatus, str, bytes]:
    return _told(
        HTTPStatus.OK, "校验文档", f'<meta http-equiv="refresh" content="0; url=/{period}/">', is_html=True
    )


def _missing(period: str) -> tuple[HTTPStatus, str, bytes]:
    command = f"sanxing docs --period {period}" if period else "sanxing docs"
    return _told(HTTPStatus.NOT_FOUND, "没有这份校验文档", f"可能尚未生成。请运行 {command} 生成后再打开。")
