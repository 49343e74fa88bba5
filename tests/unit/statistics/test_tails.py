"""The tail of independent trials that differ: the binomial's where they do not, and the same by halves as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from pipelines.statistics.tails import at_least


@pytest.mark.parametrize("trials", [0, 1, 7, 256, 257, 3000])
def test_equal_chances_are_the_binomial(trials: int) -> None:
    tail = at_least(np.full(trials, 0.3))
    assert tail == pytest.approx(binom.sf(np.arange(trials + 1) - 1, trials, 0.3), abs=1e-12)


def test_two_trials_by_hand() -> None:
    assert at_least([0.5, 0.2]) == pytest.approx([1.0, 0.6, 0.1])
    assert at_least([1.0, 1.0, 0.0]).tolist() == [1.0, 1.0, 1.0, 0.0]


def test_a_chance_lies_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        at_least([0.5, 1.2])
