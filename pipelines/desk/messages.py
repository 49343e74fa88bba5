"""What goes to the desk's process and comes back: JSON, bytes as base64. Nothing that could be executed goes either way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """Bytes travel as base64."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", frozen=True)


class Look(Message):
    """Have a file looked at, for this unit and period. name: the sender's, already harmless (`client_name`)."""

    act: Literal["look"] = "look"
    name: str
    content: bytes
    unit_code: str
    period: str


class HandIn(Message):
    """Hand a file in, for this unit and period. seen: the submission that was the newest one when the file was looked at."""

    act: Literal["hand_in"] = "hand_in"
    name: str
    content: bytes
    unit_code: str
    period: str
    seen: str | None


class Request(Message):
    """One of the two."""

    asked: Annotated[Look | HandIn, Field(discriminator="act")]


class Looked(Message):
    """What was found in a file. status: 0 clean, 1 findings that block, 2 not readable as a submission.

    unit_code, period: whose it is, where that is certain; summary: what was found and what follows, a sentence; elsewhere: why it cannot be handed in for
    the unit and period that were chosen; findings: rows as `sanxing check --json` gives them; returned: the annotated workbook under
    `returned_name`, or not_returned, why there is none; answers: what was read, as Parquet (ANSWER_SCHEMA).
    """

    status: int
    unit_code: str | None
    period: str | None
    summary: str
    elsewhere: str | None = None
    findings: list[dict[str, Any]] = []
    returned: bytes | None = None
    returned_name: str | None = None
    not_returned: str | None = None
    answers: bytes | None = None

    @property
    def fits(self) -> bool:
        """Whether it may be handed in for the unit and period that were chosen."""
        return self.status < 2 and self.elsewhere is None


class HandedIn(Message):
    """The receipt of a file. already: it had been received before, at `received_at`; remarks: what else there is to know."""

    submission_id: str
    sha256: str
    file: str
    stored_as: str
    received_at: datetime
    already: bool
    remarks: list[str] = []
