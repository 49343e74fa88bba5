"""A file handed in at the desk: one file of a certain unit and period, received as `sanxing receive` does it, with a receipt."""

from __future__ import annotations

from datetime import datetime

from expectations import Catalogue, Period
from pipelines.desk.files import as_candidate
from pipelines.desk.messages import HandedIn, HandIn
from pipelines.desk.standing import Standing, locked_zh, standing
from pipelines.failures import UserMistake
from pipelines.handover import hand_over
from pipelines.intake.candidate import Candidate
from pipelines.intake.reading import identify
from pipelines.intake.receive import ReceiptSummary, take_in
from pipelines.intake.workers import Lost, apart
from pipelines.settings import Settings
from pipelines.store.lock import writing
from pipelines.store.registry import RegistryStore
from pipelines.store.submissions import StoredSubmission, SubmissionStore


class NotHandedIn(UserMistake):
    """The file was not received. The message is Chinese and says why, and what to do."""


def hand_in(asked: HandIn, settings: Settings, catalogue: Catalogue, now: datetime) -> HandedIn:
    """Receive the file, or say that it has been received before. Raises NotHandedIn, and then nothing was stored."""
    candidate = as_candidate(asked.name, asked.content)
    _require_own(candidate, asked, catalogue)
    period = Period.parse(asked.period)
    with writing(settings.raw):
        known = SubmissionStore(settings.raw).find(candidate.sha256)
        if known is not None:
            return _receipt(known, already=True, remarks=_replaced(known, settings, catalogue, now))
        _require_open(standing(settings.raw, catalogue, asked.unit_code, period, now), period, asked.seen)
        registry, summary = RegistryStore(settings.raw).current(catalogue), ReceiptSummary()
        take_in(
            [candidate],
            settings.raw,
            catalogue,
            registry,
            now,
            summary,
            keeping=lambda known_units: hand_over(settings.handover, catalogue, known_units),
        )
        stored = SubmissionStore(settings.raw).find(candidate.sha256)
    if stored is None or stored.withheld is not None:
        raise NotHandedIn("；".join(reason for _, reason in summary.withheld) + "。")
    return _receipt(stored, already=False, remarks=[f"{reason}。" for _, reason in summary.together])


def _require_own(candidate: Candidate, asked: HandIn, catalogue: Catalogue) -> None:
    """Raise NotHandedIn where the file does not say for certain that it is this unit's for this period."""
    if candidate.content is None:
        raise NotHandedIn(f"{candidate.problem}。")
    with apart(identify, catalogue) as identified:
        (claim,) = identified([candidate.content])
    if isinstance(claim, Lost):
        raise NotHandedIn(f"文件不能作为报表受理（{claim.reason}）。请核对文件后重新检查。")
    if claim.refusal is not None:
        raise NotHandedIn(f"文件不能作为报表受理（{claim.refusal.found}）。请核对文件后重新检查。")
    if (claim.unit_code, str(claim.period)) != (asked.unit_code, asked.period):
        raise NotHandedIn("文件封面上的单位或报告期与所选的不一致，没有接收。请核对后重新检查。")


def _require_open(now: Standing, period: Period, seen: str | None) -> None:
    """Raise NotHandedIn where the period is closed to the unit, or something came that the sender has not seen."""
    if now.closed_on is not None:
        raise NotHandedIn(locked_zh(period, now.closed_on))
    if now.newest != seen:
        raise NotHandedIn(
            "在您检查之后，本单位本期又收到了另一份报表，您的文件还没有接收。"
            "请先与同事核对以哪一份为准，再决定是否报送。"
        )


def _replaced(known: StoredSubmission, settings: Settings, catalogue: Catalogue, now: datetime) -> list[str]:
    """What to tell of a file that came before and after which another came."""
    if known.unit_code is None or known.period is None:
        return []
    latest = standing(settings.raw, catalogue, known.unit_code, Period.parse(known.period), now).newest
    if latest in (None, known.submission_id):
        return []
    return [
        "其后本单位又报送过另一份，仍以最后报送且可以采用的一份为准。如要改用这份，请打开后另存一份再报送。"
    ]


def _receipt(stored: StoredSubmission, *, already: bool, remarks: list[str]) -> HandedIn:
    return HandedIn(
        submission_id=stored.submission_id,
        sha256=stored.sha256,
        file=stored.file,
        stored_as=stored.stored_as,
        received_at=stored.received_at,
        already=already,
        remarks=remarks,
    )
