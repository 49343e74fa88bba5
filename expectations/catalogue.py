"""The catalogue as one object: everything that YAML declares, typed, indexed and checked as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from expectations.consistency import (
    check_consistency,
    check_flag_rules,
    check_formulas,
    check_outliers,
    check_peer_groups,
    check_rule_set,
)
from expectations.models.base import CatalogueEntry
from expectations.models.calendar import Calendar
from expectations.models.explanations import Explanations
from expectations.models.flags import FlagRules
from expectations.models.indicator import Indicator
from expectations.models.outliers import OutlierSeries
from expectations.models.policy import City, Clause, Dimension, Fulfilment, Kinds
from expectations.models.quality import QualityFormula
from expectations.models.question import Question
from expectations.models.question_use import QuestionUse
from expectations.models.rule import RULE, Rule
from expectations.models.selection import Selection
from expectations.models.signs import Signs
from expectations.period import Period
from expectations.sign_consistency import check_signs
from expectations.source import CatalogueError, Entry, Place, read_entries, read_entry

HERE = Path(__file__).parent
Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


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
    outliers: tuple[OutlierSeries, ...]
    signs: Signs
    quality: tuple[QualityFormula, ...]
    flags: tuple[FlagRules, ...]
    question_use: QuestionUse
    sha256: str
    whole: Catalogue | None = None  # of a catalogue `as_of` a period: the one with all versions

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

    def quality_in(self, period: Period) -> QualityFormula:
        """The formula that submissions of the period are graded by."""
        return next(formula for formula in self.quality if formula.holds_in(period))

    def flags_in(self, period: Period) -> FlagRules:
        """The rules by which units and branches are flagged in the period."""
        return next(rules for rules in self.flags if rules.holds_in(period))

    def dimension_of(self, clause: str) -> Dimension:
        return next(dimension for dimension in self.kinds.dimensions if dimension.letter == clause[0])

    def as_of(self, period: Period) -> Catalogue:
        """The catalogue with each question and rule in its version of the period; itself where none has another.

        Periods with the same versions share one object. Whatever is said of a period (its forms, findings, messages) is said from it.
        """
        if self.whole is not None:
            return self.whole.as_of(period)
        if period not in self._in_version:
            questions = tuple(question.as_of(period) for question in self.questions)
            rules = tuple(rule.as_of(period) for rule in self.rules)
            known = (self, *self._in_version.values())
            same = (other for other in known if (other.questions, other.rules) == (questions, rules))
            self._in_version[period] = next(same, None) or replace(
                self, questions=questions, rules=rules, whole=self
            )
        return self._in_version[period]

    @cached_property
    def _in_version(self) -> dict[Period, Catalogue]:
        return {}

    def asked_in(self, period: Period) -> tuple[Question, ...]:
        """Questions in force in the period and asked in its quarter, in catalogue order and in their version of the period."""
        if period not in self._asked:
            self._asked[period] = tuple(
                question
                for question in self.as_of(period).questions
                if question.holds_in(period) and period.quarter in self.calendar.asked[question.asked]
            )
        return self._asked[period]

    @cached_property
    def _asked(self) -> dict[Period, tuple[Question, ...]]:
        return {}


def load_catalogue(folder: Path = HERE) -> Catalogue:
    """Read and check the catalogue in `folder`. Raises CatalogueError with file, line, key and reason of each fault."""
    questions = _build(_entries(folder / "questions"), Question)
    indicators = _build(_entries(folder / "indicators"), Indicator)
    rules = _gathered(_entries(folder / "rules"), lambda entry: entry.build_one_of(RULE, "Rule"))
    clauses = _build(read_entries(folder / "policy" / "clauses.yaml"), Clause)
    fulfilments = _build(read_entries(folder / "policy" / "fulfilment.yaml"), Fulfilment)
    cities = _build(read_entries(folder / "cities.yaml"), City)
    kinds = read_entry(folder / "kinds.yaml").build(Kinds)
    outliers = _build(read_entries(folder / "outliers.yaml"), OutlierSeries)
    selection = read_entry(folder / "selection.yaml")
    calendar = read_entry(folder / "calendar.yaml").build(Calendar)
    quality = _build(read_entries(folder / "quality.yaml"), QualityFormula)
    flags = _build(read_entries(folder / "flags.yaml"), FlagRules)
    check_peer_groups(selection, selection.build(Selection))
    check_consistency(clauses, fulfilments, kinds, cities, questions, indicators, rules, calendar)
    check_rule_set(folder / "rules", rules)
    check_outliers(outliers, questions)
    signs = read_entry(folder / "signs.yaml")
    declared = signs.build(Signs)
    check_signs(signs, declared, _values(questions), _values(indicators), _values(rules))
    check_formulas(folder / "quality.yaml", quality, calendar)
    check_flag_rules(folder / "flags.yaml", flags, clauses, calendar)
    return Catalogue(
        identity=read_entry(folder / "catalogue.yaml").build(Identity),
        clauses=_values(clauses),
        fulfilments=_values(fulfilments),
        kinds=kinds,
        cities=_values(cities),
        calendar=calendar,
        questions=_values(questions),
        indicators=_values(indicators),
        rules=_values(rules),
        selection=selection.build(Selection),
        explanations=read_entry(folder / "explanations.yaml").build(Explanations),
        outliers=_values(outliers),
        signs=declared,
        quality=_values(quality),
        flags=_values(flags),
        question_use=read_entry(folder / "question_use.yaml").build(QuestionUse),
        sha256=_digest(folder),
    )


def _entries(folder: Path) -> list[Entry]:
    """All entries of the YAML files in a folder: dimensions in the order of the policy, other files by name."""
    order = {"learning": 0, "service": 1, "innovation": 2, "leadership": 3}
    strange = sorted(path for path in folder.iterdir() if path.suffix != ".yaml" and path.name[0] != ".")
    if strange:
        reason = "is not read: a file here must end in .yaml"
        raise CatalogueError((Place(path, 1), path.name, reason) for path in strange)
    files = sorted(folder.glob("*.yaml"), key=lambda path: (order.get(path.stem, 9), path.stem))
    return [entry for path in files for entry in read_entries(path)]


def _build(entries: list[Entry], model: type[Model]) -> list[tuple[Entry, Model]]:
    return _gathered(entries, lambda entry: entry.build(model))


def _gathered(entries: list[Entry], build: Callable[[Entry], T]) -> list[tuple[Entry, T]]:
    """Typed entries with their places; the faults of all entries in one error."""
    built, faults = [], []
    for entry in entries:
        try:
            built.append((entry, build(entry)))
        except CatalogueError as error:
            faults += error.faults
    if faults:
        raise CatalogueError(faults)
    return built


def _values(entries: list[tuple[Entry, T]]) -> tuple[T, ...]:
    return tuple(value for _, value in entries)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
