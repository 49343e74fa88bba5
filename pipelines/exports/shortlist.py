"""The yearly shortlist of model units as a file: who, why, and by which parameters.

Reads a published run and computes nothing that the marts do not hold. The same run gives the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipelines.exports.cells import csv_bytes
from pipelines.exports.labels import Labels
from pipelines.exports.sheets import Workbook
from pipelines.failures import UserMistake
from pipelines.labels import SYNTHETIC_FILE
from pipelines.marts.published import PublishedRun

KIND_ORDER = {"city": 0, "university": 1, "school": 2}
DIMENSION_ORDER = {"learning": 0, "service": 1, "innovation": 2, "leadership": 3}
UNIT = ("单位代码", "单位名称", "单位类型", "类别", "所在地区", "同类组", "得分", "名次", "换权重仍入选")
LISTED = ("序号", *UNIT, "入选理由")
CANDIDATES = (*UNIT, "结果", "理由")
FIRMNESS = "把各维度的权重逐一上调、下调{}后重新评选，仍然入选的比例；越接近100%，入选越不依赖权重的取法。"


class ShortlistUnavailable(UserMistake):
    """There is no shortlist of that year. The message is Chinese and names the years that there are."""


def shortlist_years(run: PublishedRun) -> list[int]:
    """The years that have a list, newest first."""
    years = run.scan("shortlist").select("year").unique().collect()["year"]
    return [int(year) for year in years.sort(descending=True)]


def shortlist_rows(run: PublishedRun, year: int) -> pl.DataFrame:
    """All candidates of the year: the selected first, then by kind and rank.

    The mart's columns with name, kind, city and peer_group of the unit. Raises ShortlistUnavailable.
    """
    units = run.scan("dim_unit").select("unit_code", "name", "kind", "city", "peer_group")
    kind = pl.col("kind").replace_strict(KIND_ORDER, default=len(KIND_ORDER))
    rows = (
        run.scan("shortlist")
        .filter(pl.col("year") == year)
        .join(units, on="unit_code", how="left")
        .with_columns(pl.col("name").fill_null(pl.col("unit_code")))
        .sort(pl.col("selected").not_(), kind, "rank", pl.col("score").neg(), "unit_code", nulls_last=True)
        .collect()
    )
    if rows.is_empty():
        known = "、".join(str(listed) for listed in shortlist_years(run))
        hint = f"已有名单的年份：{known}。" if known else "名单在第四季度的报送处理后生成。"
        raise ShortlistUnavailable(f"没有{year}年的示范点名单。{hint}")
    return rows


_QUARTERS = {"every": "全年各季度", "last": "第四季度"}


def write_shortlist(run: PublishedRun, year: int, target: BinaryIO | Path) -> None:
    """Write the list of the year as .xlsx: 名单, 候选与理由, 方法与参数. Raises ShortlistUnavailable."""
    listed, candidates = _lines(run, year)
    remark = f"目录版本 {run.manifest['catalogue']['version']}　数据批次 {run.name}"
    warning = SYNTHETIC_FILE if run.is_synthetic else None
    with Workbook(
        target, f"{year}年度示范点名单", datetime(year, 12, 31, tzinfo=UTC), remark, warning
    ) as book:
        book.sheet("名单", f"{year}年度示范点名单", LISTED, listed, "本年度没有单位入选。")
        book.sheet(
            "候选与理由", f"{year}年度示范点候选单位与理由", CANDIDATES, candidates, "本年度没有候选单位。"
        )
        book.sheet("方法与参数", f"{year}年度示范点评选方法与参数", ("项目", "内容"), method(run, year), "")


def write_shortlist_csv(run: PublishedRun, year: int, target: BinaryIO | Path) -> None:
    """Write all candidates of the year with reasons, as CSV for Excel and WPS.

    Raises ShortlistUnavailable.
    """
    _, candidates = _lines(run, year)
    header: tuple[str, ...] = CANDIDATES
    if run.is_synthetic:
        header, candidates = (*header, "说明"), [[*line, SYNTHETIC_FILE] for line in candidates]
    content = csv_bytes(header, candidates)
    if isinstance(target, Path):
        target.write_bytes(content)
    else:
        target.write(content)


def method(run: PublishedRun, year: int) -> list[tuple[str, str]]:
    """How the list was made, as (item, content).

    The catalogue, the run, and every parameter of the selection.
    """
    selection, labels = run.manifest["selection"], Labels.of(run)
    gates = selection["shortlist"]
    return [
        ("年度", str(year)),
        ("目录版本", str(run.manifest["catalogue"]["version"])),
        ("目录校验值（SHA-256）", str(run.manifest["catalogue"]["sha256"])),
        ("数据批次", run.name),
        ("输入数据校验值（SHA-256）", str(run.manifest["inputs"])),
        (
            "计分方法",
            "单位在同类组（同类型、同规模）内比较；同一维度内各指标等权，各维度按下列权重合成总分，满分100分。",
        ),
        *(
            (f"权重：{labels('dimension', code)}", _percent(weight))
            for code, weight in _ordered(selection["scoring"]["weights"], DIMENSION_ORDER)
        ),
        ("入选条件：可计算指标占应计算指标的比例", f"不低于{_percent(gates['minimum_coverage'])}"),
        ("入选条件：数据质量达到采信线的季度", _QUARTERS[gates["quality_quarters"]]),
        *(
            (f"名额：{labels('kind', code)}", f"{count}个")
            for code, count in _ordered(gates["quotas"], KIND_ORDER)
        ),
        ("每个设区市名额上限", f"{gates['most_per_city']}个（各类单位合计）"),
        ("换权重仍入选", FIRMNESS.format(_percent(gates["alternative_weight_share"]))),
    ]


def _lines(run: PublishedRun, year: int) -> tuple[list[list[object]], list[list[object]]]:
    """Rows of the list and rows of all candidates, as their headers name them."""
    labels = Labels.of(run)
    listed: list[list[object]] = []
    candidates: list[list[object]] = []
    for row in shortlist_rows(run, year).to_dicts():
        unit = [
            row["unit_code"],
            row["name"],
            labels("kind", row["kind"]),
            labels("category", row["category"]),
            row["city"],
            labels("peer_group", row["peer_group"]),
            row["score"],
            row["rank"],
            row["probability"],
        ]
        if row["selected"]:
            listed.append([len(listed) + 1, *unit, row["reason"]])
        candidates.append([*unit, "入选" if row["selected"] else "未入选", row["reason"]])
    return listed, candidates


def _ordered(parameters: dict[str, object], order: dict[str, int]) -> list[tuple[str, object]]:
    """The parameters in the order of the policy; the manifest holds them by name."""
    return sorted(parameters.items(), key=lambda item: order.get(item[0], len(order)))


def _percent(value: object) -> str:
    """A parameter as a percentage, exactly, whether the manifest holds it as text or as a number."""
    return f"{(Decimal(str(value)) * 100).normalize():f}%"
