"""What changed since the quarter before, in tables and words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Mark, Table, Term
from dashboards.queries.changes import ARRIVALS, Since
from dashboards.queries.overview import LEVELS
from dashboards.rows import Row, Rows
from dashboards.scope import Scope
from pipelines.statistics.sign_test import sign_test

MEASURES_ZH = {"received": "报送率", "on_time": "按时率", "accepted": "采用率", "met": "达标率"}
ARRIVALS_ZH = {
    "first": "本期首次报送",
    "again": "本期更正",
    "late": "以前各期补报",
    "revised": "以前各期更正",
    "refused": "未能受理",
}
# Seven figures are judged side by side: at one in a hundred each, chance alone seldom speaks in any.
LEVEL = Fraction(1, 100)
TURNED_ZH = {False: "转为未达标或进度滞后", True: "转为达标或进度正常"}
UNCERTAIN = "变化不明显"
TOO_FEW = "变动太少"
SAME = "没有变动"
NOT_DUE = "尚未截止"
BASIS = (
    "只比两个季度都应报送的单位；达标率（达标含进度正常）只比同一单位两个季度都按当季数据判定、标准未变的项次，未达到采信要求的数据不比，按年评价的标准跨年不比。"
    "判断用符号检验：好转与转差的单位数相差悬殊，偶然出现的可能性不足1%的，才判为“上升可信”或“下降可信”。"
)
JUDGED_MEANS = "两个季度都有的单位中，好转与转差的单位数是否悬殊到不像偶然。"


def nothing(before: str | None, earliest: str, scope: Scope) -> str:
    """Why there is no quarter to compare with; empty where there is one. earliest: the first period of the run."""
    if before is not None:
        return ""
    if scope.period == earliest:
        return f"{scope.period_zh}是系统中最早的报告期，没有上一季度可以比较。下一季度起，这里列出与上季度相比的变化。"
    return f"系统中没有{scope.period_zh}的上一季度，无法比较。请在左侧选择其他报告期。"


def points(row: Row) -> str:
    """The change in percentage points, with its sign: +1.7, −0.04, 0.0; a change is never rounded to none."""
    change = row["good"] - row["good_before"]
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{_size(row)}"


def _size(row: Row) -> str:
    """The change in percentage points without its sign, never rounded to none."""
    change = Fraction(abs(row["good"] - row["good_before"]), row["items"]) * 100
    return str(format.rounded(change, (Fraction(0),)))


def judged(row: Row, is_due: bool = True) -> Mark:
    """Whether the units that changed changed one way beyond chance: a row of `quarter_changes`."""
    up, down = row["units_up"], row["units_down"]
    if not is_due and row["measure"] != "met":
        return Mark("", "", NOT_DUE, "截止之前还会收到报送，不与已截止的上季度相比")
    if not up + down:
        return Mark("", "", SAME, "各单位与上季度相同")
    told = f"好转的单位{up}个，转差的单位{down}个"
    if sign_test(up + down, 0) >= LEVEL:
        return Mark("", "", TOO_FEW, f"{told}；变动的单位太少，即使全部同向也可能是偶然")
    rises = (row["good"] > row["good_before"]) - (row["good"] < row["good_before"])
    if sign_test(up, down) >= LEVEL or rises != (up > down) - (up < down):
        return Mark("", "", UNCERTAIN, f"{told}；这样的差别可能是偶然波动")
    meaning = f"{told}；如果好转、转差各占一半，这样悬殊的可能性不足1%"
    return Mark("better", "▲", "上升可信", meaning) if up > down else Mark("worse", "▼", "下降可信", meaning)


def name_of(row: Row, scope: Scope) -> str:
    """达标率; of one dimension, 其中：学习型."""
    if row["dimension"] == "total":
        return MEASURES_ZH[row["measure"]]
    return f"其中：{scope.labels('dimension', row['dimension'])}"


def compared_table(frame: pl.DataFrame, since: Since, scope: Scope) -> Table:
    """What can be compared: both quarters, the change, who rose and fell, and whether that is beyond chance."""
    rows: list[list[Cell]] = [
        [
            name_of(row, scope),
            _what_is_compared(row),
            format.rate(row["good_before"], row["items"]),
            format.rate(row["good"], row["items"]),
            points(row),
            f"{row['units_up']} / {row['units_down']}",
            judged(row, scope.is_due),
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("项目", narrow=True), Column("可比范围", narrow=True)]
    columns += [Column(name, figures=True) for name in ("上季度", "本季度", "变化（百分点）", "好转 / 转差")]
    return Table(
        f"{scope.period_zh}与{since.label_zh}相比",
        [*columns, Column("判断", narrow=True, meaning=JUDGED_MEANS)],
        rows,
        "两个季度没有都应报送的单位，无法比较。",
    )


def _what_is_compared(row: Row) -> str:
    items = f" {row['items']}项次" if row["measure"] == "met" else ""
    return f"{row['units']}个单位{items}"


def compared_reading(
    frame: pl.DataFrame, moved: pl.DataFrame, flags: pl.DataFrame, since: Since, scope: Scope
) -> str:
    """The changes beyond chance, who newly meets and misses, flags raised and closed: the morning's one line."""
    parts = _rates_reading([row for row in frame.to_dicts() if row["dimension"] == "total"], since, scope)
    if turned := [_turned_reading(moved, good) for good in (False, True) if good in moved["is_good"]]:
        parts.append("，".join(turned))
    if scope.is_due:
        new, closed = (
            int(flags.filter(pl.col("standing") == name)["count"].sum()) for name in ("new", "closed")
        )
        parts.append(f"新增预警{new}条，解除{closed}条")
    return "；".join(parts) + "。"


def _rates_reading(rows: list[Row], since: Since, scope: Scope) -> list[str]:
    """Which rates surely changed: all of them, before the due time the standards alone. rows: of `quarter_changes`, in total."""
    against = f"与{since.label_zh}相比，"
    if not rows:
        return [f"{against}没有可比的单位"]
    parts = [] if scope.is_due else ["本期尚未截止，报送情况暂不比较"]
    held = [row for row in rows if scope.is_due or row["measure"] == "met"]
    sure = [
        f"{MEASURES_ZH[row['measure']]}{'上升' if row['good'] > row['good_before'] else '下降'}{_size(row)}个百分点"
        for row in held
        if judged(row, scope.is_due).tone
    ]
    if sure:
        parts.append(f"{against}{'、'.join(sure)}，{'均' if len(sure) > 1 else ''}不像偶然")
    elif held:
        rates = "各项比率" if scope.is_due else MEASURES_ZH["met"]
        parts.append(f"{against}{rates}没有可以确认的变化（变动太少或可能出于偶然）")
    return parts


def _turned_reading(moved: pl.DataFrame, is_good: bool) -> str:
    turned = moved.filter(pl.col("is_good") == is_good)
    return f"{turned['unit_code'].n_unique()}个单位的{turned.height}项次{TURNED_ZH[is_good]}"


def flags_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """Flags raised and closed in the period by kind; each count leads to its list. frame: as queries.changes.new_and_closed gives it."""
    counts = {(row["kind"], row["level"], row["standing"]): row["count"] for row in frame.to_dicts()}
    kinds = sorted({kind for kind, *_ in counts}, key=lambda kind: (-_sum(counts, kind, "new"), kind))

    def cells(kind: str) -> list[Cell]:
        chosen = {"flag": kind} if kind else {}
        by_level = [
            _led(_sum(counts, kind, "new", level), scope, standing="new", level=level, **chosen)
            for level in LEVELS
        ]
        return [
            *by_level,
            _led(_sum(counts, kind, "new"), scope, standing="new", **chosen),
            _led(_sum(counts, kind, "closed"), scope, standing="closed", **chosen),
        ]

    rows: list[list[Cell]] = [[scope.labels("flag_kind", kind), *cells(kind)] for kind in kinds]
    if len(rows) > 1:
        rows.append(["合计", *cells("")])
    names = [*(scope.labels("level", level) for level in LEVELS), "新增合计", "解除"]
    empty = "本期没有新增或解除的预警。" if scope.is_due else "本期尚未截止，本期的预警在截止后评出。"
    return Table(
        f"{scope.period_zh}新增和解除的预警（条）",
        [Column("种类", narrow=True), *(Column(name, figures=True) for name in names)],
        rows,
        empty,
    )


def _sum(counts: Mapping[tuple[str, str, str], int], kind: str, standing: str, level: str = "") -> int:
    """Of one kind and level, or of all where they are empty."""
    return sum(
        count
        for (of_kind, of_level, stands), count in counts.items()
        if stands == standing and kind in ("", of_kind) and level in ("", of_level)
    )


def _led(count: int, scope: Scope, **chosen: str) -> Cell:
    """A count that leads to the flags it counts; nothing leads nowhere."""
    return scope.flags_link(str(count), **chosen) if count else "0"


def moved_table(frame: pl.DataFrame, since: Since, scope: Scope, is_good: bool) -> Table:
    """Units whose standing at a standard turned: both values, each with its status; the newer one leads to its cells."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.unit_link(row["name"] or row["unit_code"], row["unit_code"]),
            row["city"] or format.NOTHING,
            Term(row["clause"], scope.labels("clause", row["clause"])),
            row["label_zh"],
            format.standard(row["standard"], row["unit"], row["compare"]),
            _value(row, "before_"),
            Badge(row["before_status"], scope.labels("status", row["before_status"])),
            scope.unit_link(_value(row, ""), row["unit_code"], indicator=row["indicator"]),
            Badge(row["status"], scope.labels("status", row["status"])),
        ]

    columns = [
        Column("单位"),
        Column("地区", narrow=True),
        Column("条款", narrow=True),
        Column("指标"),
        Column("标准", figures=True),
    ]
    columns += [Column("上季度", figures=True), Column("上季度状态", narrow=True)]
    columns += [Column("本季度", figures=True), Column("本季度状态", narrow=True)]
    turned = TURNED_ZH[is_good]
    return Table(
        f"{scope.period_zh}比{since.label_zh}{turned}的项次",
        columns,
        Rows(frame.filter(pl.col("is_good") == is_good), made),
        f"与上季度相比，没有{turned}的项次。",
    )


def _value(row: Row, prefix: str) -> str:
    return format.measure(
        row[f"{prefix}numerator"], row[f"{prefix}denominator"], row["unit"], row["standard"]
    )


def arrivals_reading(counts: Mapping[str, tuple[int, int]], since: Since, scope: Scope) -> str:
    """What came in, and between which times."""
    until = f"至{_day(since.until, scope)}" if since.until else "以来"
    span = f"{_day(since.after, scope)}（{since.label_zh}报送截止）{until}"
    said = []
    for name in ARRIVALS:
        files, units = counts[name]
        remarks = f"（{units}个单位{'，表中不列' if name == 'first' else ''}）" if units else ""
        if files:
            said.append(f"{ARRIVALS_ZH[name]}{files}份{remarks}")
    return f"{span}{'，收到' if said else '，没有收到任何报送'}{'、'.join(said)}。"


def arrivals_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """All that came in but the first submissions of the period, the newest first: what was corrected, late or refused."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.labels.local_time(row["received_at"]),
            ARRIVALS_ZH[row["arrival"]],
            _sender(row, scope),
            row["city"] or format.NOTHING,
            row["period"] or format.NOTHING,
            format.number(row["version"]),
            Badge(row["state"], scope.labels("state", row["state"])),
        ]

    columns = [
        Column("收到时间", narrow=True),
        Column("性质", narrow=True),
        Column("单位"),
        Column("地区", narrow=True),
    ]
    columns += [Column("报告期", narrow=True), Column("版本", figures=True), Column("状态", narrow=True)]
    return Table(
        f"{scope.period_zh}新收到的更正、补报和未能受理的文件",
        columns,
        Rows(frame.filter(pl.col("arrival") != "first"), made),
        "没有更正、补报或未能受理的文件。",
    )


def _sender(row: Row, scope: Scope) -> Cell:
    """A version after the first leads to its differences, others to what the unit has sent."""
    if row["unit_code"] is None:
        return "无法识别"
    name = row["name"] or row["unit_code"]
    if row["arrival"] in ("again", "revised"):
        return scope.versions_link(name, row["unit_code"], row["period"])
    return scope.unit_link(name, row["unit_code"], period=row["period"], tab="returns")


def _day(moment: str | None, scope: Scope) -> str:
    return scope.labels.local_time(pl.Series([moment]).str.to_datetime(time_unit="us")[0])[:10]
