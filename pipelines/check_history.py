"""What was published, as the base tables that the rules about history and the search for outliers ask; and one file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from expectations import Catalogue, Period
from expectations.models.rule import OUTLIER_RULES
from pipelines.dimensions import dim_period, dim_question, dim_unit
from pipelines.intake.reading import Reading
from pipelines.marts.published import PublishedRun
from pipelines.reading_frames import FINDING_SCHEMA, Sent
from pipelines.registry.model import Registry
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.warehouse import Warehouse

_FILE = ["submission_id", "unit_code", "period", "file", "stored_as", "sha256", "received_at"]


@dataclass(frozen=True)
class Own:
    """The file that is checked: its reading, answers (ANSWER_SCHEMA), findings so far (FINDING_SCHEMA) and explanations (`sent`)."""

    submission_id: str
    reading: Reading
    answers: pl.DataFrame
    findings: pl.DataFrame
    told: Mapping[str, Sent]

    @property
    def period(self) -> str:
        return str(self.reading.period)


def load_history(
    warehouse: Warehouse, run: PublishedRun, own: Own, catalogue: Catalogue, registry: Registry
) -> None:
    """All units' submissions of the file's period, the unit's own of earlier ones, their answers and what stops these.

    A file that was received already keeps its place in the order of receipt; another is the newest version.
    """
    period = Period.parse(own.period)
    others = _others(own)
    files = run.scan("submissions").filter(others, pl.col("state") != "refused").select(_FILE).collect()
    received_at = _received_at(run, own.submission_id)
    row = (own.submission_id, own.reading.unit_code, own.period, "", "", "", received_at)
    files = pl.concat([files, pl.DataFrame([row], schema=files.schema, orient="row")])
    warehouse.append("files", files.with_columns(refused=pl.lit(value=False), read_with=pl.lit("")))
    known = _answers(run, others)
    warehouse.append("answers_read", pl.concat([known, own.answers]))
    stopping = _stopping(run, others, known, catalogue, own.period)
    warehouse.append("findings_found", pl.concat([stopping, own.findings]))
    medians = run.scan("outlier_norms").filter(pl.col("period") < own.period).collect()
    warehouse.append("norms_found", medians)
    warehouse.replace("dim_period", dim_period(catalogue, [period.previous(), period], datetime.now(UTC)))
    warehouse.replace("dim_question", dim_question(catalogue.as_of(period)))
    warehouse.replace("dim_unit", dim_unit(catalogue, registry))
    warehouse.replace("judged", pl.DataFrame({"submission_id": [own.submission_id]}))


def _others(own: Own) -> pl.Expr:
    """Of earlier periods, the unit is held against itself alone."""
    same = pl.col("period") == own.period
    earlier = (pl.col("unit_code") == own.reading.unit_code) & (pl.col("period") < own.period)
    return (same | earlier) & (pl.col("submission_id") != own.submission_id)


def _answers(run: PublishedRun, others: pl.Expr) -> pl.DataFrame:
    answers = run.scan("answers").filter(others).rename({"value": "number"})
    return answers.with_columns(unit_kind=pl.lit("")).select(list(ANSWER_SCHEMA)).collect()


def _stopping(
    run: PublishedRun, others: pl.Expr, known: pl.DataFrame, catalogue: Catalogue, period: str
) -> pl.DataFrame:
    """Findings that block or are still to be explained; the month of each is that of its cell.

    Without the outliers of the period itself: a run, too, looks for them before it has any.
    """
    source = {
        rule.rule: "history" if rule.asks_history else rule.check
        for rule in catalogue.rules
        if rule.asks_history or rule.check == "reading"
    }
    stops = (pl.col("severity") == "block") | ((pl.col("severity") == "explain") & ~pl.col("explained"))
    same_search = pl.col("rule").is_in(sorted(OUTLIER_RULES)) & (pl.col("period") == period)
    found = run.scan("findings").filter(others, stops, ~same_search).collect()
    cell = ["submission_id", "question", "sheet", "cell"]
    months = known.filter(pl.col("month").is_not_null()).select(*cell, "month").unique(cell)
    return (
        found.join(months, on=cell, how="left")
        .with_columns(source=pl.col("rule").replace_strict(source, default="answers"))
        .select(list(FINDING_SCHEMA))
    )


def _received_at(run: PublishedRun, submission_id: str) -> datetime:
    """When the file was received; now, where it has not been."""
    known = (
        run.scan("submissions")
        .filter(pl.col("submission_id") == submission_id)
        .select("received_at")
        .collect()
    )
    received: datetime = known.item() if known.height else datetime.now(UTC).replace(tzinfo=None)
    return received
