"""Other weights, quotas and gates than the declared ones, and what was changed in words. Pure; the declared rules stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from expectations.models.selection import Dimension, Selection
from pipelines.exports.figures import number
from pipelines.exports.labels import Labels
from pipelines.failures import UserMistake
from pipelines.selection.pool import DIMENSIONS

NOT_ASKED = "不作要求"
KINDS = ("city", "university", "school")
GATES = (
    "quality",
    "missing_quarters",
    "late_quarters",
    "red_flags",
    "coverage",
    "years_of_record",
    "least_score",
)
GATES_ZH = {
    "quality": "数据质量达标的季度", "missing_quarters": "允许未采用的季度数", "late_quarters": "允许未按时的季度数",
    "red_flags": "允许的红色绩效预警项数", "coverage": "可计算指标的最低比例", "years_of_record": "完整报送年度的最低数",
    "least_score": "最低总分",
}  # fmt: skip
QUARTERS_ZH = {"every": "各季度", "last": "第四季度"}
KEYS = (
    *(f"weights.{name}" for name in DIMENSIONS), *(f"quotas.{kind}" for kind in KINDS), *(f"gates.{gate}" for gate in GATES), "most_per_city",
)  # fmt: skip
PLACES = Decimal("0.0001")
MOST = {"gates.missing_quarters": 4, "gates.late_quarters": 4, "gates.years_of_record": 100}
LARGEST = 9_999  # of all other counts


class WhatIfMistake(UserMistake):
    """A change that cannot be made. The message is Chinese and says what can."""


class Changed(NamedTuple):
    """The rules as changed, and each change in words; none where nothing differs from what is declared."""

    rules: Selection
    words: tuple[str, ...]


def parse_changes(texts: tuple[str, ...]) -> dict[str, str]:
    """`weights.learning=0.4` and its like, as key → value. Raises WhatIfMistake."""
    changes: dict[str, str] = {}
    for text in texts:
        key, found, value = (part.strip() for part in text.partition("="))
        if not found or not value:
            raise WhatIfMistake(f"“{text}”看不懂：请写成“项目=数值”，例如 weights.learning=0.4。")
        if key in changes:
            raise WhatIfMistake(f"“{key}”写了两次，请只写一次。")
        changes[key] = value
    return changes


def change(rules: Selection, changes: Mapping[str, str], labels: Labels) -> Changed:
    """The rules of a year with these changes. Raises WhatIfMistake.

    Weights add up to 1 always: where some are given, the others share the rest in their declared proportion; where all four are given
    and do not add up to 1, they are scaled. Both are said in words.
    """
    if unknown := [key for key in changes if key not in KEYS]:
        raise WhatIfMistake(f"没有“{unknown[0]}”这一项。可以改的有：{'、'.join(KEYS)}。")
    weights = {name: changes[f"weights.{name}"] for name in DIMENSIONS if f"weights.{name}" in changes}
    scoring, said = _weights(
        rules, {name: _decimal(f"weights.{name}", text) for name, text in weights.items()}, labels
    )
    declared = rules.shortlist
    quotas = {str(kind): quota for kind, quota in declared.quotas.items()}
    gates: dict[str, Any] = declared.gates.model_dump()
    most = declared.most_per_city
    for kind in KINDS:
        if (text := changes.get(f"quotas.{kind}")) is not None:
            wanted = _whole(f"quotas.{kind}", text)
            said += _said(f"{labels('kind', kind)}名额", _seats(quotas.get(kind, 0)), _seats(wanted))
            quotas[kind] = wanted
    for gate in GATES:
        if (text := changes.get(f"gates.{gate}")) is not None:
            asked = _gate(gate, text)
            said += _said(GATES_ZH[gate], gate_zh(gate, gates[gate]), gate_zh(gate, asked))
            gates[gate] = asked
    if (text := changes.get("most_per_city")) is not None:
        wanted = _whole("most_per_city", text, 1)
        said += _said("每市入选上限", f"{most}个", f"{wanted}个")
        most = wanted
    asked_of = {
        **declared.model_dump(exclude={"changes"}),
        "quotas": quotas,
        "gates": gates,
        "most_per_city": most,
    }
    try:
        shortlist = type(declared).model_validate(asked_of)
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise WhatIfMistake(
            f"“{key}”不能改成“{changes.get(key, fault['input'])}”：{_range_zh(key)}。"
        ) from None
    return Changed(rules.model_copy(update={"scoring": scoring, "shortlist": shortlist}), tuple(said))


def _weights(rules: Selection, given: dict[Dimension, Decimal], labels: Labels) -> tuple[Any, list[str]]:
    declared = rules.scoring.weights
    if not given:
        return rules.scoring, []
    if any(weight < 0 for weight in given.values()):
        raise WhatIfMistake("权重不能小于0。")
    whole, rest = (
        sum(given.values()),
        {name: weight for name, weight in declared.items() if name not in given},
    )
    notes: list[str] = []
    wanted = dict(given)
    if not rest:
        if whole == 0:
            raise WhatIfMistake("四项权重不能都是0。")
        if whole != 1:
            wanted = {name: weight / whole for name, weight in given.items()}
            notes.append(f"四项权重合计{_percent(whole)}，已按比例折算为合计100%")
    elif whole > 1:
        raise WhatIfMistake(f"所给权重合计{_percent(whole)}，超过了100%。")
    else:
        left = sum(rest.values())
        if left == 0 and whole != 1:
            raise WhatIfMistake(f"所给权重合计{_percent(whole)}，其余维度的权重都是0，不能补足100%。")
        wanted |= {name: (1 - whole) * weight / left if left else Decimal(0) for name, weight in rest.items()}
        if any(wanted[name] != declared[name] for name in rest):
            notes.append("其余维度的权重按原比例调整")
    weights = _exactly_one(wanted)
    said = [
        line
        for name in DIMENSIONS
        for line in _said(
            f"{labels('dimension', name)}权重", _percent(declared[name]), _percent(weights[name])
        )
    ]
    changed = {**rules.scoring.model_dump(exclude={"changes"}), "weights": weights}
    return type(rules.scoring).model_validate(changed), said + (notes if said else [])


def _exactly_one(weights: Mapping[Dimension, Decimal]) -> dict[Dimension, Decimal]:
    """To four decimals; what rounding leaves over goes to the heaviest."""
    cut = {name: weights[name].quantize(PLACES) for name in DIMENSIONS}
    heaviest = max(DIMENSIONS, key=lambda name: cut[name])
    cut[heaviest] += 1 - sum(cut.values())
    return cut


def gate_zh(gate: str, asked: Any) -> str:
    """What a gate asks, in words."""
    if asked is None:
        return NOT_ASKED
    if gate == "quality":
        return QUARTERS_ZH[asked]
    if gate == "least_score":
        return f"{number(asked)}分"
    return _percent(asked) if gate == "coverage" else f"{asked}"


def _gate(gate: str, text: str) -> Any:
    if text in ("none", NOT_ASKED):
        return None
    if gate == "quality":
        if text not in QUARTERS_ZH:
            raise WhatIfMistake(f"“gates.quality”不能改成“{text}”：{_range_zh('gates.quality')}。")
        return text
    return (
        _decimal(f"gates.{gate}", text)
        if gate in ("coverage", "least_score")
        else _whole(f"gates.{gate}", text)
    )


def _said(what: str, before: str, after: str) -> list[str]:
    return [f"{what}由{before}改为{after}"] if before != after else []


def _seats(quota: int) -> str:
    return f"{quota}个" if quota else "0个（不设名额）"


def _percent(share: Decimal | int) -> str:
    return f"{number(round(Decimal(share) * 100, 4))}%"


def _decimal(key: str, text: str) -> Decimal:
    """0.4 or 40%."""
    try:
        value = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not -9 <= value.adjusted() <= 9:
        raise WhatIfMistake(f"“{key}={text}”中的“{text}”不是数字。")
    return value / 100 if text.endswith("%") else value


def _whole(key: str, text: str, least: int = 0) -> int:
    value = _decimal(key, text)
    most = MOST.get(key, LARGEST)
    if value != value.to_integral_value() or not least <= value <= most:
        raise WhatIfMistake(f"“{key}”不能改成“{text}”：须是{least}到{most}之间的整数。")
    return int(value)


def _range_zh(key: str) -> str:
    return {
        "gates.quality": f"须是every（各季度）、last（第四季度）或none（{NOT_ASKED}）",
        "gates.coverage": "须在0到1之间",
        "gates.least_score": "须在0到100之间",
    }.get(key, "超出了可用的范围")


def declared_text(rules: Selection, key: str) -> str:
    """The declared value of a key, as it is given in a change."""
    group, _, name = key.partition(".")
    if group == "weights":
        return str(rules.scoring.weights[cast("Dimension", name)])
    if group == "quotas":
        return str(next((quota for kind, quota in rules.shortlist.quotas.items() if kind == name), 0))
    if group == "gates":
        value = getattr(rules.shortlist.gates, name)
        return NOT_ASKED if value is None else str(value)
    return str(rules.shortlist.most_per_city)
