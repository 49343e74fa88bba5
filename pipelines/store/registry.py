"""Editions of the registry below data/raw/registry: each is kept under its time of receipt, the latest counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from expectations import Catalogue
from pipelines.failures import UserMistake
from pipelines.registry.file import parse_registry
from pipelines.registry.model import Registry
from pipelines.store.layout import REGISTRY, StoredName
from pipelines.store.submissions import write_whole


class RegistryMissing(UserMistake):
    """There is no registry yet. The message is Chinese and says what to do."""

    def __init__(self) -> None:
        super().__init__("还没有单位名册。请先用 sanxing receive 接收含 registry/units.csv 的文件夹。")


@dataclass(frozen=True)
class RegistryEdition:
    """A stored edition: its file and when it was received."""

    path: Path
    received_at: datetime


class RegistryStore:
    """The editions of the registry."""

    def __init__(self, raw: Path) -> None:
        self.folder = raw / REGISTRY

    def editions(self) -> list[RegistryEdition]:
        """All editions in the order of receipt."""
        files = self.folder.glob("*.csv") if self.folder.is_dir() else []
        named = [(path, StoredName.parse(path.stem)) for path in files]
        editions = [RegistryEdition(path, name.received_at) for path, name in named if name is not None]
        return sorted(editions, key=lambda edition: (edition.received_at, edition.path.name))

    def add(self, content: bytes, received_at: datetime, catalogue: Catalogue) -> bool:
        """Check an edition and put it away; False where it is the one in force already. Raises RegistryError."""
        parse_registry(content, catalogue)
        digest = hashlib.sha256(content).hexdigest()[:16]
        editions = self.editions()
        if editions and editions[-1].path.stem.endswith(digest):
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{StoredName(None, None, received_at, digest).stem}.csv", content)
        return True

    def current(self, catalogue: Catalogue) -> Registry:
        """The latest edition. Raises RegistryMissing."""
        return self._parsed(self.editions()[-1:], catalogue)[0][1]

    def history(self, catalogue: Catalogue) -> list[tuple[datetime, Registry]]:
        """All editions with their time of receipt, in that order. Raises RegistryMissing."""
        return self._parsed(self.editions(), catalogue)

    @staticmethod
    def _parsed(editions: list[RegistryEdition], catalogue: Catalogue) -> list[tuple[datetime, Registry]]:
        if not editions:
            raise RegistryMissing
        return [(e.received_at, parse_registry(e.path.read_bytes(), catalogue)) for e in editions]
