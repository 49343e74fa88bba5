-- Each indicator of each unit and branch in each period, exact: what indicator_values compares. Grain: unit or branch, period, indicator. Not published.
-- Thresholds are judged on exact products (numerator against standard × denominator), never on the quotient.
with asked as (
    select s.period, s.indicator, i.grain, s.side, s.operation, s.question, s.source_period
    from indicator_sources s
    join indicator_periods i using (period, indicator)
    where s.period in (select period from due) and i.is_due
),
-- units and branches of the period itself: what has left the registry since is in neither side of a cumulated ratio
present as materialized (
    select u.unit_code as holder, p.period
    from dim_unit u
    join dim_period p on p.period in (select period from due) and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
),
terms as (
    select a.period, a.indicator, a.grain, a.side, c.unit_code, c.branch_code, a.source_period, c.lacking,
           term_part(a.operation, c.value, c.lacking) as part
    from cells c
    join asked a on a.question = c.question and a.source_period = c.period
    semi join present u on u.holder = c.unit_code and u.period = a.period
    semi join present b on b.holder = coalesce(c.branch_code, c.unit_code) and b.period = a.period
),
levelled as (
    select *, unit_code as code from terms
    union all
    select *, branch_code as code from terms where grain = 'branch' and branch_code is not null
),
by_source as (
    select period, indicator, code as unit_code, source_period,
           sum(part) filter (side = 'numerator')::decimal(18, 4) as numerator,
           sum(part) filter (side = 'denominator')::decimal(18, 4) as denominator,
           count(*) filter (side = 'numerator') > 0 as is_asked,
           count(*) filter (lacking is not null) as lacking_cells,
           -- the reason that weighs most comes first in the alphabet of this list
           min(case lacking when 'not_reported' then '1' when 'blocked' then '2' when 'missing' then '3' when 'unexplained' then '4' end) as lacking_reason
    from levelled
    group by period, indicator, code, source_period
),
summed as (
    select b.period, b.indicator, b.unit_code,
           sum(b.numerator)::decimal(18, 4) as numerator, sum(b.denominator)::decimal(18, 4) as denominator,
           count(*) filter (b.is_asked) as quarters, coalesce(sum(p.pace) filter (b.is_asked), 0)::decimal(18, 4) as pace,
           sum(b.lacking_cells) as lacking_cells, min(b.lacking_reason) as lacking_reason
    from by_source b
    join dim_period p on p.period = b.source_period
    group by b.period, b.indicator, b.unit_code
),
judged as (
    select s.period, s.indicator, s.unit_code, u.peer_group, i.direction, i.is_proportion, i.standard, i.compare, i.stated,
           i.denominator_is_one, i.accumulates, s.quarters, s.pace, s.lacking_reason, s.lacking_cells, p.quarter,
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
           -- of a whole year's standard the part that the calendar expects of the quarters that the unit has reported on
           case when accumulates then quarters else 4 end as due_quarters,
           case when accumulates and quarters < 4 then pace else 1 end as due_share
    from judged
),
in_units as (
    -- ten-thousandths as whole numbers: products of any size stay exact
    select *,
           (numerator::decimal(30, 4) * 10000)::hugeint as n, (denominator::decimal(30, 4) * 10000)::hugeint as d,
           (standard::decimal(30, 4) * 10000)::hugeint as s, (due_share::decimal(30, 4) * 10000)::hugeint as e,
           -- half a meeting cannot be held: of whole events a part of one is not due
           denominator_is_one and due_share < 1 as is_events
    from measured
),
compared as (
    select * exclude (n, d, s, e, is_events),
           case compare
               when 'at_least' then case when is_events then n // 10000 >= s * e // 100000000 else 100000000 * n >= s * d * e end
               when 'above' then 100000000 * n > s * d * e
               when 'at_most' then 100000000 * n <= s * d * e
           end as holds
    from in_units
),
with_status as (
    select *, regexp_replace(regexp_replace((due_share * 100)::decimal(18, 2)::varchar, '0+$', ''), '[.]$', '') || '%' as share_zh,
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
               when accumulates and due_quarters < 4 and quarter = 4 then '本年只报送了' || due_quarters || '个季度，按全年标准的' || share_zh || '评价'
               when accumulates and due_quarters < 4 then '已过' || due_quarters || '个季度，按进度应完成全年标准的' || share_zh || '评价'
           end as reason
    from compared
),
not_due as (
    select distinct u.unit_code, i.period, i.indicator, u.peer_group, i.standard, i.direction, i.stated, i.compare,
           i.is_proportion, i.denominator_is_one
    from indicator_periods i
    join dim_period p using (period)
    join dim_unit u on u.kind <> 'branch' and u.valid_from <= p.last_day and (u.valid_to is null or u.valid_to >= p.last_day)
    join dim_indicator d on d.indicator = i.indicator
    join dim_clause c on c.clause = d.clause and contains(',' || c.who || ',', ',' || u.kind || ',')
    where not i.is_due and i.period in (select period from due)
)
select unit_code, period, indicator, numerator, denominator, value, standard, status, reason, peer_group,
       due_share::double as due_share, direction, stated, compare, is_proportion, denominator_is_one
from with_status
union all by name
select unit_code, period, indicator, null::decimal(18, 4) as numerator, null::decimal(18, 4) as denominator, null::double as value, standard,
       'not_due' as status, '本期不填报，到期再评价' as reason, peer_group, 1.0::double as due_share, direction, stated, compare, is_proportion,
       denominator_is_one
from not_due
