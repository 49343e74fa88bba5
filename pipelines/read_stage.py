"""Files of the store into the warehouse: readings and findings, only for what is new or would now be read differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule, HistoryRule
from expectations.suites import LEDGER
from expectations.wording import plain
from pipelines.handover import HandedOver
from pipelines.history_rules import compared_rules, compared_terms, unique_rules
from pipelines.intake.answers import Finding
from pipelines.intake.reading import Reading, Received, period_closed, read_received, refused, unreadable
from pipelines.intake.refusal import Refusal
from pipelines.intake.workers import Lost, apart
from pipelines.outliers.stage import find_outliers
from pipelines.plan import Inputs
from pipelines.reading_frames import ReadFrames, finding_frame, read_frames, sent
from pipelines.registry.model import Registry
from pipelines.settings import Settings
from pipelines.store.submissions import StoredSubmission
from pipelines.validation.beside import Sender, beside, ledger_questions
from pipelines.validation.engine import SuiteRunner
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.validation.sentences import BLANK, expected_text
from pipelines.validation.validate import validate_answers
from pipelines.warehouse import Warehouse, rule_sql

_BATCH = 400
# Judged at once: some 600 MiB, however large the province and however many quarters are new.
_ANSWERS_AT_ONCE = 500_000
_STORED_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String, "file": pl.String, "stored_as": pl.String, "sha256": pl.String, "received_at": pl.Datetime("us"),
    "read_with": pl.String,
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
    waiting = {submission.submission_id: submission for submission in fresh}
    unread = [(s, reading) for s in fresh if (reading := _unread(s, inputs)) is not None]
    if unread:
        _keep(warehouse, inputs, waiting, _frames(unread, inputs))
    handed_over = HandedOver(settings.handover, inputs.reader_key)
    for frames in handed_over.take(set(waiting)):
        _keep(warehouse, inputs, waiting, frames)
    if waiting:
        for batch in _batches(_read(list(waiting.values()), inputs, settings)):
            _keep(warehouse, inputs, waiting, _frames(batch, inputs))
    kept = {row[0] for row in warehouse.run("files", "select submission_id from files")}
    known = {submission.submission_id for submission in inputs.submissions}
    handed_over.sweep(known, known - kept)
    return len(fresh)


def _read(
    stored: Sequence[StoredSubmission], inputs: Inputs, settings: Settings
) -> Iterator[tuple[StoredSubmission, Reading]]:
    """Open and read these files."""
    with apart(read_received, (inputs.catalogue, inputs.registry)) as readings:
        for submission, reading in zip(stored, readings(_contents(stored, settings)), strict=True):
            yield submission, unreadable(reading.reason) if isinstance(reading, Lost) else reading


def _batches(
    read: Iterable[tuple[StoredSubmission, Reading]],
) -> Iterator[list[tuple[StoredSubmission, Reading]]]:
    read = iter(read)
    while batch := list(islice(read, _BATCH)):
        yield batch


def _frames(read: Sequence[tuple[StoredSubmission, Reading]], inputs: Inputs) -> ReadFrames:
    return read_frames([(s.submission_id, reading) for s, reading in read], inputs.catalogue, inputs.registry)


def _contents(stored: Iterable[StoredSubmission], settings: Settings) -> Iterator[Received]:
    for submission in stored:
        yield Received(submission.path(settings.raw).read_bytes(), submission.received_at)


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
    counted = warehouse.run(
        "answers_read",
        "select submission_id, case when branch_code is null then unit_kind else 'ledger' end as form, right(period, 2) as quarter, count(*) "
        "from answers_read a "
        "where period in (select period from due) and not exists (from judged_answers j where j.submission_id = a.submission_id) "
        "group by all order by form, quarter, any_value(period), submission_id",
    )
    if not counted:
        return 0
    findings, runner = 0, SuiteRunner()
    with warehouse.transaction():
        for form, submission_ids in judged_together(counted):
            answers = _answers_of(warehouse, form, submission_ids)
            found = validate_answers(answers, inputs.catalogue, _beside(warehouse, inputs), runner)
            _add_findings(warehouse, "answers", found, inputs.catalogue, inputs.registry)
            findings += len(found)
        judged = pl.DataFrame({"submission_id": sorted({row[0] for row in counted})})
        warehouse.append("judged_answers", judged)
    return findings


def judged_together(counted: Sequence[tuple[str, str, str, int]]) -> Iterator[tuple[str, list[str]]]:
    """Forms of one suite, as many at once as memory should hold: (form, submission ids).

    counted: submission, form, quarter and number of answers, in the order of form and quarter.
    """
    for (form, _), rows in groupby(counted, key=lambda row: (row[1], row[2])):
        batch: list[str] = []
        answers = 0
        for submission_id, *_, count in rows:
            if batch and answers + count > _ANSWERS_AT_ONCE:
                yield form, batch
                batch, answers = [], 0
            batch.append(submission_id)
            answers += count
        yield form, batch


def _answers_of(warehouse: Warehouse, form: str, submission_ids: list[str]) -> pl.DataFrame:
    """The answers of these submissions on their own forms, or in their ledgers."""
    warehouse.run(
        "judging",
        "create or replace temporary table judging as select unnest(?::varchar[]) as submission_id",
        [submission_ids],
    )
    side = "is not null" if form == LEDGER else "is null"
    return warehouse.frame(
        "answers_read",
        f"select {', '.join(ANSWER_SCHEMA)} from answers_read join judging using (submission_id) where branch_code {side} "
        "order by submission_id, branch_code, question, month",
    )


def _beside(warehouse: Warehouse, inputs: Inputs) -> pl.DataFrame:
    """What the submissions in the temporary table `judging` are compared with beside their answers."""
    sent_by = warehouse.run(
        "judging", "select submission_id, unit_code, period from files join judging using (submission_id)"
    )
    editions = {s.submission_id: inputs.edition_of(s) for s in inputs.submissions}
    senders = [Sender(code, unit, period, editions[code]) for code, unit, period in sent_by]
    warehouse.run(
        "summed",
        "create or replace temporary table summed as select unnest(?::varchar[]) as question",
        [ledger_questions(inputs.catalogue)],
    )
    ledger = warehouse.frame(
        "answers_read",
        "select submission_id, branch_code, question, number from answers_read join judging using (submission_id) "
        "join summed using (question) where branch_code is not null",
    )
    return beside(senders, ledger, inputs.catalogue, inputs.registry)


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
    outliers = find_outliers(warehouse, catalogue, registry, periods)
    with warehouse.transaction():
        _add_findings(warehouse, "history", outliers.found, catalogue, registry)
        for table, rows in (("norms_found", outliers.norms), ("coverage_found", outliers.coverage)):
            warehouse.run(table, f'delete from "{table}" where period in (select period from due)')
            warehouse.append(table, rows)
    return len(found) + len(outliers.found)


def history_findings(warehouse: Warehouse, catalogue: Catalogue) -> list[tuple[str, Finding]]:
    """The findings of all rules about other submissions, for the submissions in the temporary table `judged`."""
    period_of = _periods(warehouse, "judged")
    periods = sorted(set(period_of.values()))
    for table, rows in (
        ("compared_rules", compared_rules(catalogue, periods)),
        ("compared_terms", compared_terms(catalogue, periods)),
        ("unique_rules", unique_rules(catalogue, periods)),
    ):
        warehouse.replace(table, rows)
    named = [
        (rule.rule, row)
        for rule in catalogue.rules
        if isinstance(rule, HistoryRule)
        for row in warehouse.frame(rule.rule, rule_sql(rule.rule)).iter_rows(named=True)
    ]
    declared = [
        (row.pop("rule"), row)
        for check in ("compare", "unique")
        for row in warehouse.frame(check, rule_sql(check)).iter_rows(named=True)
    ]
    found = []
    for name, row in (*named, *declared):
        submission_id = row.pop("submission_id")
        then = catalogue.as_of(period_of[submission_id])
        if then.rule[name].holds_in(period_of[submission_id]):
            found.append((submission_id, _history_finding(name, row, then)))
    return found


def _history_finding(name: str, row: dict[str, Any], catalogue: Catalogue) -> Finding:
    """A row of a rule's SQL as a finding; what a declared rule found and expects is put into words here."""
    rule = catalogue.rule[name]
    if rule.check in ("compare", "unique"):
        question = catalogue.question[row["question"]]
        room, other = row.pop("room", None), row.pop("on_right", None)
        number, raw, text = (row.pop(key, None) for key in ("number", "raw", "right_raw"))
        if isinstance(rule, CompareRule):
            row["found"] = plain(number) if number is not None and not question.choices else raw or BLANK
            other = text if question.choices else other
        row["expected"] = expected_text(rule, question, catalogue, other, room)
    return Finding(rule=name, **row)


def _periods(warehouse: Warehouse, table: str) -> dict[str, Period]:
    """The period of each submission of a table of submissions, of those that have one."""
    rows = warehouse.run(
        table,
        f'select submission_id, period from files join "{table}" using (submission_id) where period is not null',
    )
    parsed = {code: Period.parse(code) for code in {code for _, code in rows}}
    return {submission_id: parsed[code] for submission_id, code in rows}


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


def _keep(
    warehouse: Warehouse, inputs: Inputs, waiting: dict[str, StoredSubmission], frames: ReadFrames
) -> None:
    """Put readings into the warehouse, and take their files off those that wait."""
    stored = [waiting.pop(submission_id) for submission_id in frames.readings["submission_id"]]
    facts = pl.DataFrame(
        [
            (
                s.submission_id,
                s.file,
                s.stored_as,
                s.sha256,
                s.received_at.replace(tzinfo=None),
                inputs.read_key(s),
            )
            for s in stored
        ],
        schema=_STORED_SCHEMA,
        orient="row",
    )
    with warehouse.transaction():
        warehouse.append("files", frames.readings.join(facts, on="submission_id", maintain_order="left"))
        warehouse.append("answers_read", frames.answers)
        warehouse.append("findings_found", frames.findings)


def _add_findings(
    warehouse: Warehouse,
    source: str,
    found: Iterable[tuple[str, Finding]],
    catalogue: Catalogue,
    registry: Registry,
) -> None:
    found = list(found)
    warehouse.replace(
        "found_in",
        pl.DataFrame({"submission_id": sorted({i for i, _ in found})}, schema={"submission_id": pl.String}),
    )
    told = sent(_explanations(warehouse, [i for i, finding in found if finding.explanation]), registry)
    periods = _periods(warehouse, "found_in")
    warehouse.append("findings_found", finding_frame(source, found, catalogue, registry, told, periods))


def _explanations(warehouse: Warehouse, submission_ids: list[str]) -> pl.DataFrame:
    """Every explanation in these submissions, at the answers that it stands beside."""
    warehouse.run(
        "explaining",
        "create or replace temporary table explaining as select distinct unnest(?::varchar[]) as submission_id",
        [submission_ids],
    )
    return warehouse.frame(
        "answers_read",
        "select submission_id, unit_code, branch_code, question, explanation from answers_read join explaining using (submission_id) "
        "where explanation is not null",
    )
