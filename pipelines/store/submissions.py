"""Originals and their receipts: putting one away, and listing what is there.

The receipt is written first and the original second, each by an atomic rename: an original always has its receipt, and a
receipt left alone by a crash is taken up again when the same bytes come back. A file that holds persons' data leaves a receipt and
nothing else: its hash, its unit and period, and where the data stood.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any

from pipelines.store.layout import SUBMISSIONS, StoredName
from pipelines.system_errors import about

NOT_KEPT = "（含个人信息，未保留）"
_RECEIPT_SUFFIX = ".receipt.json"
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY


@dataclass(frozen=True)
class Withheld:
    """Why an original was not kept: what was found and where, never the value."""

    what: str
    sheet: str
    cell: str


@dataclass(frozen=True)
class StoredSubmission:
    """One original in the store with its receipt; of a withheld one only the receipt, without the sender's file name.

    stored_at: when it was put away; later than received_at where an office had the file in hand before and said so.
    """

    submission_id: str
    sha256: str
    unit_code: str | None
    period: str | None
    received_at: datetime
    file: str
    stored_as: str
    stored_at: datetime
    withheld: Withheld | None = None

    def path(self, raw: Path) -> Path:
        return raw / self.stored_as


class SubmissionStore:
    """The originals below data/raw/submissions. One writer at a time (lock.py); readers need nothing."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        self._pairs: dict[str, tuple[Path, Path | None]] | None = None

    def find(self, sha256: str) -> StoredSubmission | None:
        """What is stored of these bytes; None where they are new, or a crash left a receipt alone."""
        receipt, original = self._index().get(sha256[:16], (None, None))
        return self._read(receipt, original) if receipt else None

    def add(
        self, content: bytes, name: StoredName, file: str, suffix: str, stored_at: datetime
    ) -> StoredName:
        """Put an original away; under its name, or that of a receipt which a crash left alone. That name.

        The caller has asked `find` first, and holds the lock.
        """
        receipt, _ = self._index().get(name.submission_id, (None, None))
        if receipt is None:
            receipt = self.raw / name.folder() / f"{name.stem}{_RECEIPT_SUFFIX}"
            receipt.parent.mkdir(parents=True, exist_ok=True)
            facts: dict[str, Any] = {
                "file": file, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
            }  # fmt: skip
            if stored_at != name.received_at:
                facts["stored_at"] = stored_at.isoformat()
            write_whole(receipt, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode("utf-8"))
        original = receipt.with_name(receipt.name.removesuffix(_RECEIPT_SUFFIX) + suffix)
        write_whole(original, content)
        self._index()[name.submission_id] = (receipt, original)
        stored = StoredName.parse(receipt.name.removesuffix(_RECEIPT_SUFFIX))
        assert stored is not None
        return stored

    def withhold(self, sha256: str, name: StoredName, withheld: Withheld) -> None:
        """Note a file whose content must not be kept. The caller has asked `find` first, and holds the lock."""
        receipt = self.raw / name.folder() / f"{name.stem}{_RECEIPT_SUFFIX}"
        receipt.parent.mkdir(parents=True, exist_ok=True)
        facts = {"sha256": sha256, "withheld": asdict(withheld)}
        write_whole(receipt, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode("utf-8"))
        self._index()[name.submission_id] = (receipt, None)

    def of(self, unit_code: str, period: str) -> tuple[StoredSubmission, ...]:
        """What is stored of a unit for a period, in the order of receipt; no other folder is looked into."""
        folder = self.raw / SUBMISSIONS / period
        read = (
            self._read(receipt, original)
            for name, receipt, original in self._pairs_in(folder, f"{unit_code}_{period}_")
            if (name.unit_code, name.period) == (unit_code, period)
        )
        stored = (submission for submission in read if submission is not None)
        return tuple(sorted(stored, key=lambda s: (s.received_at, s.submission_id)))

    def list(self) -> list[StoredSubmission]:
        """Everything in the store, in the order of period, unit and receipt."""
        read = (self._read(receipt, original) for receipt, original in self._index().values())
        stored = [submission for submission in read if submission is not None]
        return sorted(
            stored, key=lambda s: (s.period or "", s.unit_code or "", s.received_at, s.submission_id)
        )

    def _index(self) -> dict[str, tuple[Path, Path | None]]:
        """Receipt and original by submission id; the original is None where it is withheld, or a crash came between the two."""
        if self._pairs is None:
            self._pairs = dict(self._scan())
        return self._pairs

    def _scan(self) -> Iterator[tuple[str, tuple[Path, Path | None]]]:
        root = self.raw / SUBMISSIONS
        for folder in sorted(root.iterdir()) if root.is_dir() else []:
            for name, receipt, original in self._pairs_in(folder):
                yield name.submission_id, (receipt, original)

    @staticmethod
    def _pairs_in(folder: Path, beginning: str = "") -> Iterator[tuple[StoredName, Path, Path | None]]:
        """Receipt and original of the files whose names begin so; of none where there is no such folder."""
        files = [path for path in folder.glob(f"{escape(beginning)}*") if path.suffix != ".part"]
        originals = {
            path.name.split(".", 1)[0]: path for path in files if not path.name.endswith(_RECEIPT_SUFFIX)
        }
        for receipt in sorted(path for path in files if path.name.endswith(_RECEIPT_SUFFIX)):
            stem = receipt.name.removesuffix(_RECEIPT_SUFFIX)
            if name := StoredName.parse(stem):
                yield name, receipt, originals.get(stem)

    def _read(self, receipt: Path, original: Path | None) -> StoredSubmission | None:
        name = StoredName.parse(receipt.name.removesuffix(_RECEIPT_SUFFIX))
        assert name is not None
        facts = json.loads(receipt.read_text("utf-8"))
        withheld = Withheld(**facts["withheld"]) if "withheld" in facts else None
        if original is None and withheld is None:
            return None
        return StoredSubmission(
            submission_id=name.submission_id,
            sha256=facts["sha256"],
            unit_code=name.unit_code,
            period=name.period,
            received_at=name.received_at,
            file=facts.get("file", NOT_KEPT),
            stored_as=(original or receipt).relative_to(self.raw).as_posix(),
            stored_at=datetime.fromisoformat(facts["stored_at"])
            if "stored_at" in facts
            else name.received_at,
            withheld=withheld,
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either there in full or not at all, and read-only from then on."""
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, _NEW, 0o444)
    except FileExistsError:  # one that a kill left behind
        part.unlink()
        descriptor = os.open(part, _NEW, 0o444)
    try:
        with about(path), os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(descriptor)
    except OSError:
        part.unlink()  # half a file on a full disk
        raise
    part.replace(path)
