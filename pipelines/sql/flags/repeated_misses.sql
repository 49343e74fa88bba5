-- Misses that follow others without a window that met the standard between (of a standard for the year: a year): all of them added up.
-- Grain: unit or branch, period, indicator. `standard` is the mildest of theirs. The asset adds their exact chance: pipelines/flagging.py.
with decided as (
    select *, status = 'not_met' as is_bad from held_values where status in ('met', 'not_met')
),
windows as (
    select * from window_runs(decided)
)
select d.unit_code, d.period, d.indicator, count(*)::integer + 1 as times,
       (d.numerator + sum(e.numerator))::decimal(18, 4) as numerator, (d.denominator + sum(e.denominator))::decimal(18, 4) as denominator,
       case any_value(d.compare) when 'at_most' then greatest(d.standard, max(e.standard)) else least(d.standard, min(e.standard)) end as standard,
       any_value(d.compare) as compare, any_value(d.evidence) as evidence
from decided d
join windows w using (unit_code, indicator, window_start)
join windows past on past.unit_code = w.unit_code and past.indicator = w.indicator and past.run = w.run and past.window_start < w.window_start
join decided e on e.unit_code = past.unit_code and e.indicator = past.indicator and e.period = past.period
where d.is_bad
group by d.unit_code, d.period, d.indicator, d.numerator, d.denominator, d.standard
order by d.unit_code, d.period, d.indicator
