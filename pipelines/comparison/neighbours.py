"""The units that are most alike: nearest neighbours by the distance that selection.yaml declares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from expectations.models.selection import Likeness, Neighbours
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.statistics.counts import FloatArray

SCHEMA = {"unit_code": pl.String, "place": pl.Int32, "neighbour_code": pl.String, "distance": pl.Float64}
_ROWS = 512  # units at a time: a province's distances need not be in memory at once
_DECIMALS = 6  # a processor's last bit must decide no place


def neighbours(registry: Registry, declared: Neighbours) -> pl.DataFrame:
    """Each unit's nearest, of its own kind, nearest first; equal ones by code. Grain: unit, place.

    Units without a last day in the registry alone, and their branches: like the peer groups it hangs on no period.
    """
    staying = [entry for entry in registry.entries if entry.valid_to is None]
    branches = Counter(entry.parent_code for entry in staying if entry.is_branch)
    kinds: dict[str, list[RegistryEntry]] = defaultdict(list)
    for entry in sorted(staying, key=lambda entry: entry.unit_code):
        if not entry.is_branch:
            kinds[entry.kind].append(entry)
    frames = [_of_kind(units, branches, declared) for _, units in sorted(kinds.items()) if len(units) > 1]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames])


def _of_kind(
    units: Sequence[RegistryEntry], branches: Mapping[str | None, int], declared: Neighbours
) -> pl.DataFrame:
    codes = pl.Series([unit.unit_code for unit in units])
    found = list(_nearest(_features(units, branches, declared), declared.count))
    unit, place, neighbour, distance = (np.concatenate(column) for column in zip(*found, strict=True))
    return pl.DataFrame(
        {
            "unit_code": codes.gather(unit),
            "place": place,
            "neighbour_code": codes.gather(neighbour),
            "distance": distance,
        },
        schema_overrides=SCHEMA,
    )


class _Features:
    """What is compared, weighted: numbers (a doubling is 1) and classes (a difference is 1)."""

    def __init__(self, numbers: list[FloatArray], classes: list[tuple[float, np.ndarray]]) -> None:
        self.numbers, self.classes = numbers, classes

    def between(self, rows: slice) -> FloatArray:
        """Distances of these units to all."""
        total = np.zeros((rows.stop - rows.start, len(self.numbers[0])))
        for values in self.numbers:
            total += np.abs(values[rows, None] - values[None, :])
        for weight, values in self.classes:
            total += weight * (values[rows, None] != values[None, :])
        return np.asarray(np.round(total, _DECIMALS), dtype=np.float64)


def _features(
    units: Sequence[RegistryEntry], branches: Mapping[str | None, int], declared: Neighbours
) -> _Features:
    weights: dict[Likeness, float] = {name: float(weight) for name, weight in declared.weights.items()}
    sizes = {"members": [u.members for u in units], "branches": [branches[u.unit_code] for u in units]}
    classes = {name: [getattr(u, name) for u in units] for name in ("category", "is_private", "city_code")}
    return _Features(
        [np.log2(np.array(values) + 1.0) * weights[name] for name, values in sizes.items()],  # type: ignore[index]
        [
            (weights[name], np.unique(np.array(values), return_inverse=True)[1])  # type: ignore[index]
            for name, values in classes.items()
        ],
    )


def _nearest(features: _Features, count: int) -> Iterator[tuple[np.ndarray, ...]]:
    """unit, place from 1, neighbour and distance, block by block; units by their place in the order of codes."""
    units = len(features.numbers[0])
    count = min(count, units - 1)
    for start in range(0, units, _ROWS):
        rows = slice(start, min(start + _ROWS, units))
        distances = features.between(rows)
        own = np.arange(rows.start, rows.stop)
        distances[own - start, own] = np.inf
        # as near as the last one that counts, with all its equals; these few are put in order by distance and code
        reach = np.partition(distances, count - 1, axis=1)[:, count - 1 : count]
        row, neighbour = np.nonzero(distances <= reach)
        near = distances[row, neighbour]
        order = np.lexsort((neighbour, near, row))
        row, neighbour, near = row[order], neighbour[order], near[order]
        first = np.searchsorted(row, row, side="left")
        place = np.arange(len(row)) - first + 1
        kept = place <= count
        yield row[kept] + start, place[kept], neighbour[kept], near[kept]
