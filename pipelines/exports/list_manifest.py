"""What a list carries with it so that anyone can tell later whether it still follows from the data: where it comes from, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.period import FIRST_YEAR, LAST_YEAR
from pipelines.exports.fingerprint import BLANK, digests, row_digest, rows_digest
from pipelines.exports.list_rules import facts, parameters, parameters_digest
from pipelines.marts.published import PublishedRun

# Raise it with every change in what the tables or the texts of a list say: an older file is then compared by what was chosen, not by its words.
LAYOUT = 2
NAMESPACE = "urn:sanxing:list"
SUFFIX = ".manifest.json"
SHEET, DATA_ITEM = "核验信息", "核验数据"
LARGEST = 200_000  # characters

Form = Literal["xlsx", "docx", "csv"]
Line = Sequence[object]
# Each part of a list by name, and its lines as often as they are asked for.
Contents = Mapping[str, Callable[[], Iterable[Line]]]


class CatalogueFacts(BaseModel):
    """The catalogue that the figures were made by."""

    model_config = ConfigDict(frozen=True, strict=True)

    version: str
    sha256: str


class ListManifest(BaseModel):
    """The manifest of one list. trial: the changes in words; None where the list is the official one. content: part → digest of its rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["sanxing-shortlist"] = "sanxing-shortlist"
    layout: int = Field(ge=0, le=LAYOUT)
    form: Form
    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)
    trial: list[str] | None
    synthetic: bool
    run: str
    clock: str
    catalogue: CatalogueFacts
    inputs: str | None
    parameters: dict[str, Any]
    parameters_sha256: str
    content: dict[str, str]

    @classmethod
    def of(cls, run: PublishedRun, year: int, form: Form, content: Mapping[str, str]) -> ListManifest:
        """The manifest of a list that is about to be written."""
        values, facts_of = parameters(run, year), run.manifest["catalogue"]
        return cls(
            layout=LAYOUT,
            form=form,
            year=year,
            trial=list(run.manifest["trial"]["changes"]) if "trial" in run.manifest else None,
            synthetic=run.is_synthetic,
            run=run.name,
            clock=str(run.manifest["clock"]),
            catalogue=CatalogueFacts(version=str(facts_of["version"]), sha256=str(facts_of["sha256"])),
            inputs=run.manifest["inputs"],
            parameters=values,
            parameters_sha256=parameters_digest(values),
            content=dict(content),
        )

    @classmethod
    def parse(cls, text: str) -> ListManifest | None:
        """The manifest that a file carries; None where it is none of ours."""
        if len(text) > LARGEST:
            return None
        try:
            return cls.model_validate(json.loads(text))
        except (ValueError, RecursionError, ValidationError):
            return None

    def text(self) -> str:
        """As JSON on one line; the same manifest gives the same text."""
        return json.dumps(self.model_dump(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Noting:
    """Lines that are noted while someone takes them, so that what is written need not be made twice."""

    def __init__(self) -> None:
        self.noted: dict[str, list[bytes]] = {}

    def lines(self, name: str, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines, each noted under the name of its part."""
        noted = self.noted.setdefault(name, [])
        for line in lines:
            digest = row_digest(line)
            if digest != BLANK:
                noted.append(digest)
            yield line

    def content(self) -> dict[str, str]:
        """The digest of each part."""
        return {name: rows_digest(noted) for name, noted in self.noted.items()}


def content_of(contents: Contents) -> dict[str, str]:
    """The digest of each part."""
    return {name: rows_digest(digests(lines())) for name, lines in contents.items()}


def shown(run: PublishedRun, year: int, manifest: ListManifest) -> list[tuple[str, str]]:
    """The sheet 核验信息: the facts that a reader may want to see, then the whole manifest for `sanxing verify`."""
    hint = "在装有三型的计算机上运行 sanxing verify 加本文件名，可以核对本名单与数据是否一致。请勿改动本表。"
    return [("用途", hint), *facts(run, year), (DATA_ITEM, manifest.text())]
