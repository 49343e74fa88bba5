"""The server itself: on this machine alone, ended without a trace, and clear where there is nothing to show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import streamlit
from playwright.sync_api import Page, expect

import dashboards
from tests.e2e.reading import go, settled
from tests.e2e.server import LOOPBACK, Server, free_port, listeners, wait_until_healthy
from tests.marts import Rows, publish

LOOPBACK_HEX = "0100007F"
UNAVAILABLE = "暂时没有可以查看的结果"
SMALL: dict[str, Rows] = {
    "dim_period": [{"period": "2025Q4", "year": 2025, "quarter": 4, "label_zh": "2025年第四季度", "is_due": True}],
    "dim_unit": [{"unit_code": "S1", "name": "第一小学", "kind": "school", "category": "primary"}],
    "reporting": [{"group_kind": "province", "group_code": "province", "period": "2025Q4", "expected": 1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard over a home in which nothing has been published yet."""
    with Server(tmp_path_factory.mktemp("bare")) as server:
        yield server


@pytest.fixture
def marts_folder(bare: Server) -> Iterator[Path]:
    """Where that home's marts would stand; empty again afterwards."""
    folder = bare.home / "data" / "marts"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_it_listens_on_this_machine_only(dashboard: Server) -> None:
    assert listeners(dashboard.port) == [LOOPBACK_HEX]


def test_sigterm_ends_it_with_its_server(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        status, output = server.stop()
        assert status == 0, output
        assert listeners(server.port) == []
    assert "Traceback" not in output


@pytest.mark.parametrize("path", ["", "/clauses", "/unit?unit=S1&period=2025Q4"])
def test_without_data_every_address_says_what_to_do_next(
    page: Page, bare: Server, marts_folder: Path, path: str
) -> None:
    assert not marts_folder.exists()
    go(page, bare.url + path, UNAVAILABLE)
    expect(page.locator(".sx-empty")).to_contain_text("sanxing receive")
    expect(page.locator(".sx-empty")).to_contain_text("sanxing run")


def test_a_manifest_without_its_folder_says_what_to_do_next(
    page: Page, bare: Server, marts_folder: Path
) -> None:
    shutil.rmtree(publish(marts_folder, SMALL).folder)
    go(page, bare.url, UNAVAILABLE)
    expect(page.locator(".sx-empty")).to_contain_text("结果不完整")
    expect(page.locator(".sx-empty")).to_contain_text("sanxing run")


def test_a_broken_manifest_says_what_to_do_next(page: Page, bare: Server, marts_folder: Path) -> None:
    publish(marts_folder, SMALL)
    (marts_folder / "manifest.json").write_text('{"format": 1, "run": ', "utf-8")
    go(page, bare.url, UNAVAILABLE)
    expect(page.locator(".sx-empty")).to_contain_text("manifest.json")


def test_what_is_published_meanwhile_shows_at_the_next_interaction(
    page: Page, bare: Server, marts_folder: Path
) -> None:
    go(page, bare.url, UNAVAILABLE)
    publish(marts_folder, SMALL)
    page.get_by_role("button", name="重新读取").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    settled(page)
    publish(marts_folder, {**SMALL, "dim_unit": []}, name="run-2")
    shutil.rmtree(marts_folder / "run-1")
    page.get_by_role("link", name="单位画像").click()
    expect(page.get_by_text("名册中没有单位")).to_be_visible()
    expect(page.get_by_text("run-2")).to_be_visible()
    expect(page.get_by_text("结果已经更新")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="总览").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
    expect(page.get_by_text("结果已经更新")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "flags", "no-such-page", "no/such/page"])
def test_every_address_answers_with_our_document_and_all_that_it_names_is_there(
    page: Page, dashboard: Server, path: str
) -> None:
    answer = page.request.get(f"{dashboard.url}/{path}")
    assert '<html lang="zh-CN">' in answer.text()
    assert "<title>三型 · 党组织建设统计</title>" in answer.text()
    named = re.findall(r'(?:href|src)="([^":]+)"', answer.text())
    assert any("PlotlyChart" in name for name in named)
    for name in named:
        file = page.request.get(urljoin(answer.url, name))
        assert file.ok
        assert ("css" if name.endswith(".css") else "javascript") in file.headers["content-type"]


def test_a_browser_that_knows_streamlits_own_document_gets_ours(page: Page, dashboard: Server) -> None:
    """Another app on this address may have left it there."""
    known = Path(streamlit.__file__).parent / "static" / "index.html"
    seen = formatdate(known.stat().st_mtime + 60, usegmt=True)
    answer = page.request.get(f"{dashboard.url}/", headers={"If-Modified-Since": seen})
    assert answer.status == 200
    assert "content-security-policy" in answer.headers


def test_a_page_opened_by_its_address_asks_at_the_root_at_once(page: Page, dashboard: Server) -> None:
    """And nothing that it does is against the policy."""
    asked: list[str] = []
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.on("websocket", lambda line: asked.append(urlsplit(line.url).path))
    go(page, f"{dashboard.url}/flags", "预警")
    assert "/_stcore/stream" in asked
    assert [path for path in asked if path.startswith("/flags/")] == []
    assert said == []


def test_no_script_runs_but_the_servers_and_ours(page: Page, dashboard: Server) -> None:
    """Should a text from a workbook ever reach the page as markup, it still does nothing."""
    go(page, f"{dashboard.url}/clauses", "条款与指标")
    page.evaluate(
        """() => {
            window.refused = [];
            addEventListener("securitypolicyviolation", (told) => window.refused.push(told.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", "<img src=data:, onerror='window.ran = 1'>");
            const script = document.createElement("script");
            script.text = "window.ran = 2";
            document.body.append(script);
            fetch("http://192.0.2.1/").catch(() => 0);
        }"""
    )
    page.wait_for_function("() => window.ran || new Set(window.refused).size === 3")
    assert page.evaluate("window.ran") is None
    assert set(page.evaluate("window.refused")) == {"connect-src", "script-src-attr", "script-src-elem"}


@pytest.mark.parametrize("entry", ["app.py", "served.py"])
@pytest.mark.parametrize("options", [[], ["--server.address=0.0.0.0"]])
def test_started_without_the_command_it_is_this_machines_alone(
    page: Page, tmp_path: Path, options: list[str], entry: str
) -> None:
    """By itself it listens on this machine only; told to listen elsewhere, it shows nothing but why it does not."""
    port = free_port()
    app = Path(dashboards.__file__).with_name(entry)
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(app),
        f"--server.port={port}",
        "--server.headless=true",
        *options,
    ]
    environment = {**os.environ, "SANXING_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_healthy(f"http://{LOOPBACK}:{port}")
            go(page, f"http://{LOOPBACK}:{port}", UNAVAILABLE)
            refused = page.get_by_text("只允许在本机打开")
            expect(refused).to_have_count(1 if options else 0)
            assert listeners(port) == (["00000000"] if options else [LOOPBACK_HEX])
        finally:
            server.terminate()
