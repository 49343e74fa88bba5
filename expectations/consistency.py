"""Checks between the files of the catalogue: codes are unique, references exist, nothing is unused, no clause is unanswered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from expectations.models.base import DatedEntry
from expectations.models.calendar import Calendar
from expectations.models.flags import FlagRules
from expectations.models.indicator import Indicator
from expectations.models.outliers import OutlierSeries
from expectations.models.policy import City, Clause, Fulfilment, Kinds
from expectations.models.quality import QualityFormula
from expectations.models.question import Question
from expectations.models.rule import (
    GENERAL_CHECKS,
    OUTLIER_RULES,
    READER_RULES,
    CompareRule,
    RequiredRule,
    Rule,
    UniqueRule,
)
from expectations.models.selection import Selection
from expectations.models.term import AnswerTerm, BranchesTerm, LastTerm, LedgerTerm
from expectations.period import Period
from expectations.source import CatalogueError, Entry, Place

T = TypeVar("T")
Dated = TypeVar("Dated", bound=DatedEntry)
Placed = Sequence[tuple[Entry, T]]
Fault = tuple[Place, str, str]


def check_consistency(
    clauses: Placed[Clause],
    fulfilments: Placed[Fulfilment],
    kinds: Kinds,
    cities: Placed[City],
    questions: Placed[Question],
    indicators: Placed[Indicator],
    rules: Placed[Rule],
    calendar: Calendar,
) -> None:
    """Raise CatalogueError with every fault that only shows between entries."""
    faults = [
        *_repeated(clauses, "id", lambda clause: clause.id),
        *_repeated(cities, "code", lambda city: city.code),
        *_repeated(questions, "code", lambda question: question.code),
        *_repeated(questions, "name", lambda question: question.name),
        *_repeated(indicators, "indicator", lambda indicator: indicator.indicator),
        *_repeated(rules, "rule", lambda rule: rule.rule),
        *_repeated_labels(rules),
        *_clause_references(clauses, kinds, questions, indicators, rules, fulfilments),
        *_question_references(questions, indicators),
        *_rule_references(questions, rules, calendar),
        *_last_year_references(questions),
        *_unused_questions(questions, indicators, rules),
        *_unanswered_clauses(clauses, fulfilments, indicators),
    ]
    if faults:
        raise CatalogueError(faults)


def check_peer_groups(entry: Entry, selection: Selection) -> None:
    """Raise CatalogueError unless every kind has its size bands, once."""
    kinds = sorted(group.kind for group in selection.peer_groups)
    if kinds != ["branch", "city", "school", "university"]:
        reason = "must name city, university, school and branch, once each"
        raise CatalogueError([(entry.at("peer_groups"), "peer_groups", reason)])


def check_formulas(file: Path, formulas: Placed[QualityFormula], calendar: Calendar) -> None:
    """Raise CatalogueError unless every period of the calendar is graded by one formula of the file, and all call a grade by one name."""
    _one_a_period(file, formulas, calendar, "a formula", "be graded by one formula")
    if faults := list(_renamed(formulas)):
        raise CatalogueError(faults)


def check_flag_rules(
    file: Path, rules: Placed[FlagRules], clauses: Placed[Clause], calendar: Calendar
) -> None:
    """Raise CatalogueError unless every period of the calendar has one entry of the file, and its clauses are known."""
    _one_a_period(file, rules, calendar, "an entry", "have one entry of rules")
    known = {clause.id for _, clause in clauses}
    faults: list[Fault] = [
        (entry.at(f"{kind}.clause"), f"{kind}.clause", f"there is no clause {named.clause}")
        for entry, entered in rules
        for kind, named in (
            ("reporting", entered.reporting),
            ("quality", entered.quality),
            ("pattern", entered.pattern),
        )
        if named.clause not in known
    ]
    if faults:
        raise CatalogueError(faults)


def _one_a_period(file: Path, entries: Placed[Dated], calendar: Calendar, what: str, must: str) -> None:
    if not entries:
        raise CatalogueError([(Place(file, 1), file.name, f"there must be {what}")])
    for period in calendar.periods:
        holding = [entry for entry, dated in entries if dated.holds_in(period)]
        if len(holding) != 1:
            entry = (holding or [entries[-1][0]])[-1]
            reason = f"{period} must {must}, not {len(holding)}"
            raise CatalogueError([(entry.at("effective_from"), "effective_from", reason)])


def _renamed(formulas: Placed[QualityFormula]) -> Iterator[Fault]:
    """Grades and parts that a later formula calls otherwise: quarters of both stand in one table, and a code has one name there."""
    named: dict[tuple[str, str], tuple[str, Place]] = {}
    for entry, formula in formulas:
        words = [
            *(("grades", number, grade.grade, grade.label_zh) for number, grade in enumerate(formula.grades)),
            *(("parts", number, part.part, part.label_zh) for number, part in enumerate(formula.parts)),
        ]
        for kind, number, code, label in words:
            key = f"{kind}.{number}.label_zh"
            known, place = named.setdefault((kind, code), (label, entry.at(key)))
            if label != known:
                advice = "give the new grade a letter of its own" if kind == "grades" else "keep its name"
                yield entry.at(key), key, f"«{code}» is «{known}» at {place}: {advice}"


def check_rule_set(folder: Path, rules: Placed[Rule]) -> None:
    """Raise CatalogueError unless everything that the program can find has its rule, and no rule waits in vain for the reader."""
    declared = {rule.rule: entry for entry, rule in rules if rule.check == "reading"}
    general, reading = Place(folder / "basic.yaml", 1), Place(folder / "reading.yaml", 1)
    faults: list[Fault] = []
    for check in GENERAL_CHECKS:
        if (count := sum(rule.check == check for _, rule in rules)) != 1:
            faults.append((general, "check", f"there must be one rule of check «{check}», not {count}"))
    for name in sorted(READER_RULES - set(declared)):
        faults.append((reading, "rule", f"the reader's rule «{name}» is not declared"))
    for name in sorted(set(declared) - READER_RULES):
        faults.append((declared[name].at("rule"), "rule", f"«{name}» is nothing that the reader finds"))
    outliers = {rule.rule: entry for entry, rule in rules if rule.check == "outlier"}
    for name in sorted(OUTLIER_RULES - set(outliers)):
        faults.append((Place(folder / "history.yaml", 1), "rule", f"the rule «{name}» is not declared"))
    for name in sorted(set(outliers) - OUTLIER_RULES):
        faults.append(
            (outliers[name].at("rule"), "rule", f"«{name}» is nothing that the search for outliers finds")
        )
    if faults:
        raise CatalogueError(faults)


def check_outliers(outliers: Placed[OutlierSeries], questions: Placed[Question]) -> None:
    """Raise CatalogueError unless each entry is about numbers that can be compared, and no two of a question hold at once."""
    known = {question.code: question for _, question in questions}
    faults = [fault for entry, series in outliers for fault in _outlier_references(entry, series, known)]
    earlier: dict[str, list[OutlierSeries]] = {}
    for entry, series in outliers:
        for other in earlier.get(series.question, ()):
            if (series.per, series.scale) != (other.per, other.scale):
                faults.append(
                    (
                        entry.at("scale"),
                        "scale",
                        f"«{series.question}» has another entry with another per or scale",
                    )
                )
            if series.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
                series.effective_to or date.max
            ):
                faults.append(
                    (
                        entry.at("question"),
                        "question",
                        f"another entry of «{series.question}» holds at the same time",
                    )
                )
        earlier.setdefault(series.question, []).append(series)
    divisor = {series.question: series.per for _, series in outliers}
    for entry, series in outliers:
        seen, at = {series.question}, series.per
        while at is not None and at not in seen:
            seen.add(at)
            at = divisor.get(at)
        if at == series.question:
            faults.append(
                (entry.at("per"), "per", f"«{series.question}» is divided by itself, round by «{series.per}»")
            )
    if faults:
        raise CatalogueError(faults)


def _outlier_references(entry: Entry, series: OutlierSeries, known: dict[str, Question]) -> Iterator[Fault]:
    for key, code in (("question", series.question), ("per", series.per)):
        if code is None:
            continue
        if code not in known:
            yield entry.at(key), key, f"no question «{code}»"
        elif not known[code].is_number:
            yield entry.at(key), key, f"«{code}» is no number"
    question, per = known.get(series.question), known.get(series.per or "")
    if question is None or per is None:
        return
    if question.is_for_branch and not per.is_for_branch:
        yield (
            entry.at("per"),
            "per",
            f"«{per.code}» is asked of the unit, and «{question.code}» of its branches",
        )
    if per.monthly and not question.monthly:
        yield entry.at("per"), "per", f"«{per.code}» is asked by month, and «{question.code}» is not"
    if per.asked not in ("quarterly", question.asked):
        yield entry.at("per"), "per", f"«{per.code}» is not asked each time that «{question.code}» is"


def _repeated(entries: Placed[T], key: str, name: Callable[[T], str]) -> Iterator[Fault]:
    seen: dict[str, Place] = {}
    for entry, value in entries:
        if name(value) in seen:
            yield entry.at(key), key, f"«{name(value)}» stands already at {seen[name(value)]}"
        else:
            seen[name(value)] = entry.at(key)


def _repeated_labels(rules: Placed[Rule]) -> Iterator[Fault]:
    """Labels that another rule has, in whatever version: pages and lists tell rules apart by nothing else."""
    seen: dict[str, tuple[str, Place]] = {}
    for entry, rule in rules:
        for number, version in enumerate(rule.versions):
            key = f"changes.{number - 1}.label_zh" if number else "label_zh"
            owner, place = seen.setdefault(version.label_zh, (rule.rule, entry.at(key)))
            if owner != rule.rule:
                yield entry.at(key), key, f"the rule «{owner}» has the same label at {place}"
                break


def _clause_references(
    clauses: Placed[Clause],
    kinds: Kinds,
    questions: Placed[Question],
    indicators: Placed[Indicator],
    rules: Placed[Rule],
    fulfilments: Placed[Fulfilment],
) -> Iterator[Fault]:
    known = {clause.id for _, clause in clauses}
    letters = {dimension.letter for dimension in kinds.dimensions}
    for entry, clause in clauses:
        if clause.id[:1] not in letters:
            yield entry.at("id"), "id", f"clause «{clause.id}» belongs to no dimension of kinds.yaml"
    citing: list[tuple[Entry, str | None]] = [
        *((entry, value.clause) for entry, value in questions),
        *((entry, value.clause) for entry, value in indicators),
        *((entry, value.clause) for entry, value in rules),
        *((entry, value.clause) for entry, value in fulfilments),
    ]
    for entry, cited in citing:
        if cited is not None and cited not in known:
            yield entry.at("clause"), "clause", f"no clause «{cited}» in policy/clauses.yaml"


def _question_references(questions: Placed[Question], indicators: Placed[Indicator]) -> Iterator[Fault]:
    known = {question.code: question for _, question in questions}
    for entry, indicator in indicators:
        for side in ("numerator", "denominator"):
            for operation, code in getattr(indicator, side).terms():
                if code not in known:
                    yield entry.at(side), f"{side}.{operation}", f"no question «{code}»"
                elif indicator.grain == "branch" and not known[code].is_for_branch:
                    yield (
                        entry.at(side),
                        f"{side}.{operation}",
                        f"grain is branch, but «{code}» is asked of units",
                    )
                elif operation in ("sum", "minus") and not known[code].is_number:
                    yield (
                        entry.at(side),
                        f"{side}.{operation}",
                        f"«{code}» is no number; use in_place or asked",
                    )
                elif operation == "in_place" and known[code].type == "text":
                    yield entry.at(side), f"{side}.{operation}", f"«{code}» is a text and cannot be counted"


def _last_year_references(questions: Placed[Question]) -> Iterator[Fault]:
    known = {question.code: question for _, question in questions}
    for entry, question in questions:
        source = question.last_year_of
        if source is None:
            continue
        if source not in known:
            yield entry.at("last_year_of"), "last_year_of", f"no question «{source}»"
        elif (known[source].asked, known[source].is_for_branch, known[source].type) != (
            "yearly",
            False,
            question.type,
        ):
            reason = f"«{source}» is not asked once a year on the own form, as {question.type}"
            yield entry.at("last_year_of"), "last_year_of", reason


def _rule_references(questions: Placed[Question], rules: Placed[Rule], calendar: Calendar) -> Iterator[Fault]:
    known = {question.code: question for _, question in questions}
    for entry, rule in rules:
        unknown = [code for code in rule.questions if code not in known]
        for code in unknown:
            yield entry.place, rule.check, f"no question «{code}»"
        if unknown:
            continue
        if isinstance(rule, CompareRule):
            yield from _comparison_faults(entry, rule, known)
            ledger = [term.ledger for term in rule.terms if isinstance(term, LedgerTerm)]
            if not _ever_together([known[code] for code in rule.here], [known[c] for c in ledger], calendar):
                yield entry.place, rule.check, "its questions never stand on one form in one quarter"
        elif isinstance(rule, RequiredRule):
            asked, when = known[rule.question], known[rule.when]
            if asked.is_for_branch != when.is_for_branch:
                yield entry.place, rule.check, "the questions of one rule must stand on one form"
            if asked.monthly != when.monthly:
                yield (
                    entry.place,
                    rule.check,
                    "monthly and quarterly questions cannot be compared in one rule",
                )
            if asked.is_for_branch == when.is_for_branch and not _ever_together([asked, when], [], calendar):
                yield entry.place, rule.check, "its questions never stand on one form in one quarter"
            if rule.equals not in {option.code for option in when.choices}:
                yield entry.at("equals"), "equals", f"«{rule.equals}» is no answer to «{rule.when}»"
        elif isinstance(rule, UniqueRule) and known[rule.question].type != "text":
            yield entry.at("question"), "question", f"«{rule.question}» is no text"


def _ever_together(here: Sequence[Question], beside: Sequence[Question], calendar: Calendar) -> bool:
    """Whether some respondent is ever asked all the questions at once; `beside`: of the ledger, while the others are asked."""
    if len({question.is_for_branch for question in here}) > 1:
        return True  # told already: they stand on two forms

    def are_asked(period: Period) -> bool:
        return all(q.holds_in(period) and period.quarter in calendar.asked[q.asked] for q in (*here, *beside))

    return any(map(are_asked, calendar.periods)) and bool(
        set.intersection(*(_respondents(question) for question in here))
    )


def _respondents(question: Question) -> set[tuple[str, str | None]]:
    """Kinds of unit, and for the ledger the categories of their branches."""
    if question.is_for_branch:
        return {(kind, branch) for kind in question.unit_kinds for branch in question.branch_categories}
    return {(kind, None) for kind in question.who}


def _comparison_faults(entry: Entry, rule: CompareRule, known: dict[str, Question]) -> Iterator[Fault]:
    own = known[rule.cell]
    for side, terms in (("left", rule.left), ("right", rule.right)):
        for number, term in enumerate(terms):
            key = f"{side}.{number}"
            if isinstance(term, LedgerTerm):
                if own.is_for_branch or not known[term.ledger].is_for_branch:
                    yield entry.at(key), key, "the sum of a ledger's column is compared on the own form"
            elif any(known[code].is_for_branch != own.is_for_branch for code in term.questions):
                yield entry.at(key), rule.check, "the questions of one rule must stand on one form"
            if isinstance(term, LastTerm):
                # What is in place is 1, what is not is 0: a state may be held against what it was.
                if known[term.last].type == "text":
                    yield entry.at(key), rule.check, "only numbers can be compared"
            elif not rule.asks_history and not all(known[code].is_number for code in term.questions):
                yield entry.at(key), rule.check, "only numbers can be compared"
    if any(known[code].type == "text" for code in rule.here):
        yield entry.place, rule.check, "only numbers can be compared"
    if len({known[code].monthly for code in rule.questions}) > 1:
        yield entry.place, rule.check, "monthly and quarterly questions cannot be compared in one rule"
    elif own.monthly and not all(isinstance(term, AnswerTerm) for term in rule.terms):
        yield entry.place, rule.check, "a month is compared with answers of the same month alone"
    if own.is_for_branch and any(isinstance(term, BranchesTerm) for term in rule.terms):
        yield entry.place, rule.check, "branches are counted for the own form"


def _unused_questions(
    questions: Placed[Question], indicators: Placed[Indicator], rules: Placed[Rule]
) -> Iterator[Fault]:
    used = {code for _, indicator in indicators for code in indicator.questions}
    used |= {code for _, rule in rules for code in rule.questions}
    for entry, question in questions:
        if question.code not in used:
            yield entry.at("code"), "code", f"«{question.code}» feeds no indicator and no rule: do not ask it"


def _unanswered_clauses(
    clauses: Placed[Clause], fulfilments: Placed[Fulfilment], indicators: Placed[Indicator]
) -> Iterator[Fault]:
    measured = {indicator.clause for _, indicator in indicators}
    fulfilled = {fulfilment.clause for _, fulfilment in fulfilments}
    for entry, clause in clauses:
        if clause.kind == "process" and clause.id not in fulfilled:
            yield (
                entry.at("id"),
                "id",
                f"process clause «{clause.id}» is fulfilled by no part in policy/fulfilment.yaml",
            )
        if clause.kind != "process" and clause.id not in measured:
            yield entry.at("id"), "id", f"clause «{clause.id}» has no indicator"
