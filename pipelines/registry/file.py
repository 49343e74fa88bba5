"""The registry's file (units.csv): its columns, and the checks that an edition must pass before it is taken."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from expectations import Catalogue
from pipelines.failures import UserMistake
from pipelines.registry.model import Registry, RegistryEntry, is_unit_code

COLUMNS = (
    "unit_code", "name", "kind", "category", "is_private", "city_code",
    "parent_code", "members", "valid_from", "valid_to", "is_synthetic",
)  # fmt: skip
LARGEST_FILE = 64 * 1024 * 1024
_FLAGS = {"1": True, "0": False}
_MOST_DIGITS = 7


class RegistryError(UserMistake):
    """An edition that cannot be taken; `faults` holds one Chinese sentence a fault, with its line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        more = f"；另有{len(faults) - 5}处" if len(faults) > 5 else ""
        super().__init__(
            "名册未被采用，原名册继续有效：" + "；".join(faults[:5]) + more + "。请改正后重新报送名册。"
        )


def parse_registry(content: bytes, catalogue: Catalogue) -> Registry:
    """Read an edition: UTF-8 CSV (with or without BOM) with the columns of COLUMNS. Raises RegistryError with every fault."""
    if len(content) > LARGEST_FILE:
        raise RegistryError(["文件超过64MB"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RegistryError(["文件不是UTF-8编码"]) from None
    rows = csv.reader(io.StringIO(text, newline=None))
    try:
        head = tuple(next(rows, ()))
    except csv.Error:
        head = ()
    if head != COLUMNS:
        raise RegistryError([f"第1行的列名应为：{','.join(COLUMNS)}"])
    entries: list[tuple[int, RegistryEntry]] = []
    faults: list[str] = []
    try:
        for row in rows:
            if not row:
                continue
            try:
                entries.append((rows.line_num, _entry(row)))
            except ValueError as error:
                faults.append(f"第{rows.line_num}行：{error}")
    except csv.Error:
        faults.append(f"第{rows.line_num}行：不是完整的CSV，引号可能没有成对")
    faults += _faults_between(entries, catalogue)
    if not entries and not faults:
        faults.append("名册中没有单位")
    if faults:
        raise RegistryError(faults)
    return Registry(tuple(entry for _, entry in entries), hashlib.sha256(content).hexdigest())


def write_registry(entries: list[RegistryEntry]) -> bytes:
    """An edition as the bytes of units.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow(
            [
                entry.unit_code, entry.name, entry.kind, entry.category, int(entry.is_private), entry.city_code,
                entry.parent_code or "", entry.members, entry.valid_from, entry.valid_to or "", int(entry.is_synthetic),
            ]
        )  # fmt: skip
    return text.getvalue().encode("utf-8")


def _entry(row: list[str]) -> RegistryEntry:
    """One row as an entry. Raises ValueError, in Chinese, naming the column."""
    if len(row) != len(COLUMNS):
        raise ValueError("列数不对")
    code, name, kind, category, is_private, city_code, parent, members, valid_from, valid_to, is_synthetic = (
        row
    )
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise ValueError("单位代码和名称不能为空")
    if not is_unit_code(code):
        raise ValueError(f"单位代码“{code[:40]}”只能由字母、数字、-和_组成，以字母或数字开头，不超过40位")
    for column, flag in (("is_private", is_private), ("is_synthetic", is_synthetic)):
        if flag not in _FLAGS:
            raise ValueError(f"{column}应为1或0")
    if not (members.isascii() and members.isdecimal() and len(members) <= _MOST_DIGITS):
        raise ValueError("members应为0至9999999的整数")
    return RegistryEntry(
        code,
        name,
        kind,
        category,
        _FLAGS[is_private],
        city_code,
        parent or None,
        int(members),
        _date(valid_from, "valid_from"),
        _date(valid_to, "valid_to") if valid_to else None,
        _FLAGS[is_synthetic],
    )


@lru_cache(maxsize=1_000)
def _date(text: str, column: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column}应为年-月-日，例如2025-01-01") from None


def _faults_between(entries: list[tuple[int, RegistryEntry]], catalogue: Catalogue) -> Iterator[str]:
    """Codes unique, kinds and categories known, cities known, parents there and of the right kind (so that no loop can be), dates in order."""
    categories = {
        kind.code: {category.code for category in kind.categories} for kind in catalogue.kinds.units
    }
    categories["branch"] = {branch.code for branch in catalogue.kinds.branches}
    parent_kinds: dict[str, set[str | None]] = {
        "city": {None},
        "university": {None},
        "school": {"city"},
        "branch": {"city", "university", "school"},
    }
    by_code = {entry.unit_code: entry for _, entry in entries}
    seen: dict[str, int] = {}
    for line, entry in entries:
        if entry.unit_code in seen:
            yield f"第{line}行：代码{entry.unit_code}与第{seen[entry.unit_code]}行重复"
        seen.setdefault(entry.unit_code, line)
        if entry.kind not in categories:
            yield f"第{line}行：kind“{entry.kind}”不在{'、'.join(categories)}之中"
            continue
        if entry.category not in categories[entry.kind]:
            yield f"第{line}行：category“{entry.category}”不是{entry.kind}的类别"
        if entry.city_code not in catalogue.city:
            yield f"第{line}行：城市代码{entry.city_code}不存在"
        if entry.valid_to is not None and entry.valid_to < entry.valid_from:
            yield f"第{line}行：valid_to早于valid_from"
        parent = by_code.get(entry.parent_code) if entry.parent_code else None
        if entry.parent_code and parent is None:
            yield f"第{line}行：上级单位{entry.parent_code}不在名册中"
        elif (parent.kind if parent else None) not in parent_kinds[entry.kind]:
            yield f"第{line}行：{entry.unit_code}的上级单位类别不对"
        if parent is not None and parent.city_code != entry.city_code:
            yield f"第{line}行：{entry.unit_code}与上级单位不在同一城市"
