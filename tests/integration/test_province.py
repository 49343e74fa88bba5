"""A whole province through the real command line: planted faults, exact figures, contracts, and every number's address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from expectations import Catalogue
from pipelines.check import check_file
from pipelines.marts.behind import answers_behind
from pipelines.marts.tables import MARTS
from pipelines.settings import Settings
from tests.benchmarks.detection import read_published
from tests.benchmarks.scores import EXACT, FLOORS, Quiet, missed_floors, scores
from tests.conftest import Province
from tests.marts import TYPES


def unfound(province: Province) -> list[dict[str, str]]:
    """The planted faults that were not found: at their cell, or for a whole file by a finding, a flag or a refusal."""
    findings, flags, submissions = (province.read(name) for name in ("findings", "flags", "submissions"))
    cells = set(findings.select("unit_code", "period", "sheet", "cell").iter_rows())
    units = set(findings.select("unit_code", "period").iter_rows()) | set(
        flags.filter(pl.col("kind").is_in(["reporting", "quality"])).select("unit_code", "period").iter_rows()
    )
    stopped = set(submissions.filter(pl.col("state").is_in(["returned", "refused"]))["file"])
    missed = []
    for fault in province.truth["faults"]:
        if fault["cell"]:
            found = (fault["unit_code"], fault["period"], fault["sheet"], fault["cell"]) in cells
        else:
            found = (fault["unit_code"], fault["period"]) in units or fault["file"] in stopped
        if not found:
            missed.append(fault)
    return missed


def blocked_clean_files(province: Province) -> list[str]:
    clean = province.truth["clean_files"]
    submissions = province.read("submissions")
    return submissions.filter(pl.col("file").is_in(clean) & (pl.col("n_block") > 0))["file"].to_list()


def test_every_planted_fault_is_found_at_its_cell(province: Province) -> None:
    assert len({fault["class"] for fault in province.truth["faults"]}) == 13
    assert unfound(province) == []


def test_clean_files_have_no_blocking_finding(province: Province) -> None:
    clean = set(province.truth["clean_files"])
    assert len(clean) > 60
    assert clean <= set(province.read("submissions")["file"])
    assert blocked_clean_files(province) == []


@pytest.mark.parametrize(("units", "seed"), [(5, 901), (41, 902)])
def test_other_sizes_and_seeds(
    make_province: Callable[[int, str, str, int], Province], units: int, seed: int
) -> None:
    other = make_province(units, "2024Q2", "2024Q3", seed)
    assert unfound(other) == []
    assert blocked_clean_files(other) == []


def test_a_check_finds_what_the_run_found_against_the_last_time(
    province: Province, catalogue: Catalogue
) -> None:
    """With this quarter and the earlier ones that the rules ask about, from the marts."""
    jumps = [fault for fault in province.truth["faults"] if fault["class"] == "against_last"]
    assert jumps
    findings = province.read("findings").join(
        province.read("submissions").select("submission_id", "file"), on="submission_id"
    )
    told = ("rule", "severity", "sheet", "cell", "message")
    for fault in jumps:
        checked = check_file(province.sample / fault["file"], Settings(home=province.path), catalogue)
        published = findings.filter(pl.col("file") == fault["file"])
        assert sorted(tuple(finding[key] for key in told) for finding in checked.findings) == sorted(
            published.select(told).iter_rows()
        )
        assert any(finding["rule"].endswith("_jump") for finding in checked.findings)


def test_block_rules_find_what_is_planted_and_nothing_else(province: Province, catalogue: Catalogue) -> None:
    found = scores(
        province.truth, read_published(province.data / "marts"), catalogue.rules, catalogue.questions
    )
    exact = [score for score in found if FLOORS.get(score.name, EXACT) == EXACT]
    assert sum(score.planted for score in exact) > 10
    assert missed_floors(exact, None) == []


def test_a_good_explanation_is_believed_and_a_phrase_is_not(province: Province, catalogue: Catalogue) -> None:
    found = scores(
        province.truth, read_published(province.data / "marts"), catalogue.rules, catalogue.questions
    )
    by_name = {score.name: score for score in found}
    assert by_name["explained"].planted == by_name["explained"].found >= 1
    assert by_name["unexplained"].planted == by_name["unexplained"].found >= 1


def test_a_province_without_faults_is_left_in_peace(
    make_province: Callable[..., Province], catalogue: Catalogue
) -> None:
    marts = make_province(20, "2025Q3", "2025Q4", 903, with_faults=False).data / "marts"
    quiet = Quiet.of(read_published(marts), catalogue.signs.false_discovery_rate)
    assert (quiet.submissions, quiet.quarters) == (40, 2)
    assert missed_floors([], quiet) == []


def test_marts_keep_their_contract_as_parquet(province: Province) -> None:
    run = province.published()
    for mart in MARTS.values():
        frame = run.read(mart.name)
        expected = {name: TYPES[mart.column(name).type] for name in mart.columns}
        assert dict(frame.schema) == expected, mart.name
        assert frame.select(mart.key).is_duplicated().sum() == 0, mart.name
        required = [name for name in mart.columns if name not in mart.nullable]
        assert frame.select(required).null_count().sum_horizontal().item() == 0, mart.name
        assert frame.height == run.manifest["tables"][mart.name]["rows"] > 0, mart.name


def test_every_clause_has_values_in_the_last_quarter(province: Province, catalogue: Catalogue) -> None:
    values = province.read("indicator_values").filter(
        (pl.col("period") == "2025Q4") & pl.col("value").is_not_null()
    )
    indicators = province.read("dim_indicator").filter(
        pl.col("indicator").is_in(values["indicator"].unique().to_list())
    )
    assert set(indicators["clause"]) == {
        clause.id for clause in catalogue.clauses if clause.kind != "process"
    }


def test_answers_stand_where_they_say(province: Province) -> None:
    """For every answer of some files, the cell named holds the value named, by another library."""
    submissions = (
        province.read("submissions").filter(pl.col("state") == "accepted").sort("submission_id").head(4)
    )
    answers = province.read("answers")
    checked = 0
    for submission_id, file in submissions.select("submission_id", "file").iter_rows():
        book = openpyxl.load_workbook(province.sample / file, data_only=True)
        for sheet, cell, raw in (
            answers.filter(pl.col("submission_id") == submission_id)
            .select("sheet", "cell", "raw")
            .iter_rows()
        ):
            value = book[sheet][cell].value
            assert raw == (None if value in (None, "") else str(value)), (file, sheet, cell)
            checked += raw is not None
    assert checked > 200


def test_findings_name_the_value_in_their_cell(province: Province) -> None:
    findings = province.read("findings").filter(pl.col("cell").is_not_null())
    files = dict(province.read("submissions").select("submission_id", "file").iter_rows())
    assert findings.height > 5
    for submission_id, sheet, cell, found, message in findings.select(
        "submission_id", "sheet", "cell", "found", "message"
    ).iter_rows():
        value = openpyxl.load_workbook(province.sample / files[submission_id], data_only=True)[sheet][
            cell
        ].value
        assert found == ("空白" if value is None else str(value)), (files[submission_id], sheet, cell)
        assert cell in message


def test_unit_figures_are_sums_over_their_answers(province: Province) -> None:
    """Attendance of the year recomputed from the answers alone, exactly, for every unit that could be calculated."""
    counted = province.read("submissions").filter(pl.col("state").is_in(["accepted", "returned"]))
    answers = province.read("answers").join(counted.select("submission_id"), on="submission_id")
    sums = (
        answers.filter(pl.col("question").is_in(["L3.2a", "L3.2b"]))
        .group_by("unit_code", "question")
        .agg(pl.col("value").sum())
        .pivot("question", index="unit_code", values="value")
    )
    values = province.read("indicator_values").filter(
        (pl.col("indicator") == "centre_group_attendance")
        & (pl.col("period") == "2025Q4")
        & pl.col("numerator").is_not_null()
    )
    joined = values.join(sums, on="unit_code")
    assert joined.height > 15
    for row in joined.iter_rows(named=True):
        assert (row["numerator"], row["denominator"]) == (row["L3.2b"], row["L3.2a"])
        assert row["status"] == ("met" if 10 * row["L3.2b"] >= 9 * row["L3.2a"] else "not_met")


def test_the_cells_behind_a_figure_add_up_to_it(province: Province) -> None:
    """Every figure that is a plain sum, from the answers that «数字来源» lists for it."""
    run = province.published()
    plain = run.read("indicator_sources").group_by("indicator").agg(only=(pl.col("operation") == "sum").all())
    values = province.read("indicator_values").filter(
        pl.col("indicator").is_in(plain.filter("only")["indicator"].to_list()), pl.col("value").is_not_null()
    )
    units = province.read("dim_unit").filter(pl.col("kind") != "branch")["unit_code"].to_list()
    chosen = (
        values.filter(pl.col("unit_code").is_in(units))
        .sort("unit_code", "period", "indicator")
        .gather_every(23)
    )
    assert chosen["indicator"].n_unique() > 8
    assert chosen["period"].n_unique() == 4
    sides = run.read("indicator_sources").select("indicator", "side", "question").unique()
    for row in chosen.iter_rows(named=True):
        behind = answers_behind(run, row["unit_code"], None, row["period"], row["indicator"])
        for side in ("numerator", "denominator"):
            asked = sides.filter(pl.col("indicator") == row["indicator"], pl.col("side") == side)["question"]
            if asked.len():
                found = behind.filter(pl.col("question").is_in(asked.to_list()))["value"].sum()
                assert found == row[side], (row["unit_code"], row["period"], row["indicator"], side)


def test_the_list_holds_the_published_score(province: Province) -> None:
    totals = province.read("scores").filter(pl.col("dimension") == "total", pl.col("period") == "2025Q4")
    both = province.read("shortlist").join(totals, on="unit_code", suffix="_published").drop_nulls("score")
    assert both.height > 15
    assert both["score"].to_list() == both["score_published"].to_list()


def test_bad_data_is_never_called_bad_performance(province: Province) -> None:
    """No performance flag stands on a value that could not be calculated, and nothing that was not reported is zero."""
    values = province.read("indicator_values")
    stopped = values.filter(pl.col("status") == "not_calculable")
    assert stopped.height > 0
    assert stopped["value"].null_count() == stopped.height
    assert stopped["reason"].null_count() == 0
    flags = province.read("flags").filter(pl.col("kind") == "performance")
    assert flags.join(stopped, on=["unit_code", "period", "indicator"]).is_empty()


def test_late_and_absent_units_are_flagged(province: Province) -> None:
    reporting = province.read("flags").filter(pl.col("kind") == "reporting")
    levels = {
        (unit, period): level
        for unit, period, level in reporting.select("unit_code", "period", "level").iter_rows()
    }
    planted = Counter(fault["class"] for fault in province.truth["faults"])
    assert planted["late"] >= 1
    assert planted["absent"] >= 1
    for fault in province.truth["faults"]:
        if fault["class"] in ("late", "absent"):
            wanted = "amber" if fault["class"] == "late" else "red"
            assert levels[fault["unit_code"], fault["period"]] == wanted


def test_only_the_latest_accepted_version_counts(province: Province) -> None:
    submissions = province.read("submissions")
    resent = [fault for fault in province.truth["faults"] if fault["class"] == "resubmitted"]
    assert resent
    for fault in resent:
        versions = submissions.filter(
            (pl.col("unit_code") == fault["unit_code"]) & (pl.col("period") == fault["period"])
        )
        states = dict(versions.filter(pl.col("version").is_not_null()).select("version", "state").iter_rows())
        assert states == {1: "superseded", 2: "accepted"}


def test_everything_says_that_the_data_is_synthetic(province: Province, tmp_path: Path) -> None:
    assert province.published().is_synthetic
    target = tmp_path / "示范点.xlsx"
    province.sanxing("shortlist", "--year", "2025", "-o", target)
    for path in (target, *(province.sample / file for file in province.truth["clean_files"][:2])):
        for sheet in openpyxl.load_workbook(path):
            texts = [
                str(cell.value)
                for row in sheet.iter_rows(max_row=8)
                for cell in row
                if cell.value is not None
            ]
            assert any("示例数据" in text for text in texts), (path.name, sheet.title)
