"""YAML files with their line numbers, and the error that names file, line, key and reason. Knows nothing of what the files mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


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
    """One mapping of a file: its plain values and the line of each key, at any depth (`changes.1.severity`)."""

    value: dict[str, Any]
    place: Place
    lines: dict[str, int]

    def at(self, key: str) -> Place:
        """Where a key stands; what is inside a value that has no lines of its own stands where the value does."""
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return Place(self.place.file, self.lines.get(key, self.place.line))

    def build(self, model: type[Model]) -> Model:
        """The entry as a typed object. Raises CatalogueError with the line of each bad key."""
        return self._built(model.model_validate, model.__name__, 0)

    def build_one_of(self, models: TypeAdapter[T], name: str) -> T:
        """The same for a union of models that one key tells apart; `name` is what they are."""
        return self._built(models.validate_python, name, 1)

    def _built(self, validate: Callable[[Any], T], name: str, tags: int) -> T:
        try:
            return validate(self.value)
        except ValidationError as error:
            raise CatalogueError(self._fault(fault, name, tags) for fault in error.errors()) from None

    def _fault(self, fault: ErrorDetails, name: str, tags: int) -> tuple[Place, str, str]:
        path: list[str] = []
        value: Any = self.value
        *above, last = fault["loc"][tags:] or ("",)
        for step in above:  # the library puts tags of unions between the keys of the file
            if isinstance(value, dict) and step in value:
                value = value[str(step)]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                continue
            path.append(str(step))
        path += [str(last)] if last != "" else []
        tag = str(fault.get("ctx", {}).get("discriminator", "")).strip("'")
        key = ".".join(path) or (tag if tag in self.value else name)
        return self.at(key), key, fault["msg"]


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
    except OSError as error:
        raise CatalogueError([(Place(path, 1), path.name, f"cannot be read: {error.strerror}")]) from None
    if node is None:
        raise CatalogueError([(Place(path, 1), path.name, "the file is empty")])
    _refuse_aliases(path, node, set())
    return node


def _refuse_aliases(path: Path, node: yaml.Node, seen: set[int]) -> None:
    """A value that stands in two places (`&name`, `*name`) has one line for both, and may hold itself."""
    if id(node) in seen:
        reason = "a value cannot be used again by a name (&, *): write it out"
        raise CatalogueError([(Place(path, node.start_mark.line + 1), path.name, reason)])
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _refuse_aliases(path, key, seen)
            _refuse_aliases(path, value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_aliases(path, item, seen)


def _entry(path: Path, node: yaml.Node) -> Entry:
    place = Place(path, node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        raise CatalogueError([(place, path.name, "must be a mapping of keys to values")])
    _refuse_repeated_keys(path, node)
    lines = dict(_lines(node, ""))
    try:
        return Entry(_construct(node), place, lines)
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise CatalogueError([(place, path.name, f"not valid YAML: {error}")]) from None


def _lines(node: yaml.Node, above: str) -> Iterator[tuple[str, int]]:
    """The line of each key below a node, and of each item of a list, by its path."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield f"{above}{key.value}", key.start_mark.line + 1
            yield from _lines(value, f"{above}{key.value}.")
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield f"{above}{number}", item.start_mark.line + 1
            yield from _lines(item, f"{above}{number}.")


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
