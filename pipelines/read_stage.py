"""Files of the store into the warehouse: readings and findings, only for what is new or would now be read differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.intake.answers import Finding
from pipelines.intake.reading import Reading, Received, period_closed, read_received, refused
from pipelines.intake.refusal import Refusal
from pipelines.intake.workers import Lost, apart
from pipelines.plan import Inputs
from pipelines.registry.model import Registry
from pipelines.settings import Settings
from pipelines.store.submissions import StoredSubmission
from pipelines.validation.sentences import message
from pipelines.validation.validate import ANSWER_SCHEMA, validate_answers
from pipelines.warehouse import Warehouse, rule_sql

_BATCH = 400
FINDING_SCHEMA: dict[str, Any] = {
    "source": pl.String, "finding_id": pl.String, "submission_id": pl.String, "rule": pl.String, "severity": pl.String,
    "branch_code": pl.String, "question": pl.String, "month": pl.Int32, "sheet": pl.String, "cell": pl.String, "found": pl.String,
    "expected": pl.String, "message": pl.String, "clause": pl.String, "explanation": pl.String,
}  # fmt: skip
_FILE_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String, "unit_code": pl.String, "period": pl.String, "file": pl.String, "stored_as": pl.String,
    "sha256": pl.String, "received_at": pl.Datetime("us"), "refused": pl.Boolean, "read_with": pl.String,
}  # fmt: skip


def read_files(
    warehouse: Warehouse,
    inputs: Inputs,
    settings: Settings,
    periods: Sequence[str | None],
) -> int:
    """Read the stored files of these periods (None: those without one) that the warehouse has not read yet; how many."""
    stored = [submission for submission in inputs.submissions if inputs.period_of(submission) in periods]
    done = set(warehouse.run("files", "select submission_id, read_with from files"))
    fresh = [s for s in stored if (s.submission_id, inputs.read_key(s)) not in done]
    _forget(warehouse, inputs, [submission.submission_id for submission in fresh])
    unread = {s.submission_id: reading for s in fresh if (reading := _unread(s, inputs)) is not None}
    kept = [submission for submission in fresh if submission.submission_id not in unread]
    with apart(read_received, (inputs.catalogue, inputs.registry)) as readings:
        read = (
            _lost(reading) if isinstance(reading, Lost) else reading
            for reading in readings(_contents(kept, settings))
        )
        shut = ((s, unread[s.submission_id]) for s in fresh if s.submission_id in unread)
        pairs = chain(shut, zip(kept, read, strict=True))
        while batch := list(islice(pairs, _BATCH)):
            _keep(warehouse, inputs, batch)
    return len(fresh)


def _contents(stored: Iterable[StoredSubmission], settings: Settings) -> Iterator[Received]:
    for submission in stored:
        yield Received(submission.path(settings.raw).read_bytes(), submission.received_at)


def _lost(lost: Lost) -> Reading:
    return refused(Refusal("unreadable_file", lost.reason))


def _unread(submission: StoredSubmission, inputs: Inputs) -> Reading | None:
    """The reading of a file that is not opened: only its receipt was kept, or its period was closed before it came."""
    unit = inputs.registry.unit(submission.unit_code) if submission.unit_code else None
    unit_code = unit.unit_code if unit else None
    period = Period.parse(submission.period) if unit and submission.period else None
    withheld, closed_on = submission.withheld, inputs.stopped(submission)
    if withheld is not None:
        refusal = Refusal("personal_data", withheld.what, withheld.sheet or None, withheld.cell or None)
        return refused(refusal, unit_code, period)
    if closed_on is not None:
        return refused(period_closed(closed_on), unit_code, period)
    return None


def judge_answers(warehouse: Warehouse, inputs: Inputs, periods: Sequence[str]) -> int:
    """Run the catalogue's rules over the answers of these periods that have not been judged; how many findings."""
    warehouse.run("judged", "create table if not exists judged_answers (submission_id varchar primary key)")
    warehouse.set_due(periods)
    answers = warehouse.frame(
        "answers_read",
        f"select {', '.join(ANSWER_SCHEMA)} from answers_read a "
        "where period in (select period from due) and not exists (from judged_answers j where j.submission_id = a.submission_id) "
        "order by submission_id, branch_code nulls first, question, month",
    )
    found = validate_answers(answers, inputs.catalogue)
    with warehouse.transaction():
        _add_findings(warehouse, "answers", found, inputs.catalogue, inputs.registry)
        warehouse.append("judged_answers", answers.select("submission_id").unique())
    return len(found)


def judge_history(
    warehouse: Warehouse, catalogue: Catalogue, registry: Registry, periods: Sequence[str]
) -> int:
    """Run the rules that ask about other submissions, for all readable submissions of these periods; how many findings."""
    warehouse.set_due(periods)
    warehouse.run(
        "judged",
        "create or replace temporary table judged as "
        "select submission_id from files where not refused and period in (select period from due)",
    )
    found = history_findings(warehouse, catalogue)
    with warehouse.transaction():
        warehouse.run(
            "findings_found",
            "delete from findings_found where source = 'history' and submission_id in (from judged)",
        )
        _add_findings(warehouse, "history", found, catalogue, registry)
    return len(found)


def history_findings(warehouse: Warehouse, catalogue: Catalogue) -> list[tuple[str, Finding]]:
    """The findings of all history rules for the submissions in the temporary table `judged`."""
    return [
        (
            row["submission_id"],
            Finding(rule=rule.rule, **{key: value for key, value in row.items() if key != "submission_id"}),
        )
        for rule in catalogue.rules
        if rule.check == "history"
        for row in warehouse.frame(rule.rule, rule_sql(rule.rule)).iter_rows(named=True)
    ]


def finding_frame(
    source: str, found: Iterable[tuple[str, Finding]], catalogue: Catalogue, registry: Registry
) -> pl.DataFrame:
    """Findings as rows (FINDING_SCHEMA), with severity, clause and the clerk's sentence."""
    return pl.DataFrame(
        [
            _finding_row(source, submission_id, finding, catalogue, registry)
            for submission_id, finding in found
        ],
        schema=FINDING_SCHEMA,
        orient="row",
    ).unique("finding_id", keep="first", maintain_order=True)


def _finding_row(
    source: str, submission_id: str, finding: Finding, catalogue: Catalogue, registry: Registry
) -> tuple[Any, ...]:
    rule = catalogue.rule[finding.rule]
    question = catalogue.question.get(finding.question) if finding.question else None
    branch = registry.by_code.get(finding.branch_code) if finding.branch_code else None
    sentence = message(
        rule,
        question,
        branch.name if branch else None,
        finding.month,
        finding.sheet,
        finding.cell,
        finding.found,
        finding.expected,
    )
    clause = rule.clause or (question.clause if question else None)
    return (
        source, finding.id_in(submission_id), submission_id, rule.rule, rule.severity, finding.branch_code, finding.question,
        finding.month, finding.sheet, finding.cell, finding.found, finding.expected, sentence, clause, finding.explanation,
    )  # fmt: skip


def answer_frame(readings: Iterable[tuple[str, Reading]], registry: Registry) -> pl.DataFrame:
    """The answers of readings, each with its submission id, as rows (ANSWER_SCHEMA)."""
    rows: list[tuple[Any, ...]] = []
    for submission_id, reading in readings:
        unit = registry.unit(reading.unit_code) if reading.unit_code else None
        if unit is not None:
            period = str(reading.period)
            rows += [
                (submission_id, unit.unit_code, unit.kind, period, a.branch_code, a.month, a.question, a.number, a.text, a.raw,
                 a.explanation, a.sheet, a.cell)
                for a in reading.answers
            ]  # fmt: skip
    return pl.DataFrame(rows, schema=ANSWER_SCHEMA, orient="row")


def _forget(warehouse: Warehouse, inputs: Inputs, fresh: list[str]) -> None:
    """Drop what the warehouse holds of files that are read anew, and of files that are no longer in the store."""
    stored = [submission.submission_id for submission in inputs.submissions]
    warehouse.run("judged", "create table if not exists judged_answers (submission_id varchar primary key)")
    with warehouse.transaction():
        for table in ("files", "answers_read", "findings_found", "judged_answers"):
            warehouse.run(
                table,
                f'delete from "{table}" where submission_id in (select unnest(?::varchar[])) or submission_id not in (select unnest(?::varchar[]))',
                [fresh, stored],
            )


def _keep(warehouse: Warehouse, inputs: Inputs, pairs: Sequence[tuple[StoredSubmission, Reading]]) -> None:
    files = pl.DataFrame(
        [
            (s.submission_id, reading.unit_code, str(reading.period) if reading.period else None, s.file, s.stored_as, s.sha256,
             s.received_at.replace(tzinfo=None), reading.refused, inputs.read_key(s))
            for s, reading in pairs
        ],
        schema=_FILE_SCHEMA,
        orient="row",
    )  # fmt: skip
    with warehouse.transaction():
        warehouse.append("files", files)
        warehouse.append(
            "answers_read",
            answer_frame(((s.submission_id, reading) for s, reading in pairs), inputs.registry),
        )
        found = [(s.submission_id, finding) for s, reading in pairs for finding in reading.findings]
        _add_findings(warehouse, "reading", found, inputs.catalogue, inputs.registry)


def _add_findings(
    warehouse: Warehouse,
    source: str,
    found: Iterable[tuple[str, Finding]],
    catalogue: Catalogue,
    registry: Registry,
) -> None:
    warehouse.append("findings_found", finding_frame(source, found, catalogue, registry))
