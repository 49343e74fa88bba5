-- Whose figures of a period cannot speak: without a submission that counts, or under the gate of expectations/quality.yaml; a unit and its branches.
-- Nothing but reporting, quality and pattern is said of them: they have no place among peers, no score and no point in a trend.
-- Grain: unit or branch, period.
with owing as (
    select u.unit_code, p.period
    from dim_unit u
    join dim_period p on u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where u.kind <> 'branch'
),
units as (
    select o.unit_code, o.period
    from owing o
    left join submissions s on s.unit_code = o.unit_code and s.period = o.period and s.counts
    left join grades g using (submission_id)
    where s.submission_id is null or not g.passes
)
select unit_code, period from units
union all
select b.unit_code, u.period
from units u
join dim_unit b on b.parent_code = u.unit_code and b.kind = 'branch'
