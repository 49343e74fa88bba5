"""What stands behind one number: how it is made, the answers that it rests on with their cells, and, where there is none, why.

The dashboard's 数字来源 and `sanxing trace` both read through here. Words for the eye are elsewhere; errors are sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from expectations.period import Period
from pipelines.marts.lookup import UnknownCode, holder, near, period_row
from pipelines.marts.published import PublishedRun

Row = dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """One indicator of one unit or branch in one period.

    holder: its row of dim_unit, with `unit_code` of the unit that submits under `submits`; period: its row of dim_period;
    indicator: its row of dim_indicator in the version in force; clause: its row of dim_clause; terms: as `terms` gives them;
    value: its row of indicator_values, None where there is none; absence: why there is no value, in Chinese, None where there is one;
    unreported: the periods that the number needs and that the unit has not reported; obstacles: what was found at the cells
    that it needs, as the clerk reads it; answers: as `answers_behind` gives them.
    """

    holder: Row
    period: Row
    indicator: Row
    clause: Row
    terms: pl.DataFrame
    value: Row | None
    absence: str | None
    unreported: Sequence[str]
    obstacles: Sequence[str]
    answers: pl.DataFrame


def trace(run: PublishedRun, code: str, period: str, indicator: str) -> Trace:
    """Follow an indicator of a unit or branch to its cells. Raises UnknownCode, with near codes, for what the run does not hold."""
    who, when = holder(run, code), period_row(run, period)
    known = in_force(run, period).collect()
    found = known.filter(pl.col("indicator") == indicator)
    if found.is_empty():
        names = dict(known.sort("indicator").select("indicator", "label_zh").rows())
        raise UnknownCode(
            f"没有代码为“{indicator}”的指标。{near(indicator, names)}指标代码见看板“条款与指标”页。"
        )
    entry = found.row(0, named=True)
    clause = run.scan("dim_clause").filter(pl.col("clause") == entry["clause"]).collect().row(0, named=True)
    unit, branch = who["submits"], code if who["kind"] == "branch" else None
    values = (
        run.scan("indicator_values")
        .filter(pl.col("unit_code") == code, pl.col("period") == period, pl.col("indicator") == indicator)
        .collect()
    )
    value = values.row(0, named=True) if values.height else None
    sources = _sources(run, period, indicator).collect()
    has_value = value is not None and value["value"] is not None
    is_stopped = value is not None and value["status"] == "not_calculable"
    return Trace(
        who,
        when,
        entry,
        clause,
        terms(run, indicator),
        value,
        None if has_value else _absence(value, who, Period.parse(period), entry, clause, sources),
        _unreported(run, unit, sources) if is_stopped else [],
        _obstacles(run, unit, branch, sources) if is_stopped else [],
        answers_behind(run, unit, branch, period, indicator),
    )


def in_force(run: PublishedRun, period: str) -> pl.LazyFrame:
    """One row an indicator: its columns in the version in force at the end of the period (its first version where none was yet)."""
    starts = pl.col("effective_from")
    days = starts.to_physical()
    return (
        run.scan("dim_indicator")
        .sort(pl.when(starts <= Period.parse(period).last_day).then(days).otherwise(-days))
        .unique("indicator", keep="last", maintain_order=True)
    )


def terms(run: PublishedRun, indicator: str) -> pl.DataFrame:
    """How the indicator is made.

    Side, operation, question and the question's Chinese label, numerator first, what is taken away last.
    """
    labels = run.scan("dim_question").select("question", "label_zh", question_unit="unit")
    return (
        run.scan("dim_indicator_question")
        .filter(pl.col("indicator") == indicator)
        .join(labels, on="question", how="left")
        .sort(pl.col("side") != "numerator", pl.col("operation") == "minus", "question")
        .collect()
    )


def answers_behind(
    run: PublishedRun, unit: str, branch: str | None, period: str, indicator: str
) -> pl.DataFrame:
    """The answers that the number rests on: of the periods that the indicator takes them from, in the versions that count.

    A branch that has left the registry by the end of `period` is in no figure of it, whatever it reported before.
    period, question, label_zh, sides (numerator, denominator or both, joined by a comma), branch_code, branch, month, value, text,
    raw, explanation, submission_id, file, version, state, received_at, sheet, cell.
    """
    asked = (
        _sources(run, period, indicator)
        .group_by("question", period="source_period")
        .agg(sides=pl.col("side").unique().sort(descending=True).str.join(","))
        .join(run.scan("dim_question").select("question", "label_zh"), on="question")
    )
    used = (
        run.scan("submissions")
        .filter(pl.col("unit_code") == unit, pl.col("counts"))
        .select("submission_id", "file", "version", "state", "received_at")
    )
    last_day = Period.parse(period).last_day
    stays = pl.col("valid_to").is_null() | (pl.col("valid_to") >= last_day)
    names = (
        run.scan("dim_unit")
        .filter(pl.col("parent_code") == unit, pl.col("valid_from") <= last_day, stays)
        .select(branch_code="unit_code", branch="name")
    )
    chosen = pl.lit(True) if branch is None else pl.col("branch_code") == branch
    return (
        run.scan("answers")
        .filter(pl.col("unit_code") == unit, chosen)
        .join(used, on="submission_id")
        .join(asked, on=["question", "period"])
        .join(names, on="branch_code", how="left")
        .filter(pl.col("branch_code").is_null() | pl.col("branch").is_not_null())
        .sort(
            "period",
            "question",
            "branch_code",
            "month",
            descending=[True, False, False, False],
            nulls_last=True,
        )
        .collect()
    )


def _sources(run: PublishedRun, period: str, indicator: str) -> pl.LazyFrame:
    """side, question and source_period of the indicator in the period."""
    return (
        run.scan("indicator_sources")
        .filter(pl.col("indicator") == indicator, pl.col("period") == period)
        .select("side", "question", "source_period")
    )


def _absence(
    value: Row | None, who: Row, period: Period, indicator: Row, clause: Row, sources: pl.DataFrame
) -> str:
    """Why there is no value. The mart's own reason where it gives one."""
    if value is not None and value["reason"]:
        return str(value["reason"])
    if who["valid_from"] > period.last_day or (who["valid_to"] and who["valid_to"] < period.last_day):
        return f"{who['name']}在{period.label_zh}末不在名册中，本期不计算"
    if who["kind"] == "branch" and indicator["grain"] != "branch":
        return f"该指标按单位计算，不按支部计算，请查所属单位{who['submits']}"
    if sources.is_empty():
        return "本期不填报，到期再评价"
    if not {who["submitter_kind"], "branch", "private_school"} & set(clause["who"].split(",")):
        return f"条款{clause['clause']}不由这类单位落实，不填报相关指标项"
    return "名册中没有应填报相关指标项的单位或支部"


def _unreported(run: PublishedRun, unit: str, sources: pl.DataFrame) -> list[str]:
    """The periods whose answers are taken and of which the unit has sent nothing that can be read."""
    sent = (
        run.scan("submissions")
        .filter(pl.col("unit_code") == unit, pl.col("counts"))
        .select("period")
        .collect()
    )
    return sorted(set(sources["source_period"]) - set(sent["period"]))


def _obstacles(run: PublishedRun, unit: str, branch: str | None, sources: pl.DataFrame) -> list[str]:
    """What keeps answers from being used, in the versions that count: at the cells that are asked for, or of the whole file or row."""
    counting = run.scan("submissions").filter(pl.col("unit_code") == unit, pl.col("counts"))
    stops = (pl.col("severity") == "block") | ((pl.col("severity") == "explain") & ~pl.col("explained"))
    concerned = (
        pl.lit(True)
        if branch is None
        else pl.col("branch_code").is_null() | (pl.col("branch_code") == branch)
    )
    return (
        run.scan("findings")
        .filter(stops, concerned)
        .filter(pl.col("period").is_in(sources["source_period"].unique().to_list()))
        .filter(
            pl.col("question").is_null() | pl.col("question").is_in(sources["question"].unique().to_list())
        )
        .join(counting.select("submission_id"), on="submission_id", how="semi")
        .sort("period", "sheet", "cell", "finding_id")
        .collect()["message"]
        .to_list()
    )
