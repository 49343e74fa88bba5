"""The figures that tests of a quarter look at: usable answers of counted versions, of this quarter and of those before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from expectations import Catalogue, Period
from expectations.models.indicator import Indicator
from pipelines.warehouse import Warehouse

_LONGEST = 8  # quarters that any declaration may take together
PAIR = ["unit_code", "branch_code", "period", "month", "k", "n"]


@dataclass
class Figures:
    """Reads what is asked for once: `units` (dim_unit), and the figures of a period by question."""

    warehouse: Warehouse
    catalogue: Catalogue
    periods: list[Period]  # known ones, in order
    _cells: dict[Period, pl.DataFrame] = field(default_factory=dict)
    _units: pl.DataFrame | None = None

    @property
    def units(self) -> pl.DataFrame:
        """unit_code, name, kind, city_code, city, parent_code of every unit and branch."""
        if self._units is None:
            self._units = self.warehouse.frame(
                "signs", "select unit_code, name, kind, city_code, city, parent_code from dim_unit order by unit_code"
            )  # fmt: skip
        return self._units

    def window(self, period: Period, quarters: int) -> list[Period]:
        """The last `quarters` known periods up to this one."""
        return [p for p in self.periods if period.shift(1 - quarters) <= p <= period]

    def cells(self, period: Period) -> pl.DataFrame:
        """unit_code, branch_code, question, month, value of all usable answers to the questions that any sign looks at."""
        if period not in self._cells:
            self._cells[period] = self._read(period)
        return self._cells[period]

    def forget(self, period: Period) -> None:
        """Let go of what no later quarter looks back at."""
        for old in [p for p in self._cells if p < period.shift(-_LONGEST)]:
            del self._cells[old]

    def of(self, question: str, periods: Iterable[Period]) -> pl.DataFrame:
        """unit_code, branch_code, period, month, value of one question in these periods."""
        parts = [
            self.cells(p).filter(pl.col("question") == question).with_columns(period=pl.lit(str(p)))
            for p in periods
        ]
        return pl.concat(parts).select("unit_code", "branch_code", "period", "month", "value")

    def pairs(self, indicator: Indicator, periods: Iterable[Period]) -> pl.DataFrame:
        """PAIR: numerator k and denominator n above 0, where both are usable; in order of unit, branch, period and month."""
        window = list(periods)
        key = ["unit_code", "branch_code", "period", "month"]
        numerator, denominator = indicator.numerator.sum[0], indicator.denominator.sum[0]
        of = self.of(denominator, window).rename({"value": "n"})
        joined = self.of(numerator, window).rename({"value": "k"}).join(of, on=key, nulls_equal=True)
        return joined.filter(pl.col("n") > 0, pl.col("k") <= pl.col("n")).sort(key).select(PAIR)

    def arrivals(self, period: Period) -> pl.DataFrame:
        """unit_code, place: in which order the units' versions that count came: those that hold the figures."""
        return self.warehouse.frame(
            "signs",
            "select unit_code, row_number() over (order by received_at, unit_code) as place from submissions "
            "where period = ? and counts order by unit_code",
            [str(period)],
        )

    def asked_already(self, period: Period) -> list[str]:
        """Units whose counted version has a finding about its whole ledger."""
        rows = self.warehouse.run(
            "signs",
            "select distinct s.unit_code from submissions s join findings_found g using (submission_id) "
            "where s.counts and s.period = ? and list_contains(?::varchar[], g.rule) order by 1",
            [str(period), list(self.catalogue.signs.copied_rows.already_asked)],
        )
        return [row[0] for row in rows]

    def places(
        self, period: Period, unit_code: str
    ) -> dict[tuple[str, str | None, int | None], tuple[str, str]]:
        """Sheet and cell of each of the unit's counted answers: (question, branch, month) → (sheet, cell)."""
        rows = self.warehouse.run(
            "signs",
            "select question, branch_code, month, sheet, cell from answers_read join submissions s using (submission_id) "
            "where s.counts and s.period = ? and s.unit_code = ?",
            [str(period), unit_code],
        )  # fmt: skip
        return {(question, branch, month): (sheet, cell) for question, branch, month, sheet, cell in rows}

    def _read(self, period: Period) -> pl.DataFrame:
        return self.warehouse.frame(
            "signs",
            "select unit_code, branch_code, question, month, value::double as value from cells "
            "where period = ? and list_contains(?::varchar[], question) and lacking is null and value is not null "
            "order by unit_code, branch_code nulls first, question, month nulls first",
            [str(period), sorted(self._questions())],
        )

    def _questions(self) -> set[str]:
        signs, indicator = self.catalogue.signs, self.catalogue.indicator
        named = {code for test in signs.bunching.tests for code in indicator[test.indicator].questions}
        named |= {code for test in signs.too_constant.tests for code in indicator[test.indicator].questions}
        for test in signs.digit_preference.tests:
            named |= set(indicator[test.indicator].questions if test.indicator else [test.question or ""])
        return named | set(signs.copied_rows.questions)
