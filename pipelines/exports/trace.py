"""A number and its cells in words, for the terminal and as plain data. Reads what pipelines/marts/behind.py found."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import polars as pl

from pipelines.exports.figures import NOTHING, file_name, measure, number, standard
from pipelines.exports.labels import BASIS_ZH, Labels
from pipelines.marts.behind import Row, Trace

SIDES_ZH = {"numerator": "分子", "denominator": "分母"}
_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
OPERATIONS = {
    "sum": "{0}",
    "minus": "减去{0}",
    "in_place": "“是”或大于0的项数：{0}",
    "asked": "应填的项数：{0}",
    "one": "1（每个单位）",
}


def formula(terms: pl.DataFrame) -> list[tuple[str, str]]:
    """What numerator and denominator are made of, in words, with the codes of their questions."""
    sides = []
    for side, name in SIDES_ZH.items():
        part = terms.filter(pl.col("side") == side)
        phrases = []
        for operation in part["operation"].unique(maintain_order=True):
            questions = part.filter(pl.col("operation") == operation)
            joined = "＋".join(
                f"{label}（{code}）" for label, code in questions.select("label_zh", "question").rows()
            )
            phrases.append(OPERATIONS[operation].format(joined))
        sides.append((f"{name}取自", "，".join(phrases)))
    return sides


def sides_zh(sides: str) -> str:
    """`numerator,denominator` as 分子、分母."""
    return "、".join(SIDES_ZH[side] for side in sides.split(","))


def one_line(text: str) -> str:
    """Text from outside as it can stand in one line of a terminal: no line breaks, no control characters."""
    return "".join(
        character for character in _BREAKS.sub(" ", text) if character.isprintable() or character == "　"
    )


def holder_zh(holder: Row) -> str:
    """A unit, or a branch behind its unit: 示例小学　教工党支部（S1-01）."""
    above = "" if holder["submits"] == holder["unit_code"] else f"{one_line(holder['submitter'])}　"
    return f"{above}{one_line(holder['name'])}（{holder['unit_code']}）"


def trace_lines(trace: Trace, labels: Labels) -> list[str]:
    """The number, how it is made and judged, and each answer behind it with its address."""
    value, indicator, clause = trace.value or {}, trace.indicator, trace.clause["clause"]
    made = dict(formula(trace.terms))
    in_force, unit = _standard(trace), indicator["unit"]
    judged = standard(in_force, unit, indicator["compare"])
    lines = [
        f"{holder_zh(trace.holder)}　{trace.period['label_zh']}",
        f"指标：{indicator['label_zh']}（{indicator['indicator']}）",
        f"条款：{clause} {labels('clause', clause)}",
        f"数值：{measure(value.get('numerator'), value.get('denominator'), unit, in_force)}",
        *(f"{name}：{number(value.get(side))}　取自{made[f'{name}取自']}" for side, name in SIDES_ZH.items()),
        f"标准：{judged}（{BASIS_ZH[indicator['stated']]}）" if in_force is not None else "标准：不设标准",
        f"状态：{labels('status', value.get('status'))}",
    ]
    if trace.absence is not None:
        lines.append(f"没有数值的原因：{trace.absence}。")
        lines += [f"  没有可以采用的报送：{'、'.join(trace.unreported)}"] if trace.unreported else []
        lines += [f"  {one_line(message)}" for message in trace.obstacles]
    elif value["reason"]:
        lines.append(f"说明：{value['reason']}。")
    if trace.answers.is_empty():
        return [*lines, "没有可以列出的答案。"]
    return [*lines, f"答案（{trace.answers.height}格）：", *_answer_lines(trace.answers, labels)]


def _answer_lines(answers: pl.DataFrame, labels: Labels) -> list[str]:
    """The answers under their files; the frame holds those of one file together."""
    lines: list[str] = []
    for _, group in groupby(answers.to_dicts(), key=lambda row: row["submission_id"]):
        rows = list(group)
        first = rows[0]
        lines.append(
            f"  {first['period']}　{one_line(file_name(first['file']))}　第{first['version']}版　"
            f"{labels.local_time(first['received_at'])}收到　{labels('state', first['state'])}"
        )
        lines += [f"    {_address(row)}" for row in rows]
    return lines


def _address(row: Row) -> str:
    """`分子　L3.2b 中心组实到人次　本级　12　原文“12”　学习型!E7`."""
    raw = "空白" if row["raw"] is None else f"原文“{one_line(row['raw'])}”"
    return "　".join(
        (
            sides_zh(row["sides"]),
            f"{row['question']} {row['label_zh']}",
            one_line(row["branch"] or "本级") + (f"　{row['month']}月" if row["month"] else ""),
            used_value(row),
            raw,
            f"{one_line(row['sheet'])}!{row['cell']}",
        )
    )


def used_value(row: Row) -> str:
    """The value as it is used: the number, else the text."""
    return number(row["value"]) if row["value"] is not None else one_line(row["text"] or NOTHING)


def trace_json(trace: Trace, labels: Labels) -> dict[str, Any]:
    """The same as plain data; times are UTC, amounts exact."""
    value, indicator, clause = trace.value or {}, trace.indicator, trace.clause["clause"]
    shown = measure(value.get("numerator"), value.get("denominator"), indicator["unit"], _standard(trace))
    columns = (
        "period", "question", "label_zh", "sides", "branch_code", "branch", "month", "value", "text", "raw", "explanation",
        "submission_id", "file", "version", "state", "received_at", "sheet", "cell",
    )  # fmt: skip
    return {
        "unit_code": trace.holder["unit_code"], "name": trace.holder["name"], "period": trace.period["period"],
        "indicator": indicator["indicator"], "label_zh": indicator["label_zh"], "unit": indicator["unit"],
        "clause": clause, "clause_label_zh": labels("clause", clause),
        "value": None if trace.absence is not None else shown,
        **{key: plain_data(value.get(key)) for key in ("numerator", "denominator", "status", "reason")},
        "standard": plain_data(_standard(trace)), "compare": indicator["compare"], "stated": indicator["stated"],
        "absence": trace.absence, "unreported": list(trace.unreported), "obstacles": list(trace.obstacles),
        "answers": [{key: plain_data(row[key]) for key in columns} for row in trace.answers.to_dicts()],
    }  # fmt: skip


def plain_data(value: Any) -> Any:
    """A mart's value for JSON: an exact amount as an integer, or as the decimal that it is; a time in ISO form, UTC."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def _standard(trace: Trace) -> Decimal | None:
    """The standard that the number was judged by; without a number, the one in force."""
    held: Decimal | None = (trace.value or trace.indicator)["standard"]
    return held
