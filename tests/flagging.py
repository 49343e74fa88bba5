"""Judged values of a few units as the marts hold them, and the flags that the real SQL makes of them by the catalogue's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.assets.tables import WHOLE
from pipelines.dimensions import dim_indicator, dim_label
from pipelines.flagging import flag_rules, indicator_evidence, miss_levels, trend_levels, with_chance
from pipelines.statistics.proportion import above_standard, below_standard, meets
from pipelines.warehouse import Warehouse, mart_sql, open_warehouse
from pipelines.windows import indicator_periods

NUMBER = pl.Decimal(18, 4)
START, DUE = date(2020, 1, 1), datetime(2026, 6, 1)  # noqa: DTZ001 — the warehouse holds UTC without a zone
UNIT, BRANCH = "S1", "S1-1"
# What is made of the judged values, in the order of the flow.
TABLES = [name for name in WHOLE if name in ("barred", "held_values") or name.startswith(("judged_", "flag"))]
Row = dict[str, Any]

VALUES: dict[str, Any] = {
    "unit_code": pl.String, "period": pl.String, "indicator": pl.String, "numerator": NUMBER, "denominator": NUMBER, "value": pl.Float64,
    "standard": NUMBER, "status": pl.String, "peer_group": pl.String, "peer_median": pl.Float64, "peer_position": pl.String, "n_peers": pl.Int32,
    "p_below": pl.Float64, "due_share": pl.Float64, "direction": pl.String, "stated": pl.Boolean, "compare": pl.String,
}  # fmt: skip
TRENDS: dict[str, Any] = {
    **dict.fromkeys(("unit_code", "indicator", "grain", "point"), pl.String), "value": pl.Float64,
    **dict.fromkeys(("then_centre", "then_lower", "then_upper"), pl.Float64), "then_signal": pl.String, "then_side": pl.String,
}  # fmt: skip
SUBMISSIONS: dict[str, Any] = {
    "submission_id": pl.String, "unit_code": pl.String, "period": pl.String, "version": pl.Int32, "state": pl.String, "counts": pl.Boolean,
    "on_time": pl.Boolean, "received_at": pl.Datetime("us"), "n_block": pl.Int32, "n_explain": pl.Int32,
}  # fmt: skip
GRADES: dict[str, Any] = {
    "submission_id": pl.String, "unit_code": pl.String, "period": pl.String, "points": NUMBER, "gate_points": NUMBER, "grade_zh": pl.String,
    "passes": pl.Boolean, "reason": pl.String,
}  # fmt: skip
SIGNS: dict[str, Any] = dict.fromkeys(("unit_code", "period", "sign"), pl.String)


@dataclass
class Flagged:
    """Rows of flags and of flag_runs."""

    flags: list[Row]
    runs: list[Row]

    def of(self, kind: str, code: str = UNIT) -> dict[str, Row]:
        """A unit's flags of a kind by period; there is at most one a period."""
        found = [f for f in self.flags if (f["kind"], f["unit_code"]) == (kind, code)]
        assert len({f["period"] for f in found}) == len(found)
        return {f["period"]: f for f in found}

    def levels(self, kind: str, code: str = UNIT) -> dict[str, str]:
        return {period: f["level"] for period, f in self.of(kind, code).items()}

    def runs_of(self, kind: str, code: str = UNIT) -> list[tuple[Any, ...]]:
        """since, last_period, times, closed_in, closing."""
        keys = ("since", "last_period", "times", "closed_in", "closing")
        found = (r for r in self.runs if (r["kind"], r["unit_code"]) == (kind, code))
        return sorted(tuple(r[key] for key in keys) for r in found)


@dataclass
class Province:
    """A school with one branch, its city, and whoever else is judged (`S2`, a branch `S2-1`).

    All report in every period, on time and without a fault, unless it is said otherwise of the school.
    """

    catalogue: Catalogue
    periods: Sequence[str]
    values: list[Row] = field(default_factory=list)
    trends: list[Row] = field(default_factory=list)
    signs: list[Row] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    under_gate: frozenset[str] = frozenset()
    n_block: Mapping[str, int] = field(default_factory=dict)
    n_explain: Mapping[str, int] = field(default_factory=dict)
    first_versions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    left_on: date | None = None
    locked: Mapping[str, date] = field(default_factory=dict)
    not_due: frozenset[str] = frozenset()

    def judge(
        self, code: str, period: str, indicator: str, numerator: Decimal | int, denominator: Decimal | int = 1, **other: Any
    ) -> None:  # fmt: skip
        """A value held against the indicator's own standard, as indicator_values would hold it."""
        declared = self.catalogue.indicator[indicator]
        standard = declared.standard_in(Period.parse(period))
        k, n = Decimal(numerator), Decimal(denominator)
        row: Row = {
            "unit_code": code, "period": period, "indicator": indicator, "numerator": k, "denominator": n, "value": float(k / n) if n else None,
            "direction": declared.direction, "due_share": 1.0, "status": "not_applicable", "n_peers": 9, "peer_group": "school:small",
        }  # fmt: skip
        if standard is not None:
            row |= {"standard": standard.value, "compare": standard.compare, "stated": standard.stated}
            if "status" not in other:
                met = meets(k, n, standard.value, standard.compare)
                row["status"] = {True: "met", False: "not_met", None: "not_applicable"}[met]
            if n and declared.is_percentage and k == int(k) and 0 <= k <= n:
                tail = above_standard if standard.compare == "at_most" else below_standard
                row["p_below"] = float(tail(int(k), int(n), standard.value))
        self.values.append(row | other)

    def flagged(self) -> Flagged:
        """What the SQL makes of it."""
        with open_warehouse(None) as warehouse:
            self._fill(warehouse)
            for table in TABLES:
                warehouse.make(table)
                if table == "held_values":
                    misses = warehouse.frame("repeated_misses", mart_sql("repeated_misses"))
                    warehouse.replace("repeated_misses", with_chance(misses))
            order = "order by unit_code, kind, indicator"
            return Flagged(
                warehouse.frame("flags", f"select * from flags {order}, period").to_dicts(),
                warehouse.frame("flag_runs", f"select * from flag_runs {order}, since, closed_in").to_dicts(),
            )

    def _fill(self, warehouse: Warehouse) -> None:
        periods = [Period.parse(period) for period in self.periods]
        rules = (indicator_periods, indicator_evidence, flag_rules, miss_levels, trend_levels)
        for build in rules:
            warehouse.replace(build.__name__, build(self.catalogue, periods))
        warehouse.replace("dim_label", dim_label(self.catalogue))
        warehouse.replace("dim_indicator", dim_indicator(self.catalogue))
        warehouse.replace("dim_unit", self._registry())
        warehouse.replace("dim_period", pl.DataFrame([
            {"period": str(p), "label_zh": p.label_zh, "due_at": DUE, "is_due": str(p) not in self.not_due, "last_day": p.last_day,
             "time_zone": "Asia/Shanghai", "locked_on": self.locked.get(str(p))}
            for p in periods
        ], schema_overrides={"locked_on": pl.Date}))  # fmt: skip
        sent = list(self._submissions())
        warehouse.replace("submissions", _frame(sent, SUBMISSIONS))
        warehouse.replace("grades", _frame(
            [{"submission_id": s["submission_id"], "unit_code": s["unit_code"], "period": s["period"], "gate_points": Decimal(80),
              "points": Decimal("79.99") if low else Decimal(80), "grade_zh": "丁级" if low else "丙级", "passes": not low, "reason": "理由。"}
             for s in sent if s["counts"]
             for low in (s["unit_code"] == UNIT and s["period"] in self.under_gate,)],
            GRADES,
        ))  # fmt: skip
        warehouse.replace("indicator_values", _frame(self.values, VALUES))
        warehouse.replace("trends", _frame(self.trends, TRENDS))
        warehouse.replace("signs", _frame(self.signs, SIGNS))

    @property
    def _codes(self) -> list[str]:
        return sorted({UNIT, BRANCH, "C1", *(row["unit_code"] for row in self.values)})

    def _registry(self) -> pl.DataFrame:
        rows = []
        for code in self._codes:
            is_branch, is_city = "-" in code, code == "C1"
            unit = code.partition("-")[0]
            rows.append(
                {
                    "unit_code": code, "kind": "branch" if is_branch else "city" if is_city else "school",
                    "name": "第一支部" if is_branch else "市教育工委" if is_city else "一小",
                    "parent_code": unit if is_branch else None if is_city else "C1",
                    "valid_from": START, "valid_to": self.left_on if unit == UNIT else None,
                }
            )  # fmt: skip
        return pl.DataFrame(rows, schema_overrides={"parent_code": pl.String, "valid_to": pl.Date})

    def _submissions(self) -> Iterable[Row]:
        whole = {
            "state": "accepted",
            "counts": True,
            "on_time": True,
            "received_at": DUE,
            "n_block": 0,
            "n_explain": 0,
            "version": 1,
        }
        others = [code for code in self._codes if "-" not in code and code != UNIT]
        for period in self.periods:
            for code in others:
                yield {"submission_id": f"{code}{period}", "unit_code": code, "period": period, **whole}
            if period in self.absent or (self.left_on and Period.parse(period).last_day > self.left_on):
                continue
            first = self.first_versions.get(period)
            if first is not None:
                yield {"submission_id": f"S1{period}v1", "unit_code": UNIT, "period": period, **whole, "state": "superseded", "counts": False,
                       "n_block": first[0], "n_explain": first[1]}  # fmt: skip
            yield {
                "submission_id": f"S1{period}", "unit_code": UNIT, "period": period, **whole, "on_time": period not in self.late,
                "n_block": self.n_block.get(period, 0), "n_explain": self.n_explain.get(period, 0), "version": 2 if first else 1,
            }  # fmt: skip


def _frame(rows: Sequence[Row], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
