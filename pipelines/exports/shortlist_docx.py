"""The list of a year as a report in the layout of an official document: grounds, method, list, near misses, contact points.

A draft: whom it goes to and on which day it is signed is left to people. What stands in it is what the tables hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import polars as pl

from pipelines.exports.cells import seen
from pipelines.exports.figures import NOTHING, official_time, rate
from pipelines.exports.labels import Labels
from pipelines.exports.list_manifest import NAMESPACE, Contents, Line, ListManifest, content_of
from pipelines.exports.list_rules import (
    conditions_zh,
    facts,
    firmness,
    quotas_zh,
    rules_of,
    ties_zh,
    weights_zh,
)
from pipelines.exports.list_tables import ListTables
from pipelines.exports.paper import OfficialPaper
from pipelines.exports.paper_styles import (
    ADDRESSEE,
    ALERT,
    BODY,
    BODY_FONT,
    HEAD_FONT,
    HEADING,
    NOTE,
    SUBHEAD_FONT,
    SUBHEADING,
    TITLE,
    TITLE_FONT,
)
from pipelines.exports.shortlist import KIND_ORDER, marks, trial_mark
from pipelines.marts.published import PublishedRun

POLICY = "《省委教育工委关于加强教育系统学习型、服务型、创新型党组织建设的意见》"
TEXT, TABLE = "正文", "表格{}"
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Table:
    """A table of the paper. widths in millimetres, 156 in all; centred: by column."""

    head: tuple[str, ...]
    rows: Rows
    widths: tuple[int, ...]
    centred: tuple[bool, ...]


@dataclass(frozen=True)
class _Words:
    """A paragraph of the paper."""

    style: str
    text: str


@dataclass(frozen=True)
class _Signature:
    """Who signs, and on which day: what people fill in."""

    organ: str
    day: str


_Part = _Words | _Table | _Signature


def write_shortlist_docx(run: PublishedRun, year: int, target: BinaryIO) -> None:
    """Write the report. The same run gives the same bytes. Raises ShortlistUnavailable."""
    parts = _parts(run, year)
    paper = OfficialPaper(_title(run, year), datetime(year, 12, 31, tzinfo=UTC), marks(run))
    for part in parts:
        if isinstance(part, _Words):
            paper.add(part.style, part.text)
        elif isinstance(part, _Signature):
            paper.sign(part.organ, part.day)
        else:
            paper.table(part.head, part.rows, part.widths, centred=part.centred)
    manifest = ListManifest.of(run, year, "docx", content_of(_contents(parts)))
    target.write(paper.content(dict(facts(run, year)), manifest.text(), NAMESPACE))


def _contents(parts: Sequence[_Part]) -> Contents:
    """What the paper says: its paragraphs but those that people fill in, and each table."""
    texts: list[Line] = [
        (part.text.replace("\n", ""),)
        for part in parts
        if isinstance(part, _Words) and part.style != ADDRESSEE
    ]
    tables = [part for part in parts if isinstance(part, _Table)]

    def lines_of(table: _Table) -> list[Line]:
        return [table.head, *table.rows]

    named = {TABLE.format(number): lines_of(table) for number, table in enumerate(tables, 1)}
    return {name: lambda lines=lines: lines for name, lines in {TEXT: texts, **named}.items()}  # type: ignore[misc]


def _title(run: PublishedRun, year: int) -> str:
    return f"{trial_mark(run)}关于{year}年度学习型服务型创新型党组织建设示范点名单的报告"


def _parts(run: PublishedRun, year: int) -> list[_Part]:
    report = _Report(run, year)
    # a title breaks between words, its lines of like length
    parts: list[_Part] = [_Words(TITLE, _title(run, year).replace("创新型党", "创新型\n党"))]
    if said := marks(run):
        parts.append(_Words(ALERT, said))
    sections = (report.grounds, report.listed, report.near_misses, report.contact_points, report.remarks)
    return [*parts, *report.opening(), *(part for section in sections for part in section()), *report.end()]


class _Report:
    """The sections of the report."""

    def __init__(self, run: PublishedRun, year: int) -> None:
        self._run, self._year = run, year
        self._tables, self._labels, self._rules = ListTables(run, year), Labels.of(run), rules_of(run, year)
        self._sections = 0

    def opening(self) -> list[_Part]:
        plan = "试算" if trial_mark(self._run) else "提出"
        return [
            _Words(ADDRESSEE, "（主送机关）："),
            _Words(
                BODY,
                f"按照{POLICY}关于定期评选示范点的要求，根据各单位{self._year}年度各季度报送的数据，"
                f"{plan}了{self._year}年度学习型服务型创新型党组织建设示范点建议名单。现将有关情况报告如下。",
            ),
        ]

    def grounds(self) -> list[_Part]:
        rules, labels = self._rules, self._labels
        everyone = self._tables.candidates
        eligible = everyone.filter("eligible").height
        weights = "、".join(f"{name}{share}" for name, share in weights_zh(rules, labels))
        changes = self._run.manifest.get("trial", {}).get("changes", [])
        return [
            self._heading("评选依据和办法"),
            _Words(SUBHEADING, "（一）资格条件"),
            _Words(
                BODY,
                f"示范点应当同时符合下列条件：{conditions_zh(rules.shortlist.gates)}。"
                f"{self._year}年度共有候选单位{everyone.height}个，其中符合全部条件的{eligible}个。",
            ),
            _Words(SUBHEADING, "（二）计分办法"),
            _Words(
                BODY,
                "有标准的指标按达到标准的程度计分，没有标准的指标按在同类单位中所处的位置计分；同一维度内各指标权重相等，"
                f"各维度按{weights}合成总分，满分100分。数据有误或缺失的指标不计分，也不作为工作落后的依据。",
            ),
            _Words(SUBHEADING, "（三）选取办法"),
            _Words(
                BODY,
                f"名额为{quotas_zh(dict(rules.shortlist.quotas), labels)}，同一设区市各类单位合计不超过{rules.shortlist.most_per_city}个。"
                "符合条件的单位先在本类单位中按得分由高到低排出名次；各类单位的得分不可比，不混合排序，"
                "而按“（2×名次－1）÷本类名额”由小到大依次选取，使各类名额同步使用；本类名额已满或者本市已达上限的，依次顺延。"
                f"同类单位得分相同的，依次比较{ties_zh(rules, labels)}。",
            ),
            *([_Words(BODY, f"本次试算的改动为：{'；'.join(changes)}。")] if changes else []),
        ]

    def listed(self) -> list[_Part]:
        rows = self._tables.candidates.filter("selected")
        heading = self._heading("建议名单")
        if rows.is_empty():
            return [heading, _Words(BODY, "本年度没有单位入选。")]
        head = ("序号", "单位代码", "单位名称", "单位类型", "所在地区", "得分", "名次", "名次区间")
        lines = [
            (
                str(number), row["unit_code"], row["name"], row["kind_zh"], row["city"] or NOTHING, _score(row["score"]),
                str(row["rank"]), _range(row),
            )
            for number, row in enumerate(self._clean(rows), 1)
        ]  # fmt: skip
        table = _Table(head, lines, (9, 26, 39, 24, 17, 13, 10, 18), (True, True, False, *[True] * 5))
        return [heading, _Words(BODY, f"建议名单共{rows.height}个单位，其中{self._by_kind(rows)}。"), table]

    def near_misses(self) -> list[_Part]:
        rows = self._tables.candidates.filter("near_miss")
        heading = self._heading("接近入选的单位")
        if rows.is_empty():
            return [heading, _Words(BODY, "没有符合全部资格条件而未入选的单位。")]
        head = ("单位代码", "单位名称", "得分", "名次", "说明")
        lines = [
            (row["unit_code"], row["name"], _score(row["score"]), str(row["rank"]), _why(row))
            for row in self._clean(rows)
        ]
        table = _Table(head, lines, (26, 38, 14, 10, 68), (True, False, True, True, False))
        return [
            heading,
            _Words(
                BODY,
                f"下列{rows.height}个单位符合全部资格条件，因名额或本市上限未列入名单（每类最多列{self._rules.shortlist.near_misses}个）。",
            ),
            table,
        ]

    def contact_points(self) -> list[_Part]:
        if trial_mark(self._run):
            return []
        rows = self._tables.contact_points().frame.filter(pl.col("结果") == "联系点")
        heading = self._heading("联系点建议")
        if rows.is_empty():
            return [heading, _Words(BODY, "本年度没有联系点建议。")]
        head = ("单位代码", "单位名称", "所在地区", "帮扶理由")
        lines = [
            (row["单位代码"], row["单位名称"] or NOTHING, row["所在地区"] or NOTHING, row["理由"].removeprefix("建议作为联系点："))
            for row in rows.to_dicts()
        ]  # fmt: skip
        table = _Table(head, lines, (26, 40, 17, 73), (True, False, True, False))
        return [
            heading,
            _Words(
                BODY,
                f"建议选择下列{rows.height}个单位作为联系点，给予指导帮助。联系点按帮扶效果选取，不是对单位工作的评价。",
            ),
            table,
        ]

    def remarks(self) -> list[_Part]:
        chosen = self._tables.candidates.filter("selected").drop_nulls("probability")
        said = []
        if not chosen.is_empty():
            least = chosen.sort("probability", "unit_code").row(0, named=True)
            said.append(
                f"用{firmness(self._rules)}重新选取，名单中各单位仍然入选的比例最低为{rate(least['probability'])}。"
                "名次区间为上述办法下名次居中部分的范围，区间越窄，名次越稳定。"
            )
        until = official_time(self._run.clock, self._run.time_zone)
        said.append(
            f"本报告由报送数据计算生成，数据截止时间为{until}（北京时间），供审定时参考。各单位得分的计算过程见同批导出的表格文件。"
        )
        return [self._heading("需要说明的事项"), *(_Words(BODY, text) for text in said)]

    def end(self) -> list[_Part]:
        year = self._run.clock.astimezone(self._run.time_zone).year
        issuer = str(self._run.manifest["catalogue"].get("issuer_zh") or "省委教育工委")
        listed = "；".join(f"{name}：{_short(value)}" for name, value in facts(self._run, self._year))
        return [
            _Signature(issuer, f"{year}年　月　日"),
            _Words(
                NOTE,
                f"附注：本件为供审定的草稿，主送机关和成文日期由发文机关填写。{listed}。校验值全文见文件属性。",
            ),
            _Words(
                NOTE,
                f"字体：标题{TITLE_FONT}，正文{BODY_FONT}，层次标题{HEAD_FONT}、{SUBHEAD_FONT}；未安装的，由办公软件以宋体、仿宋、楷体等代替。"
                "在装有三型的计算机上运行 sanxing verify 加本文件名，可以核对本件与数据是否一致。",
            ),
        ]

    def _heading(self, text: str) -> _Words:
        self._sections += 1
        return _Words(HEADING, f"{'一二三四五六'[self._sections - 1]}、{text}")

    def _by_kind(self, rows: pl.DataFrame) -> str:
        counts = Counter(rows["kind"])
        kinds = sorted(counts, key=lambda kind: KIND_ORDER.get(kind, len(KIND_ORDER)))
        return "、".join(f"{self._labels('kind', kind)}{counts[kind]}个" for kind in kinds)

    @staticmethod
    def _clean(rows: pl.DataFrame) -> list[dict[str, Any]]:
        return seen(rows).to_dicts()


def _short(value: str) -> str:
    """A hash by its beginning."""
    return f"{value[:16]}…" if len(value) == 64 else value


def _score(score: float | None) -> str:
    return NOTHING if score is None else f"{score:.2f}"


def _range(row: dict[str, Any]) -> str:
    low, high = row["rank_low"], row["rank_high"]
    return f"{low}" if low == high else f"{low}—{high}"


def _why(row: dict[str, Any]) -> str:
    reason = str(row["reason"]).removeprefix("未入选：")
    return f"{reason}{row['what_would_change'] or ''}"
