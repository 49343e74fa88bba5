-- Each indicator of each unit and branch in each period, exact. Grain: unit or branch, period, indicator.
-- Thresholds are judged on exact products (numerator against standard × denominator), never on the quotient.
with terms as (
    select s.period, s.indicator, i.grain, s.side, s.operation, c.unit_code, c.branch_code, c.period as source_period, c.lacking,
           -- a value that is not used is not summed either: it may be of any size
           case
               when c.lacking is not null then null
               when s.operation = 'sum' then c.value
               when s.operation = 'minus' then -c.value
               when s.operation = 'in_place' then (c.value > 0)::integer::decimal(18, 4)
               else 1::decimal(18, 4)
           end as part
    from indicator_sources s
    join indicator_periods i using (period, indicator)
    join cells c on c.question = s.question and c.period = s.source_period
    join dim_period p on p.period = s.period
    -- units and branches of the period itself: what has left the registry since is in neither side of a cumulated ratio
    join dim_unit holder
      on holder.unit_code = coalesce(c.branch_code, c.unit_code)
     and holder.valid_from <= p.last_day and (holder.valid_to is null or holder.valid_to >= p.last_day)
    join dim_unit u on u.unit_code = c.unit_code and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    where s.period in (select period from due) and i.is_due
),
levelled as (
    select *, unit_code as code from terms
    union all
    select *, branch_code as code from terms where grain = 'branch' and branch_code is not null
),
summed as (
    select period, indicator, code as unit_code,
           sum(part) filter (side = 'numerator')::decimal(18, 4) as numerator,
           sum(part) filter (side = 'denominator')::decimal(18, 4) as denominator,
           count(distinct source_period) filter (side = 'numerator') as quarters,
           count(*) filter (lacking is not null) as lacking_cells,
           -- the reason that weighs most comes first in the alphabet of this list
           min(case lacking when 'not_reported' then '1' when 'blocked' then '2' when 'missing' then '3' when 'unexplained' then '4' end) as lacking_reason
    from levelled
    group by period, indicator, code
),
judged as (
    select s.period, s.indicator, s.unit_code, u.peer_group, i.direction, i.is_proportion, i.standard, i.compare, i.stated,
           i.accumulates, s.quarters, s.lacking_reason, s.lacking_cells, p.quarter,
           case when s.lacking_cells = 0 then s.numerator end as numerator,
           case when s.lacking_cells = 0 then case when i.denominator_is_one then 1 else coalesce(s.denominator, 0) end end as denominator
    from summed s
    join indicator_periods i using (period, indicator)
    join dim_period p using (period)
    join dim_unit u on u.unit_code = s.unit_code
),
measured as (
    select *,
           case when denominator > 0 then (numerator / denominator)::double end as value,
           -- a whole year's standard in proportion to the quarters that the unit has reported on
           case when accumulates then quarters else 4 end as due_quarters
    from judged
),
in_units as (
    -- ten-thousandths as whole numbers: products of any size stay exact
    select *,
           (numerator::decimal(30, 4) * 10000)::hugeint as n, (denominator::decimal(30, 4) * 10000)::hugeint as d,
           (standard::decimal(30, 4) * 10000)::hugeint as s
    from measured
),
compared as (
    select * exclude (n, d, s),
           case compare
               when 'at_least' then 40000 * n >= s * d * due_quarters
               when 'above' then 40000 * n > s * d * due_quarters
               when 'at_most' then 40000 * n <= s * d * due_quarters
           end as holds
    from in_units
),
with_status as (
    select *,
           case
               when lacking_cells > 0 then 'not_calculable'
               when denominator = 0 and numerator <> 0 then 'not_calculable'
               when denominator = 0 then 'not_applicable'
               when standard is null then 'not_applicable'
               when accumulates and due_quarters < 4 then case when holds then 'on_pace' else 'behind' end
               when holds then 'met'
               else 'not_met'
           end as status,
           case
               when lacking_reason = '1' then '有应报未报的季度'
               when lacking_reason = '2' then '有' || lacking_cells || '格未通过校验'
               when lacking_reason = '3' then '有' || lacking_cells || '格未填'
               when lacking_reason = '4' then '有' || lacking_cells || '格需要说明而未说明'
               when denominator = 0 and numerator <> 0 then '分母为0而分子不为0，请核对'
               when denominator = 0 then '分母和分子都为0，不评价'
               when standard is null then '本指标不设标准，只作同类比较'
               when accumulates and due_quarters < 4 and quarter = 4 then '本年只报送了' || due_quarters || '个季度，按比例评价'
               when accumulates and due_quarters < 4 then '按已过' || due_quarters || '个季度的比例评价'
           end as reason
    from compared
),
peers as (
    select period, indicator, peer_group, median(value) as peer_median, count(value) as n_peers
    from with_status
    where value is not null
    group by period, indicator, peer_group
),
placed as (
    select period, indicator, unit_code,
           rank() over (same_peers order by value) as rank_up,
           rank() over (same_peers order by value desc) as rank_down,
           count(*) over (same_peers) as n
    from with_status
    where value is not null
    window same_peers as (partition by period, indicator, peer_group)
),
calculated as (
    select w.unit_code, w.period, w.indicator, w.numerator, w.denominator, w.value, w.standard, w.status, w.reason,
           w.is_proportion and w.value between 0 and 1 as has_interval, w.denominator::double as n,
           w.peer_group, p.peer_median, w.due_quarters / 4 as due_share, w.direction, w.stated, w.compare,
           -- share of peers below (for the better direction), ties counted half
           case when l.n > 1 then
               case w.direction
                   when 'higher' then (l.rank_up - 1 + l.n - l.rank_down) / 2.0 / (l.n - 1)
                   else (l.rank_down - 1 + l.n - l.rank_up) / 2.0 / (l.n - 1)
               end
           end as peer_percentile,
           p.n_peers
    from with_status w
    left join peers p using (period, indicator, peer_group)
    left join placed l using (period, indicator, unit_code)
),
not_due as (
    select distinct u.unit_code, i.period, i.indicator, u.peer_group, i.standard, i.direction, i.stated, i.compare
    from indicator_periods i
    join dim_period p using (period)
    join dim_unit u on u.kind <> 'branch' and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    join dim_indicator d on d.indicator = i.indicator
    join dim_clause c on c.clause = d.clause and contains(',' || c.who || ',', ',' || u.kind || ',')
    where not i.is_due and i.period in (select period from due)
)
select unit_code, period, indicator, numerator, denominator, value, standard, status, reason,
       -- Wilson score interval, 95% (Wilson 1927)
       case when has_interval then
           greatest(0, (value + 1.92072941034706 / n - 1.959963984540054 * sqrt(value * (1 - value) / n + 0.96036470517353 / (n * n))) / (1 + 3.84145882069412 / n))
       end as ci_low,
       case when has_interval then
           least(1, (value + 1.92072941034706 / n + 1.959963984540054 * sqrt(value * (1 - value) / n + 0.96036470517353 / (n * n))) / (1 + 3.84145882069412 / n))
       end as ci_high,
       peer_group, peer_median, peer_percentile,
       case when n_peers < 8 or peer_percentile is null then null
            when peer_percentile < 0.25 then 'lower_quarter'
            when peer_percentile > 0.75 then 'upper_quarter'
            else 'middle' end as peer_position,
       due_share, direction, stated, compare
from calculated
union all by name
select unit_code, period, indicator, null::decimal(18, 4) as numerator, null::decimal(18, 4) as denominator, null::double as value, standard,
       'not_due' as status, '本期不填报，到期再评价' as reason, null::double as ci_low, null::double as ci_high, peer_group,
       null::double as peer_median, null::double as peer_percentile, null::varchar as peer_position,
       1.0 as due_share, direction, stated, compare
from not_due
