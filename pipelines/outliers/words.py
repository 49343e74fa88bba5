"""What a clerk reads of a far number: the range that would not be far, in the question's own unit."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from expectations.models.question import Question
from expectations.wording import plain, quoted

_COARSE = 10  # from a range this wide on, digits behind the point say nothing


def expected_zh(low: float, high: float, question: Question, per: Question | None, season: str | None) -> str:
    """«按同类支部同期的情况，一般在84至260人学时之间»: rounded inwards, so that the number found is never inside.

    per: what the comparison divides by; season: what an own history is freed of (`OutlierSeries`), None where it is the peers'.
    """
    decimals = 0 if question.type == "count" or high - low >= _COARSE else question.decimals
    step = Decimal(1).scaleb(-decimals)
    least = Decimal(repr(max(low, float(question.min or 0)))).quantize(step, ROUND_CEILING)
    most = Decimal(repr(min(high, float(question.max or high)))).quantize(step, ROUND_FLOOR)
    level = "支部" if question.is_for_branch else "单位"
    own = f"本{level}以往{'同季度' if season == 'same_quarter' else '各期'}"
    whose = f"同类{level}同期" if season is None else own
    scaled = f"并以本期{quoted(per.label_zh)}折算，" if per is not None else ""
    return f"按{whose}的情况，{scaled}一般在{plain(least)}至{plain(max(least, most))}{question.unit}之间"
