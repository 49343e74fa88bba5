"""Signs found where they are planted and hardly anywhere else, over many quarters drawn by chance."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest

from expectations import Catalogue, Period
from pipelines.signs.digits import digit_tests
from pipelines.signs.figures import Figures
from pipelines.warehouse import open_warehouse
from tests.signing import START, Fields, Province

LAST = Period(2025, 3)
UNITS, QUARTERS = 60, 25
Sign = tuple[str, str]


def planted(seed: int) -> tuple[Province, set[Sign]]:
    """A province with a sign of each kind: units 0 to 5 are large, the later unit of a copy is the one that is asked."""
    province = Province(UNITS, LAST, 4, seed)
    province.bunch(0)
    province.round_off(1)
    held = province.rows_of(2)
    held = held[province.members[held] >= 15][:2]
    for branch in held:
        province.hold(branch)
    mine, theirs = province.rows_of(4)[:3], province.rows_of(3)[:3]
    province.copy(mine, theirs)
    again = province.rows_of(5)[:3]
    province.copy(again, again, LAST.previous())
    branches = {
        *(("too_constant", int(b)) for b in held),
        *(("copied_rows", int(b)) for b in (*mine, *again)),
    }
    truth = {("bunching", province.unit_codes[0]), ("digit_preference", province.unit_codes[1])}
    return province, truth | {(sign, province.branch_codes[row]) for sign, row in branches}


@pytest.fixture(scope="module")
def quarters(catalogue: Catalogue) -> list[tuple[set[Sign], set[Sign]]]:
    """(planted, found) of each quarter."""
    drawn = []
    for seed in range(QUARTERS):
        province, truth = planted(seed)
        raised, _ = province.signs(catalogue)
        drawn.append((truth, set(raised.select("sign", "scope_code").rows())))
    return drawn


def test_what_is_planted_is_found(quarters: list[tuple[set[Sign], set[Sign]]]) -> None:
    there = Counter(sign for truth, _ in quarters for sign, _ in truth)
    found = Counter(sign for truth, raised in quarters for sign, _ in truth & raised)
    recall = {sign: found[sign] / there[sign] for sign in there}
    assert len(recall) == 4
    assert min(recall.values()) >= 0.8, recall


def test_false_signs_stay_within_the_declared_rate(
    quarters: list[tuple[set[Sign], set[Sign]]], catalogue: Catalogue
) -> None:
    shares = [len(raised - truth) / max(len(raised), 1) for truth, raised in quarters]
    q = float(catalogue.signs.false_discovery_rate)
    assert np.mean(shares) <= q + 2 * np.std(shares) / np.sqrt(len(shares)), shares


def test_honest_provinces_are_left_in_peace(catalogue: Catalogue) -> None:
    asked, judged = 0, 0
    for seed in range(QUARTERS):
        raised, counts = Province(UNITS, LAST, 4, 1000 + seed).signs(catalogue)
        asked += not raised.is_empty()
        judged += int(counts["judged"].sum())
    assert judged > 10_000
    # a quarter without any true sign has a false one with a chance of q = 0.02: three and more of 25 have a chance of 0.014
    assert asked <= 2


def test_steady_good_attendance_is_no_sign(catalogue: Catalogue) -> None:
    """Everybody comes every month: nothing to ask, and nothing that could be judged by how even it is."""
    province = Province(UNITS, LAST, 4, 7)
    for fields in province.quarters.values():
        fields.attended = fields.expected.copy()
        fields.centre_attended = fields.centre_expected.copy()
    raised, counts = province.signs(catalogue)
    assert raised.filter(pl.col("sign") != "copied_rows").is_empty()
    assert counts.filter(pl.col("sign") == "too_constant")["judged"].sum() == 0


class Plain(Province):
    """One meeting of everybody a month, a second one now and then, and a day of training of eight hours: branches of a size are much alike."""

    def draw(self) -> Fields:
        fields = super().draw()
        fields.expected = np.repeat(self.members[:, None], 3, axis=1)
        fields.attended = self.rng.binomial(fields.expected, self.chance[:, None])
        fields.meetings = 1 + self.rng.binomial(1, 0.15, fields.meetings.shape)
        fields.hours = 8.0 * self.members
        return fields


@pytest.mark.parametrize(("units", "seeds"), [(5, 20), (12, 20), (60, 4), (200, 2)])
def test_rows_of_a_plain_province_are_alike_without_any_copy(
    units: int, seeds: int, catalogue: Catalogue
) -> None:
    raised = 0
    for seed in range(seeds):
        found, _ = Plain(units, LAST, 2, 200 + seed, rate=0.99).signs(catalogue)
        raised += found.filter(pl.col("sign") == "copied_rows").height
    assert raised == 0


@pytest.mark.parametrize(("units", "share"), [(12, 0.1), (20, 0.1), (30, 0.1), (60, 0.1), (60, 0.5)])
def test_branches_that_stay_as_they_are_among_many_are_no_copies(
    units: int, share: float, catalogue: Catalogue
) -> None:
    raised = 0
    for seed in range(4):
        province = Province(units, LAST, 2, 300 + seed)
        calm = np.flatnonzero(np.random.default_rng(seed).random(len(province.unit)) < share)
        for fields in province.quarters.values():
            fields.expected[calm] = fields.attended[calm] = province.members[calm][:, None]
            fields.meetings[calm] = 1
            fields.hours[calm] = 8.0 * province.members[calm]
        found, _ = province.signs(catalogue)
        raised += found.filter(pl.col("test") == "last_period").height
    assert raised == 0


def copied(catalogue: Catalogue, **changes: list[int]) -> set[str]:
    """The branches that are asked about their rows where unit 4 has copied five rows of unit 3."""
    province = Province(UNITS, LAST, 2, 3)
    rows = province.rows_of(4)[:5]
    province.copy(rows, province.rows_of(3)[:5])
    for name, value in changes.items():
        setattr(province, name, [int(rows[i]) for i in value] if name == "blocked" else value)
    raised, _ = province.signs(catalogue)
    return set(raised.filter(pl.col("sign") == "copied_rows")["scope_code"])


def test_the_later_of_two_equal_rows_is_asked_with_the_earlier_one_named(catalogue: Catalogue) -> None:
    assert copied(catalogue) == {f"U00004-{row:02d}" for row in range(5)}


def test_what_a_finding_asks_about_the_whole_ledger_is_not_asked_again(catalogue: Catalogue) -> None:
    assert copied(catalogue, asked=[4]) == set()
    assert copied(catalogue, asked=[3]) == set()


def test_answers_that_may_not_be_used_are_not_tested(catalogue: Catalogue) -> None:
    assert copied(catalogue, blocked=[0, 1]) == {f"U00004-{row:02d}" for row in (2, 3, 4)}


def test_one_cause_is_asked_about_once(catalogue: Catalogue) -> None:
    """A branch that is held at one share, in a unit that rounds: the unit is asked, and not the branch beside it."""
    province = Province(UNITS, LAST, 4, 11)
    held = int(province.rows_of(1)[np.argmax(province.members[province.rows_of(1)])])
    province.hold(held)
    alone, _ = province.signs(catalogue)
    assert province.branch_codes[held] in set(alone["scope_code"])
    province.round_off(1)
    province.hold(held)
    raised, counts = province.signs(catalogue)
    assert province.unit_codes[1] in set(raised["scope_code"])
    assert province.branch_codes[held] not in set(raised["scope_code"])
    assert counts["raised"].sum() == raised.height


def signs_of_branch(province: Province, branch: int, catalogue: Catalogue) -> set[str]:
    raised, _ = province.signs(catalogue)
    return set(raised.filter(pl.col("scope_code") == province.branch_codes[branch])["sign"])


def test_a_row_that_is_asked_about_as_a_copy_is_not_asked_about_as_constant(catalogue: Catalogue) -> None:
    province = Province(UNITS, LAST, 4, 11)
    rows = province.rows_of(1)
    held = int(rows[np.argmax(province.members[rows])])
    province.hold(held)
    assert signs_of_branch(province, held, catalogue) == {"too_constant"}
    copied = np.append(rows[rows != held][:3], held)
    province.copy(copied, copied, LAST.previous())
    assert signs_of_branch(province, held, catalogue) == {"copied_rows"}


def test_a_quarter_at_the_standard_explains_the_constancy_of_those_that_follow(catalogue: Catalogue) -> None:
    province = Province(UNITS, LAST, 4, 11)
    rows = province.rows_of(0)
    held = int(rows[np.argmax(province.members[rows])])
    province.last = LAST.previous()
    province.bunch(0)
    province.last = LAST
    province.hold(held)
    raised, _ = province.signs(catalogue)
    assert province.unit_codes[0] not in set(raised["scope_code"])
    assert signs_of_branch(province, held, catalogue) == set()


class Away(Province):
    """Unit 1 has reported nothing in the last quarter."""

    def cells(self) -> pl.DataFrame:
        return (
            super()
            .cells()
            .filter((pl.col("unit_code") != self.unit_codes[1]) | (pl.col("period") != str(LAST)))
        )


@pytest.mark.parametrize(("kind", "asked"), [(Province, True), (Away, False)])
def test_who_reports_nothing_in_the_quarter_is_not_asked_about_older_digits(
    kind: type[Province], asked: bool, catalogue: Catalogue
) -> None:
    province = kind(UNITS, LAST, 4, 11)
    province.round_off(1)
    raised, _ = province.signs(catalogue)
    found = set(raised.filter(pl.col("sign") == "digit_preference")["scope_code"])
    assert (province.unit_codes[1] in found) == asked


def test_a_sign_says_what_is_counted_and_of_whom(catalogue: Catalogue) -> None:
    raised, _ = planted(0)[0].signs(catalogue)
    bunching, digits = (
        raised.filter(pl.col("sign") == sign)["message"][0] for sign in ("bunching", "digit_preference")
    )
    assert re.search(r"个刚好达到，\d+个只差1人次，按各支部出席情况，约应有[\d.]+个刚好达到", bunching)
    assert re.search(r"不小于20且有人缺席的\d+个数中", digits)


def test_the_order_is_that_of_the_versions_that_count(catalogue: Catalogue) -> None:
    versions = [("a", 0, False), ("a", 9, True), ("b", 5, True), ("c", 1, False)]
    submissions = pl.DataFrame([
        {"unit_code": unit, "period": str(LAST), "received_at": START + timedelta(days=day), "counts": counts, "state": "superseded"}
        for unit, day, counts in versions
    ])  # fmt: skip
    with open_warehouse(None) as warehouse:
        warehouse.replace("submissions", submissions)
        places = Figures(warehouse, catalogue, [LAST]).arrivals(LAST)
    assert places.rows() == [("a", 2), ("b", 1)]


def test_branches_just_over_the_smallest_figure_looked_at_round_no_more_than_others(
    catalogue: Catalogue,
) -> None:
    """Honest branches of 21 and 22, of whom 93% come: figures from 20 on are hardly anything but 20 and 21."""
    p: list[float] = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        small = np.repeat(np.arange(200) < 20, 10)
        members = np.where(
            small, rng.integers(21, 23, 2000), np.clip(rng.lognormal(3.3, 0.5, 2000), 5, 120).astype(int)
        )
        chance = np.clip(rng.normal(0.93, 0.02, 2000), 0.7, 0.995)
        months = [(quarter, month) for quarter in LAST.shift(-3).to(LAST) for month in quarter.months]
        pairs = pl.concat(
            pl.DataFrame({
                "unit_code": [f"U{i // 10:03d}" for i in range(2000)], "branch_code": [f"U{i // 10:03d}-{i % 10}" for i in range(2000)],
                "period": str(quarter), "month": month, "k": rng.binomial(members, chance).astype(float), "n": members.astype(float),
            })
            for quarter, month in months
        )  # fmt: skip
        units = pl.DataFrame({"unit_code": [f"U{u:03d}" for u in range(200)], "city_code": "320100"})
        figures = SimpleNamespace(
            catalogue=catalogue, units=units, pairs=lambda *_, pairs=pairs: pairs, window=lambda *_: []
        )
        batch = digit_tests(cast(Figures, figures), catalogue.signs.digit_preference.tests[0], LAST)
        assert batch is not None
        alone = batch.rows.filter(pl.col("scope_code") < "U020", pl.col("scope_kind") == "unit")
        p.extend(alone["p"].drop_nulls())
    assert len(p) >= 90
    assert (
        np.mean(np.array(p) < 0.05) <= 0.08
    )  # 0.05, and the two standard errors of a hundred tests less what is discrete
