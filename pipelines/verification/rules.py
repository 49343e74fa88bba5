"""By which rules a list says that it was made, and by which the official one is: what differs, and whether a trial says so truly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from expectations.models.selection import Selection
from pipelines.exports.labels import Labels
from pipelines.exports.list_manifest import ListManifest
from pipelines.exports.list_rules import parameters
from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import declared_rules
from pipelines.selection.what_if import KEYS, WhatIfMistake, change, declared_text
from pipelines.verification.markup import NotOurs

MOST_TOLD = 20
_CHANGE = re.compile(r".+由.+改为.+")
_NOTE = re.compile(r"其余维度的权重按原比例调整|四项权重合计[\d.]{1,12}%，已按比例折算为合计100%")


def rules_in(manifest: ListManifest) -> Selection:
    """The rules that a file carries. Raises NotOurs."""
    try:
        return Selection.model_validate(manifest.parameters)
    except ValidationError:
        raise NotOurs("核验数据中的评选参数无法识别") from None


def different_rules(run: PublishedRun, manifest: ListManifest) -> list[str]:
    """What is other in the file's rules than in the official ones of the year, a line each; none where they are the same. Raises NotOurs."""
    official = parameters(run, manifest.year)
    if manifest.parameters == official:
        return []
    said = _in_words(run, manifest)
    if said is not None:
        return said
    before, now = dict(_flat(official)), dict(_flat(manifest.parameters))
    differing = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    lines = [
        f"{key}：正式评选为{_shown(before, key)}，文件中为{_shown(now, key)}" for key in differing[:MOST_TOLD]
    ]
    more = len(differing) - MOST_TOLD
    return [*lines, f"另有{more}项不同"] if more > 0 else lines


def false_trial(run: PublishedRun, manifest: ListManifest) -> str | None:
    """Of a trial of the published run: what in it no trial of ours would say; None where nothing is. Raises NotOurs."""
    said = manifest.trial or []
    words = _in_words(run, manifest) if manifest.parameters != parameters(run, manifest.year) else []
    if words is None:
        return "核验数据中的评选参数不是试算可以改动的。"
    if {line for line in said if _CHANGE.fullmatch(line)} != set(words):
        return f"文件所称的试算改动与实际参数不符；实际改动为：{'；'.join(words) or '无'}。"
    if any(not _CHANGE.fullmatch(line) and not _NOTE.fullmatch(line) for line in said):
        return "文件所称的试算改动不是试算所写的。"
    return None


def _in_words(run: PublishedRun, manifest: ListManifest) -> list[str] | None:
    """The changes of a what-if that lead from the official rules to the file's, in its words; None where no such changes do."""
    official, theirs = declared_rules(run, manifest.year), rules_in(manifest)
    changes = {
        key: declared_text(theirs, key)
        for key in KEYS
        if declared_text(theirs, key) != declared_text(official, key)
    }
    try:
        changed = change(official, changes, Labels.of(run))
    except WhatIfMistake:
        return None
    if not changes or changed.rules.model_dump(mode="json") != theirs.model_dump(mode="json"):
        return None
    return [line for line in changed.words if _CHANGE.fullmatch(line)]


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, dict):
            yield from _flat(value, name)
        else:
            yield name, value


def _shown(values: Mapping[str, Any], key: str) -> str:
    text = str(values[key]) if key in values else "无"
    return text if len(text) <= 40 else f"{text[:39]}…"
