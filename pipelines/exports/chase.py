"""The chase list (催报单) of a period: who owes what, since when, and which office to ask. To the terminal, a page, and .xlsx.

Offices are named as the registry names them, never persons. Reads a published run; days run to the store's own clock, its latest receipt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.lookup import UnknownCode, near, period_row
from pipelines.marts.published import PublishedRun

PROVINCE = "province"
OWED = ("report", "replacement", "correction", "explanation")
OVERVIEW = "汇总"
LIST = "催报清单"
LIST_HEAD = (
    "催办部门", "单位代码", "单位名称", "单位类型", "所在地区", "事项", "自何时起", "已过天数", "处数", "情况",
)  # fmt: skip
NOBODY = "没有单位欠报：应报单位均已报送，没有待改正、待说明的内容。"
NOBODY_YET = "目前没有需要催报的单位；尚未报送的还在期限之内。"
NAMED = 5
NOT_RECEIVED = "到截止时间没有收到可以认定为该单位的报表。"
MEANING = (
    ("未报送", f"{NOT_RECEIVED}无法认定单位的文件不在此列，见“数据质量”页未能受理的文件。"),
    ("未能受理", "收到的文件都不能作为报表受理，须改正后重新报送。"),
    ("待改正", "现行版本有强制问题，相关数据不采用，须改正后重新报送。"),
    ("待说明", "现行版本有核实问题，须在“情况说明”栏写明情况后重新报送。"),
    (
        "自何时起",
        "未报送、未能受理的为截止日期（尚未截止的为收到之日）；待改正、待说明的为现行版本收到之日。",
    ),
    ("处数", "须改正或须说明的单元格数；问题涉及整张工作表的计一处。"),
    ("催办部门", "学校为所属市委教育工委，高校和市委教育工委为省委教育工委，均按名册。"),
)
_CELL = re.compile(r"([A-Z]+)([0-9]+)")

Row = dict[str, Any]


@dataclass(frozen=True)
class Owing:
    """A unit that owes something. since: the due day, or the day on which the version that stands (or the refused file) came."""

    office_code: str
    unit_code: str
    name: str
    kind: str
    city_code: str
    city: str
    owes: str
    since: date
    days: int
    places: int | None
    situation: str


@dataclass(frozen=True)
class Office:
    """An office to ask, with what its units owe: how many there are, how many owe each thing, and how many still have time."""

    code: str
    name: str
    units: int
    counts: Mapping[str, int]
    not_due: int

    @property
    def owing(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class ChaseList:
    """The list of a period, by office: the committee first, then the bureaus by code. `today` is the store's."""

    period: Row
    today: date
    offices: tuple[Office, ...]
    rows: tuple[Owing, ...]

    @cached_property
    def office(self) -> dict[str, Office]:
        return {office.code: office for office in self.offices}

    def of_office(self, code: str) -> ChaseList:
        """One office's part. Raises UnknownCode where no unit of the period belongs to it."""
        if code not in self.office:
            names = {office.code: office.name for office in self.offices}
            raise UnknownCode(
                f"没有代码为“{code}”的催办部门。{near(code, names)}省委教育工委的代码是{PROVINCE}。"
            )
        rows = tuple(row for row in self.rows if row.office_code == code)
        return ChaseList(self.period, self.today, (self.office[code],), rows)

    @property
    def not_due(self) -> int:
        """Units that have not reported and still have time."""
        return sum(office.not_due for office in self.offices)

    @property
    def reading(self) -> str:
        """What the list comes to, in one sentence."""
        label = self.period["label_zh"]
        if not self.rows:
            return f"{label}：{NOBODY_YET if self.not_due else NOBODY}"
        named = {
            "report": "未报送",
            "replacement": "未能受理",
            "correction": "待改正",
            "explanation": "待说明",
        }
        counts = [(name, sum(row.owes == owes for row in self.rows)) for owes, name in named.items()]
        listed = "、".join(f"{name}{count}个" for name, count in counts if count)
        units = sum(office.units for office in self.offices)
        return f"{label}应报{units}个单位，需催报{len(self.rows)}个：{listed}。"


def chase_list(run: PublishedRun, period: str) -> ChaseList:
    """Who owes what in a period. Raises UnknownCode for a period without results."""
    known = period_row(run, period)
    today = run.clock.astimezone(run.time_zone).date()
    units = run.scan("dim_unit").filter(pl.col("kind") != "branch").collect()
    registry = {row["unit_code"]: row for row in units.to_dicts()}
    reporting = run.scan("unit_reporting").filter(pl.col("period") == period).sort("unit_code").collect()
    places, refusals = _places(run, period, reporting), _refusals(run, period)
    owing, counted = [], dict[str, dict[str, int]]()
    for row in reporting.to_dicts():
        unit = registry[row["unit_code"]]
        code = office_of(unit)
        counts = counted.setdefault(code, dict.fromkeys(("units", "not_due", *OWED), 0))
        counts["units"] += 1
        counts["not_due"] += row["owes"] == "not_due"
        if row["owes"] in OWED:
            counts[row["owes"]] += 1
            owing.append(
                _owing(row, unit, code, today, run.time_zone, places, refusals, is_due=known["is_due"])
            )
    offices = [
        Office(
            code,
            _office_name(code, registry),
            counts["units"],
            {owes: counts[owes] for owes in OWED},
            counts["not_due"],
        )
        for code, counts in counted.items()
    ]
    return ChaseList(
        known,
        today,
        tuple(sorted(offices, key=lambda office: _in_order(office.code))),
        tuple(sorted(owing, key=_turn)),
    )


def office_of(unit: Row) -> str:
    """The office that a unit answers to: the unit above a school; the provincial committee for universities and bureaus."""
    return (unit["parent_code"] or PROVINCE) if unit["kind"] == "school" else PROVINCE


def write_chase_list(
    run: PublishedRun, period: str, target: BinaryIO | Path, office: str | None = None
) -> None:
    """Write the list as .xlsx: by office, and unit by unit. Raises UnknownCode."""
    whole = chase_list(run, period)
    listed = whole.of_office(office) if office is not None else whole
    labels = Labels.of(run)
    subject = f"{listed.offices[0].name}　" if office is not None else ""
    title = f"{subject}{listed.period['label_zh']}报送催报单"
    due = listed.period["due_at"].replace(tzinfo=UTC).astimezone(run.time_zone).date()
    remark = (
        f"报送截止日期{due}　天数算至{listed.today}（系统最近一次收到文件或名册的日期）　数据批次 {run.name}"
    )
    if locked := locked_zh(listed.period):
        remark = f"{locked}　{remark}"
    overview = [_office_line(office.name, [office]) for office in listed.offices]
    with Workbook(
        target, title, run.clock.replace(tzinfo=None), remark, SYNTHETIC_FILE if run.is_synthetic else None
    ) as book:
        head = ("催办部门", "应报单位", *(labels("owes", owes) for owes in OWED), "催报合计", "无需催报")
        book.sheet(
            OVERVIEW,
            title,
            head,
            overview if listed.rows else [],
            listed.reading,
            _office_line("合计", listed.offices) if len(listed.offices) > 1 else (),
        )
        book.sheet(
            LIST,
            title,
            LIST_HEAD,
            [table_row(row, listed, labels) for row in listed.rows],
            listed.reading,
        )
        clock = ("天数", f"算至{listed.today}，即系统最近一次收到文件或名册的日期，不是打开本文件的日期。")
        book.sheet("说明", f"{title}说明", ("项目", "内容"), [clock, *MEANING], "")


def locked_zh(period: Row) -> str:
    """What a unit that still owes its report of a closed period needs first; nothing of an open one. period: its row of dim_period."""
    return f"本报告期已于{period['locked_on']}锁定，补报须先批准例外" if period["locked_on"] else ""


def table_row(row: Owing, listed: ChaseList, labels: Labels) -> list[object]:
    """A unit under LIST_HEAD."""
    return [
        listed.office[row.office_code].name, row.unit_code, row.name, labels("kind", row.kind), row.city,
        labels("owes", row.owes), row.since, row.days, row.places, row.situation,
    ]  # fmt: skip


def _office_line(name: str, offices: Sequence[Office]) -> list[object]:
    units, owing = sum(o.units for o in offices), sum(o.owing for o in offices)
    return [name, units, *(sum(o.counts[owes] for o in offices) for owes in OWED), owing, units - owing]


def _owing(
    row: Row,
    unit: Row,
    office: str,
    today: date,
    zone: ZoneInfo,
    places: Mapping[tuple[str, str], list[str]],
    refusals: Mapping[str, tuple[datetime, str]],
    *,
    is_due: bool,
) -> Owing:
    owes, code = row["owes"], row["unit_code"]
    since, count = row["due_at"], None
    if owes == "report":
        situation = NOT_RECEIVED
    elif owes == "replacement":
        received_at, reason = refusals[code]
        since = row["due_at"] if is_due else received_at
        situation = f"收到{row['n_refused']}个文件，均未能受理。最近一个：{reason}"
    else:
        since = row["stands_since"]
        count = row["to_correct"] if owes == "correction" else row["to_explain"]
        named = places[row["submission_id"], "block" if owes == "correction" else "explain"]
        more = "等" if len(named) > NAMED else ""
        verb = "须改正" if owes == "correction" else "须写明情况"
        situation = f"{verb}{count}处：{'、'.join(named[:NAMED])}{more}。"
        if owes == "correction" and row["to_explain"]:
            situation += f"另有{row['to_explain']}处须写明情况。"
    since_day = since.replace(tzinfo=UTC).astimezone(zone).date()
    return Owing(
        office, code, unit["name"], unit["kind"], unit["city_code"], unit["city"], owes, since_day,
        max(0, (today - since_day).days), count, situation,
    )  # fmt: skip


def _places(run: PublishedRun, period: str, reporting: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    """The places to mend in each version that stands, by severity, in the order of the sheet: 学习型!D7."""
    standing = reporting.lazy().select("submission_id").drop_nulls()
    open_findings = (
        run.scan("findings")
        .filter(_of(period))
        .filter((pl.col("severity") == "block") | ((pl.col("severity") == "explain") & ~pl.col("explained")))
        .join(standing, on="submission_id", how="semi")
        .select("submission_id", "severity", "sheet", "cell")
        .unique()
        .collect()
    )
    found: dict[tuple[str, str], list[tuple[str | None, str | None]]] = {}
    for submission, severity, sheet, cell in open_findings.iter_rows():
        found.setdefault((submission, severity), []).append((sheet, cell))
    return {
        key: [_place(*place) for place in sorted(places, key=_place_order)] for key, places in found.items()
    }


def _of(period: str) -> pl.Expr:
    """Findings of a period, and those of files that do not say theirs."""
    return (pl.col("period") == period) | pl.col("period").is_null()


def _place(sheet: str | None, cell: str | None) -> str:
    return "整份报表" if sheet is None else f"{sheet}!{cell}" if cell else f"{sheet}（整表）"


def _place_order(place: tuple[str | None, str | None]) -> tuple[str, int, int, str]:
    """By sheet, row and column, as a reader goes through them."""
    sheet, cell = place
    parts = _CELL.fullmatch(cell or "")
    column, row = parts.groups() if parts else ("", "0")
    return sheet or "", int(row), len(column), column


def _refusals(run: PublishedRun, period: str) -> dict[str, tuple[datetime, str]]:
    """Of each unit the latest refused file: when it came, and why it was refused."""
    refused = (
        run.scan("submissions")
        .filter(pl.col("period") == period, pl.col("state") == "refused", pl.col("unit_code").is_not_null())
        .select("submission_id", "unit_code", "received_at")
    )
    why = (
        run.scan("findings")
        .filter(_of(period), pl.col("severity") == "block")
        .sort("finding_id")
        .group_by("submission_id", maintain_order=True)
        .agg(pl.col("message").first())
    )
    rows = refused.join(why, on="submission_id", how="left").sort("received_at", "submission_id").collect()
    return {
        unit: (received_at, message or "未能读取。")
        for unit, received_at, message in rows.select("unit_code", "received_at", "message").iter_rows()
    }


def _office_name(code: str, registry: Mapping[str, Row]) -> str:
    if code == PROVINCE:
        return "省委教育工委"
    return str(registry[code]["name"]) if code in registry else code


def _in_order(office: str) -> tuple[bool, str]:
    return office != PROVINCE, office


def _turn(row: Owing) -> tuple[object, ...]:
    """By office; inside it the gravest first, then the longest owed."""
    return *_in_order(row.office_code), OWED.index(row.owes), -row.days, row.unit_code
