"""The catalogue as one object: everything that YAML declares, typed, indexed and checked as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from expectations.consistency import check_consistency, check_peer_groups, check_rule_set
from expectations.models.base import CatalogueEntry
from expectations.models.calendar import Calendar
from expectations.models.explanations import Explanations
from expectations.models.indicator import Indicator
from expectations.models.policy import City, Clause, Dimension, Fulfilment, Kinds
from expectations.models.question import Question
from expectations.models.question_use import QuestionUse
from expectations.models.rule import Rule
from expectations.models.selection import Selection
from expectations.period import Period
from expectations.source import CatalogueError, Entry, read_entries, read_entry

HERE = Path(__file__).parent
Model = TypeVar("Model", bound=BaseModel)


class Identity(CatalogueEntry):
    """catalogue.yaml: who asks, under which policy, in which version."""

    title_zh: str
    issuer_zh: str
    policy_zh: str
    policy_effective_from: date
    catalogue_version: str
    template_version: str
    older_template_versions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All that is declared. Made by `load_catalogue`, which refuses a catalogue that is not whole.

    Compared by identity, so that what follows from one (forms.py) can be kept by it; `sha256` says whether two say the same.
    """

    identity: Identity
    clauses: tuple[Clause, ...]
    fulfilments: tuple[Fulfilment, ...]
    kinds: Kinds
    cities: tuple[City, ...]
    calendar: Calendar
    questions: tuple[Question, ...]
    indicators: tuple[Indicator, ...]
    rules: tuple[Rule, ...]
    selection: Selection
    explanations: Explanations
    question_use: QuestionUse
    sha256: str

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def question(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        return {indicator.indicator: indicator for indicator in self.indicators}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        return {rule.rule: rule for rule in self.rules}

    @cached_property
    def city(self) -> dict[str, City]:
        return {city.code: city for city in self.cities}

    @cached_property
    def label_zh(self) -> dict[str, str]:
        """Chinese names of kinds, categories, branch kinds and dimensions, by code."""
        labels = {kind.code: kind.label_zh for kind in self.kinds.units}
        labels |= {
            category.code: category.label_zh for kind in self.kinds.units for category in kind.categories
        }
        labels |= {entry.code: entry.label_zh for entry in self.kinds.branches + self.kinds.dimensions}
        return labels | {"branch": "支部"}

    def dimension_of(self, clause: str) -> Dimension:
        return next(dimension for dimension in self.kinds.dimensions if dimension.letter == clause[0])

    def asked_in(self, period: Period) -> tuple[Question, ...]:
        """Questions in force in the period and asked in its quarter, in catalogue order."""
        if period not in self._asked:
            self._asked[period] = tuple(
                question
                for question in self.questions
                if question.holds_in(period) and period.quarter in self.calendar.asked[question.asked]
            )
        return self._asked[period]

    @cached_property
    def _asked(self) -> dict[Period, tuple[Question, ...]]:
        return {}


def load_catalogue(folder: Path = HERE) -> Catalogue:
    """Read and check the catalogue in `folder`. Raises CatalogueError with file, line, key and reason of each fault."""
    questions = _collect(folder / "questions", Question)
    indicators = _collect(folder / "indicators", Indicator)
    rules = _collect(folder / "rules", Rule)
    clauses = _build(read_entries(folder / "policy" / "clauses.yaml"), Clause)
    fulfilments = _build(read_entries(folder / "policy" / "fulfilment.yaml"), Fulfilment)
    cities = _build(read_entries(folder / "cities.yaml"), City)
    kinds = read_entry(folder / "kinds.yaml").build(Kinds)
    selection = read_entry(folder / "selection.yaml")
    check_peer_groups(selection, selection.build(Selection))
    check_consistency(clauses, fulfilments, kinds, cities, questions, indicators, rules)
    check_rule_set(folder / "rules", rules)
    return Catalogue(
        identity=read_entry(folder / "catalogue.yaml").build(Identity),
        clauses=_values(clauses),
        fulfilments=_values(fulfilments),
        kinds=kinds,
        cities=_values(cities),
        calendar=read_entry(folder / "calendar.yaml").build(Calendar),
        questions=_values(questions),
        indicators=_values(indicators),
        rules=_values(rules),
        selection=selection.build(Selection),
        explanations=read_entry(folder / "explanations.yaml").build(Explanations),
        question_use=read_entry(folder / "question_use.yaml").build(QuestionUse),
        sha256=_digest(folder),
    )


def _collect(folder: Path, model: type[Model]) -> list[tuple[Entry, Model]]:
    """All entries of the YAML files in a folder: dimensions in the order of the policy, other files by name."""
    order = {"learning": 0, "service": 1, "innovation": 2, "leadership": 3}
    files = sorted(folder.glob("*.yaml"), key=lambda path: (order.get(path.stem, 9), path.stem))
    return _build([entry for path in files for entry in read_entries(path)], model)


def _build(entries: list[Entry], model: type[Model]) -> list[tuple[Entry, Model]]:
    """Typed entries with their places; the faults of all entries in one error."""
    built, faults = [], []
    for entry in entries:
        try:
            built.append((entry, entry.build(model)))
        except CatalogueError as error:
            faults += error.faults
    if faults:
        raise CatalogueError(faults)
    return built


def _values(entries: list[tuple[Entry, Model]]) -> tuple[Model, ...]:
    return tuple(value for _, value in entries)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
