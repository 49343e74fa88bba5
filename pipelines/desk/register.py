"""The catalogue and the register of units as they are now, opened once for each edition: new units are there before the next run."""

from __future__ import annotations

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
    """Both as they are now. Raises RegistryMissing."""
    catalogue = load_catalogue()
    return Register(catalogue, RegistryStore(settings.raw).current(catalogue))
