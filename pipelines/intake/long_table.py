"""The long table (.csv) that other systems send: one line an answer. Its text as rows, and the names of its columns."""

from __future__ import annotations

import csv
import io

from pipelines.intake.bounds import MOST_ROWS
from pipelines.intake.formats import decoded
from pipelines.intake.refusal import Refusal

MOST_LINES = 20 * MOST_ROWS
# The columns by their names, in English as systems write them and in Chinese as offices do.
UNIT, PERIOD, BRANCH, MONTH, QUESTION, VALUE, EXPLANATION = (
    "unit", "period", "branch", "month", "question", "value", "explanation",
)  # fmt: skip
NAMES = {
    "unit": UNIT, "unit_code": UNIT, "单位代码": UNIT, "period": PERIOD, "报告期": PERIOD, "branch": BRANCH, "branch_code": BRANCH,
    "支部代码": BRANCH, "month": MONTH, "月份": MONTH, "question": QUESTION, "code": QUESTION, "代码": QUESTION, "value": VALUE,
    "本期": VALUE, "数值": VALUE, "explanation": EXPLANATION, "情况说明": EXPLANATION,
}  # fmt: skip
REQUIRED = (UNIT, PERIOD, BRANCH, MONTH, QUESTION, VALUE)


def table_rows(content: bytes) -> list[list[str]]:
    """The lines of a .csv as rows of texts. Raises Refusal: not_a_workbook, damaged_file, over_limits."""
    text = decoded(content)
    if text is None:
        raise Refusal("not_a_workbook", "文件内容不是工作簿")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if len(rows) > MOST_LINES:
                raise Refusal("over_limits", f"长表超过{MOST_LINES}行")
            rows.append([field.strip() for field in row])
    except csv.Error as error:
        # The library tells a field that never ends by its words alone; a quote left open in a long file ends there too.
        if "field limit" in str(error):
            longest = csv.field_size_limit()
            found = f"长表第{reader.line_num}行有一格超过{longest}个字（也可能是前面的引号没有成对）"
            raise Refusal("over_limits", found) from None
        raise Refusal("damaged_file", f"长表第{reader.line_num}行的引号没有成对") from None
    return rows


def columns_of(head: list[str]) -> dict[str, list[int]] | None:
    """Where each column stands, more than one place where it is there twice; None where the head is not that of a long table."""
    places: dict[str, list[int]] = {}
    for index, name in enumerate(_plain(h) for h in head):
        if name in NAMES:
            places.setdefault(NAMES[name], []).append(index)
    return places if set(REQUIRED) <= set(places) else None


def _plain(head: str) -> str:
    return head.strip().lower().replace(" ", "_")
