"""The arithmetic of the detection table: what counts as found, as raised and as true, in tables of cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from expectations import load_catalogue
from tests.benchmarks.scores import (
    FLOORS,
    Published,
    Quiet,
    Score,
    absent_score,
    any_rule_score,
    cell_score,
    copied_questions,
    explained_score,
    file_score,
    late_score,
    missed_floors,
    outlier_score,
    outliers_by_question,
    pooled,
    scores,
    sign_score,
)

Entry = dict[str, Any]
CITY = {"A": "c1", "B": "c1", "C": "c2"}


def fault(name: str, cell: str | None = "D5", **changes: Any) -> Entry:
    entry = {
        "class": name, "unit_code": "A", "branch_code": None, "period": "2025Q1", "file": "a.xlsx",
        "sheet": "学习型" if cell else None, "cell": cell,
    }  # fmt: skip
    return entry | changes


def finding(rule: str, cell: str | None = "D5", **changes: Any) -> Entry:
    row = {
        "rule": rule, "severity": "block", "explained": None, "unit_code": "A", "branch_code": None, "question": "L3.5b",
        "period": "2025Q1", "file": "a.xlsx", "sheet": "学习型" if cell else None, "cell": cell,
    }  # fmt: skip
    return row | changes


def planted_sign(name: str, **changes: Any) -> Entry:
    entry = {
        "class": name, "unit_code": "A", "branch_code": "A-01", "question": "L3.7b", "month": None, "period": "2025Q1",
        "since": "2025Q1", "file": "a.xlsx", "sheet": "支部台账", "cell": None,
    }  # fmt: skip
    return entry | changes


def raised_sign(name: str, kind: str = "branch", code: str = "A-01", **changes: Any) -> Entry:
    unit = None if kind == "city" else code.partition("-")[0]
    row = {
        "sign": name, "scope_kind": kind, "scope_code": code, "unit_code": unit, "branch_code": code if kind == "branch" else None,
        "city_code": "c1", "period": "2025Q1", "since": "2025Q1", "question": "L3.7b",
    }  # fmt: skip
    return row | changes


def truth(**parts: list[Entry]) -> dict[str, list[Entry]]:
    empty = ("faults", "signs", "explained", "weak_branches", "worsening_units", "improving_units")
    return {part: [] for part in empty} | parts


def counts(score: Score) -> tuple[int | None, ...]:
    return score.planted, score.found, score.raised, score.true, score.elsewhere


EXPLAINED = fault("", "E7")


@pytest.mark.parametrize(
    ("planted", "explained", "found", "expected"),
    [
        # at the cell, by a rule of the class
        ([fault("missing")], [], [finding("presence")], (1, 1, 1, 1, 0)),
        # another cell, sheet or file is not the planted one, and is false
        ([fault("missing")], [], [finding("presence", "D6")], (1, 0, 1, 0, 0)),
        ([fault("missing")], [], [finding("presence", sheet="服务型")], (1, 0, 1, 0, 0)),
        ([fault("missing")], [], [finding("presence", file="b.xlsx")], (1, 0, 1, 0, 0)),
        # a rule of another class does not find it
        ([fault("missing")], [], [finding("bounds")], (1, 0, 0, 0, 0)),
        # another class's cell: raised, and true, for the fault follows from what is planted
        ([fault("out_of_range")], [], [finding("presence")], (0, 0, 1, 1, 0)),
        # closed by an explanation: not raised
        ([fault("missing")], [], [finding("presence", explained=True)], (1, 0, 0, 0, 0)),
        # a good explanation that was not believed: false, and told apart
        ([], [EXPLAINED], [finding("presence", "E7", explained=False)], (0, 0, 1, 0, 1)),
        # in a copied ledger its rows, and what is said of the sheet, are another's; the own form is not
        (
            [fault("copied_ledger", None)],
            [],
            [finding("presence", "D9", sheet="支部台账", branch_code="A-01")],
            (0, 0, 1, 1, 0),
        ),
        ([fault("copied_ledger", None)], [], [finding("presence", "D3", sheet="支部台账")], (0, 0, 1, 1, 0)),
        ([fault("copied_ledger", None)], [], [finding("presence")], (0, 0, 1, 0, 0)),
        (
            [fault("copied_ledger", None)],
            [],
            [finding("presence", "D9", branch_code="A-01", file="b.xlsx")],
            (0, 0, 1, 0, 0),
        ),
        # a fault of a whole file has no cell: a finding without one is not at it
        ([fault("late", None)], [], [finding("presence", None)], (0, 0, 1, 0, 0)),
    ],
)
def test_faults_of_a_cell(
    planted: list[Entry], explained: list[Entry], found: list[Entry], expected: tuple[int, ...]
) -> None:
    score = cell_score("missing", truth(faults=planted, explained=explained), found, {"presence"})
    assert counts(score) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([finding("wrong_period", None)], (1, 1, 1, 1, 0)),
        ([finding("wrong_period", "B5")], (1, 1, 1, 1, 0)),
        ([finding("wrong_period", None, file="b.xlsx")], (1, 0, 1, 0, 0)),
        ([finding("old_template", None)], (1, 0, 0, 0, 0)),
    ],
)
def test_faults_of_a_file(found: list[Entry], expected: tuple[int, ...]) -> None:
    assert counts(file_score("wrong_period", [fault("wrong_period", None)], found)) == expected


def test_faults_told_by_state_and_flag() -> None:
    faults = [
        fault("late", None),
        fault("absent", None, unit_code="B", file=None),
        fault("wrong_period", None, unit_code="C", file="c.xlsx"),
    ]
    files = [
        {"file": "a.xlsx", "on_time": False},
        {"file": "b.xlsx", "on_time": True},
        {"file": "c.xlsx", "on_time": None},
        {"file": "d.xlsx", "on_time": False},
    ]
    assert counts(late_score(faults, files)) == (1, 1, 2, 1, 0)
    flags = [
        {"unit_code": unit, "period": "2025Q1", "kind": kind, "level": level}
        for unit, kind, level in [
            ("B", "reporting", "red"),
            ("C", "reporting", "red"),
            ("D", "reporting", "red"),
            ("A", "reporting", "amber"),
            ("A", "quality", "red"),
        ]
    ]
    assert counts(absent_score(faults, flags)) == (1, 1, 3, 2, 0)


def test_a_class_without_rules_of_its_own() -> None:
    planted = [fault("resubmitted"), fault("resubmitted", "D6"), fault("resubmitted", "D7")]
    found = [finding("type"), finding("value_repaired", "D6", severity="inform")]
    assert counts(any_rule_score("resubmitted", planted, found)) == (3, 1, None, None, None)


def test_explained_cells_are_found_where_their_finding_is_closed() -> None:
    cells = [fault("", "E7"), fault("", "E8"), fault("", "E9")]
    found = [finding("x", "E7", explained=True), finding("x", "E8", explained=False)]
    assert counts(explained_score(truth(explained=cells), found)) == (3, 1, None, None, None)


OWN, PEERS = "outlier_own_history", "outlier_peers"
SLIP = planted_sign(OWN, branch_code=None, question="L3.5b", cell="D5", sheet="学习型")
# Both sides of one list, ten times too large.
LIST = [planted_sign(OWN, branch_code=None, question=code, sheet="学习型") for code in ("L3.2a", "L3.2b")]
OTHER_SLIPS = [planted_sign(OWN, question="L3.4b"), planted_sign(OWN, period="2025Q3", since="2025Q3")]
COPIED = planted_sign("copied_rows", question=None)
MISREAD = [
    planted_sign(PEERS, branch_code=None, question="L3.5b", cell="D5", sheet="学习型", period=period)
    for period in ("2025Q1", "2025Q2", "2025Q3")
]


@pytest.mark.parametrize(
    ("name", "planted", "found", "expected"),
    [
        (OWN, {"signs": [SLIP]}, [finding(OWN)], (1, 1, 1, 1, 0)),
        # the other rule finds it too, and is true there
        (OWN, {"signs": [SLIP]}, [finding(PEERS)], (1, 1, 0, 0, 0)),
        (PEERS, {"signs": [SLIP]}, [finding(PEERS)], (0, 0, 1, 1, 0)),
        (OWN, {"signs": [SLIP]}, [finding(OWN, period="2025Q2")], (1, 0, 1, 0, 0)),
        (OWN, {"signs": [SLIP]}, [finding(OWN, question="L3.2b", cell="D4")], (1, 0, 1, 0, 0)),
        (OWN, {"signs": [SLIP]}, [finding(OWN, branch_code="A-01")], (1, 0, 1, 0, 0)),
        # one slip in two cells is one scope, found at either; both findings are true
        (OWN, {"signs": LIST}, [finding(OWN, question="L3.2a")], (1, 1, 1, 1, 0)),
        (OWN, {"signs": LIST}, [finding(OWN, question="L3.2b")], (1, 1, 1, 1, 0)),
        (OWN, {"signs": LIST}, [finding(OWN, question="L3.2b"), finding(OWN, question="L3.2a")], (1, 1, 2, 2, 0)),
        (OWN, {"signs": LIST}, [finding(OWN)], (1, 0, 1, 0, 0)),
        # another row or another quarter is another slip
        (OWN, {"signs": [*LIST, *OTHER_SLIPS]}, [finding(OWN, question="L3.2a")], (3, 1, 1, 1, 0)),
        # a lasting one is one scope, found in any of its periods
        (PEERS, {"signs": MISREAD}, [finding(PEERS, period="2025Q3")], (1, 1, 1, 1, 0)),
        (PEERS, {"signs": MISREAD}, [], (1, 0, 0, 0, 0)),
        # quarters of one series are one scope, next to each other or not; one false quarter makes it false
        (PEERS, {"signs": MISREAD}, [finding(PEERS), finding(PEERS, period="2025Q3")], (1, 1, 1, 1, 0)),
        (PEERS, {"signs": MISREAD}, [finding(PEERS), finding(PEERS, period="2025Q4")], (1, 1, 1, 0, 0)),
        (PEERS, {"signs": MISREAD}, [finding(PEERS), finding(PEERS, branch_code="A-01")], (1, 1, 2, 1, 0)),
        (PEERS, {"signs": MISREAD}, [finding(PEERS), finding(PEERS, question="L3.2b")], (1, 1, 2, 1, 0)),
        # elsewhere only where all that is false in the scope is
        (OWN, {"explained": [fault("")]}, [finding(OWN), finding(OWN, cell="D6", period="2025Q2")], (0, 0, 1, 0, 0)),
        # foreign figures put there by a fault or a copy
        (OWN, {"faults": [fault("out_of_range")]}, [finding(OWN)], (0, 0, 1, 1, 0)),
        (OWN, {"faults": [fault("out_of_range", "D6")]}, [finding(OWN)], (0, 0, 1, 0, 0)),
        (OWN, {"faults": [fault("copied_ledger", None)]}, [finding(OWN, branch_code="A-01")], (0, 0, 1, 1, 0)),
        (OWN, {"faults": [fault("copied_ledger", None)]}, [finding(OWN)], (0, 0, 1, 0, 0)),
        # a copied row: only what is copied of it, in that branch and quarter
        (OWN, {"signs": [COPIED]}, [finding(OWN, branch_code="A-01", question="L3.4b")], (0, 0, 1, 1, 0)),
        (OWN, {"signs": [COPIED]}, [finding(OWN, branch_code="A-01", question="L3.4a")], (0, 0, 1, 0, 0)),
        (OWN, {"signs": [COPIED]}, [finding(OWN, branch_code="A-01", question="S4.8b")], (0, 0, 1, 0, 0)),
        (OWN, {"signs": [COPIED]}, [finding(OWN, branch_code="A-02", question="L3.4b")], (0, 0, 1, 0, 0)),
        (OWN, {"signs": [COPIED]}, [finding(OWN, branch_code="A-01", question="L3.4b", period="2025Q2")], (0, 0, 1, 0, 0)),
        # weak, changing or explained: no error, though something is planted
        (OWN, {"weak_branches": [{"code": "A-01", "since": "2024Q4"}]}, [finding(OWN, branch_code="A-01")], (0, 0, 1, 0, 1)),
        (OWN, {"weak_branches": [{"code": "A-01", "since": "2025Q2"}]}, [finding(OWN, branch_code="A-01")], (0, 0, 1, 0, 0)),
        (OWN, {"worsening_units": [{"code": "A", "since": "2025Q1"}]}, [finding(OWN)], (0, 0, 1, 0, 1)),
        (OWN, {"explained": [fault("")]}, [finding(OWN)], (0, 0, 1, 0, 1)),
    ],
)  # fmt: skip
def test_outliers(
    name: str, planted: dict[str, list[Entry]], found: list[Entry], expected: tuple[int, ...]
) -> None:
    assert counts(outlier_score(name, truth(**planted), found, {"L3.4b"}, there=True)) == expected


def test_outliers_by_question() -> None:
    """What stands in two questions is planted, and found, in both; what is raised stands at its own."""
    found = [
        finding(OWN, question="L3.2a"),
        finding(OWN, question="L3.2a", period="2025Q4"),
        finding(PEERS),
        finding(PEERS, question="O2.5a"),
        finding("presence"),
    ]
    table = outliers_by_question(truth(signs=[*LIST, *MISREAD]), found, ())
    assert {score.name: counts(score) for score in table} == {
        f"{OWN} L3.2a": (1, 1, 1, 0, 0),
        f"{OWN} L3.2b": (1, 1, 0, 0, 0),
        f"{PEERS} L3.5b": (1, 1, 1, 1, 0),
        f"{PEERS} O2.5a": (0, 0, 1, 0, 0),
    }


def test_of_a_row_quarterly_flows_are_copied() -> None:
    copied = copied_questions(load_catalogue().questions)
    assert {"L3.4b", "L3.7a", "L3.7b"} <= copied
    assert not {"L3.4a", "S4.8b"} & copied  # a stock; asked each half-year


CONSTANT = [planted_sign("too_constant", period=period) for period in ("2025Q1", "2025Q2")]
BUNCHING = planted_sign("bunching", branch_code=None)


@pytest.mark.parametrize(
    ("name", "planted", "raised", "expected"),
    [
        ("too_constant", CONSTANT, [raised_sign("too_constant", period="2025Q2")], (1, 1, 1, 1, 0)),
        ("too_constant", CONSTANT, [raised_sign("too_constant", period="2025Q3")], (1, 0, 1, 0, 0)),
        ("too_constant", CONSTANT, [raised_sign("too_constant", code="A-02")], (1, 0, 1, 0, 0)),
        # quarters of one run are one scope; one false quarter makes it false, and the next run is another scope
        ("too_constant", CONSTANT, [raised_sign("too_constant"), raised_sign("too_constant", period="2025Q2")], (1, 1, 1, 1, 0)),
        ("too_constant", CONSTANT, [raised_sign("too_constant"), raised_sign("too_constant", period="2025Q3")], (1, 1, 1, 0, 0)),
        ("too_constant", CONSTANT, [raised_sign("too_constant"), raised_sign("too_constant", period="2025Q4", since="2025Q4")], (1, 1, 2, 1, 0)),
        # a sign of its unit finds a branch; one of another class does not
        ("too_constant", CONSTANT, [raised_sign("too_constant", "unit", "A")], (1, 1, 1, 1, 0)),
        ("too_constant", CONSTANT, [raised_sign("bunching")], (1, 0, 0, 0, 0)),
        # a sign of the city is true with a planted unit in it, but finds none
        ("bunching", [BUNCHING], [raised_sign("bunching", "city", "c1")], (1, 0, 1, 1, 0)),
        ("bunching", [BUNCHING], [raised_sign("bunching", "city", "c2")], (1, 0, 1, 0, 0)),
        ("bunching", [BUNCHING], [raised_sign("bunching", "unit", "A")], (1, 1, 1, 1, 0)),
        ("bunching", [BUNCHING], [raised_sign("bunching", "unit", "B")], (1, 0, 1, 0, 0)),
        # another question than the planted one: neither found nor true, but something is planted there; without one on either side, the same
        ("bunching", [BUNCHING], [raised_sign("bunching", "unit", "A", question="L3.2b")], (1, 0, 1, 0, 1)),
        ("bunching", [BUNCHING], [raised_sign("bunching", "city", "c1", question="L3.2b")], (1, 0, 1, 0, 1)),
        ("copied_rows", [planted_sign("copied_rows", question=None)], [raised_sign("copied_rows")], (1, 1, 1, 1, 0)),
        ("copied_rows", [planted_sign("copied_rows")], [raised_sign("copied_rows", question=None)], (1, 1, 1, 1, 0)),
        # false, but something else is planted there
        ("too_constant", [BUNCHING], [raised_sign("too_constant")], (0, 0, 1, 0, 1)),
        # two rows are two scopes
        ("copied_rows", [planted_sign("copied_rows"), planted_sign("copied_rows", branch_code="A-02")], [raised_sign("copied_rows")], (2, 1, 1, 1, 0)),
    ],
)  # fmt: skip
def test_signs(name: str, planted: list[Entry], raised: list[Entry], expected: tuple[int, ...]) -> None:
    assert counts(sign_score(name, truth(signs=planted), raised, CITY)) == expected


def test_rows_stand_beside_scopes() -> None:
    signs = [raised_sign("too_constant"), raised_sign("too_constant", period="2025Q2")]
    score = sign_score("too_constant", truth(signs=CONSTANT), signs, CITY)
    assert (score.raised, score.rows) == (1, 2)
    found = [finding(PEERS), finding(PEERS, period="2025Q3"), finding(PEERS, question="L3.2b")]
    score = outlier_score(PEERS, truth(signs=MISREAD), found, (), there=True)
    assert (score.raised, score.rows) == (2, 3)
    assert cell_score("missing", truth(), [finding("presence")], {"presence"}).rows is None
    (both,) = pooled([[score], [score]])
    assert both.rows == 6


def test_rows_of_a_copied_ledger_are_copied_rows() -> None:
    planted = truth(faults=[fault("copied_ledger", None)])
    assert counts(sign_score("copied_rows", planted, [raised_sign("copied_rows")], CITY)) == (0, 0, 1, 1, 0)
    assert counts(sign_score("bunching", planted, [raised_sign("bunching")], CITY)) == (0, 0, 1, 0, 0)


def test_what_does_not_exist_is_not_there() -> None:
    score = sign_score("too_constant", truth(signs=CONSTANT), None, CITY)
    assert (score.there, counts(score)) == (False, (1, 0, None, None, None))
    everything = scores(truth(signs=[SLIP]), Published([], [], [], None, CITY), [], [])
    missing = {score.name for score in everything if not score.there}
    assert missing == {OWN, PEERS, "bunching", "copied_rows", "too_constant", "digit_preference"}
    assert "bunching: not there" in missed_floors(everything, None)


def test_every_class_has_its_row_and_new_ones_come_too() -> None:
    planted = truth(faults=[fault("missing"), fault("unheard_of", "D6")])
    found = [finding("presence"), finding("presence", "D9")]
    catalogue = load_catalogue()
    table = scores(planted, Published(found, [], [], [], CITY), catalogue.rules, catalogue.questions)
    by_name = {score.name: score for score in table}
    assert counts(by_name["missing"]) == (1, 1, 2, 1, 0)
    assert counts(by_name["unheard_of"]) == (1, 0, None, None, None)
    assert set(FLOORS) <= set(by_name)


@pytest.mark.parametrize(
    ("score", "recall", "precision"),
    [
        (Score("x", 4, 3, 10, 9, 1), 0.75, 0.9),
        (Score("x", 0, 0, 0, 0, 0), None, None),
        (Score("x", 2, 2), 1.0, None),
        (Score("x", 2, 0, 3, 0, 3), 0.0, 0.0),
    ],
)
def test_shares(score: Score, recall: float | None, precision: float | None) -> None:
    assert (score.recall, score.precision) == (recall, precision)


def test_provinces_are_added_up() -> None:
    first = [Score("a", 1, 1, 2, 1, 0), Score("b", 2, 1)]
    second = [Score("b", 1, 1, there=False), Score("a", 3, 1, 1, 1, 0), Score("c", 1, 0, 2, 1, 1)]
    assert pooled([first, second]) == [
        Score("a", 4, 2, 3, 2, 0),
        Score("b", 3, 2, there=False),
        Score("c", 1, 0, 2, 1, 1),
    ]


@pytest.mark.parametrize(
    ("score", "missed"),
    [
        (Score("missing", 100, 100, 100, 100, 0), []),
        (Score("missing", 100, 99, 100, 100, 0), ["missing: recall 0.990, at least 1 is asked"]),
        (Score("missing", 100, 100, 101, 100, 0), ["missing: precision 0.990, at least 1 is asked"]),
        (Score("copied_ledger", 15, 14, 14, 14, 0), ["copied_ledger: recall 0.933, at least 1 is asked"]),
        (Score("copied_ledger", 15, 15, 16, 15, 0), ["copied_ledger: precision 0.938, at least 1 is asked"]),
        (Score("unexplained", 20, 18, 50, 45, 0), []),
        (Score("unexplained", 20, 17, 50, 50, 0), ["unexplained: recall 0.850, at least 0.9 is asked"]),
        (Score("unexplained", 20, 20, 50, 44, 0), ["unexplained: precision 0.880, at least 0.9 is asked"]),
        (Score("explained", 20, 18), []),
        (Score("explained", 20, 17), ["explained: recall 0.850, at least 0.9 is asked"]),
        (Score("bunching", 5, 4, 10, 9, 0), []),
        (
            Score("bunching", 5, 3, 10, 8, 2),
            [
                "bunching: recall 0.600, at least 0.8 is asked",
                "bunching: precision 0.800, at least 0.9 is asked",
            ],
        ),
        (Score("bunching", 0, 0, 0, 0, 0), []),
        (Score("unheard_of", 2, 1), ["unheard_of: recall 0.500, at least 1 is asked"]),
    ],
)
def test_floors(score: Score, missed: list[str]) -> None:
    assert missed_floors([score], None) == missed


def quiet(**changes: Any) -> Quiet:
    given = {"submissions": 100, "block": 0, "explain": 0, "signs": None, "quarters": 20, "with_signs": 0}
    return Quiet(**(given | changes), rate=Decimal("0.05"))


def test_what_is_missed_of_signs_says_how_many_quarters() -> None:
    assert missed_floors([], quiet(signs=5, with_signs=2)) == [
        "without faults: signs in 2 of 20 quarters, at most 1 is allowed"
    ]


@pytest.mark.parametrize(
    ("given", "missed"),
    [
        (quiet(explain=2), 0),
        (quiet(explain=3), 1),
        (quiet(block=1), 1),
        # 5% of 40 quarters are two, of 20 and of 59 one and two, of four still one
        (quiet(signs=7, quarters=40, with_signs=2), 0),
        (quiet(signs=3, quarters=40, with_signs=3), 1),
        (quiet(signs=1, quarters=20, with_signs=1), 0),
        (quiet(signs=2, quarters=20, with_signs=2), 1),
        (quiet(signs=3, quarters=59, with_signs=3), 1),
        (quiet(signs=1, quarters=4, with_signs=1), 0),
        (quiet(signs=2, quarters=4, with_signs=2), 1),
    ],
)
def test_a_province_without_faults_is_left_in_peace(given: Quiet, missed: int) -> None:
    assert len(missed_floors([], given)) == missed


def test_what_is_said_of_a_province_without_faults() -> None:
    found = [finding("x", severity=severity) for severity in ("explain", "explain", "inform", "block")]
    files = [{"file": "a", "period": f"2025Q{1 + i % 4}"} for i in range(40)]
    signs = [
        raised_sign("bunching"),
        raised_sign("copied_rows"),
        raised_sign("bunching", "unit", "B", period="2025Q3"),
    ]
    said = Quiet.of(Published(found, files, [], signs, CITY), Decimal("0.05"))
    assert said == quiet(submissions=40, block=1, explain=2, signs=3, quarters=4, with_signs=2)
    assert said.explain_per_50 == 2.5
    without = Quiet.of(Published(found, files, [], None, CITY), Decimal("0.05"))
    assert (without.signs, without.with_signs) == (None, 0)
