"""Planted signs and explanations: plain to a careful reader, invisible to the rules between answers, and away from the other planted parts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from expectations import Catalogue, Period, load_catalogue
from expectations.models.rule import CompareRule
from expectations.models.term import AnswerTerm
from pipelines.cli.sample import sample
from pipelines.intake.person_text import person_in
from pipelines.registry.model import Registry
from pipelines.sample import remarks
from pipelines.sample.answers import UnitAnswers
from pipelines.sample.explained import EXPLAINED, UNEXPLAINED, explain
from pipelines.sample.faults import plan_faults
from pipelines.sample.make import make_sample
from pipelines.sample.model import load_model
from pipelines.sample.plan import SamplePlan, plan_sample
from pipelines.sample.province import make_entries
from pipelines.sample.rules import Answers, Around, broken
from pipelines.sample.signs.copies import with_copied_rows
from pipelines.sample.signs.misreadings import Misreading, misread, misreadings
from pipelines.sample.signs.plan import SIGN_CLASSES, SignPlan
from pipelines.sample.signs.show import Place, show
from pipelines.sample.signs.slips import digits_left_out, slip, slipping, swapped_digits
from pipelines.sample.streams import stream
from pipelines.sample.truth import plant
from pipelines.sample.world import World
from pipelines.workbook import layout
from pipelines.workbook.form import Slot


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def world_of(seed: int, units: int, first: str, last: str, catalogue: Catalogue) -> World:
    periods = Period.parse(first).to(Period.parse(last))
    registry = Registry(make_entries(seed, units, periods[0], periods[-1], catalogue), "")
    return World(seed, catalogue, load_model(), registry, tuple(periods), plant(seed, registry, periods))


@pytest.fixture(scope="module")
def world(catalogue: Catalogue) -> World:
    """Three years, with room for every class."""
    return world_of(31, 120, "2023Q1", "2025Q4", catalogue)


@pytest.fixture(scope="module")
def plan(world: World) -> SamplePlan:
    return plan_sample(world)


class Shown:
    """What a unit with a sign answers, and what it would have answered without."""

    def __init__(self, world: World, sign: SignPlan) -> None:
        self.sign = sign
        self.world = world
        self.answering = UnitAnswers(world, world.registry.by_code[sign.unit_code])
        self.honest = cache(self.answering.at)
        self.at = cache(self._at)

    def _at(self, period: Period) -> tuple[Answers, list[Place]]:
        return show(self.sign, self.answering, self.honest(period), period)

    def changed(self, period: Period) -> set[Slot]:
        answers, honest = self.at(period)[0], self.honest(period)
        assert set(answers) == set(honest)
        return {slot for slot in answers if answers[slot] != honest[slot]}

    def months(self, *, honest: bool = False) -> list[tuple[str | None, int, int]]:
        """Branch, expected and attended of every month in which the sign is in effect."""
        found = []
        for period in self.sign.periods:
            answers = self.honest(period) if honest else self.at(period)[0]
            for slot, came in answers.items():
                if slot.question == "L3.7b":
                    expected = answers[slot._replace(question="L3.7a")]
                    assert isinstance(came, int)
                    assert isinstance(expected, int)
                    found.append((slot.branch_code, expected, came))
        return found


@pytest.fixture(scope="module")
def shown(world: World, plan: SamplePlan) -> dict[str, list[Shown]]:
    """The signs of each class."""
    found: dict[str, list[Shown]] = {name: [] for name in SIGN_CLASSES}
    for sign in plan.signs.values():
        found[sign.sign_class].append(Shown(world, sign))
    return found


class TestPlan:
    def test_every_class_has_its_units_and_honest_units_stay_the_rule(
        self, world: World, plan: SamplePlan
    ) -> None:
        counts = Counter(sign.sign_class for sign in plan.signs.values())
        assert set(counts) == set(SIGN_CLASSES)
        assert sum(counts.values()) <= 120 // 4
        about = {(sign.unit_code, period) for sign in plan.signs.values() for period in sign.periods}
        assert len(about) < 0.13 * len(world.owed)

    def test_signs_keep_away_from_faults_and_other_parts(self, world: World, plan: SamplePlan) -> None:
        kept = {key for sign in plan.signs.values() for key in sign.keys}
        assert not kept & set(plan.faults)
        assert not kept & {fault.source for fault in plan.faults.values()}
        assert not set(plan.explained) & (kept | set(plan.faults))
        planted = world.planted
        parts = {*planted.model, *planted.worsening, *planted.improving}
        parts |= {code.rpartition("-")[0] for code in planted.weak}
        assert not parts & set(plan.signs)

    @pytest.mark.parametrize(
        ("units", "first", "last", "classes"),
        [
            (40, "2025Q1", "2025Q1", set()),
            (40, "2025Q1", "2025Q2", {"copied_rows"}),
            (40, "2025Q1", "2025Q4", set(SIGN_CLASSES) - {"outlier_own_history"}),
            (3, "2025Q1", "2025Q4", set()),
        ],
    )
    def test_a_small_sample_has_what_it_has_room_for(
        self, units: int, first: str, last: str, classes: set[str], catalogue: Catalogue
    ) -> None:
        signs = plan_sample(world_of(2, units, first, last, catalogue)).signs
        assert {sign.sign_class for sign in signs.values()} == classes

    def test_explanations_stand_where_a_rule_asks_for_them(self, world: World, plan: SamplePlan) -> None:
        counts = Counter(plan.explained.values())
        assert counts[EXPLAINED] == counts[UNEXPLAINED] >= 5
        assert not {unit for unit, _ in plan.explained} & set(world.planted.model)


def test_no_rule_sees_a_sign(world: World, shown: dict[str, list[Shown]], catalogue: Catalogue) -> None:
    for sign in (sign for signs in shown.values() for sign in signs):
        for period in sign.sign.periods:
            answers, places = sign.at(period)
            changed = sign.changed(period)
            assert bool(changed) <= bool(places)
            assert broken(answers, sign.answering.around(period)) == []
            for slot in changed:
                question, value = catalogue.question[slot.question], answers[slot]
                assert isinstance(value, int if question.type == "count" else Decimal)
                assert question.min <= value <= question.max  # type: ignore[operator]
            assert {place.slot for place in places} - {None} <= changed | {None}


def test_bunched_attendance_is_just_enough(shown: dict[str, list[Shown]]) -> None:
    for sign in shown["bunching"]:
        counts = Counter(came - -(-95 * expected // 100) for _, expected, came in sign.months())
        just_enough, just_short = counts[0] + counts[1], counts[-1] + counts[-2]
        assert just_enough > 8 * max(just_short, 1)
        assert just_enough > 0.35 * counts.total()
        assert sum(count for margin, count in counts.items() if margin > 1) > 0.05 * counts.total()


def test_a_constant_branch_reports_one_share(shown: dict[str, list[Shown]]) -> None:
    for sign in shown["too_constant"]:
        months = [(n, k) for branch, n, k in sign.months() if branch == sign.sign.branch_code and n]
        assert len(months) >= 9
        assert all(n >= 12 for n, _ in months)
        # One share, rounded to whole persons, gives them all.
        assert max((k - 0.5) / n for n, k in months) <= min((k + 0.5) / n for n, k in months)
        assert any(k < n for n, k in months)
        changed = {slot for period in sign.sign.periods for slot in sign.changed(period)}
        assert {(slot.branch_code, slot.question) for slot in changed} == {(sign.sign.branch_code, "L3.7b")}


def test_preferred_digits_are_five_and_nought(shown: dict[str, list[Shown]]) -> None:
    for sign in shown["digit_preference"]:
        larger = [(n, k) for _, n, k in sign.months() if k >= 20]
        rounded, honest = (
            sum(k % 5 == 0 for *_, k in months) / len(months)
            for months in (larger, [month for month in sign.months(honest=True) if month[2] >= 20])
        )
        assert len(larger) >= 50
        assert rounded > 0.85
        assert honest < 0.5
        assert all(k <= n for n, k in larger)


def test_copied_rows_repeat_others_and_not_the_whole_ledger(shown: dict[str, list[Shown]]) -> None:
    for sign in shown["copied_rows"]:
        copied, (period,) = sign.sign.copied, sign.sign.periods
        assert copied is not None
        other = UnitAnswers(sign.world, sign.world.registry.by_code[copied.unit_code]).at(copied.period)
        answers, places = sign.at(period)
        rows = {place.branch_code for place in places}
        assert rows == set(copied.rows)
        assert 2 <= len(rows) < len(sign.answering.branches(period))
        assert {slot.branch_code for slot in sign.changed(period)} == rows
        for slot, value in answers.items():
            if slot.branch_code in rows and slot.question in {"L3.4b", "L3.6a", "L3.7a", "L3.7b"}:
                month = None if slot.month is None else (slot.month - 1) % 3 + copied.period.months[0]
                assert value == other[Slot(slot.question, copied.rows[slot.branch_code], month)]


def test_rows_are_copied_from_both_places(catalogue: Catalogue) -> None:
    plans = [plan_sample(world_of(seed, 120, "2024Q1", "2025Q4", catalogue)).signs for seed in range(4)]
    copies = [(sign.unit_code, sign.copied) for signs in plans for sign in signs.values() if sign.copied]
    assert {unit == copied.unit_code for unit, copied in copies} == {True, False}


def test_a_slip_is_plain_beside_the_history_of_its_cell(shown: dict[str, list[Shown]]) -> None:
    """Beside every other answer to the question in that row, in whatever month, seven of them earlier at least."""
    planted = 0
    for sign in shown["outlier_own_history"]:
        for period in sign.sign.periods:
            answers, places = sign.at(period)
            assert {place.slot for place in places} == sign.changed(period)
            for slot in sign.changed(period):
                others = [
                    (p, value)
                    for p in sign.world.periods
                    for other, value in sign.honest(p).items()
                    if other[:2] == slot[:2] and (p, other) != (period, slot)
                ]
                assert sum(p < period for p, _ in others) >= 7
                values = [value for _, value in others]
                assert answers[slot] >= 2 * max(values) or 2 * answers[slot] <= min(values)  # type: ignore[operator, type-var]
                planted += 1
    assert planted >= 10


def test_an_outlier_is_alone_in_its_scope(shown: dict[str, list[Shown]]) -> None:
    """One slip of a unit in a quarter, on one row; detection.py counts by unit, branch and since."""
    for sign in shown["outlier_own_history"]:
        for period in sign.sign.periods:
            places = sign.at(period)[1]
            assert len({place.branch_code for place in places}) <= 1
            assert tuple(place.question for place in places) in {(), *slipping(sign.world.catalogue)}
            assert sign.sign.since(period) == period
    for sign in shown["outlier_peers"]:
        assert {sign.sign.since(period) for period in sign.sign.periods} == {sign.world.periods[0]}


def test_slips_fall_on_what_is_counted_anew_and_on_both_sides_of_a_list(catalogue: Catalogue) -> None:
    options = slipping(catalogue)
    assert len(options) == len(set(options)) > 15
    assert {("L3.4b",), ("L3.1a",), ("L3.7b",), ("S1.2b",), ("S4.8a",), ("L3.2a", "L3.2b")} <= set(options)
    # Members are a stock, budgets are yearly; what is asked of the ledger and what of the own form is not one list.
    assert not {"L3.4a", "L3.5a", "S4.1a", "S4.1b", "O2.5a"} & {code for codes in options for code in codes}
    assert all(len({catalogue.question[code].is_for_branch for code in codes}) == 1 for codes in options)


def test_slips_are_spread_over_the_questions(catalogue: Catalogue) -> None:
    plan = plan_sample(world_of(4, 120, "2021Q1", "2025Q4", catalogue))
    slips = [
        codes
        for sign in plan.signs.values()
        if sign.sign_class == "outlier_own_history"
        for codes in sign.slips.values()
    ]
    assert len(slips) >= 24
    assert max(Counter(slips).values()) <= 2
    assert len(set(slips)) > 0.8 * len(slipping(catalogue))


def test_a_misread_unit_of_measure_is_misread_throughout(shown: dict[str, list[Shown]]) -> None:
    for sign in shown["outlier_peers"]:
        assert sign.sign.periods == sign.world.periods
        asked = {
            period for period in sign.sign.periods
            for slot in sign.honest(period) if slot.question in sign.sign.misreading.questions  # type: ignore[union-attr]
        }  # fmt: skip
        assert asked
        for period in sign.sign.periods:
            answers, places = sign.at(period)
            assert bool(places) == (period in asked)
            for place in places:
                assert place.slot is not None
                shown_number, honest = (Decimal(a[place.slot]) for a in (answers, sign.honest(period)))
                assert shown_number * 4 <= honest or shown_number >= 4 * honest


@pytest.mark.parametrize(
    ("way", "honest", "shown_number"),
    [("per_head", "88.0", "8.8"), ("days", "88.0", "11.0"), ("hours", "88.0", "704.0"), ("yuan", "2.55", "25500.00"), ("yuan", "12", None)],
)  # fmt: skip
def test_misread_units_of_measure(
    way: str, honest: str, shown_number: str | None, catalogue: Catalogue
) -> None:
    code = "S4.1a" if way == "yuan" else "S1.3b"
    answers: Answers = {Slot(code): Decimal(honest), Slot("S1.3a"): 10}
    misreading = Misreading((code,), way)  # type: ignore[arg-type]
    changed, slots = misread(misreading, answers, catalogue)
    assert changed[Slot(code)] == Decimal(shown_number or honest)
    assert slots == ([Slot(code)] if shown_number else [])


def test_a_large_budget_is_not_misread(world: World) -> None:
    """In 元 the form would refuse it."""
    for unit in world.registry.units_in(world.periods[0]):
        branches = world.branches.get(unit.unit_code, [])
        ways = {misreading.way for misreading in misreadings(unit, branches)}
        assert ("yuan" in ways) == (sum(branch.members for branch in branches) <= 120)


@pytest.mark.parametrize(
    ("value", "swapped"),
    [("27.5", ["72.5"]), ("19", ["91"]), ("20", []), ("33", []), ("218", ["128", "281"]), ("7", [])],
)
def test_swapped_digits(value: str, swapped: list[str]) -> None:
    assert swapped_digits(Decimal(value)) == [Decimal(text) for text in swapped]


@pytest.mark.parametrize(
    ("value", "left"), [("27.5", ["2.5"]), ("10", ["1"]), ("218", ["21"]), ("9", []), ("0", [])]
)
def test_a_digit_left_out(value: str, left: list[str]) -> None:
    assert digits_left_out(Decimal(value)) == [Decimal(text) for text in left]


def test_copied_rows_leave_the_members(catalogue: Catalogue) -> None:
    answers = {Slot("L3.4a", "B-01"): 20, Slot("L3.7b", "B-01", 4): 19, Slot("L3.7b", "B-02", 4): 7}
    source = {Slot("L3.4a", "A-03"): 21, Slot("L3.7b", "A-03", 1): 40, Slot("L3.7b", "A-02", 1): 9}
    copied = with_copied_rows(answers, Period(2025, 2), source, Period(2025, 1), {"B-01": "A-03"}, catalogue)
    assert copied == answers | {Slot("L3.7b", "B-01", 4): 40}


def test_a_slip_breaks_no_rule_between_answers(world: World, catalogue: Catalogue) -> None:
    """40 hours of 8 leaders may become 400; 5, and 4, would break a rule that asks for an hour each."""
    rule = CompareRule(
        rule="an_hour_each", check="compare", severity="explain", label_zh="每人至少一学时", mend="请改正",
        left=(AnswerTerm(answer="L3.5b"),), compare="at_least", right=(AnswerTerm(answer="L3.5a"),), cell="L3.5b",
    )  # fmt: skip
    # The rules of the catalogue ask about members and branches too, which are not there: they compare nothing.
    unit = world.registry.units_in(Period(2025, 4))[0]

    def around(used: Catalogue) -> Around:
        return Around(used, Period(2025, 4), unit, ())

    stricter = replace(catalogue, rules=(*catalogue.rules, rule))
    answers: Answers = {Slot("L3.5a"): 8, Slot("L3.5b"): Decimal(40)}

    def slipped(used: Catalogue, seed: int, earlier: int) -> object:
        before, after = [answers] * earlier, [answers] * (10 - earlier)
        return slip(("L3.5b",), answers, before, after, around(used), stream(seed, "slip"))[0][Slot("L3.5b")]

    results = {used: {slipped(used, seed, 7) for seed in range(30)} for used in (catalogue, stricter)}
    assert results == {catalogue: {Decimal(400), Decimal("5.0"), Decimal(4)}, stricter: {Decimal(400)}}
    # What comes after is no history.
    assert slipped(catalogue, 0, 6) == Decimal(40)


def test_no_ledger_is_copied_from_a_submission_that_is_kept(world: World) -> None:
    kept = {
        (unit.unit_code, period) for unit, period in world.owed if period.quarter == 2 and period.year < 2025
    }
    faults = plan_faults(world, kept)
    sources = [fault.source for fault in faults.values() if fault.source is not None]
    assert len(sources) > 5
    assert not kept & (set(faults) | set(sources))


class TestExplanations:
    @pytest.mark.parametrize("kind", [EXPLAINED, UNEXPLAINED])
    def test_one_rule_that_asks_for_an_explanation_is_broken(
        self, kind: str, world: World, plan: SamplePlan, catalogue: Catalogue
    ) -> None:
        for code, period in [key for key, told in plan.explained.items() if told == kind]:
            unit = world.registry.by_code[code]
            answering = UnitAnswers(world, unit)
            told = explain(kind, answering.at(period), answering.around(period), world)
            assert told is not None
            missed = broken(told.answers, answering.around(period))
            assert [(row.rule.severity, row.cell) for row in missed] == [("explain", told.slot)]
            assert kind == UNEXPLAINED or list(told.texts) == [remarks.place_of(told.slot)]
            if kind == EXPLAINED:
                (text,) = told.texts.values()
                assert catalogue.explanations.shortcoming(text, (unit.name,), 1) is None

    def test_no_text_names_a_person(self) -> None:
        texts = [
            text
            for name, group in vars(remarks).items()
            if name.isupper() and isinstance(group, (dict, tuple))
            for text in (sum(group.values(), ()) if isinstance(group, dict) else group)
            if isinstance(text, str)
        ]
        assert len(texts) > 40
        assert [text for text in texts if person_in(text)] == []

    def test_texts_are_of_all_sorts(self, world: World, plan: SamplePlan) -> None:
        """Nothing at all, phrases, names and one text in many rows, over some provinces."""
        sorts: Counter[str] = Counter()
        for code, period in [key for key, told in plan.explained.items() if told == UNEXPLAINED]:
            unit = world.registry.by_code[code]
            answering = UnitAnswers(world, unit)
            answers, around = answering.at(period), answering.around(period)
            for seed in range(12):
                told = explain(UNEXPLAINED, answers, around, World(seed, *_rest(world)))
                assert told is not None
                texts = list(told.texts.values())
                sorts["none" if not texts else "many" if len(texts) > 5 else "one"] += 1
                sorts["name"] += texts[:1] == [unit.name]
        assert min(sorts[sort] for sort in ("none", "many", "one", "name")) > 0


def remarks_in(path: Path) -> list[str]:
    """What stands in the 情况说明 columns of a workbook."""
    texts = []
    for sheet in load_workbook(path, read_only=True):
        rows = [[str(value or "") for value in row] for row in sheet.iter_rows(values_only=True)]
        head = next((i for i, row in enumerate(rows) if layout.EXPLANATION in row), None)
        if head is not None:
            column = rows[head].index(layout.EXPLANATION)
            texts += [row[column] for row in rows[head + 1 :] if len(row) > column and row[column]]
    return texts


def _rest(world: World) -> tuple:  # type: ignore[type-arg]
    return world.catalogue, world.model, world.registry, world.periods, world.planted


class TestFiles:
    def test_without_faults_nothing_is_planted_and_every_file_is_clean(
        self, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        first, last = Period.parse("2025Q3"), Period.parse("2025Q4")
        summary = make_sample(tmp_path, 20, first, last, 3, catalogue, with_faults=False)
        truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
        files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xlsx")}
        assert (truth["faults"], truth["signs"], truth["explained"]) == ([], [], [])
        assert set(truth["clean_files"]) == files
        assert len(files) == summary.files == 40
        assert truth["weak_branches"]
        assert truth["model_units"]
        remarked = [file for file in sorted(files) if remarks_in(tmp_path / file)]
        assert 0 < len(remarked) < 10
        assert "没有设置差错" in (tmp_path / "README.txt").read_text("utf-8")
        assert "预设差错0处" in "".join(summary.lines_zh())

    def test_the_command_takes_the_option(self, tmp_path: Path) -> None:
        arguments = [str(tmp_path), "--units", "3", "--periods", "2025Q4", "--without-faults"]
        done = CliRunner().invoke(sample, arguments)
        assert done.exit_code == 0, done.output
        assert json.loads((tmp_path / "truth.json").read_text("utf-8"))["faults"] == []

    def test_truth_names_the_cells_of_signs_and_explanations(
        self, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        make_sample(tmp_path, 30, Period.parse("2024Q1"), Period.parse("2025Q4"), 7, catalogue)
        truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
        clean = set(truth["clean_files"])
        assert {sign["class"] for sign in truth["signs"]} >= {
            "outlier_own_history",
            "bunching",
            "copied_rows",
        }
        for entry in truth["signs"]:
            assert entry["file"] not in clean
            assert entry["since"] <= entry["period"]
        assert truth["explained"]
        explained_texts = set()
        in_cells = [entry for entry in truth["signs"] if entry["cell"]]
        assert in_cells
        for entry in [*in_cells, *truth["explained"]]:
            sheet = load_workbook(tmp_path / entry["file"])[entry["sheet"]]
            cell = sheet[entry["cell"]]
            first = sheet.cell(cell.row, 1).value
            assert first == (entry["branch_code"] or entry["question"])
            assert isinstance(cell.value, int | float)
            if "class" not in entry:
                assert entry["file"] not in clean
                heads = (layout.CODE, layout.BRANCH_CODE)
                head = next(row for row in sheet.iter_rows() if row[0].value in heads)
                (column,) = [title.column for title in head if title.value == layout.EXPLANATION]
                explained_texts.add(sheet.cell(cell.row, column).value)
        assert None not in explained_texts
