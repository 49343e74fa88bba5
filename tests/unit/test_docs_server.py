"""The documents' server: the pages of one folder and nothing else, to this machine alone."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.data_docs.serve import serving

SECRET = b"not for the browser"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of one period, and around them what must stay unseen."""
    docs = tmp_path / "data_docs"
    static = docs / "2025Q3" / "static"
    static.mkdir(parents=True)
    (docs / "2025Q3" / "index.html").write_text("<h1>目录</h1>", "utf-8")
    (docs / "2025Q3" / "built.json").write_bytes(SECRET)
    (docs / "2025Q3" / ".hidden.html").write_bytes(SECRET)
    (static / "docs.css").write_text("h1 {}", "utf-8")
    (static / "jquery.min.js").write_text("1", "utf-8")
    (docs / "notes.html").write_bytes(SECRET)
    (tmp_path / "outside.html").write_bytes(SECRET)
    (docs / "2025Q3" / "link.html").symlink_to(tmp_path / "outside.html")
    (docs / "2025Q4").symlink_to(tmp_path)
    (docs / ".part-2025Q1-1").mkdir()
    (docs / ".part-2025Q1-1" / "index.html").write_bytes(SECRET)
    return docs


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    with serving(folder, 0) as address:
        yield int(address.rpartition(":")[2])


def ask(
    port: int, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, dict[str, str], bytes]:
    """A request as it is written, without a client that tidies its path."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("/2025Q3/", "text/html; charset=utf-8", "<h1>目录</h1>"),
        ("/2025Q3/index.html", "text/html; charset=utf-8", "<h1>目录</h1>"),
        ("/2025Q3/index.html?from=quality#top", "text/html; charset=utf-8", "<h1>目录</h1>"),
        ("/2025Q3/static/docs.css", "text/css; charset=utf-8", "h1 {}"),
        ("/2025Q3/static/jquery.min.js", "text/javascript; charset=utf-8", "1"),
    ],
)
def test_pages_and_what_lies_beside_them(port: int, path: str, kind: str, content: str) -> None:
    status, headers, found = ask(port, path)
    assert (status, headers["content-type"], found.decode()) == (200, kind, content)
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.html", "/2025Q3/../../outside.html", "/2025Q3/../notes.html", "/2025Q3/static/../../notes.html",
        "/%2e%2e/outside.html", "/2025Q3/%2e%2e%2foutside.html", "/2025Q3/..%2f..%2foutside.html", "/2025Q3/..\\..\\outside.html",
        "//etc/passwd", "/etc/passwd", "/2025Q3//etc/passwd", "/2025Q3/link.html", "/2025Q4/outside.html", "/2025Q4/",
        "/2025Q3/built.json", "/2025Q3/.hidden.html", "/notes.html", "/.part-2025Q1-1/index.html", "/2025Q3/static/", "/2025Q3/static",
        "/2025Q3/index.html%00.css", "/2025Q3/index.html/", "/%EF%BC%92025Q3/", "/2025Q3/nobody.html", "/favicon.ico", "/2025Q9/",
    ],
)  # fmt: skip
def test_nothing_else_is_to_be_had(port: int, path: str) -> None:
    status, _, content = ask(port, path)
    assert status in (400, 404)
    assert SECRET not in content
    assert b"root:" not in content


def test_documents_that_are_not_built_say_how(port: int) -> None:
    status, _, content = ask(port, "/2025Q1/")
    assert (status, "sanxing docs --period 2025Q1" in content.decode()) == (404, True)


def test_the_list_leads_to_what_is_built(port: int, tmp_path: Path) -> None:
    status, _, content = ask(port, "/")
    assert (status, content.count(b"<li>")) == (200, 1)
    assert b'href="2025Q3/"' in content
    with serving(tmp_path / "nothing", 0) as address:
        status, _, content = ask(int(address.rpartition(":")[2]), "/")
    assert (status, "sanxing docs" in content.decode()) == (404, True)


def test_a_folders_name_leads_into_it(port: int) -> None:
    """The page's own links are relative to it."""
    status, _, content = ask(port, "/2025Q3")
    assert (status, b'url=/2025Q3/"' in content) == (200, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_can_only_be_read(port: int, method: str, folder: Path) -> None:
    assert ask(port, "/2025Q3/index.html", method)[0] == 501
    assert (folder / "2025Q3" / "index.html").is_file()


def test_a_head_has_no_body(port: int) -> None:
    status, headers, content = ask(port, "/2025Q3/index.html", "HEAD")
    assert (status, int(headers["content-length"]) > 0, content) == (200, True, b"")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example:80", ""])
def test_another_sites_name_for_this_machine_gets_nothing(port: int, host: str) -> None:
    status, _, content = ask(port, "/2025Q3/", host=host or "[::1]:1")
    assert (status, "<h1>目录</h1>".encode() in content) == (403, False)


def test_it_answers_on_this_machines_own_address_and_ends(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        with serving(folder, wanted) as address:
            port = int(address.rpartition(":")[2])
            assert address.startswith("http://127.0.0.1:")
            assert port != wanted, "the port was taken: another one"
            assert ask(port, "/2025Q3/")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/2025Q3/")
