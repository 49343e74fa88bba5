"""What would turn a choice: the smallest change of one weight, of one indicator, or the gates that are missed.

A change of a weight is tried out: the whole choice is made anew with it, quotas and limits of cities included. A change of a figure
follows from the line: the score of the unit that takes the last seat which would be this unit's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from expectations.models.selection import Selection
from pipelines.exports.figures import exact, number, rounded
from pipelines.selection.choose import NEVER, choose, in_order
from pipelines.selection.pool import DIGITS, DIMENSIONS, Bools, Floats, Ints, dimension_weights
from pipelines.selection.standing import Standing
from pipelines.selection.words import Names, cut_up, in_points
from pipelines.statistics.composite import aggregate

STEP = 0.01  # weights are tried by whole percentage points
BEYOND = 1e-5  # of an attainment: on the line itself the declared ties decide
NO_LINE = np.nan


def eligible_changes(stand: Standing, terms: pl.DataFrame, names: Names, rules: Selection) -> list[str]:
    """One sentence for each eligible unit, in the order of `stand.field`.

    terms: unit_code, indicator, value, standard, due_share, direction, denominator, attainment.
    """
    line = lines(stand)
    by_weight = weight_changes(stand, names, rules)
    by_figure = figure_changes(stand, line, terms, names, rules)
    return [
        "；".join((_distance(stand, unit, line[unit]), by_weight[unit], by_figure[unit])) + "。"
        if not np.isnan(line[unit])
        else _no_line(stand, unit)
        for unit in range(len(stand.field.codes))
    ]


def barred_changes(
    stand: Standing, kinds: pl.Series, cities: pl.Series, missed: dict[str, list[str]]
) -> dict[str, str]:
    """For each unit that misses a gate: what it misses, and whether its score would then do. kinds, cities: of all candidates."""
    texts = {}
    for unit, code in enumerate(stand.pool.units):
        if code in missed:
            score = float(stand.score[unit])
            texts[code] = (
                "须先消除下列情形："
                + "；".join(missed[code])
                + "。"
                + _were_it_eligible(stand, score, kinds[unit], cities[unit])
            )
    return texts


def lines(stand: Standing) -> Floats:
    """For each eligible unit the score that it must beat, or that must not beat it; NaN where there is none.

    For one that is not chosen: of the unit that took the last seat of its kind, or the last place of its city, whichever came first.
    For one that is chosen: of the unit that would take it, were this one not there.
    """
    field, choice, score = stand.field, stand.choice, stand.score[stand.may]
    line = np.full(len(field.codes), NO_LINE)
    for unit in range(len(line)):
        run, order = choice, choice.order
        if choice.chosen[unit]:
            order = choice.order[choice.order != unit]
            run = choose(field, order)
        full = min(run.kind_full[field.kind[unit]], run.city_full[field.city[unit]])
        if 0 < full < NEVER:
            line[unit] = score[order[full - 1]]
    return line


def weight_changes(stand: Standing, names: Names, rules: Selection) -> list[str]:
    """For each eligible unit the smallest change of one dimension's weight that turns its choice, the others in proportion."""
    weights = dimension_weights(rules.scoring.weights)
    tries = _tries(weights)
    scores = stand.pool.scores[stand.may]
    totals = np.empty((len(tries), len(scores)))
    for row, tried in enumerate(tries):
        totals[row] = np.round(aggregate(scores, tried.weights), DIGITS)
    turned = np.stack(
        [choose(stand.field, order).chosen != stand.choice.chosen for order in in_order(totals)]
    )
    first = np.where(turned.any(axis=0), turned.argmax(axis=0), -1)
    return [
        _weight_zh(tries[place], weights, bool(stand.choice.chosen[unit]), names.dimensions) if place >= 0 else
        f"任一维度的权重单独怎样调整都{'入选' if stand.choice.chosen[unit] else '不能入选'}"
        for unit, place in enumerate(first.tolist())
    ]  # fmt: skip


@dataclass(frozen=True)
class _Try:
    dimension: int
    weight: float
    weights: Floats


def _tries(weights: Floats) -> list[_Try]:
    """Every change by whole percentage points of one dimension's weight, the smallest first; the others keep their proportion."""
    tries = []
    for place, old in enumerate(weights):
        others = 1 - old
        for new in np.arange(0, 1 + STEP / 2, STEP):
            if abs(new - old) > STEP / 2 and others > 0:
                changed = weights * (1 - new) / others
                changed[place] = new
                tries.append(_Try(place, float(new), changed))
    return sorted(
        tries,
        key=lambda tried: (
            round(abs(tried.weight - weights[tried.dimension]), 4),
            tried.dimension,
            tried.weight,
        ),
    )


def _weight_zh(tried: _Try, weights: Floats, chosen: bool, dimensions: Mapping[str, str]) -> str:
    old, new = (f"{round(weight * 100, 2):g}%" for weight in (weights[tried.dimension], tried.weight))
    moved = "提高" if tried.weight > weights[tried.dimension] else "降低"
    name = dimensions[DIMENSIONS[tried.dimension]]
    return f"{name}权重由{old}{moved}到{new}（其余按比例调整）时{'落选' if chosen else '可以入选'}"


def _distance(stand: Standing, unit: int, line: float) -> str:
    gap = abs(float(stand.score[stand.may[unit]]) - line)
    if stand.choice.chosen[unit]:
        return f"得分比落选线高{in_points(gap)}分" if gap > 0 else "得分与落选线相同，按并列规则入选"
    return f"得分比入选线低{in_points(gap)}分" if gap > 0 else "得分与入选线相同，按并列规则未入选"


def _no_line(stand: Standing, unit: int) -> str:
    if stand.choice.chosen[unit]:
        return "本类名额没有用完，各项条件满足即入选。"
    return "本类没有名额，增加名额后才能入选。"


def _were_it_eligible(stand: Standing, score: float, kind: str, city: str) -> str:
    """What the score of a unit that misses a gate would do, were it not for the gate."""
    if np.isnan(score):
        return ""
    order = stand.choice.order
    ahead = stand.score[stand.may[order]] >= score
    place = int(ahead.sum())
    fields = stand.field
    k = fields.kinds.index(kind) if kind in fields.kinds else None
    rank = 1 + int((ahead & (fields.kind[order] == k)).sum()) if k is not None else 1
    full = min(
        stand.choice.kind_full[k] if k is not None else NEVER,
        stand.choice.city_full[fields.cities.index(city)] if city in fields.cities else NEVER,
    )
    return f"届时按得分排同类第{rank}名，" + ("可以入选。" if place < full else "仍不能入选。")


def figure_changes(
    stand: Standing, line: Floats, terms: pl.DataFrame, names: Names, rules: Selection
) -> list[str]:
    """For each eligible unit the smallest change of one indicator that turns its choice: of its attainment, so of the heaviest that can."""
    pool = stand.pool.at(stand.may)
    worth = 100 * pool.shares(dimension_weights(rules.scoring.weights))
    gap = np.abs(stand.score[stand.may] - line)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(worth > 0, gap / worth + BEYOND, np.inf)
    room = np.where(stand.choice.chosen[:, None], pool.attainment, 1 - pool.attainment)
    enough = pool.calculated & (change < room)
    best = (
        np.where(enough, change, np.inf).argmin(axis=1)
        if pool.indicators
        else np.zeros(len(pool.units), dtype=np.int64)
    )
    can = enough.any(axis=1) & ~np.isnan(line)
    told = _figures(
        pool.units,
        pool.indicators,
        best,
        can,
        np.take_along_axis(change, best[:, None], 1)[:, 0],
        stand.choice.chosen,
        terms,
        names,
    )
    none = ("没有哪一项指标单独下降会使其落选", "没有哪一项指标单独提高到标准就能入选")
    return [
        told.get(code) or none[0 if chosen else 1]
        for code, chosen in zip(pool.units, stand.choice.chosen, strict=True)
    ]


def _figures(
    units: tuple[str, ...], indicators: tuple[str, ...], best: Ints, can: Bools, change: Floats, chosen: Bools, terms: pl.DataFrame, names: Names
) -> dict[str, str]:  # fmt: skip
    """The sentence of each unit that has such an indicator."""
    moved = pl.DataFrame(
        {
            "unit_code": pl.Series(units, dtype=pl.String), "indicator": pl.Series([indicators[place] for place in best.tolist()], dtype=pl.String),
            "change": change, "chosen": chosen,
        }
    ).filter(pl.Series(can))  # fmt: skip
    rows = moved.join(terms, on=["unit_code", "indicator"]).join(
        names.indicators.select("indicator", "label_zh", "unit"), on="indicator"
    )
    return {row["unit_code"]: _figure_zh(**row) for row in rows.iter_rows(named=True)}


def _figure_zh(
    *, label_zh: str, unit: str, change: float, chosen: bool, attainment: float, value: float, standard: object, due_share: float,
    direction: str, denominator: object, **_: object,
) -> str:  # fmt: skip
    needed = attainment - change if chosen else attainment + change
    ends = "落选" if chosen else "可以入选"
    if standard is None:
        moved = "降到" if chosen else "升到"
        return f"“{label_zh}”优于同类单位的比例由{attainment:.0%}{moved}{cut_up(needed * 100, not chosen, 0)}%时{ends}"
    target = float(standard) * due_share  # type: ignore[arg-type]
    wanted = target * needed if direction == "higher" else target / needed if needed else np.inf
    # away from where it stands now, so that the figure shown is enough
    upwards = wanted > value
    scale = 100 if unit == "%" else 1
    shown = cut_up(wanted * scale, upwards, 0 if unit != "%" and denominator == 1 else 1)
    now = number(rounded(exact(value) * scale))
    return f"“{label_zh}”由{now}{unit}{'升' if upwards else '降'}到{shown}{unit}时{ends}"
