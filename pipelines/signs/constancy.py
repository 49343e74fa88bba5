"""A branch's monthly shares that vary less than chance allows."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binom

from expectations import Period
from expectations.models.signs import ConstancyTest
from expectations.wording import quoted
from pipelines.exports.figures import rate
from pipelines.signs.figures import Figures
from pipelines.signs.model import Batch, Told, rows
from pipelines.statistics.attainable import least_of_constancy
from pipelines.statistics.counts import FloatArray
from pipelines.statistics.patterns import too_constant

_BAND = (0.025, 0.975)  # of what chance makes of a month, for the picture


def constancy_tests(figures: Figures, test: ConstancyTest, period: Period) -> Batch:
    """A test for each branch with a figure in this period, by the window that gives the least p, counted as often as there are windows."""
    indicator = figures.catalogue.indicator[test.indicator]
    windows = sorted({len(figures.window(period, quarters)) for quarters in test.quarters})
    longest = figures.window(period, windows[-1])
    pairs = figures.pairs(indicator, longest).filter(pl.col("branch_code").is_not_null())
    now = pairs.filter(pl.col("period") == str(period))
    branches = now.select("unit_code", "branch_code").unique(maintain_order=True)
    k, n = (_wide(pairs, branches, longest, value) for value in ("k", "n"))
    months = [months * 3 for months in windows]
    chi2, p, used = _tested(k, n, months, test.fewest, float(figures.catalogue.signs.attainable))
    city = dict(figures.units.select("unit_code", "city_code").rows())
    frame = rows({
        "scope_kind": ["branch"] * branches.height, "scope_code": branches["branch_code"], "unit_code": branches["unit_code"],
        "branch_code": branches["branch_code"], "city_code": [city.get(code) for code in branches["unit_code"]],
        "n": [(~np.isnan(n[i, -m:])).sum() for i, m in enumerate(used)], "statistic": chi2, "p": p,
    })  # fmt: skip
    labels = [f"{q.year}-{month:02d}" for q in longest for month in q.months]

    def tell(row: int) -> Told:
        there = ~np.isnan(n[row, -used[row] :])
        came, of = k[row, -used[row] :][there], n[row, -used[row] :][there]
        shares = came / of
        facts = (
            f"最近{len(came)}个月{quoted(indicator.label_zh)}各月在{rate(float(shares.min()))}至{rate(float(shares.max()))}之间，"
            "各月之间的变化比偶然波动应有的还小"
        )
        low, high = (binom.ppf(end, of, came.sum() / of.sum()) / of for end in _BAND)
        seen = {
            "low": low.round(6).tolist(), "high": high.round(6).tolist(),
            "months": np.array(labels[-used[row] :])[there].tolist(),
            "k": came.astype(int).tolist(), "n": of.astype(int).tolist(),
        }  # fmt: skip
        return Told(facts, "", seen)

    return Batch("too_constant", "exact_dispersion", indicator.numerator.sum[0], frame, tell)


def _wide(pairs: pl.DataFrame, branches: pl.DataFrame, window: list[Period], value: str) -> FloatArray:
    """A row a branch, a column a month of the window; NaN where there is no figure."""
    column = {(str(q), m): i for i, (q, m) in enumerate((q, m) for q in window for m in q.months)}
    table = np.full((branches.height, len(column)), np.nan)
    row = branches.with_row_index("row").select("branch_code", "row")
    placed = pairs.join(row, on="branch_code", how="inner", maintain_order="left")
    at = [column[key] for key in placed.select("period", "month").rows()]
    table[placed["row"].to_numpy(), at] = placed[value].to_numpy()
    return table


def _tested(
    k: FloatArray, n: FloatArray, windows: list[int], fewest: int, attainable: float
) -> tuple[FloatArray, FloatArray, list[int]]:
    """chi2, p and the window of each row; NaN where no window can be judged."""
    count = len(k)
    chi2, p = np.full(count, np.nan), np.full(count, np.nan)
    used, tried = np.full(count, windows[-1]), np.zeros(count)
    for months in windows:
        here, of = k[:, -months:], n[:, -months:]
        able = (~np.isnan(of)).sum(-1) >= fewest
        able[able] = least_of_constancy(here[able], of[able]) * len(windows) <= attainable
        places = np.flatnonzero(able)
        if not len(places):
            continue
        tested = too_constant(here[places], of[places])
        better = tested.judged & ~(tested.p >= p[places])
        tried[places] += tested.judged
        p[places[better]], chi2[places[better]] = tested.p[better], tested.chi2[better]
        used[places[better]] = months
    return chi2, np.minimum(p * np.maximum(tried, 1), 1.0), used.tolist()
