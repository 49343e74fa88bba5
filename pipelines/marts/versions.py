"""What one version of a submission says differently from another, answer by answer, from the published marts.

Versions are compared by value: a number typed with full-width digits is the same number. What differs only in writing, or only in the
explanation beside it, is told apart. The rules `resubmission_unchanged` and `accepted_answer_changed` compare by the same measure, in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.marts.lookup import UnknownCode, holder, period_row
from pipelines.marts.published import PublishedRun

Row = dict[str, Any]
KEY = ("question", "branch_code", "month")
SIDES = ("value", "text", "raw", "explanation", "sheet", "cell")
CHANGES = ("added", "changed", "removed", "rewritten", "explained")
ANSWER_CHANGES = CHANGES[:3]


@dataclass(frozen=True)
class Comparison:
    """Two versions of a unit's submission for a period, and where they differ.

    unit: its row of dim_unit; period: its row of dim_period; versions: rows of `submissions` that could be read, oldest first;
    refused: those that could not; before, after: the two compared, None where there are not two;
    cells: what `differences` gives, with `label_zh` and `type` of the question, `branch` (name) and `was_accepted`: whether the answer
    that was changed or taken away stood in an earlier version without a blocking finding.
    """

    unit: Row
    period: Row
    versions: pl.DataFrame
    refused: pl.DataFrame
    before: Row | None
    after: Row | None
    cells: pl.DataFrame

    def count(self, change: str) -> int:
        return self.cells.filter(pl.col("change") == change).height

    @property
    def accepted_changed(self) -> int:
        return int(self.cells["was_accepted"].sum())


def compare(
    run: PublishedRun, code: str, period: str, first: int | None = None, last: int | None = None
) -> Comparison:
    """Compare version `first` with version `last`; the last two where they are not given.

    Raises UnknownCode for a unit, a period or a version that there is not, and for a branch, which sends nothing of its own.
    """
    unit, when = holder(run, code), period_row(run, period)
    if unit["submits"] != code:
        raise UnknownCode(
            f"{unit['name']}是支部，报送按单位进行。请用所属单位的代码：{unit['submits']}（{unit['submitter']}）。"
        )
    received = (
        run.scan("submissions")
        .filter(pl.col("unit_code") == code, pl.col("period") == period)
        .sort("version", "received_at", "submission_id")
        .collect()
    )
    readable = received.filter(pl.col("version").is_not_null())
    before, after = _pair(readable, first, last)
    cells = (
        differences(_answers(run, before), _answers(run, after))
        if before and after
        else differences(*[_NO_ANSWERS] * 2)
    )
    named = _named(run, cells).with_columns(
        was_accepted=pl.col("change").is_in(["changed", "removed"]) & _replaces_accepted(before, after)
    )
    return Comparison(
        unit, when, readable, received.filter(pl.col("version").is_null()), before, after, named
    )


def compare_file(run: PublishedRun, code: str, period: str, answers: pl.DataFrame) -> Comparison | None:
    """Compare the version that counts with a file that has not been received: the answers in it (ANSWER_SCHEMA).

    None where no version of the unit counts for the period. `after` is None: a file that was not received has no version.
    """
    counting = (
        run.scan("submissions")
        .filter(pl.col("unit_code") == code, pl.col("period") == period, pl.col("counts"))
        .collect()
    )
    if counting.is_empty():
        return None
    before = counting.row(0, named=True)
    cells = differences(_answers(run, before), answers.rename({"number": "value"}).select(*KEY, *SIDES))
    is_accepted = pl.col("change").is_in(["changed", "removed"]) & (before["n_block"] == 0)
    named = _named(run, cells).with_columns(was_accepted=is_accepted)
    return Comparison(
        holder(run, code), period_row(run, period), counting, counting.clear(), before, None, named
    )


def differences(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Where two sets of answers (columns KEY and SIDES, one row a key) differ, one row a key, in the order of the keys.

    change, KEY, and of SIDES `before_…` and `after_…`. change: added, changed or removed by value, rewritten where only what stood in
    the cell differs, explained where only the explanation does. A branch's explanation stands once in its row: what is explained in
    its row is one row here, without question and month.
    """
    joined = _sided(before, "before").join(
        _sided(after, "after"), on=KEY, how="full", coalesce=True, nulls_equal=True
    )
    unread = pl.all_horizontal(
        pl.col(f"{side}_{part}").is_null() for side in ("before", "after") for part in ("value", "text")
    )
    differs = _differs("value") | _differs("text") | (unread & _differs("raw"))
    kind = (
        pl.when(differs & pl.col("before_raw").is_null())
        .then(pl.lit("added"))
        .when(differs & pl.col("after_raw").is_null())
        .then(pl.lit("removed"))
        .when(differs)
        .then(pl.lit("changed"))
        .when(_differs("raw"))
        .then(pl.lit("rewritten"))
        .when(_differs("explanation"))
        .then(pl.lit("explained"))
    )
    told = joined.with_columns(change=kind).filter(pl.col("change").is_not_null())
    return (
        pl.concat([told.filter(_of_branch_row().not_()), _once_a_branch(told.filter(_of_branch_row()))])
        .select("change", *KEY, *(f"{side}_{part}" for side in ("before", "after") for part in SIDES))
        .sort(*KEY, nulls_last=False, maintain_order=True)
    )


def _of_branch_row() -> pl.Expr:
    return (pl.col("change") == "explained") & pl.col("branch_code").is_not_null()


def _once_a_branch(explained: pl.DataFrame) -> pl.DataFrame:
    """The explanation of a branch's row stands with each of its answers: one line is enough."""
    shared = ["branch_code", "before_explanation", "after_explanation"]
    beside = [f"{side}_{part}" for side in ("before", "after") for part in ("value", "text", "raw", "cell")]
    nothing = [
        pl.lit(None).cast(explained.schema[name]).alias(name) for name in ("question", "month", *beside)
    ]
    return explained.unique(shared, keep="first", maintain_order=True).with_columns(nothing)


def _differs(part: str) -> pl.Expr:
    return pl.col(f"before_{part}").ne_missing(pl.col(f"after_{part}"))


def _sided(answers: pl.DataFrame, side: str) -> pl.DataFrame:
    return answers.select(*KEY, *(pl.col(part).alias(f"{side}_{part}") for part in SIDES))


_NO_ANSWERS = pl.DataFrame(
    schema={
        "question": pl.String, "branch_code": pl.String, "month": pl.Int32, "value": pl.Decimal(18, 4),
        **dict.fromkeys(("text", "raw", "explanation", "sheet", "cell"), pl.String),
    }
)  # fmt: skip


def _answers(run: PublishedRun, version: Row) -> pl.DataFrame:
    return (
        run.scan("answers")
        .filter(pl.col("submission_id") == version["submission_id"])
        .select(*KEY, *SIDES)
        .collect()
    )


def _pair(readable: pl.DataFrame, first: int | None, last: int | None) -> tuple[Row | None, Row | None]:
    """The two versions to compare: those asked for, else the last and the one before it."""
    known = {row["version"]: row for row in readable.to_dicts()}
    for asked in (first, last):
        if asked is not None and asked not in known:
            have = "、".join(f"第{version}版" for version in known) or "没有可以读取的报送"
            raise UnknownCode(f"没有第{asked}版。该单位本报告期收到的有：{have}。")
    after = last if last is not None else max(known, default=0)
    before = first if first is not None else after - 1
    return known.get(before), known.get(after)


def _replaces_accepted(before: Row | None, after: Row | None) -> bool:
    """Whether the second version came after the first, and the first had no blocking finding."""
    return bool(before and after and before["version"] < after["version"] and before["n_block"] == 0)


def _named(run: PublishedRun, cells: pl.DataFrame) -> pl.DataFrame:
    questions = run.read("dim_question").select("question", "label_zh", "type")
    branches = run.read("dim_unit").select(branch_code="unit_code", branch="name")
    return cells.join(questions, on="question", how="left", maintain_order="left").join(
        branches, on="branch_code", how="left", maintain_order="left"
    )
