"""A file looked at as `sanxing check --annotate` does it, for one unit and period. Runs in the desk's process: it needs the engine of the rules."""

from __future__ import annotations

import io

import polars as pl

from expectations import Catalogue, Period
from pipelines.check import Checked, annotated, check_candidate
from pipelines.desk.files import as_candidate
from pipelines.desk.messages import Look, Looked
from pipelines.registry.model import Registry
from pipelines.returned.files import returned_name
from pipelines.returned.unfit import NotReturned
from pipelines.settings import Settings
from pipelines.store.registry import RegistryStore


def look(asked: Look, settings: Settings, catalogue: Catalogue) -> Looked:
    """What was found, the workbook with the findings marked in it, and the answers. Raises UserMistake where there is no registry."""
    checked = check_candidate(as_candidate(asked.name, asked.content), settings, catalogue)
    looked = Looked(
        status=checked.status,
        unit_code=checked.unit_code,
        period=checked.period,
        summary=checked.summary_zh(),
        elsewhere=_elsewhere(checked, asked, RegistryStore(settings.raw).current(catalogue)),
        findings=checked.findings,
        answers=_parquet(checked.answers) if checked.answers is not None and checked.status < 2 else None,
    )
    try:
        workbook = annotated(checked, settings, catalogue)
    except NotReturned as reason:
        return looked.model_copy(update={"not_returned": f"{reason}。"})
    if workbook is None:
        return looked
    name = returned_name(checked.shown, workbook.suffix)
    return looked.model_copy(update={"returned": workbook.content, "returned_name": name})


def _elsewhere(checked: Checked, asked: Look, registry: Registry) -> str | None:
    """Whose file it is, where it is not that of the unit and period that were chosen."""
    if checked.unit_code is not None and checked.unit_code != asked.unit_code:
        unit = registry.unit(checked.unit_code)
        name = f"{unit.name}（{unit.unit_code}）" if unit else checked.unit_code
        return f"这是{name}的报表，不是所选单位的。请核对文件；确要报送这份报表的，请在上面改选该单位。"
    if checked.period is not None and checked.period != asked.period:
        given, chosen = (Period.parse(period).label_zh for period in (checked.period, asked.period))
        return f"这是{given}的报表，而所选的是{chosen}。请核对文件；确要报送这份报表的，请在上面改选报告期。"
    return None


def _parquet(answers: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    answers.write_parquet(content)
    return content.getvalue()
