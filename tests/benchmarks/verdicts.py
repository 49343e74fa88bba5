"""What flags and the shortlist say of the planted truth: weak branches, healthy ones, worsening units, model units. Frames in, counts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import polars as pl
from scipy.stats import binom, fisher_exact

from expectations import Catalogue, Period
from pipelines.marts.published import PublishedRun

# Whose share of counts a weak branch is planted with, and tested by.
MEASURE = "study_participation"
JUDGED = ("met", "not_met", "on_pace", "behind")
GRAVE = ("red", "amber")
WITHIN = 2  # judged periods in which a weak branch must be flagged
SURE = 0.9  # the power from which on a branch has evidence at its size
BANDS = (("under 10", 0, 9), ("10 to 50", 10, 50), ("over 50", 51, 10_000))
FLOORS = {"weak": 0.90, "false": 0.02, "models": 0.90}
LEVEL = 0.05  # of the test whether small branches are falsely flagged more than large ones


@dataclass(frozen=True)
class World:
    """What a province's marts hold, and what was planted in it."""

    truth: dict[str, Any]
    units: pl.DataFrame  # unit_code, unit (itself, or the unit above a branch), is_branch, members
    judged: pl.DataFrame  # unit_code, period: there was a judgement on data that pass the gate
    measured: pl.DataFrame  # unit_code, period, numerator, denominator of MEASURE, where judged
    flags: pl.DataFrame
    shortlist: pl.DataFrame
    gates: pl.DataFrame  # kind, gate, passes: of each candidate unit, year and gate

    @classmethod
    def of(cls, truth: dict[str, Any], run: PublishedRun) -> World:
        is_branch = pl.col("kind") == "branch"
        units = run.read("dim_unit").select(
            "unit_code",
            "members",
            unit=pl.when(is_branch).then("parent_code").otherwise("unit_code"),
            is_branch=is_branch,
        )
        passing = run.read("grades").filter("passes").select("period", unit="unit_code")
        values = (
            run.read("indicator_values")
            .filter(pl.col("status").is_in(JUDGED))
            .join(units, on="unit_code")
            .join(passing, on=["unit", "period"], how="semi")
        )
        return cls(
            truth, units, values.select("unit_code", "period").unique(),
            values.filter(pl.col("indicator") == MEASURE).select(
                "unit_code", "period", pl.col("numerator", "denominator").cast(pl.Float64)
            ),
            run.read("flags"), run.read("shortlist"),
            run.read("shortlist_gates").join(run.read("dim_unit").select("unit_code", "kind"), on="unit_code"),
        )  # fmt: skip

    def healthy(self) -> pl.DataFrame:
        """Units and branches of `units` in which no weakness and no sign is planted; a unit that has one weak branch is not healthy."""
        codes = {
            entry["code"].partition("-")[0]
            for part in ("weak_branches", "worsening_units")
            for entry in self.truth[part]
        }
        codes |= {sign["unit_code"] for sign in self.truth["signs"]}
        return self.units.filter(pl.col("unit").is_in(list(codes)).not_())


@dataclass(frozen=True)
class Weak:
    """A planted weak branch: what it attended on the whole, the chance that the test finds that in its first periods, and whether it was flagged."""

    code: str
    share: float
    sizes: tuple[int, ...]
    power: float
    flagged: bool

    @property
    def has_evidence(self) -> bool:
        return self.power >= SURE


def weak_branches(world: World, catalogue: Catalogue) -> list[Weak]:
    """Every planted weak branch that was judged at all."""
    grave = world.flags.filter(pl.col("kind") == "performance", pl.col("level").is_in(GRAVE))
    found = []
    for entry in world.truth["weak_branches"]:
        code, since = entry["code"], entry["since"]
        own = world.measured.filter(pl.col("unit_code") == code, pl.col("period") >= since).sort("period")
        if own.is_empty():
            continue
        first = own.head(WITHIN)
        share = float(own["numerator"].sum() / own["denominator"].sum())
        missed = 1.0
        for period, size in first.select("period", "denominator").iter_rows():
            missed *= 1 - power(int(size), share, period, catalogue)
        flagged = grave.filter(pl.col("unit_code") == code, pl.col("period").is_in(first["period"].to_list()))
        sizes = tuple(int(size) for size in first["denominator"])
        found.append(Weak(code, share, sizes, 1 - missed, not flagged.is_empty()))
    return found


def power(n: int, share: float, period: str, catalogue: Catalogue) -> float:
    """The chance that n at this true share fall so far below the standard that the exact tail is evidence (expectations/flags.yaml)."""
    standard = catalogue.indicator[MEASURE].standard_in(Period.parse(period))
    if standard is None or n == 0:
        return 0.0
    alpha, at = float(catalogue.flags_in(Period.parse(period)).performance.evidence), float(standard.value)
    most = int(binom.ppf(alpha, n, at))
    if binom.cdf(most, n, at) > alpha:
        most -= 1
    return float(binom.cdf(most, n, share)) if most >= 0 else 0.0


@dataclass(frozen=True)
class Band:
    """Healthy branches of a size: how many, the periods in which they were judged, and those of both that were flagged red or amber."""

    name: str
    branches: int = 0
    periods: int = 0
    flagged_branches: int = 0
    flagged_periods: int = 0

    def __add__(self, other: Band) -> Band:
        return Band(
            self.name, self.branches + other.branches, self.periods + other.periods,
            self.flagged_branches + other.flagged_branches, self.flagged_periods + other.flagged_periods,
        )  # fmt: skip

    @property
    def rate(self) -> float:
        return self.flagged_periods / self.periods if self.periods else 0.0


def false_flags(world: World) -> list[Band]:
    """Performance flags on healthy branches of healthy units, by size."""
    grave = (
        world.flags.filter(pl.col("kind") == "performance", pl.col("level").is_in(GRAVE))
        .select("unit_code", "period", flagged=True)
        .unique()
    )
    healthy = world.healthy().filter("is_branch")
    rows = world.judged.join(healthy, on="unit_code").join(grave, on=["unit_code", "period"], how="left")
    bands = []
    for name, low, high in BANDS:
        own = rows.filter(pl.col("members").is_between(low, high))
        hit = own.filter(pl.col("flagged").is_not_null())
        counts = (own["unit_code"].n_unique(), own.height, hit["unit_code"].n_unique(), hit.height)
        bands.append(Band(name, *counts))
    return bands


@dataclass(frozen=True)
class Noise:
    """Flags of a kind on healthy units or branches: the judged periods, and those with such a flag."""

    kind: str
    of: str
    periods: int = 0
    flagged: int = 0

    def __add__(self, other: Noise) -> Noise:
        return Noise(self.kind, self.of, self.periods + other.periods, self.flagged + other.flagged)


def noise(world: World) -> list[Noise]:
    """Trend and peer flags of any level, and grave performance flags, where nothing is planted."""
    rows = world.judged.join(world.healthy(), on="unit_code")
    found = []
    for kind in ("performance", "trend", "peer"):
        levels = GRAVE if kind == "performance" else (*GRAVE, "watch")
        flags = world.flags.filter(pl.col("kind") == kind, pl.col("level").is_in(levels))
        for of, is_branch in (("units", False), ("branches", True)):
            own = rows.filter(pl.col("is_branch") == is_branch)
            found.append(
                Noise(kind, of, own.height, own.join(flags, on=["unit_code", "period"], how="semi").height)
            )
    return found


@dataclass(frozen=True)
class Worsening:
    """A unit that has been worsening since a quarter, or a healthy one watched from the same quarter: quarters until its first new flag, None without any."""

    planted: bool
    quarters: int | None


def worsening(world: World, kinds: Sequence[str] = ("trend", "performance")) -> list[Worsening]:
    """Planted units, and every healthy unit from each of their quarters on: how soon a flag of these kinds that was not there before.

    Trend flags of any level, performance flags red or amber.
    """
    raised = world.flags.filter(
        pl.col("kind").is_in(kinds), (pl.col("kind") == "trend") | pl.col("level").is_in(GRAVE)
    )
    firsts = raised.select("unit_code", "kind", "indicator", "since", "period")
    healthy = world.healthy().filter(pl.col("is_branch").not_())["unit_code"].to_list()
    found = []
    for entry in world.truth["worsening_units"]:
        for code in (entry["code"], *healthy):
            new = firsts.filter(pl.col("unit_code") == code, pl.col("since") >= entry["since"])["period"]
            found.append(
                Worsening(code == entry["code"], _quarters(entry["since"], new.min()) if len(new) else None)
            )
    return found


def _quarters(since: str, until: Any) -> int:
    first, last = Period.parse(since), Period.parse(str(until))
    return (last.year - first.year) * 4 + last.quarter - first.quarter


def models(world: World) -> tuple[int, int]:
    """Planted model units over the years of the list: how many, and how many chosen."""
    codes = [entry["code"] for entry in world.truth["model_units"]]
    own = world.shortlist.filter(pl.col("unit_code").is_in(codes))
    return own.height, own.filter("selected").height


@dataclass(frozen=True)
class Barred:
    """A gate of selection.yaml and a kind of unit: unit-years that were asked, and those that it keeps from the list."""

    gate: str
    kind: str
    asked: int = 0
    barred: int = 0


def barred(worlds: Sequence[World]) -> list[Barred]:
    """Of each gate and kind, over all provinces."""
    rows = pl.concat([world.gates for world in worlds])
    counted = rows.group_by("gate", "kind").agg(asked=pl.len(), barred=pl.col("passes").not_().sum())
    return [Barred(**row) for row in counted.sort("gate", "kind").to_dicts()]


def pooled(parts: Iterable[Sequence[Any]]) -> list[Any]:
    """Counts of several provinces, added up place by place."""
    whole: list[Any] = []
    for part in parts:
        whole = [a + b for a, b in zip(whole, part, strict=True)] if whole else list(part)
    return whole


def small_are_flagged_more(small: Band, large: Band) -> float:
    """The chance of so many falsely flagged small branches, if they were flagged as often as large ones: Fisher's exact test, one-sided.

    Of branches, not of their periods: what one branch lacks, it lacks in many quarters.
    """
    table = [
        [small.flagged_branches, small.branches - small.flagged_branches],
        [large.flagged_branches, large.branches - large.flagged_branches],
    ]
    return float(fisher_exact(table, alternative="greater").pvalue)


def missed_floors(weak: Sequence[Weak], bands: Sequence[Band], chosen: tuple[int, int]) -> list[str]:
    """Each floor that is missed, in words; one that nothing could be held against is missed too."""
    missed = []
    sure = [branch for branch in weak if branch.has_evidence]
    share = sum(branch.flagged for branch in sure) / len(sure) if sure else 0.0
    if share < FLOORS["weak"]:
        missed.append(
            f"weak branches with evidence at their size: {share:.3f} flagged, under {FLOORS['weak']}"
        )
    missed += [
        f"healthy branches {band.name} members: {band.rate:.4f} falsely flagged, over {FLOORS['false']}"
        for band in bands
        if band.rate > FLOORS["false"] or not band.periods
    ]
    p = small_are_flagged_more(bands[0], bands[-1])
    if bands[0].rate > bands[-1].rate and p < LEVEL:
        missed.append(f"branches under 10 members are falsely flagged more than those over 50 (p = {p:.4f})")
    units, listed = chosen
    if not units or listed / units < FLOORS["models"]:
        missed.append(f"model units: {listed} of {units} on the list, under {FLOORS['models']}")
    return missed


def spread(found: Sequence[Worsening]) -> str:
    """How many were found, and after how many quarters."""
    quarters = sorted(entry.quarters for entry in found if entry.quarters is not None)
    if not found:
        return "none"
    within = sum(q < 4 for q in quarters), sum(q < 8 for q in quarters)
    middle = (
        f", after {median(quarters):.0f} quarters in the middle, {quarters[-1]} at most" if quarters else ""
    )
    return f"{len(quarters)} of {len(found)}{middle}; within a year {within[0] / len(found):.2f}, within two {within[1] / len(found):.2f}"
