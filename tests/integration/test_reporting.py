"""Reporting and load of a real province, recomputed from submissions, findings, workbooks' answers and templates by another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from pipelines.marts.accepted import last_accepted_answers
from pipelines.registry.model import Registry
from pipelines.store.registry import RegistryStore
from pipelines.workbook.form import Slot
from pipelines.workbook.prefill import prefilled_form
from tests.conftest import Province

BEIJING = timezone(timedelta(hours=8))
PERIODS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
WHY = ("missing", "blocked", "unexplained", "not_reported")


@pytest.fixture(scope="module")
def registry(province: Province, catalogue: Catalogue) -> Registry:
    return RegistryStore(province.data / "raw").current(catalogue)


def slots(unit: Any, period: Period, registry: Registry, catalogue: Catalogue) -> list[Slot]:
    """The cells that a unit was asked to fill, from the catalogue and the registry alone."""
    branches = registry.branches_of(unit.unit_code, period)
    return [Slot(question.code) for question in unit_questions(catalogue, unit.kind, period)] + [
        Slot(column.question.code, branch.unit_code, column.month)
        for branch in branches
        for column in ledger_columns(catalogue, unit.kind, period)
        if column.question.applies_to(unit.kind, branch.category)
    ]


def test_who_came_when_is_told_from_the_receipts(province: Province, registry: Registry) -> None:
    received: dict[tuple[str, str], list[datetime]] = {}
    readable = province.read("submissions").filter(pl.col("state") != "refused")
    for unit, period, at in readable.select("unit_code", "period", "received_at").iter_rows():
        received.setdefault((unit, period), []).append(at.replace(tzinfo=UTC))
    rows = province.read("unit_reporting").to_dicts()
    assert {(row["unit_code"], row["period"]) for row in rows} == {
        (unit.unit_code, period) for period in PERIODS for unit in registry.units_in(Period.parse(period))
    }
    for row in rows:
        times = received.get((row["unit_code"], row["period"]), [])
        due = row["due_at"].replace(tzinfo=UTC)
        assert row["n_versions"] == len(times)
        assert row["on_time"] == any(at <= due for at in times)
        late = (
            (min(times).astimezone(BEIJING).date() - due.astimezone(BEIJING).date()).days if times else None
        )
        assert row["days_late"] == (None if late is None else max(0, late))
    assert {row["owes"] for row in rows} >= {"nothing", "report", "correction", "explanation"}
    assert any(row["days_late"] for row in rows)


def test_cells_are_counted_as_the_forms_ask_them(
    province: Province, registry: Registry, catalogue: Catalogue
) -> None:
    for row in province.read("unit_reporting").to_dicts():
        period = Period.parse(row["period"])
        unit = registry.by_code[row["unit_code"]]
        assert row["cells"] == len(slots(unit, period, registry, catalogue)), row
        assert row["cells"] == row["usable"] + sum(row[name] for name in WHY), row
        assert (row["not_reported"] == row["cells"]) == (row["n_versions"] == 0), row


def test_a_block_on_one_cell_takes_one_cell_away(province: Province) -> None:
    """Of units whose only open findings are blocks on single cells: as many cells are blocked as are named."""
    standing = province.read("submissions").filter("counts").select("submission_id", "unit_code", "period")
    found = (
        province.read("findings")
        .filter((pl.col("severity") == "block") | (~pl.col("explained")))
        .join(standing, on="submission_id")
    )
    cells = found.group_by("unit_code", "period").agg(
        blocked=pl.struct("sheet", "cell").n_unique(),
        plain=((pl.col("severity") == "block") & pl.col("question").is_not_null() & pl.col("cell").is_not_null()).all(),
    )  # fmt: skip
    rows = province.read("unit_reporting").join(
        cells.filter("plain"), on=["unit_code", "period"], suffix="_found"
    )
    assert rows.height > 3
    assert rows["blocked"].to_list() == rows["blocked_found"].to_list() == rows["to_correct"].to_list()
    whole = (
        province.read("unit_reporting")
        .join(found, on=["unit_code", "period"], how="anti")
        .filter(pl.col("n_versions") > 0)
    )
    assert whole.height > 60
    assert (whole["usable"] == whole["cells"]).all()


def test_questions_add_up_to_units_and_units_to_groups(province: Province) -> None:
    units, questions = province.read("unit_reporting"), province.read("question_reporting")
    known = province.read("dim_unit").select("unit_code", "kind", "city_code")
    names = ("cells", "usable", *WHY)
    by_unit = (
        units.join(known, on="unit_code").group_by("period", "kind", "city_code").agg(pl.col(*names).sum())
    )
    by_question = questions.group_by("period", pl.col("unit_kind").alias("kind"), "city_code").agg(
        pl.col(*names).sum()
    )
    keys = ["period", "kind", "city_code"]
    assert by_unit.sort(keys).equals(by_question.sort(keys))
    province_rows = province.read("reporting").filter(pl.col("group_kind") == "province").sort("period")
    sums = units.group_by("period").agg(
        expected=pl.len(), received=(pl.col("n_versions") > 0).sum(), on_time=pl.col("on_time").sum(),
        accepted=(pl.col("state") == "accepted").sum(), usable=pl.col("usable").sum(), cells=pl.col("cells").sum(),
    ).sort("period")  # fmt: skip
    for name in ("expected", "received", "on_time", "accepted"):
        assert province_rows[name].to_list() == sums[name].to_list()
    assert province_rows["completeness"].to_list() == (sums["usable"] / sums["cells"]).to_list()
    assert province_rows["timeliness"].to_list() == (sums["on_time"] / sums["expected"]).to_list()


@pytest.fixture(scope="module")
def two_years(make_province: Callable[[int, str, str, int], Province]) -> Province:
    """Two fourth quarters, so that last year's answers are known."""
    return make_province(16, "2024Q4", "2025Q4", 905)


def test_the_load_is_what_the_templates_would_have_brought(two_years: Province, catalogue: Catalogue) -> None:
    """Each unit's template of each quarter, filled by the program that writes it, held against what came back."""
    registry = RegistryStore(two_years.data / "raw").current(catalogue)
    standing = two_years.read("submissions").filter("counts")
    answers = two_years.read("answers").partition_by("submission_id", as_dict=True)
    expected: dict[tuple[str, str, str], Counter[str]] = {}
    for submission, code, label in standing.select("submission_id", "unit_code", "period").iter_rows():
        unit, period = registry.by_code[code], Period.parse(label)
        if not unit.holds_in(period):
            continue
        known = last_accepted_answers(two_years.data / "marts", code, period)
        form = prefilled_form(unit, period, registry.branches_of(code, period), catalogue, known)
        given = {
            Slot(row["question"], row["branch_code"], row["month"]): row
            for row in answers[submission,].to_dicts()
        }
        for slot in slots(unit, period, registry, catalogue):
            part = expected.setdefault((label, unit.kind, "ledger" if slot.branch_code else "own"), Counter())
            answer, brought = given.get(slot), form.current.get(slot)
            is_answered = answer is not None and answer["raw"] is not None
            part["asked"] += 1
            if brought is None:
                part["typed" if is_answered else "blank"] += 1
            else:
                part["prefilled"] += 1
                value = (
                    None
                    if answer is None
                    else answer["text"]
                    if isinstance(brought, str)
                    else answer["value"]
                )
                part["changed"] += value != brought
    rows = {(row["period"], row["unit_kind"], row["form"]): row for row in two_years.read("load").to_dicts()}
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        names = ("asked", "prefilled", "changed", "typed", "blank")
        assert {name: row[name] for name in names} == {name: expected[key][name] for name in names}, key
    assert (
        rows["2025Q4", "city", "own"]["prefilled"] > 2 * rows["2025Q4", "city", "own"]["units"]
    )  # last year's figure too
    assert sum(row["changed"] for row in rows.values()) > 10


def test_what_never_varies_is_told_from_the_answers(two_years: Province) -> None:
    answers = two_years.read("answers").join(
        two_years.read("submissions").filter("counts").select("submission_id"), on="submission_id", how="semi"
    )
    usable = two_years.read("question_reporting").group_by("question").agg(pl.col("usable").sum())
    used = two_years.read("question_use").join(usable, on="question")
    assert (used["answers"] <= used["usable"]).all()
    for row in used.filter(pl.col("common_answer").is_in(["yes", "no"])).to_dicts():
        said = (
            answers.filter(pl.col("question") == row["question"])["text"].drop_nulls().value_counts(sort=True)
        )
        assert row["answers"] - 8 <= said["count"].sum()  # those of blocked cells are left out
        assert row["common_answer"] == said["text"][0]


def test_the_chase_list_holds_what_the_marts_hold(province: Province, tmp_path: Path) -> None:
    target = tmp_path / "催报单.xlsx"
    done = province.sanxing("chase", "2025Q4", "-o", target)
    owed = province.read("unit_reporting").filter(
        (pl.col("period") == "2025Q4") & ~pl.col("owes").is_in(["nothing", "not_due"])
    )
    assert owed.height > 2
    assert f"需催报{owed.height}个" in done.stdout
    book = openpyxl.load_workbook(target)
    head, *rows = book["催报清单"].iter_rows(min_row=4, values_only=True)
    listed = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert set(listed) == set(owed["unit_code"])
    labels = dict(
        province.read("dim_label")
        .filter(pl.col("enumeration") == "owes")
        .select("code", "label_zh")
        .iter_rows()
    )
    names = dict(province.read("dim_unit").select("unit_code", "name").iter_rows())
    parents = dict(province.read("dim_unit").select("unit_code", "parent_code").iter_rows())
    assert province.published().time_zone == ZoneInfo("Asia/Shanghai")
    clock = datetime.fromisoformat(province.published().manifest["clock"]).astimezone(BEIJING).date()
    for row in owed.to_dicts():
        line = listed[row["unit_code"]]
        since = row["due_at"] if row["owes"] in ("report", "replacement") else row["stands_since"]
        day = since.replace(tzinfo=UTC).astimezone(BEIJING).date()
        assert line["事项"] == labels[row["owes"]]
        assert line["自何时起"].date() == day
        assert line["已过天数"] == (clock - day).days
        assert line["处数"] == {"correction": row["to_correct"], "explanation": row["to_explain"]}.get(
            row["owes"]
        )
        assert line["催办部门"] == names.get(parents[row["unit_code"]], "省委教育工委")
    *offices, total = list(book["汇总"].iter_rows(min_row=5, values_only=True))
    assert (
        total[1]
        == sum(line[1] for line in offices)
        == province.read("unit_reporting").filter(pl.col("period") == "2025Q4").height
    )
    assert total[6] == owed.height


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2031Q1", "-o", "x.xlsx"], "没有2031Q1的结果"),
        (["2025Q4", "-o", "x.docx"], "请用 .xlsx 结尾的文件名"),
        (["2025Q4", "-o", "x.xlsx", "--office", "nobody"], "没有代码为“nobody”的催办部门"),
        (["2025Q9", "-o", "x.xlsx"], "2025Q9"),
    ],
)
def test_a_chase_list_that_cannot_be_made(
    province: Province, tmp_path: Path, arguments: list[str], said: str
) -> None:
    placed = [str(tmp_path / part) if part.startswith("x.") else part for part in arguments]
    done = province.sanxing("chase", *placed, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_load_is_printed_with_the_proposals(province: Province) -> None:
    done = province.sanxing("load", "--period", "2025Q4")
    row = (
        province.read("load")
        .filter(pl.col("period") == "2025Q4", pl.col("unit_kind") == "school", pl.col("form") == "own")
        .row(0, named=True)
    )
    (line,) = (line for line in done.stdout.splitlines() if "学校" in line and "本级表" in line)
    shown = [part.strip() for part in line.split("│")[1:-1]]
    assert shown[1] == f"学校本级表（{row['units']}个单位，{row['respondents']}份）"
    assert shown[2].startswith(f"{row['asked']}（每份")
    assert shown[3] == f"{row['prefilled']}（改动{row['changed']}）"
    assert shown[4].startswith(f"{row['typed']}（每份")
    assert shown[5] == str(row["blank"])
    proposed = province.read("question_use").filter("suggest_removal")
    assert f"有{proposed.height}项建议研究取消" in done.stdout
    assert province.sanxing("load", "--period", "2031Q1", check=False).returncode == 2
