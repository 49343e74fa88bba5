"""Putting one answer into one cell, and what Excel lets a clerk type there. Text is always written as text, never as a formula."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from expectations.models.question import Question
from expectations.wording import quoted
from pipelines.workbook.form import Value
from pipelines.workbook.styles import Styles

EXPLANATION_LENGTH = 200
# What Excel allows in a validation's messages and in the text of a drop-down list.
TITLE_LENGTH, MESSAGE_LENGTH, LIST_LENGTH = 32, 255, 255

_NO_PERSONS = "不要填写个人姓名、身份证号、电话号码。"


def put(
    sheet: Worksheet, row: int, column: int, value: Value | None, style: Format, question: Question
) -> None:
    """Write an answer: a number as a number, an option's code as its label, other text as text, nothing as a blank."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        label = next((option.label_zh for option in question.choices if option.code == value), value)
        sheet.write_string(row, column, label, style)
    else:
        sheet.write_number(row, column, float(value), style)


def put_input(
    sheet: Worksheet, row: int, column: int, value: Value | None, styles: Styles, question: Question
) -> None:
    """Write an input cell; its colour tells what is pre-filled from what is to be filled."""
    is_prefilled = question.is_known_before and value is not None
    style = styles.input_for(is_text=question.type == "text", is_prefilled=is_prefilled)
    put(sheet, row, column, value, style, question)


def put_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write text, or a blank where there is none."""
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def shown(value: Value | None, question: Question) -> str:
    """An answer as the clerk sees it, for measuring how much room it takes."""
    labels = {option.code: option.label_zh for option in question.choices}
    return "" if value is None else labels.get(str(value), str(value))


def allowed(question: Question) -> str:
    """What the answer may be, in one Chinese phrase: 0至30之间的整数（次）."""
    if question.is_number:
        number = "整数" if question.type == "count" else f"数，最多{question.decimals}位小数"
        return f"{_plain(question.min)}至{_plain(question.max)}之间的{number}（{question.unit}）"
    if question.choices:
        return "、".join(quoted(option.label_zh) for option in question.choices) + "中的一项"
    return f"不超过{question.max_length}字的文字"


@lru_cache(maxsize=1024)
def validation(question: Question, hint: str) -> dict[str, Any]:
    """The xlsxwriter data validation of a question's cells, from its type and bounds. Shared: not to be changed."""
    options: dict[str, Any] = {
        "input_title": question.label_zh[:TITLE_LENGTH],
        "input_message": f"可填：{allowed(question)}。\n{hint}"[:MESSAGE_LENGTH],
        "error_title": "填写有误",
        "error_message": f"{quoted(question.label_zh)}应填{allowed(question)}。请改正后再填。"[
            :MESSAGE_LENGTH
        ],
    }
    if question.is_number:
        kind = "integer" if question.type == "count" else "decimal"
        return options | _between(kind, _number(question.min), _number(question.max))
    if question.choices:
        return options | {"validate": "list", "source": _list(question)}
    return options | _between("length", 0, question.max_length)


def explanation_validation() -> dict[str, Any]:
    """The data validation of 情况说明 cells."""
    return {
        "input_title": "情况说明",
        "input_message": f"数据有特殊情况的，在此说明原因；没有的不填。{_NO_PERSONS}",
        "error_title": "情况说明过长",
        "error_message": f"情况说明不超过{EXPLANATION_LENGTH}字，请精简。",
    } | _between("length", 0, EXPLANATION_LENGTH)


def _between(kind: str, minimum: float, maximum: float) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": minimum, "maximum": maximum}


def _list(question: Question) -> list[str]:
    labels = [option.label_zh for option in question.choices]
    if len(",".join(labels)) > LIST_LENGTH or any("," in label for label in labels):
        raise ValueError(
            f"指标{question.code}的选项放不进下拉列表：选项中不能有英文逗号，合计不超过{LIST_LENGTH}字。"
        )
    return labels


def _number(bound: Decimal | None) -> int | float:
    if bound is None:
        raise ValueError("a number has bounds; Question sees to it")
    return int(bound) if bound == bound.to_integral_value() else float(bound)


def _plain(bound: Decimal | None) -> str:
    return str(_number(bound))
