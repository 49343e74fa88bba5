"""What one unit answers, clean and consistent, to every question that the catalogue asks of it in a period."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from expectations import Period
from expectations.forms import LedgerColumn
from expectations.models.question import Question
from pipelines.registry.model import RegistryEntry
from pipelines.sample.defaults import draw_of
from pipelines.sample.draws import Setting, draw
from pipelines.sample.lasting import Lasting
from pipelines.sample.model import Draw, TextDraw
from pipelines.sample.quality import UnitTraits
from pipelines.sample.rules import Answers, Around, mend, wanted_texts
from pipelines.sample.sizes import Floats
from pipelines.sample.streams import stream
from pipelines.sample.world import World
from pipelines.workbook.form import Slot, Value


@dataclass(frozen=True)
class _Quarter:
    """What is the same for all questions of the unit in one period."""

    sizes: dict[str, float]
    members: Floats
    quality: float
    branch_quality: Floats
    weak: NDArray[np.bool_]


class UnitAnswers:
    """The answers of one unit. Every question has its own random stream in each period, so that none disturbs another."""

    def __init__(self, world: World, unit: RegistryEntry) -> None:
        self.world, self.unit = world, unit
        self._traits = UnitTraits(world, unit)
        self._fixed_sizes = self._traits.fixed_sizes()
        self._fixed_members = self._traits.members(world.catalogue.calendar.first_period)
        self._quarters: dict[Period, _Quarter] = {}
        self._draws: dict[str, Draw] = {}
        self._lasting: dict[str, Lasting] = {}
        self._drawn: dict[tuple[str, Period], Floats] = {}

    def branches(self, period: Period) -> tuple[RegistryEntry, ...]:
        """The branches on the ledger of the period."""
        return tuple(branch for branch in self._traits.branches if branch.holds_in(period))

    def around(self, period: Period) -> Around:
        """What the rules of the period look at beside the answers."""
        return Around(self.world.catalogue, period, self.unit, self.branches(period))

    def at(self, period: Period) -> Answers:
        """All answers of the period: inside their bounds, and every rule between questions holds."""
        answers: Answers = {}
        texts: Answers = {}
        questions, columns = self.world.form(self.unit.kind, period)
        for question in questions:
            (texts if question.type == "text" else answers)[Slot(question.code)] = self._values(
                question, period
            )[0][0]
        for slot, question, value in self._ledger(columns, period):
            (texts if question.type == "text" else answers)[slot] = value
        around = self.around(period)
        mend(answers, around)
        wanted = wanted_texts(answers, around)
        wanted |= {slot for slot in texts if around.then.question[slot.question].required}
        return answers | {slot: text for slot, text in texts.items() if slot in wanted}

    def _ledger(
        self, columns: Sequence[LedgerColumn], period: Period
    ) -> Iterator[tuple[Slot, Question, Value]]:
        branches = [(row, b) for row, b in enumerate(self._traits.branches) if b.holds_in(period)]
        values: list[list[Value]] = []
        for column in columns:
            question = column.question
            place = 0 if column.month is None else period.months.index(column.month)
            values = values if place else self._values(question, period)
            for row, branch in branches:
                if question.applies_to(self.unit.kind, branch.category):
                    yield Slot(question.code, branch.unit_code, column.month), question, values[row][place]

    def _values(self, question: Question, period: Period) -> list[list[Value]]:
        """The answers as a workbook takes them: a row for each branch (or the unit), a column for each month."""
        numbers = self._numbers(question, period).tolist()
        return [[self._value(question, number) for number in row] for row in numbers]

    def _value(self, question: Question, number: float) -> Value:
        if question.type == "text":
            spec = self._draw(question)
            pattern = spec.pattern if isinstance(spec, TextDraw) else "{number}"
            year = self.world.periods[0].year - 1
            text = pattern.format(unit=self.unit.unit_code, year=year, number=int(number))
            return text[: question.max_length]
        if question.choices:
            return question.choices[int(number)].code
        low, high = question.min or Decimal(0), question.max or Decimal(0)
        if question.type == "count":
            return min(max(round(number), math.ceil(low)), math.floor(high))
        return min(max(Decimal(repr(number)).quantize(Decimal(1).scaleb(-question.decimals)), low), high)

    def _numbers(self, question: Question, period: Period) -> Floats:
        """The numbers of a question in a period, for all branches that the unit ever has; drawn once."""
        key = (question.code, period)
        if key not in self._drawn:
            setting = self._setting(question, period)
            drawn = np.broadcast_to(draw(self._draw(question), setting), (setting.rows, setting.columns))
            if question.is_number:
                drawn = np.clip(drawn, float(question.min or 0), float(question.max or 0))
            self._drawn[key] = drawn
        return self._drawn[key]

    def _draw(self, question: Question) -> Draw:
        if question.code not in self._draws:
            self._draws[question.code] = draw_of(self.world.catalogue, self.world.model, question)
        return self._draws[question.code]

    def _quarter(self, period: Period) -> _Quarter:
        if period not in self._quarters:
            traits = self._traits
            self._quarters[period] = _Quarter(
                traits.sizes(period),
                traits.members(period),
                traits.quality(period),
                traits.branch_quality(period),
                traits.weak(period),
            )
        return self._quarters[period]

    def _setting(self, question: Question, period: Period) -> Setting:
        world, code, quarter, on_ledger = (
            self.world,
            self.unit.unit_code,
            self._quarter(period),
            question.is_for_branch,
        )
        rows = len(self._traits.branches) if on_ledger else 1
        lasting = self._lasting.get(question.code) or Lasting(
            world.seed, world.catalogue, code, question.code, rows
        )
        self._lasting[question.code] = lasting
        return Setting(
            catalogue=world.catalogue,
            question=question,
            unit_kind=self.unit.kind,
            period=period,
            columns=3 if question.monthly else 1,
            rng=stream(world.seed, code, question.code, period),
            lasting=lasting,
            quality=quarter.branch_quality if on_ledger else np.array([[quarter.quality]]),
            weak=quarter.weak if on_ledger else np.zeros((1, 1), dtype=np.bool_),
            is_model=self._traits.is_model,
            season=world.model.season[period.quarter - 1],
            size=_sizes(quarter.sizes, quarter.members, rows, on_ledger),
            fixed_size=_sizes(self._fixed_sizes, self._fixed_members, rows, on_ledger),
            answer=self._others(question),
        )

    def _others(self, question: Question) -> Callable[[str, Period], Floats]:
        """Another question's numbers in this question's shape: summed over months or branches where this one has none."""

        def answer(code: str, period: Period) -> Floats:
            other = self.world.catalogue.question[code]
            numbers = self._numbers(other, period)
            if other.monthly and not question.monthly:
                numbers = numbers.sum(axis=1, keepdims=True)
            if other.is_for_branch and not question.is_for_branch:
                numbers = numbers.sum(axis=0, keepdims=True)
            return numbers

        return answer


def _sizes(sizes: dict[str, float], members: Floats, rows: int, on_ledger: bool) -> Callable[[str], Floats]:
    """On the ledger, members are each branch's own."""
    return lambda name: members if on_ledger and name == "members" else np.full((rows, 1), sizes[name])
