"""One question over the whole province: each answer of a period held against what came before, and against the peers.

Pure: answers, groups and peers' medians come as arrays, judgements go out as arrays. Periods are judged in their order, because a
value that still has to be explained does not become history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.outliers.ranges import Centre, Limits, Range, around, centre, last_of
from pipelines.outliers.scale import Scale, on_scale
from pipelines.statistics.counts import BoolArray, FloatArray

IntArray = NDArray[np.int64]
# So many quarters (or half-years, where it is asked each half-year) back; older ones tell of another time.
HISTORY = 24
# A group of fewer has no median that would not be one unit's answer.
FEWEST_PEERS = 8
_AT_ONCE = 8192  # series: some 20 MiB, however large the province


class Answers(NamedTuple):
    """Usable answers to one question, in the order of the periods.

    holder, version: places in the caller's lists; period: place among the periods in which it is asked; month: 0, or 0 to 2;
    number: as answered; per: what it is divided by (1 where nothing); counts: of the version that counts; judged: of a version that
    is to be judged; asked: not to be judged, because another rule asks about the cell (it becomes history where its explanation
    counted); aside: neither judged nor history, because what it is divided by still has to be explained.
    """

    holder: IntArray
    version: IntArray
    period: IntArray
    month: IntArray
    number: FloatArray
    per: FloatArray
    counts: BoolArray
    judged: BoolArray
    asked: BoolArray
    aside: BoolArray

    def of(self, rows: slice | BoolArray) -> Answers:
        """These rows."""
        return Answers(
            self.holder[rows],
            self.version[rows],
            self.period[rows],
            self.month[rows],
            self.number[rows],
            self.per[rows],
            self.counts[rows],
            self.judged[rows],
            self.asked[rows],
            self.aside[rows],
        )


class Method(NamedTuple):
    """How a question is compared in a period; None where it is not compared so."""

    season: str
    own_history: Limits | None
    peers: Limits | None


@dataclass(frozen=True)
class Norms:
    """The peers' median on the scale, by group (the last row: all groups together) and column; NaN under FEWEST_PEERS answers."""

    medians: FloatArray
    counts: IntArray


class Judged(NamedTuple):
    """The answers of one period, and of each: in how far it could be judged, whether it is far, and what would not be.

    own_held, peers_held: there is something to judge; own, peers: judged; own_far, peers_far: found, at most one of them; still_open: of these, without an explanation that counts; own_range, peers_range: as in ranges.py.
    """

    answers: Answers
    own_held: BoolArray
    peers_held: BoolArray
    own: BoolArray
    peers: BoolArray
    own_far: BoolArray
    peers_far: BoolArray
    still_open: BoolArray
    own_range: Range
    peers_range: Range


@dataclass
class Question:
    """One question: `months` columns a period, `cycle` periods a year, and the peer group of each holder."""

    scale: Scale
    months: int
    cycle: int
    groups: IntArray
    answers: Answers
    norms: Norms

    def __post_init__(self) -> None:
        self._points = on_scale(self.answers.number / self.answers.per, self.scale)
        counts = self.answers.counts & ~self.answers.aside
        self._table = np.full((len(self.groups), self.norms.medians.shape[1]), np.nan)
        self._table[self.answers.holder[counts], self._columns(self.answers)[counts]] = self._points[counts]

    def _columns(self, answers: Answers) -> IntArray:
        return answers.period * self.months + answers.month

    def judge(
        self,
        periods: Sequence[int],
        method: Callable[[int], Method | None],
        explained: Callable[[Answers, BoolArray], BoolArray],
    ) -> Iterator[Judged]:
        """The answers of these periods, in their order. explained: which of the far ones have an explanation that counts."""
        for period in sorted(periods):
            rows = slice(*np.searchsorted(self.answers.period, [period, period + 1]))
            answers, points = self.answers.of(rows), self._points[rows]
            self._note_norms(period, answers, points)
            how = method(period)
            if how is None:
                continue
            judged = self._judged(period, answers, points, how)
            answers = judged.answers
            far = judged.own_far | judged.peers_far
            judged = judged._replace(still_open=far & ~explained(answers, far))
            unused = judged.still_open & answers.counts
            self._table[answers.holder[unused], self._columns(answers)[unused]] = np.nan
            yield judged

    def _note_norms(self, period: int, answers: Answers, points: FloatArray) -> None:
        """The medians of this period's groups, and of all together."""
        for month in range(self.months):
            chosen = answers.counts & (answers.month == month) & ~np.isnan(points)
            group, column = self.groups[answers.holder[chosen]], period * self.months + month
            for place in range(len(self.norms.medians)):
                last = place == len(self.norms.medians) - 1
                members = points[chosen] if last else points[chosen][group == place]
                self.norms.counts[place, column] = len(members)
                enough = len(members) >= FEWEST_PEERS
                self.norms.medians[place, column] = np.median(members) if enough else np.nan

    def _judged(self, period: int, answers: Answers, points: FloatArray, how: Method) -> Judged:
        peers_middle = self._peers(answers, points, how.peers) if how.peers is not None else None
        answers, points = answers.of(answers.judged), points[answers.judged]
        open_to_judgement = ~np.isnan(points) & ~answers.asked & ~answers.aside
        own_middle, last = self._own_history(period, answers, how)
        missing = Range(np.full(len(points), np.nan), np.full(len(points), np.nan))
        own_range = peers_range = missing
        own_far = peers_far = np.zeros(len(points), dtype=np.bool_)
        if how.own_history is not None:
            own_range = around(own_middle, answers.per, self.scale, how.own_history)
            own_far = self._is_far(answers, own_range, last, how.own_history)
        if how.peers is not None and peers_middle is not None:
            peers_range = around(peers_middle, answers.per, self.scale, how.peers)
            peers_far = self._is_far(answers, peers_range, last, how.peers)
        own = ~np.isnan(own_range.low) & open_to_judgement
        peers = ~np.isnan(peers_range.low) & open_to_judgement
        # Own history knows the unit better: where it can judge, it decides alone.
        return Judged(
            answers,
            open_to_judgement & (how.own_history is not None),
            open_to_judgement & (how.peers is not None),
            own,
            peers,
            own_far & own,
            peers_far & peers & ~own,
            np.zeros(len(points), dtype=np.bool_),
            own_range,
            peers_range,
        )

    def _is_far(self, answers: Answers, within: Range, last: FloatArray, limits: Limits) -> BoolArray:
        """Outside the range, and away from the last time: a level that was explained once is not asked about again."""
        before = around(Centre(last, last, last), answers.per, self.scale, limits)
        return within.excludes(answers.number) & ~(~np.isnan(last) & ~before.excludes(answers.number))

    def _own_history(self, period: int, answers: Answers, how: Method) -> tuple[Centre, FloatArray]:
        """Of each answer: the middle of its holder's earlier points, and the last of them, both in this period's season."""
        limits = how.own_history
        start = period * self.months
        back = self.cycle if how.season == "same_quarter" else 1
        places = [
            start - i * back * self.months + j for i in range(HISTORY, 0, -1) for j in range(self.months)
        ]
        columns = np.array([place for place in places if place >= 0], dtype=np.int64)
        padding = len(places) - len(columns)
        centres = np.full((3, len(self.groups), self.months), np.nan)
        lasts = np.full((len(self.groups), self.months), np.nan)
        holders = np.unique(answers.holder)
        for some in np.split(holders, range(_AT_ONCE, len(holders), _AT_ONCE)):
            past = self._table[np.ix_(some, columns)]
            season, now = self._season(period, some, columns, how)
            past = np.pad(past - season, ((0, 0), (padding, 0)), constant_values=np.nan)
            lasts[some] = last_of(past)[:, None] + now
            if limits is not None:
                middle = centre(past, limits)
                for row, values in enumerate(middle):
                    centres[row, some] = values[:, None] + now
        at = (answers.holder, answers.month)
        return Centre(*(values[at] for values in centres)), lasts[at]

    def _season(
        self, period: int, holders: IntArray, columns: IntArray, how: Method
    ) -> tuple[FloatArray, FloatArray]:
        """What the season makes of these columns, and of this period's months, for these holders.

        By the peers' medians; where a group is too small this time and was a year ago, by those of all groups together.
        """
        now = np.arange(period * self.months, (period + 1) * self.months)
        if how.season != "peers":
            return np.zeros((len(holders), len(columns))), np.zeros((len(holders), len(now)))
        medians = self.norms.medians
        a_year_ago = now - self.cycle * self.months
        earlier = medians[:, a_year_ago] if a_year_ago[0] >= 0 else np.full((len(medians), len(now)), np.nan)
        expected = np.where(np.isnan(medians[:, now]), earlier, medians[:, now])
        group = self.groups[holders]
        row = np.where(np.isnan(expected[group]).any(axis=1), len(medians) - 1, group)
        return medians[np.ix_(row, columns)], expected[row]

    def _peers(self, answers: Answers, points: FloatArray, limits: Limits) -> Centre:
        """Of each answer that is judged: the middle of its peer group's answers to the same period and month that count."""
        found = np.full((3, len(points)), np.nan)
        group = self.groups[answers.holder]
        enough = limits._replace(points=max(limits.points, FEWEST_PEERS))
        for place in range(len(self.norms.medians) - 1):
            for month in range(self.months):
                members = (group == place) & (answers.month == month)
                known = np.sort(points[members & answers.counts & ~np.isnan(points)])
                if len(known):
                    found[:, members] = np.array(centre(known, enough))[:, None]
        return Centre(*found[:, answers.judged])
