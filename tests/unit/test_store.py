"""The raw store: names that say what a file is, originals that nobody changes, and a crash that leaves nothing half done."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Catalogue, Period
from pipelines.registry.file import RegistryError, write_registry
from pipelines.registry.model import is_unit_code
from pipelines.store import submissions as submissions_module
from pipelines.store.clock import latest_receipt
from pipelines.store.layout import StoredName
from pipelines.store.registry import RegistryMissing, RegistryStore
from pipelines.store.submissions import NOT_KEPT, StoredSubmission, SubmissionStore, Withheld, write_whole
from tests.workbooks import entry

UNTIMED = settings(deadline=None)

AT = datetime(2025, 10, 9, 8, 30, 0, 123456, tzinfo=UTC)
codes = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hashes = st.from_regex(r"[0-9a-f]{16}", fullmatch=True)
periods = st.builds(Period, st.integers(2016, 2100), st.integers(1, 4)).map(str)


def name_of(
    content: bytes, at: datetime = AT, unit: str | None = "320100S1", period: str | None = "2025Q3"
) -> StoredName:
    return StoredName(unit, period, at, hashlib.sha256(content).hexdigest()[:16])


def add(
    raw: Path, content: bytes, *, at: datetime = AT, unit: str | None = "320100S1", file: str = "一季度.xlsx"
) -> StoredSubmission:
    store = SubmissionStore(raw)
    store.add(content, name_of(content, at, unit, unit and "2025Q3"), file, ".xlsx", at)
    stored = store.find(hashlib.sha256(content).hexdigest())
    assert stored is not None
    return stored


def files(raw: Path) -> dict[str, bytes]:
    return {path.relative_to(raw).as_posix(): path.read_bytes() for path in raw.rglob("*") if path.is_file()}


@UNTIMED
@given(codes, periods, moments, hashes)
def test_a_name_is_read_back(unit: str, period: str, at: datetime, digest: str) -> None:
    """Codes with underscores, or with a period inside, too."""
    for name in (
        StoredName(unit, period, at, digest),
        StoredName(None, None, at, digest),
        StoredName(f"{unit}_2024Q1"[:40], period, at, digest),
    ):
        assert StoredName.parse(name.stem) == name


def test_a_name_is_in_utc_whatever_the_clock() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    assert (
        name_of(b"x", shanghai).stem
        == name_of(b"x", AT).stem
        == f"320100S1_2025Q3_20251009T083000123456Z_{hashlib.sha256(b'x').hexdigest()[:16]}"
    )


@pytest.mark.parametrize(
    "stem", ["", "notes", "320100S1_2025Q3", "320100S1_2025Q5_20251009T083000000000Z_0123456789abcdef", "20251009T083000000000Z_0123456789ABCDEF",
             "../320100S1_2025Q3_20251009T083000000000Z_0123456789abcdef", "20251009T083000000000Z_0123456789abcdef.part"],
)  # fmt: skip
def test_files_that_receive_did_not_put_there_are_no_submissions(stem: str) -> None:
    assert StoredName.parse(stem) is None


@pytest.mark.parametrize(
    ("code", "is_safe"),
    [
        ("320100S1", True), ("a", True), ("A-1_b", True), ("9" * 40, True), ("9" * 41, False), ("", False), ("-1", False), ("_1", False),
        ("..", False), (".", False), ("../x", False), ("a/b", False), ("a\\b", False), ("a b", False), ("a\n", False), ("a\0", False), ("a.b", False),
        ("南京", False), ("３２", False), ("CON:", False), ("~root", False), ("$HOME", False), ("a*", False),
    ],
)  # fmt: skip
def test_which_codes_may_stand_in_a_name(code: str, is_safe: bool) -> None:
    assert is_unit_code(code) == is_safe


@UNTIMED
@given(st.text(max_size=60))
def test_a_safe_code_keeps_a_file_in_its_folder(code: str) -> None:
    if is_unit_code(code):
        folder = Path("/raw") / name_of(b"x", unit=code).folder()
        assert (folder / name_of(b"x", unit=code).stem).resolve().parent == folder


def test_an_original_is_kept_to_the_byte_with_its_receipt(tmp_path: Path) -> None:
    content = bytes(range(256))
    stored = add(tmp_path, content, file="南京/示例小学 一季度.xlsx")
    assert stored.path(tmp_path).read_bytes() == content
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.submission_id == stored.sha256[:16]
    assert (stored.unit_code, stored.period, stored.received_at) == ("320100S1", "2025Q3", AT)
    assert stored.file == "南京/示例小学 一季度.xlsx"
    assert SubmissionStore(tmp_path).list() == [stored]
    assert SubmissionStore(tmp_path).find(stored.sha256) == stored
    assert SubmissionStore(tmp_path).find("0" * 64) is None


def test_what_is_not_identified_is_kept_too(tmp_path: Path) -> None:
    stored = add(tmp_path, b"a photo", unit=None)
    assert stored.stored_as.startswith("submissions/unidentified/")
    assert (stored.unit_code, stored.period) == (None, None)
    assert SubmissionStore(tmp_path).list() == [stored]


def test_of_a_file_with_persons_only_the_receipt_is_kept(tmp_path: Path) -> None:
    """Its hash, unit and period, and where the data stood; neither its bytes nor the name that its sender gave it."""
    content = "张三的登记表".encode()
    digest = hashlib.sha256(content).hexdigest()
    store = SubmissionStore(tmp_path)
    store.withhold(digest, name_of(content), Withheld("手机号", "学习型", "D7"))
    (kept,) = files(tmp_path).values()
    assert json.loads(kept) == {
        "sha256": digest,
        "withheld": {"what": "手机号", "sheet": "学习型", "cell": "D7"},
    }
    for again in (store, SubmissionStore(tmp_path)):
        found = again.find(digest)
        assert found is not None
        assert again.list() == [found]
        assert (found.unit_code, found.period, found.file) == ("320100S1", "2025Q3", NOT_KEPT)
        assert found.withheld == Withheld("手机号", "学习型", "D7")


def test_originals_and_receipts_are_read_only(tmp_path: Path) -> None:
    add(tmp_path, b"one")
    RegistryStore(tmp_path).folder.mkdir()
    write_whole(tmp_path / "registry" / "x.csv", b"x")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_the_store_is_listed_in_one_order(tmp_path: Path) -> None:
    for number, unit in enumerate(["320100S2", None, "320100S1", "320100S1"]):
        add(tmp_path, bytes([number]), at=AT + timedelta(seconds=-number), unit=unit)
    found = [(s.unit_code, s.received_at) for s in SubmissionStore(tmp_path).list()]
    assert found == [
        (None, AT - timedelta(seconds=1)), ("320100S1", AT - timedelta(seconds=3)), ("320100S1", AT - timedelta(seconds=2)), ("320100S2", AT),
    ]  # fmt: skip


class Killed(BaseException):
    """The process ends here."""


def test_what_one_unit_sent_for_a_period_in_the_order_of_receipt(tmp_path: Path) -> None:
    """Also where another code begins alike, or ends as names go on."""
    later = add(tmp_path, b"later", at=AT + timedelta(hours=1), unit="S1")
    first = add(tmp_path, b"first", at=AT, unit="S1")
    for number, unit in enumerate(("S10", "S1_2025Q3", "S", None)):
        add(tmp_path, b"other%d" % number, unit=unit)
    store = SubmissionStore(tmp_path)
    assert store.of("S1", "2025Q3") == (first, later)
    assert store.of("S1", "2025Q2") == ()
    assert store.of("[S]1", "2025Q3") == ()


@pytest.mark.parametrize("writes", [0, 1])
@pytest.mark.parametrize("is_begun", [True, False], ids=["a part is left", "nothing is left"])
def test_killed_while_adding_and_added_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, is_begun: bool
) -> None:
    """Killed before the receipt or between receipt and original; the same bytes come again, later, under another name."""
    done = 0

    def dying(path: Path, content: bytes) -> None:
        nonlocal done
        if done == writes:
            if is_begun:
                path.with_name(path.name + ".part").write_bytes(content[:3])
            raise Killed
        done += 1
        write_whole(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(submissions_module, "write_whole", dying)
        with pytest.raises(Killed):
            add(tmp_path, b"content")
    assert SubmissionStore(tmp_path).list() == [], "what is not whole is not there"
    again = add(tmp_path, b"content", at=AT + timedelta(days=3), file="另一个名字.xlsx")
    # The receipt that was written stands: the file had been received then.
    assert again.received_at == (AT if writes else AT + timedelta(days=3))
    assert again.file == ("一季度.xlsx" if writes else "另一个名字.xlsx")
    assert SubmissionStore(tmp_path).list() == [again]
    assert again.path(tmp_path).read_bytes() == b"content"
    whole = [path for path in files(tmp_path) if not path.endswith(".part")]
    assert len(whole) == 2, "one original and one receipt"
    receipt = next(path for path in files(tmp_path) if path.endswith(".receipt.json"))
    assert json.loads(files(tmp_path)[receipt])["sha256"] == again.sha256


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is on disk before the name is."""
    seen: list[bytes] = []

    def replace(part: Path, target: Path) -> Path:
        seen.append(part.read_bytes())
        assert not target.exists()
        raise Killed

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(Killed):
        write_whole(tmp_path / "a", b"all of it")
    assert seen == [b"all of it"]
    assert not (tmp_path / "a").exists()


# ---- the registry's editions and the clock ------------------------------------------------------------------------------


def registry(members: int) -> bytes:
    return write_registry([entry("320100U1", "university", "undergraduate", members=members)])


def test_the_latest_edition_counts_and_every_edition_is_kept(tmp_path: Path, catalogue: Catalogue) -> None:
    store = RegistryStore(tmp_path)
    assert store.add(registry(1), AT, catalogue)
    assert store.add(registry(2), AT + timedelta(days=1), catalogue)
    # An edition that was in the office earlier comes to us later.
    assert store.add(registry(3), AT - timedelta(days=1), catalogue)
    assert store.current(catalogue).entries[0].members == 2
    assert [edition.received_at for edition in store.editions()] == [
        AT - timedelta(days=1),
        AT,
        AT + timedelta(days=1),
    ]


def test_the_same_edition_again_is_not_taken(tmp_path: Path, catalogue: Catalogue) -> None:
    store = RegistryStore(tmp_path)
    assert store.add(registry(1), AT, catalogue)
    before = files(tmp_path)
    assert not store.add(registry(1), AT + timedelta(days=1), catalogue)
    assert files(tmp_path) == before


def test_a_bad_edition_leaves_the_old_one(tmp_path: Path, catalogue: Catalogue) -> None:
    store = RegistryStore(tmp_path)
    store.add(registry(1), AT, catalogue)
    before = files(tmp_path)
    with pytest.raises(RegistryError):
        store.add(registry(1).replace(b"undergraduate", b"unknown"), AT + timedelta(days=1), catalogue)
    assert files(tmp_path) == before


def test_without_a_registry_the_message_says_what_to_do(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(RegistryMissing, match="sanxing receive"):
        RegistryStore(tmp_path).current(catalogue)


def test_the_clock_is_the_latest_receipt_of_anything(tmp_path: Path, catalogue: Catalogue) -> None:
    """So that a rebuild years later judges «overdue» as the first run did."""
    assert latest_receipt(tmp_path, []).year == 1
    RegistryStore(tmp_path).add(registry(1), AT, catalogue)
    assert latest_receipt(tmp_path, []) == AT
    add(tmp_path, b"one", at=AT + timedelta(hours=2))
    assert latest_receipt(tmp_path, SubmissionStore(tmp_path).list()) == AT + timedelta(hours=2)
