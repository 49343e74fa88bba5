"""Whether more of the pairs that differ differ one way than chance would have it (the exact sign test)."""

from __future__ import annotations

from fractions import Fraction


def sign_test(up: int, down: int) -> Fraction:
    """The two-sided chance, were either way as likely, of pairs that differ as unequally as these; 1 where none does.

    Exact, so that it can be held against a level without rounding. Pairs that do not differ say nothing and are left out. ValueError for a
    negative count. Source: Dixon and Mood (1946), JASA 41; of pairs of yes and no it is McNemar's exact test.
    """
    if min(up, down) < 0:
        raise ValueError("a count is not negative")
    pairs, term, tail = up + down, 1, 0
    for count in range(min(up, down) + 1):
        tail += term
        term = term * (pairs - count) // (count + 1)
    return min(Fraction(1), Fraction(2 * tail, 2**pairs))
