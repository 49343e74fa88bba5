"""How the list of a year is made, in words and numbers that a reader can follow by hand: scores, gates, the choice, ties, contact points."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import polars as pl

from expectations import Period
from expectations.models.selection import Selection, ShortlistGates
from pipelines.exports.figures import number, official_time
from pipelines.exports.labels import Labels
from pipelines.exports.shortlist import DIMENSION_ORDER
from pipelines.marts.published import PublishedRun

ITEMS_HEAD = ("项目", "内容")
KINDS = ("city", "university", "school")
ATTAINMENT = (
    "有标准的指标，应达标准＝标准×应完成比例；达到的计1，未达到的按“越高越好”取实际值÷应达标准、“越低越好”取应达标准÷实际值，"
    "最低为0、最高为1，标准为0而未达到的计0。没有标准的指标，取同类组其他单位中不如本单位的所占比例，与本单位相同的各计一半。"
    "本期数据质量未达到采信要求的单位，各项数据不列入评分明细，也不计入其他单位的同类组。"
)
DIMENSION_SCORE = "维度得分＝100×各指标（达成度×维度内权重）之和，四舍五入保留6位小数。维度内权重＝1÷本维度可计算的指标数；无法计算的指标权重为0。"
TOTAL = "得分＝各维度（维度得分×占总分权重）之和，四舍五入保留6位小数。占总分权重按下列权重在有得分的维度之间折算，合计为1。"
CHOICE = (
    "符合全部资格条件的单位，先在本类单位中按得分由高到低排出名次，再把各类单位按“（2×名次－1）÷本类名额”由小到大排成一个顺序"
    "（数值相等的，名额少的类型在先；名额也相等的，依次为市委教育工委、高校、学校），依次选取；轮到某单位时，本类名额已满或本市入选单位已达上限的，"
    "跳过该单位，继续向下选取，直至各类名额用完或没有单位可选。各类单位的得分不可比，因此不按得分混合排序；按上式选取，各类名额同步使用。"
)
PEERS = "单位在同类组（同类型、同规模）内比较；组内单位过少时并入相邻的组。"
TIES = {"coverage": "可计算指标比例（高者在先）", "unit_code": "单位代码（小者在先）"}
METHODS = {"arithmetic": "算术平均", "geometric": "几何平均"}


def rules_of(run: PublishedRun, year: int) -> Selection:
    """The rules by which the list of the year was made: the declared ones in their version of that year, or those of a trial."""
    return Selection.model_validate(run.manifest["selection"]).as_of(Period(year, 4))


def parameters(run: PublishedRun, year: int) -> dict[str, Any]:
    """The same rules as data."""
    return rules_of(run, year).model_dump(mode="json")


def parameters_digest(values: dict[str, Any]) -> str:
    """The sha256 of the parameters, whatever the order of their names."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def percent(value: object) -> str:
    """A parameter as a percentage, exactly."""
    return f"{(Decimal(str(value)) * 100).normalize():f}%"


def ties_zh(rules: Selection, labels: Labels) -> str:
    """What is compared between equals, in its order."""
    return "、".join(
        TIES.get(name) or f"{labels('dimension', name)}维度得分（高者在先）" for name in rules.shortlist.ties
    )


def weights_zh(rules: Selection, labels: Labels) -> list[tuple[str, str]]:
    """The dimensions in the order of the policy, with their weights."""
    weights = rules.scoring.weights
    return [
        (labels("dimension", name), percent(weights[name]))
        for name in sorted(weights, key=lambda name: DIMENSION_ORDER[name])
    ]


def quotas_zh(quotas: dict[Any, int], labels: Labels) -> str:
    """市委教育工委2个、高校3个、学校不设名额."""
    kinds = ((labels("kind", kind), quotas[kind]) for kind in KINDS if kind in quotas)
    return "、".join(f"{name}{quota}个" if quota else f"{name}不设名额" for name, quota in kinds)


def gates_zh(run: PublishedRun, year: int, labels: Labels) -> list[tuple[str, str]]:
    """Each gate and what it asks, as the table of gates says it."""
    rows = (
        run.scan("shortlist_gates")
        .filter(pl.col("year") == year)
        .select("gate", "required")
        .unique()
        .sort("gate", "required")
        .collect()
    )
    return [(labels("gate", gate), required) for gate, required in rows.rows()]


def conditions_zh(gates: ShortlistGates) -> str:
    """The gates as an official paper lists conditions, joined by semicolons."""
    red = gates.red_flags
    said = [
        "年末在册",
        _all_but(gates.missing_quarters, "全年各季度报表均已采用", "未采用的报表不超过{}个季度"),
        _all_but(gates.late_quarters, "全年各季度均按时报送", "未按时报送的不超过{}个季度"),
        _all_but(red, "全年没有红色绩效预警", "红色绩效预警不超过{}项"),
        gates.quality and f"{'各季度' if gates.quality == 'every' else '第四季度'}数据质量均达到采信线",
        None if gates.coverage is None else f"可以计算的指标不少于应计算指标的{percent(gates.coverage)}",
        None
        if not gates.years_of_record
        else f"各季度报表均已采用的完整年度不少于{gates.years_of_record}个（含本年度）",
        None if gates.least_score is None else f"总分不低于{number(gates.least_score)}分",
        "有可以计分的指标",
    ]
    return "；".join(text for text in said if text)


def _all_but(most: int | None, none: str, some: str) -> str | None:
    return None if most is None else some.format(most) if most else none


def method(run: PublishedRun, year: int) -> list[tuple[str, str]]:
    """Everything, as (item, content)."""
    rules, labels = rules_of(run, year), Labels.of(run)
    listed, trial = rules.shortlist, run.manifest.get("trial")
    return [
        ("年度", str(year)),
        *(("试算改动", change) for change in (trial or {}).get("changes", [])),
        ("同类比较", PEERS),
        ("达成度", ATTAINMENT),
        ("维度得分", DIMENSION_SCORE),
        ("得分", TOTAL),
        *((f"权重：{name}", share) for name, share in weights_zh(rules, labels)),
        *((f"资格条件：{gate}", required) for gate, required in gates_zh(run, year, labels)),
        ("选取办法", CHOICE),
        ("得分相同时", f"依次比较{ties_zh(rules, labels)}。"),
        *((f"名额：{labels('kind', k)}", f"{listed.quotas[k]}个") for k in KINDS if k in listed.quotas),
        ("每个设区市名额上限", f"{listed.most_per_city}个（各类单位合计）"),
        ("接近入选的单位", f"每类单位中符合全部资格条件而未入选的前{listed.near_misses}个"),
        ("突出方面和主要差距", f"各列最多{listed.clauses_named}个条款，以所占总分的分数表示"),
        *_firmness(rules),
        *([] if trial else _contact_points(rules, labels)),
        *facts(run, year),
    ]


def facts(run: PublishedRun, year: int) -> list[tuple[str, str]]:
    """Where the figures come from, by the hashes that tell it for certain."""
    catalogue = run.manifest["catalogue"]
    return [
        ("数据截止时间", f"{official_time(run.clock, run.time_zone)}（北京时间）"),
        ("目录版本", str(catalogue["version"])),
        ("目录校验值（SHA-256）", str(catalogue["sha256"])),
        ("数据批次", run.name),
        ("输入数据校验值（SHA-256）", str(run.manifest["inputs"])),
        ("参数校验值（SHA-256）", parameters_digest(parameters(run, year))),
    ]


def firmness(rules: Selection) -> str:
    """What the alternatives are."""
    drawn = rules.scoring.alternatives
    means = "或".join(METHODS[name] for name in drawn.methods)
    leaving = "，并去掉任一指标或都不去掉" if drawn.leave_out else ""
    return f"{drawn.draws}种同样合理的计分办法（各项权重在上下{percent(drawn.weight_share)}以内变动，维度以{means}合成{leaving}）"


def _firmness(rules: Selection) -> list[tuple[str, str]]:
    drawn = rules.scoring.alternatives
    return [
        (
            "换计分办法仍入选",
            f"用{firmness(rules)}重新选取，仍然入选的比例；越接近100%，入选越不依赖计分办法。",
        ),
        (
            "名次区间",
            f"上述办法下名次居中的{percent(drawn.coverage)}所在的范围；无法计算的指标按全部为0和全部为1各算一次。",
        ),
        (
            "替代办法的参数",
            f"随机种子{drawn.seed}；几何平均中维度达成度低于{drawn.floor}的按{drawn.floor}计算",
        ),
    ]


def _contact_points(rules: Selection, labels: Labels) -> list[tuple[str, str]]:
    declared = rules.contact_points
    gap = "政策规定的各项标准" if declared.indicators == "stated" else "各项标准"
    return [
        (
            "联系点：选取办法",
            f"帮扶效果＝达到{gap}可以提高的分数×（党员数÷同类单位党员数的中位数）的{declared.members_exponent}次方；"
            "由高到低依次选取，已入选示范点的单位、报送和数据质量不符合条件的单位不列入。联系点是帮扶对象，不是评价结论。",
        ),
        (
            "联系点：名额",
            f"{quotas_zh(dict(declared.quotas), labels)}，每个设区市合计不超过{declared.most_per_city}个",
        ),
    ]
