"""The flags of a period as a worklist: open at its end or closed in it, narrowed by what a reader chooses.

The board holds codes only, so that a whole province's is remembered and narrowed in milliseconds; the words (names, sentences, evidence) are
read for the rows that are shown or taken along.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from dashboards.queries.flags import RUN, gravity, shown, standing
from dashboards.queries.overview import LEVELS
from dashboards.queries.registry import DIMENSIONS, indicators, policy_order
from pipelines.marts.published import PublishedRun

STANDINGS = ("new", "lasting", "earlier", "closed")


class Choice(NamedTuple):
    """What a reader chooses; an empty text leaves that open. Of standings, none means all that are open.

    about: a dimension or a clause; who: unit or branch; text: a search for names, codes or initials.
    """

    level: str = ""
    kind: str = ""
    unit_kind: str = ""
    city: str = ""
    about: str = ""
    who: str = ""
    standing: str = ""
    text: str = ""


def board(run: PublishedRun, period: str, review: bool = False) -> pl.DataFrame:
    """Each flag that stands open at the end of the period or was closed in it: the gravest first, then the longest running.

    unit_code, kind, level, indicator, clause, since, run_since, times, period (in which it was judged last), standing (one of STANDINGS),
    closing (why, of a closed one), is_branch, unit_kind (of the unit that submits), city_code, dimension (of the clause).
    """
    return (
        _standing_or_closed(run, period, review)
        .join(_registry(run), on="unit_code", how="left")
        .join(run.scan("dim_clause").select("clause", "dimension"), on="clause", how="left")
        .sort(
            gravity(), pl.col("times"), "since", "unit_code", "kind", "clause", "indicator", "run_since",
            descending=[False, True, *[False] * 6], nulls_last=True,
        )
        .collect()
    )  # fmt: skip


def tally(run: PublishedRun, period: str, review: bool = False) -> pl.DataFrame:
    """How many rows the board has, without them: kind, level, standing, count."""
    return (
        _standing_or_closed(run, period, review)
        .group_by("kind", "level", "standing")
        .agg(count=pl.len())
        .sort("kind", "level", "standing")
        .collect()
    )


def sums(tally: pl.DataFrame) -> dict[str, int]:
    """How many rows of each of STANDINGS. tally: as `tally` gives it."""
    found = dict(tally.group_by("standing").agg(pl.col("count").sum()).iter_rows())
    return {name: found.get(name, 0) for name in STANDINGS}


def _standing_or_closed(run: PublishedRun, period: str, review: bool) -> pl.LazyFrame:
    kept = (*RUN, "level", "clause", "since", "times", "period")
    open_ = (
        standing(run, period)
        .select(*kept)
        .with_columns(
            standing=pl.when(pl.col("period") < period)
            .then(pl.lit("earlier"))
            .when(pl.col("times") > 1)
            .then(pl.lit("lasting"))
            .otherwise(pl.lit("new"))
        )
    )
    closed = (
        run.scan("flag_runs")
        .filter(pl.col("closed_in") == period)
        .with_columns(run_since="since", period="last_period", standing=pl.lit("closed"))
        .select(*kept, "standing", "closing")
    )
    return shown(pl.concat([open_, closed], how="diagonal"), review)


def narrowed(known: pl.DataFrame, choice: Choice, found: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows of the board that are asked for, in its order. found: unit_code of those that the text finds."""
    equal = {
        "level": choice.level,
        "kind": choice.kind,
        "unit_kind": choice.unit_kind,
        "city_code": choice.city,
        "standing": choice.standing,
    }
    held = [pl.col(column) == wanted for column, wanted in equal.items() if wanted]
    if not choice.standing:
        held.append(pl.col("standing") != "closed")
    if choice.about:
        held.append(pl.any_horizontal(pl.col("dimension", "clause") == choice.about))
    if choice.who:
        held.append(pl.col("is_branch") == (choice.who == "branch"))
    rows = known.lazy().filter(*held)
    if found is not None:
        rows = rows.join(found.lazy(), on="unit_code", how="semi", maintain_order="left")
    return rows.collect()


def counted(rows: pl.DataFrame) -> dict[str, int]:
    """count, red, amber, watch, units, branches, longest (judged periods running, 0 without any) of some rows of the board."""
    level = [(pl.col("level") == name).sum().alias(name) for name in LEVELS]
    who = pl.col("unit_code")
    (figures,) = rows.select(
        pl.len().alias("count"),
        *level,
        who.filter(~pl.col("is_branch")).n_unique().alias("units"),
        who.filter(pl.col("is_branch")).n_unique().alias("branches"),
        pl.col("times").max().fill_null(0).alias("longest"),
    ).to_dicts()
    return figures


def standings(known: pl.DataFrame) -> dict[str, dict[str, int]]:
    """What `counted` says of each of STANDINGS."""
    return {name: counted(known.filter(pl.col("standing") == name)) for name in STANDINGS}


def distribution(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """group (a kind, most flags first, or a dimension in the policy's order; null where none is known), level, count. by: kind or dimension."""
    counts = rows.group_by(pl.col(by).alias("group"), "level").agg(count=pl.len())
    order = {name: place for place, name in enumerate(DIMENSIONS)}
    policy = pl.col("group").replace_strict(order, default=len(order))
    most = -pl.col("count").cast(pl.Int64).sum().over("group")
    return counts.sort(most if by == "kind" else policy, "group", gravity(), nulls_last=True)


def told(run: PublishedRun, rows: pl.DataFrame, period: str) -> pl.DataFrame:
    """Rows of the board in their order, with words: name, parent_code and parent (of a branch's unit), city, reason, evidence, and label_zh of the indicator."""
    registry = run.scan("dim_unit").select("unit_code", "name", "city", "parent_code")
    above = run.scan("dim_unit").select(parent_code="unit_code", parent="name")
    units, periods = (rows[name].unique().to_list() for name in ("unit_code", "period"))
    is_theirs = pl.col("unit_code").is_in(units)
    judged = run.scan("flags").filter(is_theirs, pl.col("period").is_in(periods))
    placed = rows.lazy().with_row_index("row")
    is_closed = pl.col("standing") == "closed"
    worded = placed.filter(~is_closed).join(
        judged.select(*RUN, "period", "reason", "evidence"),
        on=(*RUN, "period"),
        how="left",
        nulls_equal=True,
    )
    if "closed" in rows["standing"]:
        runs = run.scan("flag_runs").filter(is_theirs).rename({"since": "run_since"})
        closed = placed.filter(is_closed).join(
            runs.select(*RUN, "reason", "evidence"), on=RUN, how="left", nulls_equal=True
        )
        worded = pl.concat([closed, worded])
    return (
        worded.join(registry, on="unit_code", how="left")
        .join(above, on="parent_code", how="left")
        .join(indicators(run, period).select("indicator", "label_zh"), on="indicator", how="left")
        .sort("row")
        .drop("row")
        .collect()
    )


def clauses(run: PublishedRun) -> pl.DataFrame:
    """clause, label_zh and dimension of the policy's clauses, in its order."""
    return run.scan("dim_clause").select("clause", "label_zh", "dimension").sort(policy_order()).collect()


def _registry(run: PublishedRun) -> pl.LazyFrame:
    """Whom a flag is about, in codes: is_branch, unit_kind, city_code."""
    registry = run.scan("dim_unit")
    submits = registry.select(submits="unit_code", unit_kind="kind")
    is_branch = pl.col("kind") == "branch"
    return (
        registry.select(
            "unit_code",
            "city_code",
            is_branch=is_branch,
            submits=pl.when(is_branch).then("parent_code").otherwise("unit_code"),
        )
        .join(submits, on="submits", how="left")
        .drop("submits")
    )
