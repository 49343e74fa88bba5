"""Which numbers are held against the unit's own history and against its peers, on which scale, and what is far."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from expectations.models.base import CatalogueEntry, DatedEntry

# A factor or a distance: plain digits, above 0.
Above0 = Annotated[Decimal, Field(gt=0, le=1_000_000)]


class Far(CatalogueEntry):
    """When a number is far from what it is held against: all three must say so.

    threshold: of the modified z (pipelines/statistics/outliers.py); points: without so many to compare with, «cannot be judged yet»;
    times: so many times as much, or as little; difference: and so much, in the question's own unit.
    """

    threshold: Annotated[Decimal, Field(ge=1, le=100)]
    points: Annotated[int, Field(ge=5, le=1000)]
    times: Annotated[Decimal, Field(gt=1, le=1000)]
    difference: Above0


class OutlierSeries(DatedEntry):
    """An entry of outliers.yaml: one question.

    per: a question whose answer it is divided by (hours of all members per member; on the own form, a question of the ledger stands for
    the sum of its rows). scale: as_is; square_root, for small counts;
    log, for what grows by factors (a zero has no place on it and is not judged). season: what is taken out of a series before it is
    compared with its own past: the peers' median of the same quarter (`peers`), all but the same quarter of earlier years
    (`same_quarter`), or nothing (`none`).
    """

    question: str
    per: str | None = None
    scale: Literal["as_is", "square_root", "log"]
    season: Literal["peers", "same_quarter", "none"]
    own_history: Far | None = None
    peers: Far | None = None

    @model_validator(mode="after")
    def _consistent(self) -> OutlierSeries:
        if self.own_history is None and self.peers is None:
            raise ValueError("it is held against nothing: give own_history, peers or both")
        if self.per == self.question:
            raise ValueError("a question cannot be divided by itself")
        return self
