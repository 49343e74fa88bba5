"""A list as it was found in a file: its manifest, and its parts line by line, each as often as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.exports.list_manifest import ListManifest

# The number of a line in its part, and its cells.
FoundLine = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Found:
    """parts: as the manifest's `content` names them. address: how a line and a column of a part are called, from 1."""

    manifest: ListManifest
    parts: Mapping[str, Callable[[], Iterator[FoundLine]]]
    address: Callable[[str, int, int], str]
