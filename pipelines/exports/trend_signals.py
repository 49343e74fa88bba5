"""The signals of control charts and yearly trends in words, as pages and files name them."""

from __future__ import annotations

from typing import NamedTuple

TOO_FEW = "too_few_points"


class Signal(NamedTuple):
    """Name, sign beside the colour, and what it means."""

    name: str
    sign: str
    meaning: str


# By signal and side; side "" stands for both.
SIGNALS: dict[tuple[str, str], Signal] = {
    ("astronomical", "high"): Signal(
        "高于正常波动上限", "◆", "这一期高于控制上限，平常的起伏很少到这么高，应了解原因"
    ),
    ("astronomical", "low"): Signal(
        "低于正常波动下限", "◆", "这一期低于控制下限，平常的起伏很少到这么低，应了解原因"
    ),
    ("shift", "high"): Signal("连续7点偏高", "■", "连续7期以上都高于中心线，说明水平已经整体变高"),
    ("shift", "low"): Signal("连续7点偏低", "■", "连续7期以上都低于中心线，说明水平已经整体变低"),
    ("trend", "high"): Signal("连续上升", "▲", "连续7期一期比一期高，不像是平常的起伏"),
    ("trend", "low"): Signal("连续下降", "▼", "连续7期一期比一期低，不像是平常的起伏"),
    ("two_of_three", "high"): Signal(
        "三点中两点接近上限", "✚", "相邻3期里有2期接近控制上限，可能正在变高，请留意"
    ),
    ("two_of_three", "low"): Signal(
        "三点中两点接近下限", "✚", "相邻3期里有2期接近控制下限，可能正在变低，请留意"
    ),
    ("none", ""): Signal("正常波动", "", "在控制限之内，是平常的起伏，不必逐期追问原因"),
    (TOO_FEW, ""): Signal("还不足12个点，暂不判断", "", "期数不够，算不出可靠的控制限，因此不作判断"),
}
YEARLY: dict[tuple[str, str], Signal] = {
    ("trend", "high"): Signal("逐年上升", "▲", "各年总体上升，出于偶然的可能小于5%"),
    ("trend", "low"): Signal("逐年下降", "▼", "各年总体下降，出于偶然的可能小于5%"),
    ("none", ""): Signal("没有明显升降", "", "各年有高有低，不能排除只是偶然"),
    (TOO_FEW, ""): Signal("不足5年，暂不判断", "", "不足5年时，怎样的升降都不能排除偶然，因此不作判断"),
}
TONES = {"better": "变好", "worse": "变差"}


def signal_of(signal: str, side: str | None, grain: str) -> Signal:
    """The words for a point's signal. Raises KeyError for a signal that the marts do not know."""
    known = YEARLY if grain == "year" else SIGNALS
    return known[signal, side or ""]


def tone_of(side: str | None, direction: str) -> str:
    """What a signal on this side means: better or worse; "" for no signal. direction: which side is the better one."""
    if side is None:
        return ""
    return "better" if (side == "high") == (direction == "higher") else "worse"


def named(signal: str, side: str | None, grain: str, direction: str) -> str:
    """The signal's name, with what it means for the work: 连续7点偏低（变差）."""
    tone = TONES.get(tone_of(side, direction))
    name = signal_of(signal, side, grain).name
    return f"{name}（{tone}）" if tone else name
