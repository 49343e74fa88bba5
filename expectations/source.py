"""YAML files with their line numbers, and the error that names file, line, key and reason. Knows nothing of what the files mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Place:
    """Where an entry stands in a file, for messages."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file.parent.name}/{self.file.name}:{self.line}"


class CatalogueError(Exception):
    """A catalogue that cannot be used. One message a fault: place, key and reason."""

    def __init__(self, faults: Iterable[tuple[Place, str, str]]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(f"{place}: {key}: {reason}" for place, key, reason in self.faults))


@dataclass(frozen=True)
class Entry:
    """One mapping of a file: its plain values and the line of each key."""

    value: dict[str, Any]
    place: Place
    lines: dict[str, int]

    def at(self, key: str) -> Place:
        return Place(self.place.file, self.lines.get(key, self.place.line))

    def build(self, model: type[Model]) -> Model:
        """The entry as a typed object. Raises CatalogueError with the line of each bad key."""
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            raise CatalogueError(
                (
                    self.at(str(fault["loc"][0]) if fault["loc"] else ""),
                    ".".join(map(str, fault["loc"])) or model.__name__,
                    fault["msg"],
                )
                for fault in error.errors()
            ) from None


def read_entries(path: Path) -> list[Entry]:
    """The mappings of a YAML list file, in order. Raises CatalogueError where the file is missing or not a list of mappings."""
    node = _compose(path)
    if not isinstance(node, yaml.SequenceNode):
        raise CatalogueError([(Place(path, 1), path.name, "must be a list of entries")])
    return [_entry(path, item) for item in node.value]


def read_entry(path: Path) -> Entry:
    """A YAML file that is one mapping."""
    return _entry(path, _compose(path))


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text("utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise CatalogueError([(Place(path, 1), path.name, "the file is missing")]) from None
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8")[: error.position].count(b"\n") + 1
        raise CatalogueError([(Place(path, line), path.name, f"not valid YAML: {error.reason}")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path, mark.line + 1 if mark else 1)
        raise CatalogueError([(place, path.name, f"not valid YAML: {error}")]) from None
    if node is None:
        raise CatalogueError([(Place(path, 1), path.name, "the file is empty")])
    return node


def _entry(path: Path, node: yaml.Node) -> Entry:
    place = Place(path, node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        raise CatalogueError([(place, path.name, "must be a mapping of keys to values")])
    _refuse_repeated_keys(path, node)
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    try:
        return Entry(_construct(node), place, lines)
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise CatalogueError([(place, path.name, f"not valid YAML: {error}")]) from None


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """YAML would silently take the last of two equal keys, at any depth."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise CatalogueError(
                    [(Place(path, key.start_mark.line + 1), str(key.value), "the key stands twice")]
                )
            seen.add(str(key.value))
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(path, item)


def _construct(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()
