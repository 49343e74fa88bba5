"""The worklist of flags in tables and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Badge, Cell, Column, Link, Table, Term
from dashboards.queries.overview import LEVELS
from dashboards.queries.worklist import Choice
from dashboards.scope import Scope
from dashboards.tables.flags import lasting, source_link
from dashboards.tables.overview import full_name
from pipelines.exports.worklist import STANDINGS_ZH

Row = dict[str, Any]
BY = {"kind": "种类", "dimension": "维度"}
WHO = {"unit": "单位", "branch": "支部"}
_LEVELS_ZH = {"red": "红色", "amber": "橙色", "watch": "关注"}
NO_CLAUSE = "未列条款"


def key_figures(
    standings: Mapping[str, Mapping[str, int]], open_: Mapping[str, int]
) -> list[tuple[str, str, str]]:
    """What is open by level and on whom; what is new, lasts, comes from earlier, and has closed."""
    new, going, earlier, closed = (standings[name] for name in ("new", "lasting", "earlier", "closed"))
    longest = f"最长连续{going['longest']}期" if going["count"] else "没有连续的"
    return [
        ("红色预警", format.number(open_["red"]), f"未解除共{open_['count']}条"),
        ("橙色预警", format.number(open_["amber"]), f"另有关注{open_['watch']}条"),
        ("涉及单位", format.number(open_["units"]), f"另有支部{open_['branches']}个"),
        ("本期新增", format.number(new["count"]), _red(new)),
        ("持续", format.number(going["count"]), longest),
        ("以前各期未解除", format.number(earlier["count"]), _red(earlier)),
        ("本期解除", format.number(closed["count"]), "不计入未解除"),
    ]


def _red(counts: Mapping[str, int]) -> str:
    return f"其中红色{counts['red']}条"


def chosen_zh(choice: Choice, scope: Scope, cities: Mapping[str, str]) -> str:
    """What the list is narrowed to: 红色、绩效、学校; how the flags stand comes first."""
    label = scope.labels
    said = [STANDINGS_ZH[choice.standing] if choice.standing else "未解除"]
    said += [label("level", choice.level)] if choice.level else []
    said += [f"{label('flag_kind', choice.kind)}预警"] if choice.kind else []
    said += [label("kind", choice.unit_kind)] if choice.unit_kind else []
    said += [cities.get(choice.city, choice.city)] if choice.city else []
    said += [about_zh(choice.about, scope)] if choice.about else []
    said += [f"只看{WHO[choice.who]}"] if choice.who else []
    said += [f"含“{choice.text}”"] if choice.text else []
    return "、".join(said)


def about_zh(code: str, scope: Scope) -> str:
    """A dimension by its name, a clause by its code and words."""
    name = scope.labels("dimension", code)
    return name if name != code else f"{code}　{scope.labels('clause', code)}"


def reading(counts: Mapping[str, int], chosen: str) -> str:
    """How many flags these are, how grave, on whom, and how long the longest runs."""
    if not counts["count"]:
        return f"{chosen}：没有符合条件的预警。"
    by_level = [(name, counts[level]) for level, name in _LEVELS_ZH.items() if counts[level]]
    levels = f"（{'、'.join(f'{name}{count}条' for name, count in by_level)}）" if len(by_level) > 1 else ""
    whom = "和".join(
        f"{counts[key]}个{name}" for key, name in (("units", "单位"), ("branches", "支部")) if counts[key]
    )
    longest = f"；最长的连续{counts['longest']}期" if counts["longest"] > 1 else ""
    return f"{chosen}：共{counts['count']}条预警{levels}，涉及{whom}{longest}。"


def table(frame: pl.DataFrame, scope: Scope) -> Table:
    """One page of the list. frame: as queries.worklist.told gives it."""
    closed = "closed" in frame["standing"]
    rows: list[list[Cell]] = [
        [
            Badge(row["level"], scope.labels("level", row["level"])),
            _who(row, scope),
            row["city"] or format.NOTHING,
            scope.labels("flag_kind", row["kind"]),
            Term(row["clause"], scope.labels("clause", row["clause"])) if row["clause"] else format.NOTHING,
            row["reason"] or format.NOTHING,
            source_link(row, scope, *_place(row)),
            row["since"],
            _standing(row),
            *([scope.labels("closing", row["closing"])] if closed else []),
        ]
        for row in frame.to_dicts()
    ]
    columns = [Column("级别", narrow=True), Column("单位或支部")]
    columns += [Column(name, narrow=True) for name in ("地区", "种类", "条款")]
    columns += [Column("原因", grow=True), Column("依据", prose=True)]
    columns += [Column(name, narrow=True) for name in ("自何期起", "情况")]
    columns += [Column("解除原因")] if closed else []
    return Table(f"{scope.period_zh}预警清单", columns, rows, "没有符合条件的预警。", wide=True)


def parts_frame(counts: pl.DataFrame, by: str, scope: Scope) -> pl.DataFrame:
    """group (its name), part (level), count. counts: as queries.worklist.distribution gives it."""
    return counts.select(
        "count",
        group=pl.col("group").map_elements(
            lambda code: _group_zh(code, by, scope), return_dtype=pl.String, skip_nulls=False
        ),
        part="level",
    )


def distribution_reading(counts: pl.DataFrame, by: str, scope: Scope) -> str:
    """Where most of the flags are, and most of the red ones. counts: not empty."""
    total = int(counts["count"].sum())
    red = counts.filter(pl.col("level") == "red")
    if counts["group"].n_unique() == 1:
        said = f"{total}条预警均属{_group_zh(counts['group'][0], by, scope)}"
        return said + (f"，其中红色{red['count'].sum()}条。" if red.height else "，没有红色的。")
    said = f"{total}条预警中，{_most(counts, by, scope)}最多"
    return said + (f"；红色预警中，{_most(red, by, scope)}最多。" if red.height else "；没有红色预警。")


def _most(counts: pl.DataFrame, by: str, scope: Scope) -> str:
    sums = counts.group_by("group", maintain_order=True).agg(pl.col("count").sum())
    group, count = sums.sort("count", descending=True, maintain_order=True).row(0)
    return f"{_group_zh(group, by, scope)}（{count}条）"


def distribution_table(counts: pl.DataFrame, by: str, scope: Scope) -> Table:
    """The flags of each group by level."""
    held = {(row["group"], row["level"]): row["count"] for row in counts.to_dicts()}
    rows: list[list[Cell]] = []
    for group in counts["group"].unique(maintain_order=True):
        by_level = [held.get((group, level), 0) for level in LEVELS]
        rows.append(
            [_group_zh(group, by, scope), *map(format.number, by_level), format.number(sum(by_level))]
        )
    names = [*(scope.labels("level", level) for level in LEVELS), "合计"]
    columns = [Column(BY[by]), *(Column(name, figures=True) for name in names)]
    return Table(f"{scope.period_zh}预警分布（条）", columns, rows, "没有符合条件的预警。")


def nothing(known: pl.DataFrame, scope: Scope) -> str:
    """Why there is nothing on the board at all; empty where there is something."""
    if not known.is_empty():
        return ""
    if not scope.is_due:
        due = scope.labels.local_time(scope.due_at)
        return f"本期尚未截止（{due}），截止后运行 sanxing run 即评出预警；以前各期也没有未解除的预警。"
    return "本期没有预警，以前各期的预警也均已解除。"


def not_due(scope: Scope) -> str:
    """What a list says of a period that is still open."""
    due = scope.labels.local_time(scope.due_at)
    return f"本期尚未截止（{due}），本期的预警在截止后评出；目前列出的主要是以前各期未解除的预警。"


def _group_zh(code: str | None, by: str, scope: Scope) -> str:
    return NO_CLAUSE if code is None else scope.labels("flag_kind" if by == "kind" else by, code)


def _who(row: Row, scope: Scope) -> Link:
    unit, branch = _place(row)
    name = row["name"] or row["unit_code"]
    shown = full_name(name, row["parent"]) if branch else name
    return scope.unit_link(shown, unit, branch, period=row["period"], tab="flags")


def _place(row: Row) -> tuple[str, str | None]:
    """The unit that submits, and the branch where the flag is about one."""
    if row["is_branch"] and row["parent_code"]:
        return row["parent_code"], row["unit_code"]
    return row["unit_code"], None


def _standing(row: Row) -> str:
    """本期新增; 连续3期; of what earlier periods left open, that too."""
    if row["standing"] == "new":
        return STANDINGS_ZH["new"]
    times = lasting(row["times"])
    return f"以前未解除\n{times}" if row["standing"] == "earlier" else times
