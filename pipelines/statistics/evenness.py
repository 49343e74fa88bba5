"""How likely counts as even as these are, if whoever was counted had been spread by chance: the exact probability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import comb, lcm

_STEPS = 256  # of the observed unevenness, where sizes differ


def exact_evenness(k: Sequence[int], n: Sequence[int]) -> float:
    """P(chi2 <= observed) for k_i of n_i, given their sum: 1.0 where nothing can vary. All are whole, 0 <= k_i <= n_i.

    Every table with the same sums counts with its multivariate hypergeometric weight; what can no longer come out as even as
    observed is dropped on the way. Exact where the n_i are equal; where they differ, unevenness is rounded down to 1/256 of
    the observed at each step, which makes p larger, never smaller. Meant for observations that are even: time grows with
    unevenness. Source: Fisher 1950, Biometrics 6:17-24, on the exact treatment of the dispersion test.
    """
    pairs = sorted((size, of) for size, of in zip(n, k, strict=True) if size)
    total, people = sum(of for _, of in pairs), sum(size for size, _ in pairs)
    scale = lcm(*(size for size, _ in pairs))
    # unevenness is the sum of k^2 / n, in whole numbers of 1 / scale; its least value is total^2 / people
    observed = sum(scale // size * of * of for size, of in pairs)
    equal = len({size for size, _ in pairs}) <= 1
    step = 1 if equal else max(1, (observed - scale * total * total // people) // _STEPS)
    states = {(total, 0): 1}  # (left to place, unevenness so far): weight
    rest = people
    for size, _ in pairs:
        rest -= size
        following: dict[tuple[int, int], int] = defaultdict(int)
        for (missing, uneven), weight in states.items():
            for here in _most_even_first(missing, size, rest):
                with_this = uneven + scale // size * here * here
                # even if the rest were spread at its most even
                if with_this * rest + scale * (missing - here) ** 2 > observed * rest:
                    break
                following[missing - here, with_this // step * step] += weight * comb(size, here)
        states = following
    return sum(states.values()) / comb(people, total)


def _most_even_first(missing: int, size: int, rest: int) -> Iterator[int]:
    """What one of this size may take of those missing while the rest can hold what is left: the proportional share, then away."""
    low, high = max(0, missing - rest), min(size, missing)
    ideal = missing * size / (size + rest)
    yield from sorted(range(low, high + 1), key=lambda here: abs(here - ideal))
