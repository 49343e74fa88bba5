"""Last digits that are preferred: over a unit's branches, and over a city's units that are too small to be judged alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.signs import DigitTest
from expectations.wording import quoted
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch, Told, rows
from pipelines.statistics.digits import beside_others, chance_of_round, is_round, raised_to
from pipelines.statistics.patterns import digit_preference
from pipelines.statistics.tails import at_least

_DIGITS = [f"d{digit}" for digit in range(10)]


def digit_tests(figures: Figures, test: DigitTest, period: Period) -> Batch | None:
    """A test for each unit and each city with a figure in this period; None in a quarter that does not ask the question."""
    catalogue = figures.catalogue
    indicator = catalogue.indicator[test.indicator] if test.indicator else None
    code = indicator.numerator.sum[0] if indicator else test.question or ""
    question = catalogue.question[code]
    if not question.holds_in(period) or period.quarter not in catalogue.calendar.asked[question.asked]:
        return None
    window = figures.window(period, test.quarters)
    by_branch = (
        figures.pairs(indicator, window) if indicator else figures.of(code, window).rename({"value": "k"})
    )
    tested = _tested(by_branch.filter(pl.col("branch_code").is_not_null()), figures, test, period)
    about = f"最近{test.quarters}个季度{quoted(question.label_zh)}"

    def tell(row: int) -> Told:
        facts = tested.row(row, named=True)
        counts = [int(facts[name]) for name in _DIGITS]
        total, ends = sum(counts), counts[0] + counts[5]
        whose = "规模较小的单位合计" if facts["scope_kind"] == "city" else ""
        which = "且有人缺席的" if indicator else "的不重复的"
        said = f"{whose}{about}不小于{test.least}{which}{total}个数中，末位是0或5的有{ends}个，通常约{facts['expected']:.0f}个"
        if not indicator and facts["by_ends"] is False:
            most = int(np.argmax(counts))
            said = f"{whose}{about}不小于{test.least}{which}{total}个数中，末位分布不均，最多的是{most}（{counts[most]}个），通常每个末位约{total / 10:.0f}个"
        seen = {"counts": counts, "expected": [float(x) for x in facts["expected_by_digit"]]}
        return Told(said, "", seen)

    frame = tested.select(
        "scope_kind", "scope_code", pl.when(pl.col("scope_kind") == "unit").then("scope_code").alias("unit_code"),
        pl.lit(None, pl.String).alias("branch_code"), "city_code", "n", "statistic", "p",
    )  # fmt: skip
    return Batch("digit_preference", "last_digit", code, rows(frame.to_dict(as_series=False)), tell)


def _tested(by_branch: pl.DataFrame, figures: Figures, test: DigitTest, period: Period) -> pl.DataFrame:
    """A row a scope that has a figure in this period: what of its last digits, and how likely that is."""
    of_shares = "n" in by_branch.columns
    if of_shares:  # at the rate of all its months, since those to be looked at are chosen by their size
        branch = pl.col("k").sum().over("branch_code") / pl.col("n").sum().over("branch_code")
        by_branch = by_branch.with_columns(rate=branch)
    usable = _by_scope(by_branch.filter(pl.col("k") >= test.least), figures, test)
    now = usable.filter(pl.col("now") == str(period)).select("scope_kind", "scope_code").unique()
    tested = _given_size(usable, test) if of_shares else _alike(usable, test)
    return tested.join(now, on=["scope_kind", "scope_code"], how="semi", maintain_order="left")


def _by_scope(frame: pl.DataFrame, figures: Figures, test: DigitTest) -> pl.DataFrame:
    """The figures with their scope: the unit where it has enough, else its city; and `now`, the last period that has the figure.

    A branch's figure that comes again in the window counts once: a fixed number is no habit of rounding, and other signs ask about it.
    """
    frame = frame.with_columns(now=pl.col("period"))
    if "n" in frame.columns:
        kept = frame.filter(pl.col("k") < pl.col("n"))
    else:
        key = ["unit_code", "branch_code", "k"]
        last = pl.col("period").max().over(key)
        kept = frame.with_columns(now=last).unique(key, keep="first", maintain_order=True)
    city = figures.units.select("unit_code", "city_code")
    alone = pl.len().over("unit_code") >= test.fewest
    return kept.join(city, on="unit_code", how="left", maintain_order="left").with_columns(
        scope_kind=pl.when(alone).then(pl.lit("unit")).otherwise(pl.lit("city")),
        scope_code=pl.when(alone).then("unit_code").otherwise("city_code"),
        digit=(pl.col("k").floor() % 10).cast(pl.Int64),
    )


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    """A row a scope: scope_kind, scope_code, city_code, n and how many end in each digit."""
    return (
        frame.group_by("scope_kind", "scope_code", maintain_order=True)
        .agg(
            pl.col("city_code").first(),
            pl.len().cast(pl.Int64).alias("n"),
            *((pl.col("digit") == digit).sum().cast(pl.Int64).alias(f"d{digit}") for digit in range(10)),
        )
        .sort("scope_kind", "scope_code")
    )


def _alike(frame: pl.DataFrame, test: DigitTest) -> pl.DataFrame:
    """Against equal frequency and against all other scopes: the larger p of the two, of ends in 0 or 5 and of all digits (either, so twice)."""
    counted = _counted(frame)
    if counted.is_empty():
        return _none(counted)
    counts = counted.select(_DIGITS).to_numpy()
    beside = beside_others(counts, counts.sum(0) - counts)
    p, by_ends = np.full(len(counts), np.nan), np.zeros(len(counts), dtype=bool)
    for i in np.flatnonzero(counts.sum(1) >= test.fewest):
        own = digit_preference(np.repeat(np.arange(10) + 1000, counts[i]))
        ends, all_digits = max(own.round_p, _known(beside.round_p[i])), max(own.p, _known(beside.p[i]))
        if own.judged:
            p[i], by_ends[i] = min(1.0, 2 * min(ends, all_digits)), ends <= all_digits
    return _with(
        counted,
        counts[:, 0] + counts[:, 5],
        p,
        counts.sum(1) * 0.2,
        by_ends,
        [[n / 10] * 10 for n in counts.sum(1)],
    )


def _given_size(frame: pl.DataFrame, test: DigitTest) -> pl.DataFrame:
    """Counts of persons where somebody was missing, against what each branch's size and rate lead one to expect, and what all branches do."""
    if frame.is_empty():
        return _none(_counted(frame))
    chance = chance_of_round(frame["n"].to_numpy(), frame["rate"].to_numpy(), test.least)
    ends = is_round(frame["k"].to_numpy(), frame["n"].to_numpy())
    known = frame.with_columns(chance=raised_to(chance, int(ends.sum())), round=ends)
    counted = _counted(known)
    parts = known.group_by("scope_kind", "scope_code").agg("chance", "round").sort("scope_kind", "scope_code")
    p, expected, shape = [], [], []
    for chances, rounds in parts.select("chance", "round").iter_rows():
        total = float(np.sum(chances))
        enough = len(chances) >= test.fewest
        p.append(float(at_least(chances)[int(sum(rounds))]) if enough else np.nan)
        expected.append(total)
        shape.append([total / 2 if digit in (0, 5) else (len(chances) - total) / 8 for digit in range(10)])
    statistic = [sum(rounds) for rounds in parts["round"]]
    return _with(counted, statistic, p, expected, [True] * len(p), shape)


def _with(
    counted: pl.DataFrame, statistic: Any, p: Any, expected: Any, by_ends: Any, shape: Any
) -> pl.DataFrame:
    return counted.with_columns(
        pl.Series("statistic", statistic, dtype=pl.Float64, strict=False), pl.Series("p", p, dtype=pl.Float64),
        pl.Series("expected", expected, dtype=pl.Float64), pl.Series("by_ends", by_ends, dtype=pl.Boolean),
        pl.Series("expected_by_digit", shape, dtype=pl.List(pl.Float64)),
    )  # fmt: skip


def _none(counted: pl.DataFrame) -> pl.DataFrame:
    return _with(counted, [], [], [], [], [])


def _known(p: float) -> float:
    """Where there are no others to compare with, they say nothing."""
    return 0.0 if np.isnan(p) else float(p)
