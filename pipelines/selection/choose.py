"""Choosing by rank under quotas and a limit for each city, over all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from expectations.models.policy import UnitKind
from pipelines.selection.alternatives import Steps
from pipelines.selection.pool import Bools, Floats, Ints

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Field:
    """Who may be chosen, in the order that decides between equals, and what limits the choice.

    kind and city: for each unit its place in `kinds` and `cities`. quotas: for each kind.
    """

    codes: tuple[str, ...]
    kind: Ints
    city: Ints
    kinds: tuple[str, ...]
    cities: tuple[str, ...]
    quotas: Ints
    most_per_city: int

    @classmethod
    def of(
        cls,
        codes: tuple[str, ...],
        kinds: list[str],
        cities: list[str],
        quotas: Mapping[UnitKind, int],
        most_per_city: int,
    ) -> Field:
        by_name = {str(name): quota for name, quota in quotas.items()}
        kind_names, kind = np.unique(np.array(kinds, dtype=str), return_inverse=True)
        city_names, city = np.unique(np.array(cities, dtype=str), return_inverse=True)
        return cls(
            codes, kind, city, tuple(map(str, kind_names)), tuple(map(str, city_names)),
            np.array([by_name.get(str(name), 0) for name in kind_names], dtype=np.int64), most_per_city,
        )  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Who is chosen, and when nobody more could be: the place in the order whose unit took the last seat of a kind or of a city.

    kind_full, city_full: for each kind and city, the number of units walked over until it was full; NEVER where it never was.
    """

    order: Ints
    chosen: Bools
    kind_full: Ints
    city_full: Ints


def in_order(scores: Floats | Steps) -> Ints:
    """The units from the highest score, equals as they stand; along the last axis."""
    return np.argsort(-scores, axis=-1, kind="stable")


def choose(field: Field, order: Ints) -> Choice:
    """Take units as they come, while their kind has a seat and their city is under its limit."""
    seats, room = field.quotas.tolist(), [field.most_per_city] * len(field.cities)
    kind, city = field.kind.tolist(), field.city.tolist()
    chosen = np.zeros(len(kind), dtype=bool)
    kind_full = np.array([0 if quota == 0 else NEVER for quota in seats], dtype=np.int64)
    city_full = np.full(len(room), NEVER, dtype=np.int64)
    left = sum(quota > 0 for quota in seats)
    for walked, unit in enumerate(order.tolist(), 1):
        if left == 0:
            break
        k, c = kind[unit], city[unit]
        if seats[k] == 0 or room[c] == 0:
            continue
        chosen[unit] = True
        seats[k] -= 1
        room[c] -= 1
        if seats[k] == 0:
            kind_full[k] = walked
            left -= 1
        if room[c] == 0:
            city_full[c] = walked
    return Choice(order, chosen, kind_full, city_full)
