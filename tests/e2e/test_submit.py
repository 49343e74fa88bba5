"""报送 from end to end: fetch the form, hand in a faulty one, get it back marked, mend it, hand it in, run, and see it accepted."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from pipelines.desk.files import MEGABYTES
from pipelines.workbook.layout import RETURNED_LIST
from tests.conftest import Home, Province
from tests.e2e.marts import Marts
from tests.e2e.reading import facts, figures, go, number, rows, settled
from tests.e2e.server import Server
from tests.e2e.test_files import download
from tests.edits import edited, package_of, parts_of

PERIOD, PERIOD_ZH = "2025Q4", "2025年第四季度"
CHECKING = 180_000  # milliseconds that a process of its own may take, which imports the engine of the rules


@pytest.fixture(scope="module")
def home(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A province of its own: this page writes."""
    path = tmp_path_factory.mktemp("submit") / "home"
    shutil.copytree(province.path, path)
    return Home(path)


@pytest.fixture(scope="module")
def desk(home: Home) -> Iterator[Server]:
    with Server(home.path) as server:
        yield server


@pytest.fixture(scope="module")
def sent(home: Home) -> dict[str, Any]:
    """A unit whose only version of the period has no finding: the file, a count in it and where the number of its measures stands."""
    marts = Marts.of(home.path)
    found = marts.dicts(
        "select s.unit_code, u.name, s.stored_as, t.cell as text_cell, t.sheet as text_sheet, c.sheet, c.cell, c.question, c.value "
        "from submissions s join dim_unit u using (unit_code) "
        "join answers t on t.submission_id = s.submission_id and t.question = 'O2.2b' and t.raw is not null "
        "join answers c on c.submission_id = s.submission_id and c.branch_code is null and c.value is not null "
        "join dim_question q on q.question = c.question and q.type = 'count' "
        "where s.period = ? and s.state = 'accepted' and s.version = 1 and s.n_block + s.n_explain + s.n_inform = 0 "
        "and (select count(*) from submissions o where o.unit_code = s.unit_code and o.period = s.period) = 1 "
        "order by s.unit_code, c.question limit 1", PERIOD,
    )  # fmt: skip
    return {**found[0], "content": (home.data / "raw" / found[0]["stored_as"]).read_bytes()}


def filled(form: bytes, with_answers_of: bytes) -> bytes:
    """The pre-filled form with every answer that the other workbook holds, as a clerk types it in: cell by cell."""
    typed = openpyxl.load_workbook(io.BytesIO(with_answers_of))

    def copy(book: openpyxl.Workbook) -> None:
        for sheet in typed.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    target = book[sheet.title][cell.coordinate]
                    if cell.value is not None and not isinstance(target, openpyxl.cell.MergedCell):
                        target.value = cell.value

    return edited(copy, form)


def upload(page: Page, name: str, content: bytes) -> None:
    """Choose a file, wherever one was chosen before, and wait until it has been looked at."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    expect(page.get_by_test_id("stFileChip")).to_have_attribute("aria-label", re.compile(re.escape(name)))


def looked_at(page: Page, name: str, summary: str) -> None:
    """The sentence that says what was found in this file."""
    expect(page.get_by_text(f"{name}：{summary}")).to_be_visible(timeout=CHECKING)
    settled(page)


def test_a_faulty_form_is_mended_and_handed_in(
    page: Page, desk: Server, home: Home, sent: dict[str, Any], tmp_path: Path
) -> None:
    unit, question = sent["unit_code"], sent["question"]
    go(page, f"{desk.url}/submit?unit={unit}&report={PERIOD}", "报送")
    form = download(page, "下载预填报表（.xlsx）", tmp_path)
    assert form.name == f"{PERIOD}三型党组织报表（{sent['name']}）.xlsx"

    def spoil(book: openpyxl.Workbook) -> None:
        book[sent["sheet"]][sent["cell"]] = "很多"
        book[sent["text_sheet"]][sent["text_cell"]] = "苏教工〔2025〕99号"

    whole = filled(form.read_bytes(), sent["content"])
    upload(page, "我的报表.xlsx", edited(spoil, whole))
    looked_at(page, "我的报表.xlsx", "强制1处")
    assert number(figures(page)["强制问题"]) == 1
    (block,) = [row for row in rows(page, "检查发现的问题") if row["程度"].endswith("强制")]
    assert (block["工作表"], block["单元格"], block["代码"]) == (sent["sheet"], sent["cell"], question)
    assert "很多" in block["问题和改正办法"]

    marked = download(page, "下载标明问题的报表（.xlsx）", tmp_path)
    book = openpyxl.load_workbook(marked)
    assert book.sheetnames[0].startswith(RETURNED_LIST)
    cell = book[sent["sheet"]][sent["cell"]]
    assert cell.comment is not None
    assert "很多" in cell.comment.text

    def mend(book: openpyxl.Workbook) -> None:
        book[sent["sheet"]][sent["cell"]] = int(sent["value"])

    mended = edited(mend, marked.read_bytes())
    upload(page, "改好的报表.xlsx", mended)
    looked_at(page, "改好的报表.xlsx", "提示2处，可以报送。")
    assert number(figures(page)["强制问题"]) == 0
    (change,) = rows(page, "两版报送的差别")
    assert (change["变化"], change["代码"], change["新答案"]) == ("改动", "O2.2b", "苏教工〔2025〕99号")

    page.get_by_role("button", name="报送这份报表").click()
    settled(page)
    confirmed = facts(page, 1)
    assert (confirmed["报告期"], confirmed["未决问题"], confirmed["与现用版本"]) == (
        PERIOD_ZH,
        "没有",
        "替代第1版",
    )
    assert unit in confirmed["单位"]
    page.get_by_role("button", name="确认报送").click()
    expect(page.get_by_text(re.compile("^已经收到。下一次运行后生效"))).to_be_visible(timeout=CHECKING)
    settled(page)
    receipt = {row["项目"]: row["内容"] for row in rows(page, "报送回执")}
    kept = home.data / "raw" / receipt["保存为"]
    assert kept.read_bytes() == mended
    assert receipt["文件名"] == "改好的报表.xlsx"
    expect(page.get_by_text("其中1份等待下一次运行")).to_be_visible()

    home.run()
    go(page, f"{desk.url}/unit?unit={unit}&period={PERIOD}", "单位画像")
    page.get_by_role("tab", name="报送与问题").click()
    settled(page)
    (newest,) = [row for row in rows(page, "历次报送") if row["文件名"] == "改好的报表.xlsx"]
    assert (newest["报告期"], newest["版本"], newest["用于计算"]) == (PERIOD, "2", "是")
    assert newest["状态"].endswith("已采用")
    state = Marts.of(home.path).one(
        "select state, counts from submissions where submission_id = ?", receipt["报送编号"]
    )
    assert (state["state"], state["counts"]) == ("accepted", True)


def hostile(sent: dict[str, Any]) -> list[tuple[str, bytes, str]]:
    """Files that nobody should send: a name, the bytes, and what is said of it."""
    parts = parts_of(sent["content"])
    bomb = package_of({**parts, "xl/media/image1.xml": b"<a>" + b" " * (60 * 1024 * 1024) + b"</a>"})
    return [
        ("程序.xlsx", b"MZ" + bytes(range(256)) * 40, "文件实际是程序"),
        ("炸弹.xlsx", bomb, "分之一，不是正常填报的内容"),
        ("空.xlsx", b"", "文件是空的"),
        ("../../etc/<img src=x onerror=alert(1)>.xlsx", b"PK\x03\x04", "文件已损坏或不完整"),
    ]


def test_hostile_uploads_get_a_sentence(page: Page, desk: Server, sent: dict[str, Any], home: Home) -> None:
    unit = sent["unit_code"]
    before = sorted(home.data.joinpath("raw").rglob("*"))
    go(page, f"{desk.url}/submit?unit={unit}&report={PERIOD}", "报送")
    for name, content, words in hostile(sent):
        own = name.rsplit("/", 1)[-1]
        upload(page, own, content)
        looked_at(page, own, "强制1处，不能作为报表受理。")
        (found,) = rows(page, "检查发现的问题")
        assert words in found["问题和改正办法"]
        expect(page.get_by_role("button", name="报送这份报表")).to_have_count(0)
        expect(page.get_by_text("这份文件不能报送，原因见上。")).to_be_visible()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "大.xlsx", "mimeType": "x", "buffer": bytes((MEGABYTES + 10) * 1024 * 1024)}
    )
    expect(page.locator('[data-testid="stFileChip"][aria-invalid="true"]')).to_be_visible()
    said = page.get_by_test_id("stFileUploader").evaluate("e => getComputedStyle(e, '::after').content")
    assert "没有上传：文件过大" in said
    settled(page)
    assert sorted(home.data.joinpath("raw").rglob("*")) == before


def test_another_units_form_is_told_and_not_taken(
    page: Page, desk: Server, sent: dict[str, Any], home: Home
) -> None:
    other = Marts.of(home.path).one(
        "select unit_code from dim_unit where kind <> 'branch' and unit_code <> ? order by 1 limit 1",
        sent["unit_code"],
    )
    go(page, f"{desk.url}/submit?unit={other['unit_code']}&report={PERIOD}", "报送")
    upload(page, "别家.xlsx", sent["content"])
    words = f"这是{sent['name']}（{sent['unit_code']}）的报表，不是所选单位的。"
    expect(page.get_by_text(words)).to_be_visible(timeout=CHECKING)
    settled(page)
    expect(page.get_by_role("button", name="报送这份报表")).to_have_count(0)


def test_the_uploader_speaks_chinese(page: Page, desk: Server, sent: dict[str, Any]) -> None:
    go(page, f"{desk.url}/submit?unit={sent['unit_code']}&report={PERIOD}", "报送")
    expect(page.get_by_role("button", name="选择文件")).to_be_visible()
    uploader = page.get_by_test_id("stFileUploader")
    assert (
        uploader.inner_text().replace("upload", "").strip() == f"选择填好的报表（.xlsx，不超过{MEGABYTES}MB）"
    )


def test_a_locked_period_says_why_nothing_is_taken(
    page: Page, desk: Server, sent: dict[str, Any], home: Home
) -> None:
    period = "2025Q1"
    home.sanxing("close", period)
    own = Marts.of(home.path).one(
        "select stored_as from submissions where unit_code = ? and period = ? and counts",
        sent["unit_code"], period,
    )  # fmt: skip
    words = re.compile("^2025年第一季度已于.*锁定，不再接收报送。")
    go(page, f"{desk.url}/submit?unit={sent['unit_code']}&report={period}", "报送")
    expect(page.get_by_text(words)).to_have_count(1)
    upload(page, "补报.xlsx", (home.data / "raw" / own["stored_as"]).read_bytes())
    expect(page.get_by_text(words)).to_have_count(2, timeout=CHECKING)
    settled(page)
    expect(page.get_by_role("button", name="报送这份报表")).to_have_count(0)
