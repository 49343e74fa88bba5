"""Looking at one file as the pipeline would, without storing anything: `sanxing check`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from pipelines.check_history import Own, load_history
from pipelines.intake.answers import Finding
from pipelines.intake.archives import is_archive
from pipelines.intake.candidate import Candidate, shown_name
from pipelines.intake.reading import Reading, Received, period_closed, read_received, refused, unreadable
from pipelines.intake.sources import expand
from pipelines.intake.workers import Lost, apart
from pipelines.labels import ENUMERATIONS
from pipelines.marts.published import MartsUnavailable, PublishedRun, from_published
from pipelines.outliers.stage import find_outliers
from pipelines.read_stage import history_findings
from pipelines.reading_frames import FINDING_SCHEMA, answer_frame, finding_frame, sent
from pipelines.registry.model import Registry
from pipelines.returned.fresh import Known
from pipelines.returned.give_back import Case, GivenBack, Returned, give_back, returned_workbooks
from pipelines.settings import Settings
from pipelines.store.closings import ClosingStore
from pipelines.store.registry import RegistryStore
from pipelines.validation.beside import Sender, beside, ledger_answers
from pipelines.validation.validate import validate_answers
from pipelines.visible import file_name
from pipelines.warehouse import Warehouse, open_warehouse, require_rule_sql

_SEVERITY_ZH = {code: label for code, label, _ in ENUMERATIONS["severity"]}
_ARCHIVE = "这是压缩包，请解压后检查其中的文件。"
SHOWN = (
    "rule",
    "severity",
    "branch_code",
    "question",
    "sheet",
    "cell",
    "found",
    "expected",
    "message",
    "clause",
    "explanation",
    "explained",
)


@dataclass(frozen=True)
class Checked:
    """What was found in one file. status: 0 clean, 1 findings that block, 2 not readable as a submission.

    file: the path as it was given, said only as `shown`; content: the bytes that were looked at; None where there are none;
    answers: what was read in them (ANSWER_SCHEMA).
    """

    file: str
    unit_code: str | None
    period: str | None
    status: int
    findings: list[dict[str, Any]]
    problem: str | None = None
    content: bytes | None = None
    answers: pl.DataFrame | None = None

    @property
    def shown(self) -> str:
        """The path, without what names a person in it."""
        return shown_name(self.file)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.shown, "unit_code": self.unit_code, "period": self.period, "status": self.status,
            "problem": self.problem, "findings": self.findings,
        }  # fmt: skip

    def lines_zh(self) -> list[str]:
        """A summary line and one line a finding."""
        return [f"{self.shown}：{self.summary_zh()}"] + [
            f"  [{_SEVERITY_ZH[finding['severity']]}] {finding['message']}" for finding in self.findings
        ]

    def summary_zh(self) -> str:
        """What came of it in one sentence: why it could not be looked at, or how many findings, and what follows from them."""
        if self.problem is not None:
            return self.problem
        if not self.findings:
            return "没有发现问题，可以报送。"
        counts = {
            severity: sum(f["severity"] == severity for f in self.findings) for severity in _SEVERITY_ZH
        }
        summary = "，".join(
            f"{_SEVERITY_ZH[severity]}{count}处" for severity, count in counts.items() if count
        )
        return f"{summary}，{self._verdict_zh()}。"

    def _verdict_zh(self) -> str:
        if self.status:
            return {1: "请改正后再报送", 2: "不能作为报表受理"}[self.status]
        unexplained = sum(f["severity"] == "explain" and not f["explained"] for f in self.findings)
        if not unexplained:
            return "可以报送"
        return f"其中核实{unexplained}处尚未说明，请在“情况说明”栏写明情况后再报送，否则相关数据暂不采用"


def check_file(path: Path, settings: Settings, catalogue: Catalogue) -> Checked:
    """Check one file. Raises RegistryMissing where there is no registry to check against, RuleWithoutSql where a rule lacks its file."""
    name = file_name(str(path))
    if path.is_dir():
        return Checked(name, None, None, 2, [], "这是文件夹，请指定要检查的文件。")
    if path.is_file() and os.access(path, os.R_OK) and is_archive(path):
        return Checked(name, None, None, 2, [], _ARCHIVE)
    (candidate,) = expand(path)
    return check_candidate(replace(candidate, name=name), settings, catalogue)


def check_candidate(candidate: Candidate, settings: Settings, catalogue: Catalogue) -> Checked:
    """Check the bytes of one file under the name that it is to be called by. Raises as `check_file`."""
    require_rule_sql(catalogue.rules)
    registry = RegistryStore(settings.raw).current(catalogue)
    name = candidate.name
    if candidate.content is None:
        return Checked(name, None, None, 2, [], f"{candidate.problem}。")
    if is_archive(Path(name), candidate.content):
        return Checked(name, None, None, 2, [], _ARCHIVE)
    reading = _still_open(_read(candidate.content, catalogue, registry), settings, catalogue)
    submission_id = candidate.sha256[:16]
    found = [(submission_id, finding) for finding in reading.findings]
    answers = answer_frame([(submission_id, reading)], registry)
    told = sent(answers, registry)
    if not reading.refused:
        found += validate_answers(
            answers, catalogue, _beside(reading, answers, submission_id, catalogue, registry)
        )
    periods = {submission_id: reading.period} if reading.period else {}
    frame = finding_frame("check", found, catalogue, registry, told, periods)
    if not reading.refused:
        own = Own(submission_id, reading, answers, frame, told)
        frame = pl.concat([frame, _history(own, settings, catalogue, registry)])
    rows = [{key: row[key] for key in SHOWN} for row in frame.iter_rows(named=True)]
    status = 2 if reading.refused else int(any(row["severity"] == "block" for row in rows))
    period = str(reading.period) if reading.period else None
    return Checked(name, reading.unit_code, period, status, rows, content=candidate.content, answers=answers)


def annotate(
    checked: Sequence[Checked], folder: Path, settings: Settings, catalogue: Catalogue
) -> dict[str, GivenBack]:
    """Write the returned workbook of each file that has findings into `folder`; what came of it, by file."""
    known = _known(settings, catalogue)
    cases = {result.file: case for result in checked if (case := _case(result)) is not None}
    return dict(zip(cases, give_back(cases.values(), folder, known), strict=True))


def annotated(checked: Checked, settings: Settings, catalogue: Catalogue) -> Returned | None:
    """The returned workbook of a file that has findings; None for one that has none. Raises NotReturned."""
    case = _case(checked)
    return None if case is None else next(returned_workbooks([case], _known(settings, catalogue))).workbook()


def _known(settings: Settings, catalogue: Catalogue) -> Known:
    return Known(catalogue, RegistryStore(settings.raw).current(catalogue), settings.marts)


def _case(checked: Checked) -> Case | None:
    if checked.content is None or not checked.findings:
        return None
    return Case(checked.shown, checked.content, checked.findings, checked.unit_code, checked.period)


def _read(content: bytes, catalogue: Catalogue, registry: Registry) -> Reading:
    """The reading of one file, in a process of its own."""
    with apart(read_received, (catalogue, registry)) as readings:
        (reading,) = readings([Received(content, datetime.now(UTC))])
    return unreadable(reading.reason) if isinstance(reading, Lost) else reading


def _still_open(reading: Reading, settings: Settings, catalogue: Catalogue) -> Reading:
    """The reading, or its refusal where the period is closed and the unit has no exemption today."""
    closings = ClosingStore(settings.raw, catalogue.calendar.local_date).current()
    period = str(reading.period) if reading.period is not None else None
    closed_on = None if reading.refused else closings.stop(reading.unit_code, period, datetime.now(UTC))
    return (
        reading if closed_on is None else refused(period_closed(closed_on), reading.unit_code, reading.period)
    )


def _beside(
    reading: Reading, answers: pl.DataFrame, submission_id: str, catalogue: Catalogue, registry: Registry
) -> pl.DataFrame:
    """What the file is compared with beside its answers; the registry as it is in force now."""
    assert reading.unit_code is not None
    sender = Sender(submission_id, reading.unit_code, str(reading.period), registry)
    return beside([sender], ledger_answers(answers, catalogue), catalogue, registry)


def _history(own: Own, settings: Settings, catalogue: Catalogue, registry: Registry) -> pl.DataFrame:
    """The findings that need other submissions, from the published marts; none where nothing is published yet."""

    def found(run: PublishedRun) -> pl.DataFrame:
        with open_warehouse(None) as warehouse:
            load_history(warehouse, run, own, catalogue, registry)
            return _judged(warehouse, own, catalogue, registry)

    try:
        return from_published(settings.marts, found)
    except MartsUnavailable:
        return pl.DataFrame(schema=FINDING_SCHEMA)


def _judged(warehouse: Warehouse, own: Own, catalogue: Catalogue, registry: Registry) -> pl.DataFrame:
    """The findings of the history rules, and then of the outliers, which leave alone what has been asked about."""

    def rows(found: list[tuple[str, Finding]]) -> pl.DataFrame:
        periods = {own.submission_id: Period.parse(own.period)}
        return finding_frame("history", found, catalogue, registry, own.told, periods)

    ruled = rows(history_findings(warehouse, catalogue))
    warehouse.append("findings_found", ruled)
    outliers = find_outliers(warehouse, catalogue, registry, [own.period])
    return pl.concat([ruled, rows(outliers.found)])
