"""The synthetic province: clean files really are clean, planted faults stand where the truth says, and the seed decides every byte.

Rules and bounds are checked here by a reading of their own, and workbooks are reopened with another library than the generator's.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from expectations import Catalogue, Period, load_catalogue
from expectations.forms import ledger_columns, unit_questions
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule
from expectations.models.term import (
    AnswerTerm,
    BranchesTerm,
    LedgerTerm,
    ProductTerm,
    RegistryTerm,
    Term,
)
from pipelines.registry.file import parse_registry
from pipelines.registry.model import Registry, RegistryEntry
from pipelines.sample import make
from pipelines.sample.answers import UnitAnswers
from pipelines.sample.explained import UNEXPLAINED
from pipelines.sample.faults import CELL_CLASSES, FILE_CLASSES, JUMPED
from pipelines.sample.make import SampleSummary, make_sample
from pipelines.sample.model import load_model
from pipelines.sample.package import overwrite
from pipelines.sample.province import chinese_number, make_entries
from pipelines.sample.truth import plant
from pipelines.sample.world import World
from pipelines.workbook import layout
from pipelines.workbook.form import Slot, Value

CLASSES = {*CELL_CLASSES, *FILE_CLASSES, JUMPED, UNEXPLAINED}
ONE_CELL = {*CELL_CLASSES, "resubmitted", JUMPED, UNEXPLAINED}
Answers = dict[Slot, Value]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@dataclass(frozen=True)
class Made:
    """A sample on disk, as a reader finds it."""

    folder: Path
    summary: SampleSummary
    catalogue: Catalogue

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text("utf-8"))

    @cached_property
    def registry(self) -> Registry:
        return parse_registry((self.folder / "registry" / "units.csv").read_bytes(), self.catalogue)

    @cached_property
    def received(self) -> dict[str, datetime]:
        rows = csv.DictReader((self.folder / "receipts.csv").read_text("utf-8").splitlines())
        return {row["file"]: datetime.fromisoformat(row["received_at"]) for row in rows}

    def faults(self, *classes: str) -> list[dict[str, Any]]:
        return [fault for fault in self.truth["faults"] if fault["class"] in classes]


def sample(folder: Path, units: int, first: str, last: str, seed: int, catalogue: Catalogue) -> Made:
    summary = make_sample(folder, units, Period.parse(first), Period.parse(last), seed, catalogue)
    return Made(folder, summary, catalogue)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Made:
    """32 units over three quarters, in two processes; the third quarter can repeat the second, the last asks everything."""
    return sample(tmp_path_factory.mktemp("sample"), 32, "2025Q2", "2025Q4", 20, catalogue)


def world_of(seed: int, units: int, first: str, last: str, catalogue: Catalogue) -> World:
    periods = Period.parse(first).to(Period.parse(last))
    entries = make_entries(seed, units, periods[0], periods[-1], catalogue)
    registry = Registry(entries, "")
    return World(seed, catalogue, load_model(), registry, tuple(periods), plant(seed, registry, periods))


def units_of(world: World) -> list[RegistryEntry]:
    return [entry for entry in world.registry.entries if not entry.is_branch]


def within_bounds(question: Question, value: Value) -> bool:
    if question.type == "text":
        return isinstance(value, str) and 0 < len(value) <= question.max_length
    if question.choices:
        return value in {option.code for option in question.choices}
    kind = int if question.type == "count" else Decimal
    return isinstance(value, kind) and question.min <= value <= question.max  # type: ignore[operator]


def number_of(
    term: Term, row: tuple[str | None, int | None], answers: Answers, branches: list[RegistryEntry]
) -> Decimal | None:
    """A term of a comparison on one row, read from the answers and the registry; None where a part is missing."""
    if isinstance(term, BranchesTerm):
        return Decimal(sum(term.branches in ("all", branch.category) for branch in branches))
    if isinstance(term, RegistryTerm):
        return next((Decimal(branch.members) for branch in branches if branch.unit_code == row[0]), None)
    slots = (
        [Slot(term.ledger, branch.unit_code) for branch in branches]
        if isinstance(term, LedgerTerm)
        else [Slot(code, *row) for code in term.here]
    )
    if not all(slot in answers for slot in slots):
        return None
    numbers = [Decimal(answers[slot]) for slot in slots]
    return numbers[0] * numbers[1] if isinstance(term, ProductTerm) else sum(numbers, Decimal(0))


def holds(rule: CompareRule | RequiredRule, answers: Answers, branches: list[RegistryEntry]) -> bool:
    """A rule between questions, on every row of its form that has all of its answers."""
    if isinstance(rule, CompareRule):
        for row in {(slot.branch_code, slot.month) for slot in answers if slot.question == rule.cell}:
            sides = [
                [number_of(term, row, answers, branches) for term in side] for side in (rule.left, rule.right)
            ]
            if any(number is None for side in sides for number in side):
                continue
            left, right = (sum(n for n in side if n is not None) for side in sides)
            room = max(rule.within.share * right, rule.within.least) if rule.within else 0
            if not {
                "at_most": left <= right, "at_least": left >= right, "equal": left == right, "near": abs(left - right) <= room
            }[rule.compare]:  # fmt: skip
                return False
        return True
    rows = {(slot.branch_code, slot.month) for slot in answers if slot.question in rule.questions}
    return not any(
        answers.get(Slot(rule.when, *row)) == rule.equals and Slot(rule.question, *row) not in answers
        for row in rows
    )


def quarterly_ledger(answers: Answers, catalogue: Catalogue) -> tuple[Value, ...]:
    """What is asked of branches every quarter, except the members, in the ledger's order."""
    questions = {
        q.code for q in catalogue.questions if q.is_for_branch and q.asked == "quarterly" and not q.prefill
    }
    return tuple(value for slot, value in answers.items() if slot.question in questions)


class TestAnswers:
    @pytest.mark.parametrize(
        ("seed", "units", "first", "last"),
        [
            (1, 3, "2025Q4", "2025Q4"),
            (2, 5, "2021Q1", "2021Q4"),
            (3, 20, "2025Q3", "2025Q4"),
            (99, 9, "2029Q2", "2030Q4"),
        ],
    )
    def test_clean_answers_are_whole_and_satisfy_bounds_and_rules(
        self, seed: int, units: int, first: str, last: str, catalogue: Catalogue
    ) -> None:
        world = world_of(seed, units, first, last, catalogue)
        rules = [
            rule
            for rule in catalogue.rules
            if isinstance(rule, CompareRule | RequiredRule) and not rule.asks_history
        ]
        for unit in units_of(world):
            answering = UnitAnswers(world, unit)
            for period in (period for period in world.periods if unit.holds_in(period)):
                answers = answering.at(period)
                branches = world.registry.branches_of(unit.unit_code, period)
                due = {Slot(q.code) for q in unit_questions(catalogue, unit.kind, period) if q.required} | {
                    Slot(column.question.code, branch.unit_code, column.month)
                    for column in ledger_columns(catalogue, unit.kind, period)
                    for branch in branches
                    if column.question.applies_to(unit.kind, branch.category) and column.question.required
                }
                assert due <= set(answers)
                wrong = [
                    s
                    for s, value in answers.items()
                    if not within_bounds(catalogue.question[s.question], value)
                ]
                assert wrong == []
                assert [
                    rule.rule
                    for rule in rules
                    if rule.holds_in(period) and not holds(rule, answers, branches)
                ] == []

    def test_prefilled_stocks_change_slowly_and_no_ledger_repeats(self, catalogue: Catalogue) -> None:
        world = world_of(5, 24, "2023Q1", "2025Q4", catalogue)
        for unit in units_of(world):
            answering = UnitAnswers(world, unit)
            seen: list[Answers] = []
            for period in (period for period in world.periods if unit.holds_in(period)):
                answers = answering.at(period)
                for slot in (slot for slot in answers if catalogue.question[slot.question].prefill):
                    ever = [Decimal(earlier[slot]) for earlier in (*seen, answers) if slot in earlier]
                    assert (max(ever) - min(ever)) * 10 < 3 * min(ever)
                seen.append(answers)
            ledgers = [quarterly_ledger(answers, catalogue) for answers in seen]
            assert len(set(ledgers)) == len(ledgers)

    def test_weak_branches_are_clearly_weak_and_others_meet_the_standards(self, catalogue: Catalogue) -> None:
        world = world_of(11, 60, "2025Q1", "2025Q4", catalogue)
        attended: Counter[bool] = Counter()
        expected: Counter[bool] = Counter()
        idle_months: Counter[bool] = Counter()
        for unit in units_of(world):
            answering = UnitAnswers(world, unit)
            for slot, value in answering.at(world.periods[-1]).items():
                is_weak = slot.branch_code in world.planted.weak
                attended[is_weak] += int(value) if slot.question == "L3.7b" else 0
                expected[is_weak] += int(value) if slot.question == "L3.7a" else 0
                idle_months[is_weak] += slot.question == "L3.6a" and value == 0
        assert attended[True] / expected[True] < 0.9
        assert attended[False] / expected[False] > 0.97
        assert idle_months[True] > len(world.planted.weak)
        assert idle_months[False] == 0

    def test_planted_drifts_show(self, catalogue: Catalogue) -> None:
        world = world_of(4, 120, "2024Q1", "2025Q4", catalogue)

        def attendance(code: str, period: Period) -> tuple[int, int]:
            answers = UnitAnswers(world, world.registry.by_code[code]).at(period)
            return int(answers[Slot("L3.2b")]), int(answers[Slot("L3.2a")])  # type: ignore[arg-type]

        for codes, rises in ((world.planted.worsening, False), (world.planted.improving, True)):
            totals = [
                [
                    sum(column)
                    for column in zip(*(attendance(code, p) for code in codes for p in periods), strict=True)
                ]
                for periods in (world.periods[:2], world.periods[-2:])
            ]
            early, late = (there / due for there, due in totals)
            assert (late > early + 0.02) if rises else (late < early - 0.02)

    def test_a_new_question_is_filled_and_keeps_to_its_rules(self, catalogue: Catalogue) -> None:
        new = [
            Question(
                code=code, name=code, clause="L3.1", who=("school",), asked="quarterly", type=kind, nature="flow",
                label_zh=code, label_en=code, unit="个", min=Decimal(low), max=Decimal(40), hint="测试",
            )
            for code, kind, low in (("L9.1a", "count", 5), ("L9.1b", "count", 0), ("L9.1c", "decimal", "0.5"))
        ]  # fmt: skip
        rule = CompareRule(
            rule="new", check="compare", severity="block", label_zh="新", mend="改正",
            left=(AnswerTerm(answer="L9.1b"), AnswerTerm(answer="L9.1c")), compare="at_most", right=(AnswerTerm(answer="L9.1a"),), cell="L9.1b",
        )  # fmt: skip
        wider = replace(catalogue, questions=(*catalogue.questions, *new), rules=(*catalogue.rules, rule))
        world = world_of(6, 12, "2025Q1", "2025Q2", wider)
        schools = [unit for unit in units_of(world) if unit.kind == "school"]
        values = [UnitAnswers(world, school).at(period) for school in schools for period in world.periods]
        for answers in values:
            assert all(within_bounds(question, answers[Slot(question.code)]) for question in new)
            assert holds(rule, answers, [])
        assert len({answers[Slot("L9.1a")] for answers in values}) > 2

    def test_more_units_do_not_change_what_a_unit_answers(self, catalogue: Catalogue) -> None:
        few, many = (world_of(8, units, "2025Q1", "2025Q1", catalogue) for units in (40, 60))
        code = next(
            unit.unit_code
            for unit in units_of(few)
            if unit.kind == "school"
            and not any(
                {unit.unit_code} & {*world.planted.model}
                or any(branch.unit_code in world.planted.weak for branch in world.branches[unit.unit_code])
                for world in (few, many)
            )
        )
        assert len({str(UnitAnswers(w, w.registry.by_code[code]).at(w.periods[0])) for w in (few, many)}) == 1


class TestProvince:
    @pytest.mark.parametrize("units", [3, 5, 12, 30, 120])
    def test_every_kind_and_every_parent_is_there(self, units: int, catalogue: Catalogue) -> None:
        entries = make_entries(1, units, Period(2025, 1), Period(2025, 4), catalogue)
        by_code = {entry.unit_code: entry for entry in entries}
        kinds = Counter(entry.kind for entry in entries if not entry.is_branch)
        assert sum(kinds.values()) == units
        assert set(kinds) == {"city", "university", "school"}
        assert all(entry.is_synthetic for entry in entries)
        assert all(
            by_code[entry.parent_code].kind == "city"
            for entry in entries
            if entry.kind == "school" and entry.parent_code
        )
        assert {entry.city_code for entry in entries} <= set(catalogue.city)
        assert all(3 <= entry.members <= 120 for entry in entries if entry.is_branch)
        assert len({entry.name for entry in entries if not entry.is_branch}) == units

    def test_the_usual_province(self, catalogue: Catalogue) -> None:
        entries = make_entries(1, 120, Period(2024, 1), Period(2025, 4), catalogue)
        branches = [entry for entry in entries if entry.is_branch]
        assert 800 <= len(branches) <= 1000
        schools = [entry for entry in entries if entry.kind == "school"]
        categories = {
            c.code for kind in catalogue.kinds.units if kind.code == "school" for c in kind.categories
        }
        assert {school.category for school in schools} == categories
        assert any(school.is_private for school in schools)
        assert any(entry.valid_to for entry in entries)
        assert any(entry.valid_from > Period(2024, 1).first_day for entry in entries)

    @pytest.mark.parametrize(
        ("number", "text"),
        [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十")],
    )
    def test_chinese_numbers(self, number: int, text: str) -> None:
        assert chinese_number(number) == text


class TestFiles:
    def test_truth_has_the_keys_of_the_contract(self, made: Made) -> None:
        truth = made.truth
        assert set(truth) == {
            "seed", "faults", "signs", "explained", "weak_branches", "worsening_units", "improving_units", "model_units", "clean_files",
        }  # fmt: skip
        assert truth["seed"] == 20
        for fault in truth["faults"]:
            assert set(fault) == {"class", "unit_code", "branch_code", "period", "file", "sheet", "cell"}
        for part in ("weak_branches", "worsening_units", "improving_units", "model_units"):
            assert all(
                set(entry) == {"code", "since"} and entry["code"] in made.registry.by_code
                for entry in truth[part]
            )
        assert {fault["class"] for fault in truth["faults"]} == CLASSES

    def test_every_file_has_one_receipt_and_one_name(self, made: Made) -> None:
        files = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*.xlsx")}
        assert files | {"registry/units.csv"} == set(made.received)
        assert len({Path(file).name for file in files}) == len(files)
        owed = {
            (unit.unit_code, str(period))
            for period in Period.parse("2025Q2").to(Period.parse("2025Q4"))
            for unit in made.registry.units_in(period)
        }
        absent = {(fault["unit_code"], fault["period"]) for fault in made.faults("absent")}
        assert len(files) == len(owed) - len(absent) + len(made.faults("resubmitted"))
        assert set(made.truth["clean_files"]) <= files
        planted = [*made.truth["faults"], *made.truth["signs"], *made.truth["explained"]]
        assert {entry["file"] for entry in planted} - {None} == files - set(made.truth["clean_files"])

    def test_times_of_receipt(self, made: Made) -> None:
        late = {fault["file"] for fault in made.faults("late")}
        for file, received_at in made.received.items():
            period = Period(2025, 4) if file.startswith("registry") else Period.parse(file.split("/")[1])
            days = (received_at - made.catalogue.calendar.due_at(period)).days
            low, high = (27, 32) if file.startswith("registry") else (0, 25) if file in late else (-16, -1)
            assert low <= days <= high, file

    def test_cell_faults_stand_at_their_cells(self, made: Made) -> None:
        faults = made.faults(*ONE_CELL)
        assert {fault["class"] for fault in faults} == ONE_CELL
        for fault in faults:
            sheet = load_workbook(made.folder / fault["file"])[fault["sheet"]]
            place = sheet[fault["cell"]]
            if fault["branch_code"]:
                assert sheet.cell(place.row, 1).value == fault["branch_code"]
                head = next(row for row in sheet.iter_rows() if row[0].value == layout.BRANCH_CODE)
                code = str(head[place.column - 1].value).split("_")[0]
            else:
                code = sheet.cell(place.row, 1).value
                assert sheet.cell(4, place.column).value == layout.CURRENT
            question = made.catalogue.question[code]
            value = place.value
            is_bounded = isinstance(value, int | float) and float(question.min or 0) <= value <= float(
                question.max or 0
            )
            assert {
                "missing": value is None and question.required,
                "text_in_number": isinstance(value, str) and question.is_number,
                "out_of_range": isinstance(value, int | float) and not is_bounded,
                "attended_over_expected": is_bounded,
                "resubmitted": True,
                "against_last": is_bounded,
                "unexplained": is_bounded,
            }[fault["class"]]

    def test_attended_is_over_expected_in_the_workbook(self, made: Made) -> None:
        rules = [
            rule
            for rule in made.catalogue.rules
            if isinstance(rule, CompareRule) and rule.severity == "block"
        ]
        for fault in made.faults("attended_over_expected"):
            answers, cells = read_answers(made, fault)
            branches = made.registry.branches_of(fault["unit_code"], Period.parse(fault["period"]))
            broken = [rule for rule in rules if not holds(rule, answers, branches)]
            assert fault["cell"] in {
                cells[slot]
                for rule in broken
                for slot in answers
                if slot.question == rule.cell and slot in cells
            }

    def test_faults_of_the_cover(self, made: Made) -> None:
        def cover(file: str) -> dict[str, str]:
            rows = load_workbook(made.folder / file)[layout.COVER].iter_rows(max_col=2, values_only=True)
            return {str(label): str(value) for label, value in rows if label and value}

        for fault in made.faults("wrong_unit_code"):
            assert cover(fault["file"])[layout.UNIT_CODE] not in made.registry.by_code
        for fault in made.faults("wrong_period"):
            assert cover(fault["file"])[layout.PERIOD] != fault["period"]
        for fault in made.faults("old_template"):
            assert (
                cover(fault["file"])[layout.TEMPLATE_VERSION]
                in made.catalogue.identity.older_template_versions
            )
        for file in made.truth["clean_files"][:5]:
            facts = cover(file)
            assert facts[layout.UNIT_CODE] in made.registry.by_code
            assert facts[layout.TEMPLATE_VERSION] == made.catalogue.identity.template_version

    def test_a_copied_ledger_is_another_one(self, made: Made) -> None:
        def ledger(file: str) -> tuple[Any, ...]:
            rows = list(load_workbook(made.folder / file)[layout.LEDGER].iter_rows(values_only=True))
            head = next(i for i, row in enumerate(rows) if row[0] == layout.BRANCH_CODE)
            asked = [
                i for i, code in enumerate(rows[head])
                if made.catalogue.question.get(str(code).split("_")[0]) is not None
                and made.catalogue.question[str(code).split("_")[0]].asked == "quarterly"
            ]  # fmt: skip
            return tuple(row[i] for row in rows[head + 1 :] for i in asked)

        for fault in made.faults("copied_ledger"):
            others = {path.as_posix() for path in made.folder.rglob("*.xlsx")} - {
                (made.folder / fault["file"]).as_posix()
            }
            mine = ledger(fault["file"])
            assert fault["sheet"] == layout.LEDGER
            assert any(ledger(other) == mine for other in others)

    def test_a_correction_is_another_file_and_comes_later(self, made: Made) -> None:
        for fault in made.faults("resubmitted"):
            first = fault["file"]
            second = first.replace(".xlsx", "_更正.xlsx")
            assert second in made.truth["clean_files"]
            assert (
                made.received[first]
                < made.received[second]
                < made.catalogue.calendar.due_at(Period.parse(fault["period"]))
            )
            assert (made.folder / first).read_bytes() != (made.folder / second).read_bytes()

    def test_model_units_are_clean_and_on_time(self, made: Made) -> None:
        models = {entry["code"] for entry in made.truth["model_units"]}
        assert models
        assert not models & {fault["unit_code"] for fault in made.truth["faults"]}

    def test_everything_says_that_it_is_a_sample(self, made: Made) -> None:
        assert (made.folder / "README.txt").read_text("utf-8").startswith("示例数据")
        book = load_workbook(made.folder / made.truth["clean_files"][0])
        assert all(
            any("示例数据" in str(c.value) for row in sheet.iter_rows(max_row=3) for c in row)
            for sheet in book
        )

    def test_the_summary_counts_what_is_there(self, made: Made) -> None:
        summary = made.summary
        assert summary.files == len(made.received) - 1
        assert summary.clean_files == len(made.truth["clean_files"])
        assert sum(summary.faults_by_class.values()) == len(made.truth["faults"])
        assert sum(summary.units_by_kind.values()) == 32
        assert "示例数据" in summary.lines_zh()[0]


def read_answers(made: Made, fault: dict[str, Any]) -> tuple[Answers, dict[Slot, str]]:
    """The numbers of a faulty workbook's own form or ledger, as openpyxl sees them, with their cells."""
    sheet = load_workbook(made.folder / fault["file"])[fault["sheet"]]
    answers: Answers = {}
    cells: dict[Slot, str] = {}
    head = next(row for row in sheet.iter_rows() if row[0].value in (layout.CODE, layout.BRANCH_CODE))
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        for title, cell in zip(head, row, strict=True):
            if fault["sheet"] != layout.LEDGER and title.value != layout.CURRENT:
                continue
            code, _, month = str(title.value if fault["sheet"] == layout.LEDGER else row[0].value).partition(
                "_"
            )
            if code in made.catalogue.question and isinstance(cell.value, int | float):
                branch = str(row[0].value) if fault["sheet"] == layout.LEDGER else None
                slot = Slot(code, branch, int(month) if month else None)
                answers[slot], cells[slot] = Decimal(str(cell.value)), cell.coordinate
    return answers, cells


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


class TestMaking:
    def test_the_same_arguments_give_the_same_bytes_in_one_process_and_in_two(
        self, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sample(tmp_path / "a", 5, "2025Q3", "2025Q4", 3, catalogue)
        monkeypatch.setattr(make, "_PARALLEL_FROM", 1)
        monkeypatch.setattr(make.os, "cpu_count", lambda: 2)
        sample(tmp_path / "b", 5, "2025Q3", "2025Q4", 3, catalogue)
        assert contents(tmp_path / "a") == contents(tmp_path / "b")

    @pytest.mark.parametrize("units", [3, 5])
    def test_small_samples_have_faults_and_clean_files(
        self, units: int, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        made = sample(tmp_path, units, "2025Q1", "2025Q1", 1, catalogue)
        assert made.truth["faults"]
        assert made.truth["clean_files"]
        assert made.truth["weak_branches"]

    def test_thirty_units_in_one_period_have_every_class(self, tmp_path: Path, catalogue: Catalogue) -> None:
        made = sample(tmp_path, 30, "2025Q1", "2025Q1", 2, catalogue)
        assert {fault["class"] for fault in made.truth["faults"]} == CLASSES - {JUMPED, UNEXPLAINED}, (
            "no last time yet, and nothing asked that an explanation could be wanted for"
        )

    def test_an_earlier_sample_is_replaced_and_another_seed_differs(
        self, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        sample(tmp_path, 4, "2025Q1", "2025Q2", 1, catalogue)
        before = contents(tmp_path)
        seen: list[tuple[int, int]] = []
        make_sample(
            tmp_path,
            3,
            Period(2025, 1),
            Period(2025, 1),
            2,
            catalogue,
            lambda done, owed: seen.append((done, owed)),
        )
        assert len(contents(tmp_path)) < len(before)
        assert contents(tmp_path)["registry/units.csv"] != before["registry/units.csv"]
        assert seen == [(1, 3), (2, 3), (3, 3)]

    def test_a_folder_of_someone_else_is_left_alone(self, tmp_path: Path, catalogue: Catalogue) -> None:
        (tmp_path / "重要.xlsx").write_bytes(b"x")
        with pytest.raises(ValueError, match="已有其他内容"):
            sample(tmp_path, 3, "2025Q1", "2025Q1", 1, catalogue)
        assert [path.name for path in tmp_path.iterdir()] == ["重要.xlsx"]

    @pytest.mark.parametrize(
        ("units", "first", "last", "seed", "message"),
        [
            (2, "2025Q1", "2025Q1", 1, "至少"),
            (3, "2025Q2", "2025Q1", 1, "晚于"),
            (3, "2020Q4", "2021Q1", 1, "之间"),
            (3, "2030Q4", "2031Q1", 1, "之间"),
            (3, "2025Q1", "2025Q1", -1, "种子"),
        ],
    )
    def test_refusals_say_why_in_chinese(
        self, units: int, first: str, last: str, seed: int, message: str, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        with pytest.raises(ValueError, match=message):
            sample(tmp_path / "new", units, first, last, seed, catalogue)
        assert not (tmp_path / "new").exists()

    def test_only_a_filled_cell_can_be_overwritten(self, made: Made) -> None:
        content = (made.folder / made.truth["clean_files"][0]).read_bytes()
        with pytest.raises(ValueError, match="ZZ99"):
            overwrite(content, layout.COVER, "ZZ99", "2025Q1")


def test_the_model_names_only_questions_that_exist(catalogue: Catalogue) -> None:
    assert set(load_model().questions) <= set(catalogue.question)
