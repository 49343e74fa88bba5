"""What was found of what was planted: counts by class, from truth.json and the rows of the published marts. Pure functions; no files.

Rows are dicts with the columns of their mart; findings carry `file` too, the sender's path of their submission. See detection.py for the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations.models.question import Question
from expectations.models.rule import Rule
from pipelines.workbook.layout import LEDGER

Row = Mapping[str, Any]
Truth = Mapping[str, Any]
Place = tuple[Any, ...]

OUTLIERS = ("outlier_own_history", "outlier_peers")
SIGNS = ("bunching", "copied_rows", "too_constant", "digit_preference")
# Faults of a cell whose findings come from rules of the catalogue's own declaration: class → is it one of its rules?
CELL_RULES: Mapping[str, Callable[[Rule], bool]] = {
    "missing": lambda rule: rule.check in ("presence", "required_if"),
    "text_in_number": lambda rule: rule.check == "type",
    "out_of_range": lambda rule: rule.check == "bounds",
    "attended_over_expected": lambda rule: rule.check == "compare" and rule.severity == "block",
    "unexplained": lambda rule: _asks_to_explain(rule) and not rule.asks_history,
    "against_last": lambda rule: _asks_to_explain(rule) and rule.asks_history,
}
FILE_RULES: Mapping[str, frozenset[str]] = {
    "wrong_unit_code": frozenset({"unknown_unit", "unit_name_differs"}),
    "wrong_period": frozenset({"wrong_period"}),
    "old_template": frozenset({"old_template", "older_template"}),
    "copied_ledger": frozenset({"ledger_copied_from_last_period", "ledger_copied_from_other_unit"}),
}
# After these nothing of the unit's quarter can be read in time: it is flagged as not reported too.
NOT_REPORTED = frozenset({"absent", "wrong_unit_code", "wrong_period", "old_template"})


def _asks_to_explain(rule: Rule) -> bool:
    return rule.check == "compare" and rule.severity == "explain"


@dataclass(frozen=True)
class Score:
    """Of one class: places planted and found; what was raised, what of it is true, and what of it is where something else is planted.

    raised, true and elsewhere count findings; scopes where a class lasts (outliers and signs), and rows is then of how many rows they are.
    They are None where the class has no rules of its own. there: whether its rules or its mart exist.
    """

    name: str
    planted: int = 0
    found: int = 0
    raised: int | None = None
    true: int | None = None
    elsewhere: int | None = None
    there: bool = True
    rows: int | None = None

    @property
    def recall(self) -> float | None:
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """1 minus the false discovery rate. Raised where something else is planted counts as false."""
        return self.true / self.raised if self.raised and self.true is not None else None

    def __add__(self, other: Score) -> Score:
        """The counts of two provinces together."""
        return Score(
            self.name,
            self.planted + other.planted,
            self.found + other.found,
            _sum(self.raised, other.raised),
            _sum(self.true, other.true),
            _sum(self.elsewhere, other.elsewhere),
            self.there and other.there,
            _sum(self.rows, other.rows),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True)
class Published:
    """Rows of the marts of one province. signs: None where there is no such mart; city: of each unit."""

    findings: list[Row]
    submissions: list[Row]
    flags: list[Row]
    signs: list[Row] | None
    city: Mapping[str, str]


def scores(
    truth: Truth, published: Published, rules: Collection[Rule], questions: Iterable[Question]
) -> list[Score]:
    """One score for each class, in the order of the table. rules, questions: of the catalogue."""
    names = {rule.rule for rule in rules}
    copied = copied_questions(questions)
    faults = truth["faults"]
    known = {*CELL_RULES, *FILE_RULES, "late", "absent"}
    others = sorted({fault["class"] for fault in faults} - known)
    return [
        *(cell_score(name, truth, published.findings, _rules_of(name, rules)) for name in CELL_RULES),
        *(any_rule_score(name, faults, published.findings) for name in others),
        *(file_score(name, faults, published.findings) for name in FILE_RULES),
        late_score(faults, published.submissions),
        absent_score(faults, published.flags),
        explained_score(truth, published.findings),
        *(outlier_score(name, truth, published.findings, copied, there=name in names) for name in OUTLIERS),
        *(sign_score(name, truth, published.signs, published.city) for name in SIGNS),
    ]


def _rules_of(name: str, rules: Iterable[Rule]) -> set[str]:
    return {rule.rule for rule in rules if CELL_RULES[name](rule)}


def cell_score(name: str, truth: Truth, findings: Iterable[Row], rules: Collection[str]) -> Score:
    """Found: a finding of the class's rules at the planted cell. True: at any planted cell, for one fault may break two rules, and in a
    copied ledger, whose figures are another unit's; the own form in that file is not copied.

    A finding that an explanation has closed is not raised.
    """
    raised = [f for f in findings if f["rule"] in rules and not f["explained"]]
    planted = {_cell(fault) for fault in truth["faults"] if fault["cell"]}
    mine = [_cell(fault) for fault in truth["faults"] if fault["class"] == name]
    explained = {_cell(cell) for cell in truth["explained"]}
    at = [_cell(finding) for finding in raised]
    return Score(
        name,
        len(mine),
        sum(cell in at for cell in mine),
        len(at),
        sum(_cell(finding) in planted or _is_in_copied_ledger(finding, truth) for finding in raised),
        sum(cell in explained and cell not in planted for cell in at),
    )


def any_rule_score(name: str, faults: Iterable[Row], findings: Iterable[Row]) -> Score:
    """A class without rules of its own: found by any finding that is more than informs, at the planted cell."""
    mine = [fault for fault in faults if fault["class"] == name]
    at = {_cell(finding) for finding in findings if finding["severity"] != "inform"}
    return Score(name, len(mine), sum(_cell(fault) in at for fault in mine))


def file_score(name: str, faults: Iterable[Row], findings: Iterable[Row]) -> Score:
    """A fault of a whole file: a finding of the class's rules in that file."""
    mine = [fault["file"] for fault in faults if fault["class"] == name]
    at = [finding["file"] for finding in findings if finding["rule"] in FILE_RULES[name]]
    return Score(
        name, len(mine), sum(file in at for file in mine), len(at), sum(file in mine for file in at), 0
    )


def late_score(faults: Iterable[Row], submissions: Iterable[Row]) -> Score:
    """Files that are said to be late."""
    mine = [fault["file"] for fault in faults if fault["class"] == "late"]
    late = [submission["file"] for submission in submissions if submission["on_time"] is False]
    return Score(
        "late", len(mine), sum(file in late for file in mine), len(late), sum(f in mine for f in late), 0
    )


def absent_score(faults: Iterable[Row], flags: Iterable[Row]) -> Score:
    """Red reporting flags; true also where nothing that came could be read."""
    red = [_quarter(flag) for flag in flags if (flag["kind"], flag["level"]) == ("reporting", "red")]
    mine = [_quarter(fault) for fault in faults if fault["class"] == "absent"]
    owed = {_quarter(fault) for fault in faults if fault["class"] in NOT_REPORTED}
    return Score(
        "absent", len(mine), sum(key in red for key in mine), len(red), sum(key in owed for key in red), 0
    )


def explained_score(truth: Truth, findings: Iterable[Row]) -> Score:
    """Cells with a good explanation: found where their finding is there and closed by it."""
    mine = [_cell(cell) for cell in truth["explained"]]
    closed = {_cell(finding) for finding in findings if finding["explained"]}
    return Score("explained", len(mine), sum(cell in closed for cell in mine))


def copied_questions(questions: Iterable[Question]) -> frozenset[str]:
    """What a planted copied row takes from another row: quarterly flows."""
    return frozenset(q.code for q in questions if (q.asked, q.nature) == ("quarterly", "flow"))


def outlier_score(
    name: str, truth: Truth, findings: Iterable[Row], copied: Collection[str], *, there: bool
) -> Score:
    """Found: an outlier of either rule at any planted cell of the scope (unit, branch, since), once for all of it: one slip may stand in two cells.

    True: where an outlier, a fault of that cell, a copied ledger or a copied row is planted, for they all put foreign figures there; of a
    copied row only the questions that are copied.
    Elsewhere: where the branch is planted as weak by then, the unit as changing, or the cell as explained. All findings of a rule in one
    series are one scope.
    """
    outlying = [finding for finding in findings if finding["rule"] in OUTLIERS]
    raised = [finding for finding in outlying if finding["rule"] == name]
    scopes = {_scope(sign) for sign in truth["signs"] if sign["class"] == name}
    judged = _by_scope(
        (_answer(finding), _is_foreign(finding, truth, copied), _is_elsewhere(finding, truth))
        for finding in raised
    )
    found = scopes & _asked_scopes(truth, outlying)
    return Score(name, len(scopes), len(found), *judged, there=there, rows=len(raised))


def outliers_by_question(truth: Truth, findings: Iterable[Row], copied: Collection[str]) -> list[Score]:
    """The scores of the outlier classes apart by question, in the order of both. A scope is planted and found in each question that it touches."""
    outlying = [finding for finding in findings if finding["rule"] in OUTLIERS]
    asked = _asked_scopes(truth, outlying)
    found = []
    for name in OUTLIERS:
        signs = [sign for sign in truth["signs"] if sign["class"] == name]
        raised = [finding for finding in outlying if finding["rule"] == name]
        for question in sorted({row["question"] for row in (*signs, *raised)}):
            scopes = {_scope(sign) for sign in signs if sign["question"] == question}
            here = [finding for finding in raised if finding["question"] == question]
            judged = _by_scope(
                (_answer(finding), _is_foreign(finding, truth, copied), _is_elsewhere(finding, truth))
                for finding in here
            )
            score = Score(f"{name} {question}", len(scopes), len(scopes & asked), *judged, rows=len(here))
            found.append(score)
    return found


def _asked_scopes(truth: Truth, outlying: Iterable[Row]) -> set[Place]:
    """The planted scopes of outliers of which any cell is asked about."""
    seen = {(*_answer(finding), finding["period"]) for finding in outlying}
    return {
        _scope(sign)
        for sign in truth["signs"]
        if sign["class"] in OUTLIERS and (*_answer(sign), sign["period"]) in seen
    }


def _by_scope(rows: Iterable[tuple[Place, bool, bool]]) -> tuple[int, int, int]:
    """Distinct scopes; those of which every row is true; those others of which every row that is not true is elsewhere.

    rows: (scope, is it true, is it elsewhere) of each. One false row makes its scope false, or a false alarm would hide behind a true one.
    """
    scopes: dict[Place, list[tuple[bool, bool]]] = {}
    for scope, is_true, is_elsewhere in rows:
        scopes.setdefault(scope, []).append((is_true, is_elsewhere))
    true = [all(is_true for is_true, _ in judged) for judged in scopes.values()]
    excused = [all(is_true or elsewhere for is_true, elsewhere in judged) for judged in scopes.values()]
    return len(scopes), sum(true), sum(excused) - sum(true)


def _is_foreign(finding: Row, truth: Truth, copied: Collection[str]) -> bool:
    where = (*_answer(finding), finding["period"])
    row = (finding["unit_code"], finding["branch_code"], finding["period"])
    rows = [
        (s["unit_code"], s["branch_code"], s["period"]) for s in truth["signs"] if s["class"] == "copied_rows"
    ]
    return (
        any((*_answer(s), s["period"]) == where for s in truth["signs"] if s["class"] in OUTLIERS)
        or (finding["question"] in copied and row in rows)
        or any(_cell(fault) == _cell(finding) for fault in truth["faults"] if fault["cell"])
        or _is_in_copied_ledger(finding, truth)
    )


def _is_in_copied_ledger(finding: Row, truth: Truth) -> bool:
    return (finding["branch_code"] is not None or finding["sheet"] == LEDGER) and any(
        fault["file"] == finding["file"] for fault in truth["faults"] if fault["class"] == "copied_ledger"
    )


def _is_elsewhere(finding: Row, truth: Truth) -> bool:
    codes = {"weak_branches": "branch_code", "worsening_units": "unit_code", "improving_units": "unit_code"}
    return any(_cell(cell) == _cell(finding) for cell in truth["explained"]) or any(
        entry["code"] == finding[column] and entry["since"] <= finding["period"]
        for part, column in codes.items()
        for entry in truth[part]
    )


def sign_score(name: str, truth: Truth, signs: Iterable[Row] | None, city: Mapping[str, str]) -> Score:
    """Found: a sign of the class for the planted branch or its unit, in any period of the planted sign.

    True: where the class is planted in that period and question for the branch, the unit, or a unit of the city; rows of a copied ledger are
    copied rows. Elsewhere: where only another class, or another question, is. A run of quarters (scope, question, since) is one scope.
    """
    planted = [sign for sign in truth["signs"] if sign["class"] == name]
    raised = [sign for sign in signs or () if sign["sign"] == name]
    ledgers = [fault for fault in truth["faults"] if fault["class"] == "copied_ledger"]
    follows = [*planted, *(ledgers if name == "copied_rows" else ())]
    found = {
        _scope(entry)
        for entry in planted
        if any(sign["scope_kind"] != "city" and _covers(sign, entry, city) for sign in raised)
    }
    of_planted = (len({_scope(entry) for entry in planted}), len(found))
    if signs is None:
        return Score(name, *of_planted, there=False)
    judged = _by_scope(
        (
            _run(sign),
            any(_covers(sign, entry, city) for entry in follows),
            any(_is_there(sign, entry, city) for entry in truth["signs"]),
        )
        for sign in raised
    )
    return Score(name, *of_planted, *judged, rows=len(raised))


def _covers(sign: Row, entry: Row, city: Mapping[str, str]) -> bool:
    """Whether a raised sign is about what is planted: there, and about the same question where both name one (copied rows name none)."""
    questions = {sign["question"], entry.get("question")} - {None}
    return len(questions) < 2 and _is_there(sign, entry, city)


def _is_there(sign: Row, entry: Row, city: Mapping[str, str]) -> bool:
    """The same period, and the planted branch, its unit, or its unit's city."""
    if sign["period"] != entry["period"]:
        return False
    if sign["scope_kind"] == "city":
        return bool(city.get(entry["unit_code"]) == sign["scope_code"])
    if sign["scope_kind"] == "unit":
        return bool(sign["scope_code"] == entry["unit_code"])
    return bool(
        sign["unit_code"] == entry["unit_code"] and entry["branch_code"] in (None, sign["branch_code"])
    )


def _scope(sign: Row) -> Place:
    return (sign["unit_code"], sign["branch_code"], sign["since"])


def _run(sign: Row) -> Place:
    return (sign["scope_kind"], sign["scope_code"], sign["question"], sign["since"])


def _cell(row: Row) -> Place:
    return (row["file"], row["sheet"], row["cell"])


def _quarter(row: Row) -> Place:
    return (row["unit_code"], row["period"])


def _answer(row: Row) -> Place:
    return (row["unit_code"], row["branch_code"], row["question"])


@dataclass(frozen=True)
class Quiet:
    """A province in which nothing is planted: what was said of its submissions all the same.

    with_signs: in how many of its quarters any sign was raised; rate: the declared false discovery rate of a quarter's signs. Where nothing
    is planted every sign is false, and the rate is then the share of quarters that may have any.
    """

    submissions: int
    block: int
    explain: int
    signs: int | None
    quarters: int
    with_signs: int
    rate: Decimal

    @property
    def most_with_signs(self) -> int:
        return max(1, int(self.rate * self.quarters))

    @property
    def explain_per_50(self) -> float:
        return 50 * self.explain / self.submissions

    @classmethod
    def of(cls, published: Published, rate: Decimal) -> Quiet:
        severities = [finding["severity"] for finding in published.findings]
        return cls(
            submissions=len(published.submissions),
            block=severities.count("block"),
            explain=severities.count("explain"),
            signs=None if published.signs is None else len(published.signs),
            quarters=len({submission["period"] for submission in published.submissions}),
            with_signs=len({sign["period"] for sign in published.signs or ()}),
            rate=rate,
        )


# Least recall and least precision. What follows from rules alone may not err, copied ledgers included. Whether a text explains is judged by
# its words: an empty one that nobody has declared as such (explanations.yaml) is believed, and a good one may be too short; this list is open,
# so that one in ten may err, either way. Patterns and outliers are judged by chance: of few planted ones one may be missed.
EXACT, BY_WORDS, BY_CHANCE = (1.0, 1.0), (0.9, 0.9), (0.8, 0.9)
FLOORS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys((*CELL_RULES, *FILE_RULES, "late", "absent"), EXACT),
    **dict.fromkeys(("unexplained", "explained"), BY_WORDS),
    **dict.fromkeys((*OUTLIERS, *SIGNS), BY_CHANCE),
}
MOST_EXPLAIN_PER_50 = 1.0


def missed_floors(found: Iterable[Score], quiet: Quiet | None) -> list[str]:
    """What falls short, a line each; empty where everything holds. A class of which nothing was planted proves nothing and is not missed."""
    missed = []
    for score in found:
        least_recall, least_precision = FLOORS.get(score.name, EXACT)
        if not score.there:
            missed.append(f"{score.name}: not there")
            continue
        if score.recall is not None and score.recall < least_recall:
            missed.append(f"{score.name}: recall {score.recall:.3f}, at least {least_recall:g} is asked")
        if score.precision is not None and score.precision < least_precision:
            missed.append(
                f"{score.name}: precision {score.precision:.3f}, at least {least_precision:g} is asked"
            )
    if quiet is not None and quiet.block:
        missed.append(f"without faults: {quiet.block} block findings, none are allowed")
    if quiet is not None and quiet.explain_per_50 > MOST_EXPLAIN_PER_50:
        missed.append(
            f"without faults: {quiet.explain_per_50:.2f} explain findings per 50 submissions, at most {MOST_EXPLAIN_PER_50:g} is allowed"
        )
    if quiet is not None and quiet.with_signs > quiet.most_with_signs:
        missed.append(
            f"without faults: signs in {quiet.with_signs} of {quiet.quarters} quarters, at most {quiet.most_with_signs} is allowed"
        )
    return missed


def pooled(provinces: Iterable[list[Score]]) -> list[Score]:
    """The scores of several provinces together, class by class, in the order in which classes come first."""
    total: dict[str, Score] = {}
    for province in provinces:
        for score in province:
            total[score.name] = total[score.name] + score if score.name in total else score
    return list(total.values())
