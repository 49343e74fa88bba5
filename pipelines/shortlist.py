"""The yearly shortlist of model units: gates, quotas, and how often a unit would be chosen under other weights. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from expectations.models.selection import Selection

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """A unit in the last period of a year: its scores by dimension, and what speaks against choosing it."""

    year: int
    unit_code: str
    kind: str
    category: str
    city_code: str
    scores: Mapping[str, float]
    obstacles: tuple[str, ...]

    @property
    def is_eligible(self) -> bool:
        return not self.obstacles

    def total(self, weights: Weights) -> float:
        """The weighted mean of the dimensions that have a score, rounded so that order does not hang on the last bit."""
        weight = sum(weights[dimension] for dimension in self.scores)
        points = sum(weights[dimension] * score for dimension, score in sorted(self.scores.items()))
        return round(points / weight, 6) if weight else 0.0


def shortlist(candidates: Iterable[Candidate], selection: Selection) -> pl.DataFrame:
    """The list of every year: chosen and not chosen, with reasons. Columns of the mart `shortlist`."""
    by_year: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_year[candidate.year].append(candidate)
    rows = [row for year in sorted(by_year) for row in _year_rows(by_year[year], selection)]
    return pl.DataFrame(
        rows,
        schema={
            "year": pl.Int32, "unit_code": pl.String, "category": pl.String, "city_code": pl.String, "score": pl.Float64,
            "rank": pl.Int32, "selected": pl.Boolean, "probability": pl.Float64, "reason": pl.String,
        },
        orient="row",
    )  # fmt: skip


def alternative_weights(selection: Selection) -> list[Weights]:
    """The declared weights, and each dimension's weight raised and lowered by the declared share."""
    base: dict[str, float] = {
        str(dimension): float(weight) for dimension, weight in selection.scoring.weights.items()
    }
    share = float(selection.shortlist.alternative_weight_share)
    moved = [{**base, d: base[d] * factor} for d in base for factor in (1 - share, 1 + share)]
    return [base, *moved]


def choose(
    candidates: Iterable[Candidate], weights: Weights, selection: Selection
) -> tuple[set[str], dict[str, str]]:
    """The chosen codes under these weights, and why eligible ones were passed over. Best first; ties by unit code."""
    rules = selection.shortlist
    by_kind: Counter[str] = Counter()
    by_city: Counter[str] = Counter()
    chosen: set[str] = set()
    passed: dict[str, str] = {}
    for candidate in sorted(candidates, key=lambda c: (-c.total(weights), c.unit_code)):
        if not candidate.is_eligible:
            continue
        if by_kind[candidate.kind] >= rules.quotas.get(candidate.kind, 0):  # type: ignore[call-overload]
            passed[candidate.unit_code] = "本类单位名额已满"
        elif by_city[candidate.city_code] >= rules.most_per_city:
            passed[candidate.unit_code] = f"本市已有{rules.most_per_city}个单位入选"
        else:
            chosen.add(candidate.unit_code)
            by_kind[candidate.kind] += 1
            by_city[candidate.city_code] += 1
    return chosen, passed


def _year_rows(candidates: list[Candidate], selection: Selection) -> list[tuple[object, ...]]:
    alternatives = alternative_weights(selection)
    chosen, passed = choose(candidates, alternatives[0], selection)
    times = Counter(code for weights in alternatives for code in choose(candidates, weights, selection)[0])
    ranks: Counter[str] = Counter()
    rows: list[tuple[object, ...]] = []
    for candidate in sorted(candidates, key=lambda c: (c.kind, -c.total(alternatives[0]), c.unit_code)):
        score = candidate.total(alternatives[0]) if candidate.scores else None
        rank = None
        if candidate.is_eligible:
            ranks[candidate.kind] += 1
            rank = ranks[candidate.kind]
        share = times[candidate.unit_code] / len(alternatives) if candidate.is_eligible else None
        selected = candidate.unit_code in chosen
        rows.append(
            (
                candidate.year, candidate.unit_code, candidate.category, candidate.city_code, score, rank, selected, share,
                _reason(candidate, selected, rank, passed, selection),
            )
        )  # fmt: skip
    return rows


def _reason(
    candidate: Candidate, selected: bool, rank: int | None, passed: dict[str, str], selection: Selection
) -> str:
    if candidate.obstacles:
        return "未入选：" + "；".join(candidate.obstacles) + "。"
    if selected:
        quota = selection.shortlist.quotas.get(candidate.kind, 0)  # type: ignore[call-overload]
        return f"入选：同类符合条件的单位中得分第{rank}名，本类名额{quota}个，各项条件均已满足。"
    return f"未入选：同类符合条件的单位中得分第{rank}名，{passed[candidate.unit_code]}。"
