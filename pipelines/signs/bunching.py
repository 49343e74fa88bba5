"""Figures that crowd just at a standard: over a unit's branches, month by month, or over a city's units."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl

from expectations import Period
from expectations.models.indicator import Indicator
from expectations.models.signs import BunchingTest
from expectations.wording import quoted
from pipelines.exports.figures import rate
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch, Told, rows
from pipelines.signs.words import months_zh, reporters_zh
from pipelines.statistics.patterns import Bunching, bunching
from pipelines.statistics.proportion import least_meeting


def bunching_tests(figures: Figures, test: BunchingTest, period: Period) -> Batch | None:
    """A test for each unit (or city) that has figures; None where the indicator has no standard in force."""
    indicator = figures.catalogue.indicator[test.indicator]
    standard = indicator.standard_in(period)
    if standard is None:
        return None
    exact = Fraction(standard.value)
    found: list[tuple[dict[str, object], Bunching | None, pl.DataFrame]] = []
    groups = _beside(figures.pairs(indicator, figures.window(period, test.quarters)), exact, test, figures)
    for group in groups.partition_by("scope_code", maintain_order=True):
        tested = None
        if int(group["beside"].sum()) >= test.fewest:
            tested = bunching(group["k"], group["n"], exact, test.width, group["rate"])
        found.append((_scope(group.row(0, named=True), test), tested, group))
    least = float(figures.catalogue.signs.attainable)
    judged = [t if t is not None and t.judged and t.least_p <= least else None for _, t, _ in found]
    frame = rows(
        {key: [scope[key] for scope, *_ in found] for key in ("scope_kind", "scope_code", "unit_code", "branch_code", "city_code")}
        | {
            "n": [t.over + t.under if t else 0 for t in judged],
            "statistic": [float(t.over) if t else None for t in judged],
            "p": [t.p if t else None for t in judged],
        }
    )  # fmt: skip

    def tell(row: int) -> Told:
        _, tested, group = found[row]
        assert tested is not None
        names = dict(figures.units.select("unit_code", "name").rows())
        unit = figures.catalogue.question[indicator.numerator.sum[0]].unit
        return _told(tested, group, test, indicator, exact, period, names, unit)

    return Batch("bunching", "poisson_binomial", indicator.numerator.sum[0], frame, tell)


def _scope(row: dict[str, object], test: BunchingTest) -> dict[str, object]:
    is_city = test.over == "city"
    return {
        "scope_kind": test.over, "scope_code": row["scope_code"], "unit_code": None if is_city else row["unit_code"],
        "branch_code": None, "city_code": row["city_code"],
    }  # fmt: skip


def _beside(pairs: pl.DataFrame, standard: Fraction, test: BunchingTest, figures: Figures) -> pl.DataFrame:
    """The pairs by scope, with the least k that meets, whether they lie beside it, and the rate that each is expected at.

    The rate is the group's, or the branch's own where that is higher: a good branch beside weak ones is more often just over.
    """
    sizes = np.unique(pairs["n"].to_numpy()).astype(np.int64)
    least = pl.DataFrame(
        {"n": sizes.astype(np.float64), "least": least_meeting(sizes, standard).astype(np.float64)}
    )
    city = figures.units.select("unit_code", "city_code")
    scope, own = ("unit_code", "branch_code") if test.over == "unit" else ("city_code", "unit_code")
    return (
        pairs.join(least, on="n", how="left", maintain_order="left")
        .join(city, on="unit_code", how="left", maintain_order="left")
        .with_columns(margin=pl.col("k") - pl.col("least"), scope_code=pl.col(scope))
        .with_columns(
            beside=pl.col("margin").is_between(-test.width, test.width, closed="left"),
            rate=pl.max_horizontal(
                (pl.col("k").sum() / pl.col("n").sum()).over("scope_code"),
                (pl.col("k").sum() / pl.col("n").sum()).over("scope_code", own),
            ),
        )
    )  # fmt: skip


def _told(
    tested: Bunching, group: pl.DataFrame, test: BunchingTest, indicator: Indicator, standard: Fraction, period: Period,
    names: dict[str, str], unit: str,
) -> Told:  # fmt: skip
    total = tested.over + tested.under
    facts = (
        f"{months_zh(period, test.quarters)}{reporters_zh(test.over)}{quoted(indicator.label_zh)}紧挨标准（{rate(standard)}）的{total}个数中，"
        f"{tested.over}个刚好达到，{tested.under}个只差{'1' if test.width == 1 else f'不超过{test.width}'}{unit}，"
        f"按{'各支部' if test.over == 'unit' else '各单位'}出席情况，约应有{tested.expected * total:.1f}个刚好达到"
    )
    seen = {
        "standard": str(float(standard)), "expected": round(tested.expected * total, 4),
        "k": group["k"].cast(pl.Int64).to_list(), "n": group["n"].cast(pl.Int64).to_list(), "least": group["least"].cast(pl.Int64).to_list(),
    }  # fmt: skip
    just = group.filter("beside", pl.col("margin") >= 0)
    who = just["branch_code"] if test.over == "unit" else just["unit_code"]
    return Told(facts, "、".join(names[code] for code in who.drop_nulls().unique().sort()), seen)
