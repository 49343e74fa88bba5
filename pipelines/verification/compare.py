"""What a list says against what it should say: cells that differ, and units that came in, went out or have other figures. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from pipelines.exports.fingerprint import BLANK, cell_text, row_digest
from pipelines.exports.list_manifest import Line
from pipelines.verification.found import FoundLine

CODE, NAME, SCORE, RANK, RESULT, PLACE = "单位代码", "单位名称", "得分", "名次", "结果", "序号"
# What tells one line of a table from another, as far as a table has it.
KEYS = (CODE, "指标", "维度", "条件", "项目")
SHOWN = 60  # characters of a cell


class Difference(NamedTuple):
    """A place of the file, what stands there, and what should; None where a whole line is too much or is missing."""

    place: str
    found: str | None
    expected: str | None

    def sentence(self) -> str:
        """In one sentence."""
        if self.found is None:
            return f"{self.place}：缺少“{_cut(self.expected or '')}”"
        if self.expected is None:
            return f"{self.place}：多出“{_cut(self.found)}”"
        return f"{self.place}：文件中为“{_cut(self.found)}”，应为“{_cut(self.expected)}”"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def differences(
    part: str,
    expected: Callable[[], Iterable[Line]],
    found: Callable[[], Iterable[FoundLine]],
    address: Callable[[str, int, int], str],
) -> Iterator[Difference]:
    """The cells of a part that differ, wherever their lines have been moved to.

    Lines that are the same on both sides are set aside by their digests; what is left is paired by what tells lines apart.
    """
    spare = Counter(row_digest(cells) for _, cells in found())
    wanted: list[list[str]] = []
    head: tuple[str, ...] = ()
    for line in expected():
        head = head or (tuple(map(cell_text, line)) if CODE in line else ())
        digest = row_digest(line)
        if digest == BLANK:
            continue
        if spare[digest]:
            spare[digest] -= 1
        else:
            wanted.append([cell_text(cell) for cell in line])
    extra: list[FoundLine] = []
    for number, cells in found():
        digest = row_digest(cells)
        if digest != BLANK and spare[digest]:
            spare[digest] -= 1
            extra.append((number, [cell_text(cell) for cell in cells]))
    yield from _paired(part, head, wanted, extra, address)


def _paired(
    part: str,
    head: Sequence[str],
    wanted: list[list[str]],
    extra: list[FoundLine],
    address: Callable[[str, int, int], str],
) -> Iterator[Difference]:
    places = [place for place, heading in enumerate(head) if heading in KEYS] or [0]
    by_key: dict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for line in wanted:
        by_key[_key(line, places)].append(line)
    left: list[FoundLine] = []
    for number, cells in extra:
        same = by_key.get(_key(cells, places))
        if same:
            yield from _cells(part, number, cells, same.pop(0), address)
        else:
            left.append((number, cells))
    missing = [line for lines in by_key.values() for line in lines]
    for found, line in zip_longest(left, missing):
        if found is None:
            yield Difference(part, None, "，".join(filter(None, line)))
        elif line is None:
            yield Difference(address(part, found[0], 1), "，".join(filter(None, found[1])), None)
        else:
            yield from _cells(part, found[0], found[1], line, address)


def _key(line: Sequence[str], places: list[int]) -> tuple[str, ...]:
    return tuple(line[place] if place < len(line) else "" for place in places)


def _cells(
    part: str, number: int, cells: Sequence[str], line: Sequence[str], address: Callable[[str, int, int], str]
) -> Iterator[Difference]:
    for column, (found, expected) in enumerate(zip_longest(cells, line, fillvalue=""), 1):
        if found != expected:
            yield Difference(address(part, number, column), found, expected)


@dataclass(frozen=True)
class Unit:
    """A chosen unit as a list shows it."""

    name: str
    score: str
    rank: str


def chosen(parts: Iterable[Iterable[Line]]) -> dict[str, Unit]:
    """The chosen units by code: of tables that number them, or that say the result of each candidate."""
    units: dict[str, Unit] = {}
    for lines in parts:
        columns: dict[str, int] = {}
        for line in lines:
            cells = [cell_text(cell) for cell in line]
            if not columns:
                if {CODE, NAME, SCORE, RANK} <= set(cells) and (PLACE in cells or RESULT in cells):
                    columns = {heading: place for place, heading in enumerate(cells)}
                continue
            if len(cells) > columns[RANK] and (PLACE in columns or cells[columns[RESULT] :][:1] == ["入选"]):
                units[cells[columns[CODE]]] = Unit(
                    cells[columns[NAME]], cells[columns[SCORE]], cells[columns[RANK]]
                )
    return units


class Moved(NamedTuple):
    """How a list has changed: in Chinese, one line a unit."""

    came_in: list[str]
    went_out: list[str]
    changed: list[str]


def moved(before: dict[str, Unit], now: dict[str, Unit]) -> Moved:
    """before: as the file has it; now: as the data have it."""
    changed = []
    for code in sorted(before.keys() & now.keys()):
        old, new = before[code], now[code]
        if (old.score, old.rank) != (new.score, new.rank):
            changed.append(
                f"{code} {new.name}：得分由{old.score}变为{new.score}，名次由第{old.rank}变为第{new.rank}"
            )
    return Moved(
        [f"{code} {now[code].name}（得分{now[code].score}）" for code in sorted(now.keys() - before.keys())],
        [
            f"{code} {before[code].name}（原得分{before[code].score}）"
            for code in sorted(before.keys() - now.keys())
        ],
        changed,
    )
