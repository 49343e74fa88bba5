"""For a file that cannot be edited by its bytes (.xls, .xlsb, .ods, .csv): the unit's template with the answers that were read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from expectations import Catalogue
from pipelines.intake.answers import Answer
from pipelines.intake.reading import Reading, Received, read_received
from pipelines.intake.values import NO_RESULT
from pipelines.marts.accepted import last_accepted_answers
from pipelines.registry.model import Registry
from pipelines.returned.remarks import Remark
from pipelines.workbook.form import Slot, UnitForm, Value
from pipelines.workbook.prefill import prefilled_form
from pipelines.workbook.write import write_workbook

NOTE = "原文件的格式不能直接标注，本文件是按原文件填报的数据重新生成的本期报表；单元格位置以本文件为准，请核对后改用本文件报送。"


class Known(NamedTuple):
    """What a fresh template is made with: the catalogue, the registry, and the folder of the published marts."""

    catalogue: Catalogue
    registry: Registry
    marts: Path


def fresh_workbook(reading: Reading, remarks: Sequence[Remark], known: Known) -> tuple[bytes, list[Remark]]:
    """The template with the answers of a reading that is not refused, and the remarks with their cells in it."""
    form = _filled(reading, known)
    target = io.BytesIO()
    write_workbook(form, known.catalogue, target)
    content = target.getvalue()
    again = read_received(Received(content, datetime.now(UTC)), (known.catalogue, known.registry))
    places = {_slot(answer): (answer.sheet, answer.cell) for answer in again.answers}
    moved = {
        (answer.sheet, answer.cell): places[_slot(answer)]
        for answer in reading.answers
        if _slot(answer) in places
    }
    return content, [_moved(remark, moved) for remark in remarks]


def _filled(reading: Reading, known: Known) -> UnitForm:
    """The form as the sender filled it; what the sender's file did not ask is pre-filled as in any template."""
    assert reading.unit_code is not None
    assert reading.period is not None
    unit = known.registry.unit(reading.unit_code)
    assert unit is not None
    branches = tuple(known.registry.branches_of(unit.unit_code, reading.period))
    previous = last_accepted_answers(known.marts, unit.unit_code, reading.period)
    form = prefilled_form(unit, reading.period, branches, known.catalogue, previous)
    read = {_slot(answer): _value(answer) for answer in reading.answers}
    current = {slot: value for slot, value in form.current.items() if slot not in read}
    current |= {slot: value for slot, value in read.items() if value is not None}
    explanations = {
        Slot("", answer.branch_code) if answer.branch_code else Slot(answer.question): answer.explanation
        for answer in reading.answers
        if answer.explanation
    }
    return UnitForm(unit, reading.period, branches, current, form.previous, explanations)


def _slot(answer: Answer) -> Slot:
    return Slot(answer.question, answer.branch_code, answer.month)


def _value(answer: Answer) -> Value | None:
    """What was answered; what could not be read stands in the cell as it was written, to be mended there."""
    if answer.text is not None:
        return answer.text
    if answer.number is not None:
        return int(answer.number) if answer.number == answer.number.to_integral_value() else answer.number
    return None if answer.raw == NO_RESULT else answer.raw


def _moved(remark: Remark, places: dict[tuple[str, str], tuple[str, str]]) -> Remark:
    if remark.sheet is None or remark.cell is None:
        return remark
    place = places.get((remark.sheet, remark.cell))
    if place is not None:
        return remark._replace(sheet=place[0], cell=place[1])
    return remark._replace(cell=None, found=f"{remark.found}（原文件{remark.cell}）")
