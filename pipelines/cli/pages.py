"""`sanxing dashboard`, `dagster` and `demo`: pages on 127.0.0.1, until Ctrl-C."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from expectations import Period, load_catalogue
from pipelines.cli.terminal import fail, say, stages
from pipelines.desk.files import MEGABYTES
from pipelines.settings import Settings

_ADDRESS = "127.0.0.1"
_STREAMLIT_PORT = 8501
_DAGSTER_PORT = 3000
_DEMO = {"units": 120, "first": Period(2024, 1), "last": Period(2025, 4), "seed": 1}


@click.command(name="dashboard", help="打开网页看板（仅本机可访问），按 Ctrl-C 结束。")
@click.option("--port", default=_STREAMLIT_PORT, show_default=True, help="端口")
@click.option(
    "--review", is_flag=True, help="供核查人员使用：增加“疑点核查”页。疑点只供询问，请不要转给报送单位"
)
def dashboard(port: int, review: bool) -> int:
    """Serve the pages."""
    return serve_dashboard(Settings(), port, review)


@click.command(
    name="dagster", help="打开 Dagster 页面（仅本机可访问），查看和重新处理各季度，按 Ctrl-C 结束。"
)
@click.option("--port", default=_DAGSTER_PORT, show_default=True, help="端口")
def dagster(port: int) -> int:
    """Serve Dagster's own page on the same code location."""
    from pipelines.run import prepare_dagster_home

    settings = Settings()
    prepare_dagster_home(settings.dagster_home)
    say(f"Dagster 页面：http://{_ADDRESS}:{port}（按 Ctrl-C 结束）")
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "pipelines.definitions",
        "-h",
        _ADDRESS,
        "-p",
        str(port),
    ]
    return _serve([*command, "--log-level", "warning"], {"SANXING_HOME": str(settings.home)})


@click.command(name="demo", help="生成示例省、接收、处理并打开看板；再次运行时只处理新内容。")
@click.option("--port", default=_STREAMLIT_PORT, show_default=True, help="端口")
@click.option("--no-dashboard", is_flag=True, help="只处理，不打开看板")
def demo(port: int, no_dashboard: bool) -> int:
    """The whole way on a synthetic province, in SANXING_HOME."""
    from pipelines.cli.results import run_and_report

    settings = Settings()
    _demo_data(settings)
    run_and_report(settings)
    if no_dashboard:
        return 0
    from pipelines.marts.published import PublishedRun

    # The reviewers' page is opened for made-up data alone: over a real register whoever starts the pages asks for it.
    return serve_dashboard(settings, port, review=PublishedRun.open(settings.marts).is_synthetic)


def _demo_data(settings: Settings) -> None:
    """Make the sample and receive it, unless that has been done; real data is left alone."""
    from pipelines.cli.sample import make
    from pipelines.intake.receive import receive
    from pipelines.store.registry import RegistryStore

    folder = settings.data / "sample"
    if RegistryStore(settings.raw).editions() and not folder.exists():
        say("data/raw 中已有名册，不再生成示例数据。")
        return
    done = folder / ".received"
    if done.exists():
        say("示例数据已在，不重复生成。")
        return
    make(folder, **_DEMO)  # type: ignore[arg-type]
    with stages("接收") as report:
        summary = receive(folder, settings.raw, load_catalogue(), datetime.now(UTC), report)
    say(
        f"新收到{summary.counts['received'] + summary.counts['unidentified']}个文件，已有{summary.counts['already']}个。"
    )
    done.touch()


def serve_dashboard(settings: Settings, port: int, review: bool) -> int:
    """Start Streamlit on this machine's own address and wait for it. review: with what only reviewers see, whatever the environment says."""
    spec = importlib.util.find_spec("dashboards")
    if spec is None or not spec.submodule_search_locations:
        return fail("没有找到看板程序，请重新运行 make setup。")
    app = Path(next(iter(spec.submodule_search_locations))) / "served.py"
    say(f"看板：http://{_ADDRESS}:{port}（按 Ctrl-C 结束）")
    options = {
        "server.address": _ADDRESS, "server.port": port, "server.baseUrlPath": "", "server.headless": "true", "browser.serverAddress": _ADDRESS,
        "browser.gatherUsageStats": "false", "server.fileWatcherType": "none", "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none", "server.maxUploadSize": MEGABYTES,
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(app),
        *(f"--{key}={value}" for key, value in options.items()),
    ]
    from pipelines.data_docs.serve import serving

    # The Data Docs stand beside the pages, and end with them.
    with serving(settings.data_docs, port + 1) as documents:
        told = {
            "SANXING_HOME": str(settings.home),
            "SANXING_REVIEW": str(review).lower(),
            "SANXING_DOCS_ADDRESS": documents,
        }
        return _serve(command, told)


def _serve(command: list[str], environment: dict[str, str]) -> int:
    """Run a server as a child until it ends or we are told to stop; its children end with it."""
    child = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=sys.stderr, start_new_session=True
    )
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    try:
        status = child.wait()
    except KeyboardInterrupt:
        say("已结束。")
        status = 0
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
    if status:
        return fail("页面没有能够打开：端口可能已被占用，请换一个端口（--port）。")
    return 0


def _interrupt() -> None:
    raise KeyboardInterrupt


COMMANDS = (dashboard, dagster, demo)
