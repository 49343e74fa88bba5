"""A list as it was found in a file: its parts line by line, each as often as it is asked for, and all that shows beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# The number of a line in its part, and its cells.
FoundLine = tuple[int, Sequence[str]]
MOST_SIGNS = 200


@dataclass
class Beside:
    """What a file shows beside the cells and paragraphs of its parts, noted while these are read.

    foreign: what no list of ours holds, in Chinese with its place, each once. shown: what ours shows beside its parts (headers, properties, areas
    that are printed), by place. looks: by place, each way in which something there is shown. filled: what people were to fill in.
    """

    foreign: dict[str, None] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    looks: dict[str, dict[str, str]] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)

    def strange(self, sentence: str) -> None:
        """Note what no list of ours holds."""
        if len(self.foreign) < MOST_SIGNS:
            self.foreign.setdefault(sentence)

    def look(self, place: str, look: str, first: str) -> None:
        """Note how something is shown. first: where it was seen."""
        looks = self.looks.setdefault(place, {})
        if look not in looks and len(looks) < MOST_SIGNS:
            looks[look] = first


@dataclass(frozen=True)
class Found:
    """parts: as the manifest's `content` names them. address: how a line and a column of a part are called, from 1.

    first_rows: how many rows stand where they stand, while those below may be sorted. sequence: of a paper, its paragraphs and tables in
    the order of reading, each with its place.
    """

    parts: Mapping[str, Callable[[], Iterator[FoundLine]]]
    address: Callable[[str, int, int], str]
    first_rows: int
    sequence: Sequence[tuple[str, str]] = ()
    beside: Beside = field(default_factory=Beside)
