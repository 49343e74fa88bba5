"""The declared model of how units answer (model.yaml), typed. A question that it does not name is answered by its type and its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from expectations.source import read_entry

# What a count may be in proportion to. `one` is no proportion; on the ledger only one and members have a meaning of their own.
Size = Literal["one", "members", "branches", "heads", "leaders", "centre_group", "cadres"]
ByKind = float | dict[str, float]


class _Draw(BaseModel):
    """What the draws share. `effect`: how strongly the latent quality works on it, on the scale of logits or logarithms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: float = 0.0


class SizeDraw(_Draw):
    """The answer is a size itself: members of a branch, leading group."""

    kind: Literal["size"]
    size: Size


class VolumeDraw(_Draw):
    """A count of things done: `least` for sure, `mean` on average, both times a size; with `chance` it happens at all.

    weak: the mean of a weak branch, for which `least` is not sure.
    """

    kind: Literal["volume"]
    mean: ByKind
    least: float = 0.0
    per: Size = "one"
    chance: float = 1.0
    spread: float = 0.2
    seasonal: bool = False
    weak: float | None = None


class StockDraw(_Draw):
    """A number of things there are, that changes by a few per cent a year: `mean` times a size, never under `least`.

    effect: the share by which a model unit has more.
    """

    kind: Literal["stock"]
    mean: ByKind
    least: float = 0.0
    per: Size = "one"
    spread: float = 0.25


class AmountDraw(_Draw):
    """A sum of hours or days: `mean` for each head of the questions in `per` (multiplied), in multiples of `step`.

    floor: what no healthy branch or unit goes under; weak: the mean of a weak branch.
    """

    kind: Literal["amount"]
    mean: float
    per: tuple[str, ...] = ()
    step: float = 0.5
    spread: float = 0.06
    noise: float = 0.12
    seasonal: bool = False
    floor: float | None = None
    weak: float | None = None


class ProductDraw(_Draw):
    """Attendance expected: sessions (an own draw from least to most, unless a factor is one) times heads."""

    kind: Literal["product"]
    of: tuple[str, ...] = ()
    per: Size = "one"
    sessions: tuple[int, int] = (1, 1)


class ShareDraw(_Draw):
    """A part of another answer, each unit of it with the chance `share`.

    floor and weak as above; below `steady` heads fewer are missing still, for who is few finds a day that suits all.
    """

    kind: Literal["share"]
    of: str
    share: float
    floor: float | None = None
    weak: float | None = None
    steady: float | None = None


class CoverageDraw(_Draw):
    """A part of another answer that is mostly the whole: with chance `full` all of it, else `share`."""

    kind: Literal["coverage"]
    of: str
    full: float = 0.93
    share: float = 0.9
    effect: float = 0.4
    weak: float | None = None


class MostlyDraw(_Draw):
    """The first option that counts, with chance `share`; a unit that has got there stays."""

    kind: Literal["mostly"]
    share: float = 0.93
    effect: float = 0.5
    weak: float | None = None


class ReachedDraw(_Draw):
    """How many of `of` have each come to `standard` in the year, given the sum in `amount`."""

    kind: Literal["reached"]
    of: str
    amount: str
    standard: float


class BeyondDraw(_Draw):
    """Another answer and something more, where that is not 0: candidates for seats."""

    kind: Literal["beyond"]
    of: str
    mean: float = 1.3
    weak: float | None = None


class LastYearDraw(_Draw):
    """What the same unit answered to another question a year ago."""

    kind: Literal["last_year"]
    of: str


class FallingDraw(_Draw):
    """A number that the unit lowers from year to year, with a pause now and then."""

    kind: Literal["falling"]
    mean: float
    rate: float = 0.92


class TextDraw(_Draw):
    """A text after a pattern with {unit} (its code), {year} and {number}, all fixed for the unit."""

    kind: Literal["text"]
    pattern: str


Draw = Annotated[
    SizeDraw
    | VolumeDraw
    | StockDraw
    | AmountDraw
    | ProductDraw
    | ShareDraw
    | CoverageDraw
    | MostlyDraw
    | ReachedDraw
    | BeyondDraw
    | LastYearDraw
    | FallingDraw
    | TextDraw,
    Field(discriminator="kind"),
]


class Model(BaseModel):
    """model.yaml as a whole. `season`: activity of each quarter, 1 on average."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    season: tuple[float, float, float, float]
    questions: dict[str, Draw]

    @model_validator(mode="after")
    def _whole_year(self) -> Model:
        if abs(sum(self.season) - 4) > 1e-9:
            raise ValueError("the four seasons must add up to 4")
        return self


_FILE = Path(__file__).with_name("model.yaml")


def load_model(path: Path = _FILE) -> Model:
    """Read model.yaml. Raises CatalogueError with file, line and key where it is wrong."""
    return read_entry(path).build(Model)


def by_kind(value: ByKind, unit_kind: str) -> float:
    """The number for this kind of unit; the first one where the kind is not named."""
    if isinstance(value, dict):
        return value.get(unit_kind, next(iter(value.values())))
    return value
