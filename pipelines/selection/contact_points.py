"""Contact points (联系点): the units that would gain most from help. The mirror of the shortlist, and never a verdict on a unit.

Source: clause O2.4. Who does not report, or whose data say too little, is a matter of reporting and of data quality, and not chosen here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.selection import ContactPoints, Selection
from pipelines.selection.choose import Field, choose
from pipelines.selection.gates import gate_rows
from pipelines.selection.pool import DIGITS, Floats, Pool, dimension_weights
from pipelines.selection.schemas import CONTACT_POINTS
from pipelines.selection.words import Names, by_clause, gaps, in_points, named_clauses


def make_contact_points(
    candidates: pl.DataFrame,
    terms: pl.DataFrame,
    names: Names,
    listed: pl.DataFrame,
    selection: Selection,
) -> pl.DataFrame:
    """The contact points of every year, chosen and not.

    candidates, terms, names: as for the shortlist, with `stated` in terms. listed: year, unit_code of the model units: who is an
    example to others is not helped as well.
    """
    years = [
        _year(
            candidates.filter(pl.col("year") == year).sort("unit_code"), terms.filter(pl.col("year") == year), names,
            frozenset(listed.filter(pl.col("year") == year)["unit_code"]), selection.as_of(Period(year, 4)),
        )
        for year in candidates["year"].unique().sort()
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=CONTACT_POINTS), *years])


def _year(
    candidates: pl.DataFrame,
    terms: pl.DataFrame,
    names: Names,
    listed: frozenset[str],
    rules: Selection,
) -> pl.DataFrame:
    declared = rules.contact_points
    pool = Pool.of(terms, tuple(candidates["unit_code"]))
    _, obstacles = gate_rows(candidates, declared.gates)
    counts = _counts(terms, pool, declared)
    lost = gaps(pool, pool.shares(dimension_weights(rules.scoring.weights))) * counts
    points = np.round(lost.sum(1), DIGITS)
    weighed = np.round(points * _members(candidates, declared), DIGITS)
    barred = candidates["unit_code"].is_in([*obstacles, *listed]).to_numpy()
    may = np.flatnonzero(~barred & (points > 0))
    may = may[np.lexsort([may, -weighed[may]])]
    among = candidates[may]
    field = Field.of(
        tuple(among["unit_code"]), among["kind"].to_list(), among["city_code"].to_list(), declared.quotas, declared.most_per_city
    )  # fmt: skip
    choice = choose(field, np.arange(len(may)))
    place = np.zeros(len(candidates), dtype=np.int64)
    selected = np.zeros(len(candidates), dtype=bool)
    for kind in range(len(field.kinds)):
        mine = np.flatnonzero(field.kind == kind)
        place[may[mine]] = np.arange(1, len(mine) + 1)
    selected[may[choice.chosen]] = True
    named = named_clauses(
        by_clause(lost, pool, names), names, rules.shortlist.clauses_named, "可提高{points}分"
    )
    reasons = []
    for unit, row in enumerate(candidates.iter_rows(named=True)):
        reasons.append(
            _reason(
                row,
                obstacles.get(row["unit_code"], []),
                row["unit_code"] in listed,
                float(points[unit]),
                bool(selected[unit]),
                int(place[unit]),
                named[unit],
                declared,
            )
        )
    return candidates.with_columns(
        gain=pl.Series(weighed, dtype=pl.Float64), place=pl.Series(place), selected=pl.Series(selected), reason=pl.Series(reasons, dtype=pl.String)
    ).with_columns(
        gain=pl.when(pl.Series(~barred)).then("gain"), place=pl.when(pl.col("place") > 0).then("place")
    ).select(CONTACT_POINTS.names()).cast(CONTACT_POINTS)  # fmt: skip


def _counts(terms: pl.DataFrame, pool: Pool, declared: ContactPoints) -> Floats:
    """1 for the indicators whose gap counts: with a standard, and one that the policy states where only those are asked for."""
    asked = pl.col("standard").is_not_null() & (
        pl.col("stated") if declared.indicators == "stated" else pl.lit(value=True)
    )
    named = set(terms.filter(asked)["indicator"])
    return np.array([float(name in named) for name in pool.indicators])


def _members(candidates: pl.DataFrame, declared: ContactPoints) -> Floats:
    """Members over the median of the unit's kind, to the declared power."""
    ratio = (
        candidates.select(pl.col("members") / pl.col("members").median().over("kind")).to_series().to_numpy()
    )
    return np.asarray(np.nan_to_num(ratio, nan=1.0) ** float(declared.members_exponent))


def _reason(
    row: dict[str, Any], obstacles: list[str], is_model: bool, points: float, selected: bool, place: int, named: str | None,
    declared: ContactPoints,
) -> str:  # fmt: skip
    if obstacles:
        return f"暂不列入：{'；'.join(obstacles)}。先按报送和数据质量事项办理。"
    if is_model:
        return "不列入：已入选示范点。"
    if points <= 0:
        return (
            "不列入：可计算的"
            + ("政策规定标准" if declared.indicators == "stated" else "标准")
            + "均已达到。"
        )
    gap = f"达到全部标准可提高{in_points(points)}分，党员{row['members']}人，同类中帮扶效果列第{place}位"
    if selected:
        return f"建议作为联系点：{gap}。建议帮扶重点：{named}。"
    return f"暂不列入：{gap}，{'本类名额已满或本市已有' + str(declared.most_per_city) + '个联系点'}。"
