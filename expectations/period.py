"""The quarter as a value: parsing, order, neighbours, months and Chinese names. No calendar rules (those are data)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_CODE = re.compile(r"([12]\d{3})Q([1-4])", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1000, 2999  # that a code can name
_QUARTER_ZH = ("一", "二", "三", "四")


@dataclass(frozen=True, order=True)
class Period:
    """One reporting period, `2025Q3`: a calendar quarter."""

    year: int
    quarter: int

    @classmethod
    def parse(cls, code: str) -> Period:
        """Read `2025Q3`. Raises ValueError, in Chinese, for anything else."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(f"“{code}”不是报告期；应为年份加季度，例如2025Q3。")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    @property
    def label_zh(self) -> str:
        return f"{self.year}年第{_QUARTER_ZH[self.quarter - 1]}季度"

    @property
    def months(self) -> tuple[int, int, int]:
        """The months of the year that the quarter holds, 1 to 12."""
        first = 3 * self.quarter - 2
        return (first, first + 1, first + 2)

    @property
    def first_day(self) -> date:
        return date(self.year, self.months[0], 1)

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.next().first_day.toordinal() - 1)

    def next(self) -> Period:
        return self.shift(1)

    def previous(self) -> Period:
        return self.shift(-1)

    def shift(self, quarters: int) -> Period:
        """The period that many quarters later (earlier where negative)."""
        index = self.year * 4 + self.quarter - 1 + quarters
        return Period(index // 4, index % 4 + 1)

    def to(self, last: Period) -> list[Period]:
        """All periods from this one to `last`, both included; empty where `last` is earlier."""
        span = (last.year - self.year) * 4 + last.quarter - self.quarter
        return [self.shift(i) for i in range(span + 1)]
