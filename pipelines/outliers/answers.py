"""What the warehouse holds of a question, as arrays: all that counts or is judged, up to the last period judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from expectations import Catalogue, Period
from expectations.models.question import Question
from pipelines.outliers.question import Answers, IntArray
from pipelines.registry.model import Registry
from pipelines.warehouse import Warehouse

_VERSIONS = """
select f.submission_id, f.period, f.submission_id in (select submission_id from counting) as counts,
       f.submission_id in (from judged) as judged
from files f
where not f.refused and f.period <= ? and (counts or judged)
order by f.period, f.unit_code, f.received_at, f.submission_id
"""
# A cell that another rule asks about is not asked about twice.
_ANSWERS = """
with asked as (
    select distinct g.submission_id, g.branch_code, g.month
    from findings_found g
    where g.question = $1 and g.severity in ('block', 'explain')
),
divisors as (
    select submission_id, branch_code, month, number from usable_numbers where question = $2 and not $3
    union all
    -- of the whole ledger, where none of its rows lacks a number that can be used
    select a.submission_id, null, null, sum(u.number)
    from answers_read a
    left join usable_numbers u on u.submission_id = a.submission_id and u.question = a.question and u.branch_code = a.branch_code
    where a.question = $2 and $3
    group by a.submission_id
    having count(*) = count(u.number)
)
select h.place as holder, v.version, p.place as period, coalesce((a.month - 1) % 3, 0) as month, a.number, coalesce(d.number, 1) as per,
       v.counts, v.judged, q.submission_id is not null as aside
from usable_numbers a
join outlier_versions v using (submission_id)
join outlier_periods p on p.period = v.period
join outlier_holders h on h.holder = a.holder
left join divisors d
  on d.submission_id = a.submission_id and d.branch_code is not distinct from a.branch_code and (d.month is null or d.month = a.month) and d.number > 0
left join asked q
  on q.submission_id = a.submission_id and q.branch_code is not distinct from a.branch_code and q.month is not distinct from a.month
where a.question = $1 and ($2 is null or d.number is not null)
order by p.place, 4, h.place, v.version
"""


@dataclass(frozen=True)
class Axes:
    """What the arrays' places mean.

    holders: codes of units and branches; units: the place of each holder's unit; peer_groups, groups: the groups, and the place of
    each holder's own; submissions: the versions that count or are judged.
    """

    holders: list[str]
    units: IntArray
    peer_groups: list[str]
    groups: IntArray
    submissions: list[str]


@dataclass(frozen=True)
class Calendar:
    """asked: the periods in which a question is asked, up to the last that is judged; months: of each; a_year: periods a year."""

    asked: list[Period]
    months: int
    a_year: int


def calendar_of(question: Question, catalogue: Catalogue, last: Period) -> Calendar:
    """From the calendar's first period on, whatever has been reported: a place means the same in every run."""
    quarters = catalogue.calendar.asked[question.asked]
    periods = catalogue.calendar.first_period.to(last)
    asked = [period for period in periods if period.quarter in quarters]
    return Calendar(asked, 3 if question.monthly else 1, len(quarters))


def axes(warehouse: Warehouse, registry: Registry, last: Sequence[Period]) -> Axes:
    """Units, branches and versions in the order of their codes. Leaves their places behind as temporary tables."""
    entries = sorted(registry.entries, key=lambda entry: entry.unit_code)
    place = {entry.unit_code: index for index, entry in enumerate(entries)}
    known = dict(warehouse.run("dim_unit", "select unit_code, peer_group from dim_unit"))
    own = [known[entry.unit_code] for entry in entries]
    peer_groups = sorted(set(own))
    index = {group: number for number, group in enumerate(peer_groups)}
    units = [
        place[entry.parent_code or entry.unit_code if entry.is_branch else entry.unit_code]
        for entry in entries
    ]
    versions = warehouse.frame("files", _VERSIONS, [str(max(last, default=""))])
    warehouse.replace("outlier_versions", versions.with_row_index("version"))
    warehouse.replace("outlier_holders", pl.DataFrame({"holder": list(place)}).with_row_index("place"))
    return Axes(
        list(place),
        np.array(units, dtype=np.int64),
        peer_groups,
        np.array([index[group] for group in own], dtype=np.int64),
        versions["submission_id"].to_list(),
    )


def answers_to(warehouse: Warehouse, question: Question, per: Question | None, calendar: Calendar) -> Answers:
    """All usable answers to a question in these periods, each with what it is divided by.

    Without a divisor above 0 there is nothing to compare; a unit's answer is divided by the sum of its ledger.
    """
    summed = per is not None and per.is_for_branch and not question.is_for_branch
    places = pl.DataFrame({"period": [str(period) for period in calendar.asked]}).with_row_index("place")
    warehouse.replace("outlier_periods", places)
    found = warehouse.frame(question.code, _ANSWERS, [question.code, per.code if per else None, summed])
    ints = (found[name].cast(pl.Int64).to_numpy() for name in ("holder", "version", "period", "month"))
    floats = (found[name].to_numpy() for name in ("number", "per"))
    flags = (found[name].to_numpy() for name in ("counts", "judged", "aside"))
    return Answers(*ints, *floats, *flags)
