"""The catalogue and the register of units as they are now, opened once for each edition: new units are there before the next run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from expectations import Catalogue, load_catalogue
from pipelines.registry.model import Registry
from pipelines.settings import Settings
from pipelines.store.registry import RegistryStore


class Register(NamedTuple):
    """What a page needs to know of who reports, and when."""

    catalogue: Catalogue
    registry: Registry


def edition(settings: Settings) -> str:
    """A name for the edition of the registry in force; empty where there is none."""
    editions = RegistryStore(settings.raw).editions()
    return editions[-1].path.name if editions else ""


def open_register(settings: Settings) -> Register:
    """Both as they are now. An edition is parsed once for each catalogue. Raises RegistryMissing."""
    catalogue = load_catalogue()
    return Register(catalogue, _registry(settings.raw, edition(settings), catalogue.sha256))


@lru_cache(maxsize=1)
def _registry(raw: Path, _edition: str, _catalogue: str) -> Registry:
    """The edition in force; what it is named and checked by is the key that the memory goes by."""
    return RegistryStore(raw).current(load_catalogue())
