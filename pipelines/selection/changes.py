"""What would turn a choice: the smallest change of one weight, of one indicator, or the gates that are missed.

A change of a weight is tried out: the whole choice is made anew with it, quotas and limits of cities included. A change of a figure
(figure_changes.py) follows from the line: the score of the last unit of the kind whose turn comes while there is a seat that this unit
could take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from expectations.models.selection import Selection, Shortlist
from pipelines.selection.choose import NEVER, Choice, choose, in_turn, turns_before, without
from pipelines.selection.figure_changes import figure_changes
from pipelines.selection.gates import Gate
from pipelines.selection.pool import DIGITS, DIMENSIONS, Floats, dimension_weights
from pipelines.selection.standing import Standing
from pipelines.selection.words import Names, in_points
from pipelines.statistics.composite import aggregate

STEP = 0.01  # weights are tried by whole percentage points
NO_LINE = np.nan


def eligible_changes(
    stand: Standing, candidates: pl.DataFrame, terms: pl.DataFrame, names: Names, rules: Selection
) -> list[str]:
    """One sentence for each eligible unit, in the order of `stand.field`.

    candidates: the table of that name, in the order of the pool. terms: shortlist_scores without `weight`.
    """
    line = lines(stand)
    by_weight = weight_changes(stand, names, rules)
    by_figure = figure_changes(stand, line, candidates, terms, names, rules)
    return [
        "；".join(
            (_distance(stand, unit, line[unit]), by_weight[unit], by_figure[unit])
            if not np.isnan(line[unit])
            else (_no_line(stand, unit), *([by_figure[unit]] if stand.choice.chosen[unit] else []))
        ).removesuffix("；")
        + "。"
        for unit in range(len(stand.field.codes))
    ]


def barred_changes(
    stand: Standing, candidates: pl.DataFrame, missed: Mapping[str, list[Gate]], rules: Shortlist
) -> dict[str, str]:
    """For each unit that misses a gate: what it misses, what of it is past mending, and whether its score would then do.

    candidates: all, in the order of the pool.
    """
    quotas = {str(kind): quota for kind, quota in rules.quotas.items()}
    texts = {}
    for unit, (code, kind, city) in enumerate(
        candidates.select("unit_code", "kind", "city_code").iter_rows()
    ):
        if code in missed:
            past = [gate.obstacle for gate in missed[code] if gate.is_past]
            mendable = [gate.obstacle for gate in missed[code] if not gate.is_past]
            told = [f"下列情形本年度已无法改变：{'；'.join(past)}。"] if past else []
            told += [f"{'另' if past else ''}须先消除下列情形：{'；'.join(mendable)}。"] if mendable else []
            score = float(stand.score[unit])
            texts[code] = "".join(told) + _were_it_eligible(
                stand, score, kind, city, quotas.get(kind, 0), bool(past)
            )
    return texts


def lines(stand: Standing) -> Floats:
    """For each eligible unit the score that it must beat, or that must not beat it; NaN where there is none.

    It is that of the last unit of its kind whose turn comes before the kind is full and before the city is: were the unit just before
    that one, it would be chosen, and just behind it, not. For one that is chosen: of the choice that would be, were it not there.
    """
    field, score = stand.field, stand.score[stand.may]
    line = np.full(len(field.codes), NO_LINE)
    for unit in range(len(line)):
        run = (
            choose(field, without(field, stand.choice.order, unit))
            if stand.choice.chosen[unit]
            else stand.choice
        )
        if (full := _full(stand, run, unit)) < NEVER:
            turns = np.flatnonzero(field.kind[run.order] == field.kind[unit])
            in_time = turns[turns < full]
            if in_time.size and not _has_turn_even_last(stand, unit, full):
                line[unit] = score[run.order[in_time[-1]]]
    return line


def _has_turn_even_last(stand: Standing, unit: int, full: int) -> bool:
    """Whether the unit's turn would come in time, were it the last of its kind."""
    field, kind = stand.field, stand.field.kind[unit]
    last = int((field.kind == kind).sum())
    return turns_before(field, field.kinds[kind], int(field.quotas[kind]), last) < full


def _full(stand: Standing, run: Choice, unit: int) -> int:
    """After how many turns the unit's kind or its city is full, whichever comes first."""
    return int(min(run.kind_full[stand.field.kind[unit]], run.city_full[stand.field.city[unit]]))


def weight_changes(stand: Standing, names: Names, rules: Selection) -> list[str]:
    """For each eligible unit the smallest change of one dimension's weight that turns its choice, the others in proportion."""
    weights = dimension_weights(rules.scoring.weights)
    tries = _tries(weights)
    scores = stand.pool.scores[stand.may]
    totals = np.empty((len(tries), len(scores)))
    for row, tried in enumerate(tries):
        totals[row] = np.round(aggregate(scores, tried.weights), DIGITS)
    turned = np.stack(
        [choose(stand.field, order).chosen != stand.choice.chosen for order in in_turn(stand.field, totals)]
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
        return "本类名额没有用完，各项条件满足即入选"
    if stand.field.quotas[stand.field.kind[unit]] == 0:
        return "本类单位不设名额，设置名额后才能入选"
    return "本市名额在轮到本类第1名之前已经用完，得分再高也不能入选"


def _were_it_eligible(stand: Standing, score: float, kind: str, city: str, quota: int, is_past: bool) -> str:
    """What the score of a unit that misses a gate would do, were it not for the gate. quota: of its kind."""
    if np.isnan(score):
        return ""
    when = "如无上述情形，" if is_past else "届时"
    if quota == 0:
        return f"{when}仍不能入选：本类单位不设名额。"
    field, choice = stand.field, stand.choice
    peers = field.kinds.index(kind) if kind in field.kinds else -1
    place = 1 + int(((field.kind == peers) & (stand.score[stand.may] >= score)).sum())
    full = min(
        choice.kind_full[peers] if peers >= 0 else NEVER,
        choice.city_full[field.cities.index(city)] if city in field.cities else NEVER,
    )
    can = turns_before(field, kind, quota, place) < full
    return f"{when}按得分排同类第{place}名，" + ("可以入选。" if can else "仍不能入选。")
