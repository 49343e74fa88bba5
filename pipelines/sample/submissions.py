"""All files of one unit, period by period: answers, planned faults, the workbook, and what the truth says of it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from expectations import Catalogue, Period
from pipelines.registry.model import RegistryEntry
from pipelines.sample.addresses import Address, answer_addresses, cover_address
from pipelines.sample.answers import UnitAnswers
from pipelines.sample.delivery import file_path, time_between, time_late, time_on_time
from pipelines.sample.explained import EXPLAINED, UNEXPLAINED, explain
from pipelines.sample.faults import CELL_CLASSES
from pipelines.sample.jumps import jumped
from pipelines.sample.package import overwrite
from pipelines.sample.plan import SamplePlan
from pipelines.sample.remarks import ordinary
from pipelines.sample.rules import Answers
from pipelines.sample.signs.plan import SignPlan
from pipelines.sample.signs.show import show
from pipelines.sample.spoil import spoil
from pipelines.sample.streams import stream
from pipelines.sample.truth import ExplainedCell, Fault, Sign
from pipelines.sample.world import World
from pipelines.workbook import layout
from pipelines.workbook.form import Slot, UnitForm, Value
from pipelines.workbook.write import write_workbook


@dataclass
class UnitFiles:
    """What one unit sent: (file, time) of each receipt, what is planted in it, and files without any of that."""

    receipts: list[tuple[str, datetime]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    explained: list[ExplainedCell] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)
    periods: int = 0


class UnitSender:
    """Writes the files of one unit into the sample's folder."""

    def __init__(self, world: World, plan: SamplePlan, folder: Path, unit: RegistryEntry) -> None:
        self.world, self.plan, self.folder, self.unit = world, plan, folder, unit
        self.answers = UnitAnswers(world, unit)
        self.files = UnitFiles()
        # What the 上期 column shows: the last own answer to each question.
        self._known: dict[Slot, Value] = {}

    def send_all(self) -> UnitFiles:
        """Every period that the unit owes, in order."""
        for period in self.world.periods:
            if self.unit.holds_in(period):
                self._send(period)
                self.files.periods += 1
        return self.files

    def _send(self, period: Period) -> None:
        key = (self.unit.unit_code, period)
        plan, sign = self.plan.faults.get(key), self.plan.signs.get(self.unit.unit_code)
        answers = self.answers.at(period)
        if sign is not None and period in sign.periods:
            answers = self._send_sign(period, answers, sign)
        elif key in self.plan.explained:
            answers = self._send_explained(period, answers, self.plan.explained[key])
        elif plan is None:
            self._send_clean(period, answers)
        elif plan.classes[0] in CELL_CLASSES:
            self._send_spoilt(period, answers, plan.classes)
        else:
            {
                "absent": self._send_nothing,
                "late": self._send_late,
                "resubmitted": self._send_twice,
                "copied_ledger": self._send_copy,
                "against_last": self._send_jump,
                "wrong_unit_code": self._send_wrong_code,
                "wrong_period": self._send_wrong_period,
                "old_template": self._send_old_template,
            }[plan.classes[0]](period, answers)
        if plan is None or plan.classes[0] not in ("absent", "wrong_unit_code", "wrong_period"):
            self._known |= {slot: value for slot, value in answers.items() if slot.branch_code is None}

    def _send_clean(self, period: Period, answers: Answers) -> None:
        """Nothing is the matter, whatever may be remarked beside it."""
        form = [slot for slot in answers if slot.branch_code is None]
        branches = [Slot("", branch.unit_code) for branch in self.answers.branches(period)]
        remarks = ordinary(form, branches, stream(self.world.seed, self.unit.unit_code, period, "remarks"))
        self._deliver(period, self._written(period, answers, explanations=remarks), is_clean=True)

    def _send_sign(self, period: Period, answers: Answers, sign: SignPlan) -> Answers:
        """The answers with the sign in them, as they were sent."""
        shown, places = show(sign, self.answers, answers, period)
        if not places:
            self._send_clean(period, answers)
            return answers
        content, received_at = self._written(period, shown), None
        if sign.copied is not None:
            received_at = self._time_after(self.world.registry.by_code[sign.copied.unit_code], period)
        file = self._deliver(period, content, received_at)
        addresses = self._addresses(period, content) if any(place.slot for place in places) else {}
        for branch_code, question, slot in places:
            sheet, cell = addresses[slot] if slot is not None else (layout.LEDGER, None)
            self.files.signs.append(
                Sign(
                    sign.sign_class, self.unit.unit_code, branch_code, question, None, period, sign.since(period),
                    file, sheet, cell,
                )
            )  # fmt: skip
        return shown

    def _send_explained(self, period: Period, answers: Answers, kind: str) -> Answers:
        """A rule that asks for an explanation is broken; one stands beside it, or nothing that counts as one."""
        told = explain(kind, answers, self.answers.around(period), self.world)
        if told is None:
            self._send_clean(period, answers)
            return answers
        content = self._written(period, told.answers, explanations=told.texts)
        file, address = self._deliver(period, content), self._addresses(period, content)[told.slot]
        if kind == EXPLAINED:
            branch_code, question = told.slot.branch_code, told.slot.question
            self.files.explained.append(
                ExplainedCell(
                    self.unit.unit_code, branch_code, question, period, file, address.sheet, address.cell
                )
            )
        else:
            self._plant(UNEXPLAINED, period, file, address, told.slot)
        return told.answers

    def _send_nothing(self, period: Period, answers: Answers) -> None:
        self._plant("absent", period, None)

    def _send_late(self, period: Period, answers: Answers) -> None:
        received_at = time_late(self.world.seed, self.world.catalogue, self.unit, period)
        file = self._deliver(period, self._written(period, answers), received_at)
        self._plant("late", period, file)

    def _send_spoilt(self, period: Period, answers: Answers, classes: tuple[str, ...]) -> None:
        content, planted = self._spoilt(period, answers, classes)
        file = self._deliver(period, content)
        for fault_class, slot, address in planted:
            self._plant(fault_class, period, file, address, slot)

    def _send_twice(self, period: Period, answers: Answers) -> None:
        """A first version with a fault that blocks, and a clean one before the due time."""
        first_class = str(self._rng(period).choice(list(CELL_CLASSES)))
        content, planted = self._spoilt(period, answers, (first_class,))
        received_at = time_on_time(self.world.seed, self.world.catalogue, self.unit, period, early=True)
        file = self._deliver(period, content, received_at)
        for _, slot, address in planted:
            self._plant("resubmitted", period, file, address, slot)
        due_at = self.world.catalogue.calendar.due_at(period)
        again_at = time_between(self.world.seed, self.unit, period, received_at, due_at)
        self._deliver(period, self._written(period, answers), again_at, corrected=True, is_clean=True)

    def _send_copy(self, period: Period, answers: Answers) -> None:
        """Another ledger's answers, branch by branch and month by month, with the unit's own form."""
        source = self.plan.faults[(self.unit.unit_code, period)].source
        if source is None:
            raise ValueError("a copied ledger has a source; the plan sees to it")
        code, source_period = source
        other = self.world.registry.by_code[code]
        copied_from = self.answers if other == self.unit else UnitAnswers(self.world, other)
        foreign = copied_from.at(source_period)
        branch = {
            mine.unit_code: theirs.unit_code
            for mine, theirs in zip(
                self.answers.branches(period), copied_from.branches(source_period), strict=True
            )
        }
        month = dict(zip(period.months, source_period.months, strict=True))
        copy = {
            slot: foreign[Slot(slot.question, branch[slot.branch_code], month.get(slot.month or 0))]
            if slot.branch_code is not None
            else value
            for slot, value in answers.items()
        }
        file = self._deliver(period, self._written(period, copy), self._time_after(other, period))
        self._plant("copied_ledger", period, file, sheet=layout.LEDGER)

    def _send_jump(self, period: Period, answers: Answers) -> None:
        """One stock beyond what its rule allows against the last quarter; a clean file where nothing has room to jump."""
        before = self.answers.at(period.previous())
        jump = jumped(answers, before, self.answers.around(period), self._rng(period))
        if jump is None:
            self._deliver(period, self._written(period, answers), is_clean=True)
            return
        slot, value = jump
        content = self._written(period, answers | {slot: value})
        address = self._addresses(period, content)[slot]
        self._plant("against_last", period, self._deliver(period, content), address, slot)

    def _time_after(self, other: RegistryEntry, period: Period) -> datetime:
        """On time, and where it is copied from another unit after its original."""
        received_at = time_on_time(self.world.seed, self.world.catalogue, self.unit, period)
        if other == self.unit:
            return received_at
        original_at = time_on_time(self.world.seed, self.world.catalogue, other, period)
        due_at = self.world.catalogue.calendar.due_at(period)
        return max(received_at, time_between(self.world.seed, self.unit, period, original_at, due_at))

    def _send_wrong_code(self, period: Period, answers: Answers) -> None:
        """A digit of the code is wrong, so that no unit has it."""
        rng, code = self._rng(period), self.unit.unit_code
        taken = self.world.registry.by_code
        wrong = next(
            typed
            for place in rng.permutation(len(code))
            for typed in (f"{code[:place]}{digit}{code[place + 1 :]}" for digit in "9876543210")
            if code[place].isdecimal() and typed not in taken
        )
        content = self._written(period, answers, unit=self.unit._replace(unit_code=wrong))
        self._plant("wrong_unit_code", period, self._deliver(period, content))

    def _send_wrong_period(self, period: Period, answers: Answers) -> None:
        """Either the cover says another quarter than the sheets, or the whole workbook is of one that has not begun."""
        years = self.world.periods[-1].year + 1 - period.year
        future = period.shift(4 * years)
        if future <= self.world.catalogue.calendar.last_period and self._rng(period).random() < 0.5:
            content = self._written(period, answers, as_of=future)
        else:
            content = self._written(period, answers)
            sheet, cell = cover_address(content, layout.PERIOD)
            content = overwrite(content, sheet, cell, str(period.previous()))
        self._plant("wrong_period", period, self._deliver(period, content))

    def _send_old_template(self, period: Period, answers: Answers) -> None:
        catalogue = self.world.catalogue
        older = catalogue.identity.older_template_versions[-1]
        identity = catalogue.identity.model_copy(update={"template_version": older})
        content = self._written(period, answers, catalogue=replace(catalogue, identity=identity))
        self._plant("old_template", period, self._deliver(period, content))

    def _spoilt(
        self, period: Period, answers: Answers, classes: tuple[str, ...]
    ) -> tuple[bytes, list[tuple[str, Slot, Address]]]:
        """The workbook with faults of these classes, and where each stands; a class without room gives way to another."""
        around = self.answers.around(period)
        rng, untouched, planted = self._rng(period), set[Slot](), list[tuple[str, Slot]]()
        for wanted in classes:
            for fault_class in (wanted, *CELL_CLASSES):
                spoilt = spoil(fault_class, answers, around, untouched, rng)
                if spoilt is not None:
                    answers = spoilt.answers
                    planted.append((fault_class, spoilt.slot))
                    break
        content = self._written(period, answers)
        addresses = self._addresses(period, content)
        return content, [(fault_class, slot, addresses[slot]) for fault_class, slot in planted]

    def _addresses(self, period: Period, content: bytes) -> dict[Slot, Address]:
        return answer_addresses(content, self.world.form(self.unit.kind, period)[1])

    def _written(
        self,
        period: Period,
        answers: Answers,
        *,
        unit: RegistryEntry | None = None,
        as_of: Period | None = None,
        catalogue: Catalogue | None = None,
        explanations: dict[Slot, str] | None = None,
    ) -> bytes:
        """The workbook as bytes; unit, as_of and catalogue replace what the cover says."""
        form = UnitForm(
            unit or self.unit,
            as_of or period,
            self.answers.branches(period),
            answers,
            dict(self._known),
            explanations or {},
        )
        target = io.BytesIO()
        write_workbook(form, catalogue or self.world.catalogue, target)
        return target.getvalue()

    def _deliver(
        self,
        period: Period,
        content: bytes,
        received_at: datetime | None = None,
        *,
        corrected: bool = False,
        is_clean: bool = False,
    ) -> str:
        """Put the file into the folder and note its receipt; the path relative to the sample."""
        file = file_path(self.world.seed, self.unit, period, corrected=corrected)
        (self.folder / file).write_bytes(content)
        on_time = time_on_time(self.world.seed, self.world.catalogue, self.unit, period)
        self.files.receipts.append((file, received_at or on_time))
        if is_clean:
            self.files.clean.append(file)
        return file

    def _plant(
        self,
        fault_class: str,
        period: Period,
        file: str | None,
        address: Address | None = None,
        slot: Slot | None = None,
        *,
        sheet: str | None = None,
    ) -> None:
        branch = slot.branch_code if slot is not None else None
        cell = address.cell if address is not None else None
        where = address.sheet if address is not None else sheet
        self.files.faults.append(Fault(fault_class, self.unit.unit_code, branch, period, file, where, cell))

    def _rng(self, period: Period) -> np.random.Generator:
        return stream(self.world.seed, self.unit.unit_code, period, "fault")
