"""Files with their findings to returned workbooks in a folder: `sanxing check --annotate` and `sanxing return`.

A sender's bytes are only ever taken apart in a process of its own (intake/workers.py); what comes of it is written here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from expectations import Period
from pipelines.intake.formats import Format, sniff
from pipelines.intake.reading import Received, read_received
from pipelines.intake.workers import Lost, apart
from pipelines.returned.edit import Task, edit_apart, returned
from pipelines.returned.files import write_returned
from pipelines.returned.fresh import NOTE, Known, fresh_workbook
from pipelines.returned.list_sheet import Head
from pipelines.returned.remarks import remarks
from pipelines.returned.unfit import NotReturned
from pipelines.system_errors import reason_zh

_PERSONS = "文件含有个人信息，其内容不能再次发出，未生成问题清单。请在原文件中删去该处内容后重新报送"
_NO_FORM = "文件不能作为报表打开，无处标注，未生成问题清单。请按所列问题处理后重新报送"


class Case(NamedTuple):
    """One file with its findings (rows as `sanxing check --json` gives them). unit_code and period: None where unknown."""

    name: str
    content: bytes
    findings: list[dict[str, Any]]
    unit_code: str | None
    period: str | None
    prefix: str = ""


class GivenBack(NamedTuple):
    """What came of one file: where its returned workbook stands, or why there is none."""

    case: Case
    path: Path | None
    reason: str | None = None


class Returned(NamedTuple):
    """A returned workbook: its bytes, and the ending that they call for."""

    content: bytes
    suffix: str


class Edited(NamedTuple):
    """A case and what editing its bytes gave: the returned workbook, None where they cannot be edited, or why they were lost."""

    case: Case
    edited: bytes | Lost | None
    known: Known

    def workbook(self) -> Returned:
        """The returned workbook; made anew where the file itself cannot be edited. Raises NotReturned."""
        refusal = _refusal(self.case)
        if refusal is not None:
            raise NotReturned(refusal)
        if isinstance(self.edited, bytes):
            return Returned(self.edited, ".xlsm" if sniff(self.edited) is Format.XLSM else ".xlsx")
        return Returned(_fresh(self.case, self.known), ".xlsx")


def give_back(cases: Iterable[Case], folder: Path, known: Known) -> Iterator[GivenBack]:
    """Write the returned workbook of each case into `folder`, in their order."""
    for edited in returned_workbooks(cases, known):
        try:
            yield GivenBack(edited.case, _write(edited, folder))
        except NotReturned as refusal:
            yield GivenBack(edited.case, None, str(refusal))


def returned_workbooks(cases: Iterable[Case], known: Known) -> Iterator[Edited]:
    """What editing gives of each case, in their order."""
    waiting: deque[Case] = deque()
    with apart(edit_apart, None) as edits:
        for edited in edits(_tasks(cases, waiting, known)):
            yield Edited(waiting.popleft(), edited, known)


def _tasks(cases: Iterable[Case], waiting: deque[Case], known: Known) -> Iterator[Task]:
    for case in cases:
        waiting.append(case)
        is_open = _refusal(case) is None
        said = remarks(case.findings, known.catalogue, known.registry, case.period) if is_open else []
        yield Task(case.content if is_open else b"", said, _head(case, known))


def _refusal(case: Case) -> str | None:
    """Why nothing may be given back for this file whatever its format."""
    return _PERSONS if any(finding["rule"] == "personal_data" for finding in case.findings) else None


def _write(edited: Edited, folder: Path) -> Path:
    content, suffix = edited.workbook()
    try:
        return write_returned(content, folder, edited.case.name, suffix, edited.case.prefix)
    except OSError as error:
        reason = reason_zh(error)
        if reason is None:
            raise
        raise NotReturned(f"问题清单无法保存到 {folder}（{reason}），请检查磁盘空间和权限") from None


def _fresh(case: Case, known: Known) -> bytes:
    """The unit's template with what the file says. Raises NotReturned where the file is refused or crashes its reader."""
    with apart(read_received, (known.catalogue, known.registry)) as readings:
        (reading,) = readings([Received(case.content, datetime.now(UTC))])
    if isinstance(reading, Lost) or reading.refused:
        raise NotReturned(_NO_FORM)
    said = remarks(case.findings, known.catalogue, known.registry, case.period)
    content, moved = fresh_workbook(reading, said, known)
    return returned(content, moved, _head(case, known)._replace(notes=(NOTE,)))


def _head(case: Case, known: Known) -> Head:
    unit = known.registry.unit(case.unit_code) if case.unit_code else None
    if unit is None:
        return Head(f"文件：{case.name}")
    period = f"　报告期：{case.period}（{Period.parse(case.period).label_zh}）" if case.period else ""
    return Head(f"填报单位：{unit.name}（{unit.unit_code}）{period}", is_synthetic=unit.is_synthetic)
