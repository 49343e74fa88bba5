"""What the year's list of model units holds, table by table, as frames with Chinese heads: the same for every format.

Reads a published run, or a trial that stands in for one, and computes nothing that its tables do not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.exports.cells import seen
from pipelines.exports.labels import Labels
from pipelines.exports.list_rules import ITEMS_HEAD, method
from pipelines.exports.shortlist import DIMENSION_ORDER, KIND_ORDER, shortlist_rows, trial_mark
from pipelines.marts.published import PublishedRun

YES_NO = {True: "是", False: "否"}
COMPARE_ZH = {"at_least": "≥", "above": "＞", "at_most": "≤"}
UNIT = {
    "unit_code": "单位代码", "name": "单位名称", "kind_zh": "单位类型", "category_zh": "类别", "city": "所在地区", "peer_group_zh": "同类组",
}  # fmt: skip
STANDING = {
    "score": "得分", "rank": "名次", "rank_low": "名次区间最好", "rank_high": "名次区间最差", "probability": "换计分办法仍入选",
}  # fmt: skip


@dataclass(frozen=True)
class ListTable:
    """One table: a sheet's name, its title, rows under Chinese heads, and the sentence that stands where there are none."""

    name: str
    title: str
    frame: pl.DataFrame
    empty: str

    def lines(self) -> Iterator[Sequence[object]]:
        """Head and rows; the sentence where there are no rows."""
        if self.frame.is_empty():
            yield (self.empty,)
            return
        yield tuple(self.frame.columns)
        yield from self.frame.iter_rows()


class ListTables:
    """The tables of one year's list. Raises ShortlistUnavailable where there is none."""

    def __init__(self, run: PublishedRun, year: int) -> None:
        self.run, self.year, self._labels = run, year, Labels.of(run)
        rows = shortlist_rows(run, year)
        coverage = self._of("candidates").select("unit_code", "coverage")
        self.candidates = rows.join(coverage, on="unit_code", how="left", maintain_order="left").with_columns(
            self._named("kind"), self._named("category"), self._named("peer_group")
        )
        units = self.candidates.select("unit_code", "name", "kind_zh", "peer_group_zh")
        self._units = units.with_row_index("place")

    def all(self) -> list[ListTable]:
        """Every table, in the order of the sheets. A trial has no contact points: it changes none."""
        tables = [
            self.listed(),
            self.reasons(),
            self.near_misses(),
            self.terms(),
            self.dimensions(),
            self.gates(),
        ]
        if not trial_mark(self.run):
            tables.append(self.contact_points())
        return [*tables, self.method()]

    def listed(self) -> ListTable:
        """Who is chosen."""
        rows = self.candidates.filter("selected").with_row_index("place", offset=1)
        heads = {"place": "序号", **UNIT, **STANDING, "reason": "入选理由"}
        return self._table("名单", f"{self.year}年度示范点名单", rows, heads, "本年度没有单位入选。")

    def reasons(self) -> ListTable:
        """Every candidate with what speaks for and against it, and what would change the choice."""
        rows = self.candidates.with_columns(result=self._result())
        heads = {
            **UNIT, "score": "得分", "coverage": "可计算指标比例", "rank": "名次", "result": "结果", "reason": "理由",
            "strengths": "突出方面", "gaps": "主要差距", "what_would_change": "如何会改变结果",
        }  # fmt: skip
        return self._table("理由", f"{self.year}年度各候选单位的理由", rows, heads, "本年度没有候选单位。")

    def near_misses(self) -> ListTable:
        """Who passes every gate and came next."""
        rows = self.candidates.filter("near_miss")
        heads = {**UNIT, **STANDING, "reason": "未列入原因", "what_would_change": "如何会改变结果"}
        return self._table("接近入选", f"{self.year}年度接近入选的单位", rows, heads, "没有接近入选的单位。")

    def terms(self) -> ListTable:
        """Each candidate × indicator: every number that a score is made of."""
        dimension = pl.col("dimension").replace_strict(DIMENSION_ORDER, default=len(DIMENSION_ORDER))
        rows = (
            self._of("shortlist_scores")
            .join(self._units, on="unit_code", how="inner")
            .join(self._indicators(), on="indicator", how="left")
            .sort("place", dimension, "clause", "indicator")
            .with_columns(
                pl.col("numerator", "denominator", "standard").cast(pl.Float64),
                self._named("dimension"),
                self._named("direction"),
                pl.when(pl.col("standard").is_not_null()).then(
                    pl.col("compare").replace_strict(COMPARE_ZH, default=None)
                ),
            )
        )
        heads = {
            "unit_code": "单位代码", "name": "单位名称", "peer_group_zh": "同类组", "dimension_zh": "维度", "label_zh": "指标", "clause": "条款",
            "numerator": "分子", "denominator": "分母", "value": "实际值", "compare": "比较", "standard": "标准",
            "due_share": "应完成比例", "direction_zh": "方向", "attainment": "达成度", "weight": "维度内权重",
        }  # fmt: skip
        return self._table(
            "评分明细", f"{self.year}年度各候选单位评分明细", rows, heads, "没有可以计分的指标。"
        )

    def dimensions(self) -> ListTable:
        """Each candidate × dimension that has a score."""
        order = pl.col("dimension").replace_strict(DIMENSION_ORDER, default=len(DIMENSION_ORDER))
        rows = (
            self._of("shortlist_dimensions")
            .join(self._units, on="unit_code", how="inner")
            .sort("place", order)
            .with_columns(self._named("dimension"))
        )
        heads = {
            "unit_code": "单位代码", "name": "单位名称", "dimension_zh": "维度", "score": "维度得分", "weight": "占总分权重",
        }  # fmt: skip
        return self._table(
            "维度得分", f"{self.year}年度各候选单位维度得分", rows, heads, "没有可以计分的维度。"
        )

    def gates(self) -> ListTable:
        """Each candidate × gate: asked, found, passed."""
        rows = (
            self._of("shortlist_gates")
            .join(self._units, on="unit_code", how="inner")
            .sort("place", "gate")
            .with_columns(self._named("gate"), pl.col("passes").replace_strict(YES_NO))
        )
        heads = {
            "unit_code": "单位代码", "name": "单位名称", "gate_zh": "条件", "required": "要求", "found": "实际情况", "passes": "是否符合",
        }  # fmt: skip
        return self._table(
            "资格条件", f"{self.year}年度各候选单位资格条件", rows, heads, "没有设定资格条件。"
        )

    def contact_points(self) -> ListTable:
        """Who would gain most from help, chosen first."""
        names = self.candidates.select("unit_code", "name", "city")
        kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
        rows = (
            self._of("contact_points")
            .join(names, on="unit_code", how="left")
            .sort(pl.col("selected").not_(), kind, "place", "unit_code", nulls_last=True)
            .with_columns(
                self._named("kind"),
                self._named("category"),
                result=pl.when("selected").then(pl.lit("联系点")).otherwise(pl.lit("未列入")),
            )
        )
        heads = {
            "unit_code": "单位代码", "name": "单位名称", "kind_zh": "单位类型", "category_zh": "类别", "city": "所在地区",
            "gain": "帮扶效果", "place": "同类位次", "result": "结果", "reason": "理由",
        }  # fmt: skip
        return self._table("联系点", f"{self.year}年度联系点建议名单", rows, heads, "本年度没有联系点建议。")

    def method(self) -> ListTable:
        """The method and every parameter, in words and numbers."""
        rows = pl.DataFrame(method(self.run, self.year), schema=list(ITEMS_HEAD), orient="row")
        return ListTable("方法与参数", self._titled(f"{self.year}年度示范点评选方法与参数"), rows, "")

    def _table(
        self, name: str, title: str, rows: pl.DataFrame, heads: dict[str, str], empty: str
    ) -> ListTable:
        frame = rows.select(pl.col(column).alias(head) for column, head in heads.items())
        return ListTable(name, self._titled(title), seen(frame), empty)

    def _titled(self, title: str) -> str:
        return f"{trial_mark(self.run)}{title}"

    def _of(self, table: str) -> pl.DataFrame:
        return self.run.scan(table).filter(pl.col("year") == self.year).collect()

    def _indicators(self) -> pl.DataFrame:
        """What each indicator was called, and how it was held against its standard, on the last day of the year."""
        versions = self.run.read("dim_indicator").sort("indicator", "effective_from")
        begun = versions.filter(pl.col("effective_from") <= date(self.year, 12, 31))
        latest = pl.concat([versions.group_by("indicator").first(), begun.group_by("indicator").last()])
        return latest.unique("indicator", keep="last", maintain_order=True).select(
            "indicator", "label_zh", "compare"
        )

    def _named(self, column: str) -> pl.Expr:
        names = {code: zh for (enumeration, code), zh in self._labels.codes.items() if enumeration == column}
        return (
            pl.col(column).replace_strict(names, default=pl.col(column)).fill_null("—").alias(f"{column}_zh")
        )

    @staticmethod
    def _result() -> pl.Expr:
        return pl.when("selected").then(pl.lit("入选")).otherwise(pl.lit("未入选"))
