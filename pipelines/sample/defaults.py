"""How a question is answered that model.yaml does not name: by its type, its bounds, and the rules that tie it to others."""

from __future__ import annotations

from expectations import Catalogue
from expectations.models.question import Question
from expectations.models.rule import CompareRule
from expectations.models.term import AnswerTerm
from pipelines.sample import model as kinds

_SHARE_OF_ANOTHER = 0.94
# An ordinary answer lies near the lower end of wide bounds: a twentieth of the way, but at most this far.
_USUAL_SHARE, _USUAL_MOST = 0.05, 20.0


def draw_of(catalogue: Catalogue, model: kinds.Model, question: Question) -> kinds.Draw:
    """The declared draw, or the one that follows from the question."""
    declared = model.questions.get(question.code)
    if declared is not None and set(_questions_of(declared)) <= set(catalogue.question):
        return declared
    if question.type == "text":
        return kinds.TextDraw(kind="text", pattern="示例{number}")
    if question.choices:
        return kinds.MostlyDraw(kind="mostly")
    return _tied(catalogue, question) or _free(question)


def _questions_of(draw: kinds.Draw) -> tuple[str, ...]:
    """The questions that a draw refers to."""
    if isinstance(draw, kinds.AmountDraw):
        return draw.per
    if isinstance(draw, kinds.ReachedDraw):
        return (draw.of, draw.amount)
    of = getattr(draw, "of", ())
    return of if isinstance(of, tuple) else (of,)


def _tied(catalogue: Catalogue, question: Question) -> kinds.Draw | None:
    """By the first comparison that has the question alone on its left and one earlier question on its right."""
    order = {other.code: place for place, other in enumerate(catalogue.questions)}
    for rule in catalogue.rules:
        if not isinstance(rule, CompareRule) or rule.left != (AnswerTerm(answer=question.code),):
            continue
        other = rule.right[0]
        if (
            len(rule.right) != 1
            or not isinstance(other, AnswerTerm)
            or order[other.answer] > order[question.code]
        ):
            continue
        if rule.compare == "at_least":
            return kinds.BeyondDraw(kind="beyond", of=other.answer)
        share = _SHARE_OF_ANOTHER if rule.compare == "at_most" else 1.0
        return kinds.ShareDraw(kind="share", of=other.answer, share=share)
    return None


def _free(question: Question) -> kinds.Draw:
    """By bounds and nature alone."""
    if question.min is None or question.max is None:
        raise ValueError("a number has bounds; Question sees to it")
    least, span = float(question.min), float(question.max - question.min)
    usual = least + min(max(_USUAL_SHARE * span, min(1.0, span / 2)), _USUAL_MOST)
    if question.nature == "stock":
        return kinds.StockDraw(kind="stock", mean=usual, least=least)
    if question.type == "decimal":
        return kinds.AmountDraw(kind="amount", mean=usual, spread=0.2)
    return kinds.VolumeDraw(kind="volume", mean=usual, least=least, effect=0.1)
