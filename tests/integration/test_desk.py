"""The desk of the page 报送, on a real store: looked at as `sanxing check` does it, received as `sanxing receive` does it, with a receipt."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from expectations import Catalogue, Period
from pipelines.desk import process
from pipelines.desk.form import prefilled_workbook
from pipelines.desk.handing_in import NotHandedIn, hand_in
from pipelines.desk.looking import look
from pipelines.desk.messages import HandIn, Look
from pipelines.desk.process import DeskFailed, hand_in_at, look_at
from pipelines.desk.standing import begun_periods, standing
from pipelines.failures import UserMistake
from pipelines.intake.bounds import LARGEST_FILE
from pipelines.registry.file import write_registry
from pipelines.run_lock import one_run
from pipelines.settings import Settings
from pipelines.store.closings import ClosingStore
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import SubmissionStore
from tests.conftest import Home
from tests.edits import edited
from tests.receiving import tree
from tests.workbooks import blank_form, filled_form, workbook_bytes

PERIOD = Period.parse("2025Q1")
NOW = datetime(2025, 4, 10, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, catalogue: Catalogue) -> Settings:
    """A store with a register of a city and a university with branches, and nothing received."""
    made = Settings(home=tmp_path / "home")
    forms = [blank_form("city", "2025Q1"), blank_form("university", "2025Q1")]
    entries = [entry for form in forms for entry in (form.unit, *form.branches)]
    with writing(made.raw):
        RegistryStore(made.raw).add(write_registry(entries), NOW - timedelta(days=30), catalogue)
    return made


@pytest.fixture(scope="module")
def form(catalogue: Catalogue) -> bytes:
    return workbook_bytes(filled_form("city", "2025Q1", catalogue), catalogue)


def again(form: bytes, words: str) -> bytes:
    """The same form with another explanation: another file of the unit."""

    def explain(book: openpyxl.Workbook) -> None:
        book["学习型"]["G5"] = words

    return edited(explain, form)


UNIT = blank_form("city", "2025Q1").unit.unit_code


def handing(content: bytes, seen: str | None = None, unit: str = UNIT, period: str = "2025Q1") -> HandIn:
    return HandIn(name="a.xlsx", content=content, unit_code=unit, period=period, seen=seen)


def test_a_file_is_received_with_a_receipt_and_once(
    settings: Settings, catalogue: Catalogue, form: bytes
) -> None:
    first = hand_in(handing(form), settings, catalogue, NOW)
    assert (first.already, first.received_at, first.file) == (False, NOW, "a.xlsx")
    assert (settings.raw / first.stored_as).read_bytes() == form
    (stored,) = SubmissionStore(settings.raw).list()
    assert (stored.unit_code, stored.period, stored.sha256) == (UNIT, "2025Q1", first.sha256)
    before = tree(settings.raw)
    repeated = hand_in(handing(form), settings, catalogue, NOW + timedelta(days=1))
    assert repeated == first.model_copy(update={"already": True})
    assert tree(settings.raw) == before


def test_the_same_file_after_another_says_which_counts(
    settings: Settings, catalogue: Catalogue, form: bytes
) -> None:
    first = hand_in(handing(form), settings, catalogue, NOW)
    later = handing(again(form, "本季度另有一次专题学习。"), first.submission_id)
    hand_in(later, settings, catalogue, NOW + timedelta(hours=1))
    repeated = hand_in(handing(form), settings, catalogue, NOW + timedelta(hours=2))
    assert repeated.already
    assert "打开后另存一份再报送" in repeated.remarks[0]


def test_what_came_meanwhile_is_told_and_nothing_stored(
    settings: Settings, catalogue: Catalogue, form: bytes
) -> None:
    hand_in(handing(form), settings, catalogue, NOW)
    before = tree(settings.raw)
    with pytest.raises(NotHandedIn, match="在您检查之后，本单位本期又收到了另一份报表"):
        hand_in(handing(again(form, "另一位同事的一份，内容略有不同。")), settings, catalogue, NOW)
    assert tree(settings.raw) == before


def test_two_at_once_for_one_unit_are_two_answers(settings: Settings, form: bytes) -> None:
    """Through processes, as from two browsers: one is received, the other is told."""
    files = [form, again(form, "另一位同事的一份，内容略有不同。")]

    def given(content: bytes) -> str:
        try:
            return hand_in_at(handing(content), settings).submission_id
        except UserMistake as reason:
            return str(reason)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(given, files))
    (stored,) = SubmissionStore(settings.raw).list()
    assert stored.submission_id in answers
    assert sum("又收到了另一份" in answer for answer in answers) == 1


def test_a_closed_period_takes_nothing_but_from_whom_it_lets(
    settings: Settings, catalogue: Catalogue, form: bytes
) -> None:
    closings = ClosingStore(settings.raw, catalogue.calendar.local_date)
    late = NOW + timedelta(days=60)
    closings.close(PERIOD, late, catalogue.calendar.due_at(PERIOD))
    before = tree(settings.raw)
    later = late + timedelta(days=1)
    with pytest.raises(NotHandedIn, match="2025年第一季度已于2025-06-09锁定，不再接收报送"):
        hand_in(handing(form), settings, catalogue, later)
    assert tree(settings.raw) == before
    closings.exempt(PERIOD, UNIT, (later + timedelta(days=3)).date(), "停电", later)
    stands = standing(settings.raw, catalogue, UNIT, PERIOD, later)
    assert (stands.closed_on, stands.exempt) == (None, True)
    assert not hand_in(handing(form), settings, catalogue, later).already


@pytest.mark.parametrize(
    ("content", "unit", "period", "words"),
    [
        (None, blank_form("university", "2025Q1").unit.unit_code, "2025Q1", "单位或报告期与所选的不一致"),
        (None, UNIT, "2025Q2", "单位或报告期与所选的不一致"),
        (b"", UNIT, "2025Q1", "文件是空的"),
        (b"MZ" + b"x" * 100, UNIT, "2025Q1", "文件实际是程序"),
        (b"PK\x03\x04" + b"x" * 100, UNIT, "2025Q1", "已损坏或不完整"),
        (b"0" * (LARGEST_FILE + 1), UNIT, "2025Q1", "文件大于20MB"),
    ],
)
def test_what_is_not_the_units_own_form_is_not_taken(
    settings: Settings,
    catalogue: Catalogue,
    form: bytes,
    content: bytes | None,
    unit: str,
    period: str,
    words: str,
) -> None:
    before = tree(settings.raw)
    with pytest.raises(NotHandedIn, match=words):
        hand_in(handing(form if content is None else content, None, unit, period), settings, catalogue, NOW)
    assert tree(settings.raw) == before


def test_a_file_is_received_while_a_run_is_going_on(
    settings: Settings, catalogue: Catalogue, form: bytes
) -> None:
    with one_run(settings):
        assert not hand_in(handing(form), settings, catalogue, NOW).already


def test_nothing_is_left_on_the_disk(settings: Settings, form: bytes) -> None:
    """Looked at and not handed in, a file leaves no trace: not in the home, not among temporary files."""
    before, temporary = tree(settings.home), set(Path(tempfile.gettempdir()).glob("pymp-*"))
    looked = look_at(Look(name="a.xlsx", content=form, unit_code=UNIT, period="2025Q1"), settings)
    assert looked.fits
    assert tree(settings.home) == before
    left = set(Path(tempfile.gettempdir()).glob("pymp-*")) - temporary
    assert not any(
        form in path.read_bytes() for folder in left for path in folder.rglob("*") if path.is_file()
    )


@contextmanager
def no_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(process, "SECONDS", 1)
        yield


def test_a_store_that_is_busy_is_told_and_the_file_can_be_handed_in_again(
    settings: Settings, form: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(settings.raw), no_time(monkeypatch), pytest.raises(DeskFailed, match="请再交一次"):
        hand_in_at(handing(form), settings)
    assert SubmissionStore(settings.raw).list() == []
    assert not hand_in_at(handing(form), settings).already


def test_the_look_is_that_of_the_command(
    settings: Settings, catalogue: Catalogue, form: bytes, tmp_path: Path
) -> None:
    """Same findings and same annotated workbook as `sanxing check --annotate`."""

    def spoil(book: openpyxl.Workbook) -> None:
        sheet = book["学习型"]
        sheet.cell(5, 4).value = "很多"

    (tmp_path / "a.xlsx").write_bytes(edited(spoil, form))
    content = (tmp_path / "a.xlsx").read_bytes()
    looked = look(Look(name="a.xlsx", content=content, unit_code=UNIT, period="2025Q1"), settings, catalogue)
    home = Home(settings.home)
    home.sanxing("check", "--annotate", tmp_path / "back", tmp_path / "a.xlsx", check=False)
    (written,) = (tmp_path / "back").iterdir()
    assert (looked.returned_name, looked.returned) == (written.name, written.read_bytes())
    assert looked.status == 1
    assert looked.elsewhere is None


@pytest.mark.parametrize(
    ("unit", "period", "words"),
    [
        (blank_form("university", "2025Q1").unit.unit_code, "2025Q1", f"（{UNIT}）的报表，不是所选单位的"),
        (UNIT, "2025Q2", "这是2025年第一季度的报表，而所选的是2025年第二季度"),
    ],
)
def test_a_form_of_another_unit_or_period_is_told(
    settings: Settings, catalogue: Catalogue, form: bytes, unit: str, period: str, words: str
) -> None:
    looked = look(Look(name="a.xlsx", content=form, unit_code=unit, period=period), settings, catalogue)
    assert words in (looked.elsewhere or "")
    assert not looked.fits


def test_the_form_is_that_of_the_command(settings: Settings, catalogue: Catalogue, tmp_path: Path) -> None:
    unit, content = prefilled_workbook(settings, catalogue, UNIT, PERIOD)
    target = tmp_path / "t.xlsx"
    Home(settings.home).sanxing("template", "--unit", UNIT, "--period", "2025Q1", "-o", target)
    assert unit.unit_code == UNIT
    assert target.read_bytes() == content
    for code, period in (("X", PERIOD), (UNIT, Period.parse("2019Q1"))):
        with pytest.raises(UserMistake, match="请核对"):
            prefilled_workbook(settings, catalogue, code, period)


def test_periods_that_have_begun_are_offered(settings: Settings, catalogue: Catalogue) -> None:
    unit = RegistryStore(settings.raw).current(catalogue).unit(UNIT)
    assert unit is not None
    offered = begun_periods(catalogue, unit, datetime(2025, 3, 31, 16, 0, tzinfo=UTC))
    assert (str(offered[0]), str(offered[-1])) == ("2025Q2", "2021Q1")
