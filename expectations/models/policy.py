"""The policy: its clauses, the dimensions that they fall under, and the product parts that fulfil `process` clauses."""

from __future__ import annotations

from typing import Literal

from expectations.models.base import CatalogueEntry, Words

Respondent = Literal["city", "university", "school", "branch"]
UnitKind = Literal["city", "university", "school"]
BranchCategory = Literal["staff", "student", "retired"]


class Clause(CatalogueEntry):
    """A duty in the policy, as the clause register gives it (policy/clauses.yaml)."""

    id: str
    section: str
    label_zh: Words
    who: tuple[str, ...]
    measure: str
    standard: str
    stated: bool
    per: Literal["month", "semester", "year"]
    kind: Literal["threshold", "coverage", "checklist", "volume", "survey", "process"]


class Fulfilment(CatalogueEntry):
    """The part of the product that carries out a `process` clause."""

    clause: str
    part_zh: str
    part_en: str
    where: str


class Label(CatalogueEntry):
    """A code with its Chinese and English names."""

    code: str
    label_zh: Words
    label_en: Words


class Dimension(Label):
    """One of the four parts of the policy; `letter` opens the ids of its clauses."""

    letter: str


class UnitKindEntry(Label):
    """A kind of submitting unit and the categories that it falls into."""

    categories: tuple[Label, ...]


class Kinds(CatalogueEntry):
    """kinds.yaml as a whole."""

    units: tuple[UnitKindEntry, ...]
    branches: tuple[Label, ...]
    dimensions: tuple[Dimension, ...]


class City(CatalogueEntry):
    """A city with its GB/T 2260 code and its place on the tile map."""

    code: str
    name: str
    short: str
    column: int
    row: int
