"""Lists as files of a real run: the same bytes from everywhere, opened by LibreOffice without repair, and told by `sanxing verify`."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.exports.list_files import WRITERS, list_files
from tests.conftest import Province
from tests.libreoffice.office import Errand, run_errands

ENDINGS = sorted(WRITERS)


@pytest.fixture(scope="module")
def written(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the official list and a trial's in every form, as the command writes them."""
    folder = tmp_path_factory.mktemp("lists")
    for ending in ENDINGS:
        province.sanxing("shortlist", "--year", "2025", "-o", folder / f"名单{ending}")
    province.sanxing(
        "shortlist", "--year", "2025", "--what-if", "quotas.school=1", "-o", folder / "试算.docx"
    )
    return folder


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_page_takes_its_bytes_where_the_command_does(
    province: Province, written: Path, ending: str
) -> None:
    for added, content in list_files(province.published(), 2025, ending).items():
        assert (written / f"名单{ending}{added}").read_bytes() == content


@pytest.mark.parametrize("name", [*(f"名单{ending}" for ending in ENDINGS), "试算.docx"])
def test_a_list_as_written_is_consistent(province: Province, written: Path, name: str) -> None:
    done = province.sanxing("verify", written / name)
    assert done.stdout.startswith("一致：")
    assert ("试算名单" in done.stdout) == name.startswith("试算")


def test_what_libreoffice_opens_and_saves_is_the_same_list(
    province: Province, written: Path, tmp_path: Path
) -> None:
    errands = [
        Errand(written / "名单.xlsx", tmp_path / "名单.xlsx"),
        Errand(written / "名单.docx", tmp_path / "名单.docx"),
        Errand(written / "名单.xlsx", tmp_path / "改动.xlsx", {("名单", "H5"): "99.5"}),
    ]
    run_errands(errands, tmp_path / "profile")
    for name in ("名单.xlsx", "名单.docx"):
        assert province.sanxing("verify", tmp_path / name).stdout.startswith("内容一致，已另存：")
    for page in load_workbook(tmp_path / "名单.xlsx"):
        assert len(page.tables) == 1
    edited = province.sanxing("verify", tmp_path / "改动.xlsx", check=False)
    assert edited.returncode == 1
    assert edited.stdout.startswith("文件被改动：")
    assert "“名单”表H5：文件中为“99.5”" in edited.stdout


def test_other_files_are_none_of_ours(province: Province, tmp_path: Path) -> None:
    workbook = next(province.sample.rglob("*.xlsx"))
    done = province.sanxing("verify", workbook, check=False)
    assert (done.returncode, done.stdout.startswith("不是本系统导出的名单。")) == (2, True)
    assert "Traceback" not in done.stderr
    missing = province.sanxing("verify", tmp_path / "没有.xlsx", check=False)
    assert (missing.returncode, "没有这个文件" in missing.stderr) == (2, True)
