"""How one answer is drawn, for each kind of the model. Arrays have a row for each branch (one for the unit) and a column for each month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from expectations import Catalogue, Period
from expectations.models.question import Question
from pipelines.sample import model as kinds
from pipelines.sample.lasting import Lasting
from pipelines.sample.sizes import Floats, quarters_since, steady

# What a model unit does better, beyond its quality.
_MODEL_VOLUME, _MODEL_AMOUNT, _MODEL_MISSING = 1.5, 1.15, 0.3
_SURE_FOR_MODELS = 0.9
_WEAK_JITTER = 0.03
_LOWERED, _RAISED = 0.8, 0.05  # how often a falling number falls in a year, and how often it rises after all
_REACHED_SPREAD = 0.08  # of hours between the members of one branch, as a share of the mean


@dataclass(frozen=True)
class Setting:
    """What a draw may look at.

    rng: for this question in this period; lasting: for this question in all periods; quality, weak: columns; size: a size as
    a column, fixed_size: the same for all periods; answer: another answer in a period, in this question's shape.
    """

    catalogue: Catalogue
    question: Question
    unit_kind: str
    period: Period
    columns: int
    rng: np.random.Generator
    lasting: Lasting
    quality: Floats
    weak: NDArray[np.bool_]
    is_model: bool
    season: float
    size: Callable[[str], Floats]
    fixed_size: Callable[[str], Floats]
    answer: Callable[[str, Period], Floats]

    @property
    def rows(self) -> int:
        return len(self.quality)

    def of(self, code: str) -> Floats:
        return self.answer(code, self.period)

    def own_factor(self, spread: float) -> Floats:
        """What always makes this unit or branch do more or less of this: log-normal, cut at two deviations."""
        return np.asarray(np.exp(spread * self.lasting.habit))

    def chance(self, share: float, effect: float) -> Floats:
        """A chance, moved by quality on the logit scale; in a model unit hardly anything is missing."""
        logit = np.log(share / (1 - share)) if 0 < share < 1 else np.inf * (share - 0.5)
        moved = 1 / (1 + np.exp(-(logit + effect * self.quality)))
        return np.asarray(1 - (1 - moved) * (_MODEL_MISSING if self.is_model else 1.0))


@singledispatch
def draw(spec: kinds.Draw, setting: Setting) -> Floats:
    """The answer as numbers, before bounds and rounding; for choices the index of the option."""
    raise TypeError(f"no way to draw {type(spec).__name__}")


@draw.register
def _(spec: kinds.SizeDraw, setting: Setting) -> Floats:
    return setting.size(spec.size)


@draw.register
def _(spec: kinds.VolumeDraw, setting: Setting) -> Floats:
    mean = kinds.by_kind(spec.mean, setting.unit_kind)
    size = setting.size(spec.per)
    factor = setting.own_factor(spec.spread) * np.exp(spec.effect * setting.quality)
    if setting.is_model and spec.effect:
        factor = factor * _MODEL_VOLUME
    least = np.floor(spec.least * size)
    extra = max(mean - spec.least, 0.0) * size * factor * (setting.season if spec.seasonal else 1.0)
    if spec.weak is not None:
        least = np.where(setting.weak, 0.0, least)
        extra = np.where(setting.weak, spec.weak * size, extra)
    sure = setting.is_model and spec.chance >= _SURE_FOR_MODELS
    happens = setting.rng.random((setting.rows, 1)) < (1.0 if sure else spec.chance)
    return np.where(happens, least + _bounded_count(setting, extra), 0.0)


def _bounded_count(setting: Setting, mean: Floats) -> Floats:
    """Counts with this mean that vary less than a Poisson count and have no far tail."""
    trials = np.ceil(2.5 * mean).astype(np.int64) + 1
    shape = (setting.rows, setting.columns)
    return setting.rng.binomial(trials, np.clip(mean / trials, 0, 1), shape).astype(np.float64)


@draw.register
def _(spec: kinds.StockDraw, setting: Setting) -> Floats:
    mean = kinds.by_kind(spec.mean, setting.unit_kind)
    base = mean * setting.fixed_size(spec.per) * setting.own_factor(spec.spread)
    base = np.maximum(base * (1 + spec.effect * setting.is_model), spec.least)
    at = max(0, quarters_since(setting.catalogue, setting.period))
    drifted = setting.lasting.drift[:, [at]]
    if setting.question.type == "decimal":
        return base * (1 + drifted)
    return steady(np.rint(base), drifted).astype(np.float64)


@draw.register
def _(spec: kinds.AmountDraw, setting: Setting) -> Floats:
    heads = np.ones((setting.rows, 1))
    for code in spec.per:
        heads = heads * setting.of(code)
    per_head = spec.mean * setting.own_factor(spec.spread) * np.exp(spec.effect * setting.quality)
    if setting.is_model:
        per_head = per_head * _MODEL_AMOUNT
    if spec.weak is not None:
        per_head = np.where(setting.weak, spec.weak, per_head)
    wobble = np.clip(setting.rng.standard_normal((setting.rows, setting.columns)), -2.5, 2.5)
    per_head = per_head * np.maximum(1 + spec.noise * wobble / np.sqrt(np.maximum(heads, 1)), 0.2)
    if spec.floor is not None:
        per_head = np.where(setting.weak, per_head, np.maximum(per_head, spec.floor))
    season = setting.season if spec.seasonal else 1.0
    return np.ceil(per_head * season * heads / spec.step) * spec.step


@draw.register
def _(spec: kinds.ProductDraw, setting: Setting) -> Floats:
    low, high = spec.sessions
    if setting.season < 1:
        high = max(low, high - 1)
    heads = setting.size(spec.per) * setting.rng.integers(low, high + 1, (setting.rows, setting.columns))
    for code in spec.of:
        heads = heads * setting.of(code)
    return heads


@draw.register
def _(spec: kinds.ShareDraw, setting: Setting) -> Floats:
    whole = setting.of(spec.of)
    chance = setting.chance(spec.share, spec.effect)
    if spec.steady is not None:
        chance = 1 - (1 - chance) * np.sqrt(np.minimum(1.0, setting.size("members") / spec.steady))
    if spec.floor is not None:
        chance = np.maximum(chance, spec.floor)
    if spec.weak is not None:
        chance = np.where(setting.weak, spec.weak + _WEAK_JITTER * setting.lasting.habit, chance)
    if setting.question.type == "decimal":
        return whole * np.clip(chance + 0.02 * setting.rng.uniform(-1, 1, whole.shape), 0, 1)
    return setting.rng.binomial(np.rint(whole).astype(np.int64), chance).astype(np.float64)


@draw.register
def _(spec: kinds.CoverageDraw, setting: Setting) -> Floats:
    whole = setting.of(spec.of)
    is_full = setting.lasting.place < setting.chance(spec.full, spec.effect)
    part = setting.rng.binomial(np.rint(whole).astype(np.int64), spec.share).astype(np.float64)
    answer = np.where(is_full | setting.is_model, whole, np.minimum(part, np.maximum(whole - 1, 0)))
    if spec.weak is not None:
        weak = setting.rng.binomial(np.rint(whole).astype(np.int64), spec.weak).astype(np.float64)
        answer = np.where(setting.weak, weak, answer)
    return answer


@draw.register
def _(spec: kinds.MostlyDraw, setting: Setting) -> Floats:
    options = setting.question.choices
    chance = setting.chance(spec.share, spec.effect)
    if spec.weak is not None:
        chance = np.where(setting.weak, spec.weak, chance)
    counting = [i for i, option in enumerate(options) if option.counts] or [0]
    others = [i for i in range(len(options)) if i not in counting] or counting
    place = setting.lasting.place
    other = np.array(others)[np.rint(place * 1000).astype(np.int64) % len(others)]
    return np.where((place < chance) | setting.is_model, counting[0], other).astype(np.float64)


@draw.register
def _(spec: kinds.ReachedDraw, setting: Setting) -> Floats:
    asked = setting.catalogue.calendar.asked[setting.catalogue.question[spec.amount].asked]
    year, quarter = setting.period.year, setting.period.quarter
    total = sum(
        (setting.answer(spec.amount, Period(year, q)) for q in asked if q <= quarter),
        np.zeros((setting.rows, 1)),
    )
    heads = setting.of(spec.of)
    mean = total / np.maximum(heads, 1)
    deviations = (mean - spec.standard) / np.maximum(_REACHED_SPREAD * mean, 1e-9)
    chance = 1 / (1 + np.exp(-np.clip(1.7 * deviations, -50, 50)))
    return setting.rng.binomial(np.rint(heads).astype(np.int64), chance).astype(np.float64)


@draw.register
def _(spec: kinds.BeyondDraw, setting: Setting) -> Floats:
    other = setting.of(spec.of)
    return np.where(other > 0, other + 1 + _bounded_count(setting, np.full_like(other, spec.mean - 1)), 0.0)


@draw.register
def _(spec: kinds.LastYearDraw, setting: Setting) -> Floats:
    return setting.answer(spec.of, setting.period.shift(-4))


@draw.register
def _(spec: kinds.FallingDraw, setting: Setting) -> Floats:
    value = spec.mean * setting.own_factor(0.25)
    years = setting.period.year - setting.catalogue.calendar.first_period.year + 2
    for u in setting.lasting.yearly(years):
        if u < _LOWERED:
            value = np.floor(value * spec.rate)
        elif u > 1 - _RAISED:
            value = np.floor(value) + 1
    return np.floor(value)


@draw.register
def _(spec: kinds.TextDraw, setting: Setting) -> Floats:
    """The number that goes into the pattern."""
    return np.full((setting.rows, setting.columns), float(setting.lasting.number))
