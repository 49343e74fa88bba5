-- The province held against the quarter before, by what both quarters have: the same units, and of standards the same too (judged_twice).
-- Grain: period, measure, dimension. A unit rises where more of its own is good than before, and falls where less is.
with reported as (
    select n.unit_code, n.period, b.period as before_period,
           (b.n_versions > 0)::integer as received_before, (n.n_versions > 0)::integer as received, b.on_time::integer as on_time_before, n.on_time::integer as on_time,
           (b.state = 'accepted')::integer as accepted_before, (n.state = 'accepted')::integer as accepted
    from unit_reporting n
    join dim_period p on p.period = n.period
    join dim_period q on 4 * q.year + q.quarter = 4 * p.year + p.quarter - 1
    join unit_reporting b on b.unit_code = n.unit_code and b.period = q.period
    where n.period in (select period from due)
),
standards as (
    select unit_code, period, any_value(before_period) as before_period, grouping_dimension as dimension, count(*) as items,
           count(*) filter (was_good) as good_before, count(*) filter (is_good) as good
    from (select *, unnest(['total', dimension]) as grouping_dimension from judged_twice where period in (select period from due))
    group by unit_code, period, grouping_dimension
),
each_unit as (
    select period, before_period, 'received' as measure, 'total' as dimension, 1 as items, received_before as good_before, received as good from reported
    union all
    select period, before_period, 'on_time', 'total', 1, on_time_before, on_time from reported
    union all
    select period, before_period, 'accepted', 'total', 1, accepted_before, accepted from reported
    union all
    select period, before_period, 'met', dimension, items, good_before, good from standards
)
select period, measure, dimension, any_value(before_period) as before_period, count(*)::integer as units, sum(items)::integer as items,
       sum(good_before)::integer as good_before, sum(good)::integer as good,
       (count(*) filter (good > good_before))::integer as units_up, (count(*) filter (good < good_before))::integer as units_down
from each_unit
group by period, measure, dimension
