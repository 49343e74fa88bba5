"""What clerks write into 情况说明: what happened, what says nothing, and remarks that mean nothing. No persons in any of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.sample.rules import Answers, Comparison
from pipelines.workbook.form import Slot

# {gap}: by how much the comparison is missed; {year}, {quarter}: of the report.
_REASONS: Final = {
    "spent_within_budget": (
        "年中上级追加专项经费{gap}万元，用于党员活动室改造，批复文件已存档。",
        "上年结转{gap}万元在本年一并支出，已列入决算，超出部分由结转资金承担。",
        "{year}年下半年增办书记轮训班两期，经党委会研究从机动经费中调剂{gap}万元。",
        "预算数为年初批复数，10月调整预算时增加{gap}万元，支出按调整后的预算执行。",
        "主题党日教育基地布展费用提前支付，比预算多{gap}万元，下年预算中相应扣减。",
    ),
    "organisers_within_posts": (
        "新校区党工委筹建期间临时增配组织员{gap}名，{year}年编制调整批复尚未下达。",
        "核定数为合并前的数字，两个二级学院合并后多出{gap}名，过渡期一年，已报组织部门备案。",
        "有{gap}名组织员年底到龄退岗，接替的人员已提前到岗交接。",
    ),
}
_OTHER_REASONS: Final = (
    "{year}年第{quarter}季度机构调整后口径有变，与原口径相差{gap}，调整通知已存档。",
    "因合并校区统计时点不同相差{gap}，已与台账逐项对过，下季度起按新口径填报。",
    "上级临时布置的专项工作所致，相差{gap}，工作方案和批复可以提供查阅。",
)
NOTHING_SAID: Final = (
    "", "", "", "无", "无。", "没有", "核实无误", "经核实，无误", "情况属实。", "情况属实，数据准确", "数据无误", "已核对，无误。", "同上", "正常", "特此说明",
    "已核实", "据实填报。", "核对无误！", "暂无", "见附件", "经我单位核实，数据准确无误", "数字核对过，没有问题", "以上情况属实，请审核", "——", "/",
)  # fmt: skip
# Full sentences, each about nothing in particular; one of them stands in many rows.
_EVERYWHERE: Final = (
    "以上数据均按台账据实填报，由各支部汇总上报，请予审核。",
    "本栏数据由各部门提供，经办公室汇总后统一填报。",
    "按照上级通知要求统计，统计时间截至季度末。",
)
_ORDINARY_FORM: Final = (
    "数据取自党建工作台账。", "含参加线上学习的人次。", "统计时点为季度末。", "本季度按年度计划进行。", "与上季度口径一致。", "由组织科汇总。", "其中一次与市里的专题报告会合并举行。",
)  # fmt: skip
_ORDINARY_BRANCH: Final = (
    "本季度有一名党员转入。", "部分党员在外地实习，以线上方式参加学习。", "8月按校历放假，集中学习安排在月初。", "考勤表已归档。", "支部刚完成换届。", "活动与共建社区联合开展。", "两个教研室合并过组织生活。",
)  # fmt: skip
_ORDINARY_SHARE = 0.07
_MOST_ORDINARY = 3
_MANY_ROWS = (7, 12)


def reason(
    comparison: Comparison, answers: Answers, rng: np.random.Generator, year: int, quarter: int
) -> str:
    """A sentence that says how it came that the comparison is missed."""
    texts = _REASONS.get(comparison.rule.rule, _OTHER_REASONS)
    shown = f"{abs(comparison.excess(answers)).normalize():f}"
    return texts[int(rng.integers(len(texts)))].format(gap=shown, year=year, quarter=quarter)


def nothing(
    place: Slot, names: tuple[str, ...], others: list[Slot], rng: np.random.Generator
) -> dict[Slot, str]:
    """What explains nothing, by place: no text, a phrase that fits everything, a name repeated, or one text in many rows.

    place: the row to be explained; names: of the unit, the question and the branch; others: further rows of the same sheet.
    """
    kind = rng.random()
    if kind < 0.15:
        return {place: names[int(rng.integers(len(names)))]}
    if kind < 0.3 and len(others) >= _MANY_ROWS[0] - 1:
        text = _EVERYWHERE[int(rng.integers(len(_EVERYWHERE)))]
        count = min(len(others), int(rng.integers(_MANY_ROWS[0], _MANY_ROWS[1] + 1)) - 1)
        return dict.fromkeys(
            (place, *(others[i] for i in sorted(rng.permutation(len(others))[:count]))), text
        )
    text = NOTHING_SAID[int(rng.integers(len(NOTHING_SAID)))]
    return {place: text} if text else {}


def ordinary(form: list[Slot], branches: list[Slot], rng: np.random.Generator) -> dict[Slot, str]:
    """Remarks beside rows where nothing is the matter, in a few files; they mean nothing."""
    if rng.random() >= _ORDINARY_SHARE:
        return {}
    remarks: dict[Slot, str] = {}
    for _ in range(int(rng.integers(1, _MOST_ORDINARY + 1))):
        rows, texts = (form, _ORDINARY_FORM) if rng.random() < 0.5 else (branches, _ORDINARY_BRANCH)
        if rows:
            remarks[rows[int(rng.integers(len(rows)))]] = texts[int(rng.integers(len(texts)))]
    return remarks


def place_of(slot: Slot) -> Slot:
    """Where 情况说明 for this answer stands: beside its row of the form, or once in its branch's row."""
    return Slot(slot.question) if slot.branch_code is None else Slot("", slot.branch_code)
