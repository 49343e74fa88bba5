"""The smallest change of one indicator that turns a choice: by the score, or by the gate of red flags.

A rise or a fall turns it by the score once the line is passed. A fall of a chosen unit may cost the place earlier: under a standard
whose miss is a red flag, which the gate bars. Falls are compared by how far the figure is from where they begin to count.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import polars as pl

from expectations.models.selection import Selection
from expectations.wording import quoted
from pipelines.exports.figures import exact, number, rounded
from pipelines.selection.pool import Bools, Floats, Ints, Pool, dimension_weights
from pipelines.selection.standing import Standing
from pipelines.selection.words import Names, cut_up

BEYOND = 1e-5  # of an attainment: on the line itself the declared ties decide
NONE = ("没有哪一项指标单独下降会使其落选", "没有哪一项指标单独提高到标准就能入选")


def figure_changes(
    stand: Standing, line: Floats, candidates: pl.DataFrame, terms: pl.DataFrame, names: Names, rules: Selection
) -> list[str]:  # fmt: skip
    """For each eligible unit the smallest change of one indicator, told in words.

    line: of each, NaN where no score turns it; then only the gate is told of, and nothing where it cannot be missed. candidates: all, in
    the order of the pool.
    """
    pool, chosen = stand.pool.at(stand.may), stand.choice.chosen[:, None]
    if not pool.indicators:
        return [NONE[0 if is_chosen else 1] for is_chosen in stand.choice.chosen]
    worth = 100 * pool.shares(dimension_weights(rules.scoring.weights))
    gap = np.abs(stand.score[stand.may] - line)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(worth > 0, gap / worth + BEYOND, np.inf)
    room = np.where(chosen, pool.attainment, 1 - pool.attainment)
    by_score = pool.calculated & (change < room)
    gate = _gate(stand, pool, candidates[stand.may], terms, names, rules)
    by_gate = chosen & gate.bars & (pool.attainment == 1)
    far = np.where(
        by_gate, gate.above, np.where(by_score, change + np.where(chosen, gate.above, 0.0), np.inf)
    )
    best = far.argmin(axis=1)
    at = (np.arange(len(best)), best)
    told = _told(
        _Named(pool.units, [pool.indicators[place] for place in best.tolist()]),
        pl.DataFrame({"change": change[at], "chosen": stand.choice.chosen, "by_gate": by_gate[at], "bars": (chosen & gate.bars)[at]}),
        pl.Series(np.isfinite(far[at])), terms, names,
    )  # fmt: skip
    without = ["" if np.isnan(own) else NONE[0 if is_chosen else 1] for own, is_chosen in zip(line, stand.choice.chosen, strict=True)]  # fmt: skip
    return [told.get(code, otherwise) for code, otherwise in zip(pool.units, without, strict=True)]


class _Gate(NamedTuple):
    """units × indicators. bars: a red flag for this one would be one too many; above: how far a figure is beyond its standard, as a share of it."""

    bars: Bools
    above: Floats


def _gate(
    stand: Standing, pool: Pool, among: pl.DataFrame, terms: pl.DataFrame, names: Names, rules: Selection
) -> _Gate:
    """among: the eligible candidates in the order of the pool."""
    bars, above = np.zeros(pool.attainment.shape, dtype=bool), np.zeros(pool.attainment.shape)
    most = rules.shortlist.gates.red_flags
    known = terms.drop_nulls(["standard", "attainment"]).filter(pl.col("unit_code").is_in(list(pool.units)))
    if known.is_empty():
        return _Gate(bars, above)
    at = _places(known["unit_code"], pool.units), _places(known["indicator"], pool.indicators)
    owed = pl.col("standard").cast(pl.Float64) * pl.col("due_share")
    is_higher, part = pl.col("direction") == "higher", pl.col("value") / owed
    beyond = pl.when(is_higher).then(part - 1).otherwise(1 - part).clip(lower_bound=0)
    # above a standard of 0, all of the figure
    of_nothing = pl.when(is_higher).then(1.0).otherwise(0.0)
    above[at] = known.select(pl.when(owed == 0).then(of_nothing).otherwise(beyond)).to_series().to_numpy()
    if most is None:
        return _Gate(bars, above)
    # who has as many red flags as are allowed; for what is red already, nothing more is raised
    facts = among.select("unit_code", pl.col("red_flags") >= most, pl.col("red_indicators").fill_null(""))
    named = known.join(facts, on="unit_code", maintain_order="left", how="left").join(
        names.indicators.select("indicator", "label_zh"), on="indicator", maintain_order="left", how="left"
    )
    bars[at] = [
        is_red and is_full and quoted(label) not in reds
        for is_red, is_full, reds, label in named.select(
            "red_if_missed", "red_flags", "red_indicators", "label_zh"
        ).iter_rows()
    ]
    return _Gate(bars, above)


def _places(codes: pl.Series, among: tuple[str, ...]) -> Ints:
    where = {code: place for place, code in enumerate(among)}
    return np.array([where[code] for code in codes], dtype=np.int64)


class _Named(NamedTuple):
    units: tuple[str, ...]
    indicators: list[str]


def _told(
    named: _Named, moved: pl.DataFrame, can: pl.Series, terms: pl.DataFrame, names: Names
) -> dict[str, str]:
    """The sentence of each unit that has such an indicator."""
    rows = (
        moved.with_columns(unit_code=pl.Series(named.units, dtype=pl.String), indicator=pl.Series(named.indicators, dtype=pl.String))
        .filter(can)
        .join(terms, on=["unit_code", "indicator"])
        .join(names.indicators.select("indicator", "label_zh", "unit"), on="indicator")
    )  # fmt: skip
    return {row["unit_code"]: _figure_zh(**row) for row in rows.iter_rows(named=True)}


def _figure_zh(
    *, label_zh: str, unit: str, change: float, chosen: bool, by_gate: bool, bars: bool, attainment: float, value: float, standard: object,
    due_share: float, direction: str, denominator: object, **_: object,
) -> str:  # fmt: skip
    what, scale = quoted(label_zh), 100 if unit == "%" else 1
    needed = attainment - change if chosen else attainment + change
    ends = "落选" if chosen else "可以入选"
    if standard is None:
        moved = "降到" if chosen else "升到"
        return (
            f"{what}优于同类单位的比例由{attainment:.0%}{moved}{cut_up(needed * 100, not chosen, 0)}%时{ends}"
        )
    limit = exact(standard) * scale  # type: ignore[arg-type]
    now = f"{number(rounded(exact(value) * scale, (limit,)))}{unit}"
    asked = f"标准（{number(Decimal(standard) * scale)}{unit}）"  # type: ignore[arg-type]
    if by_gate:
        return f"{what}现为{now}，一旦未达到{asked}并构成红色绩效预警，即因不符合资格条件而落选"
    target = float(standard) * due_share  # type: ignore[arg-type]
    wanted = target * needed if direction == "higher" else target / needed if needed else np.inf
    # away from where it stands now, so that the figure shown is enough
    upwards = wanted > value
    shown = cut_up(wanted * scale, upwards, 0 if unit != "%" and denominator == 1 else 1)
    warned = f"（该项现未达到{asked}，构成红色绩效预警的，即不符合资格条件）" if bars else ""
    return f"{what}由{now}{'升' if upwards else '降'}到{shown}{unit}时{ends}{warned}"
