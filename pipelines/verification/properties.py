"""The properties of a document, which an office shows under «文件属性»: the facts that we write there, and whatever others have written."""

from __future__ import annotations

import re

from pipelines.verification.found import Beside
from pipelines.verification.markup import Parser
from pipelines.verification.package import Package

PROPERTY = "文件属性“{}”"
# Who saved when is theirs to say; these are words about the list.
_CORE = {
    "title": "标题",
    "subject": "主题",
    "description": "备注",
    "keywords": "标记",
    "category": "类别",
    "contentStatus": "状态",
}
# What office programs put there for themselves.
_THEIRS = re.compile(r"(?:KSO\w+|ICV|MSIP_[\w-]+|ContentTypeId|WorkbookGuid|MediaServiceImageTags)")
_THEIR_VALUE = re.compile(r"[\w{}.:+/ -]{0,200}", re.ASCII)


def read_properties(package: Package, beside: Beside) -> None:
    """Note the properties that say something of the list."""
    relations = package.relations("")
    kinds = [kind for _, (kind, _) in relations]
    if kinds.count("core-properties") > 1 or kinds.count("custom-properties") > 1:
        beside.strange("文件有两份文件属性")
    for _, (kind, target) in relations:
        if kind == "core-properties" and target:
            package.parse(target, _Core(beside))
        elif kind == "custom-properties" and target:
            package.parse(target, _Custom(beside))


class _Core(Parser):
    def __init__(self, beside: Beside) -> None:
        super().__init__()
        self._beside = beside
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._text = []

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        said = "".join(self._text).strip()
        self._text = []
        if name in _CORE and said:
            place = PROPERTY.format(_CORE[name])
            if place in self._beside.shown:
                self._beside.strange(f"{place}写了两次")
            self._beside.shown[place] = said


class _Custom(Parser):
    def __init__(self, beside: Beside) -> None:
        super().__init__()
        self._beside, self._name = beside, ""
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "property":
            self._name, self._text = attributes.get("name", ""), []
            if "linkTarget" in attributes:
                self._beside.strange(f"{PROPERTY.format(self._name)}是链接")

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        if name != "property":
            return
        said = "".join(self._text).strip()
        if not (_THEIRS.fullmatch(self._name) and _THEIR_VALUE.fullmatch(said)):
            place = PROPERTY.format(self._name)
            if place in self._beside.shown:
                self._beside.strange(f"{place}写了两次")
            self._beside.shown[place] = said
