"""Checks of signs.yaml against questions, indicators and rules: a sign that could never be tested is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from expectations.models.indicator import Indicator
from expectations.models.question import Question
from expectations.models.rule import Rule
from expectations.models.signs import DigitTest, Signs
from expectations.source import CatalogueError, Entry


def check_signs(
    entry: Entry,
    signs: Signs,
    questions: Sequence[Question],
    indicators: Sequence[Indicator],
    rules: Sequence[Rule],
) -> None:
    """Raise CatalogueError with every sign whose indicator, question or rule does not suit it."""
    asked = {question.code: question for question in questions}
    known = {indicator.indicator: indicator for indicator in indicators}
    history = {rule.rule for rule in rules if rule.check == "history"}
    faults = [
        *(("bunching", reason) for test in signs.bunching.tests for reason in _bunching(test.indicator, test.over, known, asked)),
        *(("too_constant", reason) for test in signs.too_constant.tests for reason in _constancy(test.indicator, known, asked)),
        *(("copied_rows", reason) for code in signs.copied_rows.questions for reason in _copied(code, asked)),
        *(("copied_rows", f"«{rule}» is no rule about other submissions") for rule in signs.copied_rows.already_asked if rule not in history),
        *(("digit_preference", reason) for test in signs.digit_preference.tests for reason in _digits(test, known, asked)),
        *(("bunching", reason) for reason in _twice((_counts(t.indicator, known), t.over) for t in signs.bunching.tests)),
        *(("too_constant", reason) for reason in _twice((_counts(t.indicator, known), "branch") for t in signs.too_constant.tests)),
        *(("digit_preference", reason) for reason in _twice((t.question or _counts(t.indicator or "", known), "unit") for t in signs.digit_preference.tests)),
    ]  # fmt: skip
    if faults:
        raise CatalogueError((entry.at(key), key, reason) for key, reason in faults)


def _counts(name: str, known: Mapping[str, Indicator]) -> str:
    """The question that a test of this indicator is about: what it counts."""
    indicator = known.get(name)
    return indicator.numerator.sum[0] if indicator and indicator.numerator.sum else name


def _twice(tests: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A sign is known by its kind, test, scope, period and question: two tests of one question over one scope could not be told apart."""
    for (question, scope), times in Counter(tests).items():
        if times > 1:
            yield f"{times} tests are about «{question}» of the same {scope}: a sign must be of one test"


def _bunching(
    name: str, over: str, known: Mapping[str, Indicator], asked: Mapping[str, Question]
) -> Iterator[str]:
    yield from _share(name, known, asked)
    if (indicator := known.get(name)) is None:
        return
    if indicator.grain != ("branch" if over == "unit" else "unit"):
        yield f"«{name}» has no figures of {'branches' if over == 'unit' else 'units'} to lie beside its standard"
    if not indicator.standards or any(s.compare != "at_least" or s.value >= 1 for s in indicator.standards):
        yield f"«{name}» has no standard of «at least», under 1, that figures could lie on both sides of"


def _constancy(name: str, known: Mapping[str, Indicator], asked: Mapping[str, Question]) -> Iterator[str]:
    yield from _share(name, known, asked)
    if name in known and not all(asked[code].monthly for code in known[name].questions if code in asked):
        yield f"«{name}» is not asked by month"


def _share(name: str, known: Mapping[str, Indicator], asked: Mapping[str, Question]) -> Iterator[str]:
    indicator = known.get(name)
    if indicator is None:
        yield f"the indicator «{name}» is not declared"
    elif (
        len(indicator.numerator.sum) != 1
        or len(indicator.denominator.sum) != 1
        or len(indicator.questions) != 2
        or any(asked[code].type != "count" for code in indicator.questions if code in asked)
    ):
        yield f"«{name}» is not one count over another"


def _copied(code: str, asked: Mapping[str, Question]) -> Iterator[str]:
    question = asked.get(code)
    if question is None:
        yield f"the question «{code}» is not declared"
    elif not (
        question.is_for_branch
        and question.is_number
        and question.nature == "flow"
        and question.asked == "quarterly"
    ):
        yield f"«{code}» is no number that every quarter's ledger counts anew"


def _digits(test: DigitTest, known: Mapping[str, Indicator], asked: Mapping[str, Question]) -> Iterator[str]:
    if test.indicator is not None:
        yield from _share(test.indicator, known, asked)
        if test.indicator in known and known[test.indicator].grain != "branch":
            yield f"«{test.indicator}» has no figures of branches"
        return
    question = asked.get(test.question or "")
    if question is None:
        yield f"the question «{test.question}» is not declared"
    elif not (question.is_for_branch and question.is_number and not question.monthly):
        yield f"«{test.question}» is no number of a branch's ledger, or one for each month"
