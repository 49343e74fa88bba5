"""Contact points (联系点): the units that would gain most from help. The mirror of the shortlist, and never a verdict on a unit.

Source: clause O2.4. Who does not report, or whose data say too little, is a matter of reporting and of data quality, and not chosen here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.selection import ContactPoints, Selection
from pipelines.selection.choose import Field, choose
from pipelines.selection.gates import Gate, judge_all, obstacles
from pipelines.selection.pool import DIGITS, Bools, Floats, Ints, Pool, dimension_weights
from pipelines.selection.schemas import CONTACT_POINTS
from pipelines.selection.words import LEAST, Names, by_clause, gaps, in_points, named_clauses


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


class _Gain(NamedTuple):
    """Of each candidate: points of the total to be gained, the same weighed by members, and by indicator."""

    points: Floats
    weighed: Floats
    by_indicator: Floats


def _year(
    candidates: pl.DataFrame, terms: pl.DataFrame, names: Names, listed: frozenset[str], rules: Selection
) -> pl.DataFrame:
    """The rows of one year; candidates in the order of their codes."""
    declared, pool = rules.contact_points, Pool.of(terms, tuple(candidates["unit_code"]))
    missed = obstacles(judge_all(candidates, pool.totals(rules.scoring.weights), declared.gates))
    gain = _gain(candidates, terms, pool, rules)
    for code in sorted(listed - missed.keys()):
        missed[code] = []
    places, chosen, passed = _choose(candidates, gain, frozenset(missed), declared)
    help_with = named_clauses(
        by_clause(gain.by_indicator, pool, names), names, rules.shortlist.clauses_named, "可提高{points}分"
    )
    reasons = []
    for unit, (code, members) in enumerate(candidates.select("unit_code", "members").iter_rows()):
        if code in missed:
            reasons.append(_barred_zh(missed[code]))
        elif gain.points[unit] <= 0:
            which = "政策规定标准" if declared.indicators == "stated" else "标准"
            reasons.append(f"不列入：可计算的{which}均已达到或十分接近。")
        else:
            gap = f"达到全部标准可提高{in_points(gain.points[unit])}分，党员{members}人，同类中帮扶效果列第{places[unit]}位"
            reasons.append(
                f"建议作为联系点：{gap}。建议帮扶重点：{help_with[unit] or '各条款差距都很小'}。"
                if chosen[unit]
                else f"暂不列入：{gap}，{passed[unit]}。"
            )
    may = pl.Series([code not in missed for code in pool.units], dtype=pl.Boolean)
    return candidates.select(
        "year", "unit_code", "kind", "category", "city_code",
        gain=pl.when(may).then(pl.Series(gain.weighed, dtype=pl.Float64)),
        place=pl.Series(places, dtype=pl.Int64).replace(0, None),
        selected=pl.Series(chosen), reason=pl.Series(reasons, dtype=pl.String),
    ).cast(CONTACT_POINTS)  # fmt: skip


def _gain(candidates: pl.DataFrame, terms: pl.DataFrame, pool: Pool, rules: Selection) -> _Gain:
    shares = pool.shares(dimension_weights(rules.scoring.weights))
    by_indicator = gaps(pool, shares) * _counts(terms, pool, rules.contact_points)
    # what would show as 0.0 is nothing to gain
    points = np.round(by_indicator.sum(1), DIGITS)
    points = np.where(points < LEAST, 0.0, points)
    return _Gain(points, np.round(points * _members(candidates, rules.contact_points), DIGITS), by_indicator)


def _choose(
    candidates: pl.DataFrame, gain: _Gain, barred: frozenset[str], declared: ContactPoints
) -> tuple[Ints, Bools, dict[int, str]]:
    """Of each candidate: its place in its kind (0 for none) and whether it is chosen; and why others were passed over."""
    is_barred = candidates["unit_code"].is_in(list(barred)).to_numpy()
    may = np.flatnonzero(~is_barred & (gain.points > 0))
    may = may[np.argsort(-gain.weighed[may], kind="stable")]
    among = candidates[may]
    field = Field.of(
        tuple(among["unit_code"]), among["kind"].to_list(), among["city_code"].to_list(), declared.quotas, declared.most_per_city
    )  # fmt: skip
    choice = choose(field, np.arange(len(may)))
    places, chosen = np.zeros(len(candidates), dtype=np.int64), np.zeros(len(candidates), dtype=bool)
    for kind in range(len(field.kinds)):
        mine = may[field.kind == kind]
        places[mine] = np.arange(1, len(mine) + 1)
    chosen[may[choice.chosen]] = True
    passed = {}
    for walked, unit in enumerate(may.tolist()):
        kind = field.kind[walked]
        if field.quotas[kind] == 0:
            passed[unit] = "本类单位不设名额"
        elif choice.kind_full[kind] <= walked:
            passed[unit] = "本类名额已满"
        else:
            passed[unit] = f"本市已有{declared.most_per_city}个联系点"
    return places, chosen, passed


def _barred_zh(obstacles: list[Gate]) -> str:
    """obstacles: the gates that are missed; none for a model unit."""
    if not obstacles:
        return "不列入：已入选示范点。"
    return f"暂不列入：{'；'.join(gate.obstacle for gate in obstacles)}。先按报送和数据质量事项办理。"


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
