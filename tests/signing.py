"""A province as the tests of signs see it: usable figures of honest branches in a warehouse, and ways to fill some of them in.

Figures are drawn here and not by the sample: a detector is not to be judged by the hand that planted what it looks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from expectations import Catalogue, Period
from pipelines.signs.judge import signs_of
from pipelines.warehouse import open_warehouse

Ints = NDArray[np.int64]
START = datetime(2024, 4, 9)  # noqa: DTZ001 — the warehouse holds UTC without a zone
CITIES = 13
EXPECTED, ATTENDED, MEETINGS, HOURS = "L3.7a", "L3.7b", "L3.6a", "L3.4b"
CENTRE_EXPECTED, CENTRE_ATTENDED = "L3.2a", "L3.2b"


@dataclass
class Fields:
    """Figures of one quarter: expected, attended, meetings of shape (branches, 3); hours (branches); centre group (units)."""

    expected: Ints
    attended: Ints
    meetings: Ints
    hours: NDArray[np.float64]
    centre_expected: Ints
    centre_attended: Ints


@dataclass
class Province:
    """Units with branches, some large; `quarters` are filled by `draw`, and may be changed before `signs` looks at them."""

    units: int
    last: Period
    length: int
    seed: int
    large: float = 0.1
    rate: float = 0.985
    quarters: dict[Period, Fields] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)  # units with a finding about their whole ledger
    blocked: list[int] = field(default_factory=list)  # branches none of whose answers may be used

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        big = np.arange(self.units) < max(1, round(self.units * self.large))
        self.sizes = np.where(big, self.rng.integers(18, 45, self.units), self.rng.integers(2, 8, self.units))
        self.unit = np.repeat(np.arange(self.units), self.sizes)
        self.unit_codes = [f"U{i:05d}" for i in range(self.units)]
        place = np.concatenate([np.arange(size) for size in self.sizes])
        self.branch_codes = [f"{self.unit_codes[u]}-{p:02d}" for u, p in zip(self.unit, place, strict=True)]
        self.members = np.clip(self.rng.lognormal(3.0, 0.55, len(self.unit)), 5, 250).astype(np.int64)
        self.periods = [self.last.shift(i - self.length + 1) for i in range(self.length)]
        # branches differ in how well they attend, and a few are weak
        miss = (1 - self.rate) * np.exp(0.5 * self.rng.standard_normal(len(self.unit)))
        self.chance = np.where(self.rng.random(len(self.unit)) < 0.03, 0.85, 1 - np.minimum(miss, 0.1))
        for period in self.periods:
            self.quarters[period] = self.draw()

    def draw(self) -> Fields:
        """One honest quarter."""
        rng, count = self.rng, len(self.unit)
        moves = rng.random(count) < 0.3
        self.members = np.clip(self.members + moves * rng.integers(-2, 3, count), 4, 400)
        expected = self.members[:, None] * rng.integers(1, 4, (count, 3))
        hours = np.ceil(7.3 * self.members * np.exp(0.06 * rng.standard_normal(count)) * 2) / 2
        centre = rng.integers(7, 14, self.units) * rng.integers(1, 4, self.units)
        return Fields(
            expected,
            rng.binomial(expected, self.chance[:, None]),
            1 + rng.binomial(3, 0.25, (count, 3)),
            hours,
            centre,
            rng.binomial(centre, 0.95),
        )

    def rows_of(self, unit: int) -> Ints:
        return np.flatnonzero(self.unit == unit)

    def bunch(self, unit: int, standard: int = 95) -> None:
        """The unit's branches come about as often as the standard asks; months that nearly meet it are reported as just enough."""
        rows, fields = self.rows_of(unit), self.quarters[self.last]
        expected = fields.expected[rows]
        came = self.rng.binomial(expected, self.rng.uniform(0.91, 0.97, (len(rows), 1)))
        least = -(-standard * expected // 100)
        fields.attended[rows] = np.where((came < least + 2) & (came >= 0.85 * expected), least, came)

    def hold(self, branch: int) -> None:
        """The branch reports one share of those expected, in every month."""
        for fields in self.quarters.values():
            fields.attended[branch] = np.rint(fields.expected[branch] * 0.94)

    def round_off(self, unit: int) -> None:
        """Nearly all of the unit's numbers of persons end in 0 or 5."""
        rows = self.rows_of(unit)
        for fields in self.quarters.values():
            came = fields.attended[rows]
            rounded = np.minimum(5 * ((came + 2) // 5), 5 * (fields.expected[rows] // 5))
            fields.attended[rows] = np.where(
                (came >= 20) & (self.rng.random(came.shape) < 0.9), rounded, came
            )

    def copy(self, rows: Ints, source: Ints, period: Period | None = None) -> None:
        """These branches' rows of the last quarter are those of other branches, or of an earlier period."""
        here, there = self.quarters[self.last], self.quarters[period or self.last]
        for name in ("expected", "attended", "meetings", "hours"):
            getattr(here, name)[rows] = getattr(there, name)[source]

    def cells(self) -> pl.DataFrame:
        """The usable answers as the table `cells` holds them."""
        frame = pl.concat(frame for period in self.periods for frame in self._cells(period))
        codes = [self.branch_codes[branch] for branch in self.blocked]
        lacking = (
            pl.when(pl.col("branch_code").is_in(codes)).then(pl.lit("blocked")).otherwise(pl.col("lacking"))
        )
        return frame.with_columns(lacking=lacking)

    def _cells(self, period: Period) -> list[pl.DataFrame]:
        fields = self.quarters[period]
        unit = np.array(self.unit_codes, dtype=object)[self.unit]
        frames = [
            _frame(unit, self.branch_codes, period, code, month, values[:, i])
            for code, values in (
                (EXPECTED, fields.expected),
                (ATTENDED, fields.attended),
                (MEETINGS, fields.meetings),
            )
            for i, month in enumerate(period.months)
        ]
        frames.append(_frame(unit, self.branch_codes, period, HOURS, None, fields.hours))
        for code, values in (
            (CENTRE_EXPECTED, fields.centre_expected),
            (CENTRE_ATTENDED, fields.centre_attended),
        ):
            frames.append(_frame(self.unit_codes, [None] * self.units, period, code, None, values))
        return frames

    def signs(
        self, catalogue: Catalogue, periods: list[Period] | None = None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The signs and the counts of these periods (the last one)."""
        due = [str(p) for p in periods or [self.last]]
        city = [f"32{1 + i % CITIES:02d}00" for i in range(self.units)]
        units = pl.DataFrame({
            "unit_code": self.unit_codes + self.branch_codes, "name": self.unit_codes + self.branch_codes,
            "kind": ["school"] * self.units + ["branch"] * len(self.unit),
            "city_code": city + [city[u] for u in self.unit], "city": "市", "parent_code": [None] * self.units + [self.unit_codes[u] for u in self.unit],
        })  # fmt: skip
        submissions = pl.concat(
            pl.DataFrame({
                "submission_id": [f"{code}{period}" for code in self.unit_codes], "unit_code": self.unit_codes, "period": str(period),
                "received_at": [START + timedelta(minutes=i) for i in range(self.units)], "state": "accepted", "counts": True,
            })
            for period in self.periods
        )  # fmt: skip
        with open_warehouse(None) as warehouse:
            warehouse.replace("cells", self.cells())
            warehouse.replace("dim_unit", units)
            warehouse.replace("submissions", submissions)
            for unit in self.asked:
                warehouse.run(
                    "findings_found",
                    "insert into findings_found (source, finding_id, submission_id, rule, severity, message) "
                    "values ('history', ?, ?, 'ledger_copied_from_other_unit', 'explain', '')",
                    [str(unit), f"{self.unit_codes[unit]}{self.last}"],
                )
            return signs_of(warehouse, catalogue, self.periods, due)


def _frame(
    units: object, branches: object, period: Period, question: str, month: int | None, values: object
) -> pl.DataFrame:
    return pl.DataFrame(
        {"unit_code": units, "branch_code": branches, "value": np.asarray(values, dtype=np.float64)},
        schema_overrides={"unit_code": pl.String, "branch_code": pl.String},
    ).select(
        "unit_code",
        "branch_code",
        pl.lit(str(period)).alias("period"),
        pl.lit(question).alias("question"),
        pl.lit(month, pl.Int32).alias("month"),
        "value",
        pl.lit(None, pl.String).alias("lacking"),
    )
