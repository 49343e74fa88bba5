"""Names in data/raw: how unit, period, time of receipt and content hash become a file name, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

SUBMISSIONS = "submissions"
REGISTRY = "registry"
CLOSINGS = "closings"
UNIDENTIFIED = "unidentified"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_STEM = re.compile(
    r"(?:(?P<unit>[0-9A-Za-z_-]+)_(?P<period>\d{4}Q[1-4])_)?(?P<stamp>\d{8}T\d{12}Z)_(?P<hash>[0-9a-f]{16})"
)


@dataclass(frozen=True)
class StoredName:
    """What the name of a stored original says. Unit and period are None where the file could not be identified."""

    unit_code: str | None
    period: str | None
    received_at: datetime
    submission_id: str

    @classmethod
    def parse(cls, stem: str) -> StoredName | None:
        """The name's parts; None for a file that `receive` did not put there."""
        match = _STEM.fullmatch(stem)
        if match is None:
            return None
        received_at = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
        return cls(match["unit"], match["period"], received_at, match["hash"])

    @property
    def stem(self) -> str:
        stamp = f"{self.received_at.astimezone(UTC).strftime(_STAMP)}_{self.submission_id}"
        return f"{self.unit_code}_{self.period}_{stamp}" if self.unit_code and self.period else stamp

    def folder(self) -> PurePosixPath:
        """Below data/raw: one folder a period, and one for what could not be identified."""
        return PurePosixPath(SUBMISSIONS, self.period if self.unit_code and self.period else UNIDENTIFIED)
