"""Strengths and gaps by clause, in Chinese that can be read out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations.wording import quoted
from pipelines.exports.figures import exact, number, rounded
from pipelines.selection.pool import DIGITS, Floats, Pool

LEAST = 0.05  # points: what would show as 0.0 is not named


class Names(NamedTuple):
    """What things are called. indicators: indicator, label_zh, unit, clause, clause_zh; dimensions: Chinese by code."""

    indicators: pl.DataFrame
    dimensions: Mapping[str, str]


class ClausePoints(NamedTuple):
    """units × clauses: points of the total."""

    clauses: tuple[str, ...]
    points: Floats


def by_clause(points: Floats, pool: Pool, names: Names) -> ClausePoints:
    """points: units × indicators."""
    clause_of = dict(names.indicators.select("indicator", "clause").rows())
    of = [clause_of[indicator] for indicator in pool.indicators]
    clauses = tuple(sorted(set(of)))
    member = np.array([[name == clause for clause in clauses] for name in of], dtype=np.float64).reshape(
        len(of), len(clauses)
    )
    return ClausePoints(clauses, np.round(points @ member, DIGITS))


def named_clauses(found: ClausePoints, names: Names, most: int, says: str) -> list[str | None]:
    """For each unit its `most` clauses with the most points, from the most: 条款L3.1“中心组集中学习”失1.2分、…; None where none is worth naming."""
    zh = dict(names.indicators.select("clause", "clause_zh").unique().rows())
    labels = [f"条款{clause}{quoted(zh[clause])}" for clause in found.clauses]
    # equals by code
    order = np.argsort(-found.points, axis=1, kind="stable")[:, :most]
    texts: list[str | None] = []
    for points, best in zip(found.points, order, strict=True):
        told = [f"{labels[c]}{says.format(points=in_points(points[c]))}" for c in best if points[c] >= LEAST]
        texts.append("、".join(told) or None)
    return texts


def in_points(points: float) -> str:
    """Points of a score, to one decimal."""
    return f"{rounded(exact(float(points)))}"


def cut_up(value: float, upwards: bool, decimals: int) -> str:
    """A figure to so many decimals, rounded one way: the change that is told must be enough."""
    # the last bits of a quotient are no reason for another step
    steady = Decimal(str(round(value, 9)))
    step = Decimal(1).scaleb(-decimals)
    return number(steady.quantize(step, ROUND_CEILING if upwards else ROUND_FLOOR))


def strengths(pool: Pool, shares: Floats, kinds: pl.Series) -> Floats:
    """units × indicators: the points by which each is above the mean of the candidates of its kind; 0 where it is not."""
    filled = np.where(pool.calculated, pool.attainment, 0.0)
    above = np.zeros_like(filled)
    for kind in kinds.unique().sort():
        mine = (kinds == kind).to_numpy()
        known = pool.calculated[mine]
        mean = filled[mine].sum(0) / np.maximum(known.sum(0), 1)
        above[mine] = np.where(known, np.maximum(filled[mine] - mean, 0.0), 0.0)
    return 100 * above * shares


def gaps(pool: Pool, shares: Floats) -> Floats:
    """units × indicators: the points of the total that each falls short of its standard, or of the best of its peers."""
    return 100 * np.where(pool.calculated, 1 - pool.attainment, 0.0) * shares
