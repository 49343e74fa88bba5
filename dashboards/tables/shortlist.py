"""The shortlist in tables and words."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import format
from dashboards.markup import Cell, Column, Table
from dashboards.rows import Row, Rows
from dashboards.scope import Scope
from pipelines.exports.labels import Labels
from pipelines.exports.list_rules import rules_of
from pipelines.exports.shortlist import KIND_ORDER

MOST_DRAWN = 500  # dots of the score chart, one a candidate


def quotas_table(frame: pl.DataFrame, scope: Scope, year: int) -> Table:
    """Candidates, quota and selected by kind of unit."""
    quotas = {str(kind): count for kind, count in rules_of(scope.run, year).shortlist.quotas.items()}
    rows: list[list[Cell]] = []
    for kind in sorted(quotas, key=lambda code: KIND_ORDER.get(code, len(KIND_ORDER))):
        part = frame.filter(pl.col("kind") == kind)
        selected = part.filter("selected")["score"]
        lowest = selected.min() if selected.len() else None
        rows.append(
            [
                scope.labels("kind", kind),
                format.number(part.height),
                format.number(quotas[kind]) if quotas[kind] else "不设",
                format.number(selected.len()),
                format.score(float(lowest) if lowest is not None else None),  # type: ignore[arg-type]
            ]
        )
    columns = [
        Column("单位类型"),
        *(Column(name, figures=True) for name in ("候选", "名额", "入选", "入选最低分")),
    ]
    return Table("名额与入选", columns, rows, "没有设定名额。")


def reading(frame: pl.DataFrame, year: int) -> str:
    """How many were chosen of how many, and whose choice hangs most on the weights."""
    selected = frame.filter("selected")
    sentence = f"{year}年度从{frame.height}个候选单位中选出{selected.height}个。"
    known = selected.drop_nulls("probability").sort("probability", "unit_code")
    if known.is_empty():
        return sentence
    least = known.row(0, named=True)
    share = format.rate(least["probability"])
    return sentence + f"换计分办法仍入选的比例，入选单位中最低的是{least['name']}（{share}）。"


def strip_frame(frame: pl.DataFrame, labels: Labels) -> pl.DataFrame:
    """group, score, selected, text: what the score chart draws. Of more than MOST_DRAWN candidates those not selected are drawn together
    by half points: their dots lie on each other, and a browser draws thousands of them for seconds."""
    known = frame.drop_nulls("score").select("kind", "name", "score", "selected", units=pl.lit(1, pl.Int32))
    if known.height > MOST_DRAWN:
        others = (
            known.filter(~pl.col("selected"))
            .group_by("kind", pl.col("score").mul(2).round().truediv(2), maintain_order=True)
            .agg(pl.col("name").first(), pl.col("selected").first(), units=pl.len().cast(pl.Int32))
        )
        known = pl.concat([known.filter("selected"), others.select(known.columns)])
    texts = [
        f"{row['name']}　{format.score(row['score'])}分" if row["units"] == 1 else
        f"{row['score']:.1f}分上下共{row['units']}个单位，如{row['name']}"
        for row in known.to_dicts()
    ]  # fmt: skip
    groups = [labels("kind", kind) for kind in known["kind"]]
    return known.select(
        "score", "selected", group=pl.Series(groups, dtype=pl.String), text=pl.Series(texts, dtype=pl.String)
    )


def scores_table(frame: pl.DataFrame, scope: Scope) -> Table:
    """What the score chart shows: each candidate that has a score, the selected first, then by kind and rank."""

    def made(row: Row) -> list[Cell]:
        return [
            scope.labels("kind", row["kind"]),
            format.number(row["rank"]),
            scope.unit_link(row["name"], row["unit_code"]),
            format.score(row["score"]),
            "入选" if row["selected"] else "未入选",
        ]

    known = frame.drop_nulls("score")
    columns = [
        Column("单位类型", narrow=True),
        Column("名次", figures=True),
        Column("单位"),
        Column("得分", figures=True),
        Column("结果", narrow=True),
    ]
    return Table("候选单位得分", columns, Rows(known, made), "没有可以计分的候选单位。")


def candidates_table(frame: pl.DataFrame, scope: Scope, caption: str, empty: str) -> Table:
    """Units with rank and its interval, score, firmness, reason and grounds, by kind."""

    def made(row: Row) -> list[Cell]:
        return [
            format.number(row["rank"]),
            _interval(row["rank_low"], row["rank_high"]),
            scope.unit_link(row["name"], row["unit_code"]),
            _sort(row, scope),
            format.score(row["score"]),
            format.rate(row["probability"]),
            row["reason"],
            _grounds(row),
        ]

    starts = frame.with_row_index("place").filter(
        (pl.col("kind") != pl.col("kind").shift()).fill_null(value=True)
    )
    groups = [(place, scope.labels("kind", kind)) for place, kind in starts.select("place", "kind").rows()]
    columns = [
        Column("名次", figures=True),
        Column("名次区间", figures=True, headed=True),
        Column("单位"),
        Column("类别、地区、同类组", phrases=True),
        Column("得分", figures=True),
        Column("换计分办法仍入选", figures=True, headed=True),
        Column("理由", prose=True),
        Column("优势、不足和变化", grow=True),
    ]
    return Table(caption, columns, Rows(frame, made), empty, groups, wide=True)


def _sort(row: dict[str, Any], scope: Scope) -> str:
    """Category, city and peer group, a line each: beside the texts there is room for one column only."""
    kind, category = scope.labels("kind", row["kind"]), scope.labels("category", row["category"])
    # of a kind that is one band nothing is to be said
    in_one = str(row["peer_group"]).endswith(":all")
    group = "" if in_one else scope.labels("peer_group", row["peer_group"]).removeprefix(f"{kind}·")
    return "\n".join(
        text for text in ("" if category == kind else category, row["city"] or "", group) if text
    )


def _interval(low: int | None, high: int | None) -> str:
    """The ranks that other ways to score, and what is missing, would allow."""
    if low is None or high is None:
        return format.NOTHING
    return str(low) if low == high else f"{low}～{high}"


def _grounds(row: dict[str, Any]) -> str:
    """Strengths, gaps and what would turn the choice, a line each."""
    named = (("优势", row["strengths"]), ("不足", row["gaps"]), ("变化", row["what_would_change"]))
    return "\n".join(f"{what}：{text}" for what, text in named if text)
