"""Choosing by turns under quotas and a limit for each city, over all kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from expectations.models.policy import UnitKind
from pipelines.selection.alternatives import Steps
from pipelines.selection.pool import Bools, Floats, Ints

NEVER = np.iinfo(np.int64).max
KINDS: tuple[str, ...] = get_args(UnitKind)


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


def in_turn(field: Field, scores: Floats | Steps) -> Ints:
    """The units in the order in which they are taken; along the last axis.

    Inside a kind from the highest score, equals as they stand. Scores of different kinds are not comparable: between kinds the place
    in the kind decides, see `turn`.
    """
    if not field.kinds:
        return np.zeros(scores.shape, dtype=np.int64)
    of_kind = [np.flatnonzero(field.kind == kind) for kind in range(len(field.kinds))]
    return _merged(field, [mine[np.argsort(-scores[..., mine], axis=-1, kind="stable")] for mine in of_kind])


def without(field: Field, order: Ints, unit: int) -> Ints:
    """The order of turns, were this unit not there: those of its kind behind it move up."""
    left = order[order != unit]
    return _merged(field, [left[field.kind[left] == kind] for kind in range(len(field.kinds))])


def turn(place: Ints | int, quota: int) -> Floats:
    """When the unit at this place of its kind is taken: (2 × place - 1) / quota, so that all kinds fill up at one pace.

    Source: the method of Webster and Sainte-Laguë; Balinski and Young, Fair Representation, 1982.
    """
    places = 2.0 * np.asarray(place, dtype=np.float64) - 1
    # correctly rounded quotients: equal turns are equal numbers
    return places / quota if quota else np.full(places.shape, np.inf)


def turns_before(field: Field, kind: str, quota: int, place: int) -> int:
    """How many of the units come before one that would be at this place of its kind."""
    mine, before = (float(turn(place, quota)), quota, KINDS.index(kind)), 0
    for k, name in enumerate(field.kinds):
        there = np.arange(1, int((field.kind == k).sum()) + 1)
        if name == kind:
            before += int((there < place).sum())
            continue
        turns = turn(there, int(field.quotas[k]))
        comes_first = (int(field.quotas[k]), KINDS.index(name)) < mine[1:]
        before += int((turns < mine[0]).sum() + ((turns == mine[0]).sum() if comes_first else 0))
    return before


def _merged(field: Field, ranked: Sequence[Ints]) -> Ints:
    """The kinds' own orders as one by turns; equal turns: the kind with fewer seats first, then as the policy names kinds."""
    kinds = sorted(range(len(field.kinds)), key=lambda k: (field.quotas[k], KINDS.index(field.kinds[k])))
    turns = [turn(np.arange(1, ranked[k].shape[-1] + 1), int(field.quotas[k])) for k in kinds]
    order = np.argsort(np.concatenate(turns), kind="stable")
    return np.concatenate([ranked[k] for k in kinds], axis=-1)[..., order]


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
