"""The pictures of the pages in README: `make screenshots` makes them anew, from a synthetic province of its own.

Not a test. Whoever changes how a page looks runs it, looks at the pictures, and commits them with the change.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.conftest import Home
from tests.e2e.conftest import ARGUMENTS, LAPTOP, PATIENCE_MILLISECONDS
from tests.e2e.reading import go
from tests.e2e.server import Server

FOLDER = Path(__file__).parents[2] / "docs" / "images"
PROVINCE = ("--units", "60", "--periods", "2023Q1:2025Q4", "--seed", "7")
LARGEST = 200_000  # bytes: README stays quick to open
COLOURS = 128  # of a picture: charts and text need no more


class Picture(NamedTuple):
    """A page as it opens, so many pixels high."""

    name: str
    address: str
    title: str
    height: int


PICTURES = (
    Picture("overview", "", "总览", 1060),
    Picture("flags", "flags", "预警", 768),
    Picture("trends", "trends?trend=study_participation&grain=month", "趋势", 768),
    Picture("compare", "compare?dimension=learning", "对比", 900),
    Picture("unit", "unit", "单位画像", 900),
    Picture("shortlist", "shortlist", "示范点", 768),
)


def main() -> int:
    """Make the province, open each page and save its picture; 1 where one has become too large."""
    chromium = os.environ.get("SANXING_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Home(Path(folder) / "home")
        home.command("sample", Path(folder) / "in", *PROVINCE)
        home.command("receive", Path(folder) / "in", check=False)  # planted faults make it 1
        home.command("run")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        with Server(home.path) as server:
            sizes = [_take(browser, server.url, picture) for picture in PICTURES]
        browser.close()
    return 1 if max(sizes) > LARGEST else 0


def _take(browser: Browser, url: str, picture: Picture) -> int:
    """Save one picture; its bytes."""
    size = ViewportSize(width=LAPTOP["width"], height=picture.height)
    page = browser.new_page(viewport=size, locale="zh-CN")
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    go(page, f"{url}/{picture.address}", picture.title)
    expect(page.get_by_test_id("stSkeleton").filter(visible=True)).to_have_count(
        0
    )  # where a chart is to come
    for chart in page.get_by_test_id("stPlotlyChart").filter(visible=True).all():
        chart.locator(".main-svg").first.wait_for()
    page.evaluate("document.fonts.ready")
    path = FOLDER / f"{picture.name}.png"
    shot = page.screenshot(animations="disabled")
    page.close()
    drawn = Image.open(io.BytesIO(shot)).convert("RGB")
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    bytes_ = path.stat().st_size
    print(f"{path.name}: {bytes_ // 1000} kB")
    return bytes_


if __name__ == "__main__":
    sys.exit(main())
