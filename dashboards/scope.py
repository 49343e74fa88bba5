"""What a page is about: the run, the period, and the Chinese names that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards.markup import Link
from pipelines.exports.labels import Labels
from pipelines.marts.published import PublishedRun


@dataclass(frozen=True)
class Scope:
    """One page view: everything on it comes from this run and, where it has a period, from this one.

    review: whether what only reviewers see (signs of form-filling) is shown.
    """

    run: PublishedRun
    labels: Labels
    period: str
    period_zh: str
    due_at: datetime
    is_due: bool
    review: bool = False

    def unit_link(
        self,
        text: str,
        unit: str,
        branch: str | None = None,
        indicator: str | None = None,
        *,
        period: str | None = None,
        trend: str | None = None,
        tab: str | None = None,
    ) -> Link:
        """A link to the profile of a unit, or of one of its branches, in this period or another.

        It opens at the cells behind `indicator`, at the course of `trend`, or at a tab by its name in the address (views/unit.py).
        """
        query = [("unit", unit), ("period", period or self.period)]
        wanted = (("branch", branch), ("indicator", indicator), ("trend", trend), ("tab", tab))
        query += [(name, value) for name, value in wanted if value]
        return Link(text, "unit", tuple(query))

    def trends_link(
        self,
        text: str,
        holder: Sequence[tuple[str, str]],
        indicator: str | None = None,
        grain: str | None = None,
    ) -> Link:
        """A link to the trends of a unit, a branch or a group; `holder` is its place in the address."""
        query = [*holder, ("period", self.period)]
        query += [("trend", indicator)] if indicator else []
        query += [("grain", grain)] if grain else []
        return Link(text, "trends", tuple(query))

    def compare_link(self, text: str, units: Sequence[str]) -> Link:
        """A link to these units side by side, in this period."""
        return Link(text, "compare", (("units", ",".join(units)), ("period", self.period)))

    def flags_link(self, text: str, **chosen: str) -> Link:
        """A link to this period's worklist of flags, narrowed by the names in its address (views/worklist.py)."""
        return Link(text, "flags", (("period", self.period), *chosen.items()))

    def reporting_link(self, text: str, **chosen: str) -> Link:
        """A link to how this period's reporting stands, narrowed by the names in its address (views/reporting.py)."""
        return Link(text, "reporting", (("period", self.period), *chosen.items()))

    def submit_link(self, text: str, unit: str, period: str | None = None) -> Link:
        """A link to where the unit fetches its form and hands it in: of this period or another."""
        report = period or self.period
        return Link(text, "submit", (("unit", unit), ("report", report), ("period", report)))

    def versions_link(
        self, text: str, unit: str, period: str | None = None, versions: tuple[int, int] | None = None
    ) -> Link:
        """A link to what a unit's versions say differently: in this period or another, the last two or these two."""
        query = [("unit", unit), ("period", period or self.period)]
        query += zip(("from", "to"), map(str, versions), strict=True) if versions else []
        return Link(text, "versions", tuple(query))

    def file_name(self, subject: str, suffix: str = "csv") -> str:
        """A name for a download: 三型_分地区_2025Q4.csv."""
        return f"三型_{subject}_{self.period}.{suffix}"
